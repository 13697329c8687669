"""PDF, typeset by Typst from the templates in `templates/documents/`, with the fonts beside them.

The file is tagged (PDF/UA-1): it has a reading order, headings and lists that a screen reader and a parser can follow.
"""

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from cv.export.outline import outline_of
from cv.resume import Resume

if TYPE_CHECKING:
    import typst

ACCESSIBLE: Final = "ua-1"


def to_pdf(resume: Resume) -> bytes:
    """Return the résumé as a PDF: A4, one column, selectable text, working links. Same résumé, same bytes."""
    outline = outline_of(resume)
    return typeset("resume", {"title": outline.name or "CV", **outline.as_data()})


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """Return `templates/documents/<template>.typ` filled with `data` as a PDF.

    A text in a script that none of our fonts has takes the fonts of the machine; the file then makes no claim of accessibility.
    """
    import typst

    try:
        return _compile(template, data, accessible=True)
    except typst.TypstError:
        return _compile(template, data, accessible=False)


def _compile(template: str, data: dict[str, Any], *, accessible: bool) -> bytes:
    import typst

    folder = settings.BASE_DIR / "templates" / "documents"
    compiler = typst.Compiler(root=folder, font_paths=_fonts(with_system_fonts=not accessible))
    inputs = {"data": json.dumps(data)}
    standards: list[typst.PDFStandard] = [ACCESSIBLE] if accessible else []
    result = compiler.compile(folder / f"{template}.typ", format="pdf", sys_inputs=inputs, pdf_standards=standards)
    if not isinstance(result, bytes):
        message = f"typst answered {type(result).__name__} in place of one file"
        raise TypeError(message)
    return result


@cache
def _fonts(*, with_system_fonts: bool) -> "typst.Fonts":
    import typst

    folder = settings.BASE_DIR / "templates" / "documents" / "fonts"
    return typst.Fonts(include_system_fonts=with_system_fonts, font_paths=[folder])
