"""Books the calls that nobody will book any more."""

import json
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from usage.errors import InvoiceFormError
from usage.invoices.comparing import compare
from usage.invoices.importing import import_invoice, provider_named
from usage.invoices.telling import invoice_answer, invoice_lines
from usage.ledger import reconcile_expired_calls
from usage.models import Call
from usage.rollup_repair import find_differences
from usage.rollup_repair import rebuild as make_anew
from usage.types import CallStatus


class Command(BaseCommand):
    """`manage.py reconcile_usage`."""

    help = (
        "Settle the calls whose process ended before it could book them: each that has expired becomes 'unknown' and "
        "costs what was held for it. Workers do this by themselves every few seconds. Then compare the roll-ups with the lines."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=2,
            help="compare the last so many days, 0 for all there are (default: %(default)s)",
        )
        parser.add_argument(
            "--rebuild", action="store_true", help="make the roll-ups of days that differ anew from the lines"
        )
        parser.add_argument("--invoice", metavar="FILE", help="instead, import what a provider bills, and compare it")
        parser.add_argument("--provider", metavar="NAME", help="whose invoice: openai, anthropic, google, groq, xai, …")
        parser.add_argument(
            "--time-zone", default="", help="whose midnights its days have, where the form of the file says otherwise"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the numbers as JSON")

    def handle(self, *, days: int, rebuild: bool, as_json: bool, **options: Any) -> None:
        if options["invoice"] or options["provider"]:
            self._compare_invoice(options["invoice"], options["provider"], options["time_zone"], as_json=as_json)
            return
        if days < 0:
            message = f"--days {days}: must not be negative."
            raise CommandError(message)
        settled = reconcile_expired_calls()
        running = Call.objects.filter(status=CallStatus.OPEN).count()
        today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        differences = list(
            find_differences([today - timedelta(days=number) for number in range(days)] if days else None)
        )
        if rebuild:
            make_anew(sorted({difference.day for difference in differences}))
        if as_json:
            found = [{"day": f"{one.day:%Y-%m-%d}", "rows": one.grain.label, "by": one.by} for one in differences]
            answer = {
                "settled": settled,
                "still_open": running,
                "differences": found,
                "rebuilt": rebuild and bool(found),
            }
            self.stdout.write(json.dumps(answer))
            return
        self.stdout.write(f"Settled {settled} expired calls; {running} are open and have not expired.")
        for difference in differences:
            self.stdout.write(f"Roll-ups differ from the lines on {difference}")
        if differences:
            self.stdout.write("They were made anew." if rebuild else "Run with --rebuild to make them anew.")

    def _compare_invoice(self, file: str | None, provider: str | None, time_zone: str, *, as_json: bool) -> None:
        """Import a provider's file and print its days beside the ledger's."""
        if not file or not provider:
            message = "--invoice FILE and --provider NAME go together."
            raise CommandError(message)
        path, name = Path(file), provider_named(provider)
        try:
            imported = import_invoice(path.read_bytes(), provider=name, file_name=path.name, time_zone=time_zone)
        except OSError as error:
            message = f"{file}: {error.strerror}."
            raise CommandError(message) from error
        except InvoiceFormError as error:
            message = f"{file}: {error.user_message}"
            raise CommandError(message) from error
        invoice = imported.invoice
        found = compare(name, since=invoice.first_day, until=invoice.last_day)
        if as_json:
            self.stdout.write(json.dumps(invoice_answer(imported, found)))
            return
        again = "was imported before; nothing changed" if imported.is_known else f"{invoice.lines} lines read"
        self.stdout.write(f"{invoice.form}, {invoice.first_day} to {invoice.last_day} ({invoice.time_zone}): {again}.")
        for line in invoice_lines(found):
            self.stdout.write(line)
