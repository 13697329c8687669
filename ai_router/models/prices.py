"""Prices of the site."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from ai_router.service_tiers import MAX_NAME, tier_named
from ai_router.types import provider_choices


class ModelPrice(models.Model):
    """A price of this site for one model and service tier, from a moment on; it comes before the published one.

    Money is integer nano-dollars for a million tokens, so that every published price is exact.
    """

    provider = models.CharField(max_length=40, choices=provider_choices)
    model = models.CharField(max_length=120)
    service_tier = models.CharField(
        max_length=MAX_NAME,
        blank=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_-]*$", "A tier is a word of small letters, such as batch.")],
        help_text="Such as batch, flex or priority, as the provider's answers name it. Empty: the standard tier.",
    )
    effective_from = models.DateTimeField(default=timezone.now)
    input_nanousd_per_million = models.PositiveBigIntegerField()
    cached_input_nanousd_per_million = models.PositiveBigIntegerField(null=True, blank=True)
    cache_write_nanousd_per_million = models.PositiveBigIntegerField(null=True, blank=True)
    output_nanousd_per_million = models.PositiveBigIntegerField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["provider", "model", "service_tier", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "model", "service_tier", "effective_from"], name="model_price_once"
            ),
        ]

    def __str__(self) -> str:
        tier = f" ({self.service_tier})" if self.service_tier else ""
        return f"{self.provider}/{self.model}{tier} from {self.effective_from:%Y-%m-%d %H:%M} UTC"

    def clean(self) -> None:
        """Take a provider's word for its standard tier as what it is."""
        self.service_tier = tier_named(self.service_tier)
