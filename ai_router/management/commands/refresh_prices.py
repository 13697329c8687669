"""Makes the price table from the installed price data."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ai_router.price_data import PACKAGE, TABLE, table_of_the_package


class Command(BaseCommand):
    """`manage.py refresh_prices`."""

    help = (
        f"Make the table of published prices from the installed version of {PACKAGE}, after it was updated. Processes "
        "that run read it when they start again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail if the table is not up to date")

    def handle(self, *, check: bool, **_: Any) -> None:
        table = "".join(table_of_the_package())
        if TABLE.exists() and TABLE.read_text(encoding="utf-8") == table:
            self.stdout.write("The price table is up to date.")
        elif check:
            message = "The price table is not up to date; `manage.py refresh_prices` makes a new one."
            raise CommandError(message)
        else:
            TABLE.write_text(table, encoding="utf-8")
            self.stdout.write(f"The price table has {table.count(chr(10))} lines now.")
