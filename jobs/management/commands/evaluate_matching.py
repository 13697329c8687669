"""`evaluate_matching`: the ranking beside BM25, and what the score promises."""

import json
from argparse import ArgumentParser
from math import sqrt
from statistics import mean, stdev
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.evaluation.matching import evaluate_matching


class Command(BaseCommand):
    help = "Rank invented postings for invented people: nDCG@10 beside BM25, falls where evidence is taken away, equal scores for equal input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=60, help="how many invented CVs (default: 60)")
        parser.add_argument("--postings", type=int, default=200, help="how many postings (default: 200)")
        parser.add_argument("--seed", type=int, default=2026, help="chooses them (default: 2026)")
        parser.add_argument(
            "--bare",
            action="store_true",
            help="postings of few trades without anything beside the point, that ask for years and levels",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, people: int, postings: int, seed: int, bare: bool, **options: Any) -> None:
        if people < 2 or postings < 1:
            raise CommandError("--people must be 2 or more, and --postings 1 or more.")
        report = evaluate_matching(people, postings, seed=seed, is_bare=bare)
        gains = [own - other for own, other in zip(report.ndcg, report.ndcg_of_bm25, strict=True)]
        data: dict[str, Any] = {
            "ndcg_at_10": mean(report.ndcg),
            "ndcg_at_10_of_bm25": mean(report.ndcg_of_bm25),
            "gain": mean(gains),
            "gain_standard_error": stdev(gains) / sqrt(len(gains)),
            "falls_without_evidence": [report.falls.hits, report.falls.total],
            "never_rises_without_evidence": [report.never_rises.hits, report.never_rises.total],
            "same_twice": [report.same.hits, report.same.total],
            "coverage": dict(report.coverages),
        }
        if options["json"]:
            self.stdout.write(json.dumps(data, indent=2))
            return
        self.stdout.write(f"nDCG@10: {data['ndcg_at_10']:.3f}, BM25: {data['ndcg_at_10_of_bm25']:.3f}")
        self.stdout.write(f"gain: {data['gain']:.3f} (standard error {data['gain_standard_error']:.3f})")
        for name in ("falls_without_evidence", "never_rises_without_evidence", "same_twice"):
            hits, total = data[name]
            self.stdout.write(f"{name.replace('_', ' ')}: {hits} of {total}")
        self.stdout.write(f"requirements of the best posting: {json.dumps(data['coverage'])}")
