"""Claims in French, Spanish, Italian, Portuguese, Dutch and Polish, held against lines of the CV in whatever language they are.

Numbers, names, dates, skills, languages, rungs of responsibility, ranks, degrees and praise are compared as in English. Other words are
compared by their stems where the CV is in the claim's language, and by the meanings of `crosswords.txt` everywhere: a word of work that
is listed there needs a line that means it. A word that is neither listed nor in the CV passes only across languages, beside others that
the CV bears.
"""

import re
from collections.abc import Iterator, Sequence

from cv.facts import Fact, FactKind
from jobs.grounding.agents import ended_problems, others_problems
from jobs.grounding.base import Base, folded, says
from jobs.grounding.causes import cause_problems
from jobs.grounding.concepts import known_and_foreign, mentions_in
from jobs.grounding.crosswords import CrossVocabulary, meanings
from jobs.grounding.foreign_numbers import (
    LESS,
    MORE,
    counted_problems,
    direction_problems,
    first_problems,
    frequency_problems,
    step_problems,
    ways_abroad,
)
from jobs.grounding.foreign_reach import (
    TURN,
    fused_problems,
    mixed_problems,
    reach_problems,
    role_problems,
    verbs_beside_things,
)
from jobs.grounding.foreign_words import (
    AT_DISPOSAL,
    UNKNOWN,
    counted_in,
    is_act,
    is_kin,
    is_statement,
    line_marks,
    lines_nearest,
    names_in,
    nearest,
    says_nothing,
    speaks_of_oneself,
    told,
)
from jobs.grounding.lexicon import DEGREES, SENIORITY
from jobs.grounding.numbers import value_problems
from jobs.grounding.quantities import quantities
from jobs.grounding.releases import release_problems
from jobs.grounding.reservations import denial_problems, reservation_problems
from jobs.grounding.scope import CONTRIBUTED, HELPED, OWNED, scope_verbs
from jobs.grounding.standing import span_problems
from jobs.grounding.tongues import TONGUES, Tongue, found_in
from jobs.grounding.words import Token, fluency_of, parts, tokens

FLUENT = 5
# "Responsible for" the very work that a line names says no more than the line; what that work is, the other checks compare.
_DUTIES = r"responsable (?:de|du|des|de la|d['’]\w+)|responsable de|responsabile (?:di|del\w*)|responsável (?:pel[ao]s?|por)|verantwoordelijk voor|odpowiedzialn\w+ za|odpowiadał\w+ za"
_JOINT = re.compile(r"[,;:]|\s(?:et|y|e|ed|en|i|oraz|ainsi que|así como|nonché|bem como|alsmede)\s", re.IGNORECASE)


def foreign_problems(claim: str, base: Base, language: str, *, cv_language: str) -> list[tuple[str, bool]]:
    """Return what is wrong with a claim in one of `TONGUES`, each with whether the person may confirm it.

    The facts of `base` are those of `in_english_units`.
    """
    tongue = TONGUES[language]
    counted = counted_in(claim, tongue)
    said = AT_DISPOSAL.sub(" ", claim)
    line = Base(nearest(counted, base, language), base.today)
    problems = [
        *value_problems(counted, base),
        *release_problems(counted, base),
        *frequency_problems(counted, Base([*line.facts, *_quoted(counted, base)], base.today)),
        *_rank_problems(claim, base, tongue),
        *_rung_problems(claim, base, language),
        *_help_problems(claim, line, language),
        *reservation_problems(
            claim,
            line.lines,
            lambda text: set(line_marks(text, language)),
            is_own=found_in(tongue.acts, claim) is not None,
        ),
        *denial_problems(claim, line.lines, lambda text: set(told(text, language))),
        *others_problems(claim, line.lines, lambda text: set(told(text, language))),
        *ended_problems(claim, line.facts, language),
        *cause_problems(claim, lambda piece: lines_nearest(piece, base, language)),
        *reach_problems(claim, base, language),
        *span_problems(counted, line.lines),
        *mixed_problems(counted, base),
        *fused_problems(claim, base, language),
        *role_problems(claim, base, language),
        *counted_problems(counted, base, language),
        *direction_problems(claim, line, language),
        *first_problems(counted, base),
        *step_problems(counted, base),
    ]
    named, foreign = known_and_foreign(said, base.texts)
    problems += [
        f"“{skill}” is a skill that the cited lines do not name."
        for skill in foreign
        if not _is_said(skill, base, language)
    ]
    problems += [
        f"“{name.text}” is not in the cited lines of the CV."
        for name in names_in(claim)
        if name.start not in named and not _is_known(name, base)
    ]
    found = [(message, False) for message in problems]
    if speaks_of_oneself(said, language) or is_statement(claim, language):
        found += [(m, True) for m in _word_problems(said, base, language, named, is_same=cv_language == language)]
    if not found and found_in(tongue.of_oneself, said) and not _rests_on(counted, base, language):
        found.append(("Nothing that this says of you was found in the CV.", True))
    return found


# What one has learnt or holds on paper belongs to no position.
_OF_NO_POST = {
    FactKind.SKILL,
    FactKind.LANGUAGE,
    FactKind.CERTIFICATE,
    FactKind.EDUCATION,
    FactKind.HEADLINE,
    FactKind.SUMMARY,
}


def borne_piece_by_piece(claim: str, bases: Sequence[Base], language: str) -> bool:
    """Whether each piece of a claim is borne by one scope, word for word, and names the position where it goes over to another one."""
    current: Base | None = None
    for piece in filter(str.strip, TURN.split(claim)):
        if all(says_nothing(token, language) for token in tokens(piece)) and not quantities(piece):
            continue
        if current is not None and not _piece_problems(piece, current, language):
            continue
        fitting = [base for base in bases if not _piece_problems(piece, base, language)]
        named = [base for base in fitting if current is None or _goes_over(piece, base)]
        if not named:
            return False
        current = named[0]
    return current is not None


def _piece_problems(piece: str, base: Base, language: str) -> list[tuple[str, bool]]:
    named, _ = known_and_foreign(piece, base.texts)
    return foreign_problems(piece, base, language, cv_language=language) or [
        (message, True) for message in _word_problems(piece, base, language, named, is_same=True)
    ]


def _goes_over(piece: str, base: Base) -> bool:
    kinds = {fact.kind for fact in base.facts}
    return kinds <= _OF_NO_POST or any(header and says(folded(piece), folded(header)) for header in base.headers)


def _quoted(counted: str, base: Base) -> list[Fact]:
    """Return the facts that a claim repeats word for word, as a list of tasks does with several."""
    said = counted.casefold()
    return [fact for fact in base.facts if fact.text and fact.text.casefold().rstrip(".;") in said]


def _word_problems(said: str, base: Base, language: str, named: frozenset[int], *, is_same: bool) -> Iterator[str]:
    """Compare words of work with the cited lines; `is_same`: they are in the claim's language, so every word has to be there."""
    # As written, too: a claim may quote a line of another language whole, and is not made plain.
    known = CrossVocabulary([*base.texts, *base.headers, *base.implied, *(fact.text for fact in base.facts)], language)
    given = max(
        (
            fluency_of(token.word)
            for fact in base.facts
            if fact.kind == FactKind.LANGUAGE
            for token in tokens(fact.text)
        ),
        default=0,
    )
    verbs = verbs_beside_things(said, base, language) if is_same else frozenset()
    borne = bool(named) or not {number.value for number in quantities(said)}.isdisjoint(n.value for n in base.numbers)
    unknown = []
    ways = ways_abroad(base.texts)
    for token in tokens(said):
        if token.start in named or token.has_digit or says_nothing(token, language):
            continue
        if token.start in verbs or 0 < fluency_of(token.word) <= given:
            continue
        is_way = bool(quantities(said)) and any(
            pattern.fullmatch(token.word) and way in ways for way, pattern in (("more", MORE), ("less", LESS))
        )
        if is_way or known.has(token.word) or all(map(known.has, parts(token.word))):
            borne = True
        elif is_same or meanings(token.word, language):
            yield f"“{token.text}” is not in the cited lines of the CV."
        else:
            unknown.append(token.text)
    if len(unknown) >= UNKNOWN and not borne:
        yield f"Nothing like “{' '.join(unknown)}” was found in the cited lines of the CV."


def _is_said(phrase: str, base: Base, language: str) -> bool:
    """Whether the cited lines mean what a skill's name says, in another language."""
    known = CrossVocabulary(base.texts, language)
    return all(meanings(token.word, language) and known.has(token.word) for token in tokens(phrase))


def _rank_problems(claim: str, base: Base, tongue: Tongue) -> Iterator[str]:
    for pattern, said in (
        (tongue.praise, "praises or generalises more than the cited lines do"),
        (tongue.ranks, "is a rank that the cited lines do not give"),
        (tongue.degrees, "is a degree that the cited lines do not give"),
    ):
        for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", claim, re.IGNORECASE):
            is_like = pattern == tongue.degrees and any(is_kin(match.group(), word) for word in base.vocabulary.words)
            if not base.vocabulary.has_form(match.group().lower()) and not is_like:
                yield f"“{match.group()}” {said}."
    for token in tokens(claim):
        is_degree = token.word in DEGREES and (len(token.word) > 2 or token.text.isupper())
        if (token.word in SENIORITY or is_degree) and not base.vocabulary.has_form(token.word):
            yield f"“{token.text}” is a rank or degree that the cited lines do not give."
    known = [fluency_of(token.word) for text in base.texts for token in tokens(text)]
    if (
        (fluent := found_in(tongue.fluent, claim))
        and max(known, default=0) < FLUENT
        and not base.vocabulary.has(fluent.group().lower())
    ):
        yield f"The CV does not give a language “{fluent.group()}”."


def _rung_problems(claim: str, base: Base, language: str) -> Iterator[str]:
    """A verb may not stand on a higher rung than the lines nearest to the claim, or to the verb's own clause, in whatever language they are."""
    tongue = TONGUES[language]
    for level, pattern in tongue.ladder.items():
        match = found_in(pattern, claim)
        if match is None:
            continue
        ends = [0, *(joint.start() for joint in _JOINT.finditer(claim)), len(claim)]
        place = next(number for number, end in enumerate(ends) if end > match.start())
        pieces = dict.fromkeys((claim, claim[ends[place - 1] : ends[place]]))
        if not any(_bears_rung(match.group(), level, piece, base, language) for piece in pieces):
            yield f"“{match.group()}” says more than the cited lines do."


def _bears_rung(said: str, level: int, piece: str, base: Base, language: str) -> bool:
    tongue = TONGUES[language]
    line = Base(
        nearest(counted_in(re.sub(rf"(?<!\w){re.escape(said)}(?!\w)", " ", piece), tongue), base, language), base.today
    )
    reached = max((rung_of(text, tongue) for text in line.lines or line.texts), default=0)
    if level <= max(reached, CONTRIBUTED) or line.vocabulary.has_form(said.lower()):
        return True
    is_duty = level == OWNED and found_in(_DUTIES, piece) is not None and reached not in {HELPED, CONTRIBUTED}
    return is_duty or any(is_kin(said, token.word) for text in line.lines for token in tokens(text))


def _help_problems(claim: str, line: Base, language: str) -> Iterator[str]:
    """What the nearest lines only helped with may not be told as one's own work."""
    tongue = TONGUES[language]
    helping = [_helps_first(text, tongue) for text in line.lines]
    acts = (
        token
        for act in re.finditer(rf"(?<!\w)(?:{tongue.acts})(?!\w)", claim, re.IGNORECASE)
        for token in tokens(act.group())
    )
    is_told = any(not says_nothing(token, language) and is_act(token.word, language) for token in acts)
    if is_told and helping and all(helping) and not _says_help(claim, tongue):
        yield f"The CV says “{helping[0]}”; the claim leaves that out."


def _says_help(text: str, tongue: Tongue) -> bool:
    levels = [tongue.ladder[HELPED], tongue.ladder[CONTRIBUTED]]
    return any(found_in(pattern, text) for pattern in levels) or any(
        verb.level <= CONTRIBUTED for verb in scope_verbs(tokens(text))
    )


def _helps_first(line: str, tongue: Tongue) -> str:
    """Return the first word of a line where it says that one helped."""
    first = next((token.text for token in tokens(line)), "")
    return first if first and _says_help(first, tongue) else ""


def rung_of(text: str, tongue: Tongue) -> int:
    """Return the rung of a line in English, German or the tongue: that of its lowest helping verb, else the highest."""
    levels = [verb.level for verb in scope_verbs(tokens(text))]
    levels += [level for level, pattern in tongue.ladder.items() if found_in(pattern, text)]
    low = [level for level in levels if level <= CONTRIBUTED]
    return min(low) if low else max(levels, default=0)


def _is_known(name: Token, base: Base) -> bool:
    said = base.vocabulary
    pieces = [piece for piece in parts(name.word) if len(piece) > 1]
    return said.has_form(name.word) or (bool(pieces) and all(said.has_form(piece) for piece in pieces))


def _rests_on(claim: str, base: Base, language: str) -> bool:
    """Whether a number, name or skill of the claim, or a word of some length, stands in the cited lines."""
    skills = {mention.concept for text in base.texts for mention in mentions_in(text)}
    values = {number.key for number in base.numbers} | {(float(year), "") for year in base.years}
    known = CrossVocabulary(base.texts, language)
    return (
        any(mention.concept in skills for mention in mentions_in(claim))
        or any(number.key in values for number in quantities(claim))
        or any(known.has(token.word) for token in tokens(claim) if not says_nothing(token, language))
    )
