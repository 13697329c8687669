"""The budget hammer at a small size: real processes, the real SDK, the simulator's own books, and kills."""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).parents[2]


def test_processes_that_are_killed_on_the_way_leave_an_exact_budget(django_db_setup):
    config = connection.settings_dict
    login = f"{config['USER']}:{config['PASSWORD']}" if config.get("PASSWORD") else config.get("USER")
    is_server = connection.vendor == "postgresql"
    url = f"postgres://{login}@{config['HOST']}:{config['PORT']}/{config['NAME']}" if is_server else ""
    shape = ("--processes", "4") if is_server else ("--processes", "2", "--threads", "4")
    command = [sys.executable, "-m", "benchmarks.budget_hammer", "--calls", "24", "--kills", "1", *shape]

    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2_000:] + done.stdout
    figures = json.loads(done.stdout)
    assert figures["database"] == connection.vendor
    assert figures["killed"] == 1
    assert figures["settled_calls"] > 5
    assert figures["overshoot_nanousd"] == figures["leaked_nanousd"] == figures["leaked_holds"] == 0
    assert figures["settled_calls_that_differ"] == figures["written_off_below_what_was_billed"] == 0
