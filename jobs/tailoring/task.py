"""The task of tailoring: by rules offline, by a provider where one is set up, and through the gate in both cases."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from ai_router.router import run
from ai_router.shadows import allow_shadows
from ai_router.types import TaskResult, TaskSpec, TaskType
from cv.personal import PERSONAL_OF_RESUME
from cv.resume import Resume
from jobs.asking import AskOnce
from jobs.matching.types import MatchReport
from jobs.models import ChangeKind
from jobs.posting import PostingAnalysis
from jobs.tailoring.applying import value_at
from jobs.tailoring.checking import ChangeGate
from jobs.tailoring.proposing import propose
from jobs.tailoring.types import (
    WHOLE,
    ProposedChange,
    TailoringAnswer,
    TailoringInputs,
    TailoringOutput,
)

MOST_CHANGES = 40


def tailoring_inputs(resume: Resume, analysis: PostingAnalysis, report: MatchReport) -> TailoringInputs:
    """Return the task's inputs; the prompt's lines leave out name, contact data and everything that must not change."""
    wanted = "\n".join(f"{r.id} | {r.kind} | {' '.join(r.text.split())}" for r in analysis.requirements)
    return TailoringInputs(
        resume=resume, analysis=analysis, report=report, lines="\n".join(_places(resume)), wanted=wanted
    )


def tailor(
    resume: Resume, analysis: PostingAnalysis, report: MatchReport, *, user: Any = None, provider: str = "auto"
) -> list[ProposedChange]:
    """Return changes that fit the CV to the posting, all of them passed by the gate. Raises as `router.run` does."""
    return run_tailoring(resume, analysis, report, user=user, provider=provider).output.changes


def run_tailoring(
    resume: Resume,
    analysis: PostingAnalysis,
    report: MatchReport,
    *,
    user: Any = None,
    provider: str = "auto",
    variant: str = "",
) -> TaskResult[TailoringOutput]:
    """Do the task through the router; the result also lists the changes that were refused, with the reasons.

    A kept answer is only given where the `variant` is the same.
    """
    return run(
        tailoring_task(), tailoring_inputs(resume, analysis, report), user=user, provider=provider, variant=variant
    )


def tailoring_task() -> TaskSpec[TailoringInputs, TailoringOutput]:
    """Return the task for one call: a provider is asked once to repair what the gate refuses, after that it is left out."""
    return replace(TAILOR_CV, verify=AskOnce(_refusals))


def _places(resume: Resume) -> list[str]:
    places = []
    if resume.person.summary:
        places.append(f"{resume.person.id} | summary | {resume.person.summary}")
    for employer in resume.employers:
        for position in employer.positions:
            places.append(f"{position.id} | highlights | (order of the lines of: {position.title}, {employer.name})")
            places += [f"{line.id} | text | {line.text}" for line in position.highlights]
    for project in resume.projects:
        places.append(f"{project.id} | highlights | (order of the lines of: {project.name})")
        places += [f"{line.id} | text | {line.text}" for line in project.highlights]
    for group in resume.skills:
        names = "; ".join(f"{skill.id}: {skill.name}" for skill in group.skills)
        places.append(f"{group.id} | skills | {names}")
    places.append(f"{WHOLE} | section_order | {', '.join(resume.section_order)}")
    return places


def _embedded(inputs: TailoringInputs) -> TailoringOutput:
    changes, refused = ChangeGate(inputs.resume).sort(propose(inputs))
    return TailoringOutput(changes=_compatible(changes), refused=refused)


def finish_tailoring(inputs: TailoringInputs, answer: BaseModel | str) -> TailoringOutput:
    """Give each answered change the text that it replaces, and sort out what the gate refuses."""
    if not isinstance(answer, TailoringAnswer):
        msg = "The answer is not a list of changes."
        raise ValueError(msg)
    known = {requirement.id for requirement in inputs.analysis.requirements}
    proposed = []
    for item in answer.changes[:MOST_CHANGES]:
        before = "" if item.kind == ChangeKind.SURFACE else value_at(inputs.resume, item.target_id, item.field)
        after = "" if item.kind == ChangeKind.DROP else item.after.strip()
        requirement_ids = [number for number in item.requirement_ids if number in known]
        change = ProposedChange(
            **item.model_dump(exclude={"after", "requirement_ids", "reason"}),
            before=before,
            after=after,
            requirement_ids=requirement_ids,
            reason=item.reason.strip()[:400],
        )
        if change.before != change.after:
            proposed.append(change)
    changes, refused = ChangeGate(inputs.resume).sort(proposed)
    return TailoringOutput(changes=_compatible(changes), refused=refused)


def _compatible(changes: Sequence[ProposedChange]) -> list[ProposedChange]:
    """Keep the first of changes that edit the same place."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for change in changes:
        place = (change.target_id, change.after if change.kind == ChangeKind.SURFACE else change.field)
        if place not in seen:
            seen.add(place)
            kept.append(change)
    return kept


def _refusals(_inputs: TailoringInputs, output: TailoringOutput) -> list[str]:
    return [
        f"The change of {refused.change.target_id} was refused: {' '.join(refused.problems)}"
        for refused in output.refused
    ]


TAILOR_CV: TaskSpec[TailoringInputs, TailoringOutput] = TaskSpec(
    task_type=TaskType.CV_TAILORING,
    prompt="cv_tailoring/v1",
    embedded=_embedded,
    answer_schema=TailoringAnswer,
    finish=finish_tailoring,
    personal=PERSONAL_OF_RESUME,
    max_output_tokens=4_000,
)

allow_shadows(tailoring_task, TailoringInputs)
