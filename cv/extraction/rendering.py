"""Pages as pictures, to be shown beside what was read."""

import io

from cv.errors import CVError, UnreadableDocumentError, UnsupportedFormatError
from cv.extraction import sniffing
from cv.extraction.extractor import run_child
from cv.extraction.limits import limits_from_settings

MAX_WIDTH = 2_400
MAX_SHAPE = 4


def render_page(data: bytes, number: int, *, width: int) -> bytes:
    """Return page `number` (from 1) of a PDF as a PNG, `width` pixels wide; done in a child process.

    Raises:
        UnsupportedFormatError: The file is no PDF; other formats have no pages of their own.
        CVError: As `cv.extraction.extract`; also where there is no such page.
    """
    return run_child(data, limits=limits_from_settings(), action="render", number=number, width=width)


def render_in_process(data: bytes, *, number: int, width: int) -> bytes:
    """Render in this process; see `render_page`."""
    import pypdfium2

    if sniffing.sniff_media_type(data) != sniffing.PDF:
        raise UnsupportedFormatError("Only the pages of PDF files can be shown.")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocumentError from error
    if not 1 <= number <= len(document):
        raise CVError(f"There is no page {number}; the file has {len(document)}.")
    page = document[number - 1]
    page_width, page_height = page.get_size()
    pixels = min(max(1, width), MAX_WIDTH)
    # A page far taller than wide would need a picture without bounds.
    scale = pixels / max(page_width, page_height / MAX_SHAPE, 1)
    output = io.BytesIO()
    page.render(scale=scale).to_pil().save(output, format="PNG")
    return output.getvalue()
