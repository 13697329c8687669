"""Admin of queued requests and their messages: windows, with one lever for batches. What people asked and were answered is not shown."""

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.utils import timezone

from ai_router.admin.windows import WindowAdmin
from ai_router.batches import give_up
from ai_router.models import BatchItem, BatchState, ItemState, ProviderBatch, QueuedRequest, WebhookDelivery
from usage.audit import record
from usage.models import Call
from usage.money import format_usd
from usage.types import AuditAction, CallStatus


@admin.register(QueuedRequest)
class QueuedRequestAdmin(WindowAdmin):
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
class ProviderBatchAdmin(WindowAdmin):
    """Requests that were sent to a provider together, for less."""

    list_display = (
        "id",
        "provider",
        "model",
        "state",
        "size",
        "settled",
        "held",
        "provider_state",
        "trouble",
        "created_at",
        "expires_at",
        "ended_at",
    )
    list_filter = ("state", "provider")
    search_fields = ("provider_batch_id", "model")
    search_help_text = "Id at the provider, or model."
    date_hierarchy = "created_at"
    fields = (
        "provider", "model", "state", "size", "settled", "not_sent", "provider_batch_id", "provider_state",
        "provider_finished", "error_message", "background_task", "created_at", "attempted_at", "sent_at", "give_up_at",
        "expires_at", "cancelled_at", "given_up_at", "ended_at",
    )  # fmt: skip
    actions = ("give_up",)

    def has_give_up_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may end batches."""
        return request.user.has_perm("ai_router.change_providerbatch")

    @admin.action(description="Give up: stop, collect what is done, go the ordinary way", permissions=["give_up"])
    def give_up(self, request: HttpRequest, queryset: QuerySet[ProviderBatch]) -> None:
        """Have the chosen batches ended, with a word in the audit log."""
        given_up = [batch for batch in queryset.select_related("background_task") if give_up(batch)]
        for batch in given_up:
            record(
                AuditAction.CHANGED,
                batch,
                changes={"given_up_at": [None, timezone.now().isoformat(timespec="seconds")]},
            )
        if given_up:
            number = f"{len(given_up)} batch{'es' * (len(given_up) != 1)}"
            messages.success(
                request,
                f"{number} given up: what is done is collected, and the other requests go the ordinary way. "
                "What nobody learns of in the next quarter of an hour costs what was held.",
            )
        if len(given_up) < queryset.count():
            messages.warning(request, "Batches that have ended cannot be given up.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderBatch]:
        """Count the requests that are booked, those that went the ordinary way unsent, and what calls hold just now."""
        rows: QuerySet[ProviderBatch] = super().get_queryset(request)
        own = BatchItem.objects.filter(batch=OuterRef(OuterRef("pk")), state=ItemState.HELD).values("call_id")
        running = Call.objects.filter(pk__in=own, status=CallStatus.OPEN).order_by().values("status")
        return rows.annotate(
            settled_items=Count("items", filter=Q(items__state=ItemState.SETTLED)),
            left_items=Count("items", filter=Q(items__state=ItemState.LEFT)),
            running_nanousd=Subquery(running.annotate(held=Sum("held_nanousd")).values("held")),
        )

    @admin.display(description="booked", ordering="settled_items")
    def settled(self, batch: ProviderBatch) -> int:
        return int(getattr(batch, "settled_items", 0))

    @admin.display(description="held")
    def held(self, batch: ProviderBatch) -> str:
        """Return what its calls hold just now."""
        held: int | None = getattr(batch, "running_nanousd", None)
        return format_usd(held) if held else "–"

    @admin.display(description="trouble")
    def trouble(self, batch: ProviderBatch) -> str:
        """Return why it cannot be asked for, while it lasts."""
        return "" if batch.state == BatchState.ENDED else batch.error_message[:100]

    @admin.display(description="not sent")
    def not_sent(self, batch: ProviderBatch) -> int:
        return int(getattr(batch, "left_items", 0))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(WindowAdmin):
    """Messages that tell programs how their requests ended, and each attempt to deliver them."""

    list_display = ("id", "request", "status", "number_of_attempts", "error_message", "created_at", "finished_at")
    list_filter = ("status",)
    list_select_related = ("request",)
    date_hierarchy = "created_at"
    fields = ("request", "status", "log", "error_message", "background_task", "created_at", "finished_at")

    @admin.display(description="attempts")
    def number_of_attempts(self, delivery: WebhookDelivery) -> int:
        return len(delivery.log)
