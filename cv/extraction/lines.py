"""Build lines from spans, so that a line's text is always its spans' text put together."""

from collections.abc import Iterator

from cv.extraction.text import cut_bullet, normalise
from cv.extraction.types import Box, Span, TextLine

# Far more than a line of any page holds, and few enough for patterns that look at each pair of characters.
MAX_LINE_CHARACTERS = 3_000


def build_line(
    spans: list[Span],
    *,
    page: int = 1,
    box: Box | None = None,
    block: int = 0,
    column: int = 0,
    bullet: str = "",
    level: int = 0,
    indent: float = 0.0,
    hidden: str = "",
) -> TextLine | None:
    """Return a line of these spans, or None where they hold no text; the list sign is cut from the front.

    The line has no id yet: ids count through the finished document.
    """
    spans = _tidy(spans)
    if not spans:
        return None
    if not bullet:
        text = "".join(span.text for span in spans)
        bullet, rest = cut_bullet(text)
        spans = _drop_front(spans, len(text) - len(rest))
    return TextLine(
        id="",
        page=page,
        box=box,
        text="".join(span.text for span in spans),
        spans=spans,
        block=block,
        column=column,
        bullet=bullet,
        level=level,
        indent=round(indent, 1),
        hidden=hidden,
    )


def number_lines(lines: list[TextLine]) -> None:
    """Give the lines their ids, counted on each page."""
    counts: dict[int, int] = {}
    for line in lines:
        counts[line.page] = counts.get(line.page, 0) + 1
        line.id = f"p{line.page}l{counts[line.page]}"


def bound_lines(lines: list[TextLine]) -> list[TextLine]:
    """Return the lines, those of more than `MAX_LINE_CHARACTERS` cut at blanks, or within a word that is longer.

    Parsing searches lines by patterns whose cost grows with the square of a line's length. The pieces keep the line's
    place, block and look; ids are given anew where anything was cut.
    """
    if all(len(line.text) <= MAX_LINE_CHARACTERS for line in lines):
        return lines
    bounded = [piece for line in lines for piece in _cut_line(line)]
    number_lines(bounded)
    return bounded


def _cut_line(line: TextLine) -> Iterator[TextLine]:
    text, bullet = line.text, line.bullet
    # Spans that do not give the text, as a reader may leave them, can't be cut with it.
    spans = line.spans if "".join(span.text for span in line.spans) == text else []
    cuts = list(_cuts(text))
    for (start, stop), piece in zip(cuts, _cut_spans(spans, cuts), strict=True):
        yield line.model_copy(update={"text": text[start:stop], "spans": piece, "bullet": bullet})
        bullet = ""


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where the pieces of a text reach."""
    start = 0
    while len(text) - start > MAX_LINE_CHARACTERS:
        blank = text.rfind(" ", start + 1, start + MAX_LINE_CHARACTERS)
        stop = blank if blank > 0 else start + MAX_LINE_CHARACTERS
        yield start, stop
        start = stop
        while text.startswith(" ", start):
            start += 1
    if start < len(text):
        yield start, len(text)


def _cut_spans(spans: list[Span], cuts: list[tuple[int, int]]) -> Iterator[list[Span]]:
    """Yield the spans of each piece; each span is looked at once, and again only where it is cut."""
    index = place = 0
    for start, stop in cuts:
        piece = []
        while index < len(spans) and place < stop:
            text = spans[index].text
            if cut := text[max(0, start - place) : stop - place]:
                piece.append(spans[index].model_copy(update={"text": cut}))
            if place + len(text) > stop:
                break
            place += len(text)
            index += 1
        yield piece


def _tidy(spans: list[Span]) -> list[Span]:
    """Normalise texts, collapse blanks across spans, strip both ends, and unite neighbours of one look."""
    tidy: list[Span] = []
    for span in spans:
        text = normalise(span.text)
        if not tidy:
            text = text.lstrip()
        elif tidy[-1].text[-1] in " \t":
            text = text.removeprefix(" ")
        if not text:
            continue
        if tidy and _same_look(tidy[-1], span):
            tidy[-1].text += text
        else:
            tidy.append(span.model_copy(update={"text": text}))
    while tidy and not tidy[-1].text.rstrip():
        tidy.pop()
    if tidy:
        tidy[-1].text = tidy[-1].text.rstrip()
    return tidy


def _same_look(first: Span, second: Span) -> bool:
    """Whether two spans differ in nothing but text; blanks look like anything."""
    if not second.text.strip() and not first.url:
        return True
    return first.__dict__ | {"text": ""} == second.__dict__ | {"text": ""}


def _drop_front(spans: list[Span], count: int) -> list[Span]:
    kept = []
    for span in spans:
        cut = min(count, len(span.text))
        count -= cut
        if span.text[cut:]:
            kept.append(span.model_copy(update={"text": span.text[cut:]}))
    return kept
