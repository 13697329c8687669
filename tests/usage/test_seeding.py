"""Made-up traffic looks like traffic, and its sums are as exact as any."""

import pytest
from django.core.management import CommandError, call_command

from usage.models import Attempt, Call
from usage.rollup_repair import find_differences
from usage.rollups import read

pytestmark = pytest.mark.django_db


def test_the_roll_ups_are_equal_to_the_lines(capsys):
    call_command("seed_usage", "--calls", "600", "--days", "3", "--users", "5")

    assert capsys.readouterr().out == "600 calls of 5 people in 3 days.\n"
    assert Call.objects.count() == 600
    assert list(find_differences()) == []
    (cell,) = read()
    assert cell.sums.calls == 600
    assert cell.sums.cost_nanousd > 0
    assert cell.sums.cache_hits > 0
    assert cell.sums.attempts == Attempt.objects.count()
    assert len(read(by=["user"])) == 5
    assert {cell.names[0] for cell in read(by=["status"])} >= {"succeeded", "failed"}
    assert {cell.names for cell in read(by=["experiment", "arm"])} >= {("shorter letters", "short")}


def test_the_same_number_makes_the_same_traffic():
    totals = []
    for _ in range(2):
        Call.objects.all().delete()
        call_command("seed_usage", "--calls", "50", "--days", "1", "--users", "2", "--seed", "7", verbosity=0)
        totals.append(sorted(Call.objects.values_list("cost_nanousd", "latency_ms", "model")))

    assert totals[0] == totals[1]


def test_a_ledger_with_real_calls_is_left_alone(settled_line):
    settled_line()

    with pytest.raises(CommandError, match="--force"):
        call_command("seed_usage", "--calls", "5")
    call_command("seed_usage", "--calls", "5", "--days", "1", "--force", verbosity=0)
    assert Call.objects.count() == 6


@pytest.mark.parametrize("option", ["calls", "days", "users"])
def test_nothing_to_make_is_refused(option):
    with pytest.raises(CommandError, match=f"--{option} 0"):
        call_command("seed_usage", f"--{option}", "0")
