"""What a letter has to say: the facts that answer the posting best, in the order in which they convince."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cv.facts import Fact, FactKind, facts_of
from cv.resume import Education, Language, Position
from cv.skills import concept_of, concepts_in
from jobs.grounding.quantities import quantities
from jobs.grounding.scope import scope_verbs
from jobs.grounding.words import is_neutral, tokens, vocabulary_of
from jobs.letters.types import LetterInputs
from jobs.matching.types import RequirementMatch
from jobs.posting import Requirement, RequirementCategory
from jobs.tailoring.relevance import Relevance, wanted_concepts

# From this strength of a match on, a letter may call the work close to what is asked for.
CLOSE_STRENGTH = 0.85
STORY_KINDS = {FactKind.HIGHLIGHT, FactKind.POSITION}


@dataclass(frozen=True, slots=True)
class Proof:
    """A line of the CV and the requirements that it answers, the weightiest first."""

    fact: Fact
    requirements: tuple[Requirement, ...] = ()
    weight: float = 0.0
    is_focus: bool = False


@dataclass(slots=True)
class LetterPlan:
    """Everything that the composers of all languages choose from, best first."""

    duty: Requirement | None
    is_duty_met: bool
    proofs: list[Proof]
    headers: list[Fact]
    skills: list[tuple[Fact, str]]
    languages: list[tuple[Language, Requirement | None]]
    studies: list[Education]
    certificates: list[Fact]
    concepts_by_scope: dict[str, list[tuple[str, Fact]]] = field(default_factory=dict)


def plan_letter(inputs: LetterInputs) -> LetterPlan:
    """Choose and order the material."""
    resume, relevance = inputs.resume, Relevance(inputs.resume, inputs.analysis, inputs.report)
    facts = facts_of(resume)
    proofs = sorted(_proofs(facts, relevance, inputs), key=lambda proof: (not proof.is_focus, -proof.weight))
    duty = _duty(inputs)
    strengths = {match.requirement_id: _answered(match) for match in inputs.report.requirements}
    headers = [fact for fact in facts if fact.kind == FactKind.POSITION and fact.id == fact.scope_id]
    return LetterPlan(
        duty=duty,
        is_duty_met=duty is not None and strengths.get(duty.id, 0.0) >= CLOSE_STRENGTH,
        proofs=proofs,
        headers=_one_each(headers),
        skills=list(_skills(facts, inputs)),
        languages=_languages(inputs),
        studies=[study for study in resume.education if study.institution and (study.degree or study.area)],
        certificates=[f for f in facts if f.kind == FactKind.CERTIFICATE and relevance.of(f.id) > 0],
        concepts_by_scope=_concepts_by_scope(facts, inputs),
    )


def without_repeats(proofs: Iterable[Proof]) -> list[Proof]:
    """Keep the first of proofs with the same words."""
    return list({proof.fact.text.casefold(): proof for proof in reversed(list(proofs))}.values())[::-1]


def by_scope(proofs: list[Proof]) -> list[Proof]:
    """Keep the first story first, and stories of one position together."""
    order = list(dict.fromkeys(proof.fact.scope_id for proof in proofs))
    return sorted(proofs, key=lambda proof: order.index(proof.fact.scope_id))


def _proofs(facts: list[Fact], relevance: Relevance, inputs: LetterInputs) -> Iterator[Proof]:
    order = {scope: number for number, scope in enumerate(dict.fromkeys(f.scope_id for f in facts if f.scope_id))}
    personal = inputs.wish == "more_personal"
    focus = inputs.focus
    for fact in facts:
        is_story = fact.kind == FactKind.HIGHLIGHT or (fact.kind in STORY_KINDS and fact.id == fact.scope_id)
        if not is_story or not fact.scope_id or _is_header(fact):
            continue
        answered = sorted(
            (relevance.requirements[number] for number in relevance.answers(fact.id)),
            key=lambda requirement: requirement.category == RequirementCategory.SOFT_SKILL,
        )
        weight = relevance.of(fact.id) * 2 + _strength(fact) - 0.4 * order[fact.scope_id]
        is_focus = bool(focus) and _is_about(fact, focus)
        if personal and not _is_of_employer(inputs, fact):
            weight += 2
        yield Proof(fact, tuple(answered), weight, is_focus)


def _is_about(fact: Fact, focus: str) -> bool:
    """Whether a line has a skill or a word of what the person wants to be told first."""
    skills = {mention.concept for mention in concepts_in(focus)}
    if skills & {mention.concept for mention in concepts_in(fact.text)}:
        return True
    words = [token.word for token in tokens(focus) if len(token.word) > 3 and not is_neutral(token.word)]
    line = vocabulary_of(f"{fact.text} {fact.employer} {fact.title}")
    return any(line.has_form(word) for word in words)


def _is_header(fact: Fact) -> bool:
    return fact.kind == FactKind.POSITION and fact.text in {f"{fact.title}, {fact.employer}", fact.title, fact.employer}


def _is_of_employer(inputs: LetterInputs, fact: Fact) -> bool:
    return isinstance(inputs.resume.item(fact.scope_id), Position)


def _strength(fact: Fact) -> float:
    """Return how much a line says: numbers, what was done, and enough words to picture it."""
    words = tokens(fact.text)
    level = max((verb.level for verb in scope_verbs(words)), default=0)
    return min(len(quantities(fact.text)), 2) * 0.5 + level * 0.15 + (0.5 if 7 <= len(words) <= 28 else 0.0)


def _duty(inputs: LetterInputs) -> Requirement | None:
    """Return the requirement that opens the letter: a task of the job that the CV answers, else the first task, else the best answer."""
    strengths = {match.requirement_id: _answered(match) for match in inputs.report.requirements}
    duties = [r for r in inputs.analysis.requirements if r.category == RequirementCategory.DUTY]
    others = [
        r
        for r in inputs.analysis.requirements
        if r.category in {RequirementCategory.SKILL, RequirementCategory.EXPERIENCE}
    ]
    for group in (duties, others):
        if group:
            return max(group, key=lambda requirement: strengths.get(requirement.id, 0.0))
    return None


def _answered(match: RequirementMatch) -> float:
    return match.strength if match.fact_ids else 0.0


def _skills(facts: list[Fact], inputs: LetterInputs) -> Iterator[tuple[Fact, str]]:
    """Yield listed skills that the posting names."""
    wanted = wanted_concepts(inputs.analysis)
    for fact in facts:
        concept = concept_of(fact.text) if fact.kind == FactKind.SKILL else None
        if concept in wanted:
            yield fact, wanted[concept][0]


def _languages(inputs: LetterInputs) -> list[tuple[Language, Requirement | None]]:
    """Return the languages that the posting asks for, as the CV has them."""
    wanted = {
        r.concept.casefold(): r for r in inputs.analysis.requirements if r.category == RequirementCategory.LANGUAGE
    }
    found: list[tuple[Language, Requirement | None]] = []
    for language in inputs.resume.languages:
        names = {language.name.casefold(), *(m.concept.casefold() for m in concepts_in(language.name))}
        requirement = next((wanted[name] for name in names if name in wanted), None)
        if requirement:
            found.append((language, requirement))
    return found


def _concepts_by_scope(facts: list[Fact], inputs: LetterInputs) -> dict[str, list[tuple[str, Fact]]]:
    """Return, for each scope, the skills that its lines name; those that the posting asks for come first."""
    wanted = wanted_concepts(inputs.analysis)
    found: dict[str, dict[str, Fact]] = {}
    for fact in facts:
        if fact.scope_id and fact.kind != FactKind.EDUCATION and not _is_header(fact):
            for mention in concepts_in(fact.text):
                if not _is_name(fact.text[mention.start : mention.end]):
                    continue
                found.setdefault(fact.scope_id, {}).setdefault(mention.concept, fact)
    return {scope: sorted(named.items(), key=lambda pair: pair[0] not in wanted) for scope, named in found.items()}


def _is_name(text: str) -> bool:
    """Whether a skill is written as a name, which needs no translation; a common noun would."""
    return any(letter.isupper() or letter.isdigit() for letter in text)


def _one_each(headers: list[Fact]) -> list[Fact]:
    """Keep the first fact of each position, which names title and employer."""
    return list({fact.scope_id: fact for fact in reversed(headers)}.values())[::-1]
