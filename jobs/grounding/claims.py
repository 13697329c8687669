"""The words of a claim before its evidence: skills, ranks, praise, degrees, languages, denials, and any other."""

import re
from collections.abc import Iterable, Sequence

from jobs.grounding.base import Base
from jobs.grounding.concepts import known_and_foreign, mentions_in
from jobs.grounding.lexicon import ABSOLUTES, DEGREES, FLUENCY, FREQUENCIES, LANGUAGES, NEGATIONS, SENIORITY
from jobs.grounding.periods import ISO_DATE, NUMERIC_DATE, OF_DURATION
from jobs.grounding.quantities import MULTIPLES, WORD_VALUES, quantities
from jobs.grounding.scope import scope_verbs
from jobs.grounding.words import Token, bears, is_german, is_neutral, parts, stems, tokens

# How long an abbreviation of initials may be.
INITIALS = range(3, 7)
# Abbreviations that small words are spelt like.
LIKE_PRONOUNS = frozenset(["IT", "US"])
JOINED = re.compile(r"[,;]|\s(?:and|und|sowie)\s", re.IGNORECASE)

OVER_ALL = 99
SHORTEST_PART = 5
# Verbs that say only that the work named behind them was done.
LIGHT = frozenset(
    stem
    for verb in (
        "perform",
        "conduct",
        "execute",
        "undertake",
        "handle",
        "do",
        "complete",
        "provide",
        "give",
        "offer",
        "take",
        "erledigt",
        "übernommen",
    )
    for stem in stems(verb)
)
# Words for which no synonym will do.
STRICT = (ABSOLUTES | SENIORITY | LANGUAGES | frozenset(DEGREES)) - {"staff"}
# Praise that needs no noun beside it to be the same praise.
UNBOUND = frozenset(
    ["award", "award-winning", "awarded", "expert", "experts", "all", "every", "always", "most", "very"]
)


def word_problems(claim: str, base: Base) -> Iterable[tuple[str, bool]]:
    """Yield what each word of the claim lacks in the evidence, with whether the person may confirm it.

    Names, praise, ranks, degrees and languages can never be confirmed away; ordinary words can.
    """
    german = is_german(claim)
    words = tokens(claim)
    named, foreign = known_and_foreign(claim, base.texts)
    for skill in foreign:
        yield f"“{skill}” is a skill that the cited lines do not name.", False
    speaks = any(token.word in LANGUAGES for token in words)
    is_dated = any(fact.start for fact in base.facts)
    checked_elsewhere = _checked_elsewhere(claim, words, base) | named
    for index, token in enumerate(words):
        if token.start in checked_elsewhere or _is_numeric(token.word):
            continue
        if is_dated and token.word in OF_DURATION and index and _is_numeric(words[index - 1].word):
            continue
        if (speaks and FLUENCY.get(token.word, OVER_ALL) <= _level_given(claim, base)) or _does_work_of(
            words, index, base
        ):
            continue
        supported = (_is_supported(token.word, base) or (german and _is_in_compound(token.word, base))) and not (
            token.word in ABSOLUTES - UNBOUND - DEGREES.keys() and _says_of_another(words, index, base)
        )
        problem = None if supported else _category_problem(token, speaks=speaks)
        if problem:
            yield problem, False
        elif not supported and (token.text in LIKE_PRONOUNS or not is_neutral(token.word)):
            is_name = (
                (token.is_name and index > 0 and not german)
                or token.has_digit
                or "+" in token.text
                or "#" in token.text
                or token.text in LIKE_PRONOUNS
            )
            yield f"“{token.text}” is not in the cited lines of the CV.", not is_name


def _checked_elsewhere(claim: str, words: Sequence[Token], base: Base) -> set[int]:
    """Return the places of words that other checks compare: verbs of the ladder, numbers, dates, and abbreviations spelt out."""
    found = {verb.token.start for verb in scope_verbs(list(words))} | _covered_by_initials(words, base)
    for number in quantities(claim):
        found |= set(range(number.start, number.end))
    for pattern in (NUMERIC_DATE, ISO_DATE):
        found |= {place for match in pattern.finditer(claim) for place in range(match.start(), match.end())}
    return found


def _level_given(claim: str, base: Base) -> int:
    """Return the highest level that the evidence gives any language which the claim names."""
    names = [token.word for token in tokens(claim) if token.word in LANGUAGES]
    lines = [text for text in base.texts if any(_stem_in(name, text) for name in names)]
    return max((FLUENCY[token.word] for line in lines for token in tokens(line) if token.word in FLUENCY), default=0)


def _does_work_of(words: Sequence[Token], index: int, base: Base) -> bool:
    """Whether a verb that says nothing itself goes with the name of the work that a cited line begins with."""
    if LIGHT.isdisjoint(stems(words[index].word)):
        return False
    heads = [next((t.word for t in tokens(line) if not is_neutral(t.word)), "") for line in base.lines]
    behind = [token.word for token in words[index + 1 : index + 7] if not is_neutral(token.word)]
    return any(head and bears(head, word) for head in heads for word in behind)


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


def _covered_by_initials(words: Sequence[Token], base: Base) -> set[int]:
    """Return where words of the claim spell out an abbreviation of the evidence, or abbreviate its words."""
    known = [token for text in base.texts for token in tokens(text)]
    short = {token.text for token in known if token.text.isupper() and len(token.text) in INITIALS}
    found: set[int] = set()
    for start in range(len(words)):
        for size in INITIALS:
            run = words[start : start + size]
            initials = "".join(token.text[0] for token in run)
            # Ranks and degrees are spelt out by their own abbreviations only; and three letters meet by chance: SQL is
            # neither a Senior Quality Lead nor a Super Quick Ledger.
            is_plain = initials.lower() in STRICT or not any(token.word in STRICT for token in run)
            if (
                len(run) == size
                and initials in short
                and is_plain
                and (size > min(INITIALS) or not mentions_in(initials))
            ):
                found |= {token.start for token in run}
    spelt = {
        "".join(token.text[0] for token in known[start : start + size])
        for start in range(len(known))
        for size in INITIALS
    }
    return found | {t.start for t in words if t.text.isupper() and len(t.text) in INITIALS and t.text in spelt}


def _is_supported(word: str, base: Base) -> bool:
    if word in STRICT:
        return base.vocabulary.has_form(word)
    if word in FREQUENCIES:
        return not FREQUENCIES[word].isdisjoint(base.vocabulary.words)
    if base.vocabulary.has(word) or base.means(word):
        return True
    pieces = parts(word)
    return len(pieces) > 1 and all(base.vocabulary.has(piece) or is_neutral(piece) for piece in pieces)


def _says_of_another(words: Sequence[Token], index: int, base: Base) -> bool:
    """Whether the evidence has a superlative, but of something else: the first year is not the first in the company."""
    if index + 1 == len(words):
        return False
    following = _forms(words[index + 1].word)
    for text in base.texts:
        said = tokens(text)
        for place, token in enumerate(said):
            is_same = token.word == words[index].word
            if is_same and (place + 1 == len(said) or not following.isdisjoint(_forms(said[place + 1].word))):
                return False
    return words[index].word in base.vocabulary.words


def _forms(word: str) -> frozenset[str]:
    """Return a word's stems, and the digits of a number word."""
    return stems(word) | ({str(WORD_VALUES[word])} if word in WORD_VALUES else set())


def _category_problem(token: Token, *, speaks: bool) -> str | None:
    if token.word in ABSOLUTES:
        return f"“{token.text}” praises or generalises more than the cited lines do."
    if token.word in SENIORITY:
        return f"“{token.text}” is a rank that the cited lines do not give."
    if token.word in DEGREES:
        return f"“{token.text}” is a degree that the cited lines do not give."
    if token.word in LANGUAGES:
        return f"The language “{token.text}” is not in the cited lines."
    if speaks and token.word in FLUENCY:
        return f"“{token.text}” is a level that the cited lines do not give."
    return None


def _is_numeric(word: str) -> bool:
    return word in WORD_VALUES or word in MULTIPLES or word[0].isdigit()


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
            lines = [f.text for f in base.facts if _stem_in(name, f.text)]
            known = [FLUENCY[token.word] for line in lines for token in tokens(line) if token.word in FLUENCY]
            if lines and level > max(known, default=0):
                yield f"The CV does not give {name.title()} at that level."


def _level_of(clauses: Sequence[Sequence[str]], place: int) -> int:
    """Return the level that a clause claims of its languages, 0 where none is named.

    A clause without a level of its own goes with the one before ("fluent in English and German"), the first ones with the one
    behind, where that is but a language and its level ("German and English natively").
    """
    levels = [max((FLUENCY[word] for word in words if word in FLUENCY), default=0) for words in clauses]
    before = next((level for level in reversed(levels[: place + 1]) if level), 0)
    if before:
        return before
    behind = next((number for number in range(place + 1, len(clauses)) if levels[number]), 0)
    return levels[behind] if behind and clauses[behind][0] in LANGUAGES else 0
