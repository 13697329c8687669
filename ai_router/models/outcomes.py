"""What came of the answers of each model to each prompt."""

from django.core.validators import MinValueValidator
from django.db import models

from ai_router.situation import Tally


class ModelOutcome(models.Model):
    """How often a model's answers to a prompt pass the task's verifier, and what they cost and take; old ones fade.

    Written by `ai_router.outcomes` alone, from the ledger. `answers` counts all there ever were, the other figures fade.
    """

    task_type = models.CharField(max_length=40)
    prompt_version = models.CharField(max_length=80, blank=True)
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=120)
    is_escalation = models.BooleanField("asked after another failed", default=False)
    answers = models.PositiveBigIntegerField(default=0)
    passed = models.FloatField(default=0.0, validators=[MinValueValidator(0)])
    rejected = models.FloatField(default=0.0, validators=[MinValueValidator(0)])
    paid_nanousd = models.FloatField(default=0.0)
    expected_nanousd = models.FloatField(default=0.0)
    seconds = models.FloatField(default=0.0)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["task_type", "prompt_version", "provider", "model", "is_escalation"]
        constraints = [
            models.UniqueConstraint(
                fields=["task_type", "prompt_version", "provider", "model", "is_escalation"], name="model_outcome_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_type}: {self.provider}/{self.model}"

    @property
    def tally(self) -> Tally:
        """The figures as a value."""
        return Tally(self.passed, self.rejected, self.paid_nanousd, self.expected_nanousd, self.seconds)

    @tally.setter
    def tally(self, tally: Tally) -> None:
        self.passed, self.rejected, self.seconds = tally.passed, tally.rejected, tally.seconds
        self.paid_nanousd, self.expected_nanousd = tally.paid, tally.expected


class OutcomeMark(models.Model):
    """Up to when the ledger has been learned from: one row."""

    learned_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"learned until {self.learned_until.isoformat()}"
