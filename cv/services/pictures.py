"""Pages of documents as pictures, rendered once and kept beside the upload."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from cv.errors import UnreadableDocumentError
from cv.extraction.rendering import render_page
from cv.models import Document

PAGE_WIDTH_PIXELS = 1100


def page_picture(document: Document, number: int) -> bytes:
    """Return page `number` (from 1) of a PDF as a PNG; the first call renders it, later ones read what was kept.

    Raises:
        CVError: There is no such page, or the document has no pages of its own.
    """
    name = _picture_name(document, number)
    if number <= document.page_count and default_storage.exists(name):
        with default_storage.open(name) as file:
            return bytes(file.read())
    try:
        with document.file.open("rb") as file:
            data = file.read()
    except FileNotFoundError as error:
        raise UnreadableDocumentError from error
    picture = render_page(data, number, width=PAGE_WIDTH_PIXELS)
    if number <= document.page_count:
        # Two first calls at once may both render; the second copy gets a name of its own and is dropped.
        kept = default_storage.save(name, ContentFile(picture))
        if kept != name or not Document.objects.filter(pk=document.pk).exists():
            # What was deleted while its page was rendered leaves nothing behind.
            default_storage.delete(kept)
    return picture


def stored_names(document: Document) -> list[str]:
    """Return the names of everything that is stored of a document."""
    if not document.file.name:
        return []
    return [document.file.name, *(_picture_name(document, number + 1) for number in range(document.page_count))]


def _picture_name(document: Document, number: int) -> str:
    return f"{document.file.name}-page-{number}.png"
