"""What of a page a person can see.

White letters on white, letters under a picture, cut off, fully transparent or outside the page all have one thing in
common: where they should be, the rendered page shows one even colour. So the page is rendered and looked at.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from cv.extraction.look import MIN_VISIBLE_POINTS, WHITE, contrast, hidden_reason, is_color
from cv.extraction.pdf.chars import Char, PageContent
from cv.extraction.types import Box

# Pixels per point; letters of 6 points are then 12 pixels high.
SCALE = 2.0
MAX_PIXELS = 16_000_000
# Difference of the brightest and the darkest pixel, of 255, below which nothing stands out. #e6e6e6 on white differs
# by 25 and has a contrast of 1.25 (see `cv.extraction.look`).
MIN_DIFFERENCE = 24
USUAL_WIDTH = 400.0


def mark_hidden(content: PageContent, picture: Any) -> None:
    """Set `hidden` on the characters that can't be seen.

    `picture` is the page as `render` gives it; without one only the characters' own colours and sizes count.
    """
    # A page measured in other units than points has smaller figures for everything.
    smallest = MIN_VISIBLE_POINTS * min(1.0, content.width / USUAL_WIDTH)
    for group in _groups(content.chars):
        reason = _reason(group, content, picture, smallest)
        for char in group:
            char.hidden = reason


def render(document: Any, number: int) -> Any:
    """Return page `number` (from 1) of a pypdfium2 document as a picture, None where it can't be painted."""
    import pypdfium2

    try:
        page = document[number - 1]
        width, height = page.get_size()
        if width * height * SCALE**2 > MAX_PIXELS:
            return None
        # Red, green, blue and a byte for nothing: Pillow takes this form over without a copy.
        return page.render(scale=SCALE, prefer_bgrx=True, rev_byteorder=True).to_pil()
    except (pypdfium2.PdfiumError, ValueError, IndexError):
        return None


def _groups(chars: list[Char]) -> Iterator[list[Char]]:
    """Yield runs of characters painted one after the other in one look."""
    group: list[Char] = []
    for before, char in pairwise([None, *chars]):
        if char is None:
            continue
        if before is not None and not _goes_on(before, char) and group:
            yield group
            group = []
        group.append(char)
    if group:
        yield group


def _goes_on(before: Char, char: Char) -> bool:
    alike = (before.color, before.ink, before.turn, before.size) == (char.color, char.ink, char.turn, char.size)
    return alike and abs(char.base - before.base) < 0.1 and abs(char.x0 - before.x1) < 2 * char.size


def _reason(group: list[Char], content: PageContent, picture: Any, smallest: float) -> str:
    inked = [char for char in group if char.text.strip()]
    if not inked:
        return ""
    box = _box(inked)
    if not _overlaps(box, (0, 0, content.width, content.height)):
        return "off-page"
    if inked[0].size < smallest:
        return "tiny"
    if not inked[0].ink and not any(_overlaps(box, area) for area in content.pictures):
        return "invisible"
    if picture is None:
        on_paper = not any(_overlaps(box, area) for area in content.pictures + content.rules)
        return hidden_reason(inked[0].color, WHITE, 0) if on_paper else ""
    return _look(inked[0], box, picture)


def _look(char: Char, box: Box, picture: Any) -> str:
    """Look at the place on the rendered page."""
    x0, top, x1, bottom = (value * SCALE for value in box)
    area = (max(0, int(x0)), max(0, int(top)), min(picture.width, int(x1) + 1), min(picture.height, int(bottom) + 1))
    if area[2] <= area[0] or area[3] <= area[1]:
        return "off-page"
    crop = picture.crop(area)
    if max(high - low for low, high in crop.getextrema()) >= MIN_DIFFERENCE:
        return ""
    if not char.ink:
        return "invisible"
    ground = "#" + "".join(f"{value:02x}" for value in crop.getpixel((0, 0))[:3])
    same = is_color(char.color) and contrast(char.color, ground) < 1.5
    return "white" if same else "covered"


def _box(chars: list[Char]) -> Box:
    """Return where the ink of characters is: for upright ones between base line and capital height."""
    x0, x1 = min(char.x0 for char in chars), max(char.x1 for char in chars)
    top, bottom = min(char.top for char in chars), max(char.bottom for char in chars)
    first = chars[0]
    if first.turn == 0:
        return (x0, max(top, first.base - 0.75 * first.size), x1, min(bottom, first.base + 0.1 * first.size))
    return (x0, top, x1, bottom)


def _overlaps(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]
