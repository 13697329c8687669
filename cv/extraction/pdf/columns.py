"""Where a page has columns, and in which order its parts are read.

A page is cut along white gutters: a full-width band above, the columns side by side, a band below, each cut again
in the same way. A gutter alone proves nothing, as dates at the margin and tables leave one too: columns are told
from them by their rows, which in a table stand on the rows of its neighbour and in a column don't.
"""

import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from cv.extraction.pdf.fragments import Fragment
from cv.extraction.pdf.margins import SAME_ROW, base_rows, dates_entries, has_dates, is_margin
from cv.extraction.text import cut_bullet
from cv.extraction.types import Box

# Lengths in points unless said otherwise.
MIN_GUTTER = 7.0
MIN_MARGIN_GUTTER = 4.5
MIN_ROWS = 2
MIN_OVERLAP = 24.0
STEP = 3.0
# Share of the smaller side's rows that stand on a row of the other side, from which on both are one table.
# Rows of unrelated columns meet by chance in about a fifth to a third of all cases.
TABLE_SHARE = 0.7
# A heading of full-width text below columns: at most so many rows, at most so many ems above it.
MAX_HEADING_ROWS = 1
HEADING_GAP = 1.5
# Where few rows or a column within a column make the case weaker, fewer may.
FEW_ROWS = 4
FEW_SHARED = 0.4
TITLE_FACTOR = 1.3
HEADING_FACTOR = 1.15
# A gutter that parts more rows is taken in place of the best one if it scores at least this share of it.
NEARLY = 0.85
# Headings in the margin and a column of text leave the same gutter; where both readings fit, the first is likelier.
MARGIN_BONUS = 2.0


@dataclass(slots=True)
class Region:
    """Fragments that are read together, row by row.

    `column` counts the columns of a page from 0. `margin` holds headings that stand beside the text, each to be read
    before the row that it stands at.
    """

    fragments: list[Fragment]
    column: int = 0
    margin: list[Fragment] = field(default_factory=list)
    page: int = 1


@dataclass(slots=True)
class PageLayout:
    """A page's outermost parts, each cut into regions: what goes across, then two columns, then what goes across.

    `gutter` is the white between the columns (left and right edge), None on a page without columns; then all
    regions are `above`.
    """

    above: list[Region]
    first: list[Region] = field(default_factory=list)
    second: list[Region] = field(default_factory=list)
    below: list[Region] = field(default_factory=list)
    gutter: tuple[float, float] | None = None

    @property
    def regions(self) -> list[Region]:
        """All regions in the page's own order."""
        return [*self.above, *self.first, *self.second, *self.below]


@dataclass(slots=True)
class _Split:
    """A gutter: what stands above, left, right and below of it."""

    above: list[Fragment]
    left: list[Fragment]
    right: list[Fragment]
    below: list[Fragment]
    gutter: float
    score: float
    is_margin: bool = False


def find_layout(fragments: Sequence[Fragment], rules: Sequence[Box], *, right_to_left: bool = False) -> PageLayout:
    """Return the page's regions; right-to-left pages are read from the right column on."""
    cutter = _Cutter(rules, right_to_left=right_to_left)
    split = cutter.best_split(list(fragments), is_nested=False)
    if split is None or split.is_margin:
        return PageLayout(above=list(cutter.cut(list(fragments), 0)))
    first, second = cutter.sides(split)
    columns = list(cutter.cut(first, 0, is_nested=True))
    deepest = max(region.column for region in columns)
    return PageLayout(
        above=list(cutter.cut(split.above, 0)),
        first=columns,
        second=list(cutter.cut(second, deepest + 1, is_nested=True)),
        below=list(cutter.cut(split.below, 0)),
        gutter=(max(part.x1 for part in split.left), min(part.x0 for part in split.right)),
    )


class _Cutter:
    """Cuts fragments along gutters."""

    def __init__(self, rules: Sequence[Box], *, right_to_left: bool) -> None:
        self._rules = rules
        self._right_to_left = right_to_left

    def cut(self, fragments: list[Fragment], column: int, *, is_nested: bool = False) -> Iterator[Region]:
        """Yield the regions of some fragments in reading order; columns count from `column`."""
        split = self.best_split(fragments, is_nested=is_nested)
        if split is None:
            if fragments:
                yield Region(fragments, column)
            return
        yield from self.cut(split.above, column, is_nested=is_nested)
        first, second = self.sides(split)
        if split.is_margin:
            yield Region(second, column, margin=first)
        else:
            deepest = column
            for region in self.cut(first, column, is_nested=True):
                deepest = max(deepest, region.column)
                yield region
            yield from self.cut(second, deepest + 1, is_nested=True)
        yield from self.cut(split.below, column, is_nested=is_nested)

    def sides(self, split: _Split) -> tuple[list[Fragment], list[Fragment]]:
        """Return the side that is read first, and the other."""
        return (split.right, split.left) if self._right_to_left else (split.left, split.right)

    def best_split(self, fragments: list[Fragment], *, is_nested: bool) -> _Split | None:
        """Return the gutter that parts most text, None where the fragments are read row by row.

        Columns within a column are rare, and need more to be believed.
        """
        if len(fragments) < 2 * MIN_ROWS:
            return None
        bars = self._bars(fragments)
        splits = list(_splits(fragments, bars))
        found = [split for split in splits if _is_columns(split, self._rules, is_nested=is_nested)]
        for split in _splits(fragments, []) if bars else map(replace, splits):
            split.is_margin = is_margin(*self.sides(split))
            if split.is_margin:
                found.append(split)
        best = max(found, key=lambda split: split.score * (MARGIN_BONUS if split.is_margin else 1), default=None)
        return best if best is None or best.is_margin else _widest(best, found)

    def _bars(self, fragments: list[Fragment]) -> list[Box]:
        """Return the horizontal lines that part the text above from the text below."""
        width = max(part.x1 for part in fragments) - min(part.x0 for part in fragments)
        return [rule for rule in self._rules if rule[3] - rule[1] < 4 and rule[2] - rule[0] > 0.5 * width]


def _widest(best: _Split, found: Sequence[_Split]) -> _Split:
    """Return a gutter that parts nearly as well and more of the same columns, such as their headings, if there is one."""
    inside = {id(part) for part in best.left + best.right}
    wider = [
        split
        for split in found
        if not split.is_margin
        and split.score >= NEARLY * best.score
        and inside < {id(part) for part in split.left + split.right}
        and _has_sides(split, best)
    ]
    return max(wider, key=lambda split: len(split.left) + len(split.right), default=best)


def _has_sides(split: _Split, best: _Split) -> bool:
    left = {id(part) for part in split.left}
    return all(id(part) in left for part in best.left) and all(id(part) not in left for part in best.right)


def _splits(fragments: list[Fragment], bars: Sequence[Box]) -> Iterator[_Split]:
    """Yield each distinct gutter of the fragments; nothing is parted across a bar."""
    low, high = min(part.x0 for part in fragments), max(part.x1 for part in fragments)
    edges = sorted(
        [x for part in fragments for x in (part.x0, part.x1)] + [x for bar in bars for x in (bar[0], bar[2])]
    )
    # Top to bottom, each with its place in the list, whose order both sides keep.
    ranked = sorted((part.middle, place) for place, part in enumerate(fragments))
    seen: set[tuple[int, ...]] = set()
    before = (0, 0)
    for step in range(1, int((high - low) / STEP)):
        x = low + step * STEP
        passed = (bisect_left(edges, x), bisect_right(edges, x))
        if passed == before:
            # The same parts stand left and right as at the last place.
            continue
        before = passed
        left_side = [part for part in ranked if fragments[part[1]].x1 <= x]
        right_side = [part for part in ranked if fragments[part[1]].x0 >= x]
        walls = [(part.top, part.bottom) for part in fragments if part.x0 < x < part.x1]
        walls += [(bar[1], bar[3]) for bar in bars if bar[0] < x < bar[2]]
        for top, bottom in _free_spans(walls):
            left, right = _between(left_side, top, bottom), _between(right_side, top, bottom)
            if not left or not right or (key := (len(left), len(right), left[0], right[0])) in seen:
                continue
            seen.add(key)
            split = _make_split(fragments, [fragments[place] for place in left], [fragments[place] for place in right])
            if split is not None:
                yield split


def _between(side: list[tuple[float, int]], top: float, bottom: float) -> list[int]:
    """Return the places of the parts whose middles are between two heights, in order; `side` runs from top to bottom."""
    start = bisect_left(side, (top,))
    if start == len(side) or side[start][0] > bottom:
        return []
    return sorted(place for _, place in side[start : bisect_right(side, (bottom, math.inf), start)])


def _free_spans(walls: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield the heights between what crosses a gutter."""
    edge = -math.inf
    for top, bottom in sorted(walls):
        if top > edge:
            yield edge, top
        edge = max(edge, bottom)
    yield edge, math.inf


def _make_split(fragments: list[Fragment], left: list[Fragment], right: list[Fragment]) -> _Split | None:
    gutter = min(part.x0 for part in right) - max(part.x1 for part in left)
    overlap = _overlap(left, right)
    if gutter < MIN_MARGIN_GUTTER or overlap <= 0:
        return None
    inside = {id(part) for part in left + right}
    top = min(part.middle for part in left + right)
    outside = [part for part in fragments if id(part) not in inside]
    below = [part for part in outside if part.middle >= top]
    headings = _headings_below(left, right, below)
    weight = min(len(left), len(right)) ** 0.5
    return _Split(
        above=[part for part in outside if part.middle < top],
        left=[part for part in left if part not in headings],
        right=[part for part in right if part not in headings],
        below=[*headings, *below],
        gutter=gutter,
        score=overlap * weight * (1 + min(gutter, 40) / 40),
    )


def _headings_below(left: list[Fragment], right: list[Fragment], below: list[Fragment]) -> list[Fragment]:
    """Return what stands in one column but after the other's end, and right above full-width text: its heading."""
    if not below:
        return []
    top = min(part.top for part in below)
    ends = (max(part.bottom for part in left), max(part.bottom for part in right))
    side, end = (left, ends[1]) if ends[0] > ends[1] else (right, ends[0])
    late = [part for part in side if part.top >= end]
    if not late or len(base_rows(late)) > MAX_HEADING_ROWS or len(late) == len(side):
        return []
    if any(cut_bullet(part.text)[0] for part in late):
        return []
    return late if top - max(part.bottom for part in late) < HEADING_GAP * late[0].size else []


def _overlap(left: list[Fragment], right: list[Fragment]) -> float:
    """Return the height that both sides share."""
    top = max(min(part.top for part in left), min(part.top for part in right))
    bottom = min(max(part.bottom for part in left), max(part.bottom for part in right))
    return bottom - top


def _is_columns(split: _Split, rules: Sequence[Box], *, is_nested: bool) -> bool:
    """Whether the two sides are read one after the other, and not row by row."""
    if split.gutter < MIN_GUTTER or any(_is_ornament(side) for side in (split.left, split.right)):
        return False
    left, right = base_rows(split.left), base_rows(split.right)
    small, large = (left, right) if len(left) <= len(right) else (right, left)
    # The line of a timeline has the dates on its other side, and is no ground of a sidebar.
    if _has_ground(split, rules) and not has_dates(small):
        return True
    is_long = len(small) >= MIN_ROWS and _overlap(split.left, split.right) >= MIN_OVERLAP
    if not is_long or _is_title(small, large):
        return is_long
    shared = _shared_rows(small, large)
    if has_dates(small) or dates_entries(small, large):
        return shared < FEW_SHARED and len(small) > FEW_ROWS and not dates_entries(small, large)
    if is_nested or len(small) <= FEW_ROWS:
        return shared < (TABLE_SHARE if _are_headed(left, right) else FEW_SHARED)
    return shared < TABLE_SHARE or _flows(small)


def _is_ornament(side: list[Fragment]) -> bool:
    """Whether a side holds no letter or digit: signs of a list that stand far from their text."""
    return not any(char.isalnum() for part in side for char in part.text)


def _are_headed(left: list[list[Fragment]], right: list[list[Fragment]]) -> bool:
    """Whether both sides have rows above others that are set alike and larger, or in bold capitals: headings of their own."""
    styles = []
    for side in (left, right):
        size = statistics.median([row[0].size for row in side])
        capitals = [row[0] for row in side if row[0].bold and row[0].text.isupper()]
        set_apart = capitals if len(capitals) * 2 <= len(side) else []
        large = [
            row[0]
            for row in side[:-1]
            if len(row) == 1 and (row[0].size >= HEADING_FACTOR * size or row[0] in set_apart)
        ]
        styles.append({(round(part.size, 1), part.bold, part.chars[0].color) for part in large})
    return bool(styles[0] & styles[1])


def _is_title(small: list[list[Fragment]], large: list[list[Fragment]]) -> bool:
    """Whether a few large letters, such as a name, stand beside small print of about the same height, an address."""
    sizes = [statistics.median([row[0].size for row in side]) for side in (small, large)]
    heights = [side[-1][0].bottom - side[0][0].top for side in (small, large)]
    is_large = sizes[0] >= TITLE_FACTOR * sizes[1] and heights[0] >= heights[1] / 3
    return is_large and len(small) <= FEW_ROWS and len(large) >= len(small) + 2


def _has_ground(split: _Split, rules: Sequence[Box]) -> bool:
    """Whether one side stands on a coloured ground of its own, as sidebars do."""
    left = max(part.x1 for part in split.left)
    right = min(part.x0 for part in split.right)
    height = max(part.bottom for part in split.left + split.right) - min(part.top for part in split.left + split.right)
    return any(
        rule[3] - rule[1] > 0.6 * height
        and rule[2] - rule[0] > 60
        and (left - 1 <= rule[2] <= right + 1 or left - 1 <= rule[0] <= right + 1)
        for rule in rules
    )


def _shared_rows(small: list[list[Fragment]], large: list[list[Fragment]]) -> float:
    """Return the share of the smaller side's rows that line up with a row of the other by base, top or middle."""
    return max(_met(small, large, name) / len(small) for name in ("base", "top", "middle"))


def _met(small: list[list[Fragment]], large: list[list[Fragment]], name: str) -> int:
    """Count the rows of `small` at whose height, measured at `name`, a row of `large` stands.

    Letters of different size that belong together share their base line; that their middles meet is chance.
    """
    return sum(
        any(
            abs(getattr(row[0], name) - getattr(other[0], name)) <= SAME_ROW
            and (name == "base" or 0.8 <= row[0].size / other[0].size <= 1.25)
            for other in large
        )
        for row in small
    )


def _flows(rows: list[list[Fragment]]) -> bool:
    """Whether rows read as a text of their own: runs of several rows, under headings that look different."""
    runs = [1]
    for before, row in pairwise(rows):
        if row[0].base - before[0].base <= 1.7 * max(before[0].size, row[0].size):
            runs[-1] += 1
        else:
            runs.append(1)
    styles = [(round(row[0].size), row[0].bold, row[0].text.isupper()) for row in rows]
    body = max(set(styles), key=styles.count)
    headings = [place for place, style in enumerate(styles) if style != body and style[0] >= body[0]]
    followed = [place for place in headings if place + 1 < len(rows) and styles[place + 1] == body]
    return len(rows) >= 8 and len(rows) / len(runs) >= 2.5 and len(followed) >= 2
