"""Prices of the site."""

from django.db import models
from django.utils import timezone

from ai_router.types import provider_choices


class ModelPrice(models.Model):
    """A price of this site for one model, from a moment on; it comes before the published one.

    Money is integer nano-dollars for a million tokens, so that every published price is exact.
    """

    provider = models.CharField(max_length=40, choices=provider_choices)
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
