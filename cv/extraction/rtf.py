"""Rich Text Format, as far as a CV needs it: paragraphs, tabs, tables, bold, links, hidden text."""

import re
from dataclasses import dataclass, replace

from cv.extraction.flow import Flow
from cv.extraction.limits import ExtractionLimits
from cv.extraction.types import ExtractedDocument, Span

# Groups that hold no text of the page.
_DROPPED = frozenset(
    [
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "header",
        "headerl",
        "headerr",
        "footer",
        "footerl",
        "footerr",
        "listtable",
        "listoverridetable",
        "rsidtbl",
        "generator",
        "themedata",
        "colorschememapping",
        "datastore",
        "latentstyles",
        "fldinst",
        "xmlnstbl",
        "mmathPr",
        "pntxta",
        "pntxtb",
        "nonshppict",
    ]
)
# Groups that hold the sign of a list's entry, for programs that make none themselves.
_LIST_SIGNS = frozenset(["listtext", "pntext"])
_SIGNS = {
    "tab": "\t", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "~": "\u00a0", "_": "-", "emspace": " ", "enspace": " ",
}  # fmt: skip
_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    r"|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<sign>[^a-zA-Z'])|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\"
)
DEFAULT_SIZE = 12.0
MAX_DEPTH = 500
MAX_LIST_SIGN = 8


@dataclass(frozen=True, slots=True)
class _State:
    """What holds within a group."""

    dropped: bool = False
    list_sign: bool = False
    bold: bool = False
    italic: bool = False
    hidden: bool = False
    size: float = DEFAULT_SIZE
    skip: int = 1


def read(data: bytes, *, media_type: str, limits: ExtractionLimits) -> ExtractedDocument:
    """Read the text of an RTF file."""
    source = data.decode("latin-1")
    page = re.search(r"\\ansicpg(\d+)", source[:2000])
    reader = _Reader(Flow(max_characters=limits.max_characters), f"cp{page[1]}" if page else "cp1252")
    reader.run(source)
    lines, warnings = reader.flow.finish()
    return ExtractedDocument(media_type=media_type, engine="rtf", lines=lines, warnings=warnings)


class _Reader:
    """Follows the groups and control words of a file, and writes its text."""

    def __init__(self, flow: Flow, encoding: str) -> None:
        self.flow = flow
        self._encoding = encoding
        self._state = _State()
        self._stack: list[_State] = []
        self._starred = False
        self._skip = 0
        self._high = 0xD800
        self._bytes = bytearray()
        self._bullet = ""

    def run(self, source: str) -> None:
        """Read all tokens."""
        for token in _TOKEN.finditer(source):
            if token["byte"] is None:
                self._flush_bytes()
            self._take(token)
            if self.flow.is_full:
                break
        self._flush_bytes()

    def _take(self, token: re.Match[str]) -> None:
        if token["brace"]:
            self._group(token["brace"])
        elif token["byte"]:
            self._byte(int(token["byte"], 16))
        elif token["word"]:
            self._word(token["word"], token["number"])
        elif token["sign"]:
            self._sign(token["sign"])
        elif token["text"]:
            text = token["text"][self._skip :]
            self._skip = max(0, self._skip - len(token["text"]))
            self._write(text)

    def _group(self, brace: str) -> None:
        if brace == "{" and len(self._stack) < MAX_DEPTH:
            self._stack.append(self._state)
        elif brace == "}" and self._stack:
            self._state = self._stack.pop()
        self._starred = False

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._starred = True
        elif sign in "\n\r":
            self._end_line()
        else:
            self._write(_SIGNS.get(sign, sign if sign in "\\{}" else ""))

    def _byte(self, value: int) -> None:
        if self._skip:
            self._skip -= 1
        else:
            self._bytes.append(value)

    def _word(self, word: str, number: str | None) -> None:
        is_on = number != "0"
        if word in _LIST_SIGNS:
            self._state = replace(self._state, list_sign=True)
        elif word in _DROPPED or self._starred:
            self._state = replace(self._state, dropped=True)
        elif word in {"b", "i", "v"}:
            name = {"b": "bold", "i": "italic", "v": "hidden"}[word]
            self._state = replace(self._state, **{name: is_on})
        elif word == "plain":
            self._state = replace(self._state, bold=False, italic=False, hidden=False, size=DEFAULT_SIZE)
        elif word == "fs" and number:
            self._state = replace(self._state, size=abs(int(number)) / 2)
        elif word == "uc" and number:
            self._state = replace(self._state, skip=min(abs(int(number)), 8))
        elif word == "u" and number:
            self._unicode(int(number))
        else:
            self._layout(word)
        self._starred = False

    def _layout(self, word: str) -> None:
        if word in {"par", "row", "sect", "page"}:
            self._end_line()
            self.flow.end_block()
        elif word == "line":
            self._end_line()
        elif word == "cell":
            self._write("\t")
        elif word in _SIGNS:
            self._write(_SIGNS[word])

    def _unicode(self, number: int) -> None:
        """Write a character given by its number in UTF-16; the stand-in that follows is skipped."""
        unit = number & 0xFFFF
        if 0xD800 <= unit < 0xDC00:
            self._high = unit
        elif 0xDC00 <= unit < 0xE000:
            self._write(chr(0x10000 + ((self._high - 0xD800) << 10) + unit - 0xDC00))
        else:
            self._write(chr(unit))
        self._skip = self._state.skip

    def _flush_bytes(self) -> None:
        if self._bytes:
            try:
                text = self._bytes.decode(self._encoding, errors="replace")
            except LookupError:
                text = self._bytes.decode("cp1252", errors="replace")
            self._bytes.clear()
            self._write(text)

    def _write(self, text: str) -> None:
        state = self._state
        if state.list_sign and not state.dropped:
            # Bounded here: a file may write signs without end, and adding to a long text copies it.
            self._bullet = (self._bullet + text).lstrip()[:MAX_LIST_SIGN]
        elif text and not state.dropped:
            span = Span(text=text, size=state.size, bold=state.bold, italic=state.italic)
            self.flow.write(span, hidden="invisible" if state.hidden and text.strip() else "")

    def _end_line(self) -> None:
        if not self._state.dropped:
            sign = self._bullet.rstrip()
            # In the fonts of signs a dot has the place of some letter, or one that stands for nothing elsewhere.
            self.flow.end_line(bullet=sign if len(sign) > 1 or sign.isdigit() else sign and "•")
            self._bullet = ""
