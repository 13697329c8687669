"""`estimate_cost --task NAME --cv FILE --job FILE`: what a task would cost with each candidate, without asking any."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ai_router.api.serializers import EstimateSerializer
from ai_router.router import estimate
from ai_router.routing import EMBEDDED
from ai_router.types import Quote, TaskType
from cv.extraction import extract
from cv.parsing import PARSE_CV, inputs_of, parse_with_rules
from cv.resume import Resume
from jobs.analysis import ANALYSE_POSTING, posting_inputs
from jobs.emails import email_inputs, email_task
from jobs.importing import ImportedPosting
from jobs.letters import LetterInputs, letter_inputs, letter_task
from jobs.management.inputs import DOMAIN_ERRORS, add_pair_arguments, bytes_of, read_pair
from jobs.matching import MatchReport
from jobs.models import EmailKind
from jobs.posting import PostingAnalysis
from jobs.tailoring import tailoring_inputs, tailoring_task
from usage.money import format_usd

FREE = [Quote(EMBEDDED, 0, 0, 0, 0)]


@dataclass(frozen=True, slots=True)
class Material:
    """What the two files hold, read by rules alone, since an estimate costs nothing; and who may be asked."""

    file: Path
    resume: Resume
    posting: ImportedPosting
    analysis: PostingAnalysis
    report: MatchReport
    provider: str

    def parsing(self) -> list[Quote]:
        """Estimate the reading of the CV; a JSON Resume is data already."""
        data = bytes_of(self.file)
        if data.lstrip().startswith(b"{"):
            return FREE
        document = extract(data, file_name=self.file.name)
        return estimate(PARSE_CV, inputs_of(document, parse_with_rules(document)), provider=self.provider)

    def analysing(self) -> list[Quote]:
        """Estimate the reading of the posting."""
        posting = self.posting
        inputs = posting_inputs(posting.text, title=posting.title, employer=posting.employer, location=posting.location)
        return estimate(ANALYSE_POSTING, inputs, provider=self.provider)

    def matching(self) -> list[Quote]:
        """Matching asks nobody: its score is computed."""
        return FREE

    def tailoring(self) -> list[Quote]:
        """Estimate the changes of the CV."""
        inputs = tailoring_inputs(self.resume, self.analysis, self.report)
        return estimate(tailoring_task(), inputs, provider=self.provider)

    def letter(self) -> list[Quote]:
        """Estimate the letter."""
        return estimate(letter_task(), self._letter_inputs(), provider=self.provider)

    def email(self) -> list[Quote]:
        """Estimate the e-mail that goes with an application."""
        inputs = email_inputs(self._letter_inputs(), EmailKind.APPLICATION)
        return estimate(email_task(), inputs, provider=self.provider)

    def _letter_inputs(self) -> LetterInputs:
        return letter_inputs(self.resume, self.analysis, self.report, posting_text=self.posting.text)


TASKS: Mapping[str, Callable[[Material], list[Quote]]] = {
    TaskType.CV_PARSING.value: Material.parsing,
    TaskType.JOB_ANALYSIS.value: Material.analysing,
    TaskType.JOB_MATCHING.value: Material.matching,
    TaskType.CV_TAILORING.value: Material.tailoring,
    TaskType.COVER_LETTER.value: Material.letter,
    TaskType.EMAIL_DRAFTING.value: Material.email,
}


class Command(BaseCommand):
    help = "Say what a task would cost for a CV and a posting with each candidate, in the order of asking. Nobody is asked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--task", required=True, metavar="NAME", help=f"one of {', '.join(TASKS)}")
        add_pair_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print the estimates as JSON")

    def handle(self, *, task: str, cv: Path, job: Path, provider: str, **options: Any) -> None:
        name = task.strip().lower().replace("-", "_")
        if name not in TASKS:
            message = f"There is no task {task!r} for a CV and a posting. Name one of {', '.join(TASKS)}."
            raise CommandError(message)
        material = Material(cv, *read_pair(cv, job, provider=EMBEDDED.provider), provider)
        try:
            quotes = TASKS[name](material)
        except DOMAIN_ERRORS as error:
            raise CommandError(error.user_message) from error
        if options["json"]:
            data = {"task": name, **EstimateSerializer({"candidates": quotes}).data}
            self.stdout.write(json.dumps(data, indent=2))
        else:
            self.stdout.write(_as_text(name, quotes))


def _as_text(task: str, quotes: list[Quote]) -> str:
    lines = [f"{task}: on average (eight of ten: from, to), at most"]
    for quote in quotes:
        if quote.expected_nanousd is None:
            words = "price unknown: enter it under “Model prices” in the administration"
        elif quote.most_nanousd == 0:
            words = "free"
        else:
            low, high = format_usd(quote.low_nanousd), format_usd(quote.high_nanousd)
            words = f"{format_usd(quote.expected_nanousd)} ({low}, {high}), at most {format_usd(quote.most_nanousd)}"
        lines.append(f"{quote.candidate}: {words}")
    return "\n".join(lines)
