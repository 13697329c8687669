"""Read a PDF into lines."""

import io
from contextlib import suppress
from typing import Any

import pypdfium2
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException

from cv.errors import EmptyDocumentError, PasswordProtectedError, UnreadableDocumentError
from cv.extraction.flow import HIDDEN_WARNING
from cv.extraction.limits import ExtractionLimits
from cv.extraction.lines import number_lines
from cv.extraction.ocr.placing import place_on_pages
from cv.extraction.ocr.recogniser import Recogniser
from cv.extraction.pdf import miner, seeing
from cv.extraction.pdf.chars import PageContent
from cv.extraction.pdf.glyphs import is_garbled
from cv.extraction.pdf.layout import lay_out
from cv.extraction.pdf.salvage import with_new_tail
from cv.extraction.types import ExtractedDocument, Page

# PDFium's codes (fpdfview.h): FPDF_ERR_PASSWORD and the saving flag FPDF_REMOVE_SECURITY.
PASSWORD_ERROR = 4
REMOVE_SECURITY = 3
# Above this share of characters without meaning the text layer is useless; icons alone stay far below it.
MAX_GARBLED = 0.3
# A page whose picture covers so much of it, with less text than a few words, is a scan.
SCAN_SHARE = 0.6
SCAN_CHARACTERS = 60
CUT_OFF = "The file is damaged or was cut off; only what is left of it was read."
NO_PAGES = "The file has no pages. Check it and upload it again."
# In pixels: 200 dots an inch of A4.
RECOGNITION_SIDE = 2_339


def read(
    data: bytes, *, media_type: str, limits: ExtractionLimits, recogniser: Recogniser | None = None
) -> ExtractedDocument:
    """Read a PDF, page by page, each in reading order.

    pdfminer.six reads the characters; PDFium paints the pages, to see which characters are visible, and puts
    files in order that pdfminer can't open. Pages whose letters are pictures or have no meaning are given to
    `recogniser`; without one they are named in `unread_pages`.
    """
    painted = _open(data)
    document = ExtractedDocument(media_type=media_type, engine="pdfminer")
    contents = _read_pages(data, limits, document)
    if painted is not None and not any(content.chars for content in contents):
        repaired = io.BytesIO()
        painted.save(repaired, flags=REMOVE_SECURITY)
        data = repaired.getvalue()
        contents = _read_pages(data, limits, document)
    if not contents and (salvaged := with_new_tail(data)) is not None:
        document.warnings.append(CUT_OFF)
        painted, contents = _open(salvaged), _read_pages(salvaged, limits, document)
        if not any(content.chars for content in contents):
            raise UnreadableDocumentError
    if not contents:
        raise EmptyDocumentError(NO_PAGES) if b"%%EOF" in data[-2048:] else UnreadableDocumentError
    for content in contents:
        seeing.mark_hidden(content, seeing.render(painted, content.number) if painted and content.chars else None)
    unread = [content for content in contents if painted and _wants_recognition(content, painted)]
    if recogniser is None:
        _leave_unread(document, unread)
    else:
        _recognise(document, unread, painted, recogniser, limits)
    _add_lines(document, contents)
    _add_warnings(document, contents, len(painted) if painted else len(contents))
    _add_metadata(document, data)
    return document


def _open(data: bytes) -> Any:
    """Return the file as a PDFium document, None where PDFium can't open it.

    Raises:
        PasswordProtectedError: The empty password does not open it.
    """
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == PASSWORD_ERROR:
            raise PasswordProtectedError from error
        return None


def _read_pages(data: bytes, limits: ExtractionLimits, document: ExtractedDocument) -> list[PageContent]:
    contents: list[PageContent] = []
    characters = 0
    try:
        for content in miner.read_pages(data, max_pages=limits.max_pages):
            contents.append(content)
            characters += len(content.chars)
            if characters > limits.max_characters:
                document.warnings.append(f"The file is very long: only its first {content.number} pages were read.")
                break
    except (PDFException, PSException, TypeError, ValueError, KeyError, AttributeError, IndexError, AssertionError):
        # What pdfminer raises on damaged files; what was read before counts.
        return contents
    return contents


def _wants_recognition(content: PageContent, painted: Any) -> bool:
    """Whether a page shows something, but has no letters that could be read."""
    if _is_garbled(content):
        return True
    if not _is_scan(content):
        return False
    picture = seeing.render(painted, content.number)
    return picture is not None and any(high - low >= seeing.MIN_DIFFERENCE for low, high in picture.getextrema())


def _is_garbled(content: PageContent) -> bool:
    letters = [char for char in content.chars if char.text.strip() and not char.hidden]
    return sum(is_garbled(char.text) for char in letters) > MAX_GARBLED * len(letters)


def _leave_unread(document: ExtractedDocument, unread: list[PageContent]) -> None:
    """Name the pages that want to be recognised, and drop what has no meaning."""
    document.unread_pages = [content.number for content in unread]
    for content in unread:
        if _is_garbled(content):
            content.chars = [char for char in content.chars if char.hidden]
            document.warnings.append(
                f"The text of page {content.number} is stored in a font that hides its letters, and was not read."
            )
        else:
            document.warnings.append(f"Page {content.number} is a picture, and its text was not read.")


def _recognise(
    document: ExtractedDocument,
    unread: list[PageContent],
    painted: Any,
    recogniser: Recogniser,
    limits: ExtractionLimits,
) -> None:
    """Put what the pictures of these pages say in the place of their characters."""
    for content in unread[: limits.ocr_pages]:
        scale = RECOGNITION_SIDE / max(content.width, content.height, 1.0)
        picture = painted[content.number - 1].render(scale=scale).to_pil()
        seen = recogniser.read(picture, number=content.number, side=max(content.width, content.height))
        content.chars = [*(char for char in content.chars if char.hidden), *seen.chars]
        content.width, content.height = seen.width, seen.height
        content.turn, content.slope = seen.turn, seen.slope
    document.engine = f"{document.engine}+{recogniser.name}"
    document.warnings += recogniser.finish(unread[: limits.ocr_pages])
    if len(unread) > limits.ocr_pages:
        document.warnings.append(f"Only the first {limits.ocr_pages} of {len(unread)} scanned pages were read.")


def _is_scan(content: PageContent) -> bool:
    area = content.width * content.height
    covered = any((x1 - x0) * (bottom - top) > SCAN_SHARE * area for x0, top, x1, bottom in content.pictures)
    letters = sum(bool(char.text.strip()) and not char.hidden for char in content.chars)
    return not letters or (covered and letters < SCAN_CHARACTERS)


def _add_lines(document: ExtractedDocument, contents: list[PageContent]) -> None:
    document.pages = [
        Page(number=content.number, width=round(content.width, 1), height=round(content.height, 1))
        for content in contents
    ]
    document.lines = lay_out(contents)
    number_lines(document.lines)
    place_on_pages(document, contents)


def _add_warnings(document: ExtractedDocument, contents: list[PageContent], page_count: int) -> None:
    if page_count > len(contents) and not document.warnings:
        document.warnings.append(f"Only the first {len(contents)} of {page_count} pages were read.")
    for content in contents:
        if content.failed:
            document.warnings.append(f"Page {content.number} is damaged and was read only in part.")
    if any(line.hidden for line in document.lines):
        document.warnings.append(HIDDEN_WARNING)


def _add_metadata(document: ExtractedDocument, data: bytes) -> None:
    with suppress(PDFException, PSException, TypeError, ValueError, KeyError):
        info = miner.read_metadata(data)
        document.title = info.get("Title", "")
        document.author = info.get("Author", "")
        document.modified = info.get("ModDate", "")
