"""Languages with their levels, as written and on the CEFR scale."""

import re
from collections.abc import Sequence
from functools import cache

from cv.parsing.lexicon import alternatives, folded, table, words
from cv.parsing.rows import visible_text
from cv.parsing.skills import split_list
from cv.parsing.types import Part, Row, Section
from cv.parsing.values import note
from cv.parsing.work import Loose
from cv.resume import CEFRLevel, Language

_CEFR = re.compile(r"\b([ABC][12])\b")
_EDGES = " \t,;:|·•–—-()（）[].：、，/"
_NOISE = re.compile(r"[★☆●○◉◯■□▪▫⬤⚪⚫]+")


def read_languages(sections: Sequence[Section], loose: Loose) -> list[Language]:
    """Read language sections; a row with a level alone belongs to the language before it."""
    languages: list[Language] = []
    for section in sections:
        for row in section.rows:
            for part in _pieces(row):
                _read_piece(languages, part, row, loose)
    return languages


def _pieces(row: Row) -> list[Part]:
    """Return the row's parts, neighbours without a wide gap joined."""
    parts: list[Part] = []
    for part in row.parts:
        if parts and not part.gap:
            last = parts[-1]
            parts[-1] = Part(last.text + part.text, last.look, [*last.lines, *part.lines], gap=last.gap)
        else:
            parts.append(part)
    return parts


def _read_piece(languages: list[Language], part: Part, row: Row, loose: Loose) -> None:
    text = _NOISE.sub("", visible_text(part.text))
    found = list(_names().finditer(text))
    if not found:
        _add_level(languages, text.strip(_EDGES), part, loose)
        return
    lead = text[: found[0].start()].strip(_EDGES)
    for number, match in enumerate(found):
        stop = found[number + 1].start() if number + 1 < len(found) else len(text)
        rest = text[match.end() : stop].strip(_EDGES)
        if number == 0 and lead and not rest and cefr_of(lead):
            rest = lead
        rest = re.sub(r"^(?:and|und|et|y|e|i|og|och|en|ve|и)\b\s*|\s*\b(?:and|und|et|y|e|i|og|och|en|ve|и)$", "", rest)
        _add(languages, match[0], rest, part)


def _add(languages: list[Language], name: str, fluency: str, part: Part) -> None:
    known = next((language for language in languages if folded(language.name) == folded(name)), None)
    if known is None:
        known = Language(name=name)
        languages.append(known)
    note(known, "name", part.lines, 0.95)
    if fluency and not known.fluency:
        known.fluency, known.cefr = fluency, cefr_of(fluency)
        note(known, "fluency", part.lines, 0.9)


def _add_level(languages: list[Language], text: str, part: Part, loose: Loose) -> None:
    pieces = split_list(text) if text else []
    open_ones = [language for language in languages if not language.fluency]
    waiting = open_ones[-len(pieces) :] if len(pieces) > 1 else open_ones[:1]
    if pieces and waiting and len(waiting) >= len(pieces) and all(len(piece) < 60 for piece in pieces):
        for language, piece in zip(waiting, pieces, strict=False):
            language.fluency, language.cefr = piece, cefr_of(piece)
            note(language, "fluency", part.lines, 0.8)
    elif text and not open_ones and not languages and len(text.split()) <= 3:
        for piece in pieces:
            _add(languages, piece, "", part)
    elif text:
        loose(text, part.lines)


@cache
def _names() -> re.Pattern[str]:
    return re.compile(alternatives(table("languages")["names"]), re.IGNORECASE)


def is_language(text: str) -> bool:
    """Return whether a text is the name of a language."""
    return folded(text) in words("languages", "names")


def finds_language(text: str) -> bool:
    """Return whether a text names a language somewhere."""
    return _names().search(text) is not None


def lists_languages(text: str) -> bool:
    """Return whether a text is a list of languages and nothing else."""
    pieces = split_list(visible_text(text))
    return len(pieces) > 1 and all(is_language(piece) for piece in pieces)


def cefr_of(text: str) -> CEFRLevel | None:
    """Return the level of the Common European Framework that a description names or stands for, or None.

    The words are mapped as the Council of Europe's self-assessment grid describes the levels: elementary A2,
    conversational B1, professional working B2, fluent C1, full professional C2.
    """
    if match := _CEFR.search(text.upper()):
        return CEFRLevel(match[1])
    plain = folded(text)
    best: tuple[int, CEFRLevel] | None = None
    for level in CEFRLevel:
        for word in words("language_levels", level.value):
            unspaced = not word.isascii() and " " not in word and len(word) <= 6
            if (f" {word} " in f" {plain} " or (unspaced and word in plain)) and (best is None or len(word) > best[0]):
                best = (len(word), level)
    return best[1] if best else None
