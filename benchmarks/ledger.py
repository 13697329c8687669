"""How many calls the ledger opens and settles in a second, alone and with several processes at once.

Run: `python -m benchmarks.ledger --calls 300 --processes 4`. On SQLite it uses a database of its own in a temporary
folder; on PostgreSQL (`DATABASE_URL`) one of its own that it makes beside the named one and drops at the end. A call is
`open_call` and `settle_call` with one attempt. It is measured without a budget, and with two hard ones that every call
holds in: all processes then want the same two rows.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

WARMING_CALLS = 20


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300, help="calls of each process")
    parser.add_argument("--processes", type=int, default=4, help="processes at the same time")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(work(options.calls)), flush=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DJANGO_SETTINGS_MODULE="careerai.settings", CAREERAI_DATA_DIR=folder, LOG_LEVEL="ERROR")
        with own_database():
            print(json.dumps(measure(options.calls, options.processes), indent=2))


@contextlib.contextmanager
def own_database() -> Iterator[None]:
    """Point `DATABASE_URL` at a new PostgreSQL database where it names a server, and drop it at the end."""
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        os.environ["DATABASE_URL"] = ""
        yield
        return
    import psycopg

    server, _, _name = address.rpartition("/")
    own = f"bench_{uuid4().hex[:12]}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{own}"')
        os.environ["DATABASE_URL"] = f"{server}/{own}"
        try:
            yield
        finally:
            connection.execute(f'DROP DATABASE "{own}" WITH (FORCE)')


def measure(calls: int, processes: int) -> dict[str, Any]:
    """Measure without and with budgets, by one process and by several."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from usage.models import Budget, BudgetWindow
    from usage.rollup_repair import find_differences

    call_command("migrate", verbosity=0)
    figures: dict[str, Any] = {"database": connection.vendor}
    for budgets in (0, 2):
        for number in range(budgets):
            Budget.objects.create(name=f"budget {number}", limit_nanousd=10**15)
        figures[f"{budgets} budgets, 1 process"] = run(calls, 1)
        figures[f"{budgets} budgets, {processes} processes"] = run(calls, processes)
    assert not BudgetWindow.objects.exclude(held_nanousd=0).exists()
    assert not list(find_differences()), "roll-ups differ from the lines"
    made = 2 * (calls + WARMING_CALLS) * (processes + 1)
    assert set(BudgetWindow.objects.values_list("spent_nanousd", flat=True)) == {5_000 * made}
    return figures


def run(calls: int, processes: int) -> dict[str, float]:
    """Let the processes work at once, from the moment in which all of them are ready."""
    command = [sys.executable, "-m", "benchmarks.ledger", "--worker", "--calls", str(calls)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, **pipes) for _ in range(processes)]  # type: ignore[call-overload]  # noqa: S603
    for worker in workers:
        worker.stdout.readline()
    begun = time.perf_counter()
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.close()
    # A line is there when the last call is settled: the end of a process takes half a second more.
    times = [milliseconds for worker in workers for milliseconds in json.loads(worker.stdout.readline())]
    seconds = time.perf_counter() - begun
    assert all(worker.wait() == 0 for worker in workers)
    return {
        "calls_per_second": round(calls * processes / seconds, 1),
        "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(statistics.quantiles(times, n=20)[18], 2),
    }


def work(calls: int) -> list[float]:
    """Open and settle calls, and return how long each took, in milliseconds."""
    import django

    django.setup()
    from django.utils import timezone

    from usage.ledger import open_call, settle_call
    from usage.types import AttemptRecord, AttemptStatus, CallStatus, TokenUsage

    def once() -> float:
        call_id, now = uuid4(), timezone.now()
        begun = time.perf_counter()
        open_call(
            call_id=call_id,
            user_id=None,
            task_type="cover_letter",
            held_nanousd=9_000,
            expires_at=now + timedelta(minutes=15),
            providers={"openai": 9_000},
        )
        attempt = AttemptRecord(
            "openai", "small-1", AttemptStatus.SUCCEEDED, now, 100, TokenUsage(900, 0, 0, 200), cost_nanousd=5_000
        )
        settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[attempt], latency_ms=100)
        return (time.perf_counter() - begun) * 1000

    # The first calls of a process connect, and have their statements prepared.
    for _ in range(WARMING_CALLS):
        once()
    print("ready", flush=True)
    sys.stdin.readline()
    return [once() for _ in range(calls)]


if __name__ == "__main__":
    main()
