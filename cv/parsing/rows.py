"""Lines → rows: what a reader sees side by side belongs together, also where extraction gives it as two lines."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cv.extraction.text import is_right_to_left
from cv.extraction.types import ExtractedDocument, Span, TextLine
from cv.parsing.dates import find_periods
from cv.parsing.types import Look, Part, Row

# Share of the lower line's height by which two lines of one row overlap.
SAME_ROW_OVERLAP = 0.6
# A space between rows that is so many times the usual one sets them apart.
GAP_FACTOR = 1.6
# Letters so many times larger than those beside them are a heading in the margin, or a name.
HEADING_FACTOR = 1.5
DATE_FACTOR = 2.0
# Signs that stand for nothing, alone in a row or far in front of one; those of levels ("●●○") are not among them.
ORNAMENTS = "◆◇❖❦❧✥✤✣✢➤➢►▸‣•·~= \t"
# Letters of a word in capitals, one of which may be small.
MIN_CAPS = 5
_WIDE_GAP = re.compile(r"\t+|\s{3,}")
MAX_RUNNING_HEAD = 80
# Below this share of a page stands what the document is, rather than what the person did.
LOWEST = 0.9
_TITLE_OF_CV = re.compile(r"\b(?:cv|curriculum vit(?:ae|æ)|r[ée]sum[ée]|lebenslauf)\b", re.IGNORECASE)
_PAGE = r"(?:page|seite|página|pagina|strona|strana|sida|side|sivu|oldal|sayfa|стр\.?|страница|pág\.?|pag\.?|p\.)"
_PAGE_NUMBER = re.compile(
    rf"(?:[-–—]\s*)?(?:{_PAGE}\s*)?\d{{1,3}}(?:\s*(?:/|of|von|de|di|sur|z|ze|av|van|из)\s*\d{{1,3}})?(?:\s*[-–—])?",
    re.IGNORECASE,
)
_RUNNING_HEAD = re.compile(
    rf"\b{_PAGE}\s*\d+\s*(?:/|of|von|de|di|sur|z|ze|av|van|из)\s*\d+$|\s[-–—|]\s*\d{1, 2}\s*/\s*\d{1, 2}$|^last updated\b",
    re.IGNORECASE,
)
_ICONS = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010ffff\ufffd\u200b-\u200f\u2060\ufeff]")


def make_rows(document: ExtractedDocument) -> list[Row]:
    """Return the visible lines of a document as rows, in reading order."""
    rows: list[Row] = []
    for line in document.visible_lines:
        if not visible_text(line.text) or not line.text.strip(ORNAMENTS):
            continue
        if rows and (_same_row(rows[-1], line) or _is_repeated(rows[-1], line)):
            rows[-1].lines.append(line)
        else:
            rows.append(Row(lines=[line], parts=[]))
    for row in rows:
        repeated = [line for line in row.lines if line.page != row.lines[0].page]
        if repeated:
            row.parts = list(_parts([line for line in row.lines if line not in repeated]))
            continue
        if all(line.place for line in row.lines) and not runs_from_right(row):
            row.lines.sort(key=lambda line: line.place[0] if line.place else 0.0)
        row.bullet = row.lines[0].bullet
        row.parts = list(_parts(row.lines))
    for row in rows:
        row.bullet = row.lines[0].bullet
        while len(row.parts) > 1 and not row.parts[0].text.strip(ORNAMENTS):
            row.bullet = row.bullet or row.parts[0].text.strip()
            row.parts = [replace(row.parts[1], gap=False), *row.parts[2:]]
    rows = [row for row in rows if row.parts]
    _mark_gaps(rows)
    return rows


def visible_text(text: str) -> str:
    """Return the text without icons, joiners and outer blanks."""
    return _ICONS.sub("", text).strip()


def body_size(rows: Iterable[Row]) -> float:
    """Return the font size in which most of the text is set, in points; 0 where unknown."""
    weights: Counter[float] = Counter()
    for row in rows:
        for part in row.parts:
            weights[part.look.size] += len(part.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def _same_row(row: Row, line: TextLine) -> bool:
    last = row.lines[-1]
    if last.place is None or line.place is None or last.page != line.page or line.bullet:
        return False
    if max(last.size, line.size) > HEADING_FACTOR * min(last.size, line.size) > 0 and not _is_date_beside(last, line):
        return False
    overlap = min(last.place[3], line.place[3]) - max(last.place[1], line.place[1])
    lower = min(last.place[3] - last.place[1], line.place[3] - line.place[1])
    beside = line.place[0] >= last.place[2] - 1 or line.place[2] <= last.place[0] + 1
    return beside and lower > 0 and overlap >= SAME_ROW_OVERLAP * lower


def _is_date_beside(last: TextLine, line: TextLine) -> bool:
    """Return whether the smaller of two lines is a range of dates at most so much smaller than a title beside it."""
    small, large = sorted((last, line), key=lambda one: one.size)
    text = small.text.strip()
    return large.size <= DATE_FACTOR * small.size and any(
        period.is_range and len(period.raw) >= len(text) - 1 for period in find_periods(text)
    )


def _is_repeated(row: Row, line: TextLine) -> bool:
    """Return whether a line at a page's top says again what the row at the foot of the page before said."""
    if line.page == row.lines[-1].page:
        return False
    first, second = ("".join(char for char in text if char.isalnum()) for text in (row.lines[-1].text, line.text))
    return len(first) > 3 and first == second


def is_furniture(row: Row, pages: dict[int, float]) -> bool:
    """Return whether a row is a page number, a running head or the document's title at the foot: nothing but that."""
    line = row.lines[0]
    text = visible_text(row.text)
    height = pages.get(line.page, 0.0)
    if len(text) < MAX_RUNNING_HEAD and _TITLE_OF_CV.search(text) and line.place is not None and height:
        return line.place[1] > LOWEST * height
    if not (_PAGE_NUMBER.fullmatch(text) or (_RUNNING_HEAD.search(text) and len(text) < MAX_RUNNING_HEAD)):
        return False
    return line.place is None or not height or line.place[1] > 0.88 * height or line.place[3] < 0.1 * height


def runs_from_right(row: Row) -> bool:
    """Return whether most of a row's lines run from right to left; of as many of either kind the rightmost decides."""
    last = max(row.lines, key=lambda line: line.place[0] if line.place else 0.0)
    turned = sum(is_right_to_left(line.text) for line in row.lines)
    return turned * 2 >= len(row.lines) + (not is_right_to_left(last.text))


def _parts(lines: Sequence[TextLine]) -> Iterable[Part]:
    for line in lines:
        gap = line is not lines[0]
        for span in _spans(line):
            for place, text in enumerate(_WIDE_GAP.split(_ICONS.sub("", span.text))):
                gap = gap or place > 0
                if text.strip():
                    yield Part(text=text, look=look_of(span, text), lines=[line], url=span.url, gap=gap)
                    gap = False


def _spans(line: TextLine) -> list[Span]:
    """Return the line's spans where they give its text, neighbours of one look joined; else the text as one span."""
    if "".join("".join(span.text for span in line.spans).split()) != "".join(line.text.split()):
        first = line.spans[0] if line.spans else Span(text="")
        return [first.model_copy(update={"text": line.text})]
    joined: list[Span] = []
    for span in line.spans:
        if joined and (not span.text.strip() or (look_of(joined[-1]), joined[-1].url) == (look_of(span), span.url)):
            joined[-1] = joined[-1].model_copy(update={"text": joined[-1].text + span.text})
        else:
            joined.append(span)
    return joined


def look_of(span: Span, text: str | None = None) -> Look:
    """Return a span's look; `text` decides whether it is in capitals."""
    letters = [char for char in (text or "") if char.isalpha()]
    # Fonts of small capitals may lack letters with accents ("RESUMé").
    lower = [char for char in letters if not char.isupper()]
    caps = len(letters) > 2 and (not lower or (len(lower) == 1 and not lower[0].isascii() and len(letters) > MIN_CAPS))
    return Look(round(span.size * 2) / 2, span.bold, span.italic, span.color, caps)


def _mark_gaps(rows: list[Row]) -> None:
    """Mark rows with more space above than usual: a larger distance, or a new block where there are no boxes."""
    distances = [d for before, row in itertools.pairwise(rows) if (d := _distance(before, row)) is not None]
    usual = sorted(distances)[len(distances) // 2] if distances else 0.0
    for before, row in itertools.pairwise(rows):
        distance = _distance(before, row)
        if distance is None:
            row.after_gap = row.lines[0].block != before.lines[-1].block and not row.bullet
        else:
            row.after_gap = distance > max(usual * GAP_FACTOR, usual + 2)


def _distance(before: Row, row: Row) -> float | None:
    upper, lower = before.lines[0], row.lines[0]
    if upper.place is None or lower.place is None or upper.page != lower.page or lower.place[1] < upper.place[1]:
        return None
    return lower.place[1] - upper.place[3]
