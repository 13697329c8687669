"""Boxes of a page that was laid upright to be read → where they are on the page as a person sees it."""

import math
from collections.abc import Sequence

from cv.extraction.pdf.chars import PageContent
from cv.extraction.types import Box, ExtractedDocument

# In degrees: a smaller slope moves no line by more than a few points.
SLIGHT = 0.2


def place_on_pages(document: ExtractedDocument, contents: Sequence[PageContent]) -> None:
    """Give the lines of turned pages their boxes on the page as it is; `upright` keeps those that parsing needs.

    The pages of the document have the size of the pages as they are.
    """
    turned = {content.number: content for content in contents if content.turn or abs(content.slope) > SLIGHT}
    for page in document.pages:
        content = turned.get(page.number)
        if content is not None and content.turn % 2:
            page.width, page.height, page.is_turned = page.height, page.width, True
    for line in document.lines:
        content = turned.get(line.page)
        if content is not None and line.box is not None and not line.hidden:
            line.upright = line.box
            line.box = _as_is(line.box, content)


def _as_is(box: Box, content: PageContent) -> Box:
    """Return the box around a box of the upright page, on the page as it is."""
    x0, top, x1, bottom = box
    points = [_point(x, y, content) for x, y in ((x0, top), (x1, top), (x1, bottom), (x0, bottom))]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    width, height = content.width, content.height
    if content.turn % 2:
        width, height = height, width
    bounded = (max(0.0, min(xs)), max(0.0, min(ys)), min(width, max(xs)), min(height, max(ys)))
    x0, top, x1, bottom = (round(value, 1) for value in bounded)
    return (x0, top, x1, bottom)


def _point(x: float, y: float, content: PageContent) -> tuple[float, float]:
    """Undo the levelling, then the quarter turns."""
    angle = math.radians(content.slope)
    dx, dy = x - content.width / 2, y - content.height / 2
    x = content.width / 2 + dx * math.cos(angle) - dy * math.sin(angle)
    y = content.height / 2 + dx * math.sin(angle) + dy * math.cos(angle)
    if content.turn == 1:
        return content.height - y, x
    if content.turn == 2:
        return content.width - x, content.height - y
    if content.turn == 3:
        return y, content.width - x
    return x, y
