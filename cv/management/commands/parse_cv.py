"""`parse_cv FILE…`: CVs become JSON Resume."""

import json
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ai_router.errors import RouterError
from cv.errors import CVError, UnreadableDocumentError
from cv.json_resume import to_json_resume
from cv.services import read_resume


class Command(BaseCommand):
    help = "Read CVs into JSON Resume, one file each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="PDF, DOCX, Markdown or text")
        parser.add_argument(
            "--output", type=Path, metavar="DIR", help="where <name>.json goes; standard output if left out"
        )
        parser.add_argument(
            "--provider", choices=["embedded", "auto"], default="embedded", help="rules alone, or the configured route"
        )

    def handle(self, *, files: list[Path], output: Path | None, provider: str, **options: Any) -> None:
        names = output_names(files)
        errors: list[str] = []
        try:
            if output is not None:
                output.mkdir(parents=True, exist_ok=True)
            for path, name in zip(files, names, strict=True):
                data, error = _parse(path, provider)
                if error:
                    errors.append(f"{path}: {error}")
                self._write(data, output, f"{name}.error.json" if error else f"{name}.json")
        except OSError as error:
            message = f"Nothing can be written to {output} ({error.strerror}). Name another folder with --output."
            raise CommandError(message) from error
        self._report(errors, len(files))

    def _report(self, errors: list[str], files: int) -> None:
        """Fail if a file could not be read: one file in one line, more files with a line each and their number."""
        if not errors:
            return
        if files == 1:
            raise CommandError(errors[0])
        for error in errors:
            self.stderr.write(error)
        message = f"{len(errors)} of {files} files could not be read."
        raise CommandError(message)

    def _write(self, data: dict[str, Any], output: Path | None, name: str) -> None:
        text = json.dumps(data, ensure_ascii=False, indent=2)
        if output is None:
            self.stdout.write(text)
            return
        (output / name).write_text(text + "\n", encoding="utf-8")


def output_names(files: list[Path]) -> list[str]:
    """Return a name for each file's output: its stem, or its whole name, or that with a number, so that all differ."""
    stems = Counter(path.stem for path in files)
    used: set[str] = set()
    names: list[str] = []
    for path in files:
        name = path.stem if stems[path.stem] == 1 else path.name
        number = 1
        while name in used:
            number += 1
            name = f"{path.name}-{number}"
        used.add(name)
        names.append(name)
    return names


def _parse(path: Path, provider: str) -> tuple[dict[str, Any], str]:
    """Return the JSON Resume of a file, or the error's form and its message."""
    try:
        resume = read_resume(_bytes_of(path), file_name=path.name, provider=provider)
        return to_json_resume(resume, visible_only=True), ""
    except (CVError, RouterError) as error:
        return {"error": {"code": error.code, "message": error.user_message}}, error.user_message


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableDocumentError(f"{path.name} cannot be opened: {error.strerror}.") from error
