"""Forms of the pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from cv.errors import DocumentTooLargeError, EmptyDocumentError
from cv.export import Layout, Paper, Style
from cv.export.text import printable
from cv.resume import DEFAULT_SECTION_ORDER

MAX_PASTED_CHARACTERS = 200_000
MAX_PAGES = 4


class UploadForm(forms.Form):
    """A file, or pasted text in its place."""

    file = forms.FileField(required=False, error_messages={"empty": EmptyDocumentError.user_message})
    text = forms.CharField(required=False, max_length=MAX_PASTED_CHARACTERS)
    offline = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for exactly one of file and text."""
        values = super().clean() or {}
        if bool(values.get("file")) == bool(values.get("text")) and not self.errors:
            message = (
                "Choose a file, or paste the CV's text."
                if not values.get("file")
                else "Choose either a file or text, not both."
            )
            raise forms.ValidationError(message)
        return values

    def upload(self) -> tuple[bytes, str]:
        """Return the bytes and the name of what was given.

        Raises:
            DocumentTooLargeError: The file is over the limit; it is not even read.
        """
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is None:
            text: str = self.cleaned_data["text"]
            first_line = next((line for part in text.splitlines() if (line := printable(part))), "Pasted text")
            return text.encode(), f"{first_line[:60].replace('/', ' ')}.txt"
        return read_upload(file), file.name or ""

    @property
    def provider(self) -> str:
        """Who may read the CV."""
        return "embedded" if self.cleaned_data["offline"] else "auto"


def read_upload(file: "UploadedFile[Any]") -> bytes:
    """Return the bytes of an uploaded file.

    Raises:
        DocumentTooLargeError: It is over the limit of uploads.
    """
    if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
        megabytes = settings.MAX_UPLOAD_BYTES // 1024**2
        raise DocumentTooLargeError(f"The file is larger than {megabytes} MB. Upload a smaller version.")
    data: bytes = file.read()
    return data


def layout_from(params: QueryDict) -> Layout:
    """Read a layout from an address; what is no choice is passed over.

    `order` names the sections first to last and `show` those that are shown; `up` and `down` move one.
    """
    order = [name for name in dict.fromkeys(params.getlist("order")) if name in DEFAULT_SECTION_ORDER]
    for key, steps in (("up", -1), ("down", 1)):
        name = params.get(key)
        if name in order:
            place = order.index(name)
            order.insert(max(0, place + steps), order.pop(place))
    shown = set(params.getlist("show"))
    style, paper, pages = params.get("style", ""), params.get("paper", ""), params.get("pages", "")
    return Layout(
        style=Style(style) if style in set(Style) else Style.CALM,
        paper=Paper(paper) if paper in set(Paper) else Paper.A4,
        pages=int(pages) if pages.isdecimal() and len(pages) < 3 and int(pages) <= MAX_PAGES else 0,
        order=tuple(order),
        hidden=frozenset(order) - shown,
        drop_missing="drop" in params,
    )
