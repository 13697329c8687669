"""The order of regions over pages: a sidebar that goes on from page to page is read on before the column beside it."""

from collections.abc import Sequence

from cv.extraction.pdf.columns import PageLayout, Region

# In points: a gutter that moves less is the same one.
SAME_GUTTER = 20.0
# Columns of nearly one width are filled one after the other, page by page.
EVEN = (0.44, 0.56)
# A few words this near to the page's upper or lower edge, as a share of its height, are a running title or number.
EDGE = 0.08
FEW = 4


def read_order(layouts: Sequence[PageLayout], heights: Sequence[float]) -> list[Region]:
    """Return the regions of all pages in reading order."""
    threads = _Threads()
    for layout, height in zip(layouts, heights, strict=True):
        threads.add(layout, height)
    threads.close()
    return threads.order


class _Threads:
    """Collects regions; two columns stay open as long as the next page goes on with them."""

    def __init__(self) -> None:
        self.order: list[Region] = []
        self._gutter: tuple[float, float] | None = None
        self._first: list[Region] = []
        self._second: list[Region] = []
        self._tail: list[Region] = []

    def add(self, layout: PageLayout, height: float) -> None:
        """Take the next page."""
        if layout.gutter is None:
            self._add_plain(layout.above)
            return
        if not (_is_edge(layout.above, height) and self._goes_on(layout.gutter)):
            self.close()
            self.order += layout.above
        else:
            self._tail += layout.above
        self._gutter = layout.gutter
        self._first += layout.first
        self._second += layout.second
        if _is_edge(layout.below, height):
            self._tail += layout.below
        else:
            self.close()
            self.order += layout.below
        if self._gutter is not None and _is_even(layout):
            self.close()

    def close(self) -> None:
        """Write the open columns one after the other."""
        self.order += [*self._first, *self._second, *self._tail]
        self._gutter, self._first, self._second, self._tail = None, [], [], []

    def _add_plain(self, regions: list[Region]) -> None:
        """Take a page without columns; one that fills only one side of the open gutter belongs to that column."""
        parts = [part for region in regions for part in [*region.fragments, *region.margin]]
        if self._gutter is not None and parts:
            left, right = self._gutter
            columns = (self._first, self._second)
            if self._first and self._first[0].fragments and self._first[0].fragments[0].x0 >= right:
                columns = (self._second, self._first)
            for column, fits in zip(
                columns,
                (all(part.x1 <= right for part in parts), all(part.x0 >= left for part in parts)),
                strict=True,
            ):
                if fits:
                    for region in regions:
                        region.column = column[0].column
                    column.extend(regions)
                    return
        self.close()
        self.order += regions

    def _goes_on(self, gutter: tuple[float, float]) -> bool:
        if self._gutter is None:
            return False
        return max(self._gutter[0], gutter[0]) - SAME_GUTTER <= min(self._gutter[1], gutter[1])


def _is_edge(regions: list[Region], height: float) -> bool:
    """Whether these regions are nothing, or no more than a running title or page number."""
    parts = [part for region in regions for part in region.fragments]
    return len(parts) <= FEW and all(part.bottom < EDGE * height or part.top > (1 - EDGE) * height for part in parts)


def _is_even(layout: PageLayout) -> bool:
    widths = [
        max(part.x1 for region in side for part in region.fragments)
        - min(part.x0 for region in side for part in region.fragments)
        for side in (layout.first, layout.second)
    ]
    return EVEN[0] <= widths[0] / (sum(widths) or 1) <= EVEN[1]
