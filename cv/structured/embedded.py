"""PDF files as Europass makes them: the CV as XML stands in the file beside its pages."""

from collections.abc import Iterator
from typing import Any

import pypdfium2

from cv.errors import CVError
from cv.extraction import sniffing
from cv.extraction.limits import ExtractionLimits
from cv.structured import europass

MAX_FILES = 20


def read(data: bytes, *, limits: ExtractionLimits) -> dict[str, Any] | None:
    """Return the CV as JSON Resume, None where no file in the PDF is Europass XML that can be read.

    Such a PDF is read from its pages, as any other.
    """
    for content in _files(data, limits):
        try:
            if sniffing.sniff_media_type(content) == sniffing.EUROPASS:
                return europass.read(content, limits=limits)
        except CVError:
            continue
    return None


def _files(data: bytes, limits: ExtractionLimits) -> Iterator[bytes]:
    try:
        document = pypdfium2.PdfDocument(data)
        for number in range(min(document.count_attachments(), MAX_FILES)):
            content = bytes(document.get_attachment(number).get_data())
            if len(content) <= limits.max_bytes:
                yield content
    except pypdfium2.PdfiumError:
        return
