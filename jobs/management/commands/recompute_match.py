"""`recompute_match`: are the stored scores those that their inputs give?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.models import Match
from jobs.services.matches import Recomputed, recompute


class Command(BaseCommand):
    help = "Compute stored matches again from their stored inputs and compare. Exits with 1 if one differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", type=int, metavar="ID", help="matches to look at (default: all)")

    def handle(self, *, ids: list[int], **options: Any) -> None:
        matches = Match.objects.select_related("resume_version", "posting").order_by("pk")
        if ids:
            matches = matches.filter(pk__in=ids)
            missing = sorted(set(ids) - set(matches.values_list("pk", flat=True)))
            if missing:
                raise CommandError(f"There is no match {missing[0]}.")
        counts = dict.fromkeys(Recomputed, 0)
        for match in matches.iterator(chunk_size=200):
            outcome = recompute(match)
            counts[outcome] += 1
            if outcome is not Recomputed.SAME:
                self.stdout.write(f"match {match.pk}: {outcome.value}")
        self.stdout.write(
            ", ".join(f"{number} {outcome.value}" for outcome, number in counts.items() if number) or "no matches"
        )
        if counts[Recomputed.DIFFERENT]:
            raise CommandError(f"{counts[Recomputed.DIFFERENT]} matches are not what their inputs give.")
