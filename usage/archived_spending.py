"""What lines that left for files count for in budgets without an end, which may count anew at any time.

A day, a month and the last hours are over before their lines may leave; what counts for ever is kept here, added up by what a
budget can be about. It is added in the transaction that deletes the lines, so that each of them counts once at every moment.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, QuerySet, Sum

from usage.models import Archive, ArchivedSpending, Attempt, Budget, Call
from usage.rollup_rows import keep_others_out
from usage.types import CORRECTION, EMBEDDED_PROVIDER, BudgetUnit
from usage.written_off import held_by_provider

# Who was asked is not known of a call: it counts for everybody who might have been.
ANYBODY = "*"
# For each provider, and for all together (""): nano-dollars, and 1 where it was asked.
_Counted = dict[str, tuple[int, int]]
# The same by user, task, purpose and provider.
_Sums = dict[tuple[int, str, str, str], list[int]]


def delete_archived(calls: QuerySet[Call], *, is_as_written: Callable[[Call], bool]) -> None:
    """Delete those settled lines that are still as they were written to a file, and keep what they count for."""
    with transaction.atomic():
        # Locked before, as by whoever sets one of them right: nobody waits for the other in a circle. References to them may be made meanwhile.
        locked = calls.order_by("pk").select_for_update(no_key=True).prefetch_related("attempts")
        found = [call for call in locked if is_as_written(call)]
        # Whoever counts anew waits, or sees all of it.
        keep_others_out()
        _keep(_add_up((call, list(call.attempts.all())) for call in found))
        Call.objects.filter(pk__in=[call.pk for call in found]).delete()


def count_archived(archive: Archive, lines: Iterable[tuple[Call, list[Attempt]]]) -> bool:
    """Keep what the lines of a file count for that was written before that was kept; False where somebody has done it.

    Lines of people who have gone since count for nobody, as they would in the ledger.
    """
    sums = _add_up(lines)
    with transaction.atomic():
        keep_others_out()
        if not Archive.objects.filter(pk=archive.pk, is_counted=False).update(is_counted=True):
            return False
        there = set(get_user_model().objects.filter(pk__in={key[0] for key in sums}).values_list("pk", flat=True))
        known: _Sums = defaultdict(lambda: [0, 0])
        for (user_key, task_type, purpose, provider), (spent, asked) in sums.items():
            row = known[user_key if user_key in there else 0, task_type, purpose, provider]
            row[0] += spent
            row[1] += asked
        _keep(known)
    return True


def _add_up(lines: Iterable[tuple[Call, list[Attempt]]]) -> _Sums:
    """Return what lines count for, by what a budget can be about."""
    sums: _Sums = defaultdict(lambda: [0, 0])
    for call, attempts in lines:
        for provider, (spent, asked) in _counted(call, attempts).items():
            row = sums[call.user_id or 0, call.task_type, call.purpose, provider]
            row[0] += spent
            row[1] += asked
    return sums


def _keep(sums: _Sums) -> None:
    """Add sums to those that are kept."""
    for (user_key, task_type, purpose, provider), (spent, asked) in sorted(sums.items()):
        kept, _ = ArchivedSpending.objects.get_or_create(
            user_key=user_key, task_type=task_type, purpose=purpose, provider=provider
        )
        ArchivedSpending.objects.filter(pk=kept.pk).update(
            spent_nanousd=F("spent_nanousd") + spent, calls=F("calls") + asked
        )


def archived_spent(budget: Budget, *, user_key: int = 0) -> int:
    """Return what archived lines count for in a budget without an end, in its unit; of one user where there is a key."""
    providers = [budget.provider, ANYBODY] if budget.provider else [""]
    kept = ArchivedSpending.objects.filter(provider__in=providers)
    if own := user_key or budget.user_id:
        kept = kept.filter(user_key=own)
    elif budget.group_id:
        kept = kept.filter(user_key__in=get_user_model().objects.filter(groups=budget.group_id).values("pk"))
    if budget.purpose:
        kept = kept.filter(purpose=budget.purpose)
    if budget.task_type:
        kept = kept.filter(task_type=budget.task_type)
    figure = "calls" if budget.unit == BudgetUnit.CALLS else "spent_nanousd"
    return int(kept.aggregate(sum=Sum(figure))["sum"] or 0)


def give_to_nobody(user_key: int) -> None:
    """Count what an account that is deleted has spent as nobody's, as its lines are from then on."""
    for row in ArchivedSpending.objects.filter(user_key=user_key):
        kept, is_new = ArchivedSpending.objects.get_or_create(
            user_key=0,
            task_type=row.task_type,
            purpose=row.purpose,
            provider=row.provider,
            defaults={"spent_nanousd": row.spent_nanousd, "calls": row.calls},
        )
        if not is_new:
            ArchivedSpending.objects.filter(pk=kept.pk).update(
                spent_nanousd=F("spent_nanousd") + row.spent_nanousd, calls=F("calls") + row.calls
            )
        row.delete()


def _counted(call: Call, attempts: list[Attempt]) -> _Counted:
    """Return what a call counts for, as budgets count it while its line is there."""
    if call.is_written_off:
        return dict(_held(call))
    found: _Counted = {}
    for provider in {"", *(attempt.provider for attempt in attempts)}:
        own = [attempt for attempt in attempts if provider in {"", attempt.provider}]
        known = sum(attempt.cost_nanousd or 0 for attempt in own)
        if call.cost_nanousd is None and any(attempt.cost_nanousd is None for attempt in own):
            held = held_by_provider(call) if provider else None
            known = max(known, call.held_nanousd if held is None else held.get(provider, 0))
        elif not provider and call.cost_nanousd is not None:
            known = call.cost_nanousd
        asked = (one for one in own if one.provider != EMBEDDED_PROVIDER and one.error_class != CORRECTION)
        found[provider] = known, int(any(asked))
    return found


def _held(call: Call) -> Iterator[tuple[str, tuple[int, int]]]:
    held = held_by_provider(call)
    yield "", (call.cost_nanousd or 0, int(held is None or bool(held)))
    if held is None:
        yield ANYBODY, (call.held_nanousd, 1)
        return
    for provider, amount in held.items():
        yield provider, (amount, 1)
