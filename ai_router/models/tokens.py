"""How many tokens vendors count for one of ours."""

from django.db import models


class TokenRatio(models.Model):
    """What a vendor has counted for the last requests to a model, as thousandths of our own count, the newest last.

    Written by `ai_router.token_ratios` alone, from the ledger. Requests with a schema or tools are kept apart: how vendors
    render those is not published.
    """

    provider = models.CharField(max_length=40)
    family = models.CharField(max_length=120)
    is_structured = models.BooleanField("with a schema or tools", default=False)
    permille = models.JSONField(default=list)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["provider", "family", "is_structured"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "family", "is_structured"], name="token_ratio_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}/{self.family}{' with a schema or tools' if self.is_structured else ''}"
