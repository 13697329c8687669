"""Words of work across languages: which ones mean the same, so that a claim may be held against lines in another language."""

import re
import unicodedata
from functools import cache, lru_cache

import snowballstemmer

from jobs.grounding.wordlists import DATA_DIR
from jobs.grounding.words import tokens

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl")
_STEMMERS = {"en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese", "nl": "dutch", "pl": "polish"}  # fmt: skip
_SPECIAL = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "œ": "oe", "æ": "ae", "’": "'"})
# How much two words of different languages have to share at their beginning to be the same word.
_SHARED = 5
_SHARE = 0.6
_SPELT = str.maketrans({"c": "k", "q": "k", "y": "i", "z": "s", "j": "i"})
_DOUBLED = re.compile(r"(.)\1")
# The heading of the list's second part.
THINGS = "# what it is done to"
# Articles that lose their vowel before another.
_ELIDED = frozenset(["all", "dell", "nell", "sull", "dall", "quell", "jusqu", "lorsqu", "puisqu"])
# The shortest part of a compound that is looked at.
_PART = 4


@lru_cache(maxsize=50_000)
def bare(word: str) -> str:
    """Return a word in lower case and without accents; what an apostrophe cuts off in front is left out."""
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_SPECIAL))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    head, _, tail = letters.partition("'")
    return tail if tail and (len(head) <= 2 or head in _ELIDED) else letters


@cache
def _table() -> dict[str, tuple[dict[str, frozenset[int]], dict[str, frozenset[int]]]]:
    """Return, by language, the meanings of whole words and of beginnings."""
    found: dict[str, tuple[dict[str, frozenset[int]], dict[str, frozenset[int]]]] = {
        language: ({}, {}) for language in LANGUAGES
    }
    lines = (DATA_DIR / "crosswords.txt").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if not line or line.startswith("#"):
            continue
        for language, column in zip(LANGUAGES, line.split("|"), strict=True):
            for entry in column.split():
                part = found[language][entry.endswith("*")]
                key = bare(entry.rstrip("*"))
                part[key] = part.get(key, frozenset()) | {number}
    return found


@cache
def _things_from() -> int:
    """Return the number of the line from which on the list holds what is done something to."""
    lines = (DATA_DIR / "crosswords.txt").read_text(encoding="utf-8").splitlines()
    return lines.index(THINGS)


@lru_cache(maxsize=100_000)
def meanings(word: str, language: str) -> frozenset[int]:
    """Return what a word means in a language, as numbers: by the whole word, else by its longest known beginning."""
    whole, beginnings = _table()[language]
    plain = bare(word)
    if plain in whole:
        return whole[plain]
    return next(
        (beginnings[plain[:size]] for size in range(len(plain), 1, -1) if plain[:size] in beginnings), frozenset()
    )


@lru_cache(maxsize=100_000)
def all_meanings(word: str) -> frozenset[int]:
    """Return what a word may mean in whatever language it is."""
    return frozenset(number for language in LANGUAGES for number in meanings(word, language))


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """Return a word's stem in a language, without accents."""
    return bare(_stemmer(language).stemWord(bare(word)))


@cache
def _stemmer(language: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(_STEMMERS[language])


@cache
def small_words(language: str) -> frozenset[str]:
    """Return the words of a language that state nothing about an applicant."""
    for line in (DATA_DIR / "small_words.txt").read_text(encoding="utf-8").splitlines():
        name, _, words = line.partition(": ")
        if name == language:
            return frozenset(words.split())
    return frozenset()


class CrossVocabulary:
    """The words of some texts, for comparison with words of another language, or of the same one by its own stems."""

    def __init__(self, texts: list[str], language: str, *, only_doing: bool = False) -> None:
        """Index texts of any language for claims in `language`; `only_doing`: only words for what one does mean the same."""
        words = {token.word for text in texts for token in tokens(text)}
        self.language = language
        self.words = {bare(word) for word in words}
        self.shapes = set() if only_doing else {shape_of(word) for word in words}
        self.stems = {stem(word, language) for word in words}
        self.meanings = {
            number for word in words for number in with_parts(word) if not only_doing or number < _things_from()
        }

    def has(self, word: str) -> bool:
        """Whether the word, a form of it, a cognate or a word of its meaning occurs."""
        plain = bare(word)
        return (
            plain in self.words
            or stem(word, self.language) in self.stems
            or not meanings(word, self.language).isdisjoint(self.meanings)
            or self._has_cognate(word, plain)
        )

    def _has_cognate(self, word: str, plain: str) -> bool:
        if not self.shapes:
            return any(_are_cognate(plain, other) for other in self.words if other[:_SHARED] == plain[:_SHARED])
        shape = shape_of(word)
        return any(_are_cognate(shape, other) for other in self.shapes if other[:_SHARED] == shape[:_SHARED])


@lru_cache(maxsize=50_000)
def shape_of(word: str) -> str:
    """Return a word as its cognates in other languages may be spelt too: `konventionell` and `conventional` begin alike."""
    return _DOUBLED.sub(r"\1", bare(word).replace("ph", "f").replace("th", "t").replace("ck", "k").translate(_SPELT))


def with_parts(word: str) -> frozenset[int]:
    """Return the meanings of a word and, where it may be a German compound, of its last part."""
    plain = bare(word)
    found = set(all_meanings(word))
    for start in range(_PART, len(plain) - _PART):
        found |= meanings(plain[start:], "de")
    return frozenset(found)


def _are_cognate(one: str, other: str) -> bool:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length >= _SHARED and length >= _SHARE * max(len(one), len(other))
