"""Holding, settling and releasing calls: exact money, exactly once.

A line is written `open` with its worst-case cost held. It is settled once: whoever changes its status, by one
conditional UPDATE, books the call; everybody after that finds nothing to do. What the reconciler writes off in between
is an estimate, and gives way to a settlement that comes late.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from usage import budgets, statements
from usage.models import Call
from usage.statements import EXPIRED
from usage.types import AttemptRecord, CallStatus

NOT_SETTLED_YET: dict[str, Any] = {
    "status": CallStatus.OPEN,
    "provider": "",
    "model": "",
    "cost_nanousd": None,
    "input_tokens": 0,
    "cached_input_tokens": 0,
    "cache_write_tokens": 0,
    "output_tokens": 0,
    "reasoning_tokens": 0,
    "is_estimated": False,
    "is_cached": False,
    "saved_nanousd": 0,
    "latency_ms": None,
    "first_token_ms": None,
    "error_class": "",
    "settled_at": None,
}


def open_call(
    *,
    call_id: UUID,
    user_id: int | None,
    task_type: str,
    held_nanousd: int,
    expires_at: datetime,
    prompt_version: str = "",
    request_id: str = "",
    decision: dict[str, Any] | None = None,
    providers: Mapping[str, int] | None = None,
) -> None:
    """Write the call's line and hold its worst-case cost in every budget that applies, in one transaction.

    `providers` says who may be asked, and the most that each can cost, which its own budgets hold; where it is None
    anybody may be asked, and the budgets of every provider hold the whole amount. A call that holds nothing is never
    refused.

    Raises:
        BudgetExceededError: A hard budget has no room; nothing was written.
    """
    if held_nanousd < 0:
        message = f"a hold cannot be negative: {held_nanousd!r}"
        raise ValueError(message)
    now = timezone.now()
    line = NOT_SETTLED_YET | {
        "id": call_id,
        "user_id": user_id,
        "task_type": task_type,
        "held_nanousd": held_nanousd,
        "prompt_version": prompt_version,
        "request_id": request_id[:64],
        "decision": decision or {},
        "created_at": now,
        "expires_at": expires_at,
    }
    # One statement is a transaction of its own.
    if statements.insert_call(line, unless_budgeted=True):
        return
    windows = budgets.find_windows(user_id=user_id, task_type=task_type, providers=providers, now=now)
    with transaction.atomic():
        statements.insert_call(line, unless_budgeted=False)
        budgets.hold(windows, call_id=call_id, amount=held_nanousd, providers=providers)


def settle_call(
    *,
    call_id: UUID,
    status: CallStatus,
    attempts: Sequence[AttemptRecord],
    latency_ms: int,
    provider: str = "",
    model: str = "",
    is_cached: bool = False,
    error_class: str = "",
    decision: dict[str, Any] | None = None,
) -> bool:
    """Book the true cost and release the hold, in one transaction; exactly once by the call's id.

    The call's tokens and cost are the sums over its attempts (cost is None when an attempt's is).

    A line that the reconciler has written off is settled as well: the truth takes the place of the estimate.

    Returns:
        Whether this call settled it; False when it was settled before, which changes nothing.
    """
    if status == CallStatus.OPEN:
        message = "a call cannot be settled as open"
        raise ValueError(message)
    changes = _sums(attempts) | {
        "status": status,
        "provider": provider,
        "model": model[:120],
        "latency_ms": latency_ms,
        "is_cached": is_cached,
        "error_class": error_class[:60],
    }
    if decision is not None:
        changes["decision"] = decision
    changes["settled_at"] = timezone.now()
    with transaction.atomic():
        if not statements.settle_line(call_id, changes):
            return False
        statements.insert_attempts([_row(call_id, ordinal, attempt) for ordinal, attempt in enumerate(attempts, 1)])
        if statements.has_holds(call_id):
            budgets.settle(call_id, attempts)
    return True


def book_cached_call(
    *,
    call_id: UUID,
    user_id: int | None,
    task_type: str,
    provider: str,
    model: str,
    saved_nanousd: int,
    latency_ms: int,
    prompt_version: str = "",
    request_id: str = "",
    decision: dict[str, Any] | None = None,
) -> None:
    """Write the line of a call that was answered from a cache: settled at once, without attempts, tokens or cost.

    `provider` and `model` are those that gave the answer first, `saved_nanousd` is what it cost then.
    """
    now = timezone.now()
    line = NOT_SETTLED_YET | {
        "id": call_id,
        "user_id": user_id,
        "task_type": task_type,
        "status": CallStatus.SUCCEEDED,
        "provider": provider,
        "model": model[:120],
        "prompt_version": prompt_version,
        "request_id": request_id[:64],
        "held_nanousd": 0,
        "cost_nanousd": 0,
        "saved_nanousd": saved_nanousd,
        "is_cached": True,
        "latency_ms": latency_ms,
        "decision": decision or {},
        "created_at": now,
        "expires_at": now,
        "settled_at": now,
    }
    statements.insert_call(line, unless_budgeted=False)


def reconcile_expired_calls(*, now: datetime | None = None) -> int:
    """Settle what nobody settled, and return how many lines that were.

    The rule: a line that is still `open` when its `expires_at` has passed belongs to a process that died or hung
    between asking a provider and booking the answer. What the provider billed is not known then, so the line becomes
    `unknown` and costs what was held, the most that it can have cost, marked as an estimate. A line that held nothing
    costs nothing. Lines that have not expired are left alone. Should the process live after all, its settlement takes the
    place of the estimate.
    """
    now = now or timezone.now()
    expired = Call.objects.filter(status=CallStatus.OPEN, expires_at__lte=now).order_by("expires_at")
    return sum(_write_off(call_id, held) for call_id, held in expired.values_list("id", "held_nanousd"))


def _write_off(call_id: UUID, held_nanousd: int) -> bool:
    """Settle one expired line at its held amount, unless its own process did so meanwhile."""
    with transaction.atomic():
        is_first = Call.objects.filter(status=CallStatus.OPEN, id=call_id).update(
            status=CallStatus.UNKNOWN,
            cost_nanousd=held_nanousd,
            is_estimated=True,
            error_class=EXPIRED,
            settled_at=timezone.now(),
        )
        if is_first:
            budgets.write_off(call_id)
    return bool(is_first)


def _sums(attempts: Sequence[AttemptRecord]) -> dict[str, Any]:
    """Add up what the attempts used, field by field; one unknown cost makes the sum unknown."""
    costs = [attempt.cost_nanousd for attempt in attempts]
    known = [cost for cost in costs if cost is not None]
    first_tokens = [attempt.first_token_ms for attempt in attempts if attempt.first_token_ms is not None]
    return {
        "cost_nanousd": sum(known) if len(known) == len(costs) else None,
        "input_tokens": sum(attempt.usage.input_tokens for attempt in attempts),
        "cached_input_tokens": sum(attempt.usage.cached_input_tokens for attempt in attempts),
        "cache_write_tokens": sum(attempt.usage.cache_write_tokens for attempt in attempts),
        "output_tokens": sum(attempt.usage.output_tokens for attempt in attempts),
        "reasoning_tokens": sum(attempt.usage.reasoning_tokens for attempt in attempts),
        "is_estimated": any(attempt.usage.is_estimated for attempt in attempts),
        "first_token_ms": first_tokens[-1] if first_tokens else None,
    }


def _row(call_id: UUID, ordinal: int, attempt: AttemptRecord) -> dict[str, Any]:
    """Make the attempt's line; texts that providers send are cut to their columns, so that they never stop a booking."""
    used = attempt.usage
    return {
        "call_id": call_id,
        "ordinal": ordinal,
        "provider": attempt.provider,
        "model": attempt.model[:120],
        "status": attempt.status,
        "input_tokens": used.input_tokens,
        "cached_input_tokens": used.cached_input_tokens,
        "cache_write_tokens": used.cache_write_tokens,
        "output_tokens": used.output_tokens,
        "reasoning_tokens": used.reasoning_tokens,
        "is_estimated": used.is_estimated,
        "cost_nanousd": attempt.cost_nanousd,
        "unit_prices": attempt.unit_prices,
        "duration_ms": attempt.duration_ms,
        "first_token_ms": attempt.first_token_ms,
        "error_class": attempt.error_class[:60],
        "error_message": attempt.error_message[:500],
        "http_status": attempt.http_status,
        "provider_request_id": attempt.provider_request_id[:120],
        "started_at": attempt.started_at,
    }
