"""Fragments of a region → rows, and cells that wrap put back together."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from cv.extraction.pdf.fragments import Fragment
from cv.extraction.pdf.margins import MAX_DATE_ROWS, base_rows, has_dates, margin_groups
from cv.extraction.text import cut_bullet

SAME_ROW = 0.35
_OPEN_RANGE = re.compile(r"\d.*(?:[-–—~]|\b(?:to|bis|à|a|до|do))$")
_RANGE_END = re.compile(r"^[^\n]{0,12}(?:(?:19|20)\d\d)|^\w{2,15}$")
MAX_RANGE_END = 22
# In ems: the least gap between a title and the date at the margin.
MARGIN_GAP = 1.0
_ADDRESS = re.compile(r"\w@\w?|://|^\(?mailto:|^www\.|^(?:linkedin|github)\.com/", re.I)


# The front of an e-mail address that is broken at a hyphen, and the rest.
_EMAIL_BEGIN = re.compile(r"[a-z0-9._+-]*[a-z0-9]-")
_EMAIL_END = re.compile(r"[a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def join_rows(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    """Group a region's fragments into rows, top to bottom, each from left to right."""
    rows: list[list[Fragment]] = []
    for part in sorted(fragments, key=lambda part: (part.base, part.x0)):
        row = next((row for row in rows[-3:][::-1] if _belongs(part, row)), None)
        if row is None:
            rows.append([part])
        else:
            row.append(part)
    for row in rows:
        # Of as many parts of either direction the one at the right margin decides; a list sign has none.
        worded = [part for part in row if any(char.text.isalnum() for char in part.chars)] or row
        last = max(worded, key=lambda part: part.x0)
        right_to_left = sum(part.right_to_left for part in worded) * 2 >= len(worded) + (not last.right_to_left)
        row.sort(key=lambda part: part.x0, reverse=right_to_left)
    return rows


def _belongs(part: Fragment, row: list[Fragment]) -> bool:
    """Whether a fragment stands in a row: on its base line, or beside it with most of its height."""
    for other in row:
        size = min(part.size, other.size)
        shared = min(part.bottom, other.bottom) - max(part.top, other.top)
        near = abs(part.base - other.base) <= SAME_ROW * size or shared >= 0.75 * (part.bottom - part.top)
        if not near or (part.x0 < other.x1 - 1 and other.x0 < part.x1 - 1):
            return False
    return True


def unwrap_cells(rows: list[list[Fragment]]) -> list[list[Fragment]]:
    """Put what wraps inside a cell back behind its first line, so that a row reads cell by cell.

    Known are a range of dates in a narrow column, whose end stands below its beginning, and a title that wraps
    beside a date at the margin.
    """
    united: list[list[Fragment]] = []
    for row in rows:
        if united:
            _rejoin_range(united[-1], row)
        if united and len(row) == 1 and len(united[-1]) == 2 and _is_wrapped(united[-1], row[0]):
            united[-1].insert(1, row[0])
        elif row:
            united.append(row)
    return united


def place_margin(rows: list[list[Fragment]], margin: list[Fragment]) -> list[list[Fragment]]:
    """Put what stands in the margin before the row that it stands at, and what wraps there together.

    A margin of headings gives rows of their own; in a margin of dates, a date or label joins its row.
    """
    if has_dates(base_rows(margin)):
        groups = [part for group in margin_groups(margin) for part in _short_groups(group)]
        return _place(rows, groups, is_joined=True)
    groups = [part for group in margin_groups(margin) for part in _alike_groups(group)]
    return _place(rows, groups, is_joined=False)


def _alike_groups(group: list[Fragment]) -> list[list[Fragment]]:
    """Cut a group where its look changes: a heading that wraps keeps its look."""
    groups = [[group[0]]]
    for before, part in pairwise(group):
        if _alike(before, part):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _short_groups(group: list[Fragment]) -> list[list[Fragment]]:
    """Return a group of the margin; a long one is a list, and falls apart."""
    return [group] if len(group) <= MAX_DATE_ROWS else [[part] for part in group]


def _place(rows: list[list[Fragment]], groups: list[list[Fragment]], *, is_joined: bool) -> list[list[Fragment]]:
    placed: list[list[Fragment]] = []
    for row in rows:
        top, bottom = min(part.top for part in row), max(part.bottom for part in row)
        before: list[list[Fragment]] = []
        while groups and groups[0][0].middle < bottom:
            before.append(groups.pop(0))
        if is_joined and before and before[-1][0].middle > top:
            row = [*before.pop(), *row]  # noqa: PLW2901 - the row grows by what stands beside it
        placed += [*before, row]
    return placed + groups


def rejoin_words(rows: list[list[Fragment]]) -> list[list[Fragment]]:
    """Put addresses back together that are too long for a narrow column and were broken inside."""
    right = max((part.x1 for row in rows for part in row), default=0.0)
    joined: list[list[Fragment]] = []
    for row in rows:
        if joined and len(row) == 1 and _is_broken(joined[-1], row[0], right):
            joined[-1][-1] = _append_word(joined[-1][-1], row[0])
            rest = _rest(row[0])
            if rest is not None:
                joined.append([rest])
        else:
            joined.append(row)
    return joined


def _is_broken(row: list[Fragment], below: Fragment, right: float) -> bool:
    """Whether a row is nothing but an address that fills the column, or ends where addresses break, and goes on below."""
    last, first = row[-1], below.text.split(maxsplit=1)[0]
    begins_email = _EMAIL_BEGIN.fullmatch(last.text) is not None and _EMAIL_END.fullmatch(first) is not None
    is_address = " " not in last.text and (begins_email or _ADDRESS.search(last.text) is not None)
    if len(row) > 1 or not is_address or not _alike(last, below):
        return False
    if not 0.8 < (below.base - last.base) / last.size < 1.8 or abs(below.x0 - last.x0) > last.size:
        return False
    if below.text.startswith(("+", "(", "00")):
        # A telephone number goes with no address.
        return False
    word = (below.x1 - below.x0) * len(first) / len(below.text)
    is_full = last.x1 > right - 1.5 * last.size or (last.text.endswith(("-", "/", "_")) and last.x1 + word > right)
    return is_full and (begins_email or not _ADDRESS.search(first))


def _append_word(part: Fragment, below: Fragment) -> Fragment:
    """Return a fragment that ends with the first word of the one below."""
    count = len(below.text.split(maxsplit=1)[0])
    return replace(part, chars=[*part.chars, *below.chars[:count]], bottom=below.bottom)


def _rest(below: Fragment) -> Fragment | None:
    chars = below.chars[len(below.text.split(maxsplit=1)[0]) + 1 :]
    return replace(below, chars=chars, x0=chars[0].x0) if chars else None


def _rejoin_range(row: list[Fragment], below: list[Fragment]) -> None:
    """Move the end of a range of dates from the row below behind its beginning."""
    for place, part in enumerate(row):
        if len(row) + len(below) < 3 or not _OPEN_RANGE.search(part.text):
            continue
        for rest in below:
            shared = min(part.x1, rest.x1) - max(part.x0, rest.x0)
            near = 0 < rest.base - part.base < 1.8 * part.size
            if near and shared > 0.5 * (rest.x1 - rest.x0) and _ends_range(rest.text):
                below.remove(rest)
                row.insert(place + 1, rest)
                return


def _ends_range(text: str) -> bool:
    return len(text) <= MAX_RANGE_END and _RANGE_END.search(text) is not None


def _is_wrapped(row: list[Fragment], rest: Fragment) -> bool:
    """Whether `rest` continues the first cell of a row, because its next word had no room there."""
    cell, margin = row
    if margin.x0 - cell.x1 < MARGIN_GAP * cell.size or abs(cell.x0 - rest.x0) > 1 or not _alike(cell, rest):
        return False
    if not 0.8 < (rest.base - cell.base) / cell.size < 1.6 or rest.bullet or cut_bullet(rest.text)[0]:
        return False
    words = rest.text.split(maxsplit=1)
    word_width = (rest.x1 - rest.x0) * len(words[0]) / len(rest.text)
    return cell.x1 + word_width + 0.25 * cell.size > margin.x0 - MARGIN_GAP * cell.size


def _alike(first: Fragment, second: Fragment) -> bool:
    """Whether two fragments are set in the same size, weight and colour."""
    same_size = abs(first.size - second.size) <= 0.2
    return same_size and first.bold == second.bold and first.chars[0].color == second.chars[0].color
