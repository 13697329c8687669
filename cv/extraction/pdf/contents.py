"""Operators of pages and objects of files, read by one pattern; pdfminer's own parser goes from state to state with every token.

What the pattern knows is read just as pdfminer reads it. At anything else, such as a dictionary, brackets within a
string, a picture or a token that goes on in the next part of the stream, its parser takes over for one object.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pdfminer.pdfinterp import PDFContentParser, PDFPageInterpreter
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import stream_value
from pdfminer.psexceptions import PSEOF
from pdfminer.psparser import KWD, LIT, PSKeyword, keyword_name

# In the order of the groups below. A token counts only where something follows that ends it.
INTEGER, REAL, WORD, NAME, STRING, HEX, BRACKET = range(1, 8)
_TOKEN = re.compile(
    rb"""\s*+(?:
        ([-+]?+[0-9]{1,18}+)(?=[^0-9.])
        |([-+]?+(?:[0-9]{1,18}+\.[0-9]*+|\.[0-9]++))(?=[^0-9])
        |([A-Za-z][^\#/%\[\]()<>{}\s]*+)(?=[\#/%\[\]()<>{}\s])
        |/([!"$&'*+,\-.0-9:;=?@A-Z\\^_`a-z|~]*+)(?=[/%\[\]()<>{}\s])
        |\(((?:[^()\\]++|\\.)*+)\)
        |<((?:[0-9A-Fa-f]{2})*+)>(?=[^>])
        |([\[\]])
    )""",
    re.X | re.S,
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.S)
_ESCAPED = {
    b"b": b"\b", b"t": b"\t", b"n": b"\n", b"f": b"\f", b"r": b"\r", b"(": b"(", b")": b")", b"\\": b"\\",
}  # fmt: skip
_BOOLEANS = frozenset([b"true", b"false"])
# They stand for values, or for the parts of a picture.
_NOT_OPERATORS = _BOOLEANS | {b"BI", b"ID"}


class ObjectParser(PDFParser):
    """A parser of a file's objects that reads usual tokens by one pattern."""

    def nexttoken(self) -> tuple[int, Any]:
        """Return the next token and its place in the file."""
        if not self._tokens and not self.eof and self._parse1 == self._parse_main:
            token = _TOKEN.match(self.buf, self.charpos)
            if token is not None and token[WORD] not in _BOOLEANS:
                self.charpos = token.end()
                kind = token.lastindex or 0
                value = KWD(token[kind]) if kind in {WORD, BRACKET} else _value(token)
                # The sign before a name or string belongs to it.
                return self.bufpos + token.start(kind) - (kind in {NAME, STRING, HEX}), value
        return super().nexttoken()


class Interpreter(PDFPageInterpreter):
    """A pdfminer interpreter whose loop over operators does nothing twice."""

    def execute(self, streams: Sequence[object]) -> None:
        """Carry out the operators of streams, other than those that are being carried out already."""
        self.stream_ids.clear()
        known = []
        for stream in map(stream_value, streams):
            if stream.objid is not None and stream.objid not in self.parent_stream_ids:
                known.append(stream)
                self.stream_ids.add(stream.objid)
        operators: dict[PSKeyword, tuple[Callable[..., None], int] | None] = {}
        for thing in _Parser(known).objects():
            if not isinstance(thing, PSKeyword):
                self.argstack.append(thing)
                continue
            if thing not in operators:
                operators[thing] = self._operator(thing)
            if (operator := operators[thing]) is not None:
                carry_out, count = operator
                arguments = self.pop(count)
                if len(arguments) == count:
                    carry_out(*arguments)

    def _operator(self, keyword: PSKeyword) -> tuple[Callable[..., None], int] | None:
        """Return the method for an operator, and how many arguments it takes; None where there is none."""
        name = keyword_name(keyword).replace("*", "_a").replace('"', "_w").replace("'", "_q")
        method = getattr(self, f"do_{name}", None)
        return None if method is None else (method, method.__code__.co_argcount - 1)


class _Parser(PDFContentParser):
    """A parser of content streams that reads usual tokens by one pattern."""

    def objects(self) -> Iterator[Any]:
        """Yield the numbers, names, strings, arrays, dictionaries and keywords of the streams."""
        while True:
            if not (self._tokens or self.results or self.context or self.curstack) and self._parse1 == self._parse_main:
                yield from self._usual()
            try:
                yield self.nextobject()[1]
            except PSEOF:
                return

    def _usual(self) -> Iterator[Any]:
        """Yield objects up to the first that the pattern does not know, or the end of what is in the buffer."""
        array: list[Any] | None = None
        start = self.charpos
        while (token := _TOKEN.match(self.buf, self.charpos)) is not None:
            kind = token.lastindex
            if kind == BRACKET:
                is_end = token[BRACKET] == b"]"
                if is_end is (array is None):
                    break
                value: Any = array
                array = None if is_end else []
                start = token.start(BRACKET)
            elif kind == WORD:
                if array is not None or token[WORD] in _NOT_OPERATORS:
                    break
                value = KWD(token[WORD])
            else:
                value = _value(token)
            self.charpos = token.end()
            if array is None:
                yield value
            elif kind != BRACKET:
                array.append(value)
        if array is not None:
            # Its rest is left to pdfminer's parser.
            self.start_type(self.bufpos + start, "a")
            self.push(*((0, value) for value in array))


def _value(token: re.Match[bytes]) -> Any:
    """Return the number, name or string that a token stands for."""
    kind = token.lastindex
    if kind == INTEGER:
        return int(token[INTEGER])
    if kind == REAL:
        return float(token[REAL])
    if kind == NAME:
        return LIT(token[NAME].decode())
    if kind == HEX:
        return bytes.fromhex(token[HEX].decode())
    text = token[STRING]
    return _ESCAPE.sub(_unescape, text) if b"\\" in text else text


def _unescape(escape: re.Match[bytes]) -> bytes:
    sign = escape[1]
    return bytes((int(sign, 8),)) if sign.isdigit() and sign < b"8" else _ESCAPED.get(sign, b"")
