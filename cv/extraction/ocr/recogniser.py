"""Pictures of pages → their characters; what the person should know of the result."""

from collections.abc import Sequence
from typing import Any

from cv.extraction.pdf.chars import PageContent

# Below this mean probability of letters the models guess: the script or the picture is not for them.
MIN_CERTAINTY = 0.7
RECOGNISED = "The text of {pages} was read from a picture. Check names, numbers and dates."
UNCERTAIN = (
    "The text of {pages} could not be recognised. Letters of the Latin, Greek, Chinese and Japanese scripts can be; "
    "a sharper picture, taken straight from above, may help."
)


class Recogniser:
    """Reads the pages of one document; the models are loaded with the first."""

    name = "ocr"

    def __init__(self) -> None:
        self._engine: Any = None
        self._certainties: dict[int, float] = {}

    def read(self, picture: Any, *, number: int, side: float = 842.0) -> PageContent:
        """Return the characters of a page given as a PIL image, whose longer side measures `side` points.

        Where the models are unsure of nearly everything, nothing is returned rather than nonsense.
        """
        from cv.extraction.ocr.engine import Engine
        from cv.extraction.ocr.pages import read_page

        self._engine = self._engine or Engine()
        content, certainty = read_page(picture, self._engine, number=number, side=side)
        self._certainties[number] = certainty
        if certainty < MIN_CERTAINTY:
            content.chars = []
        return content

    def finish(self, contents: Sequence[PageContent]) -> list[str]:
        """Make sizes of letters comparable over all pages, and return what the person should know."""
        from cv.extraction.ocr.pages import settle_sizes

        settle_sizes(contents)
        read = [number for number, certainty in self._certainties.items() if certainty >= MIN_CERTAINTY]
        unread = [number for number, certainty in self._certainties.items() if certainty < MIN_CERTAINTY]
        return [
            sentence.format(pages=_name(pages))
            for sentence, pages in ((RECOGNISED, read), (UNCERTAIN, unread))
            if pages
        ]


def _name(pages: list[int]) -> str:
    if len(pages) == 1:
        return f"page {pages[0]}"
    return f"pages {', '.join(str(page) for page in pages[:-1])} and {pages[-1]}"
