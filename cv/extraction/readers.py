"""The table of readers, and the one call that picks one."""

from functools import partial
from importlib import import_module
from typing import Any

from cv.errors import CVError, EmptyDocumentError, NoTextError, UnreadableDocumentError
from cv.extraction import sniffing
from cv.extraction.limits import ExtractionLimits
from cv.extraction.lines import bound_lines
from cv.extraction.types import ExtractedDocument

# Media type → module with a function `read(data, *, media_type, limits)` that returns a document or raises a `CVError`.
# Modules are imported on first use.
READERS: dict[str, str] = {
    sniffing.PDF: "cv.extraction.pdf.reader",
    sniffing.DOCX: "cv.extraction.docx.reader",
    **dict.fromkeys(
        (sniffing.PNG, sniffing.JPEG, sniffing.TIFF, sniffing.WEBP, sniffing.GIF, sniffing.BMP),
        "cv.extraction.pictures",
    ),
    sniffing.ODT: "cv.extraction.odt",
    sniffing.RTF: "cv.extraction.rtf",
    sniffing.HTML: "cv.extraction.html",
    sniffing.MARKDOWN: "cv.extraction.plain",
    sniffing.PLAIN: "cv.extraction.plain",
}


# Readers of pages that may be pictures; they take a `recogniser`.
PAINTED = frozenset({"cv.extraction.pdf.reader", "cv.extraction.pictures"})


def read_document(
    data: bytes, *, limits: ExtractionLimits, file_name: str = "", recognise: bool = False
) -> ExtractedDocument:
    """Read `data` in this process. Use `cv.extraction.extract`, which does so in a child, for untrusted files.

    Text in pictures is read only where `recognise` says so; else their pages are named in `unread_pages`.

    Raises:
        CVError: As `cv.extraction.extract`.
    """
    media_type = sniffing.sniff_media_type(data, file_name=file_name)
    module = READERS[media_type]
    read: Any = import_module(module).read
    if recognise and module in PAINTED:
        from cv.extraction.ocr.recogniser import Recogniser

        read = partial(read, recogniser=Recogniser())
    try:
        document: ExtractedDocument = read(data, media_type=media_type, limits=limits)
    except (CVError, MemoryError, RecursionError):
        raise
    except Exception as error:
        raise UnreadableDocumentError from error
    document.lines = bound_lines(document.lines)
    if not document.text.strip() and not document.unread_pages:
        raise NoTextError(" ".join(document.warnings)) if document.pages else EmptyDocumentError
    return document
