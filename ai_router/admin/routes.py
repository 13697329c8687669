"""Admin of the routes: who may answer which task."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from ai_router.models import Route, RouteCandidate
from ai_router.providers import PROVIDERS, is_on
from ai_router.types import ProviderName


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
