"""Tailored CVs: started, made in the background, decided change by change, exported."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from ai_router import router, scheduling
from cv.export import Layout, Style
from cv.models import CV, ResumeVersion
from cv.resume import Resume
from cv.services import ExportedFile, export_resume
from jobs.errors import ChangeConflictError, NotFinishedError, UnsupportedClaimError
from jobs.matching import match_resume
from jobs.models import Change, ChangeKind, Decision, Posting, TailoredCV, WorkStatus
from jobs.posting import PostingAnalysis
from jobs.services.material import current_version, material_of
from jobs.tailoring import ProposedChange, apply_changes, conflicts, run_tailoring
from jobs.tailoring.checking import ChangeGate

TAILOR_TASK = "jobs.tailor"
WITH_TEXT = frozenset([ChangeKind.REPHRASE, ChangeKind.SHORTEN, ChangeKind.HEADLINE, ChangeKind.SURFACE])
# What a person should look at before it is taken.
UNSAFE = frozenset([ChangeKind.DROP, ChangeKind.HEADLINE])
STEPS = 3


def start_tailoring(
    *, owner: AbstractBaseUser, cv: CV, posting: Posting, version: ResumeVersion | None = None, provider: str = "auto"
) -> TailoredCV:
    """Make the row, and have the changes proposed in the background.

    Raises:
        ResumeNotReadyError: The CV has no structured version yet.
    """
    with transaction.atomic():
        tailored = TailoredCV.objects.create(
            owner_id=owner.pk,
            resume_version=version or current_version(owner=owner, cv=cv),
            posting=posting,
            provider=provider,
        )
        tailored.background_task = scheduling.enqueue(TAILOR_TASK, subject_id=tailored.pk, owner_id=owner.pk)
        tailored.save(update_fields=["background_task"])
    return tailored


def do_tailoring(work: scheduling.Work) -> None:
    """Propose the changes of a queued tailored CV; nothing is saved before all are there."""
    tailored = (
        TailoredCV.objects.select_related("resume_version", "posting", "owner").filter(pk=work.subject_id).first()
    )
    if tailored is None:
        return
    work.progress(0, STEPS, "Comparing the CV with the posting")
    material = material_of(tailored.resume_version, tailored.posting)
    work.progress(1, STEPS, "Looking for changes that the CV supports")
    result = run_tailoring(
        material.resume,
        material.analysis,
        material.report,
        user=tailored.owner,
        provider=tailored.provider,
        variant=f"tailored CV {tailored.pk}",
    )
    work.progress(2, STEPS, "Saving the changes")
    with work.finishing():
        tailored.changes.all().delete()
        Change.objects.bulk_create(
            Change(tailored_cv=tailored, ordinal=number, **change.model_dump())
            for number, change in enumerate(result.output.changes, start=1)
        )
        tailored.score_before = material.report.score
        tailored.refused = [refused.model_dump(mode="json") for refused in result.output.refused]
        tailored.call_id = result.call_id
        tailored.status = WorkStatus.DONE
        tailored.finished_at = timezone.now()
        tailored.save(update_fields=["score_before", "refused", "call_id", "status", "finished_at"])


def cancel_tailoring(*, tailored: TailoredCV) -> None:
    """Stop the work; what is finished stays."""
    if tailored.background_task:
        scheduling.cancel(tailored.background_task)


def decide(*, change: Change, decision: Decision) -> Change:
    """Accept or reject one change, or take the decision back.

    Raises:
        ChangeConflictError: It cannot be accepted together with another accepted change.
    """
    with transaction.atomic():
        tailored = TailoredCV.objects.select_for_update().get(pk=change.tailored_cv_id)
        _require_done(tailored)
        if decision == Decision.ACCEPTED:
            others = tailored.changes.filter(decision=Decision.ACCEPTED).exclude(pk=change.pk)
            found = conflicts([*map(proposed, others), proposed(change)])
            if found:
                raise ChangeConflictError(found[0])
        change.decision = decision
        change.decided_at = None if decision == Decision.PROPOSED else timezone.now()
        change.save(update_fields=["decision", "decided_at"])
    if tailored.call_id and decision != Decision.PROPOSED:
        router.record_acceptance(tailored.call_id, accepted=decision == Decision.ACCEPTED)
    return change


def edit_change(*, change: Change, after: str) -> Change:
    """Give a change a text of the person's own, which passes the gate like any other; an accepted change stays accepted.

    Raises:
        UnsupportedClaimError: The CV does not bear the text.
        ChangeConflictError: Changes of this kind have no text.
    """
    with transaction.atomic():
        tailored = TailoredCV.objects.select_for_update().get(pk=change.tailored_cv_id)
        _require_done(tailored)
        if change.kind not in WITH_TEXT:
            message = "This change has no text to edit."
            raise ChangeConflictError(message)
        resume = tailored.resume_version.resume.assign_ids()
        edited = proposed(change).model_copy(update={"after": " ".join(after.split())})
        if problems := ChangeGate(resume).problems(edited):
            raise UnsupportedClaimError(problems)
        change.after, change.is_edited = edited.after, True
        change.save(update_fields=["after", "is_edited"])
    return change


def decide_all(*, tailored: TailoredCV, decision: Decision, only_safe: bool = False) -> int:
    """Decide every change that is not decided yet, and return how many; of two that conflict the first is accepted.

    With `only_safe` changes that leave a line out or give the CV another headline stay undecided.
    """
    decided = 0
    changes = tailored.changes.filter(decision=Decision.PROPOSED)
    for change in changes.exclude(kind__in=UNSAFE) if only_safe else changes:
        try:
            decide(change=change, decision=decision)
        except ChangeConflictError:
            continue
        decided += 1
    return decided


def proposed(change: Change) -> ProposedChange:
    """Return a stored change as the value that tailoring works with."""
    return ProposedChange.model_validate({name: getattr(change, name) for name in ProposedChange.model_fields})


def accepted_resume(tailored: TailoredCV) -> Resume:
    """Return the base version with the accepted changes made; what is not decided is not applied."""
    return _applied(tailored, tailored.changes.filter(decision=Decision.ACCEPTED))


def score_after(tailored: TailoredCV) -> int | None:
    """Return the match score of the accepted state."""
    analysis = PostingAnalysis.model_validate(tailored.posting.analysis)
    return match_resume(accepted_resume(tailored), analysis).score


@dataclass(frozen=True, slots=True)
class Lift:
    """How one requirement's coverage changes with the accepted changes."""

    requirement_id: str
    text: str
    before: str
    after: str
    strength_before: float
    strength_after: float


def lift(tailored: TailoredCV) -> list[Lift]:
    """Return the requirements that the accepted changes answer better or worse than the base version does."""
    analysis = PostingAnalysis.model_validate(tailored.posting.analysis)
    base = match_resume(tailored.resume_version.resume.assign_ids(), analysis)
    changed = match_resume(accepted_resume(tailored), analysis)
    before = {match.requirement_id: match for match in [*base.knock_outs, *base.requirements]}
    return [
        Lift(
            match.requirement_id,
            " ".join(match.text.split()),
            earlier.coverage.value,
            match.coverage.value,
            earlier.strength,
            match.strength,
        )
        for match in [*changed.knock_outs, *changed.requirements]
        if (earlier := before.get(match.requirement_id)) and earlier.strength != match.strength
    ]


def restore(*, tailored: TailoredCV) -> TailoredCV:
    """Make an earlier tailored CV the latest one of its CV and posting: a copy with the same changes and decisions.

    Raises:
        NotFinishedError: Its changes are still being proposed.
    """
    _require_done(tailored)
    with transaction.atomic():
        changes = list(tailored.changes.all())
        copy = TailoredCV.objects.create(
            owner_id=tailored.owner_id,
            resume_version=tailored.resume_version,
            posting=tailored.posting,
            provider=tailored.provider,
            score_before=tailored.score_before,
            refused=tailored.refused,
            pages=tailored.pages,
            style=tailored.style,
            status=WorkStatus.DONE,
            finished_at=timezone.now(),
        )
        for change in changes:
            change.pk, change.tailored_cv = None, copy
        Change.objects.bulk_create(changes)
    return copy


def versions_of(tailored: TailoredCV) -> list[TailoredCV]:
    """Return all tailored CVs of the same CV for the same posting, oldest first."""
    rows = TailoredCV.objects.filter(
        owner_id=tailored.owner_id, posting_id=tailored.posting_id, resume_version__cv=tailored.resume_version.cv
    )
    return list(rows.select_related("resume_version").order_by("created_at", "pk"))


def lines_of(resume: Resume) -> list[str]:
    """Return what a CV says, line by line, as its text file does."""
    text = export_resume(resume, format_name="txt").data.decode()
    return [line for line in text.splitlines() if line.strip()]


def export_tailored(*, tailored: TailoredCV, format_name: str) -> ExportedFile:
    """Return the accepted state as a file.

    Raises:
        NotFinishedError: The changes are still being proposed.
        KeyError: There is no such format.
    """
    _require_done(tailored)
    label = f"CV {tailored.posting.employer or tailored.posting.title}"
    layout = Layout(style=Style(tailored.style), pages=tailored.pages)
    return export_resume(accepted_resume(tailored), format_name=format_name, label=label, layout=layout)


def _applied(tailored: TailoredCV, changes: Iterable[Change]) -> Resume:
    return apply_changes(tailored.resume_version.resume.assign_ids(), map(proposed, changes))


def _require_done(tailored: TailoredCV) -> None:
    if tailored.status != WorkStatus.DONE:
        raise NotFinishedError
