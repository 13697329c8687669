"""`write_cover_letter --cv FILE --job FILE`: a letter on standard output, each sentence backed by the CV."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ai_router.router import run
from jobs.letters import LANGUAGE_NAMES, letter_inputs, letter_task
from jobs.management.inputs import DOMAIN_ERRORS, add_pair_arguments, read_pair
from jobs.models import LetterLength, Tone


class Command(BaseCommand):
    help = "Write a cover letter for a CV and a posting."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_pair_arguments(parser)
        parser.add_argument("--tone", choices=Tone.values, default=Tone.PROFESSIONAL.value)
        parser.add_argument("--length", choices=LetterLength.values, default=LetterLength.SHORT.value)
        parser.add_argument("--language", choices=sorted(LANGUAGE_NAMES), default="", help="the posting's if left out")
        parser.add_argument("--output", type=Path, metavar="FILE", help="write the text there instead")
        parser.add_argument("--json", action="store_true", help="sentences with their evidence, as JSON")

    def handle(self, *, cv: Path, job: Path, provider: str, output: Path | None, **options: Any) -> None:
        resume, posting, analysis, report = read_pair(cv, job, provider=provider)
        inputs = letter_inputs(
            resume,
            analysis,
            report,
            posting_text=posting.text,
            tone=Tone(options["tone"]),
            length=LetterLength(options["length"]),
            language=options["language"],
        )
        try:
            letter = run(letter_task(), inputs, provider=provider).output
        except DOMAIN_ERRORS as error:
            raise CommandError(error.user_message) from error
        for claim in letter.removed:
            self.stderr.write(f"left out: {claim.text} ({' '.join(claim.problems)})")
        data = {"text": letter.text, **letter.model_dump(mode="json")}
        text = json.dumps(data, ensure_ascii=False, indent=2) if options["json"] else letter.text
        if output is None:
            self.stdout.write(text)
            return
        try:
            output.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            message = f"{output} cannot be written ({error.strerror}). Name another file with --output."
            raise CommandError(message) from error
