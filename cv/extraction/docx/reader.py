"""Read a Word document into lines."""

from dataclasses import dataclass, field
from typing import Any

from cv.extraction.archive import Archive
from cv.extraction.docx.package import MC, Package, R, W
from cv.extraction.docx.styles import DEFAULT_SIZE, Look, Styles, fill_of
from cv.extraction.flow import Flow
from cv.extraction.limits import ExtractionLimits
from cv.extraction.look import hidden_reason
from cv.extraction.types import ExtractedDocument, Span

_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_DROPPED = frozenset({f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}delText", f"{MC}Fallback"})
_SIGNS = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}noBreakHyphen": "-"}
_BREAKS = frozenset({f"{W}br", f"{W}cr"})
# The field code of a link that older programs write in place of a hyperlink element.
_LINK_FIELD = "HYPERLINK"


def read(data: bytes, *, media_type: str, limits: ExtractionLimits) -> ExtractedDocument:
    """Read headers, body and footers in document order; text that Word hides is marked as hidden."""
    package = Package(Archive(data, max_unpacked_bytes=limits.max_unpacked_bytes))
    walk = _Walk(styles=Styles(package), flow=Flow(max_characters=limits.max_characters))
    for name in package.related("header"):
        walk.part(package.archive.xml(name), package.relations(name))
    walk.part(package.document, package.main_relations)
    for kind in ("footnotes", "footer"):
        for name in package.related(kind):
            walk.part(package.archive.xml(name), package.relations(name))
    lines, warnings = walk.flow.finish()
    document = ExtractedDocument(media_type=media_type, engine="docx", lines=lines, warnings=warnings)
    _read_metadata(document, package)
    return document


@dataclass(slots=True)
class _Paragraph:
    """What the runs of a paragraph share; `boxes` are the text boxes anchored in it."""

    look: Look
    shade: str
    sign: str
    depth: int
    level: int
    boxes: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class _Walk:
    """A walk through the document's elements that writes their text."""

    styles: Styles
    flow: Flow
    relations: dict[str, tuple[str, str]] = field(default_factory=dict)
    shades: list[str] = field(default_factory=lambda: [""])

    def part(self, root: Any, relations: dict[str, tuple[str, str]]) -> None:
        """Read one part of the package."""
        self.relations = relations
        if root is not None:
            self.container(root)

    def container(self, element: Any) -> None:
        """Read the paragraphs and tables of a body, cell, header or text box."""
        for child in element:
            if self.flow.is_full or child.tag in _DROPPED or not isinstance(child.tag, str):
                continue
            if child.tag == f"{W}p":
                self.paragraph(child)
            elif child.tag == f"{W}tbl":
                self.table(child)
            else:
                self.container(child)

    def paragraph(self, element: Any) -> None:
        """Read a paragraph as one line, or several where it holds line breaks; then its text boxes."""
        properties = element.find(f"{W}pPr")
        style = self.styles.style_of(properties)
        sign, depth = self.styles.list_sign(style, properties)
        shade = None if properties is None else fill_of(properties.find(f"{W}shd"))
        paragraph = _Paragraph(
            look=self.styles.paragraph_look(style),
            shade=shade or self.shades[-1],
            sign=sign,
            depth=depth,
            level=self.styles.level(style, properties),
        )
        self.flow.end_block()
        self._runs(element, paragraph, paragraph.look, "")
        self._end_line(paragraph)
        for box in paragraph.boxes:
            self.container(box)

    def table(self, element: Any) -> None:
        """Read a table row by row."""
        for row in _own(element, "tr", "tbl"):
            cells = []
            for cell in _own(row, "tc", "tr"):
                cells.append(len(self.flow.lines))
                self.shades.append(fill_of(cell.find(f"{W}tcPr/{W}shd")) or self.shades[-1])
                self.container(cell)
                self.shades.pop()
            if cells:
                self.flow.join_row(cells)

    def _runs(self, element: Any, paragraph: _Paragraph, look: Look, url: str) -> None:
        """Write the text below an element, and collect the text boxes met on the way."""
        field_url = ""
        for child in element:
            if child.tag == f"{W}r":
                field_url = self._field(child, field_url)
                run = self.styles.run_look(child.find(f"{W}rPr"), paragraph.look)
                self._runs(child, paragraph, run, url or field_url)
            elif child.tag == f"{W}hyperlink":
                target = self.relations.get(child.get(f"{R}id", ""), ("", ""))[1]
                self._runs(child, paragraph, look, target or url)
            elif child.tag == f"{W}fldSimple":
                self._runs(child, paragraph, look, _link_of(child.get(f"{W}instr", "")) or url)
            else:
                self._content(child, paragraph, look, url)

    def _content(self, child: Any, paragraph: _Paragraph, look: Look, url: str) -> None:
        if child.tag == f"{W}t":
            self._write(child.text or "", paragraph, look, url)
        elif child.tag in _SIGNS:
            self._write(_SIGNS[child.tag], paragraph, look, url)
        elif child.tag in _BREAKS:
            self._end_line(paragraph)
        elif child.tag == f"{W}txbxContent":
            paragraph.boxes.append(child)
        elif child.tag not in _DROPPED and child.tag not in {f"{W}pPr", f"{W}rPr"} and isinstance(child.tag, str):
            self._runs(child, paragraph, look, url)

    def _field(self, run: Any, url: str) -> str:
        """Return the address of the link field that is open after this run."""
        sign = run.find(f"{W}fldChar")
        if sign is not None and sign.get(f"{W}fldCharType") in {"begin", "end"}:
            return ""
        code = run.findtext(f"{W}instrText")
        return url if code is None else _link_of(code) or url

    def _write(self, text: str, paragraph: _Paragraph, look: Look, url: str) -> None:
        ground = look.shade or paragraph.shade
        reason = "invisible" if look.vanish else hidden_reason(look.color or "", ground, look.size or 0)
        span = Span(
            text=text,
            font=look.font or "",
            size=look.size or DEFAULT_SIZE,
            bold=bool(look.bold),
            italic=bool(look.italic),
            color=look.color or "",
            url=url,
        )
        self.flow.write(span, hidden=reason if text.strip() else "")

    def _end_line(self, paragraph: _Paragraph) -> None:
        """Finish a line; the list sign belongs to the paragraph's first one."""
        if self.flow.end_line(bullet=paragraph.sign, level=paragraph.level, indent=paragraph.depth):
            paragraph.sign = ""


def _own(element: Any, name: str, owner: str) -> list[Any]:
    """Return the rows of a table, or cells of a row, that don't belong to a table within."""
    return [child for child in element.iter(f"{W}{name}") if next(child.iterancestors(f"{W}{owner}")) is element]


def _link_of(code: str) -> str:
    """Return the address in a field code such as `HYPERLINK "https://example.org"`."""
    name, _, rest = code.strip().partition(" ")
    return rest.strip().split('"')[1] if name == _LINK_FIELD and rest.count('"') >= 2 else ""


def _read_metadata(document: ExtractedDocument, package: Package) -> None:
    root = package.archive.xml("docProps/core.xml")
    if root is not None:
        document.title = root.findtext(f"{_DC}title") or ""
        document.author = root.findtext(f"{_DC}creator") or ""
        document.modified = root.findtext(f"{_TERMS}modified") or ""
