"""`manage.py export_models`: write models and prices as YAML."""

from typing import Any

from django.core.management.base import BaseCommand

from ai_router.model_files import export_file, write_file


class Command(BaseCommand):
    help = "Write the site's models and prices as YAML, which import_models takes back."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(write_file(export_file()), ending="")
