"""Budgets: room that a call takes before it is made, and gives back or pays for after.

A budget counts in windows: a day or a month of its time zone, the last hours, or for ever. A call holds its worst-case
cost in the window of every budget that applies to it, by an UPDATE whose condition is the limit; so no number of
processes can pass it. Settling turns the hold into what was paid. Opening and settling touch windows in the same order,
which rules out deadlocks.
"""

import logging
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils import timezone

from usage import budget_statements
from usage.budget_windows import room_again_at
from usage.errors import BudgetExceededError
from usage.models import BudgetHold, BudgetWindow
from usage.periods import slice_ends_to_count, slice_start
from usage.thresholds import most_used_before, refusal, shares_of
from usage.types import EMBEDDED_PROVIDER, AttemptRecord, BudgetUnit

logger = logging.getLogger(__name__)


class CountedAnewError(Exception):
    """A window in which a call was to be held is gone, as its budget counts anew; look for the windows once more."""


def hold(
    windows: Sequence[BudgetWindow],
    *,
    call_id: UUID,
    amount: int,
    providers: Mapping[str, int] | None = None,
    is_late: bool = False,
    is_saving: bool = False,
) -> None:
    """Take `amount` out of what is free in each window, or raise; belongs in the transaction that opens the call.

    The window of one provider's budget gives what `providers` says of it. With `is_late` the money may be spent already,
    so it is taken whether there is room or not. `is_saving` says that the call asks the cheapest first.

    Raises:
        BudgetExceededError: A hard budget has no room for it, or a budget wants it to save. The transaction must be rolled back.
        CountedAnewError: A window is gone. The transaction must be rolled back.
    """
    shares = [(window, *shares_of(window.budget, amount, providers)) for window in windows]
    for window, share, cost in shares:
        if share:
            most = None if is_late else most_used_before(window.budget, share, cost, is_saving=is_saving)
            if not budget_statements.take(window.pk, share, most=most):
                raise _refusal(window, share, cost, is_saving=is_saving)
    budget_statements.insert_holds(call_id, [(window.pk, share) for window, share, _ in shares])


def wanted(
    windows: Sequence[BudgetWindow], *, amount: int, providers: Mapping[str, int] | None, is_saving: bool
) -> list[tuple[int, int, int | None]]:
    """Return what `hold` takes of each window: its key, the share, and how much may be used there at most before it."""
    shares = [(window, *shares_of(window.budget, amount, providers)) for window in windows]
    return [
        (
            window.pk,
            share,
            most_used_before(window.budget, share, cost, is_saving=is_saving) if share else None,
        )
        for window, share, cost in shares
    ]


def _refusal(window: BudgetWindow, share: int, cost: int, *, is_saving: bool) -> Exception:
    """Say why a share was not taken."""
    budget, most = window.budget, most_used_before(window.budget, share, cost, is_saving=is_saving)
    now = BudgetWindow.objects.filter(pk=window.pk).first()
    if now is None:
        return CountedAnewError(budget.name)
    # Some of it may have been given back since; it was more than the most.
    used = max(now.spent_nanousd + now.held_nanousd, (most or 0) + 1)
    resets_at = room_again_at(window, share)
    found = refusal(budget, share, cost, used=used, is_saving=is_saving, resets_at=resets_at)
    return found or BudgetExceededError(budget.name, resets_at, provider=budget.provider)


def settle(call_id: UUID, attempts: Sequence[AttemptRecord]) -> None:
    """Turn the call's holds into what its attempts cost; belongs in the transaction that settles the call.

    A budget of one provider pays for that provider's attempts. Where a price is unknown, at least the hold is paid. A quota
    pays one call where a provider was asked.
    """
    holds = budget_statements.read_holds(call_id)
    for held in holds:
        budget = held.window.budget
        own = [one for one in attempts if not budget.provider or one.provider == budget.provider]
        if budget.unit == BudgetUnit.CALLS:
            _pay(held, int(any(one.provider != EMBEDDED_PROVIDER for one in own)))
            continue
        costs = [one.cost_nanousd for one in own]
        known = sum(cost for cost in costs if cost is not None)
        _pay(held, max(known, held.held_nanousd) if None in costs else known)
    if holds:
        budget_statements.delete_holds(call_id)


def write_off(call_id: UUID) -> None:
    """Spend what the call holds, as nobody knows what was billed; a settlement may still put that right."""
    for held in budget_statements.read_holds(call_id):
        _pay(held, held.held_nanousd)
        BudgetHold.objects.filter(pk=held.pk).update(paid_nanousd=held.held_nanousd)


def _pay(held: BudgetHold, cost: int) -> None:
    """Book what a call cost in one window, in place of what it holds there, or of what was written off before."""
    window, budget = held.window, held.window.budget
    given_back = held.held_nanousd if held.paid_nanousd is None else 0
    more = cost - (held.paid_nanousd or 0)
    if budget.rolling_hours:
        _pay_rolling(held, given_back, more)
    elif given_back or more:
        budget_statements.pay(window.pk, given_back, more)
    if not budget.is_hard and window.spent_nanousd < budget.limit_nanousd <= window.spent_nanousd + more:
        logger.warning("Soft budget %r is used up.", budget.name)


def _pay_rolling(held: BudgetHold, given_back: int, more: int) -> None:
    """Book in the slice in which the call was opened; what is too old to count is only given back."""
    hours = held.window.budget.rolling_hours or 0
    starts_at = slice_start(held.opened_at, hours)  # type: ignore[attr-defined]  # `read_holds` reads it with them
    ends_to_count = slice_ends_to_count(starts_at, hours)
    if more and ends_to_count > timezone.now():
        budget_statements.pay_slice(held.window_id, given_back, more, starts_at=starts_at, ends_to_count=ends_to_count)
    elif given_back:
        budget_statements.pay(held.window_id, given_back, 0)
