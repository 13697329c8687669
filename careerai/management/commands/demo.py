"""The main job without a browser."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ai_router.errors import RouterError
from careerai import samples
from careerai.accounts.models import User
from careerai.walkthrough import Step, StepFailedError, Walkthrough
from cv.errors import CVError
from jobs.errors import JobsError
from usage.errors import UsageError

USERNAME = "demo-command"


class Command(BaseCommand):
    """`manage.py demo`."""

    help = (
        "Read a CV, match it with a posting, tailor it, accept all changes, write the letter, export everything and list"
        " what it cost. Uses the sample CV and posting unless others are given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder for the results")
        parser.add_argument("--cv", type=Path, metavar="FILE", help="a CV in place of the sample")
        parser.add_argument("--job", type=Path, metavar="FILE", help="a posting in place of the sample")
        parser.add_argument("--provider", default="auto", help="auto or embedded (default: %(default)s)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the summary as JSON")

    def handle(
        self, *, output: Path, cv: Path | None, job: Path | None, provider: str, as_json: bool, **_: Any
    ) -> None:
        cv_data = _read(cv) if cv else samples.sample_cv()
        posting = _read(job).decode("utf-8", errors="replace") if job else samples.sample_posting()
        call_command("migrate", verbosity=0, interactive=False)
        say = self.stderr.write if as_json else self.stdout.write
        run = Walkthrough(_user(), output, provider=provider, say=say)
        try:
            steps = run.run(cv_data=cv_data, cv_name=cv.name if cv else samples.CV_NAME, posting_text=posting)
        except (CVError, JobsError, RouterError, UsageError) as error:
            raise CommandError(error.user_message) from error
        except StepFailedError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            message = f"Nothing can be written to {output} ({error.strerror}). Name another folder with --output."
            raise CommandError(message) from error
        files = sorted(path.name for path in output.iterdir())
        if as_json:
            self.stdout.write(json.dumps({"steps": [asdict(step) for step in steps], "files": files}, indent=2))
        else:
            self.stdout.write("\n" + _table(steps) + f"\n\nFiles in {output}: {', '.join(files)}")


def _user() -> User:
    """Return the account that the calls are booked on; nobody can sign in with it."""
    user, is_new = User.objects.get_or_create(
        username=USERNAME, defaults={"email": f"{USERNAME}@localhost.invalid", "is_active": False}
    )
    if is_new:
        user.set_unusable_password()
        user.save()
    return user


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise CommandError(message) from None


def _table(steps: list[Step]) -> str:
    width = max(len(step.name) for step in steps)
    return "\n".join(f"{step.name:<{width}}  {step.seconds:5.1f} s  {step.result}" for step in steps)
