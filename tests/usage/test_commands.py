"""The commands of `usage`."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from usage.models import Call
from usage.types import CallStatus

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_report_of_an_empty_ledger():
    assert run("usage_report") == (
        "Last 24 hours: 0 calls (0 succeeded, 0 not completed), 0 tokens in, 0 out, $0.00; all time $0.00\n"
    )


def test_the_report_shows_tables(settled_line):
    settled_line(cost=12_345_678)
    settled_line(cost=None, provider="groq", task_type="fast_summary")
    settled_line(status=CallStatus.FAILED, cost=0)
    settled_line(cost=10**9, hours_ago=50)

    lines = run("usage_report", "--hours", "48").splitlines()

    assert lines[0] == (
        "Last 48 hours: 3 calls (2 succeeded, 1 not completed), 30 tokens in, 15 out, $0.0123; all time $1.01"
    )
    assert lines[1] == "Not in the cost: 1 calls of unknown price"
    assert lines[3:6] == [
        "provider  requests  failed  tokens in  tokens out     cost  unpriced",
        "openai           2       1         20          10  $0.0123         0",
        "groq             1       0         10           5    $0.00         1",
    ]
    assert lines[7].startswith("task ")
    assert lines[8].split()[:2] == ["cover_letter", "2"]


def test_the_report_as_json_has_the_keys_of_the_api(settled_line, client_for, staff):
    settled_line()

    found = json.loads(run("usage_report", "--hours=3", "--json"))

    assert found == client_for(staff).get("/api/v1/ai/usage/?hours=3").json()


def test_the_report_of_one_user(settled_line, owner, stranger):
    settled_line(user=owner)
    settled_line(user=stranger, provider="groq")

    assert "groq" not in run("usage_report", "--user", "owner")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--hours", "x"], "--hours 'x'"), (["--hours", "0"], "--hours '0'"), (["--user", "nobody"], "'nobody'")],
)
def test_bad_input_is_one_clear_line(arguments, words):
    with pytest.raises(CommandError, match=words) as caught:
        run("usage_report", *arguments)

    assert "\n" not in str(caught.value)


def test_reconciling_says_how_many_were_settled(open_line):
    open_line(expires_at=timezone.now() - timedelta(seconds=1))
    running = open_line()

    assert run("reconcile_usage") == "Settled 1 expired calls; 1 are open and have not expired.\n"
    assert json.loads(run("reconcile_usage", "--json")) == {
        "settled": 0,
        "still_open": 1,
        "differences": [],
        "rebuilt": False,
    }
    assert Call.objects.get(id=running).status == CallStatus.OPEN
