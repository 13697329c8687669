"""What budgets look like in the REST API, and what may be set."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation, Overflow
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError as ModelError
from rest_framework import serializers

from usage.budget_changes import save_budget
from usage.filters import is_plain
from usage.models import Budget, BudgetRaise
from usage.money import usd_text
from usage.standings import Standing
from usage.types import NANOUSD_PER_USD, BudgetAction, BudgetPeriod, BudgetUnit

MOST = 10**15
# What the API calls something else than the model does.
FIELDS = {"limit_nanousd": "limit", "amount_nanousd": "amount"}


def amount_text(amount: int | None, unit: str) -> str | None:
    """Return an amount as the API writes it: exact dollars, or a number of calls."""
    return str(amount) if amount is not None and unit == BudgetUnit.CALLS else usd_text(amount)


def read_amount(text: str, unit: str, field: str) -> int:
    """Return an amount in its unit.

    Raises:
        ValidationError: It is none, or none that can be kept.
    """
    try:
        number = Decimal(text.strip()) * (1 if unit == BudgetUnit.CALLS else NANOUSD_PER_USD)
        is_kept = is_plain(text) and number.is_finite() and 0 <= number <= MOST and number == int(number)
    except (InvalidOperation, Overflow):
        is_kept = False
    if not is_kept:
        wanted = "a whole number of calls" if unit == BudgetUnit.CALLS else "dollars with at most nine decimals"
        raise serializers.ValidationError({field: [f"Write {wanted}, such as “25”, up to a million dollars' worth."]})
    return int(number)


class StandingSerializer(serializers.Serializer[Standing]):
    """How a budget stands now: dollars as exact texts, or numbers of calls."""

    limit = serializers.SerializerMethodField(help_text="With the raises that hold now.")
    spent = serializers.SerializerMethodField()
    held = serializers.SerializerMethodField(help_text="By calls that are running.")
    left = serializers.SerializerMethodField()
    used_percent = serializers.FloatField()
    resets_at = serializers.DateTimeField(
        allow_null=True, help_text="Where the last hours count: when some of it is free again."
    )

    def get_limit(self, standing: Standing) -> str | None:
        return amount_text(standing.limit_nanousd, standing.budget.unit)

    def get_spent(self, standing: Standing) -> str | None:
        return amount_text(standing.spent_nanousd, standing.budget.unit)

    def get_held(self, standing: Standing) -> str | None:
        return amount_text(standing.held_nanousd, standing.budget.unit)

    def get_left(self, standing: Standing) -> str | None:
        return amount_text(standing.left_nanousd, standing.budget.unit)


class BudgetSerializer(serializers.Serializer[Budget]):
    """A budget, or a quota where `unit` is `calls`."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=80)
    unit = serializers.ChoiceField(BudgetUnit.choices, default=BudgetUnit.MONEY)
    limit = serializers.CharField(max_length=30, help_text="Dollars such as `25` or `0.50`; a number of calls.")
    period = serializers.ChoiceField(BudgetPeriod.choices, default=BudgetPeriod.MONTH)
    rolling_hours = serializers.IntegerField(required=False, allow_null=True, default=None)
    time_zone = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    user = serializers.SlugRelatedField(
        slug_field="username", queryset=get_user_model().objects.all(), required=False, allow_null=True, default=None
    )
    group = serializers.SlugRelatedField(
        slug_field="name", queryset=Group.objects.all(), required=False, allow_null=True, default=None
    )
    is_per_user = serializers.BooleanField(default=False)
    task_type = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    provider = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    is_hard = serializers.BooleanField(default=True)
    warn_percent = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="Null: 80.")
    at_warning = serializers.ChoiceField(Budget.AT_WARNING, default=BudgetAction.NOTIFY)
    at_limit = serializers.ChoiceField(
        BudgetAction.choices,
        allow_blank=True,
        default="",
        help_text="Empty: a hard one leaves free candidates, a soft one only tells.",
    )
    is_active = serializers.BooleanField(default=True)
    purpose = serializers.CharField(read_only=True)
    standing = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        # The limit in the database has another name and form.
        fields["limit"].source = "limit_nanousd"
        return fields

    def to_representation(self, budget: Budget) -> dict[str, Any]:
        shown = super().to_representation(budget)
        return shown | {"limit": amount_text(budget.limit_nanousd, budget.unit)}

    def get_standing(self, budget: Budget) -> dict[str, Any] | None:
        standings: Mapping[int, Standing] = self.context.get("standings", {})
        found = standings.get(budget.pk)
        return dict(StandingSerializer(found).data) if found else None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read the limit in the unit that holds after the change."""
        unit = attrs.get("unit", self.instance.unit if self.instance else BudgetUnit.MONEY)
        if "limit_nanousd" in attrs:
            attrs["limit_nanousd"] = read_amount(attrs["limit_nanousd"], unit, "limit")
        elif self.instance and unit != self.instance.unit:
            raise serializers.ValidationError({"limit": ["Give the limit as well when another unit is counted."]})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Budget:
        return self._save(Budget(), validated_data)

    def update(self, instance: Budget, validated_data: dict[str, Any]) -> Budget:
        return self._save(instance, validated_data)

    def _save(self, budget: Budget, values: Mapping[str, Any]) -> Budget:
        changed = [name for name, value in values.items() if getattr(budget, name) != value]
        for name, value in values.items():
            setattr(budget, name, value)
        try:
            save_budget(budget, changed=changed if budget.pk else ())
        except ModelError as error:
            raise serializers.ValidationError(form_errors(error)) from error
        return budget


class BudgetRaiseSerializer(serializers.Serializer[BudgetRaise]):
    """More room in a budget for a time."""

    id = serializers.IntegerField(read_only=True)
    amount = serializers.CharField(max_length=30, source="amount_nanousd")
    starts_at = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField()
    user = serializers.SlugRelatedField(
        slug_field="username", queryset=get_user_model().objects.all(), required=False, allow_null=True
    )
    reason = serializers.CharField(max_length=200)
    made_by = serializers.CharField(source="made_by.username", read_only=True, default=None)

    def to_representation(self, more: BudgetRaise) -> dict[str, Any]:
        return super().to_representation(more) | {"amount": amount_text(more.amount_nanousd, more.budget.unit)}

    def create(self, validated_data: dict[str, Any]) -> BudgetRaise:
        budget: Budget = self.context["budget"]
        amount = read_amount(validated_data.pop("amount_nanousd"), budget.unit, "amount")
        more = BudgetRaise(budget=budget, amount_nanousd=amount, made_by=self.context["request"].user, **validated_data)
        try:
            more.full_clean()
        except ModelError as error:
            raise serializers.ValidationError(form_errors(error)) from error
        more.save()
        return more


class BudgetWindowSerializer(serializers.Serializer[Any]):
    """What was spent of a budget in one of its windows."""

    user = serializers.CharField(allow_null=True, help_text="Whose, where each user has their own.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    spent = serializers.CharField()
    held = serializers.CharField()


def form_errors(error: ModelError) -> dict[str, list[str]]:
    """Return a model's errors by the API's names of fields."""
    return {FIELDS.get(name, name): list(said) for name, said in error.message_dict.items()}
