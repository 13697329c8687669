"""Rank postings by how well a CV fits them."""

import json
import sqlite3
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cv.errors import CVError
from cv.resume import Resume
from cv.services import read_resume
from jobs.errors import JobsError
from jobs.importing import ImportedPosting, read_postings
from jobs.matching import Matcher, MatchReport
from jobs.matching.index import PostingIndex
from jobs.services.postings import analyse_by_rules, analyse_imported

Row = tuple[int, ImportedPosting, MatchReport]
# How many postings of an index are matched for each that is asked for, and at least.
LOOKED_AT = 3
LEAST_LOOKED_AT = 60


class Command(BaseCommand):
    help = "Match a CV with the postings of a JSONL file, and print them, the best first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cv", required=True, metavar="FILE", help="a CV (PDF, DOCX, text) or a JSON Resume")
        parser.add_argument(
            "--jobs",
            required=True,
            metavar="FILE",
            help='one posting a line: {"title", "description"} or a schema.org JobPosting',
        )
        parser.add_argument("--top", type=int, metavar="N", help="print only the N best")
        parser.add_argument(
            "--index",
            metavar="FILE",
            help="look closely only at what a full-text index finds likely, and keep the index in this file; needs --top",
        )
        parser.add_argument("--json", action="store_true", help="print JSON with the full reports")
        parser.add_argument(
            "--provider", choices=["embedded", "auto"], default="embedded", help="who reads CV and postings"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["top"] is not None and options["top"] < 1:
            message = "--top must be 1 or more."
            raise CommandError(message)
        if options["index"] and options["top"] is None:
            raise CommandError("--index needs --top: without it every posting is matched.")
        resume = self._resume(options["cv"], options["provider"])
        path = Path(options["jobs"])
        rows = self._matches(resume, path, options)
        rows.sort(key=lambda row: -1 if row[2].score is None else row[2].score, reverse=True)
        ranked = rows[: options["top"]]
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(*row) for row in ranked], ensure_ascii=False, indent=2))
        else:
            self._print(ranked)

    def _resume(self, name: str, provider: str) -> Resume:
        path = Path(name)
        try:
            return read_resume(path.read_bytes(), file_name=path.name, provider=provider).assign_ids()
        except OSError as error:
            message = f"{name}: {error.strerror or error}"
            raise CommandError(message) from error
        except CVError as error:
            message = f"{name}: {error.user_message}"
            raise CommandError(message) from error

    def _matches(self, resume: Resume, name: Path, options: dict[str, Any]) -> list[Row]:
        rows = []
        matcher = Matcher(resume)
        try:
            for number, imported in _postings(name, resume, options):
                is_embedded = options["provider"] == "embedded"
                analysis = analyse_by_rules(imported) if is_embedded else analyse_imported(imported, provider="auto")
                title, employer = imported.title or analysis.title, imported.employer or analysis.employer
                named = replace(imported, title=title, employer=employer)
                rows.append((number, named, matcher.match(analysis)))
        except (OSError, UnicodeDecodeError) as error:
            message = f"{name}: {getattr(error, 'strerror', None) or 'it is not a text file in UTF-8'}"
            raise CommandError(message) from error
        except sqlite3.DatabaseError as error:
            message = f"{options['index']}: This is no index of postings. Name another file, or delete it."
            raise CommandError(message) from error
        except JobsError as error:
            message = f"{name}: {error.user_message}"
            raise CommandError(message) from error
        if not rows:
            message = f"{name}: There is no posting in this file."
            raise CommandError(message)
        return rows

    def _print(self, rows: list[Row]) -> None:
        for number, imported, report in rows:
            score = "  –" if report.score is None else f"{report.score:3d}"
            name = ", ".join(part for part in (imported.title or "Untitled", imported.employer) if part)
            missing = sum(line.strength == 0 and line.kind == "must" for line in report.requirements)
            self.stdout.write(
                f"{score}  {report.band.value:<8} {name} (posting {number}; {missing} must-haves without evidence)"
            )


def _postings(path: Path, resume: Resume, options: dict[str, Any]) -> Iterator[tuple[int, ImportedPosting]]:
    """Yield the file's postings with their numbers: all of them, or the likeliest by the index."""
    if not options["index"]:
        with path.open(encoding="utf-8") as lines:
            yield from enumerate(read_postings(lines), start=1)
        return
    index = PostingIndex(Path(options["index"]))
    state = path.stat()
    mark = f"{path.resolve()} {state.st_size} {state.st_mtime_ns}"
    if not index.is_of(mark):
        with path.open(encoding="utf-8") as lines:
            index.build(read_postings(lines), mark=mark)
    for found in index.search(resume, limit=max(LEAST_LOOKED_AT, LOOKED_AT * options["top"])):
        yield found.number, found.posting


def _as_json(number: int, imported: ImportedPosting, report: MatchReport) -> dict[str, Any]:
    return {
        "posting": number,
        "id": imported.reference,
        "title": imported.title,
        "employer": imported.employer,
        "score": report.score,
        "band": report.band.value,
        "report": report.model_dump(mode="json"),
    }
