"""Windows of budgets: which of them are current, and how a new one is filled with what the ledger already has.

Where the last hours count (a rolling window), the one window holds a sum, and slices beside it say how much of the sum
belongs to which time; a slice is taken out of the sum when all of it is too old. So a call counts for the whole time,
and for at most a sixtieth longer.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from usage import budget_statements
from usage.archived_spending import archived_spent
from usage.models import Attempt, Budget, BudgetHold, BudgetSlice, BudgetWindow, Call
from usage.periods import EVER, SLICES, find_zone, slice_ends_to_count, slice_start, window_bounds
from usage.rollup_rows import wait_for_makers
from usage.types import CORRECTION, EMBEDDED_PROVIDER, BudgetPeriod, BudgetUnit, CallStatus
from usage.written_off import held_share, held_shares


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
    return [current_window(budget, known, user_id, now) for budget, known in found]


def current_window(budget: Budget, known: Iterable[BudgetWindow], user_id: int | None, now: datetime) -> BudgetWindow:
    """Return the budget's current window: one of those that are known, or a new one, without what is too old to count."""
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
    window.counted_at = timezone.now()
    window.save(update_fields=["spent_nanousd", "stale_at", "counted_at"])


def _calls_in(window: BudgetWindow) -> QuerySet[Call]:
    """Return the calls that count for the window, but for the provider."""
    budget = window.budget
    calls = Call.objects.order_by("pk")
    # Of two lower bounds SQLite goes by the first: with that of everything before it, it would read all lines for the last hours.
    if window.starts_at > EVER:
        calls = calls.filter(created_at__gte=window.starts_at)
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
        return _spent_on(attempts.filter(call__in=calls.order_by(), **of_provider), budget) + lost
    priced: int = calls.aggregate(spent=Coalesce(Sum("cost_nanousd"), 0))["spent"]
    return priced + _spent_on(attempts.filter(call__in=calls.filter(cost_nanousd=None).order_by()), budget)


def _spent_on(attempts: QuerySet[Attempt], budget: Budget) -> int:
    """Add up attempts call by call, as `settle` does; of a call that was set right, what it cost is known."""
    costs = attempts.values_list("call_id").annotate(cost=Coalesce(Sum("cost_nanousd"), 0))
    unpriced = Call.objects.filter(pk__in=attempts.filter(cost_nanousd=None, call__cost_nanousd=None).values("call_id"))
    held = {call.pk: held_share(call, budget) for call in unpriced.only("held_nanousd", "decision").iterator()}
    return sum(max(cost, held.get(call_id, cost)) for call_id, cost in costs)


def room_again_at(window: BudgetWindow, amount: int) -> datetime | None:
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
