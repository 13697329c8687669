"""`rank_matches --user NAME (--cv ID | --posting ID)`: the postings that fit a CV best, or the CVs that fit a posting best."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from cv.models import CV
from jobs.errors import JobsError
from jobs.models import Posting
from jobs.services.ranking import ranked_lines


class Command(BaseCommand):
    help = "Rank all postings of a user for one CV, or all CVs of a user for one posting, by an index in the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="NAME", help="whose postings and CVs; no others are seen")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--cv", type=int, metavar="ID", help="rank postings for this CV")
        which.add_argument("--posting", type=int, metavar="ID", help="rank CVs for this posting")
        parser.add_argument("--top", type=int, default=20, metavar="N", help="print the N best (default: 20)")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, user: str, top: int, **options: Any) -> None:
        if top < 1:
            raise CommandError("--top must be 1 or more.")
        owner = get_user_model().objects.filter(username=user).first()
        if owner is None:
            raise CommandError(f"There is no user {user!r}.")
        cv = CV.objects.for_user(owner).filter(pk=options["cv"]).first()
        posting = Posting.objects.for_user(owner).filter(pk=options["posting"]).first()
        if cv is None and posting is None:
            raise CommandError(f"{user} has no such CV or posting.")
        try:
            lines = ranked_lines(user=owner, cv=cv, posting=posting, top=top)
        except JobsError as error:
            raise CommandError(error.user_message) from error
        if options["json"]:
            self.stdout.write(json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=2))
            return
        for line in lines:
            score = "  –" if line.score is None else f"{line.score:3d}"
            number = f"posting {line.job}" if cv else f"CV {line.cv}"
            self.stdout.write(
                f"{score}  {line.band:<8} {line.title} ({number}; {len(line.missing)} must-haves missing)"
            )
