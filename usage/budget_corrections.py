"""What budgets have spent, when a call that they counted turns out to have cost something else."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from django.db.models import Q
from django.utils import timezone

from usage import budget_statements, budget_windows
from usage.budget_windows import count_spent, spent_of
from usage.memberships import was_member
from usage.models import Archive, Attempt, BudgetWindow, Call
from usage.periods import slice_ends_to_count, slice_start
from usage.written_off import held_by_provider


class WindowIsGoneError(Exception):
    """A budget was changed meanwhile, so that it counts anew: roll back, and look for its windows again."""


def find_counting_windows(call: Call, *, providers: Collection[str]) -> list[BudgetWindow]:
    """Return the windows of all active budgets that counted a settled call, and make those that are missing.

    A group's budget counted it where its user was a member when it was opened, or, where the window has counted anew since, at
    that moment; whoever is a member today says nothing about that.
    """
    found = budget_windows.find_windows(
        user_id=call.user_id,
        task_type=call.task_type,
        providers=providers,
        now=call.created_at,
        purpose=call.purpose,
    )
    if call.user_id is None:
        return found
    known = [window.pk for window in found]
    left = BudgetWindow.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=call.created_at),
        budget__is_active=True,
        budget__group__isnull=False,
        budget__task_type__in=["", call.task_type],
        budget__purpose__in=["", call.purpose],
        budget__provider__in=["", *providers],
        user_key__in=[0, call.user_id],
        starts_at__lte=call.created_at,
    ).exclude(pk__in=known)
    windows = [*found, *left.select_related("budget")]
    return [window for window in windows if window.budget.group_id is None or _had_member(window, call)]


def _had_member(window: BudgetWindow, call: Call) -> bool:
    """Whether the call's user belonged to the budget's group when the window counted the call."""
    at = max(call.created_at, window.counted_at or call.created_at)
    return was_member(user_id=call.user_id or 0, group_id=window.budget.group_id or 0, at=at)


def spent_in(windows: Sequence[BudgetWindow], call: Call) -> list[int]:
    """Return what a settled call counts for in each window, as the ledger has it now."""
    return [spent_of(Call.objects.filter(pk=call.pk), window.budget) for window in windows]


def set_right(windows: Sequence[BudgetWindow], call: Call, *, line: Attempt, before: Sequence[int]) -> None:
    """Let windows follow a correction; belongs in its transaction, after its line.

    Each gets the difference, so what running calls hold stays, and so does what was counted of lines that have left for
    files, and of people who have left a group. Where a price was unknown, the budget of one provider has paid what the call held
    for that provider; where the line does not say how much that was, such a window counts anew what it has spent, or, where
    lines of its time were archived, keeps that beside the rest.

    Args:
        windows: Those of all budgets that count the call.
        call: As it was before.
        line: The line that sets it right.
        before: What it counted for in each then.

    Raises:
        WindowIsGoneError: One of them is not there any more.
    """
    keys = [window.pk for window in windows]
    locked = BudgetWindow.objects.select_for_update().filter(pk__in=keys)
    if len(locked.values_list("pk")) < len(keys):
        raise WindowIsGoneError
    now = timezone.now()
    for window, was, due in zip(windows, before, spent_in(windows, call), strict=True):
        if not window.budget.provider or call.cost_nanousd is not None or held_by_provider(call) is not None:
            _add(window, due - was, opened_at=call.created_at, now=now)
        elif not _has_archived_lines(window):
            count_spent(window, now)
        elif window.budget.provider == line.provider:
            _add(window, line.cost_nanousd or 0, opened_at=call.created_at, now=now)


def _has_archived_lines(window: BudgetWindow) -> bool:
    """Whether files may have lines that count for the window; the last hours are never archived."""
    archives = Archive.objects.filter(day__gte=window.starts_at.astimezone(UTC).date())
    if window.ends_at:
        archives = archives.filter(day__lte=window.ends_at.astimezone(UTC).date())
    return not window.budget.rolling_hours and archives.exists()


def _add(window: BudgetWindow, more: int, *, opened_at: datetime, now: datetime) -> None:
    """Spend more in a window, or less; what is too old for a rolling one does not count any more."""
    hours = window.budget.rolling_hours
    if not more:
        return
    if not hours:
        budget_statements.pay(window.pk, 0, more)
        return
    starts_at = slice_start(opened_at, hours)
    ends_to_count = slice_ends_to_count(starts_at, hours)
    if ends_to_count > now:
        budget_statements.pay_slice(window.pk, 0, more, starts_at=starts_at, ends_to_count=ends_to_count)
