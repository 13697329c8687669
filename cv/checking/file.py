"""The file itself: whether its text is text, its layout, its length, and what a person cannot see in it."""

import unicodedata
from collections.abc import Iterator

from cv.checking.types import Area, Finding, Weight
from cv.extraction.types import ExtractedDocument

PDF = "application/pdf"
RECOGNISED_FONT = "scan"
MAX_PAGES = 3
SMALL_POINTS = 8.5
MIN_COLUMN_SHARE = 0.12
SMALL_SHARE = 0.2


def check_file(document: ExtractedDocument) -> Iterator[Finding]:
    """Yield what in the file keeps people or programs from reading it."""
    lines = document.visible_lines
    total = sum(len(line.text) for line in lines) or 1
    scanned = sum(len(line.text) for line in lines if line.spans and line.spans[0].font.startswith(RECOGNISED_FONT))
    if scanned / total > 0.5 or document.media_type.startswith("image/"):
        yield _finding("scan", Weight.MEND, "The file is a picture of text.", "Many programs read no pictures, and nobody can search or copy the text.", "Download it from here as PDF or Word: that has real text.")  # fmt: skip
    if document.media_type == PDF:
        yield from _layout(document, total)
    if hidden := [line for line in document.lines if line.hidden]:
        yield _finding("hidden", Weight.MEND, f"{len(hidden)} line{'s' if len(hidden) != 1 else ''} of the file cannot be seen: “{hidden[0].text[:60]}”.", "Programs see it, and employers take it for an attempt to cheat.", "Remove it from the file, or use a download from here, which has none.")  # fmt: skip
    icons = sorted({char for line in lines for char in line.text if unicodedata.category(char) == "Co"})
    if icons:
        yield _finding("icons", Weight.CONSIDER, f"The file has {len(icons)} kind{'s' if len(icons) != 1 else ''} of sign from an icon font.", "Programs read them as stray letters, often in front of a phone number or an address.", "Write words such as “Phone”, or nothing.")  # fmt: skip
    if len(document.pages) > MAX_PAGES:
        yield _finding("pages", Weight.CONSIDER, f"The file has {len(document.pages)} pages.", "Outside academia one or two are usual, and readers seldom turn to the third.", "Shorten it, or download it with a page limit.")  # fmt: skip


def _layout(document: ExtractedDocument, total: int) -> Iterator[Finding]:
    lines = document.visible_lines
    beside = sum(len(line.text) for line in lines if line.column > 0)
    if MIN_COLUMN_SHARE < beside / total < 1 - MIN_COLUMN_SHARE:
        yield _finding("columns", Weight.CONSIDER, "The text stands in more than one column.", "It was read here in the right order, but simpler programs read straight across and mix the columns.", "Where a form asks for an upload, use a one-column download.")  # fmt: skip
    small = sum(len(line.text) for line in lines if 0 < line.size < SMALL_POINTS)
    if small / total > SMALL_SHARE:
        yield _finding("small", Weight.CONSIDER, f"{small / total:.0%} of the text is smaller than {SMALL_POINTS} points.", "It tires the eye on paper and on a phone.", "Use 9.5 to 11 points, and shorten rather than shrink.")  # fmt: skip
    if len(document.pages) == 1 and document.pages[0].height > 1_300:
        yield _finding("tall", Weight.CONSIDER, "The file is one endless page.", "It cannot be printed.", "Use a download from here, which is in A4 or Letter.")  # fmt: skip


def _finding(code: str, weight: Weight, what: str, why: str, todo: str) -> Finding:
    return Finding(code, Area.FILE, weight, what, why, todo)
