"""What the commands that take a file of the site's settings have in common."""

import json
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ai_router.yaml_files import Changes, YamlFileError

WORDS = {"made": "new", "changed": "changed", "deleted": "deleted", "same": "as it was"}


class ImportCommand(BaseCommand):
    """Read a file, check all of it, and apply all of it or nothing."""

    documentation: ClassVar[str]
    pruned: ClassVar[str]

    @staticmethod
    @abstractmethod
    def apply(text: str, **options: Any) -> Changes:
        """Apply the text of a file; raise `YamlFileError` where something is wrong with it."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help=f"the file; its form is in {self.documentation}")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")
        parser.add_argument(
            "--prune", action="store_true", help=f"delete the {self.pruned} that the file does not name"
        )
        parser.add_argument("--json", action="store_true", help="print the changes as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}"
            raise CommandError(message) from error
        try:
            changes = self.apply(text, prune=options["prune"], dry_run=options["dry_run"])
        except YamlFileError as error:
            message = f"{path}: {error}"
            raise CommandError(message) from error
        self.stdout.write(_as_json(changes) if options["json"] else _as_text(changes, is_dry=options["dry_run"]))


def _as_json(changes: Changes) -> str:
    return json.dumps({name: getattr(changes, name) for name in WORDS})


def _as_text(changes: Changes, *, is_dry: bool) -> str:
    lines = [f"{words}: {name}" for kind, words in WORDS.items() for name in getattr(changes, kind)]
    return "\n".join([*lines, "Nothing was written." if is_dry else "Written."])
