"""What the semantic cache keeps: answers with the vector of what was asked, and how right it would have been."""

from django.conf import settings
from django.db import models


class SemanticEntry(models.Model):
    """An answer that may serve another wording of the same question, in one partition; vectors of others are never compared.

    `guard` is the digest of the words that must be the same, `sealed` the answer, which only its partition opens.
    """

    partition = models.CharField(max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    task_type = models.CharField(max_length=40)
    engine = models.CharField(max_length=80)
    dimensions = models.PositiveSmallIntegerField()
    vector = models.BinaryField()
    guard = models.BigIntegerField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["partition", "id"]
        indexes = [models.Index(fields=["partition", "id"])]

    def __str__(self) -> str:
        return f"{self.task_type} {self.partition[:12]}"


class SemanticOutcome(models.Model):
    """How often a kept answer would have been right or wrong, by band of similarity, for the evidence of one pool."""

    pool = models.CharField(max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    task_type = models.CharField(max_length=40)
    band = models.PositiveSmallIntegerField()
    right = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pool", "band"]
        constraints = [models.UniqueConstraint(fields=["pool", "band"], name="semantic_outcome_once")]

    def __str__(self) -> str:
        return f"{self.task_type} {self.pool[:12]} {self.band}"
