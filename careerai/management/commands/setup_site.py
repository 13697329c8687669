"""Prepares a site, or brings it up to date."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from careerai.first_steps import make_first_user


class Command(BaseCommand):
    """`manage.py setup_site`."""

    help = "Bring the database up to date and, on a new site, make the first user with a sample CV and posting. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-sample", action="store_true", help="make the first user without sample documents")

    def handle(self, *, no_sample: bool, **_: Any) -> None:
        email = settings.FIRST_USER_EMAIL
        try:
            validate_email(email)
        except ValidationError:
            message = f"FIRST_USER_EMAIL is no e-mail address: {email!r}."
            raise CommandError(message) from None
        call_command("migrate", verbosity=0, interactive=False)
        made = make_first_user(email=email, password=settings.FIRST_USER_PASSWORD, with_sample=not no_sample)
        if made is None:
            self.stdout.write("The database is up to date.")
            return
        user, password = made
        shown = "as set in FIRST_USER_PASSWORD" if settings.FIRST_USER_PASSWORD else password
        self.stdout.write("The site is ready. Sign in as the first user, who may also enter the administration:")
        self.stdout.write(f"  user      {user.username}  (or {user.email})")
        self.stdout.write(f"  password  {shown}")
        if not settings.FIRST_USER_PASSWORD:
            self.stdout.write(
                f"The password is shown this once; 'manage.py changepassword {user.username}' sets another one."
            )
