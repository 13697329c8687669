"""Which section a row of a page with columns belongs to, and headings that are numbered in a cell of their own."""

import re
from collections.abc import Sequence
from dataclasses import replace

from cv.parsing.rows import visible_text
from cv.parsing.types import Row, Section

# Letters so many times larger than the text's, and than headings', are a name.
NAME_SIZE = 1.4
OVER_HEADINGS = 1.15
# Numbers of headings come at least so often.
MIN_NUMBERED = 2
_NUMBER = re.compile(r"(?:0?[1-9]|1\d|[IVX]{1,4})[.)/:]?")


def section_of(row: Row, sections: Sequence[Section], own: Section | None) -> Section:
    """Return the section that a row belongs to, the first of `sections` being the header.

    That is the one that its column has open, `own`, unless a heading further left was read since and stands above the
    row: then the columns below that heading are its own. In a column without a heading it is the nearest one above.
    """
    if own is sections[0]:
        return own
    if own is None:
        over = [section for section in sections[1:] if _stands_over(section, row)]
    else:
        place = next(number for number, section in enumerate(sections) if section is own)
        over = [
            section
            for section in sections[place + 1 :]
            if _stands_over(section, row) and section.heading is not None and section.heading.column < row.column
        ]
    if over:
        return max(reversed(over), key=_top)
    return sections[-1] if own is None else own


def is_name(row: Row, headings: Sequence[Row], size: float) -> bool:
    """Return whether a row is set in letters that only a person's name has: larger than all headings and the text."""
    largest = max((heading.look.size for heading in headings), default=0.0)
    is_first = all(row.lines[0].page <= heading.lines[0].page for heading in headings)
    return is_first and row.look.size > OVER_HEADINGS * largest and row.look.size >= NAME_SIZE * size > 0


def _top(section: Section) -> float:
    box = section.heading.lines[0].place if section.heading is not None else None
    return box[1] if box else 0.0


def _stands_over(section: Section, row: Row) -> bool:
    box = row.lines[0].place
    heading = section.heading
    if heading is None or box is None or heading.lines[0].place is None:
        return False
    return heading.lines[0].page == row.lines[0].page and heading.lines[0].place[3] <= box[1] + 1


def without_numbers(rows: Sequence[Row], known: Sequence[bool]) -> list[Row]:
    """Return the rows, those that look like numbered headings without their number; `known` says which are headings by their words.

    Numbers rise, stand in a cell or a look of their own, and those of known headings say how they look.
    """
    numbered = [_is_numbered(row) for row in rows]
    looks = {_number_look(row) for row, has, head in zip(rows, numbered, known, strict=True) if has and head}
    found = [row for row, has in zip(rows, numbered, strict=True) if has and _number_look(row) in looks]
    heads = sum(has and head for has, head in zip(numbered, known, strict=True))
    if heads < MIN_NUMBERED or len({visible_text(row.parts[0].text) for row in found}) < len(found):
        return list(rows)
    return [_without_number(row) if row in found else row for row in rows]


def _is_numbered(row: Row) -> bool:
    return len(row.parts) > 1 and not row.bullet and _NUMBER.fullmatch(visible_text(row.parts[0].text)) is not None


def _number_look(row: Row) -> tuple[object, ...]:
    box = row.lines[0].place
    return (row.parts[0].look, row.parts[1].look, round(box[0] / 4) if box else 0)


def _without_number(row: Row) -> Row:
    return replace(row, parts=[replace(row.parts[1], gap=False), *row.parts[2:]])
