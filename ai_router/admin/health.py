"""Admin page of how providers and models did: the scores that workers keep, over time."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.admin import ModelAdmin

from ai_router.health_history import read_history
from ai_router.models import HealthPoint
from usage.periods import PERIODS, find_period

DEFAULT_PERIOD = "7d"


@admin.register(HealthPoint)
class HealthPointAdmin(ModelAdmin):
    """How providers did: a page of plots; nothing can be added or changed."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the scores of the chosen period."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        period = find_period(request.GET.get("period", DEFAULT_PERIOD))
        context = {
            **self.admin_site.each_context(request),
            "title": "How providers did",
            "opts": self.opts,
            "periods": PERIODS,
            "period": period,
            "histories": read_history(since=timezone.now() - timedelta(hours=period.hours)),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/ai_router/health.html", context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: HealthPoint | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: HealthPoint | None = None) -> bool:
        return False
