"""Routes of the tasks."""

from django.core.exceptions import ValidationError
from django.db import models

from ai_router.types import ProviderName, StrategyName, TaskType, provider_choices


class Route(models.Model):
    """Who may answer a task, and by which strategy they are ordered; the embedded engine stands behind every route."""

    task_type = models.CharField(max_length=40, choices=TaskType, unique=True)
    strategy = models.CharField(max_length=40, default=StrategyName.PREFERRED)

    class Meta:
        ordering = ["task_type"]

    def __str__(self) -> str:
        return self.get_task_type_display()


class ListedCandidate(models.Model):
    """A candidate as routes and pools list it. An empty model stands for the provider's default one."""

    position = models.PositiveSmallIntegerField(default=1)
    provider = models.CharField(max_length=40, choices=provider_choices)
    model = models.CharField(max_length=120, blank=True, help_text="Leave empty for the provider's default model.")
    weight = models.PositiveSmallIntegerField(
        default=1, help_text="Share of first questions under “by weight”; 0 is asked last."
    )
    quality = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Higher is better, usually 1 to 5; empty takes the model's tier."
    )
    is_enabled = models.BooleanField("on", default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}" if self.model else self.provider

    def clean(self) -> None:
        """Refuse a model for the embedded engine, which has none."""
        if self.provider == ProviderName.EMBEDDED and self.model:
            raise ValidationError({"model": "The embedded engine has no models: leave this empty."})


class RouteCandidate(ListedCandidate):
    """One candidate of a route."""

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="candidates")

    class Meta:
        ordering = ["route", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["route", "provider", "model"], name="route_candidate_once"),
        ]
