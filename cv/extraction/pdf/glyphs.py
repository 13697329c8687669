"""Repairs of single characters: doubled ones, loose accents, icons, signs of dingbat fonts."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from cv.extraction.pdf.chars import Char

UNDEFINED = "\ufffd"
# Signs that Word's symbol fonts put at private places, as the list signs they show.
_SYMBOL_BULLETS = {
    "\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "➢", "\uf0fc": "✓", "\uf076": "❖", "\uf0a8": "□", "\uf06e": "■",
    "\uf06c": "●", "\uf0b2": "◇", "\uf02d": "-", "\uf0be": "-",
}  # fmt: skip
_ICON_FONT = re.compile(
    r"awesome|fontello|icons|(?<!lex)icon(?:font|(?![a-z]))|icomoon|glyphs?-?halflings|marvosym|^fa-|\bfa(?:solid|brands|regular)|feather|typicons|entypo",
    re.I,
)
_DINGBAT_FONT = re.compile(r"wingding|webding|dingbat|^symbol", re.I)
_ACCENTS = {
    "\u00b4": "\u0301", "`": "\u0300", "\u00a8": "\u0308", "\u02c6": "\u0302", "^": "\u0302", "\u02dc": "\u0303",
    "~": "\u0303", "\u00b8": "\u0327", "\u02c7": "\u030c", "\u02da": "\u030a", "\u00af": "\u0304", "\u02d8": "\u0306",
    "\u02d9": "\u0307", "\u02dd": "\u030b", "\u02db": "\u0328",
}  # fmt: skip


def repair(chars: Iterable[Char]) -> list[Char]:
    """Return the characters without doubles and icons, accents put on their letters."""
    return _compose(_without_doubles(_readable(chars)))


def is_private(text: str) -> bool:
    """Whether the text is of private use: an icon, or a font whose letters are not known."""
    return any("\ue000" <= sign <= "\uf8ff" or sign >= "\U000f0000" for sign in text)


def is_garbled(text: str) -> bool:
    """Whether a character can't be text: undefined, of private use or a control character."""
    return text == UNDEFINED or is_private(text) or (len(text) == 1 and unicodedata.category(text) in {"Cc", "Cn"})


def _readable(chars: Iterable[Char]) -> list[Char]:
    kept = []
    for char in chars:
        text = _SYMBOL_BULLETS.get(char.text, char.text)
        if _DINGBAT_FONT.search(char.font.name) and text.isascii() and text.strip():
            text = "•"
        if _ICON_FONT.search(char.font.name) or (is_garbled(text) and text != "\t") or not text:
            continue
        kept.append(char if text == char.text else replace(char, text=text))
    return kept


def _without_doubles(chars: list[Char]) -> list[Char]:
    """Drop characters painted again at nearly the same place, which is how some programs make bold."""
    seen: dict[tuple[str, int, int], Char] = {}
    kept: list[Char] = []
    for char in chars:
        column, row = round(char.x0), round(char.base)
        around = ((char.text, column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        twin = next((seen[key] for key in around if key in seen and _is_double(seen[key], char)), None)
        if twin is not None and char.text.strip():
            twin.font = replace(twin.font, bold=True)
            continue
        seen[char.text, column, row] = char
        kept.append(char)
    return kept


def _is_double(first: Char, second: Char) -> bool:
    near = 0.12 * second.size
    return abs(first.x0 - second.x0) < near and abs(first.base - second.base) < near and not first.hidden


def _compose(chars: list[Char]) -> list[Char]:
    """Put accents that stand alone over or under a letter onto it, as TeX's older fonts need."""
    composed: list[Char] = []
    waiting: Char | None = None
    for place, char in enumerate(chars):
        if unicodedata.combining(char.text[0]) and composed and len(char.text) == 1:
            letter = _letter_of(char, composed[-1], chars[place + 1] if place + 1 < len(chars) else composed[-1])
            letter.text = unicodedata.normalize("NFC", letter.text + char.text)
            continue
        if waiting is not None and _sits_on(waiting, char):
            char.text = unicodedata.normalize("NFC", char.text + _ACCENTS[waiting.text])
            composed.remove(waiting)
        waiting = None
        if char.text in _ACCENTS:
            if composed and _sits_on(char, composed[-1]):
                composed[-1].text = unicodedata.normalize("NFC", composed[-1].text + _ACCENTS[char.text])
                continue
            waiting = char
        composed.append(char)
    return composed


def _letter_of(mark: Char, before: Char, after: Char) -> Char:
    """Return the letter that a mark belongs to: right-to-left text may be painted from its end, the mark first."""
    if unicodedata.bidirectional(after.text[0]) not in {"R", "AL"}:
        return before
    if not before.text.isalpha():
        return after
    distances = [max(letter.x0 - mark.middle, mark.middle - letter.x1, 0.0) for letter in (before, after)]
    from_end = after.x0 > before.x0
    return after if distances[1] < distances[0] or (from_end and distances[1] == distances[0]) else before


def _sits_on(accent: Char, letter: Char) -> bool:
    same_row = abs(accent.base - letter.base) < 0.5 * letter.size
    return letter.text.isalpha() and same_row and letter.x0 <= accent.middle <= letter.x1
