"""Books the calls that nobody will book any more."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from usage.ledger import reconcile_expired_calls
from usage.models import Call
from usage.types import CallStatus


class Command(BaseCommand):
    """`manage.py reconcile_usage`."""

    help = (
        "Settle the calls whose process ended before it could book them: each that has expired becomes 'unknown' and "
        "costs what was held for it. Workers do this by themselves every few seconds."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the numbers as JSON")

    def handle(self, *, as_json: bool, **_: Any) -> None:
        settled = reconcile_expired_calls()
        running = Call.objects.filter(status=CallStatus.OPEN).count()
        if as_json:
            self.stdout.write(json.dumps({"settled": settled, "still_open": running}))
        else:
            self.stdout.write(f"Settled {settled} expired calls; {running} are open and have not expired.")
