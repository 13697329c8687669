"""Web pages saved as a file."""

import re
from typing import Any

from lxml import html

from cv.errors import EmptyDocumentError
from cv.extraction.flow import Flow
from cv.extraction.limits import ExtractionLimits
from cv.extraction.look import hidden_reason
from cv.extraction.plain import decode
from cv.extraction.types import ExtractedDocument, Span

_DROPPED = frozenset({"script", "style", "noscript", "template", "head", "svg", "object", "iframe", "form", "select"})
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "dfn",
        "em",
        "font",
        "i",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
    ]
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.I)
_UNSEEN = re.compile(r"display:none|visibility:hidden|font-size:[01](?:\.\d+)?(?:px|pt)|opacity:0(?:;|$)")
_COLOR = re.compile(r"(?:^|;)color:(#[0-9a-f]{6}|#[0-9a-f]{3}|white)(?:;|$)")
_GROUND = re.compile(r"background")
# The parser's own bound on nesting is far above any page's.
MAX_DEPTH = 200


def read(data: bytes, *, media_type: str, limits: ExtractionLimits) -> ExtractedDocument:
    """Read the text of a page, block by block; scripts and styles are dropped, nothing is fetched."""
    flow = Flow(max_characters=limits.max_characters)
    root = html.document_fromstring(_decode(data))
    _Walk(flow).element(root, Span(text=""), "", 0)
    lines, warnings = flow.finish()
    if not lines:
        raise EmptyDocumentError
    title = root.findtext(".//title") or ""
    return ExtractedDocument(media_type=media_type, engine="html", lines=lines, warnings=warnings, title=title.strip())


def _decode(data: bytes) -> str:
    """Decode by the page's own word, else as any text; the parser then gets no declaration to stumble over."""
    declared = _CHARSET.search(data[:2048])
    try:
        text = data.decode(declared[1].decode()) if declared else decode(data)
    except (LookupError, UnicodeDecodeError):
        text = decode(data)
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))


class _Walk:
    """A walk through the elements that writes their text."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._sign = ""
        self._level = 0

    def element(self, element: Any, look: Span, hidden: str, depth: int) -> None:
        """Write an element's text and what is inside it."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if not tag or tag in _DROPPED or depth > MAX_DEPTH or self._flow.is_full:
            return
        look, hidden = _styled(element, tag, look), hidden or _unseen(element)
        is_block = tag not in _INLINE
        if is_block:
            self._end_line()
            self._flow.end_block()
        self._sign = "•" if tag == "li" else self._sign
        self._level = _HEADINGS.get(tag, 0) if is_block else self._level
        if tag == "tr":
            self._row(element, look, hidden, depth)
        else:
            self._content(element, look, hidden, depth)
        if is_block:
            self._end_line()
            self._level = 0

    def _content(self, element: Any, look: Span, hidden: str, depth: int) -> None:
        self._write(element.text, look, hidden)
        for child in element:
            self.element(child, look, hidden, depth + 1)
            self._write(child.tail, look, hidden)

    def _row(self, element: Any, look: Span, hidden: str, depth: int) -> None:
        cells = []
        for child in element:
            cells.append(len(self._flow.lines))
            self.element(child, look, hidden, depth + 1)
        if cells:
            self._flow.join_row(cells)

    def _write(self, text: str | None, look: Span, hidden: str) -> None:
        if text:
            shown = re.sub(r"\s+", " ", text)
            self._flow.write(look.model_copy(update={"text": shown}), hidden=hidden if shown.strip() else "")

    def _end_line(self) -> None:
        if self._flow.end_line(bullet=self._sign, level=self._level):
            self._sign = ""


def _styled(element: Any, tag: str, look: Span) -> Span:
    changes: dict[str, Any] = {}
    if tag in {"b", "strong", "th", *_HEADINGS}:
        changes["bold"] = True
    if tag in {"i", "em", "cite"}:
        changes["italic"] = True
    if tag == "a" and element.get("href", "").startswith(("http://", "https://", "mailto:", "tel:")):
        changes["url"] = element.get("href")
    return look.model_copy(update=changes) if changes else look


def _unseen(element: Any) -> str:
    """Return why an element's own attributes hide it, empty where they don't."""
    style = re.sub(r"\s+", "", element.get("style", "").lower())
    if "hidden" in element.attrib or _UNSEEN.search(style):
        return "invisible"
    color = _COLOR.search(style)
    if color is None or _GROUND.search(style):
        return ""
    name = "#ffffff" if color[1] == "white" else color[1]
    return hidden_reason(name if len(name) == 7 else "#" + "".join(digit * 2 for digit in name[1:]), "", 0)
