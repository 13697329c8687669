"""Admin of queued requests and their messages: windows, no levers. What people asked and were answered is not shown."""

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ai_router.models import BatchItem, ItemState, ProviderBatch, QueuedRequest, WebhookDelivery


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

    list_display = (
        "id", "owner", "status", "priority", "scheduled_at", "complete_by", "error_code", "created_at", "finished_at",
    )  # fmt: skip
    list_filter = ("status", "priority", "error_code")
    list_select_related = ("owner",)
    search_fields = ("owner__username",)
    search_help_text = "Name of the user."
    date_hierarchy = "created_at"
    fields = (
        "owner", "status", "priority", "scheduled_at", "complete_by", "batch", "webhook_url", "background_task", "error_code",
        "error_message", "created_at", "finished_at",
    )  # fmt: skip

    @admin.display(description="batch")
    def batch(self, request: QueuedRequest) -> ProviderBatch | None:
        item: BatchItem | None = getattr(request, "batch_item", None)
        return item.batch if item else None


@admin.register(ProviderBatch)
class ProviderBatchAdmin(_WindowAdmin):
    """Requests that were sent to a provider together, for less."""

    list_display = ("id", "provider", "model", "state", "size", "settled", "provider_state", "created_at", "ended_at")
    list_filter = ("state", "provider")
    search_fields = ("provider_batch_id", "model")
    search_help_text = "Id at the provider, or model."
    date_hierarchy = "created_at"
    fields = (
        "provider", "model", "state", "size", "settled", "not_sent", "provider_batch_id", "provider_state",
        "provider_finished", "error_message", "background_task", "created_at", "attempted_at", "sent_at", "give_up_at",
        "cancelled_at", "ended_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderBatch]:
        """Count the requests that are booked, and those that went the ordinary way unsent."""
        rows: QuerySet[ProviderBatch] = super().get_queryset(request)
        return rows.annotate(
            settled_items=Count("items", filter=Q(items__state=ItemState.SETTLED)),
            left_items=Count("items", filter=Q(items__state=ItemState.LEFT)),
        )

    @admin.display(description="booked", ordering="settled_items")
    def settled(self, batch: ProviderBatch) -> int:
        return int(getattr(batch, "settled_items", 0))

    @admin.display(description="not sent")
    def not_sent(self, batch: ProviderBatch) -> int:
        return int(getattr(batch, "left_items", 0))


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
