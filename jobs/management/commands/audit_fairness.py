"""`audit_fairness --cv FILE --job FILE`: does the score move when only the person does?"""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.evaluation.fairness import audit
from jobs.management.inputs import add_pair_arguments, read_pair


class Command(BaseCommand):
    help = "Swap name, pronouns, address, school, year of birth and nationality of a CV, and compare the scores. Exits with 1 if one moves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_pair_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, cv: Path, job: Path, provider: str, **options: Any) -> None:
        resume, _, analysis, _ = read_pair(cv, job, provider=provider)
        base, swaps = audit(resume, analysis)
        moved = [swap for swap in swaps if swap.moved]
        if options["json"]:
            data = {"score": base.score, "swaps": [asdict(swap) for swap in swaps], "moved": len(moved)}
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(f"score: {base.score}")
            for kind in dict.fromkeys(swap.kind for swap in swaps):
                of_kind = [swap for swap in swaps if swap.kind == kind]
                most = max(abs((swap.score or 0) - (base.score or 0)) for swap in of_kind)
                self.stdout.write(f"{kind}: {len(of_kind)} swaps, greatest change {most}")
        if moved:
            raise CommandError(f"{len(moved)} of {len(swaps)} swaps changed the report.")
