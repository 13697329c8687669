"""The words of a claim before its evidence: skills, ranks, praise, degrees, and any other."""

import re
from collections.abc import Iterable, Sequence

from jobs.grounding.base import Base
from jobs.grounding.compounds import is_in_german_compound
from jobs.grounding.concepts import known_and_foreign, mentions_in
from jobs.grounding.crosswords import meanings
from jobs.grounding.language_claims import level_given
from jobs.grounding.lexicon import (
    ABSOLUTES,
    DEGREES,
    FIRST_PERSON,
    FREQUENCIES,
    GENERAL_VERBS,
    LANGUAGES,
    LIGHT_VERBS,
    SENIORITY,
    STRICT,
    VERBS_OF_WORK,
)
from jobs.grounding.numbers import WHOLE
from jobs.grounding.periods import ISO_DATE, NUMERIC_DATE, OF_DURATION
from jobs.grounding.phrases import plain
from jobs.grounding.quantities import MULTIPLES, WORD_VALUES, Bound, quantities
from jobs.grounding.scope import scope_verbs
from jobs.grounding.shades import begins_with_verb, way_of, ways_of
from jobs.grounding.wordlists import base_form
from jobs.grounding.words import Token, bears, fluency_of, is_german, is_neutral, parts, stems, tokens, vocabulary_of

# How long an abbreviation of initials may be.
INITIALS = range(3, 7)
# Abbreviations that small words are spelt like.
LIKE_PRONOUNS = frozenset(["IT", "US"])
CLAUSE = re.compile(r"[;:,()]|\s(?:and|but|und|aber)\s")
# How far into a clause without a verb the work stands that it names.
FIRST_WORDS = 4
OF_TIME = frozenset(["hours", "hour", "minutes", "minute", "days", "day", "weeks", "week", "seconds", "stunden", "minuten", "tage", "tagen", "wochen"])  # fmt: skip
# Verbs that tell only that one was at work on what is named beside them: all of them, and those that go with any work.
OF_WORK = frozenset(stem for verb in VERBS_OF_WORK for stem in stems(verb))
GENERAL = frozenset(stem for verb in GENERAL_VERBS for stem in stems(verb))
# How much of what stands beside such a verb has to be in the line.
MOST_OF = 0.6
# German titles that end in a rank.
RANKED = re.compile(r"\w(?:leiter|chef|meister|direktor)(?:in|innen|s|n)?$")
LONG_PART = 4
# How many words a line in another language has to bear for each one of the claim whose meaning no list knows.
BORNE_FOR_EACH = 3
# Verbs that say only that the work named behind them was done.
LIGHT = frozenset(stem for verb in LIGHT_VERBS for stem in stems(verb))
# What a per cent is of something.
SHARES = frozenset(["share", "proportion", "percentage", "rate", "ratio", "portion", "anteil", "quote", "prozentsatz"])
MOSTLY = frozenset(["most", "mostly", "mainly", "largely", "chiefly", "primarily", "predominantly", "majority", "überwiegend", "hauptsächlich", "vorwiegend", "meist", "meistens", "meisten", "größtenteils"])  # fmt: skip
_SPRING, _SUMMER, _AUTUMN, _WINTER = (frozenset(months) for months in ((3, 4, 5), (6, 7, 8), (9, 10, 11), (12, 1, 2)))
SEASONS = {"spring": _SPRING, "summer": _SUMMER, "autumn": _AUTUMN, "fall": _AUTUMN, "winter": _WINTER, "frühjahr": _SPRING, "frühling": _SPRING, "sommer": _SUMMER, "herbst": _AUTUMN}  # fmt: skip
MONTHS_OF_YEAR = 12
PARTICLES = frozenset(["over", "out", "up", "down", "in", "on", "off", "back", "through", "away", "by"])
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
        if base.across and all(base.means(token.word) for token in tokens(skill)):
            continue
        yield f"“{skill}” is a skill that the cited lines do not name.", False
    speaks = any(token.word in LANGUAGES for token in words)
    checked_elsewhere = _checked_elsewhere(claim, words, base) | named
    borne: set[str] = set()
    unlisted: list[tuple[str, bool]] = []
    for index, token in enumerate(words):
        if token.start in checked_elsewhere or _needs_no_evidence(words, index, claim, base):
            continue
        supported = _is_borne(words, index, base, is_german=german)
        problem = None if supported else _category_problem(token, speaks=speaks)
        if supported:
            borne |= set() if is_neutral(token.word) else {token.word}
        elif problem:
            yield problem, False
        elif token.text in LIKE_PRONOUNS or not is_neutral(token.word):
            is_name = _is_like_name(token, starts=index == 0, is_german=german)
            found = (f"“{token.text}” is not in the cited lines of the CV.", not is_name)
            if base.across and not is_name and not _is_listed(token.word, base.across):
                unlisted.append(found)
            else:
                yield found
    if len(unlisted) * BORNE_FOR_EACH > len(borne):
        yield from unlisted


def _needs_no_evidence(words: Sequence[Token], index: int, claim: str, base: Base) -> bool:
    """Whether a word follows from what other words, or the dates, of the evidence say."""
    word, before = words[index].word, words[index - 1].word if index else ""
    follows_number = bool(before) and _is_numeric(before)
    is_span = (bool(any(fact.start for fact in base.facts)) and word in OF_DURATION) or (
        bool(base.times) and word in OF_TIME
    )
    speaks = any(token.word in LANGUAGES for token in words)
    return (
        _is_numeric(word)
        or (follows_number and is_span)
        or (speaks and 0 < fluency_of(word) <= level_given(claim, base))
        or _does_work_of(words, index, base)
        or _works_on(words, index, base)
        or (word in MOSTLY and not MOSTLY.isdisjoint(base.vocabulary.words))
        or (word == "own" and before in FIRST_PERSON)
        or (word == "under" and before == "just")
        or _is_season(word, base)
        or _is_joined(words, index, base)
        or (word in SHARES and any(number.unit == "%" for number in quantities(claim)))
        or _is_way(word, base)
        or (word == "least" and _is_at_least(claim, base))
        or (word == "most" and before == "at" and any(number.bound == Bound.UPPER for number in base.numbers))
    )


def _is_borne(words: Sequence[Token], index: int, base: Base, *, is_german: bool) -> bool:
    """Whether the evidence bears a word; praise only of the same thing."""
    word, before = words[index].word, words[index - 1].word if index else ""
    is_counted_by = before in {"per", "pro", "je", "each", "every"}
    is_said = (
        _is_supported(word, base)
        or (base.goes_without_saying(word) and not is_counted_by)
        or (is_german and is_in_german_compound(word, [token.word for token in words], base))
    )
    if is_said and _tells_of_others(word, base):
        return False
    return is_said and not (word in ABSOLUTES - UNBOUND - DEGREES.keys() and _says_of_another(words, index, base))


AGENTS = re.compile(r"(?:ers?|ors?|ents?|ants?|ists?)$")


def _tells_of_others(word: str, base: Base) -> bool:
    """Whether a verb has nothing to rest on but lines that name others who do it: "sold houses" of "houses for the sellers"."""
    if not word.endswith(("ed", "ing")) and base_form(word) == word:
        return False
    bare = parts(word)[-1].removesuffix("ing").removesuffix("ed")
    alike = {known for known in base.vocabulary.words if not stems(known).isdisjoint(stems(word))}
    if bare in {known.removesuffix("s") for known in alike}:
        return False
    titled = any(vocabulary_of(header).has_form(word) for header in base.headers)
    return bool(alike) and not titled and all(map(AGENTS.search, alike))


def _is_like_name(token: Token, *, starts: bool, is_german: bool) -> bool:
    """Whether a word is written like a name: a capital inside an English sentence, a digit, a sign."""
    return (
        (token.is_name and not starts and not is_german)
        or token.has_digit
        or "+" in token.text
        or "#" in token.text
        or token.text in LIKE_PRONOUNS
    )


def _is_season(word: str, base: Base) -> bool:
    """Whether a season is that of a position which lasted no longer than a year."""
    months = SEASONS.get(word)
    for fact in base.facts if months else ():
        if fact.start and fact.end and fact.start.month and fact.end.month and months:
            first, last = (day.year * 12 + day.month for day in (fact.start, fact.end) if day.month)
            span = {month % 12 or 12 for month in range(first, last + 1)}
            if last - first < MONTHS_OF_YEAR and len(span & months) > 1:
                return True
    return False


def _is_joined(words: Sequence[Token], index: int, base: Base) -> bool:
    """Whether a verb and the particle near it are one word in the evidence: `handed over` of `handover`."""
    known = base.vocabulary.words
    verb = words[index].word
    ways = {base_form(verb), verb, verb.removesuffix("ed"), verb.removesuffix("ing"), verb.removesuffix("s")}
    behind = [token.word for token in words[index + 1 : index + 4] if token.word in PARTICLES]
    return any(f"{way}{end}" in known for way in ways for end in behind)


def _is_listed(word: str, language: str) -> bool:
    """Whether the lists know what a word, or a part of it, means in other languages."""
    ends = (word[start:] for start in range(LONG_PART, len(word) - LONG_PART)) if language == "de" else ()
    return any(meanings(piece, language) for piece in (word, *parts(word), *ends))


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
    return len(pieces) > 1 and all(base.vocabulary.has(piece) or is_neutral(piece) or piece == "co" for piece in pieces)


def _says_of_another(words: Sequence[Token], index: int, base: Base) -> bool:
    """Whether the evidence has a superlative, but of something else: the first year is not the first in the company."""
    if index + 1 == len(words):
        return False
    behind = [token.word for token in words[index + 1 :] if not is_neutral(token.word)]
    is_of = words[index + 1].word in {"of", "von", "der", "meiner"}
    following = frozenset(form for word in (behind[:3] if is_of else [words[index + 1].word]) for form in _forms(word))
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
    if speaks and fluency_of(token.word):
        return f"“{token.text}” is a level that the cited lines do not give."
    return None


def _is_numeric(word: str) -> bool:
    return word in WORD_VALUES or word in MULTIPLES or word[0].isdigit()
