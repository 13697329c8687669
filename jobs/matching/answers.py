"""What a résumé answers to one requirement: how well, and with which facts.

Every answer is the best of what there is, so that a further fact never makes one worse.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from cv.degrees import DegreeLevel, degree_of
from cv.facts import FactKind
from cv.resume import CEFRLevel
from cv.skills import concept_of, concepts_in, related
from cv.titles import title_similarity
from jobs.analysis.patterns import EQUIVALENT, WORK_PERMIT
from jobs.analysis.requirements import language_level
from jobs.matching.evidence import CONTEXT, Dossier, Evidence
from jobs.matching.types import Coverage
from jobs.matching.words import stems_of, weight_of
from jobs.posting import Requirement, RequirementCategory

MAX_EVIDENCE = 3
# Below this an answer is no evidence.
_FLOOR = 0.3
# The share of a requirement's words that one fact must hold to be about the same thing, and to say all of it.
_WORDS_RELATED = 0.5
_WORDS_SAME = 0.8
# What remains of a skill that is shown, but for none of the years asked for.
_YEARS_BASE = 0.4
# A language that is used, at a level that the CV does not state.
_UNSTATED_LEVEL = 0.6
# A degree in another subject than the one asked for.
_OTHER_SUBJECT = 0.5
# From this relation on a concept stands for another one: it implies it, at most two steps away.
_SAME_THING = 0.8
# Years of other work count half: they show work, not the work asked for.
_OTHER_WORK = 0.5
# From this share on the years asked for are there.
_ENOUGH = 0.99
_CEFR = {level: rank for rank, level in enumerate(CEFRLevel, start=1)}


@dataclass(frozen=True, slots=True)
class Answer:
    """How far a requirement is met (`strength` in [0, 1]), with the facts that say so, best first."""

    strength: float
    coverage: Coverage
    evidence: list[Evidence] = field(default_factory=list)
    explanation: str = ""


NOTHING = Answer(0.0, Coverage.MISSING, [], "No evidence in the CV.")


def answer(dossier: Dossier, requirement: Requirement) -> Answer:
    """Return what the résumé answers to a requirement."""
    return _ANSWERS.get(requirement.category, _skill)(dossier, requirement)


def _skill(dossier: Dossier, requirement: Requirement) -> Answer:
    base = _by_concepts(dossier, [requirement.concept, *requirement.alternatives]) if requirement.concept else NOTHING
    worded = _by_words(dossier, requirement)
    best = max(base, worded, key=lambda found: found.strength)
    return _with_years(dossier, requirement, best) if requirement.years else best


def _experience(dossier: Dossier, requirement: Requirement) -> Answer:
    if requirement.concept or requirement.years is None:
        return _skill(dossier, requirement)
    if not stems_of(requirement.text, dossier.language):
        return _any_experience(dossier, requirement.years)
    worded = _by_words(dossier, requirement)
    relevant = _scopes_for(dossier, requirement)
    in_trade, in_all = dossier.months_in(relevant) / 12, dossier.months / 12
    strength = max(min(1.0, in_trade / requirement.years), _OTHER_WORK * min(1.0, in_all / requirement.years))
    if strength < _FLOOR:
        return NOTHING
    facts = (
        worded.evidence
        or _positions(dossier, relevant)
        or _positions(dossier, [stint.scope_id for stint in dossier.stints])
    )
    said = f"{_years(in_trade)} in this kind of work, {_years(in_all)} in all; asked for: {_years(requirement.years)}."
    return Answer(strength, _coverage(strength, direct=strength >= _ENOUGH), facts[:MAX_EVIDENCE], said)


def _any_experience(dossier: Dossier, years: float) -> Answer:
    """Answer `5 years of professional experience`, which names no kind of work: all of it counts."""
    held = dossier.months / 12
    strength = min(1.0, held / years) if years else 1.0
    if strength < _FLOOR:
        return NOTHING
    facts = _positions(dossier, [stint.scope_id for stint in dossier.stints])[:MAX_EVIDENCE]
    said = f"{_years(held)} of work; asked for: {_years(years)}."
    return Answer(strength, _coverage(strength, direct=strength >= _ENOUGH), facts, said)


def _education(dossier: Dossier, requirement: Requirement) -> Answer:
    wanted = DegreeLevel[requirement.level.upper()] if requirement.level.upper() in DegreeLevel.__members__ else None
    subjects = {m.concept for m in concepts_in(requirement.text)}
    best = _by_words(dossier, requirement)
    for item in dossier.evidence:
        level = degree_of(item.text) if item.kind is FactKind.EDUCATION else None
        if level is None or wanted is None:
            continue
        reach = 1.0 if level >= wanted else 0.5 if level == wanted - 1 else 0.0
        fits = not subjects or any(related(have, want) >= 0.4 for have in item.concepts for want in subjects)
        strength = reach * (1.0 if fits else _OTHER_SUBJECT)
        if strength > best.strength:
            said = f"{level.label}; asked for: {wanted.label}." + ("" if fits else " The subject is another one.")
            best = Answer(strength, _coverage(strength, direct=reach == 1.0), [item], said)
    if EQUIVALENT.search(requirement.text) and dossier.months >= 48 and best.strength < 0.7:
        facts = _positions(dossier, [stint.scope_id for stint in dossier.stints])
        return Answer(
            0.7,
            Coverage.SUPPORTABLE,
            facts[:MAX_EVIDENCE],
            "No such degree, but the posting accepts experience instead.",
        )
    return best


def _language(dossier: Dossier, requirement: Requirement) -> Answer:
    wanted = [requirement.concept, *requirement.alternatives]
    asked = _cefr(requirement.level)
    need = _CEFR[asked] if asked else 0
    best = NOTHING
    for language in dossier.resume.languages:
        if concept_of(language.name) not in wanted:
            continue
        have = language.cefr or _cefr(language_level(language.fluency))
        short = max(0, need - _CEFR[have]) if have else 1 if need > _CEFR[CEFRLevel.B1] else 0
        strength = max(0.3, 1 - 0.3 * short)
        said = f"{language.name}: {have.value if have else language.fluency or 'no level given'}" + (
            f"; asked for: {requirement.level}." if need else "."
        )
        if strength > best.strength:
            facts = [item for item in dossier.evidence if item.fact_id == language.id]
            best = Answer(strength, _coverage(strength, direct=short == 0), facts, said)
    return max(best, _mentioned(dossier, wanted), _written_in(dossier, wanted), key=lambda found: found.strength)


def _mentioned(dossier: Dossier, wanted: list[str]) -> Answer:
    """A language that the CV only mentions (`German-speaking clients`) is used, at a level that nobody states."""
    facts = [
        item for item in dossier.evidence if item.kind is not FactKind.LANGUAGE and not item.concepts.isdisjoint(wanted)
    ]
    if not facts:
        return NOTHING
    facts.sort(key=lambda item: (item.quotation, item.fact_id))
    return Answer(
        _UNSTATED_LEVEL, Coverage.SUPPORTABLE, facts[:MAX_EVIDENCE], "Mentioned, but not listed with a level."
    )


def _written_in(dossier: Dossier, wanted: list[str]) -> Answer:
    """A CV that is written in a language shows that its owner writes it."""
    names = {
        "en": "English",
        "de": "German",
        "fr": "French",
        "es": "Spanish",
        "it": "Italian",
        "pl": "Polish",
        "nl": "Dutch",
        "pt": "Portuguese",
    }
    name = names.get(dossier.resume.language[:2])
    if name not in wanted:
        return NOTHING
    return Answer(_UNSTATED_LEVEL, Coverage.SUPPORTABLE, [], f"The CV is written in {name}, but does not list it.")


def _eligibility(dossier: Dossier, requirement: Requirement) -> Answer:
    """Permission to work is looked for in words; age never; shifts, travel and the like a CV seldom tells."""
    if requirement.concept == "Work permit":
        facts = [item for item in dossier.evidence if WORK_PERMIT.search(item.text)]
        if facts:
            return Answer(1.0, Coverage.SHOWN, facts[:MAX_EVIDENCE], "")
    elif requirement.concept not in {"Minimum age", "Working conditions", ""}:
        found = _by_concepts(dossier, [requirement.concept, *requirement.alternatives])
        if found.strength:
            return found
    return Answer(0.0, Coverage.MISSING, [], "A CV seldom says this: answer it yourself before you apply.")


_ANSWERS: dict[RequirementCategory, Callable[[Dossier, Requirement], Answer]] = {
    RequirementCategory.EXPERIENCE: _experience,
    RequirementCategory.EDUCATION: _education,
    RequirementCategory.LANGUAGE: _language,
    RequirementCategory.ELIGIBILITY: _eligibility,
}


def _by_concepts(dossier: Dossier, wanted: list[str]) -> Answer:
    """Return the facts that name a concept, or one that says something about it."""
    rated: list[tuple[float, float, Evidence, str]] = []
    for item in dossier.evidence:
        share, have = max(((related(have, want), have) for have in item.concepts for want in wanted), default=(0.0, ""))
        if share * CONTEXT[item.kind] >= _FLOOR:
            rated.append((share * CONTEXT[item.kind], share, item, have))
    if not rated:
        return NOTHING
    rated.sort(key=lambda row: (-row[0], row[2].quotation, row[2].fact_id))
    strength = rated[0][0]
    named = any(share == 1.0 for _, share, _, _ in rated)
    if named:
        rated = [row for row in rated if row[1] >= _SAME_THING]
    said = "Named in the CV." if named else f"Not named; the CV names {rated[0][3]}, which is close to it."
    return Answer(strength, _coverage(strength, direct=named), [item for _, _, item, _ in rated[:MAX_EVIDENCE]], said)


def _by_words(dossier: Dossier, requirement: Requirement) -> Answer:
    """Return the facts that share most words with a requirement; the way for what the lexicon does not know."""
    asked = stems_of(requirement.text, dossier.language)
    if len(asked) < 2:
        asked = frozenset() if requirement.concept else asked
    # What stands before a bracket is asked for; what is in it only says more: `Zustand (state management, store)`.
    before, bracket, _ = requirement.text.partition("(")
    named = stems_of(before, dossier.language) if bracket and not requirement.concept else frozenset()
    rated = []
    for item in dossier.evidence:
        share = max((_shared(words, item, dossier.language) for words in (asked, named) if words), default=0.0)
        if share >= _WORDS_RELATED:
            rated.append((share * CONTEXT[item.kind], item, share))
    if not rated:
        return NOTHING
    rated.sort(key=lambda row: (-row[0], row[1].quotation, row[1].fact_id))
    strength, _, share = rated[0]
    said = "The CV says nearly the same." if share >= _WORDS_SAME else "The CV says something like it."
    return Answer(
        strength, _coverage(strength, direct=share >= _WORDS_SAME), [item for _, item, _ in rated[:MAX_EVIDENCE]], said
    )


def _shared(words: frozenset[str], item: Evidence, language: str) -> float:
    """Return the share of some words that a fact holds, by what they say."""
    common = words & item.stems
    return weight_of(common, language) / weight_of(words, language) if common else 0.0


def _with_years(dossier: Dossier, requirement: Requirement, found: Answer) -> Answer:
    """Lower an answer by the years that are missing; years count where the positions themselves show the concept."""
    if not found.strength or requirement.years is None:
        return found
    held = dossier.months_in(_scopes_for(dossier, requirement)) / 12
    share = max(min(1.0, held / requirement.years), _OTHER_WORK * min(1.0, dossier.months / 12 / requirement.years))
    strength = found.strength * (_YEARS_BASE + (1 - _YEARS_BASE) * share)
    said = f"{found.explanation} Positions with dates show {_years(held)}; asked for: {_years(requirement.years)}."
    direct = found.coverage is Coverage.SHOWN and held >= requirement.years
    return Answer(strength, _coverage(strength, direct=direct), found.evidence, said)


def _scopes_for(dossier: Dossier, requirement: Requirement) -> set[str]:
    """Return the positions in which the thing asked for was done: they name it, imply it, or have a title like it."""
    wanted = [concept for concept in (requirement.concept, *requirement.alternatives) if concept]
    asked = stems_of(requirement.text, dossier.language)
    scopes = {
        item.scope_id
        for item in dossier.evidence
        if any(related(have, want) >= _SAME_THING for have in item.concepts for want in wanted)
        or (not wanted and asked and _shared(asked, item, dossier.language) >= _WORDS_RELATED)
    }
    titled = {
        stint.scope_id
        for stint in dossier.stints
        if not wanted and title_similarity(stint.title, requirement.text) >= 0.5
    }
    return (scopes | titled) - {""}


def _positions(dossier: Dossier, scope_ids: list[str] | set[str]) -> list[Evidence]:
    found = [item for item in dossier.evidence if item.kind is FactKind.POSITION and item.fact_id in scope_ids]
    return sorted(found, key=lambda item: (item.quotation, item.fact_id))


def _coverage(strength: float, *, direct: bool) -> Coverage:
    if strength < _FLOOR:
        return Coverage.MISSING
    return Coverage.SHOWN if direct else Coverage.SUPPORTABLE


def _cefr(level: str) -> CEFRLevel | None:
    return next((member for member in CEFRLevel if member.value == level), None)


def _years(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") + (" year" if number == 1 else " years")
