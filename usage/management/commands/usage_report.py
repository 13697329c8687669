"""What calls cost, in the terminal."""

import json
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from usage.api.serializers import UsageQuerySerializer, UsageSerializer
from usage.money import format_usd
from usage.reports import BreakdownRow, break_down, of_user, summarise_usage, take_tally


class Command(BaseCommand):
    """`manage.py usage_report`."""

    help = "Show how many AI calls were made in the last hours, with their tokens and their cost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", default="24", help="length of the period, which ends now (default: %(default)s)")
        parser.add_argument("--user", default="", help="only the calls of this user")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the figures of the API as JSON")

    def handle(self, *, hours: str, user: str, as_json: bool, **_: Any) -> None:
        query = UsageQuerySerializer(data={"hours": hours})
        if not query.is_valid():
            message = f"--hours {hours!r}: {' '.join(map(str, query.errors['hours']))}"
            raise CommandError(message)
        period = query.validated_data["hours"]
        user_id = _find_user(user) if user else None
        now = timezone.now()
        summary = summarise_usage(hours=period, user_id=user_id, now=now)
        if as_json:
            self.stdout.write(json.dumps(UsageSerializer(summary).data, indent=2))
            return
        self.stdout.write(
            f"Last {period} hours: {summary.total_requests} calls"
            f" ({summary.successful_requests} succeeded, {summary.failed_requests} not completed),"
            f" {summary.total_input_tokens:,} tokens in, {summary.total_output_tokens:,} out,"
            f" {format_usd(summary.cost_nanousd)}; all time {format_usd(summary.all_time_cost_nanousd)}"
        )
        if summary.unpriced_requests:
            self.stdout.write(f"Not in the cost: {summary.unpriced_requests} calls of unknown price")
        tally = take_tally(since=now - timedelta(hours=period), only=of_user(user_id))
        if tally:
            for heading, rows in (("provider", break_down(tally, "provider")), ("task", break_down(tally, "task"))):
                self.stdout.write("\n" + "\n".join(_table(heading, rows)))


def _find_user(name: str) -> int:
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        message = f"There is no user {name!r}."
        raise CommandError(message)
    return int(user.pk)


def _table(heading: str, rows: list[BreakdownRow]) -> list[str]:
    """Return the lines of a table whose columns are as wide as their longest text."""
    counted = "requests" if heading == "provider" else "calls"
    cells = [(heading, counted, "failed", "tokens in", "tokens out", "cost", "unpriced")]
    cells += [
        (
            row.name,
            f"{row.requests:,}",
            f"{row.failed:,}",
            f"{row.input_tokens:,}",
            f"{row.output_tokens:,}",
            format_usd(row.cost_nanousd),
            f"{row.unpriced:,}",
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join([name.ljust(widths[0]), *(text.rjust(width) for text, width in zip(more, widths[1:], strict=True))])
        for name, *more in cells
    ]
