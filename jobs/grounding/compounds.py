"""German compounds: whether a word is part of one that the evidence has, or is put together of its words."""

from collections.abc import Sequence

from jobs.grounding.base import Base
from jobs.grounding.lexicon import EMPTY_TAILS, STRICT
from jobs.grounding.words import is_neutral

SHORT_PART = 3
JOINTS = ("s", "n", "en", "es", "er", "e")
_UMLAUTS = str.maketrans("äöü", "aou")
SHORTEST_PART = 5


def is_in_german_compound(word: str, claimed: Sequence[str], base: Base) -> bool:
    """Whether the evidence has the word as part of a compound, its parts, or it and another word of the claim as one."""
    return _is_in_compound(word, base) or _is_compound_of(word, base) or _has_compound_of(word, claimed, base)


def _is_compound_of(word: str, base: Base) -> bool:
    """Whether a German word is put together of words that the evidence has, or means: `Blechdicken` of sheets and their thickness."""
    if word in STRICT or not word.isalpha():
        return False
    for place in range(SHORT_PART, len(word) - SHORT_PART + 1):
        heads = {word[:place], *(word[: place - len(joint)] for joint in JOINTS if word[:place].endswith(joint))}
        tail = word[place:]
        if tail in STRICT or not (_says_piece(tail, base) or tail in EMPTY_TAILS or is_neutral(tail)):
            continue
        if any(len(head) >= SHORT_PART and head not in STRICT and _says_piece(head, base) for head in heads):
            return True
    return False


def _says_piece(piece: str, base: Base) -> bool:
    if len(piece) < SHORT_PART:
        return False
    is_short = len(piece) <= SHORT_PART
    return (
        (piece in base.vocabulary.words or umlauts_off(piece) in base.vocabulary.words)
        if is_short
        else base.vocabulary.has(piece) or base.means(piece) or _is_in_compound(piece, base)
    )


def _has_compound_of(word: str, claimed: Sequence[str], base: Base) -> bool:
    """Whether a compound of the evidence is this word and another one of the claim: `Sanierung von Bädern` of `Badsanierung`."""
    root = _root_of(word)
    if len(root) < SHORT_PART:
        return False
    others = [_root_of(other) for other in claimed if other != word]
    for known in base.vocabulary.words:
        plain_known = umlauts_off(known)
        for other in others:
            if len(other) < SHORT_PART or len(plain_known) < len(root) + len(other):
                continue
            for first, last in ((root, other), (other, root)):
                middle = plain_known[len(first) :]
                if plain_known.startswith(first) and any(
                    middle.removeprefix(joint).startswith(last) for joint in ("", "s", "n", "en", "er", "e", "es")
                ):
                    return True
    return False


def _root_of(word: str) -> str:
    bare = umlauts_off(word)
    for ending in ("ungen", "ern", "en", "er", "es", "e", "n", "s"):
        if bare.endswith(ending) and len(bare) - len(ending) >= SHORT_PART:
            return bare.removesuffix(ending)
    return bare


def umlauts_off(word: str) -> str:
    """Return a German word with its umlauts as plain vowels, as a plural may have them: `Bäder` of `Bad`."""
    return word.translate(_UMLAUTS)


def _is_in_compound(word: str, base: Base) -> bool:
    """Whether a German word is the first or last part of a compound of the evidence: `Kosten` of `Lagerkosten`."""
    if len(word) < SHORTEST_PART:
        return False
    ways = {word, word.removesuffix("s"), word.removesuffix("n"), word.removesuffix("es"), word.removesuffix("en")}
    ways = {way for way in ways if len(way) >= SHORTEST_PART}
    return any(
        known.startswith(way) or known.endswith(way)
        for known in base.vocabulary.words
        for way in ways
        if len(known) >= len(way) + SHORTEST_PART - 1
    )
