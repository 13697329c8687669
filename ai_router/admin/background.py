"""Admin of background work: a window, no lever."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ai_router.models import BackgroundTask


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
