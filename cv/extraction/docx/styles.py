"""How a Word run looks: styles, their ancestors and direct formatting; and what a list paragraph begins with."""

import re
from dataclasses import dataclass, replace
from typing import Any

from cv.extraction.docx.package import Package, W

_HEADING_NAME = re.compile(r"^(?:heading|überschrift|titre|título|titolo|kop|rubrik|nagłówek|заголовок)\s*(\d)$", re.I)
_OFF = frozenset({"0", "false", "off", "none"})
DEFAULT_SIZE = 10.0


@dataclass(frozen=True, slots=True)
class Look:
    """A run's look; None means that this level says nothing."""

    font: str | None = None
    size: float | None = None
    bold: bool | None = None
    italic: bool | None = None
    color: str | None = None
    shade: str | None = None
    vanish: bool | None = None

    def over(self, below: "Look") -> "Look":
        """Return this look, with what it leaves open taken from `below`."""
        known = {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}
        return replace(below, **known)


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph or character style."""

    name: str
    parent: str
    look: Look
    level: int
    numbering: Any


class Styles:
    """All styles and list definitions of a document."""

    def __init__(self, package: Package) -> None:
        """Read them; a document without them has Word's defaults."""
        self._styles: dict[str, Style] = {}
        self._defaults = Look()
        self._default_paragraph = ""
        self._lists = _read_lists(package.part("numbering"))
        root = package.part("styles")
        if root is None:
            return
        defaults = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self._defaults = read_look(defaults)
        for element in root.iter(f"{W}style"):
            style_id = element.get(f"{W}styleId", "")
            self._styles[style_id] = _read_style(element)
            if element.get(f"{W}type") == "paragraph" and element.get(f"{W}default") in {"1", "true"}:
                self._default_paragraph = style_id

    def style_of(self, properties: Any) -> str:
        """Return the id of a paragraph's style."""
        style = "" if properties is None else _value(properties, "pStyle")
        return style or self._default_paragraph

    def paragraph_look(self, style_id: str) -> Look:
        """Return the look that a paragraph's style gives its runs."""
        return self._inherited(style_id).over(self._defaults)

    def run_look(self, properties: Any, paragraph: Look) -> Look:
        """Return the look of a run with these direct properties."""
        style = "" if properties is None else _value(properties, "rStyle")
        return read_look(properties).over(self._inherited(style)).over(paragraph)

    def level(self, style_id: str, properties: Any) -> int:
        """Return a paragraph's heading level, 0 for body text."""
        direct = _value(properties, "outlineLvl") if properties is not None else ""
        if direct.isdigit() and int(direct) < 9:
            return int(direct) + 1
        return next((style.level for style in self._chain(style_id) if style.level), 0)

    def list_sign(self, style_id: str, properties: Any) -> tuple[str, int]:
        """Return what a list paragraph begins with and its depth; an empty sign for other paragraphs."""
        numbering = None if properties is None else properties.find(f"{W}numPr")
        if numbering is None:
            numbering = next((style.numbering for style in self._chain(style_id) if style.numbering is not None), None)
        if numbering is None:
            return "", 0
        number, depth = _value(numbering, "numId"), _value(numbering, "ilvl")
        level = int(depth) if depth.isdigit() else 0
        if number in {"", "0"}:
            return "", 0
        return ("•" if self._lists.get((number, level), "bullet") == "bullet" else "1."), level

    def _chain(self, style_id: str) -> list[Style]:
        """Return the style and its ancestors, nearest first; a circle ends the walk."""
        chain: list[Style] = []
        seen: set[str] = set()
        while style_id in self._styles and style_id not in seen:
            seen.add(style_id)
            chain.append(self._styles[style_id])
            style_id = chain[-1].parent
        return chain

    def _inherited(self, style_id: str) -> Look:
        look = Look()
        for style in self._chain(style_id):
            look = look.over(style.look)
        return look


def read_look(properties: Any) -> Look:
    """Read run properties (`w:rPr`)."""
    if properties is None:
        return Look()
    fonts = properties.find(f"{W}rFonts")
    size = _value(properties, "sz")
    color = _value(properties, "color")
    shade = properties.find(f"{W}shd")
    return Look(
        font=None if fonts is None else fonts.get(f"{W}ascii"),
        size=int(size) / 2 if size.isdigit() else None,
        bold=_flag(properties, "b"),
        italic=_flag(properties, "i"),
        color=f"#{color.lower()}" if re.fullmatch(r"[0-9A-Fa-f]{6}", color) else None,
        shade=fill_of(shade) or ("#marked" if _value(properties, "highlight") not in {"", "none"} else None),
        vanish=_flag(properties, "vanish"),
    )


def fill_of(shade: Any) -> str | None:
    """Return the fill colour of a `w:shd`, None where it has none of its own."""
    fill = "" if shade is None else shade.get(f"{W}fill", "")
    return f"#{fill.lower()}" if re.fullmatch(r"[0-9A-Fa-f]{6}", fill) else None


def _read_style(element: Any) -> Style:
    name = _value(element, "name")
    heading = _HEADING_NAME.match(name)
    outline = _value(element.find(f"{W}pPr"), "outlineLvl") if element.find(f"{W}pPr") is not None else ""
    level = int(heading[1]) if heading else int(outline) + 1 if outline.isdigit() and int(outline) < 9 else 0
    return Style(
        name=name,
        parent=_value(element, "basedOn"),
        look=read_look(element.find(f"{W}rPr")),
        level=1 if name.lower() == "title" else level,
        numbering=element.find(f"{W}pPr/{W}numPr"),
    )


def _read_lists(root: Any) -> dict[tuple[str, int], str]:
    """Return (list id, depth) → number format."""
    if root is None:
        return {}
    abstract = {element.get(f"{W}abstractNumId"): element for element in root.iter(f"{W}abstractNum")}
    formats = {}
    for number in root.iter(f"{W}num"):
        definition = abstract.get(_value(number, "abstractNumId"))
        for level in () if definition is None else definition.iter(f"{W}lvl"):
            depth = level.get(f"{W}ilvl", "0")
            if depth.isdigit():
                formats[number.get(f"{W}numId", ""), int(depth)] = _value(level, "numFmt")
    return formats


def _value(parent: Any, name: str) -> str:
    """Return the `w:val` of a child element, empty where there is no such child."""
    child = parent.find(f"{W}{name}")
    return "" if child is None else child.get(f"{W}val", "")


def _flag(properties: Any, name: str) -> bool | None:
    child = properties.find(f"{W}{name}")
    return None if child is None else child.get(f"{W}val", "true").lower() not in _OFF
