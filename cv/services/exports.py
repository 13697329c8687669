"""A résumé as a file to download."""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from cv.export import to_docx, to_pdf
from cv.extraction.sniffing import DOCX, PDF
from cv.json_resume import to_json_resume
from cv.resume import Resume


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
}


def export_resume(resume: Resume, *, format_name: str, label: str = "CV") -> ExportedFile:
    """Return a résumé as a file in one of `EXPORT_FORMATS`, named after the person.

    Raises:
        KeyError: There is no such format.
    """
    media_type, write = EXPORT_FORMATS[format_name]
    return ExportedFile(f"{file_stem(resume.person.name, label)}.{format_name}", media_type, write(resume))


def file_stem(*parts: str) -> str:
    """Return a file name in plain letters, such as `Zofia-Wisniewska-CV`."""
    text = unicodedata.normalize("NFKD", " ".join(parts).replace("ł", "l").replace("Ł", "L").replace("ß", "ss"))
    words = re.findall(r"[A-Za-z0-9]+", text.encode("ascii", "ignore").decode())
    return "-".join(words)[:80] or "CV"
