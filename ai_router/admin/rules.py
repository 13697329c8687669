"""Admin of rules and pools: a field for each condition."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from pydantic import ValidationError as InvalidConditions
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from ai_router.admin.inlines import UntitledInline
from ai_router.admin.routes import strategy_field
from ai_router.conditions import Conditions
from ai_router.models import Pool, PoolCandidate, RoutingRule
from ai_router.models.rules import RuleAction
from ai_router.rules import RULES
from ai_router.types import ProviderName, TaskType

WORDS = "Separated by commas."
DAYS = [("mon", "Monday"), ("tue", "Tuesday"), ("wed", "Wednesday"), ("thu", "Thursday"), ("fri", "Friday"),
        ("sat", "Saturday"), ("sun", "Sunday")]  # fmt: skip


class WordsField(forms.CharField):
    """Words separated by commas, as a list."""

    widget = UnfoldAdminTextInputWidget

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [word.strip() for word in str(value or "").split(",") if word.strip()]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


def _several(label: str, choices: Any, help_text: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        required=False,
        help_text=help_text,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


def _whole(label: str, help_text: str = "", *, most: int | None = None) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=most, help_text=help_text,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip


def _exact(label: str, help_text: str, decimals: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=0, decimal_places=decimals, help_text=help_text,
        widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip


class RoutingRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule; its conditions are fields here and JSON in the table."""

    tasks = _several("Tasks", TaskType.choices)
    groups = _several("Groups", (), "The user is in one of them.")
    users = WordsField(label="Users", required=False, help_text=WORDS)
    needs = _several(
        "Needs",
        [("images", "Pictures"), ("documents", "Documents"), ("tools", "Tools"), ("schema", "A schema")],
        "The request has all of them.",
    )
    min_input_tokens = _whole("Input tokens, at least")
    max_input_tokens = _whole("Input tokens, at most")
    languages = WordsField(label="Languages", required=False, help_text="Such as de, pl. As the caller says.")
    tags = WordsField(label="Tags", required=False, help_text=f"One of them is on the request. {WORDS}")
    priorities = _several("Priorities", [("low", "Low"), ("normal", "Normal"), ("high", "High")])
    latency_bound_seconds = _exact("Wanted within seconds", "The caller wants it within so many, or fewer.", 3)
    cost_bound_usd = _exact("Wanted for USD", "The caller wants to pay so much at most, or less.", 9)
    budget_used_percent = _whole("Used of a budget, percent", "At least so much of the fullest that applies.", most=100)
    hours = forms.CharField(
        label="Hours", required=False, help_text="Such as 22:00-06:00.", widget=UnfoldAdminTextInputWidget
    )
    days = _several("Days", DAYS, "A night belongs to the day on which it began.")
    time_zone = forms.CharField(
        label="Time zone", required=False, help_text="Such as Europe/Warsaw; empty: UTC.",
        widget=UnfoldAdminTextInputWidget,
    )  # fmt: skip

    class Meta:
        model = RoutingRule
        fields = ("name", "priority", "is_enabled", "action", "pool", "strategy", "provider", "model", "message")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the kept conditions in their fields."""
        super().__init__(*args, **kwargs)
        kept = self.instance.conditions
        self.fields["strategy"] = strategy_field(self.instance.strategy, is_required=False)
        self.fields["provider"] = forms.ChoiceField(
            label="Pinned provider", required=False, choices=[("", "–"), *ProviderName.choices],
            widget=UnfoldAdminSelectWidget,
        )  # fmt: skip
        names = {*Group.objects.values_list("name", flat=True), *kept.get("groups", ())}
        groups = self.fields["groups"]
        if isinstance(groups, forms.MultipleChoiceField):
            groups.choices = [(name, name) for name in sorted(names)]
        self.initial.update({name: value for name, value in kept.items() if name in Conditions.model_fields})

    def clean(self) -> dict[str, Any]:
        """Put the fields together to conditions, and say at the field what is wrong with one."""
        cleaned = super().clean() or {}
        given = {name: cleaned[name] for name in Conditions.model_fields if cleaned.get(name) not in (None, "", [])}
        try:
            self.instance.conditions = Conditions.model_validate(given).given()
        except InvalidConditions as error:
            for part in error.errors(include_url=False, include_input=False):
                place = str(part["loc"][0]) if part["loc"] else "max_input_tokens"
                self.add_error(place, ValidationError(part["msg"].removeprefix("Value error, ")))
        return cleaned


@admin.register(RoutingRule)
class RoutingRuleAdmin(ModelAdmin):
    """Rules, in the order of trying."""

    form = RoutingRuleForm
    list_display = ("name", "priority", "is_enabled", "what_for", "what_then")
    list_editable = ("priority", "is_enabled")
    list_filter = ("is_enabled", "action")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", ("priority", "is_enabled"))}),
        (
            "What it does",
            {"fields": ("action", ("pool", "strategy"), ("provider", "model"), "message")},
        ),
        (
            "For which requests",
            {
                "description": "All that is given must hold. Nothing given holds for every request.",
                "fields": (
                    "tasks",
                    ("users", "groups"),
                    "needs",
                    ("min_input_tokens", "max_input_tokens"),
                    ("languages", "tags"),
                    "priorities",
                ),
            },
        ),
        ("Bounds", {"fields": (("latency_bound_seconds", "cost_bound_usd"), "budget_used_percent")}),
        ("When", {"fields": (("hours", "time_zone"), "days")}),
    )

    @display(description="For")
    def what_for(self, rule: RoutingRule) -> str:
        """Return the conditions in a line."""
        parts = [f"{name.replace('_', ' ')}: {_spoken(value)}" for name, value in rule.conditions.items()]
        return "; ".join(parts) or "every request"

    @display(description="Then")
    def what_then(self, rule: RoutingRule) -> str:
        """Return what the rule does in a line."""
        if rule.action == RuleAction.DENY:
            return f"refuse: {rule.message}"
        if rule.action == RuleAction.PIN:
            return f"ask {rule.provider}/{rule.model or 'its default model'}"
        return ", ".join(filter(None, (f"pool {rule.pool}" if rule.pool else "", rule.strategy)))

    def save_model(self, request: HttpRequest, obj: RoutingRule, form: Any, change: bool) -> None:  # noqa: FBT001
        """Let the rule hold at once in this process."""
        super().save_model(request, obj, form, change)
        RULES.forget()


def _spoken(value: Any) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


class PoolCandidateInline(UntitledInline):
    """The candidates of a pool, in order."""

    model = PoolCandidate
    fields = ("position", "provider", "model", "weight", "quality", "is_enabled")
    extra = 0


@admin.register(Pool)
class PoolAdmin(ModelAdmin):
    """Pools of candidates that rules name."""

    list_display = ("name", "candidate_names", "rule_names")
    search_fields = ("name",)
    inlines = (PoolCandidateInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("candidates", "routingrule_set")

    @display(description="Asked in this order")
    def candidate_names(self, pool: Pool) -> str:
        return " → ".join(str(row) for row in pool.candidates.all() if row.is_enabled) or "nobody"

    @display(description="Rules")
    def rule_names(self, pool: Pool) -> str:
        return ", ".join(rule.name for rule in pool.routingrule_set.all()) or "–"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Let the pool hold at once in this process."""
        super().save_related(request, form, formsets, change)
        RULES.forget()
