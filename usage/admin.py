"""The ledger to look at, and the budgets to set."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from usage.alerts import admin as alerts_admin
from usage.budgets import reset_windows
from usage.models import Attempt, Budget, BudgetRaise, Call
from usage.money import format_usd
from usage.types import NANOUSD_PER_USD, BudgetPeriod, CallStatus

STATUS_COLOURS = {
    CallStatus.OPEN: "info",
    CallStatus.SUCCEEDED: "success",
    CallStatus.INCOMPLETE: "warning",
    CallStatus.CANCELLED: "warning",
    CallStatus.FAILED: "danger",
    CallStatus.UNKNOWN: "danger",
}


class ReadOnly:
    """Nothing can be added, changed or deleted: the ledger is evidence."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AttemptInline(ReadOnly, TabularInline):
    """The attempts of a call, in the order in which they were made."""

    model = Attempt
    fields = ("ordinal", "provider", "model", "status", "tokens", "cost", "duration_ms", "error_class", "http_status")
    readonly_fields = ("tokens", "cost")
    extra = 0
    ordering = ("ordinal",)

    @display(description="Tokens in / out")
    def tokens(self, attempt: Attempt) -> str:
        return f"{attempt.total_input_tokens:,} / {attempt.total_output_tokens:,}"

    @display(description="Cost")
    def cost(self, attempt: Attempt) -> str:
        return format_usd(attempt.cost_nanousd)


class WhoseFilter(admin.SimpleListFilter):
    """Calls of people, or what the site asked beside them."""

    title = "made for"
    parameter_name = "made_for"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("people", "People"), ("shadow", "Shadow traffic")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        if self.value() == "people":
            return queryset.filter(purpose="")
        return queryset.filter(shadow_of__isnull=False) if self.value() == "shadow" else queryset


@admin.register(Call)
class CallAdmin(ReadOnly, ModelAdmin):
    """Every call, newest first."""

    list_display = ("created_at", "task_type", "user", "answered_by", "tokens", "cost", "latency", "shown_status")
    list_filter = ("status", "task_type", "provider", "is_cached", WhoseFilter, ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("user",)
    list_per_page = 50
    search_fields = ("id", "request_id", "user__username", "user__email", "model", "error_class")
    show_full_result_count = False
    date_hierarchy = "created_at"
    inlines = (AttemptInline,)
    fieldsets = (
        (None, {"fields": (("task_type", "status"), ("user", "created_at", "settled_at"), "decision")}),
        ("Answer", {"fields": (("provider", "model", "is_cached"), ("latency_ms", "first_token_ms"), "error_class")}),
        ("Money", {"fields": (("cost", "held", "is_estimated"), "expires_at")}),
        (
            "Tokens",
            {
                "fields": (
                    ("input_tokens", "cached_input_tokens", "cache_write_tokens"),
                    ("output_tokens", "reasoning_tokens"),
                )
            },
        ),
        ("Names", {"fields": ("id", ("prompt_version", "request_id"), ("purpose", "shadow_of"))}),
    )

    @display(description="Answered by")
    def answered_by(self, call: Call) -> str:
        return f"{call.provider}/{call.model}" if call.provider else "–"

    @display(description="Tokens in / out")
    def tokens(self, call: Call) -> str:
        return f"{call.total_input_tokens:,} / {call.total_output_tokens:,}"

    @display(description="Cost", ordering="cost_nanousd")
    def cost(self, call: Call) -> str:
        return "–" if call.status == CallStatus.OPEN else format_usd(call.cost_nanousd)

    @display(description="Held at the start")
    def held(self, call: Call) -> str:
        return format_usd(call.held_nanousd)

    @display(description="Took", ordering="latency_ms")
    def latency(self, call: Call) -> str:
        return "–" if call.latency_ms is None else f"{call.latency_ms / 1000:.1f} s"

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def shown_status(self, call: Call) -> tuple[str, str]:
        return call.status, call.get_status_display()


class DollarsField(forms.Field):
    """An amount of dollars that is kept as nano-dollars, without passing through a float."""

    widget = UnfoldAdminTextInputWidget
    default_error_messages = {
        "invalid": "Write an amount of dollars such as 25 or 0.50.",
        "range": "Write an amount from 0 to 1,000,000 with at most nine decimals.",
    }

    def to_python(self, value: str | None) -> int | None:
        if value in self.empty_values:
            return None
        try:
            nanousd = Decimal(str(value).strip().removeprefix("$").replace(",", "")) * NANOUSD_PER_USD
        except InvalidOperation as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if not nanousd.is_finite() or not 0 <= nanousd <= 10**6 * NANOUSD_PER_USD or nanousd != int(nanousd):
            raise ValidationError(self.error_messages["range"], code="range")
        return int(nanousd)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        return f"{Decimal(value) / NANOUSD_PER_USD:f}"


class BudgetForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """A budget with its limit in dollars."""

    limit_nanousd = DollarsField(label="Limit in dollars", help_text="Such as 25 or 0.50.")

    class Meta:
        model = Budget
        fields = (
            "name",
            "limit_nanousd",
            "period",
            "rolling_hours",
            "time_zone",
            "is_hard",
            "is_active",
            "user",
            "group",
            "is_per_user",
            "task_type",
            "provider",
        )


@admin.register(Budget)
class BudgetAdmin(ModelAdmin):
    """Limits on what calls may cost."""

    form = BudgetForm
    list_display = ("name", "limit", "starts_anew", "is_hard", "counts", "is_active")
    list_filter = ("is_active", "is_hard", "period")
    search_fields = ("name",)
    autocomplete_fields = ("user",)
    fieldsets = (
        (
            None,
            {"fields": ("name", "limit_nanousd", ("period", "rolling_hours", "time_zone"), ("is_hard", "is_active"))},
        ),
        ("What it counts", {"fields": ("user", ("is_per_user", "group"), ("task_type", "provider"))}),
    )

    @display(description="Limit", ordering="limit_nanousd")
    def limit(self, budget: Budget) -> str:
        return format_usd(budget.limit_nanousd)

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
        super().save_model(request, obj, form, change)
        if change and Budget.COUNTING_FIELDS.intersection(form.changed_data):
            reset_windows(obj)


class BudgetRaiseForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """A raise with its amount in dollars."""

    amount_nanousd = DollarsField(label="More, in dollars", help_text="What is added to the limit, such as 5.")

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
    fields = ("budget", "amount_nanousd", ("starts_at", "until"), "user", "reason")

    @display(description="More", ordering="amount_nanousd")
    def amount(self, more: BudgetRaise) -> str:
        return format_usd(more.amount_nanousd)

    def save_model(self, request: HttpRequest, obj: BudgetRaise, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's form
        if not change:
            obj.made_by_id = request.user.pk
        super().save_model(request, obj, form, change)


# Registered with this module, which is the one that Django looks for.
__all__ = ["alerts_admin"]
