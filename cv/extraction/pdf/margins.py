"""Headings that stand in the margin, beside the text that they head."""

import math
import re
import statistics

from cv.extraction.pdf.fragments import Fragment

# In points: base lines no farther apart are one row.
SAME_ROW = 1.6
DATE = re.compile(r"(?:19|20)\d\d|\d\d?[./]\d{2,4}|^(?:present|now|today|heute|aujourd|actual|obecnie|atual)", re.I)
MAX_GROUP_ROWS = 4
MAX_DATE_ROWS = 3
MAX_CHARACTERS = 40
# Share of the groups that must begin at a row of the text.
ALIGNED = 0.8
# Rows of text for each row in the margin: little for what looks like a heading, more for what may be a label.
ROWS_OF_HEADING = 1.6
ROWS_OF_LABEL = 3.0
LONE = (1.15, 1.8)
LARGE = 2.6
ROWS_ABOVE = 3
# Dates in the margin come at least so often, and stand beside rows with so much more space above than below.
MIN_DATES = 2
ENTRY_GAP = 1.2


def base_rows(fragments: list[Fragment]) -> list[list[Fragment]]:
    """Group fragments that stand on one base line, top to bottom."""
    rows: list[list[Fragment]] = []
    for part in sorted(fragments, key=lambda part: part.base):
        if rows and part.base - rows[-1][0].base <= SAME_ROW:
            rows[-1].append(part)
        else:
            rows.append([part])
    return rows


def has_dates(rows: list[list[Fragment]]) -> bool:
    """Whether at least half of the rows hold a date."""
    return bool(rows) and sum(bool(DATE.search(row[0].text)) for row in rows) * 2 >= len(rows)


def dates_entries(small: list[list[Fragment]], large: list[list[Fragment]]) -> bool:
    """Whether each date of one side stands beside the first row of an entry on the other: a row with more space above than below."""
    dates = [row[0] for row in small if DATE.search(" ".join(part.text for part in row))]
    return len(dates) >= max(MIN_DATES, len(small) / 2) and all(_begins_entry(date, large) for date in dates)


def _begins_entry(date: Fragment, rows: list[list[Fragment]]) -> bool:
    for number, row in enumerate(rows):
        shared = min(date.bottom, row[0].bottom) - max(date.top, row[0].top)
        if shared < 0.5 * (date.bottom - date.top):
            continue
        above = row[0].base - rows[number - 1][0].base if number else math.inf
        below = rows[number + 1][0].base - row[0].base if number + 1 < len(rows) else math.inf
        return number == 0 or above >= ENTRY_GAP * below
    return False


def is_margin(margin: list[Fragment], text: list[Fragment]) -> bool:
    """Whether one side of a gutter holds headings, or heads of entries, of the text on the other side.

    They come in small groups, each beside the first row of what it heads. Labels of single rows are not taken for
    headings, as they stay in one row with what stands beside them; nor are dates, unless they wrap.
    """
    rows, others = base_rows(margin), base_rows(text)
    if any(len(row) > 1 or len(row[0].text) > MAX_CHARACTERS for row in rows):
        return False
    groups = margin_groups(margin)
    if has_dates(rows):
        return _are_dates(groups, others)
    if any(len(group) > MAX_GROUP_ROWS or not any(char.isalpha() for char in group[0].text) for group in groups):
        return False
    begun = sum(_begins_beside(group, others) for group in groups)
    if begun < ALIGNED * len(groups) or any(part.text.endswith((":", "：")) for part in margin):
        return False
    size = statistics.median([part.size for part in text])
    strong = all(group[0].size >= 1.1 * size or group[0].text.isupper() for group in groups)
    if len(groups) == 1:
        return _is_lone_heading(rows, others, size)
    return len(others) >= (ROWS_OF_HEADING if strong else ROWS_OF_LABEL) * len(rows) and _alike(groups)


def _is_lone_heading(rows: list[list[Fragment]], others: list[list[Fragment]], size: float) -> bool:
    """Whether the only text in the margin is larger than the text beside it, but not a name.

    A name may be as large as a large heading, but nothing much stands above it.
    """
    sizes = [row[0].size for row in rows]
    above = sum(row[0].base < rows[0][0].top for row in others)
    largest = LONE[1] if above < ROWS_ABOVE else LARGE
    return len(rows) <= 2 and max(sizes) - min(sizes) < 0.2 and LONE[0] * size <= sizes[0] <= largest * size


def _are_dates(groups: list[list[Fragment]], others: list[list[Fragment]]) -> bool:
    """Whether the margin holds dates that wrap, each beside what it dates."""
    dates = [group for group in groups if any(DATE.search(part.text) for part in group)]
    if not any(len(group) > 1 for group in dates) or any(len(group) > MAX_DATE_ROWS for group in dates):
        return False
    begun = sum(_begins_beside(group, others) for group in dates)
    return begun >= ALIGNED * len(dates) and len(others) >= ROWS_OF_HEADING * sum(map(len, dates))


def margin_groups(margin: list[Fragment]) -> list[list[Fragment]]:
    """Group the margin's fragments that follow each other without a gap, dates apart from other text."""
    groups: list[list[Fragment]] = []
    for part in sorted(margin, key=lambda part: part.base):
        if groups and _goes_on(groups[-1], part):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _goes_on(group: list[Fragment], part: Fragment) -> bool:
    """Whether the next fragment belongs to the group; a date has two rows at most, a range goes on after its dash."""
    before = group[-1]
    is_date = DATE.search(part.text) is not None
    if is_date != bool(DATE.search(before.text)) or part.base - before.base > 1.7 * max(before.size, part.size):
        return False
    return not is_date or len(group) < 2 or before.text.rstrip().endswith(("-", "–", "—"))


def _begins_beside(group: list[Fragment], rows: list[list[Fragment]]) -> bool:
    """Whether the group's first row stands at the height of some row of the text."""
    first = group[0]
    return any(row[0].top < first.base <= row[0].bottom + 0.5 * row[0].size for row in rows)


def _alike(groups: list[list[Fragment]]) -> bool:
    """Whether the groups' first rows are set alike, as headings of one document are."""
    sizes = [group[0].size for group in groups]
    return max(sizes) - min(sizes) <= 0.1 * max(sizes) and len({group[0].bold for group in groups}) == 1
