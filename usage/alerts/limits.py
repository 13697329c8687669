"""Limits that operators set: budgets that are nearly used up, and what an hour may show at most."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median

from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from usage.alerts.book import Finding, take_stock
from usage.alerts.subjects import user_names
from usage.budget_windows import drop_old_slices
from usage.models import AlertRule, Budget, BudgetRaise, BudgetWindow
from usage.money import format_usd
from usage.rollups import Only, Sums, read
from usage.standings import SAID_NOW
from usage.types import NANOUSD_PER_USD, AlertKind, AlertLevel, AttemptStatus, BudgetAction, Watched

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
WEEKS_BACK = 4
# A budget without an end that comes back to what was told is not told again for so long; one with an end is told once in it.
QUIET = timedelta(hours=6)
BROKEN = (AttemptStatus.FAILED.value, AttemptStatus.REJECTED.value)


def look_at_budgets(*, now: datetime | None = None) -> None:
    """Tell of budgets of which as much is used or held as a rule says; the highest percentage that is reached counts."""
    now = now or timezone.now()
    rules = list(AlertRule.objects.filter(kind=AlertKind.BUDGET, is_on=True).order_by("-limit"))
    take_stock("budget", list(_full_budgets(rules, now)) if rules else [], now=now)


def _full_budgets(rules: list[AlertRule], now: datetime) -> Iterator[Finding]:
    windows = list(_windows(now))
    names = user_names({window.user_key for window in windows} - {0})
    for window in windows:
        budget = window.budget
        drop_old_slices(window, now)
        limit = budget.limit_nanousd + window.raised_nanousd  # type: ignore[attr-defined]  # an annotation of `_windows`
        used = window.spent_nanousd + window.held_nanousd
        percent = 100 * used / limit if limit else 100.0
        rule = next((one for one in rules if percent >= _point(one, budget, rules[-1])), None)
        if rule is None:
            continue
        user_id = window.user_key or budget.user_id
        whose = f" of {names.get(window.user_key, window.user_key)}" if window.user_key else ""
        is_full = percent >= 100
        until = f" It starts anew on {window.ends_at:%d %B %Y at %H:%M} UTC." if window.ends_at else ""
        at_warning = budget.at_warning if percent >= budget.warns_from_percent else BudgetAction.NOTIFY
        what = SAID_NOW[BudgetAction(budget.action_at_limit if is_full else at_warning)]
        if budget.is_hard and not is_full and at_warning == BudgetAction.NOTIFY:
            what = "Calls without room in it are not made."
        yield Finding(
            key=f"{budget.pk}:{window.user_key}:{window.starts_at:%Y%m%d%H}",
            title=f"Budget {budget.name}{whose}: {'used up' if is_full else f'{percent:.0f} % used'}",
            text=f"{budget.shown(used)} of {budget.shown(limit)} are spent or held. {what}{until}",
            level=AlertLevel.CRITICAL if is_full and budget.is_hard else rule.level,
            rule=rule,
            facts={"budget": budget.name, "used_nanousd": used, "limit_nanousd": limit, "percent": round(percent, 1)},
            user_id=user_id,
            quiet_since=window.starts_at if window.ends_at else now - QUIET,
        )


def _point(rule: AlertRule, budget: Budget, lowest: AlertRule) -> float:
    """Return from how many percent on a rule speaks of a budget: the lowest one where the budget itself says."""
    return budget.warn_percent if rule is lowest and rule.limit < 100 and budget.warn_percent else rule.limit


def _windows(now: datetime) -> Iterator[BudgetWindow]:
    """Yield the windows that count now, each with what raises add."""
    raises = BudgetRaise.objects.filter(
        Q(user=None) | Q(user=OuterRef("user_key")), budget=OuterRef("budget"), starts_at__lte=now, until__gt=now
    )
    total = raises.order_by().values("budget").annotate(total=Sum("amount_nanousd")).values("total")
    rows = BudgetWindow.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), budget__is_active=True, starts_at__lte=now)
    yield from rows.select_related("budget").annotate(raised_nanousd=Coalesce(Subquery(total), 0)).iterator()


def look_at_limits(*, now: datetime | None = None) -> None:
    """Tell what the last sixty minutes show beyond the limits that are set."""
    now = now or timezone.now()
    rules = AlertRule.objects.filter(kind=AlertKind.THRESHOLD, is_on=True)
    findings = [finding for rule in rules if (finding := _beyond(rule, now)) is not None]
    take_stock("limit", findings, patience=timedelta(minutes=10), now=now)


def _beyond(rule: AlertRule, now: datetime) -> Finding | None:
    """Return the finding of a rule whose limit is passed."""
    only = Only(task_type=rule.task_type or None, provider=rule.provider or None)
    sums, failed = _hour(only, now)
    if sums.calls < max(1, rule.fewest):
        return None
    seen = usual = None
    if rule.measure == Watched.LATENCY:
        timed = sums.calls - sums.cache_hits
        seen = sums.latency_ms / timed if timed else None
    elif rule.measure == Watched.ERRORS:
        seen = 100 * failed / sums.attempts if sums.attempts else None
    elif rule.measure == Watched.COST_PER_CALL:
        seen = sums.cost_nanousd / NANOUSD_PER_USD / sums.calls
    else:
        before = [_hour(only, now - week * WEEK)[0].cost_nanousd for week in range(1, WEEKS_BACK + 1)]
        usual = median(before)
        seen = sums.cost_nanousd / usual if usual else None
    if seen is None or seen <= rule.limit:
        return None
    of = " ".join(part for part in (rule.task_type.replace("_", " "), rule.provider) if part)
    return Finding(
        key=str(rule.pk),
        title=f"{Watched(rule.measure).label}{f' of {of}' if of else ''}: {_worded(rule.measure, seen)}",
        text=f"In the last sixty minutes, over {sums.calls:,} calls. The limit is {_worded(rule.measure, rule.limit)}.",
        level=rule.level,
        rule=rule,
        facts={"measure": rule.measure, "seen": round(seen, 6), "limit": rule.limit, "calls": sums.calls},
    )


def _hour(only: Only, now: datetime) -> tuple[Sums, int]:
    """Return the sums of the sixty minutes before, and how many requests failed in them."""
    cells = read(since=now - HOUR, until=now, by=["status"], only=only)
    total = sum((cell.sums for cell in cells), Sums())
    return total, sum(cell.sums.attempts for cell in cells if cell.names[0] in BROKEN)


def _worded(measure: str, figure: float) -> str:
    if measure == Watched.LATENCY:
        return f"{figure:,.0f} ms on average"
    if measure == Watched.ERRORS:
        return f"{figure:.1f} %"
    if measure == Watched.COST_PER_CALL:
        return format_usd(round(figure * NANOUSD_PER_USD))
    return f"{figure:.1f} times what is usual"
