"""Empties the caches of answers."""

import json
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ai_router.cache import clear_cache
from ai_router.types import TaskType


class Command(BaseCommand):
    """`manage.py clear_ai_cache`."""

    help = (
        "Forget kept AI answers: all of them, those of one user, of one task, or of one user's task. Running processes "
        "stop using what they hold in memory within five seconds."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default="", help="only the answers of this user")
        parser.add_argument("--task", default="", help="only the answers of this task, such as cv_parsing")
        parser.add_argument("--dry-run", action="store_true", help="only count them")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the number as JSON")

    def handle(self, *, user: str, task: str, dry_run: bool, as_json: bool, **_: Any) -> None:
        if task and task not in TaskType.values:
            message = f"There is no task {task!r}; known are: {', '.join(TaskType.values)}."
            raise CommandError(message)
        count = clear_cache(user_id=_find_user(user) if user else None, task_type=task, dry_run=dry_run)
        if as_json:
            self.stdout.write(json.dumps({"answers": count, "is_dry_run": dry_run}))
        else:
            self.stdout.write(f"{'Would forget' if dry_run else 'Forgot'} {count} kept answers.")


def _find_user(name: str) -> int:
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        message = f"There is no user {name!r}."
        raise CommandError(message)
    return int(user.pk)
