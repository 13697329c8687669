"""How budgets stand: what of them is spent, held and left, and what they do to calls."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from usage.budget_windows import current_window, room_again_at
from usage.models import Budget, BudgetRaise, BudgetWindow
from usage.models.budgets import ShownAmounts
from usage.periods import find_zone
from usage.types import BudgetAction, BudgetUnit

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


@dataclass(frozen=True, slots=True)
class Standing(ShownAmounts):
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
    resets_at = room_again_at(window, 1) if window.budget.rolling_hours else window.ends_at
    return Standing(window.budget, window.spent_nanousd, window.held_nanousd, resets_at)


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
    return [current_window(budget, known[budget.pk], user_id, now) for budget in found]
