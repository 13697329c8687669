"""PDF, typeset by Typst from the templates in `templates/documents/`, with the fonts beside them.

The file is tagged (PDF/UA-1): it has a reading order, headings and lists that a screen reader and a parser can follow. A letter
that no font has is never printed as an empty box.
"""

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from cv.errors import MissingGlyphsError
from cv.export.layout import Layout
from cv.export.outline import outline_of
from cv.export.wording import wording_for
from cv.resume import Resume

if TYPE_CHECKING:
    import typst

ACCESSIBLE: Final = "ua-1"
# The largest of these sizes at which the text keeps within its pages is taken; less than the last can hardly be read.
SCALES = (1.0, 0.97, 0.94, 0.91, 0.88, 0.85, 0.82)
MAX_MISSING = 60
_NO_GLYPH = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


def to_pdf(resume: Resume, layout: Layout | None = None) -> bytes:
    """Return the résumé as a PDF with selectable text and working links. Same résumé and layout, same bytes.

    Raises:
        MissingGlyphsError: It has letters that no font here has, and the layout does not say to drop them.
    """
    layout = layout or Layout()
    data = _data(resume, layout)
    template = f"resume-{layout.style}"
    if not layout.pages:
        return typeset(template, data, drop_missing=layout.drop_missing)
    return _fitted(template, data, layout)


def fits(resume: Resume, layout: Layout) -> bool:
    """Return whether the résumé keeps within the layout's pages at the smallest size that can be read."""
    data = {**_data(resume, layout), "scale": SCALES[-1]}
    return page_count(typeset(f"resume-{layout.style}", data, drop_missing=True)) <= layout.pages


def page_count(pdf: bytes) -> int:
    """Return how many pages a PDF has."""
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def typeset(template: str, data: dict[str, Any], *, drop_missing: bool = False) -> bytes:
    """Return `templates/documents/<template>.typ` filled with `data` as a PDF.

    A text in a script that none of our fonts has takes the fonts of the machine.

    Raises:
        MissingGlyphsError: There are letters that no font has; not with `drop_missing`, which leaves them out.
    """
    import typst

    try:
        return _compile(template, data)
    except typst.TypstError as error:
        if not _NO_GLYPH.search(str(error)):
            # Some other demand of the standard; the document itself is sound.
            return _compile(template, data, with_system_fonts=True, accessible=False)
    try:
        return _compile(template, data, with_system_fonts=True)
    except typst.TypstError:
        missing = missing_glyphs(json.dumps(data, ensure_ascii=False))
    if missing and not drop_missing:
        raise MissingGlyphsError(characters=missing)
    kept = json.dumps(data, ensure_ascii=False).translate(dict.fromkeys(map(ord, missing)))
    try:
        return _compile(template, json.loads(kept), with_system_fonts=True)
    except typst.TypstError:
        return _compile(template, json.loads(kept), with_system_fonts=True, accessible=False)


def missing_glyphs(text: str) -> str:
    """Return the characters of a text that neither our fonts nor the machine's have, sorted; at most `MAX_MISSING`."""
    import typst

    left = {char for char in text if ord(char) > 0x7F}
    missing: set[str] = set()
    while left and len(missing) < MAX_MISSING:
        try:
            _compile("glyphs", {"text": " ".join(sorted(left))}, with_system_fonts=True)
        except typst.TypstError as error:
            found = _NO_GLYPH.search(str(error))
            shown = _ESCAPE.sub(lambda code: chr(int(code[1], 16)), found[1]) if found else ""
            gone = set(shown) & left
            if not gone:
                break
            missing |= gone
            left -= gone
        else:
            break
    return "".join(sorted(missing))


def _data(resume: Resume, layout: Layout) -> dict[str, Any]:
    outline = outline_of(resume)
    return {
        "title": outline.name or "CV",
        **outline.as_data(),
        "paper": layout.paper.typst_name,
        "words": {"contact": wording_for(resume.language).contact},
    }


def _fitted(template: str, data: dict[str, Any], layout: Layout) -> bytes:
    """Set the text as large as its pages allow; the smallest where they do not."""
    smallest, largest = 0, len(SCALES) - 1
    best = b""
    while smallest <= largest:
        middle = (smallest + largest) // 2 if best or smallest else 0
        pdf = typeset(template, {**data, "scale": SCALES[middle]}, drop_missing=layout.drop_missing)
        if page_count(pdf) <= layout.pages:
            best, largest = pdf, middle - 1
        else:
            smallest = middle + 1
            if middle == len(SCALES) - 1:
                best = pdf
    return best


def _compile(template: str, data: dict[str, Any], *, with_system_fonts: bool = False, accessible: bool = True) -> bytes:
    import typst

    folder = settings.BASE_DIR / "templates" / "documents"
    compiler = typst.Compiler(root=folder, font_paths=_fonts(with_system_fonts=with_system_fonts))
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
