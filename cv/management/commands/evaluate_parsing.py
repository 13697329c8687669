"""`evaluate_parsing DIR`: how well the CVs of a folder with known truths are read."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cv.evaluation.corpus import evaluate, manifest
from cv.evaluation.tables import Outcome, markdown, score


class Command(BaseCommand):
    help = "Read the CVs of a folder with a manifest and truths, and say how much of each field is right."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="with manifest.jsonl, documents and truths")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="where the Markdown page goes; else it is printed"
        )
        parser.add_argument("--title", default="Accuracy of reading CVs", help="the page's heading")
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="documents read at a time")
        parser.add_argument("--kind", action="append", default=[], help="only documents of this kind; may be repeated")
        parser.add_argument("--minimum", type=float, help="fail below this F1 over all fields")

    def handle(
        self,
        *,
        folder: Path,
        output: Path | None,
        title: str,
        workers: int,
        kind: list[str],
        minimum: float | None,
        **options: Any,
    ) -> None:
        try:
            rows = [row for row in manifest(folder) if not kind or row.get("kind") in kind]
        except (OSError, ValueError, KeyError) as error:
            message = f"{folder} is no corpus: {error} It needs manifest.jsonl, documents and truths as JSON Resume."
            raise CommandError(message) from error
        if not rows:
            message = f"No document of {folder} has a truth. Name another folder or kind."
            raise CommandError(message)
        verbose = options["verbosity"] > 1
        outcomes = list(evaluate(folder, rows, workers=max(1, workers), progress=self._show if verbose else _ignore))
        page = markdown(outcomes, title=title)
        if output is None:
            self.stdout.write(page)
        else:
            output.write_text(page, encoding="utf-8")
        whole = score(outcomes)
        if minimum is not None and whole.all_fields < minimum:
            message = f"All fields reach {whole.all_fields:.3f}, less than {minimum}."
            raise CommandError(message)

    def _show(self, outcome: Outcome) -> None:
        one = score([outcome])
        self.stderr.write(f"{outcome.row.get('id')} {one.all_fields:.3f} {outcome.seconds:.1f} s {outcome.error}")


def _ignore(outcome: Outcome) -> None:
    """Say nothing."""
