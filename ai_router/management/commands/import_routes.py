"""`manage.py import_routes`: take routes, pools and rules from a YAML file."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ai_router.route_files import Changes, RouteFileError, apply_file, read_file

WORDS = {"made": "new", "changed": "changed", "deleted": "deleted", "same": "as it was"}


class Command(BaseCommand):
    help = "Take routes, pools and rules from a YAML file: all of it, or nothing where something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file; its form is in docs/routing.md")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")
        parser.add_argument(
            "--prune", action="store_true", help="delete the pools and rules that the file does not name"
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
            changes = apply_file(read_file(text), prune=options["prune"], dry_run=options["dry_run"])
        except RouteFileError as error:
            message = f"{path}: {error}"
            raise CommandError(message) from error
        self.stdout.write(_as_json(changes) if options["json"] else _as_text(changes, is_dry=options["dry_run"]))


def _as_json(changes: Changes) -> str:
    return json.dumps({name: getattr(changes, name) for name in WORDS})


def _as_text(changes: Changes, *, is_dry: bool) -> str:
    lines = [f"{words}: {name}" for kind, words in WORDS.items() for name in getattr(changes, kind)]
    return "\n".join([*lines, "Nothing was written." if is_dry else "Written."])
