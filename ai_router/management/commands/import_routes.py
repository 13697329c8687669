"""`manage.py import_routes`: take routes, pools and rules from a YAML file."""

from typing import Any

from ai_router.management.import_file import ImportCommand
from ai_router.route_files import apply_file, read_file
from ai_router.yaml_files import Changes


class Command(ImportCommand):
    help = "Take routes, pools and rules from a YAML file: all of it, or nothing where something is wrong."
    documentation = "docs/routing.md"
    pruned = "pools and rules"

    @staticmethod
    def apply(text: str, **options: Any) -> Changes:
        return apply_file(read_file(text), **options)
