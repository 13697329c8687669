"""Moves old lines of the ledger to files."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from usage.archiving import LEAST_DAYS, archive_lines
from usage.errors import ArchiveInUseError, BrokenArchiveError


class Command(BaseCommand):
    """`manage.py archive_usage`."""

    help = (
        "Write the calls of days that are long over to compressed files of JSON, and delete them from the database. What they "
        "add up to stays: reports and totals do not change. May be stopped and started again at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=400,
            help=f"keep the calls of so many days, at least {LEAST_DAYS} (default: %(default)s)",
        )
        parser.add_argument(
            "--output", type=Path, default=settings.DATA_DIR / "archive", help="folder (default: %(default)s)"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the numbers as JSON")

    def handle(self, *, days: int, output: Path, as_json: bool, **_: Any) -> None:
        if days < LEAST_DAYS:
            message = (
                f"--days {days}: at least {LEAST_DAYS} days are kept, as budgets may have to be counted anew from them."
            )
            raise CommandError(message)
        try:
            done = archive_lines(output, older_than_days=days, now=timezone.now())
        except (ArchiveInUseError, BrokenArchiveError, OSError) as error:
            raise CommandError(str(error)) from error
        if as_json:
            self.stdout.write(json.dumps(asdict(done)))
        else:
            self.stdout.write(
                f"Archived {done.calls:,} calls with {done.attempts:,} attempts in {done.files} files, in {output}."
            )
            if done.counted:
                self.stdout.write(
                    f"Budgets without an end count the lines of {done.counted} older files as well from now on."
                )
