"""Admin of queued requests and their messages: windows, no levers. What people asked and were answered is not shown."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ai_router.models import QueuedRequest, WebhookDelivery


class _WindowAdmin(ModelAdmin):
    """Rows that only the program writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(QueuedRequest)
class QueuedRequestAdmin(_WindowAdmin):
    """Prompts of other programs that wait for their turn, run, or have ended."""

    list_display = ("id", "owner", "status", "priority", "scheduled_at", "error_code", "created_at", "finished_at")
    list_filter = ("status", "priority", "error_code")
    list_select_related = ("owner",)
    search_fields = ("owner__username",)
    search_help_text = "Name of the user."
    date_hierarchy = "created_at"
    fields = (
        "owner", "status", "priority", "scheduled_at", "webhook_url", "background_task", "error_code", "error_message",
        "created_at", "finished_at",
    )  # fmt: skip


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(_WindowAdmin):
    """Messages that tell programs how their requests ended, and each attempt to deliver them."""

    list_display = ("id", "request", "status", "number_of_attempts", "error_message", "created_at", "finished_at")
    list_filter = ("status",)
    list_select_related = ("request",)
    date_hierarchy = "created_at"
    fields = ("request", "status", "log", "error_message", "background_task", "created_at", "finished_at")

    @admin.display(description="attempts")
    def number_of_attempts(self, delivery: WebhookDelivery) -> int:
        return len(delivery.log)
