"""Who changed what of the site's settings, and when."""

from django.conf import settings
from django.db import models

from usage.types import AuditAction


class AuditEntry(models.Model):
    """One change: who, what, when, why, and each field before and after. Lines are only added.

    `actor` is empty for what the site does by itself, `actor_name` says who it was even when the account is gone.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField("who", max_length=150)
    action = models.CharField(max_length=12, choices=AuditAction)
    model = models.CharField("what", max_length=100)
    object_id = models.CharField(max_length=64)
    object_name = models.CharField("which", max_length=200)
    changes = models.JSONField(default=dict)
    reason = models.CharField("why", max_length=500, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit log"
        indexes = [models.Index(fields=["model", "object_id"])]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.get_action_display().lower()} {self.object_name}"
