"""Admin of the limits: how much may be asked."""

from django.contrib import admin
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ai_router.models import RateLimit


@admin.register(RateLimit)
class RateLimitAdmin(ModelAdmin):
    """Limits of people, tasks, providers and the site; what stands in the settings holds where none is set here."""

    list_display = (
        "whose",
        "requests_per_minute",
        "tokens_per_minute",
        "running_at_once",
        "share",
        "is_active",
        "note",
    )
    list_filter = ("is_active", "provider", "task_type")
    list_select_related = ("user", "group")
    autocomplete_fields = ("user", "group")
    search_fields = ("user__username", "group__name", "note")
    fieldsets = (
        ("Whose calls", {"fields": (("user", "is_per_user", "group"), ("task_type", "provider"))}),
        ("How much", {"fields": (("requests_per_minute", "tokens_per_minute", "running_at_once"), "share")}),
        (None, {"fields": ("is_active", "note")}),
    )

    @display(description="Whose calls", ordering="provider")
    def whose(self, limit: RateLimit) -> str:
        return limit.scope
