"""`tailor_cv --cv FILE --job FILE --output DIR`: a CV tailored to a posting, and the changes that made it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cv.facts import facts_of
from cv.resume import Resume
from cv.services import MAIN_FORMATS, export_resume
from jobs.management.inputs import DOMAIN_ERRORS, add_pair_arguments, read_pair
from jobs.matching import match_resume
from jobs.tailoring import TailoringOutput, apply_changes, run_tailoring


class Command(BaseCommand):
    help = "Tailor a CV to a posting. All proposed changes are applied; changes.json lists each with its evidence."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_pair_arguments(parser)
        parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="where the files go")
        parser.add_argument("--json", action="store_true", help="print changes.json on standard output, too")

    def handle(self, *, cv: Path, job: Path, output: Path, provider: str, **options: Any) -> None:
        resume, _posting, analysis, report = read_pair(cv, job, provider=provider)
        try:
            result = run_tailoring(resume, analysis, report, provider=provider)
        except DOMAIN_ERRORS as error:
            raise CommandError(error.user_message) from error
        tailored = apply_changes(resume, result.output.changes)
        data = {
            "score_before": report.score,
            "score_after": match_resume(tailored, analysis).score,
            **changes_as_data(resume, result.output),
        }
        text = json.dumps(data, ensure_ascii=False, indent=2)
        try:
            output.mkdir(parents=True, exist_ok=True)
            (output / "changes.json").write_text(text + "\n", encoding="utf-8")
            for name in MAIN_FORMATS:
                file = export_resume(tailored, format_name=name)
                (output / f"tailored-cv.{name}").write_bytes(file.data)
        except OSError as error:
            message = f"Nothing can be written to {output} ({error.strerror}). Name another folder with --output."
            raise CommandError(message) from error
        if options["json"]:
            self.stdout.write(text)
        else:
            refused = f", {len(result.output.refused)} refused" if result.output.refused else ""
            self.stdout.write(f"{len(result.output.changes)} changes{refused}; files in {output}")


def changes_as_data(resume: Resume, output: TailoringOutput) -> dict[str, Any]:
    """Return changes and refusals as plain data, each change with the words of its evidence."""
    words = {fact.id: fact.text for fact in reversed(facts_of(resume))}
    return {
        "changes": [
            {
                **change.model_dump(mode="json"),
                "evidence": [words[number] for number in change.evidence_ids if number in words],
            }
            for change in output.changes
        ],
        "refused": [refused.model_dump(mode="json") for refused in output.refused],
    }
