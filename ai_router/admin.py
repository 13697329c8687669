"""Admin of `ai_router`: who may answer which task, and what models cost at this site."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from ai_router.models import BackgroundTask, ModelPrice, Route, RouteCandidate
from ai_router.providers import PROVIDERS, is_on
from ai_router.types import ProviderName
from usage.types import NANOUSD_PER_USD

PRICE_FIELDS = ("input", "cached_input", "cache_write", "output")


class RouteCandidateInline(TabularInline):
    """The candidates of a route, in order."""

    model = RouteCandidate
    fields = ("position", "provider", "model", "is_enabled")
    extra = 0
    hide_title = True


@admin.register(Route)
class RouteAdmin(ModelAdmin):
    """Routes: one a task."""

    list_display = ("task", "strategy", "order_of_asking")
    list_editable = ("strategy",)
    fields = ("task_type", "strategy")
    inlines = (RouteCandidateInline,)

    @admin.display(description="Task", ordering="task_type")
    def task(self, route: Route) -> str:
        return str(route)

    @admin.display(description="Asked in this order")
    def order_of_asking(self, route: Route) -> str:
        """List the candidates, and say which of them are off."""
        return " → ".join(_named(candidate) for candidate in route.candidates.all() if candidate.is_enabled)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Route]:
        queryset: QuerySet[Route] = super().get_queryset(request).prefetch_related("candidates")
        return queryset

    def get_readonly_fields(self, request: HttpRequest, obj: Route | None = None) -> tuple[str, ...]:
        """A route keeps its task."""
        return ("task_type",) if obj else ()


def _named(candidate: RouteCandidate) -> str:
    name = f"{candidate.get_provider_display()} {candidate.model}".strip()
    if candidate.provider == ProviderName.EMBEDDED or is_on(candidate.provider):
        return name
    return f"{name} (no key)" if candidate.provider in PROVIDERS else f"{name} (not built in)"


def _dollar_field(label: str, *, is_required: bool = True) -> forms.DecimalField:
    """Return a field for a price in dollars, as exact as a nano-dollar."""
    return forms.DecimalField(
        label=label,
        required=is_required,
        min_value=0,
        decimal_places=9,
        help_text="" if is_required else "Empty: as input.",
        widget=UnfoldAdminDecimalFieldWidget,
    )


class ModelPriceForm(forms.ModelForm):  # type: ignore[type-arg]
    """Prices as vendors publish them: dollars per million tokens."""

    input = _dollar_field("Input, USD per million tokens")
    cached_input = _dollar_field("Cached input", is_required=False)
    cache_write = _dollar_field("Cache write", is_required=False)
    output = _dollar_field("Output, USD per million tokens")

    class Meta:
        model = ModelPrice
        fields = ("provider", "model", "effective_from", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the kept prices in dollars."""
        super().__init__(*args, **kwargs)
        for name in PRICE_FIELDS:
            kept = getattr(self.instance, f"{name}_nanousd_per_million")
            if kept is not None:
                self.initial[name] = Decimal(kept) / NANOUSD_PER_USD

    def clean(self) -> dict[str, Any]:
        """Turn dollars into whole nano-dollars."""
        cleaned = super().clean() or {}
        for name in PRICE_FIELDS:
            dollars = cleaned.get(name)
            setattr(
                self.instance,
                f"{name}_nanousd_per_million",
                None if dollars is None else int(dollars * NANOUSD_PER_USD),
            )
        return cleaned


@admin.register(ModelPrice)
class ModelPriceAdmin(ModelAdmin):
    """Prices of the site."""

    form = ModelPriceForm
    list_display = ("provider", "model", "effective_from", "input_dollars", "output_dollars", "note")
    list_filter = ("provider",)
    fields = ("provider", "model", "effective_from", *PRICE_FIELDS, "note")

    @admin.display(description="Input, USD per million")
    def input_dollars(self, price: ModelPrice) -> str:
        return _dollars(price.input_nanousd_per_million)

    @admin.display(description="Output, USD per million")
    def output_dollars(self, price: ModelPrice) -> str:
        return _dollars(price.output_nanousd_per_million)


@admin.register(BackgroundTask)
class BackgroundTaskAdmin(ModelAdmin):
    """Background work: what waits, runs, or went wrong. Scheduling alone writes it; documents are not shown."""

    list_display = (
        "name",
        "subject_id",
        "owner",
        "state",
        "attempts",
        "failures",
        "error_code",
        "created_at",
        "finished_at",
    )
    list_filter = ("state", "name", "error_code")
    list_select_related = ("owner",)
    search_fields = ("id", "owner__username")
    search_help_text = "Id of the task, or name of the user."
    date_hierarchy = "created_at"
    fields = (
        "id", "name", "subject_id", "owner", "state", "is_cancel_requested", "attempts", "failures", "error_code",
        "progress_done", "progress_total", "lease_owner", "lease_until", "run_after", "rung_at",
        "created_at", "started_at", "finished_at",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: BackgroundTask | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: BackgroundTask | None = None) -> bool:
        return False


def _dollars(nanousd: int) -> str:
    return f"{(Decimal(nanousd) / NANOUSD_PER_USD).normalize():f}"
