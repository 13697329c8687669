"""What has left the ledger for files."""

from django.conf import settings
from django.db import models


class Archive(models.Model):
    """A file with lines of one day that have left the database; their sums are still in the roll-ups."""

    day = models.DateField(help_text="In UTC.")
    part = models.PositiveSmallIntegerField()
    file = models.CharField(max_length=80)
    digest = models.CharField("SHA-256", max_length=64)
    calls = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    cost_nanousd = models.BigIntegerField(default=0)
    is_removed = models.BooleanField(default=False, help_text="Whether its lines are deleted.")
    is_counted = models.BooleanField(
        default=True, help_text="Whether it is kept what its deleted lines count for in budgets without an end."
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["day", "part"]
        constraints = [models.UniqueConstraint(fields=["day", "part"], name="archive_part_once")]

    def __str__(self) -> str:
        return self.file


class ArchivedSpending(models.Model):
    """What archived lines count for in budgets without an end, by what a budget can be about.

    `provider` is empty for all that a call cost, `*` for what anybody may have been asked.
    """

    user_key = models.BigIntegerField(default=0, help_text="0 for nobody.")
    task_type = models.CharField(max_length=40)
    purpose = models.CharField(max_length=60, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    spent_nanousd = models.BigIntegerField(default=0)
    calls = models.PositiveBigIntegerField(default=0, help_text="For which somebody was asked.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_key", "task_type", "purpose", "provider"], name="archived_spending_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_key} {self.task_type} {self.provider}".rstrip()


class Correction(models.Model):
    """What a line said before: a late booking took the place of an estimate, or somebody set its cost right and said why."""

    call = models.ForeignKey("usage.Call", on_delete=models.CASCADE, related_name="corrections")
    made_at = models.DateTimeField()
    status_before = models.CharField(max_length=10)
    cost_before_nanousd = models.BigIntegerField(null=True)
    status_after = models.CharField(max_length=10)
    cost_after_nanousd = models.BigIntegerField(null=True)
    reason = models.CharField(
        max_length=500, blank=True, db_default="", help_text="Empty where the site did it itself."
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["made_at"]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.cost_before_nanousd} → {self.cost_after_nanousd}"
