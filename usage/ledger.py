"""Holding, settling and releasing calls: exact money, exactly once.

How a call's line reaches the database is the site's choice (`AI_LEDGER`):

- `durable`: before the call. A database that does not answer refuses it.
- `available`: before the call; while the database does not answer, calls go on within a bound, and are written later.
- `fast`: behind the call, by a thread, from a spool on disk; holds are exact in this process. For sites with one process.

However it was opened, a call that has ended is never lost: a settlement that the database does not take waits in the spool.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from usage import booking
from usage.behind import DATABASE_IS_DOWN, behind, replay_left_records, settle_here
from usage.context import current_request_id
from usage.errors import LedgerUnavailableError
from usage.models import Call, OutboundText
from usage.records import OpenedCall, SettledCall
from usage.types import AttemptRecord, CallStatus, LedgerMode, Outbound

logger = logging.getLogger(__name__)


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
    purpose: str = "",
    shadow_of_id: UUID | None = None,
    token_id: int | None = None,
    is_shared: bool = False,
    is_saving: bool = False,
) -> None:
    """Write the call's line and hold its worst-case cost in every budget that applies, in one transaction.

    `providers` says who may be asked, and the most that each can cost, which its own budgets hold; where it is None
    anybody may be asked, and the budgets of every provider hold the whole amount. A call that holds nothing is
    refused by quotas alone. `purpose` and `shadow_of_id` mark what the site asks for itself (see `Call`). Without a `request_id` it is that of the request or task
    that is worked on. `token_id` is the API token with which it was asked for, where there was one. `is_saving` says that the cheapest candidate
    is asked first. A call that `is_shared` may be settled by another process: its line is in the database afterwards, whatever the mode.

    Raises:
        BudgetExceededError: A hard budget has no room, or a budget wants the call to save; nothing was written.
    """
    if held_nanousd < 0:
        message = f"a hold cannot be negative: {held_nanousd!r}"
        raise ValueError(message)
    call = OpenedCall(
        call_id=call_id,
        user_id=user_id,
        task_type=str(task_type),
        held_nanousd=held_nanousd,
        created_at=timezone.now(),
        expires_at=expires_at,
        prompt_version=prompt_version,
        request_id=request_id or current_request_id(),
        decision=decision or {},
        providers=providers,
        purpose=purpose,
        shadow_of_id=shadow_of_id,
        token_id=token_id,
        is_saving=is_saving,
    )
    mode = LedgerMode.DURABLE if is_shared else settings.AI_LEDGER
    # What one call may cost is never more than what may wait.
    if mode == LedgerMode.FAST and held_nanousd <= settings.AI_LEDGER_WAITING_NANOUSD:
        _open_behind(call)
    elif mode == LedgerMode.DURABLE:
        _open_in_database(call)
        if settings.AI_LEDGER == LedgerMode.FAST:
            # This process reads anew what budgets leave.
            behind().room.give_back(())
    else:
        _open_somehow(call)


def _open_in_database(call: OpenedCall) -> None:
    try:
        booking.write_open(call)
    except DATABASE_IS_DOWN as error:
        _let_go()
        message = "the database does not answer"
        raise LedgerUnavailableError(message) from error


def _open_behind(call: OpenedCall) -> None:
    writer = behind()
    try:
        writer.open(call, may_read=not writer.is_database_down)
    except DATABASE_IS_DOWN:
        _let_go()
        writer.note_that_it_is_down()
        writer.open(call, may_read=False)


def _open_somehow(call: OpenedCall) -> None:
    writer = behind()
    if not writer.is_database_down:
        try:
            writer.room.remember(call, booking.write_open(call))
        except DATABASE_IS_DOWN:
            logger.warning("ledger_waits: the database does not answer; calls go on within their bound", exc_info=True)
            _let_go()
            writer.note_that_it_is_down()
        else:
            return
    writer.open(call, may_read=False)


def _let_go() -> None:
    """Close a connection that is of no use any more, so that the next call makes another."""
    connection.close_if_unusable_or_obsolete()


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
    overhead_us: int | None = None,
    decision: dict[str, Any] | None = None,
    outbound: Outbound | None = None,
    may_wait: bool = True,
) -> bool:
    """Book the true cost and release the hold, in one transaction; exactly once by the call's id.

    The call's tokens and cost are the sums over its attempts (cost is None when an attempt's is). While the database does
    not answer, the settlement waits on disk.

    A line that the reconciler has written off is settled as well: the truth takes the place of the estimate. `outbound`
    is what left the site for the call; it is kept where the call is a person's. `may_wait` says whether this thread may
    wait for the database; from one that may not, the settlement goes through the spool.

    Returns:
        Whether this call settled it; False when it was settled before, which changes nothing.
    """
    if status == CallStatus.OPEN:
        message = "a call cannot be settled as open"
        raise ValueError(message)
    call = SettledCall(
        call_id=call_id,
        status=status,
        attempts=tuple(attempts),
        latency_ms=latency_ms,
        settled_at=timezone.now(),
        provider=provider,
        model=model,
        is_cached=is_cached,
        error_class=error_class,
        overhead_us=overhead_us,
        decision=decision,
        outbound=outbound,
    )
    if settle_here(call):
        return True
    if not may_wait:
        behind().add(call)
        return True
    try:
        return booking.write_settled(call)
    except DATABASE_IS_DOWN:
        logger.warning("ledger_waits: the settlement of call %s waits for the database", call_id, exc_info=True)
        _let_go()
        behind().add(call)
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
    token_id: int | None = None,
) -> None:
    """Write the line of a call that was answered from a cache: settled at once, without attempts, tokens or cost.

    `provider` and `model` are those that gave the answer first, `saved_nanousd` is what it cost then.
    """
    now = timezone.now()
    request_id = request_id or current_request_id()
    opened = OpenedCall(call_id, user_id, str(task_type), 0, now, now, prompt_version, request_id, token_id=token_id)
    settled = SettledCall(
        call_id=call_id,
        status=CallStatus.SUCCEEDED,
        attempts=(),
        latency_ms=latency_ms,
        settled_at=now,
        provider=provider,
        model=model,
        is_cached=True,
        saved_nanousd=saved_nanousd,
        decision=decision or {},
    )
    if settings.AI_LEDGER != LedgerMode.FAST:
        try:
            booking.write_cached(opened, settled)
        except DATABASE_IS_DOWN:
            _let_go()
        else:
            return
    behind().add(opened, settled)


def renew_calls(call_ids: Sequence[UUID], *, expires_at: datetime) -> int:
    """Let calls that are still open hold on until then, where that is later; returns how many those were."""
    open_calls = Call.objects.filter(pk__in=call_ids, status=CallStatus.OPEN, expires_at__lt=expires_at)
    return open_calls.update(expires_at=expires_at)


def write_off_calls(call_ids: Sequence[UUID]) -> int:
    """Settle calls that are still open as the reconciler would once they expire; returns how many those were.

    For calls of which it is known that nobody will learn what they cost.
    """
    still_open = Call.objects.filter(pk__in=call_ids, status=CallStatus.OPEN)
    return sum(booking.write_off(call_id, held) for call_id, held in still_open.values_list("id", "held_nanousd"))


def reconcile_expired_calls(*, now: datetime | None = None) -> int:
    """Settle what nobody settled, and return how many lines that were.

    The rule: a line that is still `open` when its `expires_at` has passed belongs to a process that died or hung
    between asking a provider and booking the answer. What the provider billed is not known then, so the line becomes
    `unknown` and costs what was held, the most that it can have cost, marked as an estimate. A line that held nothing
    costs nothing. Lines that have not expired are left alone. Should the process live after all, its settlement takes the
    place of the estimate. What processes left in their spool that are no more is written before.
    """
    replay_left_records(settings.AI_LEDGER_SPOOL_DIR)
    now = now or timezone.now()
    expired = Call.objects.filter(status=CallStatus.OPEN, expires_at__lte=now).order_by("expires_at")
    return sum(booking.write_off(call_id, held) for call_id, held in expired.values_list("id", "held_nanousd"))


def forget_outbound_texts(*, now: datetime | None = None) -> int:
    """Delete the texts that are kept for longer than the site wants to (`AI_OUTBOUND_DAYS`); return how many those were."""
    before = (now or timezone.now()) - timedelta(days=settings.AI_OUTBOUND_DAYS)
    return OutboundText.objects.filter(sent_at__lt=before).delete()[0]
