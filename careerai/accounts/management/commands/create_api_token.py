"""An API token from the command line."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from careerai.accounts.models import User
from careerai.accounts.tokens import MAX_DAYS, create_token


class Command(BaseCommand):
    """`manage.py create_api_token`."""

    help = "Make an API token for a user and print it; it is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="username or e-mail address")
        parser.add_argument("--name", default="command line", help="what uses the token (default: %(default)s)")
        parser.add_argument(
            "--days", type=int, default=365, help="days until it expires, 0 for never (default: %(default)s)"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *, user: str, name: str, days: int, as_json: bool, **_: Any) -> None:
        owner = User.objects.filter(Q(username=user) | Q(email__iexact=user), is_active=True).first()
        if owner is None:
            message = f"There is no active user {user!r}."
            raise CommandError(message)
        if not 0 <= days <= MAX_DAYS:
            message = f"--days must be between 0 (never) and {MAX_DAYS}, not {days}."
            raise CommandError(message)
        if not name.strip() or len(name) > 80:
            message = "--name must have 1 to 80 characters."
            raise CommandError(message)
        token, plain = create_token(user=owner, name=name.strip(), days=days or None)
        expires_at = token.expires_at.isoformat() if token.expires_at else None
        if as_json:
            self.stdout.write(json.dumps({"token": plain, "name": token.name, "expires_at": expires_at}))
        else:
            self.stdout.write(plain)
