"""What the caches keep: accepted answers, and how often the caches were emptied."""

from uuid import uuid4

from django.conf import settings
from django.db import models


class KeptAnswer(models.Model):
    """An accepted answer that the same request may be given again.

    `key` is a digest of the request, and `sealed` can only be opened with the request itself: neither prompt nor answer can
    be read from the table.
    """

    key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    task_type = models.CharField(max_length=40)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.task_type} {self.key[:12]}"


class CacheGeneration(models.Model):
    """Changes when a part of the caches is emptied: keys are made with it, so that no process finds an older answer.

    `part` is `site`, `user:<id>` or `task:<name>`.
    """

    part = models.CharField(max_length=80, primary_key=True)
    token = models.UUIDField(default=uuid4)

    class Meta:
        ordering = ["part"]

    def __str__(self) -> str:
        return self.part
