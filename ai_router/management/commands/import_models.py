"""`manage.py import_models`: take models and prices from a YAML file."""

from typing import Any

from ai_router.management.import_file import ImportCommand
from ai_router.model_files import apply_file, read_file
from ai_router.yaml_files import Changes


class Command(ImportCommand):
    help = "Take models and prices from a YAML file: all of it, or nothing where something is wrong."
    documentation = "docs/providers.md"
    pruned = "models and prices"

    @staticmethod
    def apply(text: str, **options: Any) -> Changes:
        return apply_file(read_file(text), **options)
