"""Setting right what a settled call cost, by a new line that says how much more or less, and why.

Nothing that was written changes but the call's own sum. Roll-ups and the budgets that counted the call get the difference in the
same transaction; what running calls hold stays as it is.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from usage.audit import record
from usage.budget_corrections import WindowIsGoneError, find_counting_windows, set_right, spent_in
from usage.errors import UncorrectableError
from usage.models import Attempt, BudgetWindow, Call, Correction
from usage.rollup_lines import MOST_OF_ARM, MOST_OF_EXPERIMENT
from usage.rollup_writing import BookedLine, add_correction, hour_of
from usage.types import CORRECTION, AttemptStatus, AuditAction, CallStatus


def correct_cost(call_id: UUID, *, cost_nanousd: int, reason: str, by: Any) -> Correction:
    """Let a call have cost this in truth, such as after a refund, or where its price was unknown.

    Raises:
        UncorrectableError: There is no such call, it is not booked yet or an estimate that settles itself, it costs that
            already, or there is no reason. Nothing was written.
    """
    reason = reason.strip()
    if not reason:
        message = "Say why: the reason stays with the correction."
        raise UncorrectableError(message)
    call = correctable(call_id, cost_nanousd=cost_nanousd)
    providers = {call.provider, *call.attempts.values_list("provider", flat=True)}
    while True:
        # Made before, where they are missing: a window that is filled meanwhile would know one half of the correction.
        windows = find_counting_windows(call, providers=providers)
        with suppress(WindowIsGoneError), transaction.atomic():
            return _write(call_id, windows, cost_nanousd=cost_nanousd, reason=reason, by=by)


def _write(call_id: UUID, windows: Sequence[BudgetWindow], *, cost_nanousd: int, reason: str, by: Any) -> Correction:
    """Write the line and all that follows from it."""
    call = correctable(call_id, cost_nanousd=cost_nanousd, is_locked=True)
    attempts = list(call.attempts.order_by("ordinal"))
    known = sum(attempt.cost_nanousd or 0 for attempt in attempts)
    subject = next((attempt for attempt in attempts if attempt.cost_nanousd is None), None)
    provider, model = (subject.provider, subject.model) if subject else (call.provider, call.model)
    before = spent_in(windows, call)
    line = Attempt.objects.create(
        call=call,
        ordinal=(attempts[-1].ordinal if attempts else 0) + 1,
        provider=provider,
        model=model,
        status=AttemptStatus.CANCELLED,
        cost_nanousd=cost_nanousd - known,
        error_class=CORRECTION,
        error_message=reason[:500],
        started_at=timezone.now(),
    )
    correction = Correction.objects.create(
        call=call,
        made_at=line.started_at,
        status_before=call.status,
        cost_before_nanousd=call.cost_nanousd,
        status_after=call.status,
        cost_after_nanousd=cost_nanousd,
        reason=reason[:500],
        made_by=by,
    )
    record(
        AuditAction.CHANGED,
        call,
        changes={"cost_nanousd": [call.cost_nanousd, cost_nanousd]},
        actor=by,
        reason=reason,
    )
    Call.objects.filter(pk=call.pk).update(cost_nanousd=cost_nanousd)
    set_right(windows, call, line=line, before=before)
    add_correction(
        _booked(call),
        call=(call.provider, call.model, call.status, call.error_class),
        attempt=(line.provider, line.model, str(line.status), CORRECTION),
        more_nanousd=cost_nanousd - known,
        was_unpriced=call.cost_nanousd is None,
    )
    return correction


def correctable(call_id: UUID, *, cost_nanousd: int, is_locked: bool = False) -> Call:
    """Return the call where it may be set right; `is_locked` keeps everybody else from it until the transaction ends.

    Raises:
        UncorrectableError: It may not.
    """
    calls = Call.objects.select_for_update() if is_locked else Call.objects.all()
    call = calls.filter(pk=call_id).first()
    message = ""
    if call is None:
        message = "There is no such call; one that was archived cannot be corrected."
        raise UncorrectableError(message)
    if call.status == CallStatus.OPEN:
        message = "The call is running. Wait until it is booked."
    elif call.is_written_off:
        message = (
            "The call was written off at what it held; it is set right by itself should its process book it after all."
        )
    elif call.cost_nanousd == cost_nanousd:
        message = "The call costs that already."
    elif cost_nanousd < 0:
        message = "A call cannot cost less than nothing."
    if message:
        raise UncorrectableError(message)
    return call


def _booked(call: Call) -> BookedLine:
    experiment = call.decision.get("experiment") or {}
    return BookedLine(
        hour=hour_of(call.created_at),
        user_id=call.user_id,
        task_type=call.task_type,
        prompt_version=call.prompt_version,
        purpose=call.purpose,
        experiment=experiment.get("name", "")[:MOST_OF_EXPERIMENT],
        arm=experiment.get("arm", "")[:MOST_OF_ARM],
        cache=call.decision.get("cache", ""),
        held_nanousd=call.held_nanousd,
    )
