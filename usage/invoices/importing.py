"""Keeping what a provider's file says; the same file twice changes nothing."""

import hashlib
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from usage.errors import InvoiceFormError
from usage.invoices.reading import ALIASES, FORMS, read_statement
from usage.models import BilledAmount, ProviderInvoice


@dataclass(frozen=True, slots=True)
class Imported:
    """The file as it is kept, and whether it was known before."""

    invoice: ProviderInvoice
    is_known: bool = False


def provider_named(name: str) -> str:
    """Return the provider's name as the ledger has it: `google` is `gemini`, `xai` is `grok`."""
    plain = name.strip().lower()
    return ALIASES.get(plain, plain)


@transaction.atomic
def import_invoice(content: bytes, *, provider: str, file_name: str, time_zone: str = "", user: Any = None) -> Imported:
    """Read a provider's file and keep what it says by day and model.

    A day that an earlier file told of is replaced as a whole, so a file has to have all of its days: all projects,
    workspaces and keys. A file that was read before changes nothing; with another zone it takes its own place.

    Args:
        content: The file.
        provider: Whose it is, as the ledger names it.
        file_name: For people.
        time_zone: Whose midnights its days have, where it is not what the form says.
        user: Who imports it; None for commands.

    Raises:
        InvoiceFormError: The file cannot be read; nothing is kept.
    """
    _check_zone(time_zone)
    digest = hashlib.sha256(content).hexdigest()
    known = ProviderInvoice.objects.filter(provider=provider, digest=digest).first()
    if known is not None and (not time_zone or known.time_zone == time_zone):
        return Imported(known, is_known=True)
    statement = read_statement(content, provider=provider)
    if known is not None:
        known.delete()
    days = {one.day for one in statement.billed}
    invoice = ProviderInvoice.objects.create(
        provider=provider,
        kind=statement.kind,
        form=statement.form,
        file_name=file_name[:200],
        digest=digest,
        time_zone=time_zone or statement.time_zone,
        first_day=min(days),
        last_day=max(days),
        lines=statement.lines,
        passed_over=statement.passed_over,
        billed_nanousd=sum(one.nanousd for one in statement.billed),
        imported_by=user,
    )
    BilledAmount.objects.filter(provider=provider, kind=statement.kind, day__in=days).delete()
    BilledAmount.objects.bulk_create(
        [
            BilledAmount(
                invoice=invoice,
                provider=provider,
                kind=statement.kind,
                day=one.day,
                model=one.model,
                billed_nanousd=one.nanousd,
                requests=one.requests,
                input_tokens=one.input_tokens,
                output_tokens=one.output_tokens,
            )
            for one in statement.billed
        ],
        batch_size=500,
    )
    return Imported(invoice)


def known_providers() -> list[str]:
    """Return the providers whose own forms are known."""
    return sorted(FORMS)


def _check_zone(time_zone: str) -> None:
    try:
        ZoneInfo(time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{time_zone!r} is no time zone such as Europe/Berlin."
        raise InvoiceFormError(message) from None
