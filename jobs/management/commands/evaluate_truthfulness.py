"""`evaluate_truthfulness`: what reaches a person when the provider lies, and when CV or posting give orders to a model."""

from argparse import ArgumentParser
from dataclasses import asdict
from json import dumps
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.evaluation.truthfulness import evaluate_truthfulness


class Command(BaseCommand):
    help = "Write tailored CVs and letters for invented people with the answers of a lying provider, and count what gets through."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=200, help="how many invented CVs (default: 200)")
        parser.add_argument("--postings", type=int, default=5, help="how many postings for each (default: 5)")
        parser.add_argument("--lies", type=int, default=3, help="how many lies in each document (default: 3)")
        parser.add_argument("--seed", type=int, default=2026, help="chooses all of it (default: 2026)")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, people: int, postings: int, lies: int, seed: int, **options: Any) -> None:
        if min(people, postings, lies) < 1:
            raise CommandError("--people, --postings and --lies must be 1 or more.")
        counts = evaluate_truthfulness(people, postings, lies=lies, seed=seed)
        if options["json"]:
            self.stdout.write(dumps(asdict(counts), ensure_ascii=False, indent=2))
            return
        rows = (
            ("documents", counts.documents),
            ("lies planted", counts.planted),
            ("lies that reached the person", len(counts.reached)),
            ("true claims of letters kept", f"{counts.kept_truths} of {counts.truths}"),
            ("supportable requirements still covered", f"{counts.covered} of {counts.supportable}"),
            ("injections into CV and posting", counts.injected),
            ("scores moved by one", counts.moved_scores),
            ("texts that obeyed one", counts.obeyed),
        )
        for name, value in rows:
            self.stdout.write(f"{name}: {value}")
        for lie in counts.reached[:20]:
            self.stdout.write(f"    {lie}")
