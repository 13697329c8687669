"""Labels and dates in the margin, left of the text that they belong to."""

import re
from collections.abc import Sequence
from dataclasses import replace

from cv.parsing.dates import find_periods
from cv.parsing.types import Part, Row

# A row begins in the margin when it begins so far left of its section's heading, in points.
HANGING = 8.0
# The estimated border between margin and text may miss the next blank by so many characters.
TOLERANCE = 4.0
_YEAR = re.compile(r"(?:19|20)\d\d")
_OPEN_RANGE = re.compile(r"[-–—]\s*$")


def split_hanging(rows: Sequence[Row], heading: Row | None) -> list[Row]:
    """Cut rows that begin left of their heading where the text's edge must be: what hangs out is a label or a date."""
    box = heading.lines[0].box if heading is not None else None
    if box is None:
        return list(rows)
    edge = box[0]
    aligned = sum(abs(line.box[0] - edge) < 2 for row in rows for line in row.lines[:1] if line.box)
    hanging = [row for row in rows if row.lines[0].box and row.lines[0].box[0] < edge - HANGING < row.lines[0].box[2]]
    if (
        not hanging
        or (aligned == 0 and len(hanging) < len(rows) / 2)
        or len({row.lines[0].box[0] for row in hanging if row.lines[0].box}) < 2
    ):
        return list(rows)
    return [_cut_at(row, edge) if row in hanging else row for row in rows]


def _cut_at(row: Row, edge: float) -> Row:
    """Return the row with a wide gap at the blank nearest to the edge, by the mean width of its characters."""
    box = row.lines[0].box
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
        elif before is not None and _are_stacked_years(before, row):
            first = before.parts[0]
            before.parts[0] = replace(first, text=f"{first.text.strip()} – {row.parts[0].text.strip()} ")
            before.lines = [*before.lines, *row.lines[:1]]
            joined.append(Row(row.lines, [replace(row.parts[1], gap=False), *row.parts[2:]], row.bullet))
        else:
            joined.append(row)
    return joined


def _are_stacked_years(before: Row, row: Row) -> bool:
    """Return whether the margin gives a beginning over an end: two years, beside text in two looks."""
    if len(before.parts) < 2 or len(row.parts) < 2 or not (before.parts[1].gap and row.parts[1].gap):
        return False
    first, last = before.parts[0].text.strip(), row.parts[0].text.strip()
    same = before.parts[1].look == row.parts[1].look and not row.parts[1].url
    return bool(_YEAR.fullmatch(first) and _YEAR.fullmatch(last)) and first <= last and not same


def _begins_with_end(before: Row, row: Row) -> bool:
    """Return whether a row's first piece completes the open range of the row before."""
    first, piece = before.parts[0].text.strip(), row.parts[0].text.strip()
    if not find_periods(first) or (len(row.parts) > 1 and not row.parts[1].gap):
        return False
    periods = find_periods(f"{first} {piece}")
    return len(periods) == 1 and periods[0].is_range and len(f"{first} {piece}") - len(periods[0].raw) <= 2
