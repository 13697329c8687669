"""Two columns of one section whose entries stand side by side: dates and employers left of a line, titles right of it."""

from collections.abc import Sequence
from itertools import pairwise

from cv.parsing.dates import find_periods
from cv.parsing.types import Row

# Rows of two cells that begin together differ by so many points at most.
SAME_TOP = 4.0
MIN_ENTRIES = 2


def join_facing(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of two columns entry by entry, where each dated row of the one has a row of the other beside it."""
    border = _border(rows)
    if border is None:
        return list(rows)
    first, second = list(rows[:border]), list(rows[border:])
    dated = [[row for row in column if _has_range(row)] for column in (first, second)]
    if all(dated):
        # Each of the two has entries of its own, as cards in a grid have.
        return list(rows)
    tops = [_top(row) for row in dated[0] or dated[1]]
    if len(tops) < MIN_ENTRIES or not all(_stands_at(top, first) and _stands_at(top, second) for top in tops):
        return list(rows)
    # What stands above the first entry, and below the last one, is of that entry.
    edges = [float("-inf"), *(top - SAME_TOP for top in tops[1:]), float("inf")]
    return [
        row
        for begin, end in pairwise(edges)
        for column in (first, second)
        for row in column
        if begin <= _top(row) < end
    ]


def _border(rows: Sequence[Row]) -> int | None:
    """Return where the second of two columns begins: further up and right of all that is read before, on one page."""
    boxes = [row.lines[0].place for row in rows]
    if not rows or len({row.lines[0].page for row in rows}) > 1 or not all(boxes):
        return None
    for number in range(1, len(rows)):
        right = max(line.place[2] for row in rows[:number] for line in row.lines if line.place)
        left = min(line.place[0] for row in rows[number:] for line in row.lines if line.place)
        if right <= left and _top(rows[number]) < _top(rows[number - 1]):
            return number
    return None


def _top(row: Row) -> float:
    box = row.lines[0].place
    return box[1] if box else 0.0


def _stands_at(top: float, rows: Sequence[Row]) -> bool:
    return any(abs(_top(row) - top) <= SAME_TOP for row in rows)


def _has_range(row: Row) -> bool:
    return any(period.is_range for period in find_periods(row.text))
