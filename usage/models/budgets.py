"""Budgets that calls are held against: their windows, what is held in them, and raises."""

from typing import Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from usage.models.calls import Call
from usage.money import format_usd
from usage.periods import find_zone
from usage.types import BudgetAction, BudgetPeriod, BudgetUnit

# The longest time that a rolling budget looks back.
MOST_HOURS = 744
# From how much of it on a budget that does not say so itself is nearly used up.
USUAL_WARN_PERCENT = 80


def validate_zone(name: str) -> None:
    """Refuse a time zone that this machine does not know."""
    try:
        find_zone(name)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class Budget(models.Model):
    """A limit on what calls may cost. What is left blank does not narrow it: with nothing chosen it is the whole site's.

    A hard budget refuses a call whose worst case has no room in it; a soft one only says that it was passed, or asks calls to
    save. What happens when a part of it, or all of it, is used is its own choice (`usage.thresholds`).

    One that counts calls is a quota. Amounts are in the budget's unit everywhere, windows, holds and raises included:
    nano-dollars, or calls.
    """

    # A change of one of these makes what was counted so far meaningless.
    COUNTING_FIELDS = frozenset(
        {
            "user",
            "group",
            "is_per_user",
            "task_type",
            "provider",
            "purpose",
            "unit",
            "period",
            "rolling_hours",
            "time_zone",
            "is_active",
        }
    )

    # Stopping before it is used up would be a smaller limit.
    AT_WARNING = tuple((one.value, one.label) for one in BudgetAction if one != BudgetAction.STOP)

    name = models.CharField(max_length=80, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Only this person's calls.",
    )
    group = models.ForeignKey(
        "auth.Group",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Only calls of this group's members, together.",
    )
    is_per_user = models.BooleanField(
        "for each user",
        default=False,
        help_text="Each person (with a group: each member) has this much for themselves.",
    )
    task_type = models.CharField(max_length=40, blank=True, help_text="Only calls of this task, such as cover_letter.")
    provider = models.CharField(max_length=40, blank=True, help_text="Only what this provider bills, such as openai.")
    purpose = models.CharField(max_length=60, blank=True, help_text="Only calls made for this, such as shadow:3.")
    period = models.CharField("starts anew", max_length=10, choices=BudgetPeriod, default=BudgetPeriod.MONTH)
    rolling_hours = models.PositiveSmallIntegerField(
        "hours that count",
        null=True,
        blank=True,
        help_text="Only where the last hours count: how many, from 1 to 744 (31 days).",
    )
    time_zone = models.CharField(
        max_length=40,
        default="",
        blank=True,
        validators=[validate_zone],
        help_text="Whose days and months, such as Europe/Berlin; empty is UTC.",
    )
    unit = models.CharField("counts", max_length=10, choices=BudgetUnit, default=BudgetUnit.MONEY)
    limit_nanousd = models.PositiveBigIntegerField(
        "limit", help_text="In nano-dollars; in calls where calls are counted."
    )
    warn_percent = models.PositiveSmallIntegerField(
        "nearly used up from",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=f"Percent of the limit, spent and held together. Empty: {USUAL_WARN_PERCENT}.",
    )
    at_warning = models.CharField(
        "then",
        max_length=10,
        choices=AT_WARNING,
        default=BudgetAction.NOTIFY,
        help_text="What happens to calls from there on; it is told in any case.",
    )
    at_limit = models.CharField(
        "when it is used up",
        max_length=10,
        choices=BudgetAction,
        blank=True,
        default="",
        help_text="Empty: a hard budget leaves only free candidates, a soft one only tells.",
    )
    is_hard = models.BooleanField(
        "hard", default=True, help_text="Refuse calls that have no room; otherwise only warn."
    )
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user=None) | models.Q(is_per_user=False),
                name="budget_one_user_or_each",
                violation_error_message="Choose one user, or each user, not both.",
            ),
            models.CheckConstraint(
                condition=models.Q(user=None) | models.Q(group=None),
                name="budget_one_user_or_a_group",
                violation_error_message="Choose one user, or a group, not both.",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    period=BudgetPeriod.ROLLING,
                    rolling_hours__isnull=False,
                    rolling_hours__gte=1,
                    rolling_hours__lte=MOST_HOURS,
                )
                | ~models.Q(period=BudgetPeriod.ROLLING) & models.Q(rolling_hours=None),
                name="budget_hours_where_they_count",
                violation_error_message="Give from 1 to 744 hours where the last hours count, and none elsewhere.",
            ),
            models.CheckConstraint(
                condition=models.Q(at_limit="")
                | models.Q(is_hard=True, at_limit__in=[BudgetAction.FREE, BudgetAction.STOP])
                | models.Q(is_hard=False, at_limit__in=[BudgetAction.NOTIFY, BudgetAction.DOWNGRADE]),
                name="budget_acts_as_hard_as_it_is",
                violation_error_message="When it is used up, a hard budget leaves only free candidates or refuses; a soft one "
                "only tells or asks the cheapest first.",
            ),
            models.CheckConstraint(
                condition=models.Q(warn_percent__gte=1, warn_percent__lte=100), name="budget_warns_within_its_limit"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def limit_in_force_nanousd(self) -> int:
        """The limit with the raises that hold now, where the row was read with them (`usage.standings` does)."""
        return self.limit_nanousd + int(getattr(self, "raised_nanousd", 0))

    @property
    def warns_from_percent(self) -> int:
        """From how many percent of the limit on it is nearly used up."""
        return USUAL_WARN_PERCENT if self.warn_percent is None else self.warn_percent

    @property
    def action_at_limit(self) -> str:
        """What happens to calls when it is used up."""
        return self.at_limit or (BudgetAction.FREE if self.is_hard else BudgetAction.NOTIFY)

    def shown(self, amount: int) -> str:
        """Return an amount of its unit for people."""
        if self.unit == BudgetUnit.CALLS:
            return f"{amount:,} call{'' if amount == 1 else 's'}"
        return format_usd(amount)

    @property
    def scope(self) -> str:
        """What it counts, in words."""
        whose = f"{self.user}" if self.user_id else "each user" if self.is_per_user else ""
        group = f"group {self.group}" if self.group_id else ""
        parts = [part for part in (whose, group, self.task_type, self.provider, self.purpose) if part]
        return ", ".join(parts) or "the whole site"


class BudgetRaise(models.Model):
    """More room in a budget for a time: from `starts_at` on, until just before `until`."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="raises")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Only this person, where the budget is for each user.",
    )
    amount_nanousd = models.PositiveBigIntegerField("amount", help_text="In nano-dollars, or in calls.")
    starts_at = models.DateTimeField("from", default=timezone.now)
    until = models.DateTimeField()
    reason = models.CharField(max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-until"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("starts_at")),
                name="budget_raise_ends_after_it_starts",
                violation_error_message="A raise ends after it begins.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason} (until {self.until:%Y-%m-%d %H:%M} UTC)"

    def clean(self) -> None:
        """Refuse a raise for one person of a budget that all share."""
        if self.user_id and not self.budget.is_per_user:
            raise ValidationError({"user": "This budget is shared: leave this empty."})


class _Amounts(Protocol):
    """What has a budget, and amounts in its unit."""

    @property
    def budget(self) -> Budget: ...
    @property
    def spent_nanousd(self) -> int: ...
    @property
    def held_nanousd(self) -> int: ...


class ShownAmounts:
    """What is spent and held of a budget, for people."""

    __slots__ = ()

    @property
    def shown_spent(self: _Amounts) -> str:
        """What is spent, for people."""
        return self.budget.shown(self.spent_nanousd)

    @property
    def shown_held(self: _Amounts) -> str:
        """What running calls hold, for people."""
        return self.budget.shown(self.held_nanousd)


class BudgetWindow(ShownAmounts, models.Model):
    """What is held and spent of a budget between two instants: for everybody (`user_key` 0), or for one user of many.

    Where the last hours count, one window without an end holds the sum of its slices; `stale_at` is when the oldest of
    them has to be taken out.
    """

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="windows")
    user_key = models.PositiveBigIntegerField(default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    held_nanousd = models.BigIntegerField(default=0)
    spent_nanousd = models.BigIntegerField(default=0)
    stale_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True, help_text="When it was last counted from the ledger.")

    class Meta:
        ordering = ["budget_id", "user_key", "starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["budget", "user_key", "starts_at"], name="budget_window_once"),
            models.CheckConstraint(condition=models.Q(held_nanousd__gte=0), name="budget_window_held_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} from {self.starts_at:%Y-%m-%d}"


class BudgetSlice(models.Model):
    """What the calls that were opened in one slice of a rolling window have spent; no window has more than 62 of them."""

    window = models.ForeignKey(BudgetWindow, on_delete=models.CASCADE, related_name="slices")
    starts_at = models.DateTimeField()
    spent_nanousd = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["window", "starts_at"]
        constraints = [models.UniqueConstraint(fields=["window", "starts_at"], name="budget_slice_once")]

    def __str__(self) -> str:
        return f"{self.window_id} at {self.starts_at:%Y-%m-%d %H:%M}"


class BudgetHold(models.Model):
    """What an open call holds in a window; the row is gone as soon as the call is settled.

    `paid_nanousd` is set when the call was written off: the amount is spent then, until a late settlement corrects it.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="holds")
    window = models.ForeignKey(BudgetWindow, on_delete=models.CASCADE, related_name="holds")
    held_nanousd = models.BigIntegerField()
    paid_nanousd = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["window__budget_id", "window__user_key", "window__starts_at"]
        constraints = [models.UniqueConstraint(fields=["call", "window"], name="budget_hold_once")]

    def __str__(self) -> str:
        return f"{self.call_id} holds {self.held_nanousd}"
