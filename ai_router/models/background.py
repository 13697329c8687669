"""Background tasks: durable rows for work that a person waits for."""

from uuid import uuid4

from django.conf import settings
from django.db import models


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
    priority = models.PositiveSmallIntegerField(default=5, help_text="From 0 to 9, the most urgent.")
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
    request_id = models.CharField(max_length=64, blank=True, db_default="", help_text="Of the request that began it.")
    trace_parent = models.CharField(max_length=55, blank=True, db_default="", editable=False)
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
