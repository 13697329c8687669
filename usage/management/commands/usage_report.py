"""What calls cost, in the terminal."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rest_framework.exceptions import ValidationError

from usage.api.queries import UsageQuerySerializer
from usage.api.serializers import UsageSerializer
from usage.money import format_usd
from usage.reports import BreakdownRow, break_down, summarise_period, take_tally

NARROWED = ("user", "group", "task", "provider", "model", "prompt_version", "purpose", "experiment", "arm")


class Command(BaseCommand):
    """`manage.py usage_report`."""

    help = "Show how many AI calls were made in the last hours, with their tokens and their cost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", help="length of the period, which ends now (default: 24)")
        parser.add_argument("--since", help="first day in UTC, in place of --hours, such as 2026-11-01")
        parser.add_argument("--until", help="last day in UTC (default: today)")
        for name in NARROWED:
            parser.add_argument(f"--{name.replace('_', '-')}", help=f"only the calls of this {name.replace('_', ' ')}")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the figures of the API as JSON")

    def handle(self, *, as_json: bool, **options: Any) -> None:
        names = ("hours", "since", "until", *NARROWED)
        query = UsageQuerySerializer(data={name: options[name] for name in names if options[name] is not None})
        try:
            query.is_valid(raise_exception=True)
            asked = query.asked(None)
        except ValidationError as error:
            raise CommandError(_worded(error, options)) from error
        summary = summarise_period(since=asked.since, until=asked.until, hours=asked.hours, only=asked.only)
        if as_json:
            self.stdout.write(json.dumps(UsageSerializer(summary).data, indent=2))
            return
        period = (
            f"Last {asked.hours} hours"
            if "since" not in query.validated_data
            else f"{asked.hours} hours from {asked.since:%Y-%m-%d}"
        )
        self.stdout.write(
            f"{period}: {summary.total_requests} calls"
            f" ({summary.successful_requests} succeeded, {summary.failed_requests} not completed),"
            f" {summary.total_input_tokens:,} tokens in, {summary.total_output_tokens:,} out,"
            f" {format_usd(summary.cost_nanousd)}; all time {format_usd(summary.all_time_cost_nanousd)}"
        )
        if summary.unpriced_requests:
            self.stdout.write(f"Not in the cost: {summary.unpriced_requests} calls of unknown price")
        tally = take_tally(since=asked.since, until=asked.until, only=asked.only)
        if tally:
            for heading, rows in (("provider", break_down(tally, "provider")), ("task", break_down(tally, "task"))):
                self.stdout.write("\n" + "\n".join(_table(heading, rows)))


def _worded(error: ValidationError, options: dict[str, Any]) -> str:
    """Return what is wrong with which option, in one line."""
    details: Any = error.detail
    name, problems = next(iter(details.items()))
    said = " ".join(map(str, problems if isinstance(problems, list) else [problems]))
    return f"--{name.replace('_', '-')} {options.get(name)!r}: {said}"


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
