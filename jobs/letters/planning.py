"""What a letter has to say: the facts that answer the posting best, in the order in which they convince."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from cv.facts import Fact, FactKind, facts_of
from cv.resume import Education, Language, Position, Resume
from cv.skills import ConceptMention, category_of, concept_of, concepts_in
from jobs.analysis.language import language_of
from jobs.analysis.patterns import addresses_model
from jobs.grounding.quantities import quantities
from jobs.grounding.scope import scope_verbs
from jobs.grounding.words import is_neutral, sentences, tokens, vocabulary_of
from jobs.letters.naming import in_sentence, without_place
from jobs.letters.types import LetterInputs
from jobs.matching.types import RequirementMatch
from jobs.posting import Requirement, RequirementCategory
from jobs.tailoring.links import content_of, is_akin, links_of
from jobs.tailoring.relevance import Relevance, wanted_concepts

# From this strength of a match and this many shared words on, a letter may call the work close to what is asked for.
CLOSE_STRENGTH = 0.85
CLOSE_WORDS = 2.0
# From here on a line is told as an answer to a requirement: a skill, or a word and its verb; one word in common is chance.
ANSWERING = 1.5
# What one does now opens a letter before what one did long ago.
OF_TODAY = 0.75
# What a word of a line counts that the posting has anywhere, also where its analysis found no requirement.
NEAR_SHARE = 0.25
# A word of so many letters names a certificate alone: "Bilanzbuchhalter".
TELLING_WORD = 12
OF_NAMES = frozenset(
    ["database", "cloud and operations", "programming language", "web and mobile", "data and machine learning"]
)
# Lines of a CV in another language: so many are quoted, of so many words.
MOST_QUOTES, LEAST_QUOTED, MOST_QUOTED = 3, 3, 18
# What stands before a number is a currency or a unit, and no tool: "CAD 2.4 million".
AMOUNT = re.compile(r" ?\d")
STORY_KINDS = {FactKind.HIGHLIGHT, FactKind.POSITION}


@dataclass(frozen=True, slots=True)
class Proof:
    """A line of the CV and the requirements that it answers, the weightiest first."""

    fact: Fact
    requirements: tuple[Requirement, ...] = ()
    weight: float = 0.0
    links: dict[str, float] = field(default_factory=dict)
    is_focus: bool = False

    def answers(self, requirement: Requirement) -> float:
        """Return how much of a requirement's own words the line takes up; below `ANSWERING` it is no answer that a reader would see."""
        return self.links.get(requirement.id, 0.0)

    def opening(self, requirement: Requirement) -> float:
        """Return how well the line answers the requirement that opens the letter, present work before past; 0 where it does not."""
        answers = self.answers(requirement)
        return answers + OF_TODAY * self.fact.current if answers >= ANSWERING else 0.0


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
    # Lines of a CV in another language than the letter's, which can be quoted but not told; the demand that opens such a letter.
    quotable: list[Proof] = field(default_factory=list)
    demand: Requirement | None = None
    further_skills: list[Fact] = field(default_factory=list)
    further_certificates: list[Fact] = field(default_factory=list)
    concepts_by_scope: dict[str, list[tuple[str, Fact]]] = field(default_factory=dict)


def plan_letter(inputs: LetterInputs) -> LetterPlan:
    """Choose and order the material."""
    resume, relevance = inputs.resume, Relevance(inputs.resume, inputs.analysis, inputs.report)
    facts = facts_of(resume)
    proofs = sorted(_proofs(facts, relevance, inputs), key=lambda proof: (not proof.is_focus, -proof.weight))
    duty = _duty(inputs, proofs)
    strengths = {match.requirement_id: _answered(match) for match in inputs.report.requirements}
    best = max((proof.answers(duty) for proof in proofs), default=0.0) if duty else 0.0
    headers = [_called(fact) for fact in facts if fact.kind == FactKind.POSITION and fact.id == fact.scope_id]
    skills = list(_skills(facts, inputs))
    quotable = _quotable(proofs, inputs)
    certificates = [
        f for f in facts if f.kind == FactKind.CERTIFICATE and (relevance.of(f.id) > 0 or _is_asked(f.text, inputs))
    ]
    return LetterPlan(
        duty=duty,
        is_duty_met=duty is not None and strengths.get(duty.id, 0.0) >= CLOSE_STRENGTH and best >= CLOSE_WORDS,
        proofs=proofs,
        headers=sorted(_one_each(headers), key=_latest_first),
        skills=skills,
        languages=_languages(inputs),
        studies=_studies(inputs),
        certificates=certificates,
        quotable=quotable,
        demand=_demand(inputs) if quotable else None,
        further_skills=[f for f in facts if f.kind == FactKind.SKILL and f.id not in {fact.id for fact, _ in skills}],
        further_certificates=[f for f in facts if f.kind == FactKind.CERTIFICATE and f not in certificates],
        concepts_by_scope=_concepts_by_scope(facts, inputs),
    )


def without_repeats(proofs: Iterable[Proof]) -> list[Proof]:
    """Keep the first of proofs with the same words."""
    return list({proof.fact.text.casefold(): proof for proof in reversed(list(proofs))}.values())[::-1]


def by_scope(proofs: list[Proof], resume: Resume) -> list[Proof]:
    """Keep the first story first, and stories of one position together; a project is told from its beginning."""
    order = list(dict.fromkeys(proof.fact.scope_id for proof in proofs))
    lines = {line.id: number for project in resume.projects for number, line in enumerate(project.highlights)}
    return sorted(proofs, key=lambda proof: (order.index(proof.fact.scope_id), lines.get(proof.fact.id, 0)))


def _proofs(facts: list[Fact], relevance: Relevance, inputs: LetterInputs) -> Iterator[Proof]:
    order = {scope: number for number, scope in enumerate(dict.fromkeys(f.scope_id for f in facts if f.scope_id))}
    personal = inputs.wish == "more_personal"
    focus = inputs.focus
    posting_words, posting_skills = content_of(inputs.posting_text)
    for fact in _by_sentence(facts):
        is_story = fact.kind == FactKind.HIGHLIGHT or (fact.kind in STORY_KINDS and fact.id == fact.scope_id)
        if not is_story or not fact.scope_id or _is_header(fact):
            continue
        links = links_of(fact, relevance.requirements.values())
        numbers = {*relevance.answers(fact.id), *(number for number, link in links.items() if link >= CLOSE_WORDS)}
        answered = sorted(
            (requirement for number, requirement in relevance.requirements.items() if number in numbers),
            key=lambda requirement: (
                requirement.category == RequirementCategory.SOFT_SKILL,
                -links.get(requirement.id, 0.0),
            ),
        )
        weight = (
            relevance.of(fact.id) * 2 + _strength(fact) - 0.6 * order[fact.scope_id] + max(links.values(), default=0.0)
        )
        words, skills = content_of(fact.text)
        near = sum(any(is_akin(word, other) for other in posting_words) for word in words) + 2 * len(
            skills & posting_skills
        )
        weight += min(NEAR_SHARE * near, 1.5)
        is_focus = bool(focus) and _is_about(fact, focus)
        if personal and not _is_of_employer(inputs, fact):
            weight += 2
        yield Proof(_called(fact), tuple(answered), weight, links, is_focus)


def _by_sentence(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield facts, what is written about a position as running text sentence by sentence; never what gives orders to a model."""
    for fact in facts:
        if addresses_model(fact.text):
            continue
        if fact.kind in {FactKind.HIGHLIGHT, FactKind.POSITION} and not _is_header(fact):
            yield from (replace(fact, text=said) for said in sentences(fact.text))
        else:
            yield fact


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


def _duty(inputs: LetterInputs, proofs: list[Proof]) -> Requirement | None:
    """Return the requirement that opens the letter: a task of the job that a line of the CV takes up, else another such requirement."""
    wanted = inputs.analysis.requirements
    duties = [r for r in wanted if r.category == RequirementCategory.DUTY]
    others = [
        r for r in wanted if r.category in {RequirementCategory.SKILL, RequirementCategory.EXPERIENCE} and not r.years
    ]
    if inputs.wish == "other_opening":
        opening = " ".join(inputs.previous_text.split("\n\n")[1:2])
        duties, others = ([r for r in group if not _is_said_in(r, opening)] for group in (duties, others))
    strengths = {match.requirement_id: _answered(match) for match in inputs.report.requirements}

    def convincing(requirement: Requirement) -> float:
        answers = [proof for proof in proofs if proof.answers(requirement) >= ANSWERING]
        told = [p.answers(requirement) + 0.1 * p.weight + OF_TODAY * p.fact.current for p in answers]
        return max(told) + strengths.get(requirement.id, 0.0) if told else 0.0

    for group in (duties, others):
        if group and (found := max(group, key=convincing)) and convincing(found):
            return found
    return None


def _quotable(proofs: list[Proof], inputs: LetterInputs) -> list[Proof]:
    """Return the weightiest lines where they are in another language than the letter, each short enough to be quoted."""
    unique = without_repeats(proofs)
    told = language_of(" ".join(proof.fact.text for proof in unique)) or inputs.resume.language
    if told == inputs.language:
        return []
    plain = [p for p in unique if LEAST_QUOTED <= len(p.fact.text.split()) <= MOST_QUOTED and p.fact.employer]
    return [proof for proof in plain if language_of(proof.fact.text) != inputs.language][:MOST_QUOTES]


def is_tellable(proof: Proof, plan: LetterPlan, language: str) -> bool:
    """Whether a line may be told in the letter's words: of a CV in another language only one that is plainly in the letter's."""
    return not plan.quotable or language_of(proof.fact.text) == language


def _demand(inputs: LetterInputs) -> Requirement | None:
    """Return the demand that the CV answers best by name, a skill or years with it, for a letter whose lines tell nothing themselves."""
    strengths = {match.requirement_id: _answered(match) for match in inputs.report.requirements}
    named = [
        r
        for r in inputs.analysis.requirements
        if r.category in {RequirementCategory.SKILL, RequirementCategory.EXPERIENCE} and r.concept
    ]
    best = max(named, key=lambda requirement: strengths.get(requirement.id, 0.0), default=None)
    return best if best and strengths.get(best.id, 0.0) >= CLOSE_STRENGTH else None


def _is_said_in(requirement: Requirement, text: str) -> bool:
    """Whether a text quotes a requirement, a few words left out."""
    words, said = content_of(requirement.text)[0], vocabulary_of(text)
    return bool(words) and sum(said.has_form(word) for word in words) > len(words) / 2


def _answered(match: RequirementMatch) -> float:
    return match.strength if match.fact_ids else 0.0


def _called(fact: Fact) -> Fact:
    """Return a fact with its employer as one calls it in a sentence."""
    return replace(fact, employer=without_place(fact.employer))


def _latest_first(header: Fact) -> tuple[bool, int, int]:
    """Sort current positions before past ones, the later before the earlier, and those without dates last."""
    start = header.start
    return not header.current, -(start.year if start else 0), -((start.month or 0) if start else 0)


def _skills(facts: list[Fact], inputs: LetterInputs) -> Iterator[tuple[Fact, str]]:
    """Yield listed skills that the posting names, in its words or as the same skill by another name."""
    wanted = wanted_concepts(inputs.analysis)
    named = {mention.concept for mention in concepts_in(inputs.posting_text)}
    posting_words = {token.word for token in tokens(inputs.posting_text)}
    for fact in facts:
        if fact.kind != FactKind.SKILL:
            continue
        concept = concept_of(fact.text)
        if concept in wanted and concept in named and _is_spelt_akin(fact.text, posting_words):
            yield replace(fact, text=in_sentence(fact.text, [inputs.posting_text])), wanted[concept][0]
        elif concept is None and _names(inputs.posting_text, fact.text):
            number = next((r.id for r in inputs.analysis.requirements if _names(r.text, fact.text)), "")
            yield replace(fact, text=in_sentence(fact.text, [inputs.posting_text])), number


def _is_spelt_akin(skill: str, words: set[str]) -> bool:
    """Whether a reader finds the skill in the posting: what is a synonym to us ("ECG", "cardiology") is not named there."""
    return any(token.word in words or any(is_akin(token.word, word) for word in words) for token in tokens(skill))


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _is_asked(certificate: str, inputs: LetterInputs) -> bool:
    """Whether the posting names a certificate: an abbreviation of its name (NMC, ADR), a long word of it, or most of its words."""
    name = certificate.partition(",")[0]
    if any(word.isupper() and len(word) > 1 and _names(inputs.posting_text, word) for word in re.findall(r"\w+", name)):
        return True
    words, posting = content_of(name)[0], vocabulary_of(inputs.posting_text)
    told = {token.word for token in tokens(inputs.posting_text)}
    if any(
        len(word) >= TELLING_WORD and any(other.startswith(word[:TELLING_WORD]) for other in told) for word in words
    ):
        return True
    return len(words) > 1 and sum(posting.has_form(word) for word in words) > len(words) / 2


def _studies(inputs: LetterInputs) -> list[Education]:
    """Return courses of study, first those whose subject the posting names, of equals the latest."""
    wanted = [r for r in inputs.analysis.requirements if r.category == RequirementCategory.EDUCATION]
    asked = [word for requirement in wanted for word in content_of(requirement.text)[0]]
    asked += [mention.concept.casefold() for r in wanted for mention in concepts_in(r.text)]

    def named(study: Education) -> tuple[int, int]:
        words = [token.word for token in tokens(f"{study.area} {study.degree}")]
        matched = sum(any(is_akin(word, other) for other in asked) for word in words)
        return -matched, -(study.end.year if study.end else 0)

    studies = [s for s in inputs.resume.education if s.institution and (s.degree or s.area)]
    return sorted(studies, key=named)


def _languages(inputs: LetterInputs) -> list[tuple[Language, Requirement | None]]:
    """Return the languages that the posting asks for, as the CV has them, and the letter's own where the CV is in another."""
    wanted = {
        r.concept.casefold(): r for r in inputs.analysis.requirements if r.category == RequirementCategory.LANGUAGE
    }
    found: list[tuple[Language, Requirement | None]] = []
    for language in inputs.resume.languages:
        names = {language.name.casefold(), *(m.concept.casefold() for m in concepts_in(language.name))}
        requirement = next((wanted[name] for name in names if name in wanted), None)
        is_letters = inputs.resume.language != inputs.language and inputs.language_name.casefold() in names
        if requirement or is_letters:
            found.append((language, requirement))
    return found


def _concepts_by_scope(facts: list[Fact], inputs: LetterInputs) -> dict[str, list[tuple[str, Fact]]]:
    """Return, for each scope, the skills that its lines name; those that the posting asks for come first."""
    wanted = wanted_concepts(inputs.analysis)
    found: dict[str, dict[str, Fact]] = {}
    for fact in facts:
        if fact.scope_id and fact.kind != FactKind.EDUCATION and not _is_header(fact):
            for mention in concepts_in(fact.text):
                said, rest = fact.text[mention.start : mention.end], fact.text[mention.end :]
                if not _is_name(said, mention, inputs.resume.language, rest):
                    continue
                found.setdefault(fact.scope_id, {}).setdefault(mention.concept, fact)
    return {scope: sorted(named.items(), key=lambda pair: pair[0] not in wanted) for scope, named in found.items()}


def _is_name(text: str, mention: ConceptMention, language: str, rest: str) -> bool:
    """Whether a skill is written as a name, which needs no translation; a common noun would.

    Any line begins with a capital, and any noun does in German; tools are names there, too.
    """
    if AMOUNT.match(rest):
        return False
    if len(text) == 1:
        # A single letter ("R") in a list of tools is told from no other letter when the text is read again.
        return False
    if any(letter.isupper() or letter.isdigit() for letter in text[1:]) or category_of(mention.concept) in OF_NAMES:
        return text[:1].isupper() or any(letter.isupper() for letter in text[1:])
    return text[:1].isupper() and mention.start > 0 and language != "de"


def _one_each(headers: list[Fact]) -> list[Fact]:
    """Keep the first fact of each position, which names title and employer."""
    return list({fact.scope_id: fact for fact in reversed(headers)}.values())[::-1]
