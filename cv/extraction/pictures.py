"""Pictures of a CV: photographs, screenshots, scans; a TIFF may hold several pages."""

import io
from typing import Any

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from cv.errors import DocumentTooLargeError, UnreadableDocumentError
from cv.extraction.limits import ExtractionLimits
from cv.extraction.lines import number_lines
from cv.extraction.ocr.placing import place_on_pages
from cv.extraction.ocr.recogniser import Recogniser
from cv.extraction.pdf.layout import lay_out
from cv.extraction.types import ExtractedDocument, Page

# The longer side of a page in points: that of A4, as a picture seldom tells its true size.
PAGE_SIDE = 842.0
# Those that an upload is told to be; the library knows dozens more, older and less tried.
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP")
# In pixels; reading needs no more.
LARGEST_SIDE = 2_400
TOO_LARGE = "The picture has more than {limit} million pixels. Save it smaller, or as a PDF, and upload that."


def read(
    data: bytes, *, media_type: str, limits: ExtractionLimits, recogniser: Recogniser | None = None
) -> ExtractedDocument:
    """Read the text of a picture; without `recogniser` its pages are only counted, as `unread_pages`."""
    document = ExtractedDocument(media_type=media_type, engine="picture")
    if recogniser is None:
        document.pages = [
            Page(number=number, width=width, height=height)
            for number, (width, height) in enumerate(_sizes(data, limits), start=1)
        ]
        document.unread_pages = [page.number for page in document.pages]
        return document
    contents = []
    for number in range(1, min(len(_sizes(data, limits)), limits.ocr_pages) + 1):
        picture = open_frame(data, number, max_pixels=limits.max_pixels)
        contents.append(recogniser.read(picture, number=number, side=PAGE_SIDE))
    document.engine = recogniser.name
    document.pages = [
        Page(number=content.number, width=round(content.width, 1), height=round(content.height, 1))
        for content in contents
    ]
    document.warnings = recogniser.finish(contents)
    document.lines = lay_out(contents)
    number_lines(document.lines)
    place_on_pages(document, contents)
    return document


def open_frame(data: bytes, number: int, *, max_pixels: int, side: int = LARGEST_SIDE) -> Any:
    """Return frame `number` (from 1) of a picture, turned as its camera noted, on white where it is transparent.

    A picture with a longer side than `side` pixels is made smaller.

    Raises:
        DocumentTooLargeError: It has more pixels than allowed.
        UnreadableDocumentError: It is damaged, or has no such frame.
    """
    try:
        picture: Any = _open(data, max_pixels)
        if number > 1:
            picture.seek(number - 1)
            _check_pixels(picture, max_pixels)
        # JPEG can be unpacked at a half, a quarter or an eighth of its size, which saves memory and time.
        picture.draft("RGB", (side, side))
        picture.thumbnail((side, side))
        picture = ImageOps.exif_transpose(picture)
        if "A" in picture.getbands() or "transparency" in picture.info:
            picture = picture.convert("RGBA")
            ground = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(ground, picture)
        return picture.convert("RGB")
    except (OSError, EOFError, SyntaxError, ValueError) as error:
        raise UnreadableDocumentError from error


def _sizes(data: bytes, limits: ExtractionLimits) -> list[tuple[float, float]]:
    """Return the size of each frame in points."""
    try:
        picture = _open(data, limits.max_pixels)
        sizes = []
        for frame in ImageSequence.Iterator(picture):
            _check_pixels(frame, limits.max_pixels)
            scale = PAGE_SIDE / max(frame.size)
            sizes.append((round(frame.width * scale, 1), round(frame.height * scale, 1)))
            # Only a TIFF's frames are pages; others move.
            if picture.format != "TIFF" or len(sizes) == limits.max_pages:
                break
    except (OSError, EOFError, SyntaxError, ValueError) as error:
        raise UnreadableDocumentError from error
    return sizes


def _open(data: bytes, max_pixels: int) -> Image.Image:
    # Our own bound is checked before anything is unpacked, and speaks to the person.
    Image.MAX_IMAGE_PIXELS = None
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise UnreadableDocumentError from error
    _check_pixels(picture, max_pixels)
    return picture


def _check_pixels(picture: Image.Image, max_pixels: int) -> None:
    if picture.width * picture.height > max_pixels:
        raise DocumentTooLargeError(TOO_LARGE.format(limit=max_pixels // 1_000_000))
