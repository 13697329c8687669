"""Who may see what a group's calls add up to."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models


class GroupOwner(models.Model):
    """A person who sees the figures and budgets of a group: sums, never a text. They need not be staff, nor a member."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["group__name", "user__username"]
        verbose_name = "group owner"
        constraints = [
            models.UniqueConstraint(
                fields=["group", "user"],
                name="group_owner_once",
                violation_error_message="They own this group already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} owns {self.group}"
