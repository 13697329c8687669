"""Routes of the tasks, prices of the site, and background tasks: durable rows for work that a person waits for."""

from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from ai_router.types import ProviderName, StrategyName, TaskType


class Route(models.Model):
    """Who may answer a task, and by which strategy they are ordered; the embedded engine stands behind every route."""

    task_type = models.CharField(max_length=40, choices=TaskType, unique=True)
    strategy = models.CharField(max_length=40, choices=StrategyName, default=StrategyName.PREFERRED)

    class Meta:
        ordering = ["task_type"]

    def __str__(self) -> str:
        return self.get_task_type_display()


class RouteCandidate(models.Model):
    """One candidate of a route. An empty model stands for the provider's default one."""

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="candidates")
    position = models.PositiveSmallIntegerField(default=1)
    provider = models.CharField(max_length=40, choices=ProviderName)
    model = models.CharField(max_length=120, blank=True, help_text="Leave empty for the provider's default model.")
    is_enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["route", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["route", "provider", "model"], name="route_candidate_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}" if self.model else self.provider

    def clean(self) -> None:
        """Refuse a model for the embedded engine, which has none."""
        if self.provider == ProviderName.EMBEDDED and self.model:
            raise ValidationError({"model": "The embedded engine has no models: leave this empty."})


class ModelPrice(models.Model):
    """A price of this site for one model, from a moment on; it comes before the published one.

    Money is integer nano-dollars for a million tokens, so that every published price is exact.
    """

    provider = models.CharField(max_length=40, choices=ProviderName)
    model = models.CharField(max_length=120)
    effective_from = models.DateTimeField(default=timezone.now)
    input_nanousd_per_million = models.PositiveBigIntegerField()
    cached_input_nanousd_per_million = models.PositiveBigIntegerField(null=True, blank=True)
    cache_write_nanousd_per_million = models.PositiveBigIntegerField(null=True, blank=True)
    output_nanousd_per_million = models.PositiveBigIntegerField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["provider", "model", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "model", "effective_from"], name="model_price_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}/{self.model} from {self.effective_from:%Y-%m-%d %H:%M} UTC"


class TaskState(models.TextChoices):
    """How a background task stands."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class BackgroundTask(models.Model):
    """One piece of background work. The row is the truth, the broker's message only wakes a worker.

    `name` is the Celery task's name, `subject_id` the key of the row that it works on. A worker claims the row with
    `lease_owner` until `lease_until`, renews the lease while it works, and finishes it in the transaction of its effect.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often a worker has claimed the task.")
    failures = models.PositiveSmallIntegerField(
        default=0, help_text="How many of the attempts ended in an error; the others were interrupted."
    )
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    run_after = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the broker was last asked to wake a worker."
    )
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    progress_message = models.CharField(max_length=200, blank=True)
    is_cancel_requested = models.BooleanField(default=False)
    error_code = models.CharField(max_length=50, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "lease_until"]), models.Index(fields=["name", "subject_id"])]

    def __str__(self) -> str:
        return f"{self.name} {self.subject_id} ({self.get_state_display()})"
