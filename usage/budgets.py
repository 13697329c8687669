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
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from usage import budget_statements
from usage.archived_spending import archived_spent
from usage.errors import BudgetExceededError
from usage.models import Attempt, Budget, BudgetHold, BudgetRaise, BudgetSlice, BudgetWindow, Call
from usage.periods import SLICES, find_zone, slice_ends_to_count, slice_start, window_bounds
from usage.rollup_rows import wait_for_makers
from usage.thresholds import most_used_before, refusal, shares_of
from usage.types import CORRECTION, EMBEDDED_PROVIDER, AttemptRecord, BudgetAction, BudgetPeriod, BudgetUnit, CallStatus
from usage.written_off import held_shares

logger = logging.getLogger(__name__)

# What a budget does to calls from a point on that is reached, and what it will do when it is used up.
SAID_NOW = {
    BudgetAction.NOTIFY: "It only tells: calls go on.",
    BudgetAction.DOWNGRADE: "Calls ask the cheapest candidate first.",
    BudgetAction.FREE: "Only what is free is asked; what this server does by itself always is.",
    BudgetAction.STOP: "Calls that are not free are refused; what this server does by itself is free.",
}
SAID_LATER = {
    BudgetAction.NOTIFY: "When it is used up, that is told, and calls go on.",
    BudgetAction.DOWNGRADE: "When it is used up, calls ask the cheapest candidate first.",
    BudgetAction.FREE: "Calls that cost more than what is left are not made; what this server does by itself is free.",
    BudgetAction.STOP: "Calls that cost more than what is left are refused; what this server does by itself is free.",
}
SAID_OF_QUOTAS = SAID_LATER | {
    BudgetAction.FREE: "When they are made, only this server itself answers.",
    BudgetAction.STOP: "When they are made, further calls are refused; what this server does by itself is free.",
}


class CountedAnewError(Exception):
    """A window in which a call was to be held is gone, as its budget counts anew; look for the windows once more."""


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
    def left_nanousd(self) -> int:
        """What may still be held; never below nothing."""
        return max(0, self.limit_nanousd - self.used_nanousd)

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
    def shown_used(self) -> str:
        """What is spent or held, for people, before the limit."""
        return (
            f"{self.used_nanousd:,}" if self.budget.unit == BudgetUnit.CALLS else self.budget.shown(self.used_nanousd)
        )

    @property
    def shown_spent(self) -> str:
        """What is spent, for people."""
        return self.budget.shown(self.spent_nanousd)

    @property
    def shown_held(self) -> str:
        """What running calls hold, for people."""
        return self.budget.shown(self.held_nanousd)

    @property
    def shown_limit(self) -> str:
        """The limit, for people."""
        return self.budget.shown(self.limit_nanousd)

    @property
    def shown_left(self) -> str:
        """What is free, for people."""
        return self.budget.shown(self.left_nanousd)

    @property
    def said(self) -> str:
        """What happens to calls now, or when it is used up, in a sentence."""
        budget = self.budget
        if not self.is_passed and self.is_near and budget.at_warning != BudgetAction.NOTIFY:
            return SAID_NOW[BudgetAction(budget.at_warning)]
        later = SAID_OF_QUOTAS if budget.unit == BudgetUnit.CALLS else SAID_LATER
        return (SAID_NOW if self.is_passed else later)[BudgetAction(budget.action_at_limit)]

    @property
    def shown_raised(self) -> str:
        """What raises add, for people."""
        return self.budget.shown(self.raised_nanousd)

    @property
    def spent_percent(self) -> float:
        """How much of the limit is spent."""
        return self.percent(self.spent_nanousd)

    @property
    def held_percent(self) -> float:
        """How much of the limit running calls hold beside that, as far as it is within the limit."""
        return max(0.0, self.used_percent - self.spent_percent)

    def percent(self, amount: int) -> float:
        """Return how much of the limit an amount is."""
        return min(100.0, 100 * amount / self.limit_nanousd) if self.limit_nanousd else 100.0

    @property
    def used_percent(self) -> float:
        """How much of the limit is used."""
        return self.percent(self.used_nanousd)

    @property
    def is_near(self) -> bool:
        """Whether so much is used that the budget tells of it."""
        return self.used_nanousd * 100 >= self.limit_nanousd * self.budget.warns_from_percent

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
    found = budget_statements.read_windows(user_id=user_id, task_type=task_type, purpose=purpose, now=now)
    if providers is not None:
        found = [(budget, known) for budget, known in found if not budget.provider or budget.provider in providers]
    return [_current(budget, known, user_id, now) for budget, known in found]


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
    found, known = list(budgets), defaultdict(list)
    for window in BudgetWindow.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=now), budget__in=found, user_key__in={0, user_id or 0}, starts_at__lte=now
    ):
        known[window.budget_id].append(window)
    return [_current(budget, known[budget.pk], user_id, now) for budget in found]


def _current(budget: Budget, known: Iterable[BudgetWindow], user_id: int | None, now: datetime) -> BudgetWindow:
    """Return the budget's current window: one of those that are known, or a new one."""
    user_key, starts_at, ends_at = _place(budget, user_id, now)
    window = next((one for one in known if (one.user_key, one.starts_at) == (user_key, starts_at)), None)
    if window is None:
        window = _make_window(budget, user_key, (starts_at, ends_at), now)
    window.budget = budget
    drop_old_slices(window, now)
    return window


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
    # The lock keeps calls from being settled between the look at the open ones and that at the settled ones.
    calls = _calls_in(window).filter(status=CallStatus.OPEN)
    running = list(calls.select_for_update().values_list("pk", "held_nanousd"))
    # A settlement that waits for the lock sees by this that it knows too few holds (`usage.at_once`).
    Call.objects.filter(pk__in=[call_id for call_id, _ in running]).update(windows_held=F("windows_held") + 1)
    if window.budget.unit == BudgetUnit.CALLS:
        # Whether a running one asks a provider is known when it is settled.
        running = [(call_id, 1) for call_id, _ in running]
    BudgetHold.objects.bulk_create(
        BudgetHold(call_id=call_id, window=window, held_nanousd=held) for call_id, held in running
    )
    window.held_nanousd = sum(held for _, held in running)
    window.save(update_fields=["held_nanousd"])
    count_spent(window, now)
    # What was written off gives way, should somebody book it after all.
    settled, budget = _calls_in(window).exclude(status=CallStatus.OPEN), window.budget
    if budget.rolling_hours:
        settled = settled.filter(created_at__gt=now - timedelta(hours=budget.rolling_hours))
    BudgetHold.objects.bulk_create(
        BudgetHold(call=call, window=window, held_nanousd=share, paid_nanousd=share)
        for call, share in held_shares(settled, budget)
    )


def count_spent(window: BudgetWindow, now: datetime) -> None:
    """Let a window have spent what the ledger says, with what of it was archived; nobody else may write on it meanwhile."""
    budget, settled = window.budget, _calls_in(window).exclude(status=CallStatus.OPEN)
    if budget.period == BudgetPeriod.TOTAL:
        # So that lines that are archived just now count once.
        wait_for_makers()
    if budget.rolling_hours:
        slices = _slices_of(window, settled, now)
        window.slices.all().delete()
        BudgetSlice.objects.bulk_create(slices)
        window.spent_nanousd = sum(item.spent_nanousd for item in slices)
        window.stale_at = _stale_at(slices, budget.rolling_hours)
    else:
        window.spent_nanousd = spent_of(settled, budget)
        if budget.period == BudgetPeriod.TOTAL:
            window.spent_nanousd += archived_spent(budget, user_key=window.user_key)
    window.save(update_fields=["spent_nanousd", "stale_at"])


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
        spent = spent_of(recent.filter(created_at__lt=starts_at + length), window.budget)
        found.append(BudgetSlice(window=window, starts_at=starts_at, spent_nanousd=spent))
        recent = settled.filter(created_at__gte=starts_at + length)
    return found


def _stale_at(slices: Iterable[BudgetSlice], hours: int) -> datetime | None:
    """Return when the oldest slice has to be taken out."""
    return min((slice_ends_to_count(item.starts_at, hours) for item in slices), default=None)


def drop_old_slices(window: BudgetWindow, now: datetime) -> None:
    """Take the slices of which nothing lies in the last hours out of the window's sum, where there are such."""
    if not window.stale_at or window.stale_at > now:
        return
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


def spent_of(calls: QuerySet[Call], budget: Budget) -> int:
    """Return what settled calls count for: their cost, and where a price is unknown at least their hold; or their number."""
    attempts = Attempt.objects.order_by()
    lost = (
        sum(share for _, share in held_shares(calls, budget))
        if budget.provider or budget.unit == BudgetUnit.CALLS
        else 0
    )
    of_provider = {"provider": budget.provider} if budget.provider else {}
    if budget.unit == BudgetUnit.CALLS:
        asked = attempts.filter(call__in=calls.order_by(), **of_provider).exclude(provider=EMBEDDED_PROVIDER)
        asked = asked.exclude(error_class=CORRECTION)
        return asked.values("call").distinct().count() + lost
    if budget.provider:
        return _spent_on(attempts.filter(call__in=calls.order_by(), **of_provider)) + lost
    priced: int = calls.aggregate(spent=Coalesce(Sum("cost_nanousd"), 0))["spent"]
    return priced + _spent_on(attempts.filter(call__in=calls.filter(cost_nanousd=None).order_by()))


def _spent_on(attempts: QuerySet[Attempt]) -> int:
    """Add up attempts call by call, as `settle` does; of a call that was set right, what it cost is known."""
    unpriced = Count("pk", filter=Q(cost_nanousd=None, call__cost_nanousd=None))
    rows = attempts.values_list("call_id", "call__held_nanousd").annotate(
        cost=Coalesce(Sum("cost_nanousd"), 0), unpriced=unpriced
    )
    return sum(max(cost, held) if unpriced else cost for _, held, cost, unpriced in rows)


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
    resets_at = _room_again_at(window, share)
    found = refusal(budget, share, cost, used=used, is_saving=is_saving, resets_at=resets_at)
    return found or BudgetExceededError(budget.name, resets_at, provider=budget.provider)


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


def reset_windows(budget: Budget) -> None:
    """Forget what was counted; the next call counts anew from the ledger. Needed when what a budget counts has changed."""
    forget_windows(budget.windows.all())


def forget_windows(windows: QuerySet[BudgetWindow]) -> None:
    """Delete windows, with all that is held there; whoever needs one next fills it from the ledger."""
    with transaction.atomic():
        # Calls that take of them wait, so that none holds in what is just being deleted.
        known = list(
            windows.order_by("budget_id", "user_key", "starts_at").select_for_update().values_list("pk", flat=True)
        )
        BudgetWindow.objects.filter(pk__in=known).delete()


def list_standings(
    *, user_id: int | None = None, groups: Iterable[Group] | None = None, now: datetime | None = None
) -> list[Standing]:
    """Return how the active budgets stand: all shared ones, those of some groups, or for a user those that are theirs alone."""
    now = now or timezone.now()
    active = _in_force(user_id, now).order_by("name").select_related("user", "group")
    if user_id is None:
        active = active.filter(is_per_user=False)
        active = active if groups is None else active.filter(group__in=groups)
    else:
        active = active.filter(_reach(user_id), Q(user_id=user_id) | Q(is_per_user=True))
    return [_standing(window) for window in _windows(active, user_id, now)]


def _standing(window: BudgetWindow) -> Standing:
    resets_at = _room_again_at(window, 1) if window.budget.rolling_hours else window.ends_at
    return Standing(window.budget, window.spent_nanousd, window.held_nanousd, resets_at)
