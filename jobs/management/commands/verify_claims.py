"""`verify_claims --cv FILE --document FILE`: what of a text the CV supports, why not, and by which line."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cv.extraction import extract
from cv.facts import facts_of
from cv.resume import Resume
from jobs.analysis.language import language_of
from jobs.grounding import ClaimCheck, Context, Verdict, check_document
from jobs.grounding.resumes import check_resume
from jobs.grounding.words import unwrapped
from jobs.letters.checking import GREETING, SALUTATION
from jobs.management.inputs import DOMAIN_ERRORS, add_cv_argument, bytes_of, read_cv

SIGNS = {Verdict.SUPPORTED: "supported", Verdict.NEEDS_CONFIRMATION: "not shown", Verdict.UNSUPPORTED: "unsupported"}


class Command(BaseCommand):
    help = "Check each sentence of a text, or each line of a JSON Resume, against a CV. Exits with 0 whatever the verdicts are, unless --strict."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_cv_argument(parser)
        parser.add_argument(
            "--document", required=True, type=Path, metavar="FILE", help="a letter (text, PDF, DOCX) or a JSON Resume"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--strict", action="store_true", help="exit with 1 if anything is not supported")

    def handle(self, *, cv: Path, document: Path, **options: Any) -> None:
        resume = read_cv(cv, provider="embedded")
        facts = facts_of(resume)
        words = {fact.id: fact.text for fact in reversed(facts)}
        checks = _checks(document, resume)
        counts = {verdict.value: sum(check.verdict == verdict for check in checks) for verdict in Verdict}
        if options["json"]:
            data = {"counts": counts, "claims": [_as_data(check, words) for check in checks]}
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            self._print(checks, words)
        if options["strict"] and counts[Verdict.SUPPORTED] < len(checks):
            raise CommandError(f"{len(checks) - counts[Verdict.SUPPORTED]} of {len(checks)} claims are not supported.")

    def _print(self, checks: list[ClaimCheck], words: dict[str, str]) -> None:
        for check in checks:
            self.stdout.write(f"[{SIGNS[check.verdict]}] {check.text}")
            for problem in check.problems:
                self.stdout.write(f"    {problem}")
            for number in check.evidence_ids:
                self.stdout.write(f"    {number}: {words.get(number, '')}")


def _checks(path: Path, resume: Resume) -> list[ClaimCheck]:
    """Check a document: a JSON Resume line by line under its own positions, anything else sentence by sentence."""
    data = bytes_of(path)
    try:
        if data.lstrip()[:1] == b"{":
            return check_resume(read_cv(path, provider="embedded"), resume)
        text = unwrapped(extract(data, file_name=path.name).text)
        names = tuple(name for name in (resume.person.name,) if name)
        return check_document(
            _stating(text, resume), facts_of(resume), context=Context(names=names, language=language_of(text))
        )
    except DOMAIN_ERRORS as error:
        raise CommandError(f"{path}: {error.user_message}") from error


def _stating(text: str, resume: Resume) -> str:
    """Return a text without the lines that state nothing: salutation, greeting, and the person's own name and contact data."""
    person = resume.person
    contact = [value for value in (person.name, person.email, person.phone, person.url) if value]
    return "\n".join(line for line in text.splitlines() if not _is_formal(line.strip(), contact))


def _is_formal(line: str, contact: list[str]) -> bool:
    bare = line
    for value in contact:
        bare = bare.replace(value, "")
    is_contact = bare != line and not any(letter.isalnum() for letter in bare)
    return is_contact or SALUTATION.match(line) is not None or GREETING.match(line) is not None


def _as_data(check: ClaimCheck, words: dict[str, str]) -> dict[str, Any]:
    evidence = [{"id": number, "text": words.get(number, "")} for number in check.evidence_ids]
    return {**check.model_dump(mode="json"), "supported": check.verdict == Verdict.SUPPORTED, "evidence": evidence}
