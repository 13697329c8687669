"""Build lines from spans, so that a line's text is always its spans' text put together."""

from cv.extraction.text import cut_bullet, normalise
from cv.extraction.types import Box, Span, TextLine


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
    return first.model_dump(exclude={"text"}) == second.model_dump(exclude={"text"})


def _drop_front(spans: list[Span], count: int) -> list[Span]:
    kept = []
    for span in spans:
        cut = min(count, len(span.text))
        count -= cut
        if span.text[cut:]:
            kept.append(span.model_copy(update={"text": span.text[cut:]}))
    return kept
