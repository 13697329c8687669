"""Requests that wait for their turn, and the messages that tell other programs how they ended."""

import base64

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from ai_router.models.background import BackgroundTask, TaskState
from ai_router.sealing import unseal


class RequestStatus(models.TextChoices):
    """How a request stands: as its task, or in a batch of a provider's while the task waits."""

    QUEUED = "queued", "Waiting"
    BATCHED = "batched", "In a batch"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class QueuedRequestQuerySet(models.QuerySet["QueuedRequest"]):
    """Questions about many requests."""

    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> "QueuedRequestQuerySet":
        """Return those that this user made and has not forgotten."""
        return self.filter(owner_id=user.pk, is_forgotten=False)

    def waiting(self) -> "QueuedRequestQuerySet":
        """Return those that have not ended."""
        return self.filter(status__in=(RequestStatus.QUEUED, RequestStatus.BATCHED, RequestStatus.RUNNING))


class QueuedRequest(models.Model):
    """A prompt that is answered in the background; `status` follows its task.

    `body` is what was asked, as the API checked it, `answer` what came of it. A program that is not sure whether its request
    arrived sends it again with the same `idempotency_key`; `digest` tells a repetition from another request. One that can wait
    is answered until `complete_by`, `window_seconds` after it came or was to begin. One that is forgotten while its provider
    works on it is kept, seen by nobody, until it is known what that cost.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token_id = models.PositiveBigIntegerField(
        "API token", null=True, blank=True, help_text="With which it was asked for."
    )
    status = models.CharField(max_length=10, choices=RequestStatus, default=RequestStatus.QUEUED)
    priority = models.PositiveSmallIntegerField(default=5)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    window_seconds = models.PositiveIntegerField(null=True, blank=True)
    complete_by = models.DateTimeField(null=True, blank=True)
    is_forgotten = models.BooleanField(default=False, editable=False)
    body = models.JSONField()
    answer = models.JSONField(null=True, blank=True)
    webhook_url = models.URLField(max_length=500, blank=True)
    idempotency_key = models.CharField(max_length=255, blank=True)
    digest = models.CharField(max_length=64)
    background_task = models.ForeignKey(
        BackgroundTask, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    error_code = models.CharField(max_length=50, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = QueuedRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["owner", "status"])]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "idempotency_key"], condition=~Q(idempotency_key=""), name="request_idempotent_once"
            )
        ]

    def __str__(self) -> str:
        return f"request {self.pk} ({self.get_status_display()})"

    @property
    def asker(self) -> AbstractBaseUser:
        """Its owner as they came, with the API token: so its call counts for both, and a stop of the token holds for it."""
        self.owner.api_token_id = self.token_id
        return self.owner


class WebhookSecret(models.Model):
    """What a user's messages are signed with, sealed; shown once, when it is made."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sealed = models.TextField(editable=False)
    created_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"secret of {self.owner_id}"

    def key(self) -> bytes:
        """Return what messages are signed with.

        Raises:
            UnreadableSecretError: It was sealed with a `SECRET_KEY` that the site does not know any more.
        """
        return base64.b64decode(unseal(self.sealed))


class WebhookDelivery(models.Model):
    """One message about a request that ended; `log` has a line for each attempt to deliver it."""

    request = models.ForeignKey(QueuedRequest, on_delete=models.CASCADE, related_name="deliveries")
    status = models.CharField(max_length=10, choices=TaskState, default=TaskState.QUEUED)
    log = models.JSONField(default=list)
    background_task = models.ForeignKey(
        BackgroundTask, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    error_code = models.CharField(max_length=50, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "webhook deliveries"

    def __str__(self) -> str:
        return f"message about request {self.request_id} ({self.get_status_display()})"
