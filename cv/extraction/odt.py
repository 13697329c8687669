"""OpenDocument texts."""

from dataclasses import dataclass, field
from typing import Any

from cv.errors import PasswordProtectedError, UnreadableDocumentError
from cv.extraction.archive import Archive
from cv.extraction.flow import Flow
from cv.extraction.limits import ExtractionLimits
from cv.extraction.look import hidden_reason
from cv.extraction.types import ExtractedDocument, Span

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_FORMAT = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_LINK = "{http://www.w3.org/1999/xlink}"
_MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
_DROPPED = frozenset({f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}sequence-decls", f"{_OFFICE}forms"})
_BOLD = frozenset({"bold", "600", "700", "800", "900"})


def read(data: bytes, *, media_type: str, limits: ExtractionLimits) -> ExtractedDocument:
    """Read an OpenDocument text in document order.

    Raises:
        PasswordProtectedError: It is encrypted.
    """
    archive = Archive(data, max_unpacked_bytes=limits.max_unpacked_bytes)
    manifest = archive.xml("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter(f"{_MANIFEST}encryption-data"), None) is not None:
        raise PasswordProtectedError
    content = archive.xml("content.xml")
    body = None if content is None else content.find(f"{_OFFICE}body")
    if body is None:
        raise UnreadableDocumentError
    walk = _Walk(flow=Flow(max_characters=limits.max_characters), styles=_styles(archive.xml("styles.xml"), content))
    walk.container(body)
    lines, warnings = walk.flow.finish()
    return ExtractedDocument(media_type=media_type, engine="odt", lines=lines, warnings=warnings)


@dataclass(slots=True)
class _Walk:
    """A walk through the document's elements that writes their text."""

    flow: Flow
    styles: dict[str, dict[str, Any]]
    signs: list[str] = field(default_factory=lambda: [""])

    def container(self, element: Any) -> None:
        """Read paragraphs, lists, tables and frames."""
        for child in element:
            if self.flow.is_full or child.tag in _DROPPED or not isinstance(child.tag, str):
                continue
            if child.tag in {f"{_TEXT}p", f"{_TEXT}h"}:
                self._paragraph(child)
            elif child.tag == f"{_TABLE}table-row":
                self._row(child)
            elif child.tag == f"{_TEXT}list-item":
                self.signs.append("•")
                self.container(child)
                self.signs.pop()
            else:
                self.container(child)

    def _paragraph(self, element: Any) -> None:
        level = element.get(f"{_TEXT}outline-level", "1") if element.tag == f"{_TEXT}h" else "0"
        frames: list[Any] = []
        self.flow.end_block()
        self._runs(element, self._look(element, {}), frames)
        depth = float(max(0, len(self.signs) - 2))
        if self.flow.end_line(bullet=self.signs[-1], level=int(level) if level.isdigit() else 0, indent=depth):
            self.signs[-1] = ""
        for frame in frames:
            self.container(frame)

    def _row(self, element: Any) -> None:
        cells = []
        for cell in element:
            cells.append(len(self.flow.lines))
            self.container(cell)
        if cells:
            self.flow.join_row(cells)

    def _runs(self, element: Any, look: dict[str, Any], frames: list[Any]) -> None:
        self._write(element.text, look)
        for child in element:
            self._run(child, look, frames)
            self._write(child.tail, look)

    def _run(self, child: Any, look: dict[str, Any], frames: list[Any]) -> None:
        if child.tag == f"{_TEXT}tab":
            self._write("\t", look)
        elif child.tag == f"{_TEXT}s":
            self._write(" ", look)
        elif child.tag == f"{_TEXT}line-break":
            self.flow.end_line(bullet=self.signs[-1])
        elif child.tag == f"{_TEXT}a":
            self._runs(child, {**look, "url": child.get(f"{_LINK}href", "")}, frames)
        elif isinstance(child.tag, str) and child.tag.endswith("}frame"):
            frames.append(child)
        elif child.tag not in _DROPPED and isinstance(child.tag, str):
            self._runs(child, self._look(child, look), frames)

    def _look(self, element: Any, look: dict[str, Any]) -> dict[str, Any]:
        return {**look, **self.styles.get(element.get(f"{_TEXT}style-name", ""), {})}

    def _write(self, text: str | None, look: dict[str, Any]) -> None:
        if not text:
            return
        known = {name: value for name, value in look.items() if name not in {"vanish", "ground"}}
        reason = hidden_reason(look.get("color", ""), look.get("ground", ""), look.get("size", 0.0))
        if look.get("vanish"):
            reason = "invisible"
        self.flow.write(Span(text=text, **known), hidden=reason if text.strip() else "")


def _styles(*roots: Any) -> dict[str, dict[str, Any]]:
    """Return style name → what it says of a run's look, ancestors included."""
    found: dict[str, dict[str, Any]] = {}
    for root in roots:
        for element in () if root is None else root.iter(f"{_STYLE}style"):
            parent = found.get(element.get(f"{_STYLE}parent-style-name", ""), {})
            properties = element.find(f"{_STYLE}text-properties")
            found[element.get(f"{_STYLE}name", "")] = {**parent, **({} if properties is None else _look_of(properties))}
    return found


def _look_of(properties: Any) -> dict[str, Any]:
    size = properties.get(f"{_FORMAT}font-size", "").removesuffix("pt")
    color = properties.get(f"{_FORMAT}color", "")
    ground = properties.get(f"{_FORMAT}background-color", "")
    weight = properties.get(f"{_FORMAT}font-weight")
    look = {
        "bold": None if weight is None else weight in _BOLD,
        "italic": properties.get(f"{_FORMAT}font-style") == "italic" or None,
        "size": float(size) if size.replace(".", "", 1).isdigit() else None,
        "color": color if color.startswith("#") else None,
        "ground": ground if ground.startswith("#") else None,
        "font": properties.get(f"{_STYLE}font-name"),
        "vanish": properties.get(f"{_TEXT}display") == "none" or None,
    }
    return {name: value for name, value in look.items() if value is not None}
