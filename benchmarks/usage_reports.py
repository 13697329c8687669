"""How long the figures of the pages and of the REST statistics take over many calls, and whether they are right.

Run: `python -m benchmarks.usage_reports --calls 1000000 --days 90 --users 200`. On SQLite it uses a database of its own in a
temporary folder; on PostgreSQL (`DATABASE_URL`) one of its own that it makes beside the named one and drops at the end. The
calls are made up (`manage.py seed_usage`). Every figure is the median of several runs, in milliseconds, with all its queries;
the sums over the lines themselves are taken once, to compare both what they say and how long they take.

On a busy machine the median by the clock says little: `fastest_ms` is the quickest run, and `median_cpu_ms` the processor time of
this process, which on SQLite is all that a figure takes; on PostgreSQL the server's comes on top.

With `--in-place` it is the database of the environment that is measured, as it is: for many millions of calls, which take long
to make, and for a copy of a site in use. Nothing is written there.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from benchmarks.ledger import own_database

ROUNDS = 9


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--in-place", action="store_true", help="measure the environment's own database as it is")
    options = parser.parse_args()
    if options.in_place:
        os.environ.update(DJANGO_SETTINGS_MODULE="careerai.settings", LOG_LEVEL="ERROR")
        print(json.dumps(measure(), indent=2))
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DJANGO_SETTINGS_MODULE="careerai.settings", CAREERAI_DATA_DIR=folder, LOG_LEVEL="ERROR")
        with own_database():
            seconds = make(options.calls, options.days, options.users)
            print(json.dumps({"seconds to make the calls": seconds} | measure(), indent=2))


def make(calls: int, days: int, users: int) -> float:
    """Make the calls, and return the seconds that it took."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    call_command("seed_usage", calls=calls, days=days, users=users, verbosity=0)
    seconds = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return round(seconds, 1)


def measure() -> dict[str, Any]:
    """Take the time of each figure, and compare the roll-ups with the lines."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.db import connection
    from django.db.models import Count, Sum
    from django.http import QueryDict
    from django.utils import timezone

    from usage.dashboard import add_figures
    from usage.insights import forecast_month, report
    from usage.metrics import ledger_metrics
    from usage.models import Attempt, Call, LaterRollUp, RollUp
    from usage.overview import load_overview
    from usage.reports import summarise_usage
    from usage.rollups import COST_AND_CALLS, Only, read
    from usage.seeding import TASKS

    now = timezone.now()
    somebody = Call.objects.order_by().values_list("user_id").annotate(count=Count("pk")).order_by("-count")[0][0]
    name = get_user_model().objects.get(pk=somebody).get_username()
    group = Group.objects.order_by("name")[0].name
    staff = SimpleNamespace(has_perm=lambda _: True)

    def dashboard(query: str) -> Callable[[], Any]:
        request: Any = SimpleNamespace(user=staff, GET=QueryDict(query))
        return lambda: list(map(str, add_figures(request, {}).values()))

    month_ago = now - timedelta(days=30)

    def spenders(since: datetime, **names: str) -> Any:
        return read(since=since, by=["user"], only=Only(**names), counted=COST_AND_CALLS)

    figures = {
        "dashboard, 24 hours": dashboard("period=24h"),
        "dashboard, 30 days": dashboard("period=30d"),
        "dashboard, 90 days": dashboard("period=90d"),
        "dashboard, 90 days by user": dashboard("period=90d&by=user"),
        "dashboard, 90 days of one task": dashboard("period=90d&task=cover_letter"),
        "dashboard, 90 days of one provider": dashboard("period=90d&provider=openai"),
        "dashboard, 90 days of one task by user": dashboard("period=90d&task=cover_letter&by=user"),
        "dashboard, 90 days of one provider by user": dashboard("period=90d&provider=openai&by=user"),
        "dashboard, 90 days of the busiest user": dashboard(f"period=90d&user={name}"),
        "dashboard, 90 days of a group": dashboard(f"period=90d&group={group}"),
        "top spenders of 30 days": lambda: read(since=month_ago, by=["user"]),
        "top spenders of 30 days of one task": lambda: spenders(month_ago, task_type="cover_letter"),
        "top spenders of 90 days of one provider": lambda: spenders(now - timedelta(days=90), provider="openai"),
        "my usage, the busiest user, 30 days": lambda: load_overview(hours=720, user_id=somebody),
        "REST statistics, 24 hours": lambda: summarise_usage(hours=24),
        "REST statistics, 24 hours, the busiest user": lambda: summarise_usage(hours=24, user_id=somebody),
        "report of 30 days by day and task": lambda: report(since=month_ago, step="day", by=["task_type"]),
        "forecast of the month": lambda: forecast_month(now=now),
        "what Prometheus asks for": lambda: list(ledger_metrics(lambda _, model: model)),
    }
    taken = {name: _times(take) for name, take in figures.items()}
    since = now - timedelta(days=30)
    begun = time.perf_counter()
    lines = Attempt.objects.filter(call__created_at__gte=since).aggregate(cost=Sum("cost_nanousd"))["cost"] or 0
    lines += (
        Call.objects.filter(created_at__gte=since, error_class="Expired").aggregate(c=Sum("cost_nanousd"))["c"] or 0
    )
    of_lines = time.perf_counter() - begun
    rolled = sum(cell.sums.cost_nanousd for cell in read(since=since))
    assert rolled == lines, (rolled, lines)
    by_users = [sum(cell.sums.cost_nanousd for cell in spenders(since, task_type=task.name)) for task in TASKS]
    assert sum(by_users) == lines, (by_users, lines)
    return {
        "database": connection.vendor,
        "calls": Call.objects.count(),
        "attempts": Attempt.objects.count(),
        "rows of roll-ups": RollUp.objects.count(),
        "rows that are made later": LaterRollUp.objects.count(),
        "median_ms": {name: median for name, (median, _, _) in taken.items()},
        "fastest_ms": {name: fastest for name, (_, fastest, _) in taken.items()},
        "median_cpu_ms": {name: own for name, (_, _, own) in taken.items()},
        "cost of 30 days, over the lines, ms": round(of_lines * 1000, 1),
        "cost of 30 days, nano-dollars": rolled,
    }


def _times(take: Callable[[], Any]) -> tuple[float, float, float]:
    """Return the milliseconds that it takes: by the clock, median and least, and of this process."""
    wall, own = [], []
    for _ in range(ROUNDS):
        begun, worked = time.perf_counter(), time.process_time()
        take()
        wall.append((time.perf_counter() - begun) * 1000)
        own.append((time.process_time() - worked) * 1000)
    return round(statistics.median(wall), 1), round(min(wall), 1), round(statistics.median(own), 1)


if __name__ == "__main__":
    main()
