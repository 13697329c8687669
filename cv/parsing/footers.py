"""Contact data at the foot of pages, as letterheads have it, are no part of the section above them."""

from collections.abc import Sequence
from itertools import pairwise

from cv.parsing.contact import EMAIL, PHONE
from cv.parsing.heads import URL
from cv.parsing.types import Row

# A foot has at most so many rows, and begins so far down the page.
MAX_ROWS = 4
FOOT = 0.85


def lift_footers(rows: Sequence[Row], pages: dict[int, float]) -> tuple[list[Row], list[Row]]:
    """Return the rows without those at the foot of a page that hold contact data, and these; each said once, with all its lines."""
    feet = [foot for page, height in pages.items() if (foot := _foot(rows, page, height))]
    lifted: list[Row] = []
    for row in (row for foot in feet for row in foot):
        same = next((other for other in lifted if other.text == row.text), None)
        if same is None:
            lifted.append(row)
        else:
            same.lines = [*same.lines, *row.lines]
    taken = {id(row) for foot in feet for row in foot}
    # An address of somebody else, such as a referee, may stand at the foot too: then the person's own stands elsewhere.
    if len(lifted) == len(taken) and any(EMAIL.search(row.text) for row in rows if id(row) not in taken):
        return list(rows), []
    return [row for row in rows if id(row) not in taken], lifted


def _foot(rows: Sequence[Row], page: int, height: float) -> list[Row]:
    """Return the rows set apart at the foot of a page where they are one block that gives an e-mail address or a telephone number."""
    own = [row for row in rows if row.lines[0].page == page and row.lines[0].place is not None]
    low = [row for row in own if height and row.lines[0].place and row.lines[0].place[1] > FOOT * height]
    if not 0 < len(low) <= MAX_ROWS or len(low) == len(own) or not low[0].after_gap:
        return []
    text = "\n".join(row.text for row in low)
    is_block = all(before.column == row.column and not row.after_gap for before, row in pairwise(low))
    is_plain = not any(row.bullet for row in low) and len({row.look.size for row in low}) == 1
    found = [bool(pattern.search(text)) for pattern in (EMAIL, PHONE, URL)]
    return low if is_block and is_plain and sum(found) >= 2 and (found[0] or found[1]) else []
