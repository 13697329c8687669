"""Setting right what a settled call cost, by a new line that says how much more or less, and why.

Nothing that was written changes but the call's own sum. Roll-ups get the difference in the same transaction. What budgets have
spent is counted anew from the ledger; where lines of their time have left it for files, they get the difference too.
"""

from datetime import UTC
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from usage import budget_statements, budgets
from usage.audit import record
from usage.errors import UncorrectableError
from usage.models import Archive, Attempt, Budget, BudgetWindow, Call, Correction
from usage.rollup_lines import MOST_OF_ARM, MOST_OF_EXPERIMENT
from usage.rollup_writing import BookedLine, add_correction, hour_of
from usage.types import CORRECTION, AttemptStatus, AuditAction, BudgetUnit, CallStatus


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
    with transaction.atomic():
        call = correctable(call_id, cost_nanousd=cost_nanousd)
        attempts = list(call.attempts.order_by("ordinal"))
        known = sum(attempt.cost_nanousd or 0 for attempt in attempts)
        subject = next((attempt for attempt in attempts if attempt.cost_nanousd is None), None)
        provider, model = (subject.provider, subject.model) if subject else (call.provider, call.model)
        _recount(call, provider, known=known, cost_nanousd=cost_nanousd)
        line = Attempt.objects.create(
            call=call,
            ordinal=(call.attempts.aggregate(last=Max("ordinal"))["last"] or 0) + 1,
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
        was_unpriced = call.cost_nanousd is None
        Call.objects.filter(pk=call.pk).update(cost_nanousd=cost_nanousd)
        add_correction(
            _booked(call),
            call=(call.provider, call.model, call.status, call.error_class),
            attempt=(line.provider, line.model, str(line.status), CORRECTION),
            more_nanousd=cost_nanousd - known,
            was_unpriced=was_unpriced,
        )
    return correction


def correctable(call_id: UUID, *, cost_nanousd: int) -> Call:
    """Return the call, locked until the transaction ends, where it may be set right.

    Raises:
        UncorrectableError: It may not.
    """
    call = Call.objects.select_for_update().filter(pk=call_id).first()
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


def _recount(call: Call, provider: str, *, known: int, cost_nanousd: int) -> None:
    """Let the budgets' windows count the call at its true cost; `known` is what its attempts are said to have cost.

    A window is deleted: whoever needs it next fills it from the ledger. One whose lines are not all there is kept.
    """
    windows = budgets.find_windows(
        user_id=call.user_id,
        task_type=call.task_type,
        providers={provider, *call.attempts.values_list("provider", flat=True)},
        now=call.created_at,
        purpose=call.purpose,
    )
    kept = [window for window in windows if _has_archived_lines(window)]
    gone = {window.pk for window in windows} - {window.pk for window in kept}
    budgets.forget_windows(BudgetWindow.objects.filter(pk__in=gone))
    for window in kept:
        if more := _difference(window.budget, call, provider, known=known, cost_nanousd=cost_nanousd):
            budget_statements.pay(window.pk, 0, more)


def _has_archived_lines(window: BudgetWindow) -> bool:
    """Whether files may have lines that count for the window; the last hours are never archived."""
    archives = Archive.objects.filter(day__gte=window.starts_at.astimezone(UTC).date())
    if window.ends_at:
        archives = archives.filter(day__lte=window.ends_at.astimezone(UTC).date())
    return not window.budget.rolling_hours and archives.exists()


def _difference(budget: Budget, call: Call, provider: str, *, known: int, cost_nanousd: int) -> int:
    """Return how much more a budget has to count for the call.

    What a budget of one provider counted for an unknown price is not known any more: it keeps that.
    """
    if budget.unit == BudgetUnit.CALLS:
        return 0
    if budget.provider:
        return cost_nanousd - known if budget.provider == provider else 0
    counted = max(known, call.held_nanousd) if call.cost_nanousd is None else call.cost_nanousd
    return cost_nanousd - counted


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
