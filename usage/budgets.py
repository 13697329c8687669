"""Budgets: room that a call takes before it is made, and gives back or pays for after.

A budget counts in windows (a day, a month, or for ever; in UTC). A call holds its worst-case cost in the window of every
budget that applies to it, by an UPDATE whose condition is the limit; so no number of processes can pass it. Settling
turns the hold into what was paid. Opening and settling touch windows in the same order, which rules out deadlocks.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from usage.errors import BudgetExceededError
from usage.models import Attempt, Budget, BudgetHold, BudgetWindow, Call
from usage.types import AttemptRecord, BudgetPeriod, CallStatus

logger = logging.getLogger(__name__)

EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands now. `resets_at` is None where it never starts anew."""

    budget: Budget
    spent_nanousd: int
    held_nanousd: int
    resets_at: datetime | None

    @property
    def used_nanousd(self) -> int:
        """What is not free any more: spent, or held by calls that are running."""
        return self.spent_nanousd + self.held_nanousd

    @property
    def is_passed(self) -> bool:
        """Whether nothing is left."""
        return self.used_nanousd >= self.budget.limit_nanousd


def window_bounds(period: str, now: datetime) -> tuple[datetime, datetime | None]:
    """Return when the window around `now` begins and ends, in UTC; a total has no end."""
    if period == BudgetPeriod.TOTAL:
        return EVER, None
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == BudgetPeriod.DAY:
        return day, day + timedelta(days=1)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def find_windows(
    *, user_id: int | None, task_type: str, providers: Collection[str] | None, now: datetime
) -> list[BudgetWindow]:
    """Return the windows of all budgets that apply to such a call, and make those that are missing.

    Without `providers` any of them may be asked, so the budgets of all providers apply.
    A new window begins with what the ledger already has for it, so a budget may be made in the middle of a month. Only a
    call that is being opened in the very moment in which its budget is saved can be missed.
    """
    scope = Q(user=None) | Q(user_id=user_id) if user_id is not None else Q(user=None, is_per_user=False)
    found = Budget.objects.filter(scope, is_active=True, task_type__in=["", task_type]).order_by("pk")
    if providers is not None:
        found = found.filter(provider__in=["", *providers])
    return _windows(found, user_id, now)


def _windows(budgets: Iterable[Budget], user_id: int | None, now: datetime) -> list[BudgetWindow]:
    """Return the budgets' current windows, in the same order."""
    wanted = {budget.pk: (budget, *_place(budget, user_id, now)) for budget in budgets}
    if not wanted:
        return []
    known = {
        (window.budget_id, window.user_key, window.starts_at): window
        for window in BudgetWindow.objects.filter(
            budget__in=wanted, user_key__in={0, user_id or 0}, starts_at__in={place[2] for place in wanted.values()}
        )
    }
    found = []
    for key, (budget, user_key, starts_at, ends_at) in wanted.items():
        window = known.get((key, user_key, starts_at)) or _make_window(budget, user_key, starts_at, ends_at)
        window.budget = budget
        found.append(window)
    return found


def _place(budget: Budget, user_id: int | None, now: datetime) -> tuple[int, datetime, datetime | None]:
    """Return what names the budget's current window: whose it is, its beginning and its end."""
    user_key = user_id if budget.is_per_user and user_id is not None else 0
    return user_key, *window_bounds(budget.period, now)


def _make_window(budget: Budget, user_key: int, starts_at: datetime, ends_at: datetime | None) -> BudgetWindow:
    """Make a window and fill it from the ledger, unless another process has just done so.

    In a transaction of its own: it waits for open calls, and must not do so while it holds windows.
    """
    with transaction.atomic():
        window, is_new = BudgetWindow.objects.get_or_create(
            budget=budget, user_key=user_key, starts_at=starts_at, defaults={"ends_at": ends_at}
        )
        if is_new:
            _fill(window)
    return window


def _fill(window: BudgetWindow) -> None:
    """Take over what the ledger has in the window: open calls as holds, settled ones as spent."""
    calls = _calls_in(window)
    # The lock keeps calls from being settled between the look at the open ones and that at the settled ones.
    running = list(calls.filter(status=CallStatus.OPEN).select_for_update().values_list("pk", "held_nanousd"))
    BudgetHold.objects.bulk_create(
        BudgetHold(call_id=call_id, window=window, held_nanousd=held) for call_id, held in running
    )
    window.held_nanousd = sum(held for _, held in running)
    window.spent_nanousd = _spent_of(calls.exclude(status=CallStatus.OPEN), window.budget.provider)
    window.save(update_fields=["held_nanousd", "spent_nanousd"])


def _calls_in(window: BudgetWindow) -> QuerySet[Call]:
    """Return the calls that count for the window, but for the provider."""
    budget = window.budget
    calls = Call.objects.filter(created_at__gte=window.starts_at).order_by("pk")
    if window.ends_at:
        calls = calls.filter(created_at__lt=window.ends_at)
    if user_id := window.user_key or budget.user_id:
        calls = calls.filter(user_id=user_id)
    return calls.filter(task_type=budget.task_type) if budget.task_type else calls


def _spent_of(calls: QuerySet[Call], provider: str) -> int:
    """Return what settled calls count for: their cost, and where a price is unknown at least their hold."""
    attempts = Attempt.objects.order_by()
    if provider:
        return _spent_on(attempts.filter(call__in=calls.order_by(), provider=provider))
    priced: int = calls.aggregate(spent=Coalesce(Sum("cost_nanousd"), 0))["spent"]
    return priced + _spent_on(attempts.filter(call__in=calls.filter(cost_nanousd=None).order_by()))


def _spent_on(attempts: QuerySet[Attempt]) -> int:
    """Add up attempts call by call, as `settle` does."""
    rows = attempts.values_list("call_id", "call__held_nanousd").annotate(
        cost=Coalesce(Sum("cost_nanousd"), 0), unpriced=Count("pk", filter=Q(cost_nanousd=None))
    )
    return sum(max(cost, held) if unpriced else cost for _, held, cost, unpriced in rows)


def hold(
    windows: Sequence[BudgetWindow], *, call_id: UUID, amount: int, providers: Mapping[str, int] | None = None
) -> None:
    """Take `amount` out of what is free in each window, or raise; belongs in the transaction that opens the call.

    The window of one provider's budget gives what `providers` says of it.

    Raises:
        BudgetExceededError: A hard budget has no room for it. The transaction must be rolled back.
    """
    shares = [(window, (providers or {}).get(window.budget.provider, amount)) for window in windows]
    for window, share in shares:
        if share:
            _take(window, share)
    BudgetHold.objects.bulk_create(
        BudgetHold(call_id=call_id, window=window, held_nanousd=share) for window, share in shares
    )


def _take(window: BudgetWindow, amount: int) -> None:
    """Take the amount out of one window, under the condition that it has room where the budget is hard."""
    rows, budget = BudgetWindow.objects.filter(pk=window.pk), window.budget
    if budget.is_hard:
        rows = rows.filter(spent_nanousd__lte=budget.limit_nanousd - amount - F("held_nanousd"))
    if not rows.update(held_nanousd=F("held_nanousd") + amount):
        raise BudgetExceededError(budget.name, window.ends_at, provider=budget.provider)


def settle(call_id: UUID, attempts: Sequence[AttemptRecord]) -> None:
    """Turn the call's holds into what its attempts cost; belongs in the transaction that settles the call.

    A budget of one provider pays for that provider's attempts. Where a price is unknown, at least the hold is paid.
    """
    holds = _holds_of(call_id)
    for held in holds:
        budget = held.window.budget
        costs = [
            attempt.cost_nanousd for attempt in attempts if not budget.provider or attempt.provider == budget.provider
        ]
        known = sum(cost for cost in costs if cost is not None)
        _pay(held, max(known, held.held_nanousd) if None in costs else known)
    if holds:
        BudgetHold.objects.filter(pk__in=[held.pk for held in holds]).delete()


def write_off(call_id: UUID) -> None:
    """Spend what the call holds, as nobody knows what was billed; a settlement may still put that right."""
    for held in _holds_of(call_id):
        _pay(held, held.held_nanousd)
        BudgetHold.objects.filter(pk=held.pk).update(paid_nanousd=held.held_nanousd)


def _holds_of(call_id: UUID) -> list[BudgetHold]:
    return list(BudgetHold.objects.filter(call_id=call_id).select_related("window__budget"))


def _pay(held: BudgetHold, cost: int) -> None:
    """Book what a call cost in one window, in place of what it holds there, or of what was written off before."""
    window, budget = held.window, held.window.budget
    given_back = held.held_nanousd if held.paid_nanousd is None else 0
    more = cost - (held.paid_nanousd or 0)
    if given_back or more:
        BudgetWindow.objects.filter(pk=window.pk).update(
            held_nanousd=F("held_nanousd") - given_back, spent_nanousd=F("spent_nanousd") + more
        )
    if not budget.is_hard and window.spent_nanousd < budget.limit_nanousd <= window.spent_nanousd + more:
        logger.warning("Soft budget %r is used up.", budget.name)


def reset_windows(budget: Budget) -> None:
    """Forget what was counted; the next call counts anew from the ledger. Needed when what a budget counts has changed."""
    budget.windows.all().delete()


def list_standings(*, user_id: int | None = None, now: datetime | None = None) -> list[Standing]:
    """Return how the active budgets stand: all shared ones, or for a user those that are theirs alone."""
    now = now or timezone.now()
    active = Budget.objects.filter(is_active=True)
    if user_id is None:
        active = active.filter(is_per_user=False)
    else:
        active = active.filter(Q(user_id=user_id) | Q(is_per_user=True))
    return [_standing(window) for window in _windows(active, user_id, now)]


def _standing(window: BudgetWindow) -> Standing:
    return Standing(window.budget, window.spent_nanousd, window.held_nanousd, window.ends_at)
