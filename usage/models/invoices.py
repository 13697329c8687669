"""What providers say they bill."""

from django.conf import settings
from django.db import models

from usage.types import InvoiceKind


class ProviderInvoice(models.Model):
    """A provider's file that was read. Of two files that tell of the same day, the later one holds."""

    provider = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=InvoiceKind)
    form = models.CharField(max_length=60)
    file_name = models.CharField("file", max_length=200)
    digest = models.CharField("SHA-256", max_length=64)
    time_zone = models.CharField(max_length=60, help_text="Whose midnights its days have.")
    first_day = models.DateField()
    last_day = models.DateField()
    lines = models.PositiveIntegerField()
    passed_over = models.PositiveIntegerField("lines about something else", default=0)
    billed_nanousd = models.BigIntegerField(default=0)
    imported_at = models.DateTimeField(auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-imported_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["provider", "digest"], name="invoice_file_once")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.provider})"


class BilledAmount(models.Model):
    """What a provider bills, or counts, for one model on one day; an empty model is all that names none."""

    invoice = models.ForeignKey(ProviderInvoice, on_delete=models.CASCADE, related_name="amounts")
    provider = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=InvoiceKind)
    day = models.DateField()
    model = models.CharField(max_length=120, blank=True)
    billed_nanousd = models.BigIntegerField(default=0)
    requests = models.BigIntegerField(default=0)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["day", "model"]
        constraints = [models.UniqueConstraint(fields=["provider", "kind", "day", "model"], name="billed_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.day} {self.model}"
