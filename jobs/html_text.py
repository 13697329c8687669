"""Plain text from HTML: what a reader sees, block by block, list items as bullets.

One pass of the standard library's parser without a tree, so that neither depth nor size of a hostile page costs more than its length.
"""

import re
from html.parser import HTMLParser

_UNSEEN = frozenset(["script", "style", "noscript", "template", "svg", "iframe", "object", "nav", "footer", "form", "button", "select", "canvas", "title"])  # fmt: skip
_LINES = frozenset(["div", "article", "main", "header", "aside", "li", "dl", "dt", "dd", "tr", "br", "hr", "blockquote", "pre", "address", "body"])  # fmt: skip
_PARAGRAPHS = frozenset(["p", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section"])
_VOID = frozenset(
    ["br", "hr", "img", "input", "meta", "link", "wbr", "area", "base", "col", "embed", "source", "track"]
)
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*(?:0(?:px|pt|r?em|%)?|[01](?:\.\d+)?px)\s*(?:!\s*important\s*)?(?:;|$)|opacity\s*:\s*0(?:\.0+)?\s*(?:!\s*important\s*)?(?:;|$)|"
    r"(?:left|top|right|text-indent|margin-left)\s*:\s*-\d{4,}|(?:^|;)\s*color\s*:\s*transparent\s*(?:!\s*important\s*)?(?:;|$)", re.IGNORECASE)  # fmt: skip
_BALLAST = re.compile(r"<(?:!--|(script|style|svg)\b)", re.IGNORECASE)
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")


def text_of_html(html: str) -> str:
    """Return the visible text of HTML; scripts, forms, navigation and hidden elements are left out."""
    reader = _read(html)
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(reader.pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def hidden_text_of_html(html: str) -> str:
    """Return the text of elements that are hidden from readers by their attributes or style; comments, scripts and forms are not among it."""
    return " ".join(" ".join(_read(html).hidden).split())


def json_ld_of(html: str) -> list[str]:
    """Return the JSON-LD blocks of a page, as text."""
    return [_WRAPPING.sub("", block).strip() for block in _read(html).json_ld]


def without_scripts(html: str) -> str:
    """Return a page without scripts, styles, drawings and comments, most of what long ones are made of; JSON-LD stays."""
    # Ends are looked for in a text of the same length, whatever the case of letters.
    lowered = re.sub("[A-Z]+", lambda capitals: capitals.group().lower(), html)
    kept, place = [], 0
    while begin := _BALLAST.search(html, place):
        name = (begin.group(1) or "").lower()
        end = lowered.find(f"</{name}" if name else "-->", begin.end())
        end = lowered.find(">", end) + 1 if end >= 0 else 0
        if not end:
            break
        is_data = name == "script" and "ld+json" in lowered[begin.end() : lowered.find(">", begin.end())]
        kept.append(html[place : end if is_data else begin.start()])
        place = end
    return "".join(kept) + html[place:]


def _read(html: str) -> "_Reader":
    reader = _Reader(convert_charrefs=True)
    reader.feed(_closed(html))
    reader.close()
    return reader


def _closed(html: str) -> str:
    """Return a page with what opens a comment or tag and never closes it as text: the parser looks for each end through all the rest."""
    begin = html.rfind("-->") + 1
    html = html[:begin] + html[begin:].replace("<!--", "&lt;!--")
    whole, end, rest = html.rpartition(">")
    return f"{whole}{end}{rest.replace('<', '&lt;')}"


class _Reader(HTMLParser):
    """Collects visible text, and the JSON-LD blocks beside it."""

    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self.pieces: list[str] = []
        self.json_ld: list[str] = []
        self.hidden: list[str] = []
        self._is_hidden = False
        self._cells = 0
        self._last = ""
        self._skipped = ""
        self._skipped_depth = 0
        self._in_json_ld = False
        self._pre_depth = 0
        self._line_breaks = 0
        self._bullet = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipped:
            self._skipped_depth += tag == self._skipped
            return
        if tag not in _VOID and (tag in _UNSEEN or _is_hidden(dict(attrs))):
            self._skipped, self._skipped_depth = tag, 1
            kind = (dict(attrs).get("type") or "").strip().lower()
            self._is_hidden = tag not in _UNSEEN
            self._in_json_ld = tag == "script" and kind.startswith("application/ld+json")
            if self._in_json_ld:
                self.json_ld.append("")
            return
        self._pre_depth += tag == "pre"
        self._begin_cell(tag)
        self._break(tag)
        if tag == "li":
            self._bullet = "- "

    def handle_endtag(self, tag: str) -> None:
        if self._skipped:
            self._skipped_depth -= tag == self._skipped
            if self._skipped_depth == 0:
                self._skipped, self._in_json_ld = "", False
            return
        self._pre_depth = max(0, self._pre_depth - (tag == "pre"))
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._in_json_ld:
            self.json_ld[-1] += data
        elif self._skipped and self._is_hidden:
            self.hidden.append(data)
        elif not self._skipped:
            text = data if self._pre_depth else re.sub(r"\s+", " ", data)
            if text.strip():
                self.pieces.append("\n" * self._line_breaks + self._bullet)
                self._line_breaks, self._bullet, self._last = 0, "", text.rstrip()
            self.pieces.append(text)

    def _begin_cell(self, tag: str) -> None:
        """Keep the cells of a row apart: what stands first names what follows, as in `Location: Leeds`."""
        if tag == "tr":
            self._cells = 0
        elif tag in {"td", "th"}:
            if self._cells and self._last:
                sign = " | " if self._cells > 1 else " " if self._last.endswith(":") else ": "
                self.pieces.append(sign)
                self._last = sign.strip() or self._last
            self._cells += 1

    def _break(self, tag: str) -> None:
        """Remember the break for the next text; the larger of two that meet counts."""
        wanted = 2 if tag in _PARAGRAPHS else 1 if tag in _LINES else 0
        if not self._bullet:
            self._line_breaks = max(self._line_breaks, wanted)


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or bool(_HIDING_STYLE.search(attributes.get("style") or ""))
    )
