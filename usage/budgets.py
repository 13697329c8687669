"""Budgets: room that a call takes before it is made, and gives back or pays for after.

A budget counts in windows: a day or a month of its time zone, the last hours, or for ever. A call holds its worst-case
cost in the window of every budget that applies to it, by an UPDATE whose condition is the limit; so no number of
processes can pass it. Settling turns the hold into what was paid. Opening and settling touch windows in the same order,
which rules out deadlocks.

Where the last hours count (a rolling window), the one window holds a sum, and slices beside it say how much of the sum
belongs to which time; a slice is taken out of the sum when all of it is too old. So a call counts for the whole time,
and for at most a sixtieth longer.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from usage.errors import BudgetExceededError
from usage.models import Attempt, Budget, BudgetHold, BudgetRaise, BudgetSlice, BudgetWindow, Call
from usage.periods import SLICES, find_zone, slice_ends_to_count, slice_start, window_bounds
from usage.types import AttemptRecord, CallStatus

logger = logging.getLogger(__name__)


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
    def limit_nanousd(self) -> int:
        """The limit, with the raises that hold now."""
        return self.budget.limit_in_force_nanousd

    @property
    def raised_nanousd(self) -> int:
        """What raises add to the limit now."""
        return self.limit_nanousd - self.budget.limit_nanousd

    @property
    def shown_reset(self) -> str:
        """`resets_at` for people, in the budget's time zone; empty where there is none."""
        if self.resets_at is None:
            return ""
        local = self.resets_at.astimezone(find_zone(self.budget.time_zone))
        return f"{local.day} {local:%B %Y, %H:%M %Z}"

    @property
    def is_passed(self) -> bool:
        """Whether nothing is left."""
        return self.used_nanousd >= self.limit_nanousd


def find_windows(
    *, user_id: int | None, task_type: str, providers: Collection[str] | None, now: datetime, purpose: str = ""
) -> list[BudgetWindow]:
    """Return the windows of all budgets that apply to such a call, and make those that are missing.

    Without `providers` any of them may be asked, so the budgets of all providers apply.
    A new window begins with what the ledger already has for it, so a budget may be made in the middle of a month. Only a
    call that is being opened in the very moment in which its budget is saved can be missed.
    """
    found = _in_force(user_id, now).filter(_reach(user_id), task_type__in=["", task_type], purpose__in={"", purpose})
    if providers is not None:
        found = found.filter(provider__in=["", *providers])
    return _windows(found, user_id, now)


def _reach(user_id: int | None) -> Q:
    """Return which budgets apply to a person's calls; calls of nobody are only in those of all."""
    if user_id is None:
        return Q(user=None, group=None, is_per_user=False)
    own_groups = Group.objects.filter(user=user_id).order_by().values("pk")
    return (Q(user=None) | Q(user_id=user_id)) & (Q(group=None) | Q(group__in=own_groups))


def _in_force(user_id: int | None, now: datetime) -> QuerySet[Budget]:
    """Return the active budgets, each with what raises add to it for this person now."""
    raises = BudgetRaise.objects.filter(budget=OuterRef("pk"), starts_at__lte=now, until__gt=now)
    raises = raises.filter(Q(user=None) | Q(user=user_id)) if user_id else raises.filter(user=None)
    total = raises.order_by().values("budget").annotate(total=Sum("amount_nanousd")).values("total")
    return Budget.objects.filter(is_active=True).annotate(raised_nanousd=Coalesce(Subquery(total), 0)).order_by("pk")


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
        window = known.get((key, user_key, starts_at)) or _make_window(budget, user_key, (starts_at, ends_at), now)
        window.budget = budget
        if window.stale_at and window.stale_at <= now:
            _drop_old_slices(window, now)
        found.append(window)
    return found


def _place(budget: Budget, user_id: int | None, now: datetime) -> tuple[int, datetime, datetime | None]:
    """Return what names the budget's current window: whose it is, its beginning and its end."""
    user_key = user_id if budget.is_per_user and user_id is not None else 0
    return user_key, *window_bounds(budget.period, now, find_zone(budget.time_zone))


def _make_window(
    budget: Budget, user_key: int, bounds: tuple[datetime, datetime | None], now: datetime
) -> BudgetWindow:
    """Make a window and fill it from the ledger, unless another process has just done so.

    In a transaction of its own: it waits for open calls, and must not do so while it holds windows.
    """
    starts_at, ends_at = bounds
    with transaction.atomic():
        window, is_new = BudgetWindow.objects.get_or_create(
            budget=budget, user_key=user_key, starts_at=starts_at, defaults={"ends_at": ends_at}
        )
        if is_new:
            _fill(window, now)
    return window


def _fill(window: BudgetWindow, now: datetime) -> None:
    """Take over what the ledger has in the window: open calls as holds, settled ones as spent."""
    budget, calls = window.budget, _calls_in(window)
    # The lock keeps calls from being settled between the look at the open ones and that at the settled ones.
    running = list(calls.filter(status=CallStatus.OPEN).select_for_update().values_list("pk", "held_nanousd"))
    BudgetHold.objects.bulk_create(
        BudgetHold(call_id=call_id, window=window, held_nanousd=held) for call_id, held in running
    )
    window.held_nanousd = sum(held for _, held in running)
    settled = calls.exclude(status=CallStatus.OPEN)
    if budget.rolling_hours:
        slices = _slices_of(window, settled, now)
        BudgetSlice.objects.bulk_create(slices)
        window.spent_nanousd = sum(item.spent_nanousd for item in slices)
        window.stale_at = _stale_at(slices, budget.rolling_hours)
    else:
        window.spent_nanousd = _spent_of(settled, budget.provider)
    window.save(update_fields=["held_nanousd", "spent_nanousd", "stale_at"])


def _calls_in(window: BudgetWindow) -> QuerySet[Call]:
    """Return the calls that count for the window, but for the provider."""
    budget = window.budget
    calls = Call.objects.filter(created_at__gte=window.starts_at).order_by("pk")
    if window.ends_at:
        calls = calls.filter(created_at__lt=window.ends_at)
    if user_id := window.user_key or budget.user_id:
        calls = calls.filter(user_id=user_id)
    elif budget.group_id:
        calls = calls.filter(user__groups=budget.group_id)
    if budget.purpose:
        calls = calls.filter(purpose=budget.purpose)
    return calls.filter(task_type=budget.task_type) if budget.task_type else calls


def _slices_of(window: BudgetWindow, settled: QuerySet[Call], now: datetime) -> list[BudgetSlice]:
    """Return what settled calls have spent in each slice of the last hours; slices without calls are left out."""
    hours, found = window.budget.rolling_hours or 0, []
    length = timedelta(hours=hours) / SLICES
    starts_at = slice_start(now - timedelta(hours=hours), hours)
    recent = settled.filter(created_at__gte=starts_at)
    while earliest := recent.order_by("created_at").values_list("created_at", flat=True).first():
        starts_at = slice_start(earliest, hours)
        spent = _spent_of(recent.filter(created_at__lt=starts_at + length), window.budget.provider)
        found.append(BudgetSlice(window=window, starts_at=starts_at, spent_nanousd=spent))
        recent = settled.filter(created_at__gte=starts_at + length)
    return found


def _stale_at(slices: Iterable[BudgetSlice], hours: int) -> datetime | None:
    """Return when the oldest slice has to be taken out."""
    return min((slice_ends_to_count(item.starts_at, hours) for item in slices), default=None)


def _drop_old_slices(window: BudgetWindow, now: datetime) -> None:
    """Take the slices of which nothing lies in the last hours out of the window's sum."""
    hours = window.budget.rolling_hours or 0
    with transaction.atomic():
        fresh = BudgetWindow.objects.select_for_update().get(pk=window.pk)
        kept = list(window.slices.all())
        gone = [item for item in kept if slice_ends_to_count(item.starts_at, hours) <= now]
        BudgetSlice.objects.filter(pk__in=[item.pk for item in gone]).delete()
        fresh.spent_nanousd -= sum(item.spent_nanousd for item in gone)
        fresh.stale_at = _stale_at([item for item in kept if item not in gone], hours)
        fresh.save(update_fields=["spent_nanousd", "stale_at"])
    window.held_nanousd, window.spent_nanousd, window.stale_at = fresh.held_nanousd, fresh.spent_nanousd, fresh.stale_at


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
    windows: Sequence[BudgetWindow],
    *,
    call_id: UUID,
    amount: int,
    providers: Mapping[str, int] | None = None,
    is_late: bool = False,
) -> None:
    """Take `amount` out of what is free in each window, or raise; belongs in the transaction that opens the call.

    The window of one provider's budget gives what `providers` says of it. With `is_late` the money may be spent already,
    so it is taken whether there is room or not.

    Raises:
        BudgetExceededError: A hard budget has no room for it. The transaction must be rolled back.
    """
    shares = [(window, (providers or {}).get(window.budget.provider, amount)) for window in windows]
    for window, share in shares:
        if share:
            _take(window, share, is_late=is_late)
    BudgetHold.objects.bulk_create(
        BudgetHold(call_id=call_id, window=window, held_nanousd=share) for window, share in shares
    )


def _take(window: BudgetWindow, amount: int, *, is_late: bool) -> None:
    """Take the amount out of one window, under the condition that it has room where the budget is hard."""
    rows, budget = BudgetWindow.objects.filter(pk=window.pk), window.budget
    if budget.is_hard and not is_late:
        rows = rows.filter(spent_nanousd__lte=budget.limit_in_force_nanousd - amount - F("held_nanousd"))
    if not rows.update(held_nanousd=F("held_nanousd") + amount):
        raise BudgetExceededError(
            budget.name,
            _room_again_at(window, amount),
            provider=budget.provider,
            zone=find_zone(budget.time_zone),
        )


def _room_again_at(window: BudgetWindow, amount: int) -> datetime | None:
    """Return when the window starts anew, or when so much of the last hours has passed that the amount fits."""
    budget = window.budget
    if not budget.rolling_hours:
        return window.ends_at
    current = BudgetWindow.objects.get(pk=window.pk)
    too_much = current.spent_nanousd + current.held_nanousd + amount - budget.limit_in_force_nanousd
    for item in window.slices.order_by("starts_at"):
        too_much -= item.spent_nanousd
        if too_much <= 0:
            return slice_ends_to_count(item.starts_at, budget.rolling_hours)
    return None


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
    found = BudgetHold.objects.filter(call_id=call_id).select_related("window__budget")
    return list(found.annotate(opened_at=F("call__created_at")))


def _pay(held: BudgetHold, cost: int) -> None:
    """Book what a call cost in one window, in place of what it holds there, or of what was written off before."""
    window, budget = held.window, held.window.budget
    given_back = held.held_nanousd if held.paid_nanousd is None else 0
    more = cost - (held.paid_nanousd or 0)
    if budget.rolling_hours:
        _pay_rolling(held, given_back, more)
    elif given_back or more:
        BudgetWindow.objects.filter(pk=window.pk).update(
            held_nanousd=F("held_nanousd") - given_back, spent_nanousd=F("spent_nanousd") + more
        )
    if not budget.is_hard and window.spent_nanousd < budget.limit_nanousd <= window.spent_nanousd + more:
        logger.warning("Soft budget %r is used up.", budget.name)


def _pay_rolling(held: BudgetHold, given_back: int, more: int) -> None:
    """Book in the slice in which the call was opened; what is too old to count is only given back."""
    hours = held.window.budget.rolling_hours or 0
    starts_at = slice_start(held.opened_at, hours)  # type: ignore[attr-defined]  # an annotation of `_holds_of`
    ends_to_count = slice_ends_to_count(starts_at, hours)
    window = BudgetWindow.objects.select_for_update().get(pk=held.window_id)
    window.held_nanousd -= given_back
    if more and ends_to_count > timezone.now():
        item, _ = BudgetSlice.objects.get_or_create(window=window, starts_at=starts_at)
        BudgetSlice.objects.filter(pk=item.pk).update(spent_nanousd=F("spent_nanousd") + more)
        window.spent_nanousd += more
        window.stale_at = min(window.stale_at or ends_to_count, ends_to_count)
    window.save(update_fields=["held_nanousd", "spent_nanousd", "stale_at"])


def reset_windows(budget: Budget) -> None:
    """Forget what was counted; the next call counts anew from the ledger. Needed when what a budget counts has changed."""
    budget.windows.all().delete()


def list_standings(*, user_id: int | None = None, now: datetime | None = None) -> list[Standing]:
    """Return how the active budgets stand: all shared ones, or for a user those that are theirs alone."""
    now = now or timezone.now()
    active = _in_force(user_id, now).order_by("name").select_related("user", "group")
    if user_id is None:
        active = active.filter(is_per_user=False)
    else:
        active = active.filter(_reach(user_id), Q(user_id=user_id) | Q(is_per_user=True))
    return [_standing(window) for window in _windows(active, user_id, now)]


def _standing(window: BudgetWindow) -> Standing:
    resets_at = _room_again_at(window, 1) if window.budget.rolling_hours else window.ends_at
    return Standing(window.budget, window.spent_nanousd, window.held_nanousd, resets_at)
