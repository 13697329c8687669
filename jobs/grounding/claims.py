"""The words of a claim before its evidence: skills, ranks, praise, degrees, languages, denials, and any other."""

import re
from collections.abc import Iterable, Sequence

from cv.facts import FactKind
from jobs.grounding.base import Base
from jobs.grounding.concepts import known_and_foreign, mentions_in
from jobs.grounding.lexicon import (
    ABSOLUTES,
    DEGREES,
    EMPTY_TAILS,
    FLUENCY,
    FREQUENCIES,
    GENERAL_VERBS,
    LANGUAGES,
    LIGHT_VERBS,
    NEGATIONS,
    SENIORITY,
    VERBS_OF_WORK,
)
from jobs.grounding.numbers import WHOLE
from jobs.grounding.periods import ISO_DATE, NUMERIC_DATE, OF_DURATION
from jobs.grounding.phrases import plain
from jobs.grounding.quantities import MULTIPLES, WORD_VALUES, Bound, quantities
from jobs.grounding.scope import scope_verbs
from jobs.grounding.shades import begins_with_verb, way_of, ways_of
from jobs.grounding.words import Token, bears, is_german, is_neutral, parts, stems, tokens, vocabulary_of

# How long an abbreviation of initials may be.
INITIALS = range(3, 7)
# Abbreviations that small words are spelt like.
LIKE_PRONOUNS = frozenset(["IT", "US"])
JOINED = re.compile(r"[,;]|\s(?:and|und|sowie)\s", re.IGNORECASE)

CLAUSE = re.compile(r"[;:,()]|\s(?:and|but|und|aber)\s")
# How far into a clause without a verb the work stands that it names.
FIRST_WORDS = 4
OF_TIME = frozenset(["hours", "hour", "minutes", "minute", "days", "day", "weeks", "week", "seconds", "stunden", "minuten", "tage", "tagen", "wochen"])  # fmt: skip
SHORT_PART = 3
JOINTS = ("s", "n", "en", "es", "er", "e")

_UMLAUTS = str.maketrans("äöü", "aou")
# Verbs that tell only that one was at work on what is named beside them: all of them, and those that go with any work.
OF_WORK = frozenset(stem for verb in VERBS_OF_WORK for stem in stems(verb))
GENERAL = frozenset(stem for verb in GENERAL_VERBS for stem in stems(verb))
# How much of what stands beside such a verb has to be in the line.
MOST_OF = 0.6
# German titles that end in a rank.
RANKED = re.compile(r"\w(?:leiter|chef|meister|direktor)(?:in|innen|s|n)?$")
OVER_ALL = 99
SHORTEST_PART = 5
# Verbs that say only that the work named behind them was done.
LIGHT = frozenset(stem for verb in LIGHT_VERBS for stem in stems(verb))
# What a per cent is of something.
SHARES = frozenset(["share", "proportion", "percentage", "rate", "ratio", "portion", "anteil", "quote", "prozentsatz"])
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
    claimed = [token.word for token in words]
    for index, token in enumerate(words):
        if token.start in checked_elsewhere or _is_numeric(token.word):
            continue
        follows_number = index > 0 and _is_numeric(words[index - 1].word)
        if follows_number and ((is_dated and token.word in OF_DURATION) or (base.times and token.word in OF_TIME)):
            continue
        if (speaks and FLUENCY.get(token.word, OVER_ALL) <= _level_given(claim, base)) or (
            _does_work_of(words, index, base) or _works_on(words, index, base)
        ):
            continue
        if token.word in SHARES and any(number.unit == "%" for number in quantities(claim)):
            continue
        if _is_way(token.word, base) or (token.word == "least" and _is_at_least(claim, base)):
            continue
        is_counted_by = index > 0 and words[index - 1].word in {"per", "pro", "je", "each", "every"}
        is_borne = (
            _is_supported(token.word, base)
            or (base.goes_without_saying(token.word) and not is_counted_by)
            or (german and _is_in_german_compound(token.word, claimed, base))
        )
        supported = is_borne and not (
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


def _is_way(word: str, base: Base) -> bool:
    """Whether a word says which way a number went, as it did by a cited line."""
    if word.startswith(("exceed", "surpass")) and any(
        number.unit == "%" and number.value > WHOLE for number in base.numbers
    ):
        return True
    way = way_of(word)
    return bool(way) and any(way in ways_of(text) for fact in base.facts for text in (fact.text, plain(fact.text)))


def _is_at_least(claim: str, base: Base) -> bool:
    """Whether "at least" goes with a number that a line bounds from below."""
    open_ended = {number.key for number in base.numbers if number.bound in {Bound.AT_LEAST, Bound.LOWER}}
    return any(number.bound == Bound.AT_LEAST and number.key in open_ended for number in quantities(claim))


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
    heads = [word for line in base.lines for word in _heads_of(line)]
    near = (*words[max(0, index - 7) : index], *words[index + 1 : index + 7])
    behind = [token.word for token in near if not is_neutral(token.word)]
    return any(head and bears(head, word) for head in heads for word in behind)


def _works_on(words: Sequence[Token], index: int, base: Base) -> bool:
    """Whether a verb that names no deed of its own stands beside things of one line: any such verb where the line has none itself, else a general one."""
    said = stems(words[index].word)
    if said.isdisjoint(OF_WORK):
        return False
    near = [token for token in words[max(0, index - 6) : index + 7] if token is not words[index]]
    things = [token.word for token in near if not is_neutral(token.word) and not token.has_digit]
    for line in base.lines:
        is_named_only = not any(begins_with_verb(clause) for clause in CLAUSE.split(line) if clause.strip())
        known = vocabulary_of(line)
        if (is_named_only or not said.isdisjoint(GENERAL)) and sum(map(known.has, things)) >= MOST_OF * len(things) > 0:
            return True
    return False


def _heads_of(line: str) -> list[str]:
    """Return the word that a line begins with and, of clauses without a verb, the first few."""
    heads = []
    for clause in CLAUSE.split(line):
        said = [token for token in tokens(clause) if not is_neutral(token.word) and not token.has_digit]
        heads += [token.word for token in (said[:1] if begins_with_verb(clause) else said[:FIRST_WORDS])]
    return heads


def _is_in_german_compound(word: str, claimed: Sequence[str], base: Base) -> bool:
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
    if RANKED.search(word) and not base.vocabulary.has(word):
        return False
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
    levels = [max((FLUENCY[word] for word in words if word in FLUENCY), default=0) for words in clauses]
    before = next((level for level in reversed(levels[: place + 1]) if level), 0)
    if before:
        return before
    behind = next((number for number in range(place + 1, len(clauses)) if levels[number]), 0)
    return levels[behind] if behind and clauses[behind][0] in LANGUAGES else 0
