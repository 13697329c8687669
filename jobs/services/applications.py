"""Applications: the stages they go through, what was sent as it was sent, what is to be done, and what came of them."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from cv.services import ExportedFile, export_resume
from cv.services.exports import file_stem
from jobs.errors import NotFinishedError, NothingToKeepError
from jobs.models import (
    Application,
    CoverLetter,
    Email,
    Posting,
    SentDocument,
    SentKind,
    Stage,
    StageEntry,
    TailoredCV,
    WorkStatus,
)
from jobs.services.letters import export_letter
from jobs.services.tailoring import export_tailored

OPEN_STAGES = (Stage.SAVED, Stage.APPLIED, Stage.INTERVIEW, Stage.OFFER)
ANSWERED = frozenset([Stage.INTERVIEW, Stage.OFFER, Stage.ACCEPTED, Stage.REJECTED])
INVITED = frozenset([Stage.INTERVIEW, Stage.OFFER, Stage.ACCEPTED])


@dataclass(frozen=True, slots=True)
class Statistics:
    """What came of a person's applications. Shares are of those that were sent; None where none was."""

    by_stage: dict[str, int]
    sent: int
    answered: int
    invited: int
    offers: int
    answered_share: float | None
    invited_share: float | None
    days_to_answer: float | None
    due: int


def track(*, owner: AbstractBaseUser, posting: Posting) -> Application:
    """Put a posting on the board; one that is there already stays as it is."""
    with transaction.atomic():
        application, is_new = Application.objects.get_or_create(owner_id=owner.pk, posting=posting)
        if is_new:
            StageEntry.objects.create(application=application, stage=Stage.SAVED, on=timezone.localdate())
    return application


def move(*, application: Application, stage: Stage, on: date | None = None) -> Application:
    """Bring an application to a stage on a day, today where none is given. To its own stage it moves without a second entry."""
    with transaction.atomic():
        row = Application.objects.select_for_update().get(pk=application.pk)
        if row.stage != stage:
            StageEntry.objects.create(application=row, stage=stage, on=on or timezone.localdate())
            row.stage = stage
            row.save(update_fields=["stage", "updated_at"])
        elif on is not None:
            latest = row.history.filter(stage=stage).last()
            if latest is not None:
                latest.on = on
                latest.save(update_fields=["on"])
    application.stage = stage
    return application


def note(*, application: Application, notes: str, remind_on: date | None, reminder: str) -> Application:
    """Save what is to be remembered."""
    application.notes, application.remind_on, application.reminder = notes, remind_on, reminder
    application.save(update_fields=["notes", "remind_on", "reminder", "updated_at"])
    return application


def keep_documents(
    *,
    application: Application,
    tailored: TailoredCV | None = None,
    letter: CoverLetter | None = None,
    email: Email | None = None,
) -> list[SentDocument]:
    """Keep documents as they are now. What is kept already is not kept twice; all of them are kept, or none.

    Without a tailored CV, the letter's CV goes along as the letter knows it.

    Raises:
        NothingToKeepError: No document is named.
        NotFinishedError: One of them is still being made.
        UnsupportedClaimError: A sentence of the letter is not supported by the CV.
    """
    files = list(_files(tailored, letter, email))
    if not files:
        raise NothingToKeepError
    with transaction.atomic():
        return [_kept(application, kind, file) for kind, file in files]


def due(owner: AbstractBaseUser, *, today: date | None = None) -> list[Application]:
    """Return the open applications whose day to remember has come, the longest waiting first."""
    rows = Application.objects.for_user(owner).filter(
        remind_on__lte=today or timezone.localdate(), stage__in=OPEN_STAGES
    )
    return list(rows.select_related("posting").order_by("remind_on", "pk"))


def statistics(owner: AbstractBaseUser) -> Statistics:
    """Return what came of all applications of a person, by their history and not by where they stand now."""
    rows = Application.objects.for_user(owner).prefetch_related("history")
    histories = [list(row.history.all()) for row in rows]
    sent = [history for history in histories if any(entry.stage == Stage.APPLIED for entry in history)]
    answered = [history for history in sent if _reached(history, ANSWERED)]
    invited = [history for history in sent if _reached(history, INVITED)]
    waits = [days for history in answered if (days := _days_to_answer(history)) is not None]
    return Statistics(
        by_stage={stage.value: count for stage, count in _counted(rows).items()},
        sent=len(sent),
        answered=len(answered),
        invited=len(invited),
        offers=sum(_reached(history, {Stage.OFFER, Stage.ACCEPTED}) for history in sent),
        answered_share=round(len(answered) / len(sent), 3) if sent else None,
        invited_share=round(len(invited) / len(sent), 3) if sent else None,
        days_to_answer=float(median(waits)) if waits else None,
        due=len(due(owner)),
    )


def _counted(rows: Iterable[Application]) -> dict[Stage, int]:
    counts = Counter(row.stage for row in rows)
    return {stage: counts[stage] for stage in Stage}


def _reached(history: Iterable[StageEntry], stages: Iterable[str]) -> bool:
    return any(entry.stage in stages for entry in history)


def _days_to_answer(history: list[StageEntry]) -> int | None:
    applied = next((entry.on for entry in history if entry.stage == Stage.APPLIED), None)
    first = next((entry.on for entry in history if entry.stage in ANSWERED), None)
    return (first - applied).days if applied and first and first >= applied else None


def _files(
    tailored: TailoredCV | None, letter: CoverLetter | None, email: Email | None
) -> Iterable[tuple[SentKind, ExportedFile]]:
    if tailored is not None:
        yield SentKind.CV, export_tailored(tailored=tailored, format_name="pdf")
    elif letter is not None:
        version = letter.resume_version
        if letter.tailored_cv is not None:
            yield SentKind.CV, export_tailored(tailored=letter.tailored_cv, format_name="pdf")
        else:
            yield SentKind.CV, export_resume(version.resume, format_name="pdf")
    if letter is not None:
        yield SentKind.LETTER, export_letter(letter=letter, format_name="pdf")
    if email is not None:
        if email.status != WorkStatus.DONE:
            raise NotFinishedError
        text = f"{email.subject}\n\n{email.text}\n"
        name = f"{file_stem(email.resume_version.resume.person.name, email.get_kind_display(), 'e-mail')}.txt"
        yield SentKind.EMAIL, ExportedFile(name, "text/plain; charset=utf-8", text.encode())


def _kept(application: Application, kind: SentKind, file: ExportedFile) -> SentDocument:
    document, _ = SentDocument.objects.get_or_create(
        application=application,
        sha256=hashlib.sha256(file.data).hexdigest(),
        defaults={"kind": kind, "name": file.name, "media_type": file.media_type, "data": file.data},
    )
    return document
