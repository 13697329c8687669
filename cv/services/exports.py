"""A résumé as a file to download."""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from cv.export import Layout, to_docx, to_europass, to_markdown, to_pdf, to_text
from cv.export.layout import arranged
from cv.export.pdf import fits, page_count
from cv.extraction.rendering import render_in_process
from cv.extraction.sniffing import DOCX, PDF
from cv.json_resume import to_json_resume
from cv.resume import Resume

PREVIEW_WIDTH = 700


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file to download."""

    name: str
    media_type: str
    data: bytes


def _to_json(resume: Resume) -> bytes:
    return json.dumps(to_json_resume(resume), ensure_ascii=False, indent=2).encode()


EXPORT_FORMATS: dict[str, tuple[str, Callable[[Resume], bytes]]] = {
    "pdf": (PDF, to_pdf),
    "docx": (DOCX, to_docx),
    "json": ("application/json", _to_json),
    "xml": ("application/xml", to_europass),
    "md": ("text/markdown; charset=utf-8", to_markdown),
    "txt": ("text/plain; charset=utf-8", to_text),
}
# What a person takes along who asks for no format.
MAIN_FORMATS = ("pdf", "docx", "json")
# These take a layout's style, paper and pages too; sections and their order are for all.
_TYPESET: dict[str, Callable[[Resume, Layout], bytes]] = {"pdf": to_pdf, "docx": to_docx}


def export_resume(resume: Resume, *, format_name: str, label: str = "CV", layout: Layout | None = None) -> ExportedFile:
    """Return a résumé as a file in one of `EXPORT_FORMATS`, named after the person.

    Raises:
        KeyError: There is no such format.
        MissingGlyphsError: A PDF would need letters that no font here has.
    """
    media_type, write = EXPORT_FORMATS[format_name]
    layout = layout or Layout()
    shown = arranged(resume, layout)
    typeset = _TYPESET.get(format_name)
    data = typeset(shown, layout) if typeset else write(shown)
    return ExportedFile(f"{file_stem(resume.person.name, label)}.{format_name}", media_type, data)


@dataclass(frozen=True, slots=True)
class Preview:
    """The first page of a PDF as a PNG, and how many pages there are."""

    picture: bytes
    pages: int


def preview_resume(resume: Resume, *, layout: Layout, width: int = PREVIEW_WIDTH) -> Preview:
    """Return what the PDF of a résumé looks like. Raises MissingGlyphsError as `export_resume`."""
    pdf = to_pdf(arranged(resume, layout), layout)
    return Preview(render_in_process(pdf, number=1, width=width), page_count(pdf))


def resume_fits(resume: Resume, layout: Layout) -> bool:
    """Return whether a résumé's PDF keeps within the layout's pages at the smallest size that can be read."""
    return fits(arranged(resume, layout), layout)


def file_stem(*parts: str) -> str:
    """Return a file name in plain letters, such as `Zofia-Wisniewska-CV`."""
    text = unicodedata.normalize("NFKD", " ".join(parts).replace("ł", "l").replace("Ł", "L").replace("ß", "ss"))
    words = re.findall(r"[A-Za-z0-9]+", text.encode("ascii", "ignore").decode())
    return "-".join(words)[:80] or "CV"
