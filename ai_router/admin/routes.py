"""Admin of the routes: who may answer which task."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

from ai_router.admin.inlines import UntitledInline
from ai_router.models import Route, RouteCandidate
from ai_router.route_cards import list_cards
from ai_router.routes import ROUTES
from ai_router.strategies import strategy_names


def strategy_field(kept: str, *, is_required: bool = True) -> forms.ChoiceField:
    """Return a choice of the strategies that there are, and of one that is gone where it is kept."""
    known = strategy_names()
    blank = [] if is_required else [("", "As the route has it")]
    gone = [] if not kept or kept in known else [(kept, f"{kept} (not there)")]
    return forms.ChoiceField(
        choices=[*blank, *known.items(), *gone], required=is_required, widget=UnfoldAdminSelectWidget
    )


class RouteForm(forms.ModelForm):  # type: ignore[type-arg]
    """A route with the strategies that there are, the site's own included."""

    class Meta:
        model = Route
        fields = ("task_type", "strategy")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the strategies, and one that is gone where the route still names it."""
        super().__init__(*args, **kwargs)
        self.fields["strategy"] = strategy_field(self.instance.strategy)


class RouteCandidateInline(UntitledInline):
    """The candidates of a route, in order."""

    model = RouteCandidate
    fields = ("position", "provider", "model", "weight", "quality", "is_enabled")
    extra = 0


@admin.register(Route)
class RouteAdmin(ModelAdmin):
    """Routes: a page of cards, one a task."""

    form = RouteForm
    fields = ("task_type", "strategy")
    inlines = (RouteCandidateInline,)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the cards; their buttons switch a candidate on or off, or choose the strategy."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            self._take(request)
            return redirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": "Routes",
            "opts": self.opts,
            "cards": list_cards(),
            "strategies": strategy_names(),
            "may_change": self.has_change_permission(request),
            "may_add": self.has_add_permission(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/routes.html", context)

    def _take(self, request: HttpRequest) -> None:
        """Do what a button of a card says."""
        if "candidate" in request.POST:
            row = get_object_or_404(RouteCandidate, pk=_number(request.POST["candidate"]))
            row.is_enabled = not row.is_enabled
            row.save(update_fields=["is_enabled"])
            self.log_change(request, row.route, f"{row} {'on' if row.is_enabled else 'off'}")
            messages.success(request, f"{row.route}: {row} is {'on' if row.is_enabled else 'off'}.")
        else:
            route = get_object_or_404(Route, pk=_number(request.POST.get("route", "")))
            strategy = request.POST.get("strategy", "")
            if strategy not in strategy_names():
                messages.error(request, f"There is no strategy {strategy!r}.")
                return
            route.strategy = strategy
            route.save(update_fields=["strategy"])
            self.log_change(request, route, f"strategy {strategy}")
            messages.success(request, f"{route}: {strategy_names()[strategy]}.")
        ROUTES.forget()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Let what was edited hold at once in this process."""
        super().save_related(request, form, formsets, change)
        ROUTES.forget()

    def get_readonly_fields(self, request: HttpRequest, obj: Route | None = None) -> tuple[str, ...]:
        """A route keeps its task."""
        return ("task_type",) if obj else ()


def _number(raw: str) -> int:
    return int(raw) if raw.isdecimal() and len(raw) < 19 else 0
