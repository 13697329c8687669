"""How well providers and models did, every quarter of an hour."""

from django.db import models


class HealthPoint(models.Model):
    """The health of a provider, or of one of its models, in the minutes before a moment; of the whole where `provider` is empty.

    Written by `ai_router.health_history` alone. Who was not asked has no point, unless something is wrong with it.
    """

    at = models.DateTimeField()
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True, help_text="Empty for all of the provider.")
    score = models.PositiveSmallIntegerField(help_text="0 to 100.")
    errors = models.FloatField(default=0.0, help_text="What was taken off for failed requests.")
    latency = models.FloatField(default=0.0, help_text="What was taken off for slow answers.")
    anomalies = models.FloatField(default=0.0, help_text="What was taken off for breakers, keys and unknown prices.")
    requests = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    p50_ms = models.PositiveIntegerField(null=True)
    p95_ms = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["at", "provider", "model"]
        constraints = [models.UniqueConstraint(fields=["at", "provider", "model"], name="health_point_once")]

    def __str__(self) -> str:
        return f"{self.provider or 'all'}{f'/{self.model}' if self.model else ''}: {self.score}"
