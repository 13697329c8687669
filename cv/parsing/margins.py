"""Labels and dates in the margin, left of the text that they belong to."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from cv.parsing.dates import find_periods
from cv.parsing.rows import runs_from_right, visible_text
from cv.parsing.types import Part, Row

# A row begins in the margin when it begins so far left of its section's heading, in points.
HANGING = 8.0
# The estimated border between margin and text may miss the next blank by so many characters.
TOLERANCE = 4.0
# So many characters before a date are text that runs up to it, and no name beside it.
MIN_TOUCHING = 24
# A date in the margin takes at most so many rows; its cell may be wider than its letters are on average, in points.
MAX_STACKED = 4
MARGIN_SLACK = 40.0
# A margin for dates is at least so wide, in points.
MIN_MARGIN = 40.0
_DATE_WORD = re.compile(r"[^\W\d_]{3}|(?:19|20)\d\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_OPEN_RANGE = re.compile(r"[-–—]\s*$")


def split_hanging(rows: Sequence[Row], heading: Row | None) -> list[Row]:
    """Cut rows that begin left of their heading where the text's edge must be: what hangs out is a label or a date."""
    box = heading.lines[0].place if heading is not None else None
    if heading is None or box is None or runs_from_right(heading):
        return list(rows)
    edge = box[0]
    aligned = sum(abs(line.place[0] - edge) < 2 for row in rows for line in row.lines[:1] if line.place)
    hanging = [
        row for row in rows if row.lines[0].place and row.lines[0].place[0] < edge - HANGING < row.lines[0].place[2]
    ]
    if (
        not hanging
        or (aligned == 0 and len(hanging) < len(rows) / 2)
        or len({row.lines[0].place[0] for row in hanging if row.lines[0].place}) < 2
    ):
        return list(rows)
    return [_cut_at(row, edge) if row in hanging else row for row in rows]


def _cut_at(row: Row, edge: float) -> Row:
    """Return the row with a wide gap at the blank nearest to the edge, by the mean width of its characters."""
    box = row.lines[0].place
    text = "".join(part.text for part in row.parts)
    if box is None or not text or any(part.gap for part in row.parts):
        return row
    target = (edge - box[0]) / max(0.1, (box[2] - box[0]) / len(text))
    blanks = [place for place, char in enumerate(text) if char == " " and text[:place].strip()]
    best = min(blanks, key=lambda place: abs(place + 1 - target), default=None)
    if best is None or abs(best + 1 - target) > TOLERANCE:
        return row
    parts: list[Part] = []
    place = 0
    for part in row.parts:
        before, after = part.text[: max(0, best - place)], part.text[max(0, best - place) :]
        if before.strip():
            parts.append(replace(part, text=before))
        if after.strip():
            first = parts and place <= best < place + len(part.text)
            starts = not first and place > best and place - 1 <= best
            parts.append(replace(part, text=after.strip() if first else after, gap=bool(first or starts)))
        place += len(part.text)
    return Row(row.lines, parts, row.bullet, row.after_gap)


def split_touching_dates(rows: Sequence[Row]) -> list[Row]:
    """Cut a range of dates at the right margin off the running text that reaches up to it, where other rows have a cell there."""
    edge = max((line.place[2] for row in rows for line in row.lines if line.place), default=0.0)
    if not any(row.parts[-1].gap and _reaches(row, edge) for row in rows):
        return list(rows)
    return [_without_touching(row) if _reaches(row, edge) else row for row in rows]


def split_leading_dates(rows: Sequence[Row]) -> list[Row]:
    """Cut a range of dates in the margin off the text that it nearly touches, where the other rows begin right of it."""
    inner = [row.lines[0].place[0] for row in rows if row.lines[0].place and not find_periods(row.text)]
    if not inner:
        return list(rows)
    edge = Counter(round(begin) for begin in inner).most_common(1)[0][0]
    return [_without_leading(row, edge) for row in rows]


def _without_leading(row: Row, edge: float) -> Row:
    first, box = row.parts[0], row.lines[0].place
    text = first.text
    period = next(
        (period for period in find_periods(text) if period.is_range and not text[: period.begin].strip()), None
    )
    if period is None or box is None or row.bullet or box[0] > edge - MIN_MARGIN or not text[period.stop :].strip():
        return row
    rest = replace(first, text=text[period.stop :].lstrip(" :·|–-"), gap=True)
    return replace(row, parts=[replace(first, text=text[: period.stop]), rest, *row.parts[1:]])


def _reaches(row: Row, edge: float) -> bool:
    place = row.lines[-1].place
    return place is not None and place[2] > edge - 2


def _without_touching(row: Row) -> Row:
    last = row.parts[-1]
    text = last.text.rstrip()
    period = next((period for period in find_periods(text) if period.is_range and period.stop >= len(text)), None)
    if period is None or len(text[: period.begin].strip()) < MIN_TOUCHING:
        return row
    told = replace(last, text=text[: period.begin].rstrip())
    return replace(row, parts=[*row.parts[:-1], told, replace(last, text=text[period.begin :], gap=True)])


def join_stacked_dates(rows: Sequence[Row]) -> list[Row]:
    """Put a date that a narrow margin breaks over several rows, even within a month and its year, beside the first of them."""
    joined: list[Row] = []
    number = 0
    while number < len(rows):
        taken = _stacked(rows[number : number + MAX_STACKED])
        if taken > 1:
            joined += _united(rows[number : number + taken])
        else:
            joined.append(rows[number])
        number += taken
    return joined


def _stacked(rows: Sequence[Row]) -> int:
    """Return over how many rows a range runs in the margin: cells that are no range in themselves, and one together."""
    text = ""
    for number, row in enumerate(rows):
        if not _is_in_margin(rows[0], row) or (number and row.bullet):
            break
        piece = visible_text(row.parts[0].text)
        if (find_ranges(piece) and (not text or _YEAR.search(text))) or not _DATE_WORD.search(piece):
            break
        text = f"{text} {piece}".strip()
        periods = find_periods(text)
        is_whole = len(periods) == 1 and periods[0].is_range and len(periods[0].raw) >= len(text) - 1
        following = rows[number + 1] if number + 1 < len(rows) else None
        if number and is_whole and not (following is not None and _goes_further(rows[0], following, text)):
            return number + 1
    return 1


def find_ranges(text: str) -> bool:
    """Return whether a text holds a range of dates with both of its ends."""
    return any(period.is_range for period in find_periods(text)) and len(_YEAR.findall(text)) > 1


def _goes_further(first: Row, row: Row, text: str) -> bool:
    """Return whether the next cell is the end that a range still wants, or the year of its month."""
    piece = visible_text(row.parts[0].text)
    if _OPEN_RANGE.search(text):
        return _is_in_margin(first, row) and _DATE_WORD.search(piece) is not None
    return _is_in_margin(first, row) and bool(_YEAR.fullmatch(piece)) and (text[-1:].isalpha() or text.endswith("."))


def _is_in_margin(first: Row, row: Row) -> bool:
    """Return whether a row's first cell stands in the margin, left of what the first row has beside its own."""
    if len(first.parts) < 2 or not first.parts[1].gap or not row.lines[0].place or not first.lines[0].place:
        return False
    if row.lines[0].page != first.lines[0].page or (row is not first and row.after_gap and len(row.parts) > 1):
        return False
    if len(row.parts) > 1:
        return row.parts[1].gap
    return row.lines[-1].place is not None and row.lines[-1].place[2] <= _cell_end(first)


def _cell_end(row: Row) -> float:
    """Return where the first cell of a row ends at most, by the mean width of the row's letters."""
    begin, end = row.lines[0].place or (0.0, 0.0, 0.0, 0.0), row.lines[-1].place or (0.0, 0.0, 0.0, 0.0)
    if len(row.lines) > 1:
        return begin[2] + HANGING
    text = "".join(part.text for part in row.parts)
    return begin[0] + (end[2] - begin[0]) * len(row.parts[0].text) / max(1, len(text)) + MARGIN_SLACK


def _united(rows: Sequence[Row]) -> list[Row]:
    first = rows[0]
    text = " ".join(visible_text(row.parts[0].text) for row in rows)
    lines = [*first.lines, *(row.lines[0] for row in rows[1:])]
    united = [Row(lines, [replace(first.parts[0], text=text), *first.parts[1:]], first.bullet, first.after_gap)]
    united += [
        Row(row.lines, [replace(row.parts[1], gap=False), *row.parts[2:]], row.bullet)
        for row in rows[1:]
        if len(row.parts) > 1
    ]
    return united


def join_margin_dates(rows: Sequence[Row]) -> list[Row]:
    """Put the end of a range that stands in the margin one row below its beginning beside it."""
    joined: list[Row] = []
    for row in rows:
        before = joined[-1] if joined else None
        if before is not None and _OPEN_RANGE.search(before.parts[0].text) and _begins_with_end(before, row):
            first = before.parts[0]
            before.parts[0] = replace(first, text=f"{first.text.rstrip()} {row.parts[0].text.strip()} ")
            before.lines = [*before.lines, *row.lines[:1]]
            if len(row.parts) > 1:
                joined.append(Row(row.lines, [replace(row.parts[1], gap=False), *row.parts[2:]], row.bullet))
        elif before is not None and _are_stacked(before, row):
            date = replace(before.parts[0], text=f"{before.parts[0].text.strip()} – {row.parts[0].text.strip()} ")
            if len(before.parts) == 1:
                joined[-1] = replace(row, lines=[*before.lines, *row.lines], parts=[date, *row.parts[1:]])
            else:
                before.parts[0] = date
                before.lines = [*before.lines, *row.lines[:1]]
                joined.append(Row(row.lines, [replace(row.parts[1], gap=False), *row.parts[2:]], row.bullet))
        elif before is not None and _wraps_date(before, row):
            last = before.parts[-1]
            before.parts[-1] = replace(
                last, text=f"{last.text.rstrip()} {row.text.strip()}", lines=[*last.lines, *row.lines]
            )
            before.lines = [*before.lines, *row.lines]
        else:
            joined.append(row)
    return joined


def _are_stacked(before: Row, row: Row) -> bool:
    """Return whether the margin gives a beginning over an end: two lone dates, beside text in two looks."""
    if len(row.parts) < 2 or not row.parts[1].gap or not all(part.gap for part in before.parts[1:2]):
        return False
    first, last = (part.text.strip() for part in (before.parts[0], row.parts[0]))
    same = before.parts[-1].look == row.parts[1].look and not row.parts[1].url
    if not _is_lone(first):
        return False
    periods = find_periods(f"{first} – {last}")
    if len(periods) != 1 or not periods[0].is_range or len(periods[0].raw) < len(f"{first} – {last}") - 1:
        return False
    return periods[0].current or (_is_lone(last) and not same and not _is_earlier(last, first))


def _wraps_date(before: Row, row: Row) -> bool:
    """Return whether a row is only the year of a month that ends the row above, as a narrow column breaks a range."""
    year = row.text.strip()
    if not _YEAR.fullmatch(year) or row.bullet or before.parts[-1].look != row.parts[0].look:
        return False
    text = before.parts[-1].text.rstrip()
    periods, whole = find_periods(text), find_periods(f"{text} {year}")
    is_open = not periods or not periods[-1].is_range
    return (
        is_open
        and bool(whole)
        and whole[-1].is_range
        and whole[-1].stop == len(f"{text} {year}")
        and not text[-1:].isdigit()
    )


def _is_lone(text: str) -> bool:
    """Return whether a text is one date and nothing else."""
    periods = find_periods(text)
    return len(periods) == 1 and not periods[0].is_range and len(periods[0].raw) >= len(text) - 1


def _is_earlier(text: str, other: str) -> bool:
    one, two = (find_periods(date)[0].start for date in (text, other))
    return one is None or two is None or (one.year, one.month or 12) < (two.year, two.month or 0)


def _begins_with_end(before: Row, row: Row) -> bool:
    """Return whether a row's first piece completes the open range of the row before."""
    first, piece = before.parts[0].text.strip(), row.parts[0].text.strip()
    if not find_periods(first) or (len(row.parts) > 1 and not row.parts[1].gap):
        return False
    periods = find_periods(f"{first} {piece}")
    return len(periods) == 1 and periods[0].is_range and len(f"{first} {piece}") - len(periods[0].raw) <= 2
