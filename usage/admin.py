"""The budgets to set; the ledger and the alerts have modules of their own."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from unfold.admin import ModelAdmin
from unfold.decorators import display

from usage import corrections_admin, ledger_admin
from usage.alerts import admin as alerts_admin
from usage.alerts.subjects import user_names
from usage.budget_changes import save_budget
from usage.invoices import admin as invoices_admin
from usage.models import AuditEntry, Budget, BudgetRaise, GroupOwner
from usage.money_field import DollarsField
from usage.standings import Standing, list_standings
from usage.types import NANOUSD_PER_USD, BudgetPeriod, BudgetUnit

# How much of a budget's past is shown with it.
WINDOWS_SHOWN, CHANGES_SHOWN = 24, 10


def in_unit(amount: int, unit: str) -> int:
    """Return what was written as dollars in a budget's unit.

    Raises:
        ValidationError: It is no whole number of calls.
    """
    if unit != BudgetUnit.CALLS:
        return amount
    if amount % NANOUSD_PER_USD:
        message = "Write a whole number of calls."
        raise ValidationError(message)
    return amount // NANOUSD_PER_USD


class BudgetForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """A budget with its limit in dollars, or in calls."""

    limit_nanousd = DollarsField(label="Limit", help_text="Dollars such as 25 or 0.50; or a number of calls.")

    def __init__(self, *args: Any, **more: Any) -> None:
        """Show calls as they are."""
        super().__init__(*args, **more)
        if self.instance.unit == BudgetUnit.CALLS:
            self.initial["limit_nanousd"] = self.instance.limit_nanousd * NANOUSD_PER_USD

    def clean(self) -> dict[str, Any]:
        """Read the limit in the unit that is chosen."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if "unit" in values and values.get("limit_nanousd") is not None:
            try:
                values["limit_nanousd"] = in_unit(values["limit_nanousd"], values["unit"])
            except ValidationError as error:
                self.add_error("limit_nanousd", error)
        return values

    class Meta:
        model = Budget
        fields = (
            "name",
            "unit",
            "limit_nanousd",
            "period",
            "rolling_hours",
            "time_zone",
            "is_hard",
            "is_active",
            "warn_percent",
            "at_warning",
            "at_limit",
            "user",
            "group",
            "is_per_user",
            "task_type",
            "provider",
        )


@admin.register(Budget)
class BudgetAdmin(ModelAdmin):
    """Limits on what calls may cost, and on how many there may be: how they stand, and what became of them."""

    form = BudgetForm
    list_display = ("name", "limit", "stands", "starts_anew", "is_hard", "counts", "is_active")
    list_filter = ("is_active", "is_hard", "unit", "period")
    readonly_fields = ("now", "history")
    search_fields = ("name",)
    autocomplete_fields = ("user",)
    fieldsets = (
        (
            None,
            {"fields": ("name", ("unit", "limit_nanousd"), ("period", "rolling_hours"), "time_zone", "is_active")},
        ),
        ("What happens", {"fields": ("is_hard", ("warn_percent", "at_warning"), "at_limit")}),
        ("What it counts", {"fields": ("user", ("is_per_user", "group"), ("task_type", "provider"))}),
        ("How it stands", {"fields": ("now", "history")}),
    )

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["careerai/budgets.css"]}

    @display(description="Limit", ordering="limit_nanousd")
    def limit(self, budget: Budget) -> str:
        return budget.shown(budget.limit_nanousd)

    @display(description="Spent, held, left")
    def stands(self, budget: Budget) -> str:
        return _standing_html(getattr(budget, "standing", None), budget, is_whole=False)

    @display(description="Now")
    def now(self, budget: Budget) -> str:
        return _once(budget, "now", lambda: self._stand_now(budget))

    def _stand_now(self, budget: Budget) -> str:
        found = {one.budget.pk: one for one in list_standings()} if budget.pk else {}
        return _standing_html(found.get(budget.pk), budget, is_whole=True)

    @display(description="History")
    def history(self, budget: Budget) -> str:
        return _once(budget, "history", lambda: self._tell_history(budget))

    def _tell_history(self, budget: Budget) -> str:
        if not budget.pk:
            return "–"
        windows = list(budget.windows.order_by("-starts_at", "-spent_nanousd")[:WINDOWS_SHOWN])
        names = user_names({window.user_key for window in windows} - {0})
        rows = []
        for window in windows:
            window.budget = budget
            rows.append((window, names.get(window.user_key, "everybody")))
        changes = AuditEntry.objects.filter(model=Budget._meta.verbose_name, object_id=str(budget.pk))[:CHANGES_SHOWN]
        context = {"budget": budget, "windows": rows, "changes": changes}
        return render_to_string("admin/usage/_budget_history.html", context)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, each budget with how it stands, read together."""
        shown = super().get_changelist_instance(request)
        standings = {one.budget.pk: one for one in list_standings()}
        for budget in shown.result_list:
            budget.standing = standings.get(budget.pk)
        return shown

    @display(description="Starts anew", ordering="period")
    def starts_anew(self, budget: Budget) -> str:
        if budget.rolling_hours:
            return f"Never: the last {budget.rolling_hours} hours count"
        zone = (
            "" if budget.time_zone in {"", "UTC"} or budget.period == BudgetPeriod.TOTAL else f" ({budget.time_zone})"
        )
        return f"{budget.get_period_display()}{zone}"

    @display(description="Counts")
    def counts(self, budget: Budget) -> str:
        return budget.scope

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        found: QuerySet[Budget] = super().get_queryset(request)
        return found.select_related("user", "group")

    def save_model(self, request: HttpRequest, obj: Budget, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's form
        save_budget(obj, changed=form.changed_data if change else ())


def _once(budget: Budget, name: str, tell: Callable[[], str]) -> str:
    """Return what is told of a budget on its page, worked out once: the theme asks for it again and again."""
    told: dict[str, str] = budget.__dict__.setdefault("_told", {})
    if name not in told:
        told[name] = tell()
    return told[name]


def _standing_html(standing: Standing | None, budget: Budget, *, is_whole: bool) -> str:
    """Return how a budget stands as a bar; of one that stands otherwise for each user, or not at all, in words."""
    if standing is None:
        return "For each user for themselves" if budget.is_per_user else "Not in force"
    return render_to_string("admin/usage/_budget_standing.html", {"standing": standing, "is_whole": is_whole})


class BudgetRaiseForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """A raise with its amount in dollars, or in calls."""

    amount_nanousd = DollarsField(label="More", help_text="What is added to the limit: dollars such as 5, or calls.")

    def __init__(self, *args: Any, **more: Any) -> None:
        """Show calls as they are."""
        super().__init__(*args, **more)
        if self.instance.budget_id and self.instance.budget.unit == BudgetUnit.CALLS:
            self.initial["amount_nanousd"] = self.instance.amount_nanousd * NANOUSD_PER_USD

    def clean(self) -> dict[str, Any]:
        """Read the amount in the budget's unit."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if "budget" in values and values.get("amount_nanousd") is not None:
            try:
                values["amount_nanousd"] = in_unit(values["amount_nanousd"], values["budget"].unit)
            except ValidationError as error:
                self.add_error("amount_nanousd", error)
        return values

    class Meta:
        model = BudgetRaise
        fields = ("budget", "amount_nanousd", "starts_at", "until", "user", "reason")


@admin.register(BudgetRaise)
class BudgetRaiseAdmin(ModelAdmin):
    """More room in a budget for a time; who gave it is kept."""

    form = BudgetRaiseForm
    list_display = ("budget", "amount", "starts_at", "until", "user", "reason", "made_by")
    list_filter = ("budget",)
    list_select_related = ("budget", "user", "made_by")
    autocomplete_fields = ("user",)
    fields = ("budget", "amount_nanousd", "starts_at", "until", "user", "reason")

    @display(description="More", ordering="amount_nanousd")
    def amount(self, more: BudgetRaise) -> str:
        return more.budget.shown(more.amount_nanousd)

    def save_model(self, request: HttpRequest, obj: BudgetRaise, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's form
        if not change:
            obj.made_by_id = request.user.pk
        super().save_model(request, obj, form, change)


@admin.register(GroupOwner)
class GroupOwnerAdmin(ModelAdmin):
    """Who sees a group's figures and budgets without being staff."""

    list_display = ("group", "user", "made_at")
    list_filter = ("group",)
    list_select_related = ("group", "user")
    search_fields = ("group__name", "user__username")
    autocomplete_fields = ("group", "user")


# Registered with this module, which is the one that Django looks for.
__all__ = ["alerts_admin", "corrections_admin", "invoices_admin", "ledger_admin"]
