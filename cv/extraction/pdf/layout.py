"""Characters of pages → lines in reading order."""

import re
from collections.abc import Sequence
from itertools import pairwise

from cv.extraction.lines import build_line
from cv.extraction.pdf.blocks import number_blocks
from cv.extraction.pdf.chars import Char, PageContent
from cv.extraction.pdf.columns import PageLayout, Region, find_layout
from cv.extraction.pdf.fragments import BARE_IDEOGRAPH_GAP, FRAGMENT_GAP, Fragment, is_ideographic, make_fragments
from cv.extraction.pdf.glyphs import repair
from cv.extraction.pdf.rows import join_rows, place_margin, rejoin_words, unwrap_cells
from cv.extraction.pdf.threads import read_order
from cv.extraction.types import Box, Span, TextLine

# In ems: from this gap on two parts of a row are told apart by a tab.
TAB_GAP = 1.4
# White so many times as wide as the row's widest blank parts tags, not words; justified type has blanks of one width.
TAG_FACTOR = 2.2
# In ems: so far apart stand tags of one word each, in a row without any blank.
LONE_TAG_GAP = 0.95
_DATE_PIECE = re.compile(r"(?:19|20)\d\d|^[-–—]$")
# In ems: a list sign stands no further from its text.
BULLET_GAP = 2.0


def lay_out(contents: Sequence[PageContent]) -> list[TextLine]:
    """Return the lines of all pages: what can be seen in reading order, then turned text, then what is hidden."""
    pages = []
    for content in contents:
        chars = repair(content.chars)
        _attach_links(chars, content.links)
        pages.append((content, chars))
    layouts = [_lay_out_page(content, chars) for content, chars in pages]
    lines: list[TextLine] = []
    block = 1
    for region in read_order(layouts, [content.height for content in contents]):
        rows = rejoin_words(unwrap_cells(join_rows(region.fragments)))
        made = [line for row in place_margin(rows, region.margin) if (line := make_line(row, region)) is not None]
        block = number_blocks(made, block)
        lines += made
    for line in [line for page in pages for line in _turned_lines(*page)] + [
        line for page in pages for line in _hidden_lines(*page)
    ]:
        line.block = block
        block += 1
        lines.append(line)
    return lines


def _lay_out_page(content: PageContent, chars: list[Char]) -> PageLayout:
    fragments = make_fragments(char for char in chars if char.turn == 0 and not char.hidden)
    _mark_drawn_bullets(fragments, content.rules)
    right_to_left = sum(part.right_to_left for part in fragments) * 2 > len(fragments)
    layout = find_layout(fragments, content.rules, right_to_left=right_to_left)
    for region in layout.regions:
        region.page = content.number
    return layout


def make_line(row: list[Fragment], region: Region) -> TextLine | None:
    """Return the line of a row's fragments; a tab stands where they are set far apart."""
    left = min(part.x0 for part in region.fragments)
    spans = _spans(row[0].chars)
    blank = max((char.x1 - char.x0 for part in row for char in part.chars if char.text == " "), default=0.0)
    if not blank and any(_DATE_PIECE.search(part.text) for part in row):
        # A date that is justified in a narrow column is one.
        blank = TAB_GAP * row[0].size
    for before, part in pairwise(row):
        gap = max(part.x0 - before.x1, before.x0 - part.x1)
        is_apart = gap > TAB_GAP * min(before.size, part.size) or before.x1 <= left <= part.x0
        is_apart = is_apart or _are_tags(before, part, gap, blank)
        spans.append(Span(text="\t" if is_apart else " "))
        spans += _spans(part.chars)
    return build_line(
        spans,
        page=region.page,
        box=_round(
            (
                min(part.x0 for part in row),
                min(part.top for part in row),
                max(part.x1 for part in row),
                max(part.bottom for part in row),
            )
        ),
        column=region.column,
        bullet=row[0].bullet,
        indent=row[0].x0 - left,
    )


def _are_tags(before: Fragment, part: Fragment, gap: float, blank: float) -> bool:
    """Whether the white between two parts is clearly wider than the widest blank in the row, as between tags in boxes."""
    if before.right_to_left or part.right_to_left:
        return False
    if is_ideographic(before.chars[-1]) and is_ideographic(part.chars[0]):
        return gap > BARE_IDEOGRAPH_GAP * part.size
    if not blank:
        return gap > LONE_TAG_GAP * part.size
    return gap > FRAGMENT_GAP * part.size and blank * TAG_FACTOR < gap


def _spans(chars: Sequence[Char]) -> list[Span]:
    spans: list[Span] = []
    previous: Char | None = None
    for char in chars:
        same = previous is not None and (char.font, char.size, char.color, char.url) == (
            previous.font,
            previous.size,
            previous.color,
            previous.url,
        )
        if same or (spans and char.text == " " and not spans[-1].url):
            spans[-1].text += char.text
        else:
            spans.append(
                Span(
                    text=char.text,
                    font=char.font.name,
                    size=char.size,
                    bold=char.font.bold,
                    italic=char.font.italic,
                    color=char.color,
                    url=char.url,
                )
            )
            previous = char
    return spans


def _attach_links(chars: list[Char], links: list[tuple[Box, str]]) -> None:
    for (x0, top, x1, bottom), address in links:
        for char in chars:
            if x0 <= char.middle <= x1 and top <= (char.top + char.bottom) / 2 <= bottom:
                char.url = address


def _mark_drawn_bullets(fragments: list[Fragment], rules: list[Box]) -> None:
    """Mark lines before which a small dot or square is painted, as browsers paint list signs."""
    for x0, top, x1, bottom in rules:
        width, height = x1 - x0, bottom - top
        if not (1 <= width <= 6 and 1 <= height <= 6 and 0.7 <= width / height <= 1.4):
            continue
        middle = (top + bottom) / 2
        near = [part for part in fragments if part.top < middle < part.bottom]
        after = [part for part in near if 0 < part.x0 - x1 < 3 * part.size]
        before = [part for part in near if 0 < x0 - part.x1 < 3 * part.size]
        if before and not after and all(part.right_to_left for part in before):
            before, after = after, before
        if after and not before and min(_distance(part, x0, x1) / part.size for part in after) < BULLET_GAP:
            min(after, key=lambda part: _distance(part, x0, x1)).bullet = "•"


def _distance(part: Fragment, x0: float, x1: float) -> float:
    """Return the white between a fragment and what stands beside it."""
    return max(part.x0 - x1, x0 - part.x1)


def _turned_lines(content: PageContent, chars: list[Char]) -> list[TextLine]:
    """Return text that runs up, down or upside down, as lines of its own."""
    lines = []
    for turn in (1, 2, 3):
        turned = [_turn_upright(char, content) for char in chars if char.turn == turn and not char.hidden]
        fragments = make_fragments(turned)
        for row in join_rows(fragments):
            line = make_line(row, Region(row, page=content.number))
            if line is not None:
                lines.append(line)
    return lines


def _turn_upright(char: Char, content: PageContent) -> Char:
    """Return the character as it stands when the page is turned until its text is upright."""
    x0, top, x1, bottom = char.box
    width, height = content.width, content.height
    turned = {
        1: (top, width - x1, bottom, width - x0),
        2: (width - x1, height - bottom, width - x0, height - top),
        3: (height - bottom, x0, height - top, x1),
    }[char.turn]
    return Char(char.text, *turned, turned[3], char.size, char.font, char.color, char.ink, 0, char.hidden, char.url)


def _hidden_lines(content: PageContent, chars: list[Char]) -> list[TextLine]:
    """Return what can't be seen, a line per row and reason."""
    lines = []
    for reason in sorted({char.hidden for char in chars} - {""}):
        fragments = make_fragments(char for char in chars if char.hidden == reason)
        for row in join_rows(fragments):
            line = make_line(row, Region(row, page=content.number))
            if line is not None:
                line.hidden = reason
                lines.append(line)
    return lines


def _round(box: Box) -> Box:
    x0, top, x1, bottom = (round(value, 1) for value in box)
    return (x0, top, x1, bottom)
