"""Stopping a token, a user or a task from spending, and letting it go on again.

The router looks here before each call, at a copy a few seconds old (`ai_router.freezes`). Whatever is done is in the audit
log.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from usage.audit import record
from usage.models import AlertRule, Freeze
from usage.types import AuditAction, FreezeLevel, SubjectKind

Subject = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stop:
    """A freeze as it is followed."""

    freeze_id: int
    is_whole: bool
    message: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Stops:
    """All freezes in force; the strictest for each subject."""

    by_subject: Mapping[Subject, Stop] = field(default_factory=dict)

    def find(self, *, token_id: int | None, user_id: Any, task_type: str) -> Stop | None:
        """Return the strictest freeze that such a call meets, at this moment; None where there is none."""
        if not self.by_subject:
            return None
        now = timezone.now()
        subjects = (
            (SubjectKind.TOKEN.value, str(token_id)),
            (SubjectKind.USER.value, str(user_id)),
            (SubjectKind.TASK.value, str(task_type)),
        )
        found = [stop for subject in subjects if (stop := self.by_subject.get(subject))]
        in_force = [stop for stop in found if stop.until is None or stop.until > now]
        return max(in_force, key=lambda stop: stop.is_whole, default=None)


def read_stops() -> Stops:
    """Return the freezes in force, in one query."""
    found: dict[Subject, Stop] = {}
    rows = Freeze.objects.in_force().order_by("made_at")
    for pk, kind, key, level, message, until in rows.values_list(
        "pk", "subject_kind", "subject_key", "level", "message", "until"
    ):
        stop = Stop(pk, level == FreezeLevel.FREEZE, message, until)
        known = found.get((kind, key))
        if known is None or stop.is_whole >= known.is_whole:
            found[kind, key] = stop
    return Stops(found)


def freeze(
    subject: Subject,
    *,
    level: str,
    message: str,
    name: str = "",
    minutes: int | None = None,
    rule: AlertRule | None = None,
    made_by: Any = None,
    reason: str = "",
) -> Freeze:
    """Stop a subject, or leave it only free candidates.

    Args:
        subject: Its kind and its key: the number of a token or a user, or a task's name.
        level: One of `FreezeLevel`.
        message: What the person is told, with what they can do.
        name: What the operator calls it.
        minutes: For how long; None until somebody undoes it.
        rule: The rule that asked for it.
        made_by: Who did it; None for the site itself.
        reason: For the audit log.
    """
    now = timezone.now()
    with transaction.atomic():
        row = Freeze.objects.create(
            subject_kind=subject[0],
            subject_key=subject[1],
            subject_name=name[:200],
            level=level,
            message=message[:500],
            rule=rule,
            made_by=made_by,
            made_at=now,
            until=now + timedelta(minutes=minutes) if minutes else None,
        )
        record(AuditAction.FROZE, row, actor=made_by, reason=reason or message, changes={"level": [None, level]})
    return row


def note_manual(row: Freeze, *, by: Any) -> None:
    """Write into the audit log that somebody stopped a subject by hand."""
    record(AuditAction.FROZE, row, actor=by, reason=row.message, changes={"level": [None, row.level]})


def lift(row: Freeze, *, by: Any, reason: str = "") -> bool:
    """Undo a freeze; False where that was done before."""
    with transaction.atomic():
        open_rows = Freeze.objects.filter(pk=row.pk, lifted_at=None)
        is_lifted = open_rows.update(lifted_at=timezone.now(), lifted_by=by)
        if is_lifted:
            record(AuditAction.LIFTED, row, actor=by, reason=reason, changes={"level": [row.level, None]})
    row.refresh_from_db()
    return bool(is_lifted)
