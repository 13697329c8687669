"""Plain text and Markdown."""

import re

from charset_normalizer import from_bytes

from cv.errors import UnreadableDocumentError
from cv.extraction import sniffing
from cv.extraction.limits import ExtractionLimits
from cv.extraction.lines import number_lines
from cv.extraction.text import cut_bullet
from cv.extraction.types import ExtractedDocument, Span, TextLine

# Encodings of CVs that are not Unicode, most common first; the detector only chooses among them.
LEGACY_ENCODINGS = [
    "cp1252", "cp1250", "cp1251", "cp1254", "cp1253", "cp1255", "cp1256", "cp1257",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "koi8_r",
]  # fmt: skip
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-+)\s*$")
_LINK = re.compile(r"!?\[([^\]]*)\]\(\s*<?([^)\s>]*)>?[^)]*\)")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^>\s]+|[^<>\s@]+@[^<>\s]+)>")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])(\*|_)(?=\S)([^*_]+?)(?<=\S)\1(?![\w*])")
_TABLE_RULE = re.compile(r"^\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*:?-*:?\s*\|?\s*$")
_RULE = re.compile(r"^\s*([-*_=~#+.])(?:\s*\1){2,}\s*$")


def read(data: bytes, *, media_type: str, limits: ExtractionLimits) -> ExtractedDocument:
    """Read text in any common encoding, a line per line of the file."""
    text = decode(data)
    warnings = []
    if len(text) > limits.max_characters:
        text = text[: limits.max_characters]
        warnings.append(f"Only the first {limits.max_characters} characters were read.")
    rows = [row.rstrip() for row in re.split(r"\r\n|[\n\r\f\v\x85\u2028\u2029]", text)]
    lines = _markdown_lines(rows) if media_type == sniffing.MARKDOWN else _plain_lines(rows)
    number_lines(lines)
    return ExtractedDocument(media_type=media_type, lines=lines, engine="text", warnings=warnings)


# ISO 8859-2 and Windows-1250 differ in few letters (ą, ś, š, ž, ť); those of the one are signs in the other, which no word has,
# or letters of another language: Czech š, ž, Š and Ž become ą, ľ, © and ®.
_LATIN_2_LETTERS = re.compile(r"(?<=[^\W\d_])[±¶¦¬¼¹¾³£](?=[^\W\d_])|(?<![^\W_])[¶¦¼¾£](?=[^\W\d_]{2})")
_CZECH_LETTERS = re.compile("[čěřůďňČĚŘŮ]")
_NOT_CZECH = re.compile(r"[ąľ]|(?<![^\W_])[©®](?=[^\W\d_]{2})")
_C1 = re.compile("[\x80-\x9f]")


def decode(data: bytes) -> str:
    """Return the text of bytes in an unknown encoding: by its mark, as UTF-8, by its zeros, by its letters.

    Raises:
        UnreadableDocumentError: No encoding fits.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if b"\x00" in data:
        little = data[1::2].count(0) > data[0::2].count(0)
        return data.decode("utf-16-le" if little else "utf-16-be", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    best = from_bytes(data, cp_isolation=LEGACY_ENCODINGS).best()
    if best is None:
        raise UnreadableDocumentError
    text = str(best)
    latin_2 = data.decode("iso8859_2")
    # Windows-1250 has its š, ś, ž and ź where ISO 8859-2 has control characters.
    if _C1.search(latin_2):
        return text
    strange = len(_LATIN_2_LETTERS.findall(text))
    if _CZECH_LETTERS.search(text):
        strange += len(_NOT_CZECH.findall(text))
    return latin_2 if strange > 1 else text


def _plain_lines(rows: list[str]) -> list[TextLine]:
    lines = []
    block = 0
    for row in rows:
        if not row.strip() or _RULE.match(row):
            block += 1
            continue
        bullet, text = cut_bullet(row.strip())
        block += bool(bullet)
        lines.append(_line(text, block=block, bullet=bullet, indent=_indent(row)))
    return lines


def _markdown_lines(rows: list[str]) -> list[TextLine]:
    lines: list[TextLine] = []
    block = 0
    for number, row in enumerate(rows):
        setext = _SETEXT.match(row)
        if setext and number and rows[number - 1].strip() and lines and not lines[-1].bullet:
            lines[-1].level = 1 if setext[1].startswith("=") else 2
            block += 1
            continue
        if not row.strip() or _RULE.match(row) or _TABLE_RULE.match(row):
            block += 1
            continue
        line = _markdown_line(row)
        block += bool(line.bullet or line.level)
        line.block = block
        block += bool(line.level)
        lines.append(line)
    return lines


def _markdown_line(row: str) -> TextLine:
    heading = _HEADING.match(row)
    text = heading[2] if heading else row.strip().removeprefix("> ")
    if text.startswith("|") and text.endswith("|"):
        text = "\t".join(cell.strip() for cell in text.strip("|").split("|"))
    bullet, text = ("", text) if heading else cut_bullet(text)
    line = _line(text, block=0, bullet=bullet, indent=_indent(row))
    line.spans = _inline_spans(text)
    line.text = "".join(span.text for span in line.spans)
    line.level = len(heading[1]) if heading else 0
    return line


def _inline_spans(text: str) -> list[Span]:
    """Cut a Markdown line into spans: links carry their address, strong and emphasised text its look."""
    spans: list[Span] = []
    place = 0
    for link in re.finditer(f"{_LINK.pattern}|{_AUTOLINK.pattern}", text):
        spans += _styled_spans(text[place : link.start()])
        label, address, auto = link.groups()
        spans.append(Span(text=_plain(label if auto is None else auto), url=address if auto is None else auto))
        place = link.end()
    return [span for span in spans + _styled_spans(text[place:]) if span.text]


def _styled_spans(text: str) -> list[Span]:
    spans = []
    place = 0
    for strong in _STRONG.finditer(text):
        spans.append(Span(text=_plain(text[place : strong.start()])))
        spans.append(Span(text=_plain(strong[2]), bold=True))
        place = strong.end()
    return [*spans, Span(text=_plain(text[place:]))]


def _plain(text: str) -> str:
    """Take emphasis signs, code ticks and escapes off."""
    text = _EMPHASIS.sub(r"\2", text.replace("`", ""))
    return re.sub(r"\\([\\`*_{}\[\]()#+\-.!|])", r"\1", text)


def _line(text: str, *, block: int, bullet: str, indent: float) -> TextLine:
    return TextLine(id="", text=text, spans=[Span(text=text)], block=block, bullet=bullet, indent=indent)


def _indent(row: str) -> float:
    """Return the leading blanks of a row, a tab counted as four."""
    expanded = row.expandtabs(4)
    return float(len(expanded) - len(expanded.lstrip()))
