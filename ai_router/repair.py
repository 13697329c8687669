"""Tolerant reading of JSON that a model wrote by hand.

Providers with structured output answer in JSON; others are merely asked to, and local models break it in a few usual
ways. This reads past those and writes the same value as JSON. It guesses at marks, never at values: what cannot be read
is an error. Nothing is executed; one pass, so the time is linear.
"""

import contextlib
import json
import math
import re

# Longer texts and deeper ones are not answers of ours.
MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 100
# Brackets in the prose before an answer that are tried in vain.
MAX_BEGINNINGS = 8

BLANK = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|#[^\n]*|/\*(?:.*?\*/|.*))*", re.DOTALL)
SPACE = re.compile(r"[\s\ufeff]*")
FENCE = "```"
FENCE_OPENING = re.compile(r"```[\w+-]*[ \t]*\r?\n?")
OPENING_BRACKET = re.compile(r"[{\[]")
WORD = re.compile(r"[^\W\d][\w$-]*")
SIGNED_INFINITY = re.compile(r"[+-]Infinity")
# A sign alone may stand at the end of a text that was cut.
NUMBER = re.compile(r"[+-]?[0-9.][0-9.eE+-]*|[+-]\Z")
JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
WORDS = {
    "true": "true",
    "false": "false",
    "null": "null",
    "True": "true",
    "False": "false",
    "None": "null",
    "undefined": "null",
    "NaN": "null",
    "Infinity": "null",
}
STRING_PARTS = {'"': re.compile(r'[^"\\]+'), "'": re.compile(r"[^'\\]+")}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", '"': '"', "'": "'", "\n": "\n"}
HEXADECIMAL = re.compile(r"[0-9a-fA-F]{4}")
SURROGATE = re.compile(r"[\ud800-\udfff]")


def repair_json(text: str, *, may_be_cut: bool = True) -> str:
    r"""Return the JSON that stands in the text; valid JSON is returned as it is.

    Put right are: a code fence or prose around it, a byte order mark, comments, trailing, doubled and (between lines)
    missing commas, single quotes, unquoted keys, doubled braces, line breaks and quotes inside strings that were not
    escaped, `True`, `None` and the like, `NaN` and infinities (null). Where the end is missing, everything that is
    open is closed, and the item that was being written is dropped.

    Args:
        text: The answer of a model.
        may_be_cut: Whether a missing end is put right too.

    Raises:
        ValueError: There is no JSON in it that could be read.
    """
    if is_json(text):
        return text
    if len(text) > MAX_CHARACTERS:
        raise ValueError("the answer is too long to be repaired")
    body = _without_fence(text.strip().lstrip("\ufeff"))
    if is_json(body):
        return body
    if body[:1] in STRING_PARTS:
        with contextlib.suppress(ValueError):
            return _scalar(body)
    return _longest(body, may_be_cut=may_be_cut) or _scalar(body)


def _longest(body: str, *, may_be_cut: bool) -> str:
    """Return the longest object or list that stands in the text: a short one before it is part of the prose."""
    found, longest, position = "", 0, 0
    for _ in range(MAX_BEGINNINGS):
        beginning = OPENING_BRACKET.search(body, position)
        if beginning is None:
            break
        reader = _Reader(body, beginning.start(), may_be_cut=may_be_cut)
        try:
            repaired = reader.read()
        except _CutError:
            raise
        except ValueError:
            position = beginning.end()
            continue
        position = reader.position
        if position - beginning.start() > longest:
            found, longest = repaired, position - beginning.start()
    return found


def is_json(text: str) -> bool:
    """Whether the text is JSON by the letter; what is nested too deeply to be read is not."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(name: str) -> None:
    """Refuse NaN and the infinities, which Python reads and JSON does not know."""
    raise ValueError(f"{name} is no JSON")


def _without_fence(text: str) -> str:
    """Return what stands in the code fence that comes before the first bracket, or all of the text."""
    bracket = OPENING_BRACKET.search(text)
    opening = FENCE_OPENING.search(text, 0, bracket.start() if bracket else len(text))
    if opening is None:
        return text
    body = text[opening.end() :]
    return body if bracket else body.partition(FENCE)[0].strip()


def _scalar(text: str) -> str:
    """Read a text that has no bracket: all of it must be one value."""
    reader = _Reader(text, 0, may_be_cut=False)
    repaired = reader.read()
    if not reader.is_at_end():
        raise ValueError("there is no JSON in the answer")
    return repaired


class _CutError(ValueError):
    """The text ends before its value does, and must not: no part of the value may stand for it."""


class _Reader:
    """One pass over a text from one position on; what it reads goes to `written` as JSON."""

    def __init__(self, text: str, position: int, *, may_be_cut: bool) -> None:
        self.text = text
        self.position = position
        self.may_be_cut = may_be_cut
        self.written: list[str] = []

    def read(self) -> str:
        """Read one value."""
        if not self._value(0):
            raise ValueError("the answer ends before its value")
        return "".join(self.written)

    def is_at_end(self) -> bool:
        """Skip blanks and comments; whether nothing follows, or the end of the code fence."""
        self.position = _end(BLANK, self.text, self.position)
        return self.position >= len(self.text) or self.text.startswith(FENCE, self.position)

    def _value(self, depth: int) -> bool:
        """Read a value; False, and nothing is written, where the text ends within it."""
        if depth > MAX_DEPTH:
            raise ValueError("the answer is nested too deeply")
        if self.is_at_end():
            return self._ends_early()
        character = self.text[self.position]
        if character == "{":
            return self._object(depth)
        if character == "[":
            return self._array(depth)
        if character in STRING_PARTS:
            return self._string()
        return self._plain(depth)

    def _object(self, depth: int) -> bool:
        mark = self._open("{")
        # A template's way to write a brace: no key begins with one, so that nothing else can be meant.
        is_doubled = not self.is_at_end() and self._takes("{")
        while not self._at_end_after_commas():
            if self._takes("}"):
                if is_doubled:
                    self._takes("}")
                break
            if self.text[self.position] == "]":
                break
            self._item(mark, depth, is_pair=True)
        else:
            return self._cut(mark, "}")
        self.written.append("}")
        return True

    def _array(self, depth: int) -> bool:
        mark = self._open("[")
        while not self._at_end_after_commas():
            if self._takes("]") or self.text[self.position] == "}":
                break
            self._item(mark, depth, is_pair=False)
        else:
            return self._cut(mark, "]")
        self.written.append("]")
        return True

    def _open(self, bracket: str) -> int:
        """Take an opening bracket, and return where it is written."""
        self.position += 1
        self.written.append(bracket)
        return len(self.written) - 1

    def _cut(self, mark: int, bracket: str) -> bool:
        """Close what the text leaves open; what holds nothing yet is unfinished itself."""
        self._ends_early()
        if len(self.written) == mark + 1:
            del self.written[mark:]
            return False
        self.written.append(bracket)
        return True

    def _ends_early(self) -> bool:
        """Return False, for a value that is unfinished, or raise where that must not be."""
        if not self.may_be_cut:
            raise _CutError("the answer ends too early")
        return False

    def _at_end_after_commas(self) -> bool:
        while not self.is_at_end():
            if not self._takes(","):
                return False
        return True

    def _takes(self, character: str) -> bool:
        """Take this character, if it comes next."""
        found = self.text.startswith(character, self.position)
        self.position += found
        return found

    def _item(self, mark: int, depth: int, *, is_pair: bool) -> None:
        """Read an item of what was opened at `mark`; one that is unfinished leaves no trace."""
        before = len(self.written)
        if before > mark + 1:
            self.written.append(",")
        if not ((not is_pair or self._key()) and self._value(depth + 1)):
            del self.written[before:]

    def _key(self) -> bool:
        """Read a key and its colon; False where the text ends before it."""
        if self.text[self.position] in STRING_PARTS:
            if not self._string():
                return False
        else:
            word = WORD.match(self.text, self.position)
            if word is None:
                raise ValueError("a key is missing")
            self.position = word.end()
            self.written.append(json.dumps(word.group()))
        if self.is_at_end():
            return self._ends_early()
        if not self._takes(":"):
            raise ValueError("a colon is missing")
        self.written.append(":")
        return True

    def _plain(self, depth: int) -> bool:
        """Read a number or a word."""
        match = WORD.match(self.text, self.position) or SIGNED_INFINITY.match(self.text, self.position)
        match = match or NUMBER.match(self.text, self.position)
        if match is None:
            raise ValueError("something that is no JSON stands in the answer")
        self.position = match.end()
        found = match.group()
        if depth and self.position >= len(self.text):
            # More digits or letters may have been to come.
            return self._ends_early()
        self.written.append(WORDS.get(found.lstrip("+-")) or _number(found))
        return True

    def _string(self) -> bool:
        """Read a string; False where the text ends within it."""
        quote = self.text[self.position]
        self.position += 1
        parts: list[str] = []
        while self.position < len(self.text):
            plain = STRING_PARTS[quote].match(self.text, self.position)
            if plain is not None:
                parts.append(plain.group())
                self.position = plain.end()
            elif self.text[self.position] == "\\":
                parts.append(self._escape())
            else:
                self.position += 1
                if self._closes():
                    self.written.append(_quoted("".join(parts)))
                    return True
                parts.append(quote)
        return self._ends_early()

    def _closes(self) -> bool:
        """Whether the quote just passed ends its string: what follows is no text, or stands on another line."""
        following = _end(SPACE, self.text, self.position)
        if following >= len(self.text) or "\n" in self.text[self.position : following]:
            return True
        return self.text[following] in ",:}]#" or self.text.startswith(("//", "/*", FENCE), following)

    def _escape(self) -> str:
        """Read what a backslash begins; one that begins nothing stands for itself."""
        letter = self.text[self.position + 1 : self.position + 2]
        if letter == "u":
            digits = HEXADECIMAL.match(self.text, self.position + 2)
            if digits is not None:
                self.position += 6
                return chr(int(digits.group(), 16))
        if letter in ESCAPES:
            self.position += 2
            return ESCAPES[letter]
        self.position += 1
        return "\\"


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Return where a pattern that also fits nothing ends."""
    match = pattern.match(text, position)
    return match.end() if match else position


def _quoted(text: str) -> str:
    """Return the string as JSON; two halves of a character are joined, and a single one is replaced."""
    if SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return json.dumps(text, ensure_ascii=False)


def _number(found: str) -> str:
    """Return the number as JSON writes it."""
    if JSON_NUMBER.fullmatch(found):
        return found
    number = float(found)
    if not math.isfinite(number):
        raise ValueError("a number is out of bounds")
    is_whole = found.lstrip("+-").isdigit()
    return str(int(found)) if is_whole else repr(number)
