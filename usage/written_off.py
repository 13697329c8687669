"""What calls held, as their lines say it: what they count for that nobody booked, or whose price is unknown."""

from collections.abc import Iterator

from django.db.models import QuerySet

from usage.models import Budget, Call
from usage.thresholds import shares_of
from usage.types import BY_BUDGET, EMBEDDED_PROVIDER, EXPIRED, CallStatus


def held_shares(calls: QuerySet[Call], budget: Budget) -> Iterator[tuple[Call, int]]:
    """Yield those of the calls that were written off, each with what it held of a budget, in its unit.

    Where a line does not say who might have been asked, it is the most that it can have been.
    """
    lost = calls.filter(status=CallStatus.UNKNOWN, error_class=EXPIRED)
    for call in lost.only("held_nanousd", "decision").iterator():
        yield call, held_share(call, budget)


def held_share(call: Call, budget: Budget) -> int:
    """Return what a call held of a budget that counts it, in its unit."""
    return shares_of(budget, call.held_nanousd, held_by_provider(call))[0]


def held_by_provider(call: Call) -> dict[str, int] | None:
    """Return the most that each provider can have cost, as the line says; None where it does not.

    Whom only a call's own course passed over, such as an open breaker, was held for all the same, and may have been asked after all.
    """
    candidates = call.decision.get("candidates")
    if not isinstance(candidates, list) or not all(isinstance(one, dict) for one in candidates):
        return None
    left_out = {pair[0] for pair in call.decision.get("passed_over", ()) if pair[-1].startswith(BY_BUDGET)}
    found: dict[str, int] = {}
    for one in candidates:
        provider = one["candidate"].partition("/")[0]
        if provider != EMBEDDED_PROVIDER and one["candidate"] not in left_out:
            found[provider] = found.get(provider, 0) + (one.get("held_nanousd") or 0)
    return found
