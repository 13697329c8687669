"""Makes up traffic."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from usage.models import Call
from usage.seeding import seed_calls


class Command(BaseCommand):
    """`manage.py seed_usage`."""

    help = (
        "Fill the ledger with made-up calls of people that do not exist, to try reports and to measure. Not for a site in use: "
        "they cannot be told from real ones."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--calls", type=int, default=10_000, help="how many (default: %(default)s)")
        parser.add_argument("--days", type=int, default=30, help="over how many days before now (default: %(default)s)")
        parser.add_argument("--users", type=int, default=40, help="of how many people (default: %(default)s)")
        parser.add_argument(
            "--seed", type=int, default=1, help="the same number makes the same calls (default: %(default)s)"
        )
        parser.add_argument("--force", action="store_true", help="also where there are real calls")

    def handle(self, *, calls: int, days: int, users: int, seed: int, force: bool, verbosity: int, **_: Any) -> None:
        for name, value in (("calls", calls), ("days", days), ("users", users)):
            if value < 1:
                message = f"--{name} {value}: must be at least 1."
                raise CommandError(message)
        if not force and Call.objects.exclude(request_id="seed").exists():
            message = "This ledger has real calls, and made-up ones cannot be told from them. Use --force to write them all the same."
            raise CommandError(message)
        written = 0
        for written in seed_calls(calls=calls, days=days, users=users, seed=seed, until=timezone.now()):
            if verbosity > 1:
                self.stdout.write(f"{written:,} calls")
        self.stdout.write(f"{written:,} calls of {users} people in {days} days.")
