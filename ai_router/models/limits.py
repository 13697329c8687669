"""Limits of the site on how much is asked."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from ai_router.types import TaskType, provider_choices

MEASURES = ("requests_per_minute", "tokens_per_minute", "running_at_once")


class RateLimit(models.Model):
    """How much may be asked in a minute, and at once: by a person, by a group, of a task, of a provider, or of the whole site.

    People's limits, without a task, take the place of the settings. All others hold beside each other. A group's limit is that
    of its members together, and none of them may use up what the others need. A provider's limit is nobody's fault: calls
    wait for it or go to the next candidate.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Only this person; goes before what holds for each user.",
    )
    group = models.ForeignKey(
        Group,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="The members of this group together, fairly shared.",
    )
    is_per_user = models.BooleanField("for each user", default=False, help_text="Each person for themselves.")
    task_type = models.CharField(max_length=40, choices=TaskType, blank=True, help_text="Only calls of this task.")
    provider = models.CharField(
        max_length=40, choices=provider_choices, blank=True, help_text="Only requests to this provider, of everybody."
    )
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: not limited here.")
    tokens_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Sent and written together. Empty: not limited here."
    )
    running_at_once = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: not limited here.")
    share = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1)],
        help_text="For one user: how many turns they get where others get one, when calls wait for a provider.",
    )
    is_active = models.BooleanField("active", default=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["provider", "task_type", "user_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "task_type"],
                condition=models.Q(user__isnull=False),
                name="rate_limit_once_a_user",
                violation_error_message="There is a limit for the same calls already.",
            ),
            models.UniqueConstraint(
                fields=["is_per_user", "task_type", "provider"],
                condition=models.Q(user=None, group=None),
                name="rate_limit_once",
                violation_error_message="There is a limit for the same calls already.",
            ),
            models.UniqueConstraint(
                fields=["group", "task_type"],
                condition=models.Q(group__isnull=False),
                name="rate_limit_once_a_group",
                violation_error_message="There is a limit for the same calls already.",
            ),
            models.CheckConstraint(
                condition=models.Q(group=None) | models.Q(user=None, is_per_user=False),
                name="rate_limit_of_a_group_alone",
                violation_error_message="Choose one user, each user, or a group: only one of these.",
            ),
            models.CheckConstraint(
                condition=models.Q(user=None) | models.Q(is_per_user=False),
                name="rate_limit_one_user_or_each",
                violation_error_message="Choose one user, or each user, not both.",
            ),
            models.CheckConstraint(
                condition=models.Q(provider="") | models.Q(user=None, group=None, is_per_user=False, task_type=""),
                name="rate_limit_of_a_provider_is_for_all",
                violation_error_message="A provider's limit is for everybody and every task.",
            ),
            models.CheckConstraint(condition=models.Q(share__gte=1), name="rate_limit_share_is_positive"),
        ]

    def __str__(self) -> str:
        return self.scope

    @property
    def scope(self) -> str:
        """Whose calls it limits, in words."""
        if self.provider:
            return str(self.get_provider_display())
        whose = str(self.user) if self.user_id else "each user" if self.is_per_user else ""
        whose = f"group {self.group}" if self.group_id else whose
        task = f"{self.get_task_type_display()}" if self.task_type else ""
        return ", ".join(part for part in (whose, task) if part) or "the whole site"

    def clean(self) -> None:
        """Refuse a limit of nothing, which would stop everybody, and one that limits nothing."""
        given = [getattr(self, name) for name in MEASURES]
        if 0 in given:
            raise ValidationError(
                "A limit of 0 would stop every call: leave the field empty, or switch the provider off."
            )
        if not any(given) and self.share == 1:
            raise ValidationError("Say what is limited: requests, tokens, or what runs at once.")
