"""The embedded engine's tailoring: changes by rule, from what matching found."""

from collections.abc import Callable, Iterator, Sequence

from cv.facts import Fact, FactKind, facts_of
from cv.resume import Line, Position, Project, Resume, Skill, SkillGroup, Volunteering
from cv.skills import category_of, concept_of, concepts_in
from jobs.grounding.lexicon import SENIORITY
from jobs.grounding.words import is_neutral, tokens
from jobs.models import ChangeKind
from jobs.posting import RequirementCategory
from jobs.tailoring.relevance import NEAR_WEIGHT, Relevance, wanted_concepts
from jobs.tailoring.rephrasing import Rewording, reword, spellings_in
from jobs.tailoring.types import WHOLE, ProposedChange, TailoringInputs

LONG_CV_WORDS = 550
FULL_POSITION_LINES = 5
KEPT_LINES = 3
MOST_DROPS = 3
MOST_SURFACED = 4
MOST_REPHRASED = 8
MOST_TELLING = 2
FAR_MORE = 1.5


def propose(inputs: TailoringInputs) -> list[ProposedChange]:
    """Return changes that bring forward what the posting asks for; none of them says anything new."""
    relevance = Relevance(inputs.resume, inputs.analysis, inputs.report)
    return [
        *_headline(inputs),
        *_rephrase(inputs, relevance),
        *_surface(inputs, relevance),
        *_reorder_lines(inputs.resume, relevance),
        *_reorder_skills(inputs.resume, relevance),
        *_reorder_groups(inputs.resume, relevance),
        *_move_section(inputs.resume, relevance),
        *_drop(inputs.resume, relevance),
    ]


def _headline(inputs: TailoringInputs) -> Iterator[ProposedChange]:
    """Put the held title that says most of the posting's in the headline, the latest of equals.

    A title of long ago goes before the present one only where it says two of the posting's words; ranks alone do not count.
    """
    person = inputs.resume.person
    wanted = {word for word in _words(inputs.analysis.title) if not is_neutral(word)} - set(SENIORITY)
    held = [position for employer in inputs.resume.employers for position in employer.positions]
    shared = [(len(wanted & _words(position.title)), position) for position in held]
    best = max(shared, key=lambda entry: entry[0], default=None)
    if best is None or not best[0] or not person.id:
        return
    said = len(wanted & _words(person.headline))
    latest = max(held, key=lambda position: (position.current, position.start.year if position.start else 0))
    all_shared = _words(inputs.analysis.title) & _words(best[1].title)
    is_old = best[1] is not latest and len(all_shared) < MOST_TELLING
    if best[0] <= said or is_old:
        return
    yield ProposedChange(
        kind=ChangeKind.HEADLINE,
        target_id=person.id,
        field="headline",
        before=person.headline,
        after=best[1].title,
        evidence_ids=[best[1].id],
        reason=f"The posting is for “{inputs.analysis.title}”; this title, which you held, comes nearest.",
    )


def _words(title: str) -> set[str]:
    return {token.word for token in tokens(title)}


def _kind(before: str, wording: Rewording) -> ChangeKind:
    """A line that only lost words was shortened."""
    is_shorter = len(wording.text.split()) < len(before.split())
    return ChangeKind.SHORTEN if wording.is_trimmed and is_shorter and not wording.concepts else ChangeKind.REPHRASE


def _rephrase(inputs: TailoringInputs, relevance: Relevance) -> Iterator[ProposedChange]:
    names: dict[str, str] = {}
    for requirement in inputs.analysis.requirements:
        names = {**spellings_in(requirement.text), **names}
    proposed = 0
    for item_id, field, text in _rewordable(inputs.resume):
        wording = reword(text, names)
        if wording is None or proposed >= MOST_REPHRASED:
            continue
        proposed += 1
        answers = relevance.answers(item_id)
        yield ProposedChange(
            kind=_kind(text, wording) if field == "text" else ChangeKind.REPHRASE,
            target_id=item_id,
            field=field,
            before=text,
            after=wording.text,
            evidence_ids=[item_id],
            requirement_ids=answers,
            reason=_rephrase_reason(wording.concepts, names, is_trimmed=wording.is_trimmed),
        )


def _rephrase_reason(concepts: Sequence[str], names: dict[str, str], *, is_trimmed: bool) -> str:
    parts = []
    if concepts:
        parts.append(
            f"uses the posting's word {' and '.join(f'“{names[concept]}”' for concept in concepts)} for the same thing"
        )
    if is_trimmed:
        parts.append("says the same in fewer words")
    sentence = " and ".join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _rewordable(resume: Resume) -> Iterator[tuple[str, str, str]]:
    for owner in _owners(resume):
        for line in owner.highlights:
            yield line.id, "text", line.text
    for group in resume.skills:
        for skill in group.skills:
            yield skill.id, "name", skill.name


def _owners(resume: Resume) -> list[Position | Project | Volunteering]:
    positions = [position for employer in resume.employers for position in employer.positions]
    return [*positions, *resume.projects, *resume.volunteering]


def _surface(inputs: TailoringInputs, relevance: Relevance) -> Iterator[ProposedChange]:
    """Show skills that the lines prove and the posting asks for as skills, but that nothing else lists.

    A title proves no skill, and a task of the job names things that are not skills in it ("warehouse models").
    """
    resume = inputs.resume
    listed = {concept_of(skill.name) or skill.name for group in resume.skills for skill in group.skills}
    listed |= {mention.concept for group in resume.skills for s in group.skills for mention in concepts_in(s.name)}
    elsewhere = {FactKind.OTHER, FactKind.CERTIFICATE, FactKind.LANGUAGE}
    listed |= {m.concept for fact in facts_of(resume) if fact.kind in elsewhere for m in concepts_in(fact.text)}
    proven: dict[str, list[Fact]] = {}
    for fact in facts_of(resume):
        if fact.kind in {
            FactKind.HIGHLIGHT,
            FactKind.POSITION,
            FactKind.PROJECT,
            FactKind.SUMMARY,
            FactKind.VOLUNTEERING,
        }:
            for concept in {mention.concept for mention in concepts_in(fact.text)} - _named_in(fact.title):
                proven.setdefault(concept, []).append(fact)
    names: dict[str, str] = {}
    asked: set[str] = set()
    for requirement in inputs.analysis.requirements:
        # Years "as a data analyst" name a title, which is no skill.
        if requirement.category == RequirementCategory.SKILL:
            asked.add(requirement.id)
            names = {**spellings_in(requirement.text), **names}
    shown = 0
    for concept, wanted_by in wanted_concepts(inputs.analysis).items():
        requirement_ids = [requirement_id for requirement_id in wanted_by if requirement_id in asked]
        if not requirement_ids:
            continue
        is_skill = category_of(concept) not in {"soft skill", "language", "licence", ""}
        if concept in listed or concept not in proven or not is_skill or shown >= MOST_SURFACED:
            continue
        shown += 1
        yield ProposedChange(
            kind=ChangeKind.SURFACE,
            target_id=_group_for(resume, concept),
            field="skills",
            after=_spelt(names.get(concept, concept), concept),
            evidence_ids=list(dict.fromkeys(fact.id for fact in proven[concept]))[:3],
            requirement_ids=requirement_ids,
            reason=f"The posting asks for {relevance.named(requirement_ids, limit=1)}. A line of the CV shows it, the list of skills does not.",
        )


def _spelt(name: str, concept: str) -> str:
    """Return the posting's name for a skill, with the capitals that it has where the posting has none."""
    return concept if name.casefold() == concept.casefold() else name


def _named_in(title: str) -> set[str]:
    return {mention.concept for mention in concepts_in(title)}


def _group_for(resume: Resume, concept: str) -> str:
    """Return the group with most skills of the concept's category, else the largest without a heading that it might not fit."""
    category = category_of(concept)

    def kin(group: SkillGroup) -> int:
        return sum(category_of(concept_of(skill.name) or "") == category for skill in group.skills)

    fitting = [group for group in resume.skills if kin(group) or not group.name]
    return max(fitting, key=lambda group: (kin(group), len(group.skills))).id if fitting else WHOLE


def _reorder_lines(resume: Resume, relevance: Relevance) -> Iterator[ProposedChange]:
    """Put lines that answer the posting before those that do not; among equals the person's own order stays but for the first.

    What answers half as much again as the first line goes before it, unless that one has a figure and it has none.
    """
    for owner in _owners(resume):
        lines: list[Line] = owner.highlights
        ordered = sorted(lines, key=lambda line: -relevance.rank(line.id)) if _is_worth_it(lines, relevance) else lines
        ordered = _led_by_best(ordered, relevance)
        moved = _moved_up(lines, ordered, relevance.of) or [line.id for line in ordered[:1] if line is not lines[0]]
        if moved:
            plainly = relevance.plainly(moved[0])
            named = relevance.named(plainly or relevance.answers(moved[0]))
            yield _reordering(
                (owner.id, "highlights"),
                before=[line.id for line in lines],
                after=[line.id for line in ordered],
                evidence=moved,
                relevance=relevance,
                reason=f"Puts first what {'answers' if plainly else 'comes near'} {named}."
                if named
                else "Puts first what the posting asks for.",
            )


def _led_by_best(lines: list[Line], relevance: Relevance) -> list[Line]:
    """Return the lines with the one first that answers far more than the first."""
    best = max(lines, key=lambda line: relevance.of(line.id), default=None)
    if best is None or relevance.of(best.id) < FAR_MORE * max(relevance.of(lines[0].id), NEAR_WEIGHT):
        return lines
    if relevance.has_figure(lines[0].id) and not relevance.has_figure(best.id):
        return lines
    return [best, *(line for line in lines if line is not best)]


def _is_worth_it(lines: Sequence[Line], relevance: Relevance) -> bool:
    """Whether a new order brings something to the top, or up from below a line that says nothing to the posting."""
    ranks = [relevance.rank(line.id) for line in lines]
    return bool(ranks) and (ranks[0] < max(ranks) or any(rank > 0 and 0 in ranks[:n] for n, rank in enumerate(ranks)))


def _reorder_skills(resume: Resume, relevance: Relevance) -> Iterator[ProposedChange]:
    for group in resume.skills:
        ordered = sorted(group.skills, key=lambda skill: -relevance.named_weight(skill.id))
        moved = _moved_up(group.skills, ordered, relevance.named_weight)
        if moved:
            asked = [skill.name for skill in ordered if skill.id in moved]
            yield _reordering(
                (group.id, "skills"),
                before=[skill.id for skill in group.skills],
                after=[skill.id for skill in ordered],
                evidence=moved,
                relevance=relevance,
                reason=f"Puts first the skills that the posting names: {', '.join(asked[:5])}.",
            )


def _reorder_groups(resume: Resume, relevance: Relevance) -> Iterator[ProposedChange]:
    if len(resume.skills) < 2:
        return

    def weight(group: SkillGroup) -> float:
        return sum(relevance.named_weight(skill.id) for skill in group.skills)

    ordered = sorted(resume.skills, key=lambda group: -weight(group))
    if ordered[0] is resume.skills[0] or not weight(ordered[0]):
        return
    leading = [skill.id for skill in ordered[0].skills if relevance.named_weight(skill.id)]
    yield _reordering(
        (WHOLE, "skills"),
        before=[group.id for group in resume.skills],
        after=[group.id for group in ordered],
        evidence=leading,
        relevance=relevance,
        reason=f"Puts the group “{ordered[0].name or 'skills'}” first, which holds what the posting asks for.",
    )


def _move_section(resume: Resume, relevance: Relevance) -> Iterator[ProposedChange]:
    """Move the list of skills, the languages or the certificates ahead of the education where they answer more."""
    order = list(resume.section_order)
    if "education" not in order:
        return
    skills: list[Skill] = [skill for group in resume.skills for skill in group.skills]
    answered = {
        "skills": [skill.id for skill in skills if relevance.of(skill.id)],
        "projects": [line.id for project in resume.projects for line in project.highlights if relevance.of(line.id)],
        "certificates": [item.id for item in resume.certificates if relevance.of(item.id)],
        "languages": [item.id for item in resume.languages if relevance.of(item.id)],
    }
    name = max(answered, key=lambda section: len(answered[section]))
    if name not in order or len(answered[name]) < 2 or order.index(name) < order.index("education"):
        return
    moved = [section for section in order if section != name]
    moved.insert(moved.index("education"), name)
    evidence = answered[name]
    yield _reordering(
        (WHOLE, "section_order"),
        before=order,
        after=moved,
        evidence=evidence,
        relevance=relevance,
        reason=f"Moves “{name}” before the education: {len(evidence)} of its entries answer the posting.",
    )


def _reordering(
    place: tuple[str, str],
    *,
    before: Sequence[str],
    after: Sequence[str],
    evidence: Sequence[str],
    relevance: Relevance,
    reason: str,
) -> ProposedChange:
    answered = [number for item_id in evidence for number in relevance.answers(item_id)]
    return ProposedChange(
        kind=ChangeKind.REORDER,
        target_id=place[0],
        field=place[1],
        before="\n".join(before),
        after="\n".join(after),
        evidence_ids=list(evidence)[:6],
        requirement_ids=list(dict.fromkeys(answered))[:6],
        reason=reason[:400],
    )


def _moved_up(
    before: Sequence[Line | Skill], after: Sequence[Line | Skill], weight: Callable[[str], float]
) -> list[str]:
    """Return the ids of asked-for entries that stand higher than before; a shuffle among them alone is not worth a change."""
    asked = [entry.id for entry in before if weight(entry.id) > 0]
    if not asked or ([entry.id for entry in before[: len(asked)]] == asked and len(asked) > 3):
        return []
    places = {entry.id: number for number, entry in enumerate(before)}
    return [entry.id for number, entry in enumerate(after) if entry.id in asked and number < places[entry.id]]


def _drop(resume: Resume, relevance: Relevance) -> Iterator[ProposedChange]:
    """In a long CV, leave out lines of full positions that answer nothing, the oldest first."""
    words = sum(len(fact.text.split()) for fact in facts_of(resume))
    if words < LONG_CV_WORDS:
        return
    dropped = 0
    for employer in reversed(resume.employers):
        for position in reversed(employer.positions):
            spare = len(position.highlights) - KEPT_LINES
            if len(position.highlights) < FULL_POSITION_LINES:
                continue
            for line in reversed([line for line in position.highlights if not relevance.of(line.id)][-spare:]):
                if dropped >= MOST_DROPS:
                    return
                dropped += 1
                yield ProposedChange(
                    kind=ChangeKind.DROP,
                    target_id=line.id,
                    field="text",
                    before=line.text,
                    reason="The CV is long, and the posting asks for nothing that this line shows.",
                )
