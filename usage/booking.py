"""What the database is told of a call: the line with its hold, then what it cost. Each is one transaction.

A line is written `open` with its worst-case cost held. It is settled once: whoever changes its status, by one
conditional UPDATE, books the call; everybody after that finds nothing to do. What the reconciler writes off in between
is an estimate, and gives way to a settlement that comes late.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from usage import at_once, budget_windows, budgets, statements
from usage.models import BudgetWindow, Correction
from usage.records import OpenedCall, SettledCall
from usage.rollup_lines import MOST_OF_ARM, MOST_OF_EXPERIMENT
from usage.rollup_writing import BookedLine, add_settled, add_written_off, hour_of
from usage.types import EXPIRED, AttemptRecord, CallStatus, Outbound

P = ParamSpec("P")
T = TypeVar("T")
UNKEPT = re.compile("[\x00\ud800-\udfff]")
# How often a call looks for the windows of budgets that begin to count anew just then.
TRIES = 5


def _until_held(write: Callable[P, T]) -> Callable[P, T]:
    """Do it again where a budget began to count anew after its window was found."""

    @wraps(write)
    def again(*arguments: P.args, **named: P.kwargs) -> T:
        for _ in range(TRIES - 1):
            with suppress(budgets.CountedAnewError):
                return write(*arguments, **named)
        return write(*arguments, **named)

    return again


@_until_held
def write_open(call: OpenedCall) -> list[BudgetWindow]:
    """Write the call's line, and hold its worst-case cost in every budget that applies.

    Returns:
        The windows that it is held in, as they were before.

    Raises:
        BudgetExceededError: A hard budget has no room, or a budget wants the call to save; nothing was written.
    """
    line = _open_line(call)
    # One statement is a transaction of its own.
    if not at_once.SEEN.budgets and statements.insert_call(line, unless_budgeted=True):
        return []
    windows = find_windows(call)
    at_once.SEEN.budgets = bool(windows) and at_once.is_possible()
    amount, providers, is_saving = call.held_nanousd, call.providers, call.is_saving
    if at_once.SEEN.budgets:
        shares = budgets.wanted(windows, amount=amount, providers=providers, is_saving=is_saving)
        if at_once.open_held(line, shares):
            return windows
    with transaction.atomic():
        statements.insert_call(line | {"windows_held": len(windows)})
        budgets.hold(windows, call_id=call.call_id, amount=amount, providers=providers, is_saving=is_saving)
    return windows


def find_windows(call: OpenedCall) -> list[BudgetWindow]:
    """Return the windows of all budgets that apply to the call."""
    return budget_windows.find_windows(
        user_id=call.user_id,
        task_type=call.task_type,
        providers=call.providers,
        now=call.created_at,
        purpose=call.purpose,
    )


def write_settled(call: SettledCall) -> bool:
    """Book the true cost and release the hold; False when that was done before."""
    changes, written_off = _changes(call), None
    if at_once.is_possible() and call.decision is not None and _settle_at_once(call, changes):
        return True
    with transaction.atomic():
        line = statements.settle_line(call.call_id, changes)
        if line is None and (written_off := statements.find_written_off(call.call_id)):
            line = statements.settle_line(call.call_id, changes, was_written_off=True)
        if line is None:
            return False
        _write_details(call)
        if written_off:
            _note_correction(call, written_off, changes["cost_nanousd"])
        budgets.settle(call.call_id, call.attempts)
        add_settled((line, call), written_off=written_off)
    return True


def _settle_at_once(call: SettledCall, changes: dict[str, Any]) -> bool:
    rows, outbound = _attempt_rows(call), _kept_outbound(call)
    ways = (True,) if at_once.SEEN.budgets else (False, True)
    return any(at_once.settle(call, changes, rows, outbound, is_held=is_held) for is_held in ways)


def write_off(call_id: UUID, held_nanousd: int) -> bool:
    """Settle an open line at what it holds; False where somebody has settled it meanwhile."""
    changes = {
        "status": CallStatus.UNKNOWN,
        "cost_nanousd": held_nanousd,
        "is_estimated": True,
        "error_class": EXPIRED,
        "settled_at": timezone.now(),
    }
    with transaction.atomic():
        line = statements.settle_line(call_id, changes)
        if line is None:
            return False
        budgets.write_off(call_id)
        add_written_off(line)
    return True


def write_cached(opened: OpenedCall, settled: SettledCall) -> None:
    """Write a call that was settled when it was opened: it held nothing, and asked nobody."""
    with transaction.atomic():
        statements.insert_call(_open_line(opened) | _changes(settled))
        add_settled((_booked_line(opened, settled), settled))


def write_together(calls: Sequence[tuple[OpenedCall, SettledCall | None]]) -> bool:
    """Write calls that went on without the database in one transaction, where no budget holds and none is known yet.

    Returns:
        False, with nothing written, where they have to be written one by one.
    """
    lines = [_open_line(opened) | (_changes(settled) if settled else {}) for opened, settled in calls]
    with transaction.atomic():
        if statements.insert_new_calls(lines) != len(lines):
            transaction.set_rollback(True)
            return False
        ended = [(opened, settled) for opened, settled in calls if settled]
        if not ended:
            return True
        statements.insert_attempts([row for _, settled in ended for row in _attempt_rows(settled)])
        for _, settled in ended:
            _write_outbound(settled)
        add_settled(*((_booked_line(opened, settled), settled) for opened, settled in ended))
    return True


@_until_held
def write_late(opened: OpenedCall, settled: SettledCall | None) -> None:
    """Write a call that went on without the database, whether budgets have room for it or not; twice does no harm."""
    with transaction.atomic():
        line = _open_line(opened) | (_changes(settled) if settled else {})
        if statements.insert_call(line, unless_budgeted=True, unless_known=True):
            if settled:
                _write_details(settled)
                add_settled((_booked_line(opened, settled), settled))
            return
    windows = find_windows(opened)
    with transaction.atomic():
        if statements.insert_call(_open_line(opened) | {"windows_held": len(windows)}, unless_known=True):
            budgets.hold(
                windows, call_id=opened.call_id, amount=opened.held_nanousd, providers=opened.providers, is_late=True
            )
    if settled:
        write_settled(settled)


def _booked_line(opened: OpenedCall, settled: SettledCall) -> BookedLine:
    """Return what the roll-ups need of a line that is settled as it is written."""
    decision = opened.decision if settled.decision is None else settled.decision
    experiment = decision.get("experiment") or {}
    return BookedLine(
        hour=hour_of(opened.created_at),
        user_id=opened.user_id,
        task_type=opened.task_type,
        prompt_version=opened.prompt_version,
        purpose=opened.purpose,
        experiment=experiment.get("name", "")[:MOST_OF_EXPERIMENT],
        arm=experiment.get("arm", "")[:MOST_OF_ARM],
        cache=decision.get("cache", ""),
        held_nanousd=opened.held_nanousd,
    )


def _write_details(call: SettledCall) -> None:
    """Write the attempts of a call, and what left the site for it."""
    statements.insert_attempts(_attempt_rows(call))
    _write_outbound(call)


def _write_outbound(call: SettledCall) -> None:
    outbound = _kept_outbound(call)
    if outbound is not None:
        statements.insert_outbound(call.call_id, outbound, call.settled_at)


def _kept_outbound(call: SettledCall) -> Outbound | None:
    """Return what left for a call as every database can keep it."""
    if call.outbound is None:
        return None
    return replace(call.outbound, messages=[[role, _kept(text)] for role, text in call.outbound.messages])


def _note_correction(call: SettledCall, written_off: BookedLine, cost_nanousd: int | None) -> None:
    """Keep what a line said before the truth took its place."""
    Correction.objects.create(
        call_id=call.call_id,
        made_at=call.settled_at,
        status_before=CallStatus.UNKNOWN,
        cost_before_nanousd=written_off.held_nanousd,
        status_after=call.status,
        cost_after_nanousd=cost_nanousd,
    )


def _kept(text: str) -> str:
    """Return a text as every database can keep it: NUL and halves of characters would stop the booking."""
    if "\0" not in text:
        # Whether it can be written as UTF-8 is found out faster than where it cannot.
        with suppress(UnicodeEncodeError):
            text.encode()
            return text
    return UNKEPT.sub("\N{REPLACEMENT CHARACTER}", text)


def _open_line(call: OpenedCall) -> dict[str, Any]:
    return {
        "id": call.call_id,
        "user_id": call.user_id,
        "token_id": call.token_id,
        "task_type": call.task_type,
        "held_nanousd": call.held_nanousd,
        "prompt_version": call.prompt_version,
        "request_id": call.request_id[:64],
        "purpose": call.purpose,
        "shadow_of_id": call.shadow_of_id,
        "decision": call.decision,
        "created_at": call.created_at,
        "expires_at": call.expires_at,
    }


def _changes(call: SettledCall) -> dict[str, Any]:
    """Return what settling writes on the line: the sums over its attempts, and how it ended."""
    changes = sums(call.attempts) | {
        "status": call.status,
        "provider": call.provider,
        "model": call.model[:120],
        "latency_ms": call.latency_ms,
        "overhead_us": call.overhead_us,
        "is_cached": call.is_cached,
        "saved_nanousd": call.saved_nanousd,
        "error_class": call.error_class[:60],
        "settled_at": call.settled_at,
    }
    return changes if call.decision is None else changes | {"decision": call.decision}


def sums(attempts: Sequence[AttemptRecord]) -> dict[str, Any]:
    """Add up what the attempts used, field by field; one unknown cost makes the sum unknown."""
    costs = [attempt.cost_nanousd for attempt in attempts]
    known = [cost for cost in costs if cost is not None]
    used = [attempt.usage for attempt in attempts]
    first_tokens = [attempt.first_token_ms for attempt in attempts if attempt.first_token_ms is not None]
    return {
        "cost_nanousd": sum(known) if len(known) == len(costs) else None,
        "input_tokens": sum([usage.input_tokens for usage in used]),
        "cached_input_tokens": sum([usage.cached_input_tokens for usage in used]),
        "cache_write_tokens": sum([usage.cache_write_tokens for usage in used]),
        "output_tokens": sum([usage.output_tokens for usage in used]),
        "reasoning_tokens": sum([usage.reasoning_tokens for usage in used]),
        "is_estimated": any(usage.is_estimated for usage in used),
        "first_token_ms": first_tokens[-1] if first_tokens else None,
    }


def _attempt_rows(call: SettledCall) -> list[dict[str, Any]]:
    return [_row(call.call_id, ordinal, attempt) for ordinal, attempt in enumerate(call.attempts, 1)]


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
        "error_message": _kept(attempt.error_message[:500]),
        "http_status": attempt.http_status,
        "provider_request_id": _kept(attempt.provider_request_id[:120]),
        "started_at": attempt.started_at,
    }
