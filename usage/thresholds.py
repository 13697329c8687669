"""What a budget asks of a call, by how much of it is used before the call.

A budget acts at two points: when `warn_percent` of it is used, and when it is used up. What is used is what was spent and
what running calls hold. At a point, with exactly so much used, its action is in force already:

- only tell: nothing changes for the call;
- cheapest first: whoever is expected to cost least is asked first;
- free candidates only: nobody is asked who costs something;
- stop (hard budgets that are used up): as before, but nobody who is free stands in for who would have been paid.

A hard budget has no room for a call that holds more than is left, however little is used.
"""

from collections.abc import Mapping
from datetime import datetime

from usage.errors import BudgetExceededError
from usage.models import Budget
from usage.periods import find_zone
from usage.types import BudgetAction, BudgetUnit


def shares_of(budget: Budget, held_nanousd: int, providers: Mapping[str, int] | None) -> tuple[int, int]:
    """Return what a call takes of a budget, in its unit, and what the call may cost those whom the budget is about.

    `providers` is the most that each of them can cost; None where anybody may be asked, {} where nobody is.
    """
    cost = held_nanousd if providers is None else providers.get(budget.provider, 0 if budget.provider else held_nanousd)
    if budget.unit == BudgetUnit.MONEY:
        return cost, cost
    asks = providers is None or (budget.provider in providers if budget.provider else bool(providers))
    return int(asks), cost


def most_used_before(budget: Budget, share: int, cost: int, *, is_saving: bool) -> int | None:
    """Return the most that may be used before a call that takes `share`; None where nothing bounds it.

    Args:
        budget: The budget, with the raises that hold now.
        share: What the call takes, in the budget's unit.
        cost: What it may cost, in nano-dollars.
        is_saving: Whether it asks the cheapest first already.
    """
    limit, bounds = budget.limit_in_force_nanousd, []
    if budget.is_hard:
        bounds.append(limit - share)
    if cost:
        heeded = {BudgetAction.NOTIFY, *([BudgetAction.DOWNGRADE] if is_saving else [])}
        if budget.at_warning not in heeded:
            bounds.append(_point(limit, budget.warns_from_percent) - 1)
        if not budget.is_hard and budget.action_at_limit not in heeded:
            bounds.append(limit - 1)
    return min(bounds, default=None)


def refusal(
    budget: Budget, share: int, cost: int, *, used: int, is_saving: bool, resets_at: datetime | None
) -> BudgetExceededError | None:
    """Return what a budget has against a call, with so much used; None where it has nothing."""
    most = most_used_before(budget, share, cost, is_saving=is_saving)
    if most is None or used <= most:
        return None
    limit = budget.limit_in_force_nanousd
    # What many share says, by what is left, what others have spent.
    is_own = budget.is_per_user or budget.user_id is not None
    is_used_up = budget.is_hard and used > limit - share
    if is_used_up:
        action = BudgetAction(budget.action_at_limit)
    elif used >= limit and not budget.is_hard and budget.at_warning != BudgetAction.FREE:
        action = BudgetAction.DOWNGRADE
    else:
        action = BudgetAction(budget.at_warning)
    return BudgetExceededError(
        budget.name,
        resets_at,
        provider=budget.provider,
        zone=find_zone(budget.time_zone),
        action=action,
        is_used_up=is_used_up,
        is_quota=budget.unit == BudgetUnit.CALLS,
        left=f"{budget.shown(max(0, limit - used))} of {budget.shown(limit)}" if is_own else "",
        needed=budget.shown(share) if is_own and budget.unit == BudgetUnit.MONEY else "",
    )


def _point(limit: int, percent: int) -> int:
    """Return the least amount that is so many percent of a limit."""
    return -(-limit * percent // 100)
