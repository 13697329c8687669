"""`manage.py export_routes`: write routes, pools and rules as a YAML file."""

from typing import Any

from django.core.management.base import BaseCommand

from ai_router.route_files import export_file, write_file


class Command(BaseCommand):
    help = "Write routes, pools and rules as YAML, which import_routes takes back."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(write_file(export_file()), ending="")
