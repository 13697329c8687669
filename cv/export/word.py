"""DOCX, with Word's own heading and list styles, so that a person can go on writing and a program can read it."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

from cv.export.layout import Layout, Paper
from cv.export.outline import Entry, Link, Outline, Section, outline_of
from cv.resume import Resume

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

FONT = "Calibri"
ACCENT = "1F5A4C"
SOFT = "55626E"
TEXT_WIDTH_MM = 170
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def to_docx(resume: Resume, layout: Layout | None = None) -> bytes:
    """Return the résumé as a Word document on the layout's paper."""
    outline = outline_of(resume)
    document = new_document(outline, paper=layout.paper if layout else Paper.A4)
    add_sender(document, outline.name, outline.headline, outline.contacts)
    for section in outline.sections:
        _add_section(document, section)
    return saved(document)


def new_document(outline: Outline, *, title: str = "", paper: Paper = Paper.A4) -> "Document":
    """Return an empty document with our styles, its properties set, and page numbers from page 2."""
    import docx
    from docx.shared import Mm

    document = docx.Document()
    page = document.sections[0]
    width, height = paper.size_mm
    page.page_width, page.page_height = Mm(width), Mm(height)
    page.left_margin = page.right_margin = Mm((width - TEXT_WIDTH_MM) / 2)
    page.top_margin = page.bottom_margin = Mm(18)
    properties = document.core_properties
    properties.title, properties.author = (title or outline.name or "CV")[:255], outline.name[:255]
    properties.comments, properties.language = "", outline.language
    _style(document, outline.language or "en")
    _number_pages(document)
    return document


def saved(document: "Document") -> bytes:
    """Return the document's file."""
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def add_sender(document: "Document", name: str, headline: str, contacts: list[Link]) -> None:
    """Add the document's head: name, headline, and how to reach the person."""
    if name:
        document.add_paragraph(name, style="Title")
    if headline:
        document.add_paragraph(headline, style="Subtitle")
    if contacts:
        paragraph = document.add_paragraph()
        for number, contact in enumerate(contacts):
            if number:
                _add_soft(paragraph, "  |  ")
            _add_link(paragraph, contact)


def _style(document: "Document", language: str) -> None:
    from docx.shared import Pt

    _set_font(document.styles["Normal"], size=10.5)
    _set_language(document.styles["Normal"], language)
    looks = {
        "Title": (23, "1D2730", 0, 2),
        "Subtitle": (12.5, ACCENT, 0, 3),
        "Heading 1": (12.5, ACCENT, 12, 4),
        "Heading 2": (10.5, "1D2730", 7, 2),
        "Heading 3": (10.5, "1D2730", 5, 2),
    }
    for name, (size, color, before, after) in looks.items():
        style = document.styles[name]
        _set_font(style, size=size, color=color, bold=name in {"Title", "Heading 1", "Heading 2"})
        style.font.italic = name == "Heading 3"
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.keep_with_next = True
        _remove_borders(style)
    _underline_section(document.styles["Heading 1"])
    for name, after in (("Normal", 3), ("List Bullet", 2)):
        document.styles[name].paragraph_format.space_after = Pt(after)


def _set_font(style: Any, *, size: float, color: str = "", bold: bool = False) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size, style.font.bold = FONT, Pt(size), bold
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    if color:
        style.font.color.rgb = RGBColor.from_string(color)


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _set_language(style: Any, language: str) -> None:
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(f"{{{_W}}}lang"):
        properties.remove(old)
    properties.append(_element("lang", val=language))


def _remove_borders(style: Any) -> None:
    for border in style.element.get_or_add_pPr().findall(f"{{{_W}}}pBdr"):
        border.getparent().remove(border)


def _underline_section(style: Any) -> None:
    borders = _element("pBdr")
    borders.append(_element("bottom", val="single", sz="5", space="1", color="8FB3A9"))
    style.element.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )


def _number_pages(document: "Document") -> None:
    """Number the pages from the second on; the name stays out of the footer, which readers take for text of the CV."""
    page = document.sections[0]
    page.different_first_page_header_footer = True
    paragraph = page.footer.paragraphs[0]
    paragraph.style = document.styles["Footer"]
    for field_name, after in (("PAGE", " / "), ("NUMPAGES", "")):
        for part in (
            _element("fldChar", fldCharType="begin"),
            _instruction(field_name),
            _element("fldChar", fldCharType="end"),
        ):
            _add_soft(paragraph, "")._r.append(part)  # noqa: SLF001 - fields have no other way in python-docx
        _add_soft(paragraph, after)


def _instruction(field_name: str) -> Any:
    element = _element("instrText")
    element.text = field_name
    return element


def _add_soft(paragraph: "Paragraph", text: str) -> Any:
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb = Pt(9.5), RGBColor.from_string(SOFT)
    return run


def _add_link(paragraph: "Paragraph", link: Link) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE

    run = _add_soft(paragraph, link.text)
    if not link.url:
        return
    relation = paragraph.part.relate_to(link.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    hyperlink = _element("hyperlink", history="1")
    hyperlink.set("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id", relation)
    run._r.addprevious(hyperlink)  # noqa: SLF001 - links have no other way in python-docx
    hyperlink.append(run._r)  # noqa: SLF001


def _add_section(document: "Document", section: Section) -> None:
    if section.title:
        document.add_paragraph(section.title, style="Heading 1")
    for text in section.paragraphs:
        document.add_paragraph(text)
    for entry in section.entries:
        _add_entry(document, entry, level=2)
    for line in section.lines:
        paragraph = document.add_paragraph()
        paragraph.add_run(line.label + (": " if line.label and line.text else "")).bold = True
        paragraph.add_run(line.text)
    for text in section.bullets:
        document.add_paragraph(text, style="List Bullet")


def _add_entry(document: "Document", entry: Entry, *, level: int) -> None:
    _add_head_line(document, entry, level=level)
    if entry.link:
        _add_link(document.add_paragraph(), entry.link)
    for text in entry.paragraphs:
        document.add_paragraph(text)
    for text in entry.bullets:
        document.add_paragraph(text, style="List Bullet")
    for text in entry.notes:
        document.add_paragraph(text)
    for part in entry.parts:
        _add_entry(document, part, level=3)


def _add_head_line(document: "Document", entry: Entry, *, level: int) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Mm

    aside = " · ".join(filter(None, (entry.aside, entry.dates)))
    if not (entry.title or entry.subtitle or aside):
        return
    paragraph = document.add_paragraph(entry.title, style=f"Heading {level}")
    if entry.subtitle:
        paragraph.add_run((", " if entry.title else "") + entry.subtitle).bold = False
    if aside:
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT)
        run = _add_soft(paragraph, f"\t{aside}")
        run.bold = run.italic = False
