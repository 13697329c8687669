"""`manage.py` as a process, on a data folder that is new."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("arguments", [("create_api_token", "nobody"), ("usage_report", "--hours", "24")])
def test_a_command_without_a_database_says_what_to_do(arguments, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment["CAREERAI_DATA_DIR"] = str(tmp_path)

    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "CommandError: The database is not set up, or is of an older version. Run `manage.py migrate` first."
    ]
    assert done.stdout == ""
