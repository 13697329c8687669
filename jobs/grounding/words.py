"""Words as the gate sees them: tokens, stems, clauses and sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from jobs.grounding.lexicon import ABBREVIATIONS, GERMAN_MARKERS, NEUTRAL, SYNONYMS

TOKEN = re.compile(r"[^\W_]\w*(?:[.+#&'’/-]+\w+)*[+#]*")
PARTS = re.compile(r"[./&'’+#-]+")
SENTENCE_END = re.compile(r"([.!?…]+[\"'”’»)\]]*)(\s+|$)")
SUFFIXES = ("", "s", "e", "es", "ed", "en", "er", "ers", "or", "ors", "ing", "ion", "ions", "al", "ance", "ence", "ment", "ments", "ity", "ive", "ly")  # fmt: skip

_english = snowballstemmer.stemmer("english")
_german = snowballstemmer.stemmer("german")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text: `text` as written, `word` folded, `start` its character offset."""

    text: str
    word: str
    start: int

    @property
    def is_name(self) -> bool:
        """Whether it is written like a name: a capital, several of them, or a sign that words don't have."""
        return self.text[0].isupper() or any(sign in self.text for sign in "+#") or any(c.isupper() for c in self.text)

    @property
    def has_digit(self) -> bool:
        """Whether a digit is part of it."""
        return any(c.isdigit() for c in self.text)


_LIST_ITEM = re.compile(r"(?:[-–—•·*▪●○>]|\d{1,2}[.)])\s")


@lru_cache(maxsize=50_000)
def stems(word: str) -> frozenset[str]:
    """Return the English and the German stem of a folded word; a text in either language is compared by both."""
    return frozenset({_english.stemWord(word), _german.stemWord(word)})


def fold(text: str) -> str:
    """Lower the case, straighten apostrophes and drop a possessive's ending."""
    word = text.lower().replace("’", "'")
    return word[:-2] if word.endswith("'s") else word.rstrip("'")


def tokens(text: str) -> list[Token]:
    """Return the words and numbers of a text."""
    return [Token(match.group(), fold(match.group()), match.start()) for match in TOKEN.finditer(text)]


def parts(word: str) -> list[str]:
    """Return the pieces of a compound such as `ci/cd` or `web-based`; a plain word is its only piece."""
    return [piece for piece in PARTS.split(word) if piece]


def is_german(text: str) -> bool:
    """Whether a text reads as German rather than English, by its small words."""
    words = [token.word for token in tokens(text)]
    german = sum(word in GERMAN_MARKERS for word in words)
    return (german >= 1 and german * 6 >= len(words)) or (any(c in "äöüß" for c in text.lower()) and german > 0)


def is_neutral(word: str) -> bool:
    """Whether a word states nothing about the applicant on its own."""
    if word in NEUTRAL:
        return True
    pieces = parts(word)
    return len(pieces) > 1 and all(piece in NEUTRAL for piece in pieces)


class Vocabulary:
    """The words of a set of texts, and what counts as saying the same."""

    def __init__(self, texts: list[str]) -> None:
        """Index the texts."""
        self.words: set[str] = set()
        self.stems: set[str] = set()
        for text in texts:
            for token in tokens(text):
                self._add(token.word)
        self.joined = " ".join(token.word for text in texts for token in tokens(text))

    def _add(self, word: str) -> None:
        for piece in {word, *parts(word)}:
            self.words.add(piece)
            self.stems |= stems(piece)

    def has(self, word: str) -> bool:
        """Whether the word, an inflection of it or a listed synonym occurs."""
        return word in self.words or not stems(word).isdisjoint(self.stems) or self._has_kin(word)

    def _has_kin(self, word: str) -> bool:
        if any(not stems(other).isdisjoint(self.stems) for other in SYNONYMS.get(word, ())):
            return True
        if any(not stems(other).isdisjoint(self.stems) for stem in stems(word) for other in SYNONYMS.get(stem, ())):
            return True
        return any(_are_kin(word, other) for other in self.words if other[:5] == word[:5])


def _are_kin(one: str, other: str) -> bool:
    """Whether two words share a root of at least five letters and differ by a derivational ending only."""
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length >= 5 and one[length:] in SUFFIXES and other[length:] in SUFFIXES


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text; a line break ends one too, abbreviations and decimals don't."""
    for line in text.splitlines():
        start = 0
        for match in SENTENCE_END.finditer(line):
            if _ends_sentence(line, match):
                yield from _stripped(line[start : match.end(1)])
                start = match.end()
        yield from _stripped(line[start:])


def unwrapped(text: str) -> str:
    """Return a text with the lines joined that only a right margin has parted: the next word would not have fitted.

    The margin is the longest line; list items, and lines that end a sentence, stay as they are.
    """
    lines = [line.strip() for line in text.splitlines()]
    width = max(map(len, lines), default=0)
    joined: list[str] = []
    last = ""
    for line in lines:
        has_no_room = last and line and len(last) + 1 + len(line.split()[0]) > width
        if has_no_room and last[-1] not in ".!?:" and not _LIST_ITEM.match(line):
            joined[-1] += f" {line}"
        else:
            joined.append(line)
        last = line
    return "\n".join(joined)


def _ends_sentence(line: str, match: re.Match[str]) -> bool:
    following = line[match.end() : match.end() + 1]
    if following and not (following.isupper() or following.isdigit() or following in "\"'“„«(["):
        return False
    if match.group(1) != ".":
        return True
    before = line[: match.start()].rsplit(None, 1)
    word = before[-1].lstrip("(\"'“„") if before else ""
    is_initial = len(word) == 1 and word.isupper() and word != "I"
    is_german_ordinal = word.isdigit() and len(word) <= 2 and bool(following)
    return not (is_initial or is_german_ordinal or word.lower() in ABBREVIATIONS or "." in word.rstrip("."))


def _stripped(text: str) -> Iterator[str]:
    if text.strip():
        yield text.strip()
