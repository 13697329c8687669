"""Books the calls that nobody will book any more."""

import json
from datetime import UTC, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

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
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the numbers as JSON")

    def handle(self, *, days: int, rebuild: bool, as_json: bool, **_: Any) -> None:
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
