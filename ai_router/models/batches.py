"""Batches of providers: requests that can wait, sent together for less."""

from uuid import uuid4

from django.db import models

from ai_router.models.background import BackgroundTask
from ai_router.models.requests import QueuedRequest


class BatchState(models.TextChoices):
    """How a batch stands here."""

    COLLECTING = "collecting", "Collecting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "At the provider"
    ENDED = "ended", "Ended"


class ItemState(models.TextChoices):
    """How a request stands in its batch."""

    WAITING = "waiting", "Waiting to be sent"
    HELD = "held", "Sent, its cost held"
    SETTLED = "settled", "Settled"
    LEFT = "left", "Not sent"


class ProviderBatch(models.Model):
    """Requests of one model that have the same time, sent to its provider together.

    `key` is ours and goes along, so that a batch whose `provider_batch_id` was lost is found again; `attempted_at` says since
    when there may be one. After `give_up_at` the batch is stopped, and what is not done goes the ordinary way. At `expires_at`
    its provider ends it; `given_up_at` is when an operator gave it up. `last_looks` counts the looks in a row since then, or since
    its time was over, that brought nothing.
    """

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=120)
    window_seconds = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.COLLECTING)
    size = models.PositiveIntegerField(default=0, help_text="How many requests were put into it.")
    weight_bytes = models.BigIntegerField(default=0, help_text="About the most that goes up and comes down.")
    give_up_at = models.DateTimeField()
    key_id = models.CharField(max_length=12, blank=True, help_text="Which of the provider's keys it belongs to.")
    provider_batch_id = models.CharField("id at the provider", max_length=120, blank=True)
    not_ours = models.JSONField(default=list, blank=True, editable=False)
    provider_state = models.CharField("says the provider", max_length=40, blank=True)
    provider_finished = models.PositiveIntegerField("done, says the provider", default=0)
    error_message = models.CharField(max_length=500, blank=True)
    background_task = models.ForeignKey(
        BackgroundTask, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    attempted_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField("ends at the provider", null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    last_looks = models.PositiveSmallIntegerField(default=0, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "provider batches"
        indexes = [models.Index(fields=["state", "provider", "model"])]

    def __str__(self) -> str:
        return f"batch {self.pk} of {self.provider}/{self.model} ({self.get_state_display()})"


class BatchItem(models.Model):
    """A request in a batch, which it is in once at most; `call_id` is its line in the ledger and its name at the provider.

    `sent` are role and text of the messages as the provider got them, until it is known what that cost; `digest` is that of all
    that was sent: an answer to anything else would be of no use.
    """

    batch = models.ForeignKey(ProviderBatch, on_delete=models.CASCADE, related_name="items")
    request = models.OneToOneField(
        QueuedRequest, on_delete=models.SET_NULL, null=True, blank=True, related_name="batch_item"
    )
    call_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.WAITING)
    held_at = models.DateTimeField(null=True, blank=True)
    sent = models.JSONField(default=list, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.call_id} ({self.get_state_display()})"
