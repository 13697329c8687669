"""The table of readers, and the one call that picks one."""

from importlib import import_module
from typing import Protocol, cast

from cv.errors import CVError, EmptyDocumentError, NoTextError, UnreadableDocumentError
from cv.extraction import sniffing
from cv.extraction.limits import ExtractionLimits
from cv.extraction.types import ExtractedDocument

# Media type → module with a function `read`. Modules are imported on first use.
READERS: dict[str, str] = {
    sniffing.PDF: "cv.extraction.pdf.reader",
    sniffing.DOCX: "cv.extraction.docx.reader",
    sniffing.ODT: "cv.extraction.odt",
    sniffing.RTF: "cv.extraction.rtf",
    sniffing.HTML: "cv.extraction.html",
    sniffing.MARKDOWN: "cv.extraction.plain",
    sniffing.PLAIN: "cv.extraction.plain",
}


class Reader(Protocol):
    """A reader's function `read`."""

    def __call__(self, data: bytes, *, media_type: str, limits: ExtractionLimits) -> ExtractedDocument:
        """Return the document; raise a `CVError` where it can't."""
        ...


def read_document(data: bytes, *, limits: ExtractionLimits, file_name: str = "") -> ExtractedDocument:
    """Read `data` in this process. Use `cv.extraction.extract`, which does so in a child, for untrusted files.

    Raises:
        CVError: As `cv.extraction.extract`.
    """
    media_type = sniffing.sniff_media_type(data, file_name=file_name)
    read = cast(Reader, import_module(READERS[media_type]).read)
    try:
        document = read(data, media_type=media_type, limits=limits)
    except (CVError, MemoryError, RecursionError):
        raise
    except Exception as error:
        raise UnreadableDocumentError from error
    _check_text(document)
    return document


def _check_text(document: ExtractedDocument) -> None:
    """Refuse a document without text that a person can read."""
    text = document.text
    if not text.strip():
        raise NoTextError if document.pages else EmptyDocumentError
