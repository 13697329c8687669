"""Admin of the routes: who may answer which task."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from ai_router.models import Route, RouteCandidate
from ai_router.providers import PROVIDERS, is_on
from ai_router.strategies import strategy_names
from ai_router.types import ProviderName


class RouteForm(forms.ModelForm):  # type: ignore[type-arg]
    """A route with the strategies that there are, the site's own included."""

    class Meta:
        model = Route
        fields = ("task_type", "strategy")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the strategies, and one that is gone where the route still names it."""
        super().__init__(*args, **kwargs)
        choices = strategy_names()
        kept = self.instance.strategy
        self.fields["strategy"] = forms.ChoiceField(
            choices=[*choices.items(), *([] if kept in choices else [(kept, f"{kept} (not there)")])],
            widget=UnfoldAdminSelectWidget,
        )


class RouteCandidateInline(TabularInline):
    """The candidates of a route, in order."""

    model = RouteCandidate
    fields = ("position", "provider", "model", "weight", "quality", "is_enabled")
    extra = 0
    hide_title = True


@admin.register(Route)
class RouteAdmin(ModelAdmin):
    """Routes: one a task."""

    form = RouteForm
    list_display = ("task", "strategy_name", "order_of_asking")
    fields = ("task_type", "strategy")
    inlines = (RouteCandidateInline,)

    @admin.display(description="Task", ordering="task_type")
    def task(self, route: Route) -> str:
        return str(route)

    @admin.display(description="Strategy", ordering="strategy")
    def strategy_name(self, route: Route) -> str:
        return strategy_names().get(route.strategy, f"{route.strategy} (not there)")

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
