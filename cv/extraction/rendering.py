"""Pages as pictures, to be shown beside what was read."""

import io

from cv.errors import CVError, UnreadableDocumentError, UnsupportedFormatError
from cv.extraction import sniffing
from cv.extraction.extractor import run_child
from cv.extraction.limits import ExtractionLimits, limits_from_settings

MAX_WIDTH = 2_400
MAX_SHAPE = 4


def render_page(data: bytes, number: int, *, width: int) -> bytes:
    """Return page `number` (from 1) of a PDF or picture as a PNG, `width` pixels wide; done in a child process.

    Raises:
        UnsupportedFormatError: The file is neither; other formats have no pages of their own.
        CVError: As `cv.extraction.extract`; also where there is no such page.
    """
    return run_child(data, limits=limits_from_settings(), action="render", number=number, width=width)


def render_in_process(data: bytes, *, number: int, width: int) -> bytes:
    """Render in this process; see `render_page`."""
    media_type = sniffing.sniff_media_type(data)
    if media_type.startswith("image/"):
        return _render_picture(data, number, width)
    if media_type != sniffing.PDF:
        raise UnsupportedFormatError("Only the pages of PDF files and pictures can be shown.")
    import pypdfium2

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


def _render_picture(data: bytes, number: int, width: int) -> bytes:
    from cv.extraction.pictures import open_frame

    picture = open_frame(data, number, max_pixels=ExtractionLimits().max_pixels, side=MAX_WIDTH)
    pixels = min(max(1, width), MAX_WIDTH)
    scale = pixels / max(picture.width, picture.height / MAX_SHAPE, 1)
    output = io.BytesIO()
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    picture.resize(size).save(output, format="PNG")
    return output.getvalue()
