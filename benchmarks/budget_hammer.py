"""Many processes against one hard budget, some of them killed: nothing is overspent, leaked or booked wrong.

Run: `python -m benchmarks.budget_hammer --processes 64 --calls 500`, with `DATABASE_URL` on a PostgreSQL server (a
database of its own is made beside the named one, and dropped), or without for SQLite in a temporary folder, where
threads are the better hammer: `--processes 2 --threads 8`. Each process makes its calls through the real router and the
real SDK against the simulator, which runs in a process of its own and keeps its own books. The budget is set to about
six tenths of what all calls would cost, with holds for half of those that run at once, so that it is short all the
time and used up on the way; a refused call is tried three times. Meanwhile `--kills` processes are ended with
SIGKILL at random moments. With `--relay SECONDS` each of them is killed after a random time of up to so many seconds and
another takes its place, until there were so many kills: `--processes 4 --relay 0.6 --kills 1000`. Then the reconciler settles what they left, and the books are compared:

- overshoot: by how much held + spent, looked at all the time, or what the simulator billed, passed the limit;
- leaked: what is still held, in nano-dollars, and holds that nobody paid for;
- every call that its process settled by what the provider reported cost to the nano-dollar what the simulator billed;
- calls with a request that was broken off (a time-out, the loser of a hedge as its process ends) are settled on an
  estimate, as nobody reported what it used: they are counted apart, and the simulator billed no more than that;
- every call of a killed process is booked at its hold, and the simulator billed no more than that;
- the roll-ups are the sums of the lines.

Exits with 1 if any of these is not so.
"""

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.ledger import own_database

SHARE_OF_BUDGET = 0.6
LOOK_SECONDS = 0.05
# How often a call is tried while other calls hold what it needs.
TRIES = 3
# About how many calls a process of a relay makes before it is killed.
CALLS_OF_A_LIFE = 8
WORDS = ("roses", "lilies", "asters", "tulips", "irises")


def main() -> int:
    """Print what was found as JSON; return 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description="Hammer one hard budget from many processes.")
    parser.add_argument("--processes", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1, help="threads of each process")
    parser.add_argument("--calls", type=int, default=500, help="calls of each process")
    parser.add_argument("--kills", type=int, default=8, help="how many processes are killed on the way")
    parser.add_argument(
        "--relay", type=float, default=0.0, help="longest life of a process in seconds, with others after it"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, simulator() as base_url:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="careerai.settings",
            CAREERAI_DATA_DIR=folder,
            LOG_LEVEL="CRITICAL",
            OPENAI_API_KEY="hammer",
            OPENAI_BASE_URL=base_url,
            OPENAI_MODEL="gpt-4.1-mini",
            AI_CACHE="false",
            REDIS_URL="",
        )
        with own_database():
            figures = hammer(options, Path(folder), base_url)
    print(json.dumps(figures, indent=2))
    return 0 if figures["is_kept"] else 1


@contextlib.contextmanager
def simulator() -> Iterator[str]:
    """Run the simulator in a process of its own; yields its address."""
    command = [sys.executable, "-m", "tests.providers.simulator", "--port", "0", "--delay-seconds", "0.005"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own command
        if server.stdout is None:
            raise RuntimeError
        try:
            yield server.stdout.readline().strip().rpartition("OPENAI_BASE_URL=")[2]
        finally:
            server.terminate()


def hammer(options: argparse.Namespace, folder: Path, base_url: str) -> dict[str, Any]:
    """Let the processes loose, kill some, reconcile, and compare the books."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    goal, limit = set_budget(options)
    # A forked child must share neither a connection nor the thread of the providers' loop.
    connections.close_all()
    context = multiprocessing.get_context("fork")
    numbers = itertools.count()

    def start() -> Any:
        number = next(numbers)
        worker = context.Process(target=work, args=(folder / f"{number}.json", options.calls, options.threads, number))
        worker.start()
        return worker

    begun = time.perf_counter()
    watch = (
        Relay(start, options) if options.relay else Watch(goal, [start() for _ in range(options.processes)], options)
    )
    watch.run()
    seconds = time.perf_counter() - begun
    reports = [json.loads(path.read_text()) for path in folder.glob("[0-9]*.json")]
    told = sum((Counter(report) for report in reports), Counter[str]())
    return {
        "database": connections["default"].vendor,
        "ledger": os.environ.get("AI_LEDGER", "durable"),
        "processes": options.processes,
        "threads": options.threads,
        "calls_of_each": options.calls,
        "killed": watch.killed,
        "told_by_survivors": dict(told),
        "seconds": round(seconds, 1),
        **compare(limit, watch.most, read_books(base_url)),
    }


def set_budget(options: argparse.Namespace) -> tuple[int, int]:
    """See what one call costs and holds, and set a hard budget.

    Returns:
        A part of what all calls would cost, and the limit: that, and holds for half of the calls that run at once.
    """
    from ai_router.loop import close_provider_loop
    from usage.models import Budget, Call

    ask(random.Random(0), "first")  # noqa: S311 - sizes, no secrets
    first = Call.objects.get()
    close_provider_loop()
    at_once = options.processes * options.threads
    calls = options.processes * options.calls + (options.kills * CALLS_OF_A_LIFE if options.relay else 0)
    goal = int((first.cost_nanousd or 0) * calls * SHARE_OF_BUDGET)
    # What a killed process held stays held until its call has expired.
    limit = goal + first.held_nanousd * (
        max(2, at_once // 2) + (options.kills * options.threads if options.relay else 0)
    )
    Budget.objects.create(name="hammered", limit_nanousd=limit)
    return goal, limit


def ask(dice: random.Random, name: str) -> None:
    """Make one call of a size that differs from call to call."""
    from ai_router import router
    from ai_router.types import TaskType

    prompt = f"{name}: " + " ".join(dice.choices(WORDS, k=dice.randint(5, 60)))
    router.generate(task_type=TaskType.COVER_LETTER, prompt=prompt, max_output_tokens=dice.randint(10, 80))


def work(report: Path, calls: int, threads: int, number: int) -> None:
    """Make the calls of one process, and say how they ended."""
    from django.db import connections

    from ai_router.loop import close_provider_loop
    from usage.behind import close_behind

    told: Counter[str] = Counter()

    def some(thread: int) -> None:
        from ai_router.errors import RouterError
        from usage.errors import BudgetExceededError

        dice = random.Random(f"{number}:{thread}")  # noqa: S311 - sizes, no secrets
        for count in range(calls // threads):
            for _ in range(TRIES):
                try:
                    ask(dice, f"{number}:{thread}:{count}")
                    told["answered"] += 1
                    break
                except BudgetExceededError:
                    told["refused"] += 1
                    time.sleep(dice.uniform(0, LOOK_SECONDS))
                except RouterError as error:
                    told[type(error).__name__] += 1
                    break
        connections.close_all()

    started = [threading.Thread(target=some, args=(thread,)) for thread in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    # What ends a process, but for one that `multiprocessing` has forked: what has lost against its hedge is settled.
    close_provider_loop()
    close_behind()
    report.write_text(json.dumps(told))


class Watch:
    """Looks at the budget while the processes work, and kills some of them."""

    def __init__(self, goal: int, workers: list[Any], options: argparse.Namespace) -> None:
        """Draw the moments of the kills: when so much of the budget is spent."""
        self.most = self.killed = 0
        self._workers = workers
        self._dice = random.Random(options.seed)  # noqa: S311 - sizes, no secrets
        kills = min(options.kills, len(workers) - 1)
        self._moments = sorted((self._dice.uniform(0.05, 0.7) * goal for _ in range(kills)), reverse=True)

    def run(self) -> None:
        """Return when every process has ended."""
        while any(worker.is_alive() for worker in self._workers):
            self._look()
            time.sleep(LOOK_SECONDS)
        for worker in self._workers:
            worker.join()
        self._look()

    def _look(self) -> None:
        from usage.models import BudgetWindow

        window = BudgetWindow.objects.first()
        if window is None:
            return
        self.most = max(self.most, window.held_nanousd + window.spent_nanousd)
        alive = [worker for worker in self._workers if worker.is_alive()]
        if self._moments and alive and window.spent_nanousd >= self._moments[-1]:
            self._moments.pop()
            os.kill(self._dice.choice(alive).pid, signal.SIGKILL)
            self.killed += 1


class Relay:
    """Kills every process after a random time and starts another in its place, until there were enough kills."""

    def __init__(self, start: Callable[[], Any], options: argparse.Namespace) -> None:
        """Start the first processes; each moment of death is drawn when its process begins."""
        self.most = self.killed = 0
        self._start, self._options = start, options
        self._dice = random.Random(options.seed)  # noqa: S311 - moments, no secrets
        self._lives = [self._begin() for _ in range(options.processes)]

    def _begin(self) -> tuple[Any, float]:
        return self._start(), time.monotonic() + self._dice.uniform(0, self._options.relay)

    def run(self) -> None:
        """Return when there were enough kills, and the last processes have made their calls."""
        while self.killed < self._options.kills:
            for place, (worker, ends_at) in enumerate(self._lives):
                if worker.is_alive() and time.monotonic() < ends_at:
                    continue
                if worker.is_alive():
                    worker.kill()
                    self.killed += 1
                worker.join()
                self._lives[place] = self._begin()
            self._look()
            time.sleep(LOOK_SECONDS / 10)
        for worker, _ in self._lives:
            worker.join()
        self._look()

    def _look(self) -> None:
        from django.db import connections

        from usage.models import BudgetWindow

        for window in BudgetWindow.objects.all():
            self.most = max(self.most, window.held_nanousd + window.spent_nanousd)
        # The next process must not inherit it.
        connections.close_all()


def read_books(base_url: str) -> list[dict[str, Any]]:
    """Return the simulator's books once all its answers have ended."""
    address = f"{base_url.rpartition('/v1')[0]}/control/books"
    while True:
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server on loopback
            books: list[dict[str, Any]] = json.load(answer)
        if all(entry["is_closed"] for entry in books):
            return books
        time.sleep(LOOK_SECONDS)


def compare(limit: int, most: int, books: list[dict[str, Any]]) -> dict[str, Any]:
    """Settle what killed processes left open, and compare the ledger with the simulator's books."""
    from django.utils import timezone

    from usage.ledger import reconcile_expired_calls
    from usage.models import BudgetHold, BudgetWindow, Call
    from usage.rollup_repair import find_differences
    from usage.types import CallStatus

    written_off = reconcile_expired_calls(now=timezone.now() + timedelta(days=1))
    billed: Counter[str] = Counter()
    for entry in books:
        billed[entry["client_request_id"]] += entry["cost_nanousd"]
    calls = {str(call.pk): call for call in Call.objects.all()}
    settled = {pk: call for pk, call in calls.items() if call.status != CallStatus.UNKNOWN}
    lost = {pk: call for pk, call in calls.items() if call.status == CallStatus.UNKNOWN}
    window = BudgetWindow.objects.get()
    booked = sum(call.cost_nanousd or 0 for call in calls.values())
    figures = {
        "limit_nanousd": limit,
        "most_held_and_spent_nanousd": most,
        "booked_nanousd": booked,
        "billed_nanousd": sum(billed.values()),
        "settled_calls": len(settled),
        "written_off_calls": written_off,
        "overshoot_nanousd": max(0, most - limit, window.spent_nanousd - limit, sum(billed.values()) - limit),
        "leaked_nanousd": window.held_nanousd,
        "leaked_holds": BudgetHold.objects.filter(paid_nanousd=None).count(),
        "open_calls": sum(call.status == CallStatus.OPEN for call in calls.values()),
        "settled_on_an_estimate": sum(call.is_estimated for call in settled.values()),
        "estimates_below_what_was_billed": sum(
            (call.cost_nanousd or 0) < billed[pk] for pk, call in settled.items() if call.is_estimated
        ),
        "billed_above_the_hold": sum(call.held_nanousd < billed[pk] for pk, call in calls.items()),
        "settled_calls_that_differ": sum(
            call.cost_nanousd != billed[pk] for pk, call in settled.items() if not call.is_estimated
        ),
        "written_off_below_what_was_billed": sum((call.cost_nanousd or 0) < billed[pk] for pk, call in lost.items()),
        "requests_of_no_call": sum(pk not in calls for pk in billed),
        "window_differs_by_nanousd": window.spent_nanousd - booked,
        "roll_ups_that_differ": len(list(find_differences())),
    }
    broken = [
        "overshoot_nanousd",
        "leaked_nanousd",
        "leaked_holds",
        "open_calls",
        "estimates_below_what_was_billed",
        "billed_above_the_hold",
        "settled_calls_that_differ",
        "written_off_below_what_was_billed",
        "requests_of_no_call",
        "window_differs_by_nanousd",
        "roll_ups_that_differ",
    ]
    return figures | {"is_kept": not any(figures[name] for name in broken)}


if __name__ == "__main__":
    sys.exit(main())
