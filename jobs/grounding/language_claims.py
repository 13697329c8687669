"""Levels and denials: how well a language or a skill is said to be known, and what the CV denies."""

import re
from collections.abc import Iterable, Sequence

from cv.facts import FactKind
from jobs.grounding.base import Base
from jobs.grounding.concepts import concepts_of, mentions_in
from jobs.grounding.lexicon import LANGUAGES, NEGATIONS
from jobs.grounding.words import fluency_of, is_neutral, parts, stems, tokens

JOINED = re.compile(r"[,;]|\s(?:and|und|sowie)\s", re.IGNORECASE)


def level_given(claim: str, base: Base) -> int:
    """Return the highest level that the evidence gives any language which the claim names."""
    names = [token.word for token in tokens(claim) if token.word in LANGUAGES]
    return max((_level_in(text) for text in base.texts if any(_names(name, text) for name in names)), default=0)


def _level_in(text: str) -> int:
    return max((fluency_of(token.word) for token in tokens(text)), default=0)


def _names(language: str, text: str) -> bool:
    """Whether a text names a language, by whatever name."""
    return _stem_in(language, text) or not concepts_of([language]).isdisjoint(concepts_of([text]))


def _stem_in(word: str, text: str) -> bool:
    return any(not stems(word).isdisjoint(stems(token.word)) for token in tokens(text))


def negation_problems(claim: str, base: Base) -> Iterable[str]:
    """What the CV denies may not be claimed, nor the other way round."""
    denied, asserted = _polarity(base.texts)
    claimed_denied, claimed = _polarity([claim])
    wrongly_claimed = [word for stem, word in claimed.items() if stem in denied and stem not in asserted]
    if wrongly_claimed:
        yield f"The CV denies “{wrongly_claimed[0]}”."
    wrongly_denied = [word for stem, word in claimed_denied.items() if stem in asserted and stem not in denied]
    if wrongly_denied:
        yield f"This denies “{wrongly_denied[0]}”, which the CV states."


def _polarity(texts: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the stems that stand within four words after a negation, and those that stand free, each with its word."""
    denied: dict[str, str] = {}
    asserted: dict[str, str] = {}
    for text in texts:
        for piece in re.split(r"[.;:,!?()]", text):
            reach = 0
            for token in tokens(piece):
                if token.word in NEGATIONS:
                    reach = 4
                    continue
                if not is_neutral(token.word):
                    (denied if reach > 0 else asserted).update(dict.fromkeys(stems(token.word), token.text))
                    reach -= 1
    return denied, asserted


def language_problems(claim: str, base: Base) -> Iterable[str]:
    """A language may not be claimed at a higher level than the CV gives it."""
    clauses = [[token.word for token in tokens(clause)] for clause in JOINED.split(claim)]
    for place, words in enumerate(clauses):
        level = _level_of(clauses, place)
        for name in (word for word in words if word in LANGUAGES):
            lines = [f.text for f in base.facts if _names(name, f.text)]
            if lines and level > max(map(_level_in, lines)):
                yield f"The CV does not give {name.title()} at that level."


_LITTLE = re.compile(
    r"\b(?:basics?|beginner|elementary|grundkenntnisse|grundlagen|notions|introductory|rudimentary)\b", re.IGNORECASE
)
_MUCH = re.compile(
    r"\b(?:very good|advanced|good|confident\w*|fluent\w*|strong|sehr gute?[nrms]?|gute?[nrms]?|sicher\w*|fortgeschritten\w*|vertieft\w*|command)\b",
    re.IGNORECASE,
)


def skill_level_problems(claim: str, base: Base) -> Iterable[str]:
    """What the CV calls basic knowledge may not be told as more."""
    for clause in JOINED.split(claim):
        said = {mention.concept for mention in mentions_in(clause)} | {token.word for token in tokens(clause)}
        if not _MUCH.search(clause) or _LITTLE.search(clause):
            continue
        for fact in base.facts:
            named = {mention.concept for mention in mentions_in(fact.text)}
            named |= {token.word for token in tokens(fact.text)[:1]}
            if (
                fact.kind == FactKind.SKILL
                and _LITTLE.search(fact.text)
                and named & {p for w in said for p in (w, *parts(w))}
            ):
                yield f"The CV gives “{fact.text}” only."


def _level_of(clauses: Sequence[Sequence[str]], place: int) -> int:
    """Return the level that a clause claims of its languages, 0 where none is named.

    A clause without a level of its own goes with the one before ("fluent in English and German"), the first ones with the one
    behind, where that is but a language and its level ("German and English natively").
    """
    levels = [max(map(fluency_of, words), default=0) for words in clauses]
    before = next((level for level in reversed(levels[: place + 1]) if level), 0)
    if before:
        return before
    behind = next((number for number in range(place + 1, len(clauses)) if levels[number]), 0)
    return levels[behind] if behind and clauses[behind][0] in LANGUAGES else 0
