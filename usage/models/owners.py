"""Who may see what a group's calls add up to, and who belonged to it when."""

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


class GroupMembership(models.Model):
    """How long a person belonged to a group: from `since` to just before `until`, or until now.

    Accounts only know the groups of today; this is written beside them (`usage.memberships`).
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["since"]
        indexes = [models.Index(fields=["user", "group"], name="group_memberships_of_a_user")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id} from {self.since:%Y-%m-%d}"
