"""The gate's benchmark: reproducible, of the promised breadth, and passed on a sample of it."""

import json
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cv.json_resume import to_json_resume
from jobs.evaluation.gate import Rate, benchmark_cases, evaluate_bound, evaluate_free
from jobs.evaluation.mutations import MUTATIONS
from jobs.evaluation.people import invented_people, trades
from tests.jobs.samples import resume_of_ada


def test_the_benchmark_is_the_same_for_the_same_seed():
    first, again, other = ([case.text for case, _ in benchmark_cases(3, seed=seed)] for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_eighty_people_give_lies_of_every_class_and_enough_of_both_kinds():
    cases = [case for case, _ in benchmark_cases(80, seed=2026)]
    lies = Counter(case.kind for case in cases if not case.is_true)

    assert set(lies) == set(MUTATIONS)
    assert lies.total() >= 5_000
    assert len(cases) - lies.total() >= 2_000


def test_a_part_is_kept_apart_by_trade():
    apart = {trade.name for trade in trades() if trade.is_kept_apart}

    assert 0 < len(apart) < len(trades())
    assert {person.trade.name for person in invented_people(40, seed=1)} == {trade.name for trade in trades()}


def test_the_gate_finds_the_lies_of_a_sample_and_passes_its_truths():
    cases = list(benchmark_cases(20, seed=7))[::24]

    for report in (evaluate_bound(cases), evaluate_free(cases)):
        assert report.lies.overall.value >= 0.99, report.lies.wrong
        assert report.alarms.overall.value <= 0.02, report.alarms.wrong


def test_the_command_prints_rates_with_intervals_of_given_cvs_too(tmp_path):
    path = tmp_path / "cv.json"
    path.write_text(json.dumps(to_json_resume(resume_of_ada())), encoding="utf-8")
    out = StringIO()

    call_command("evaluate_gate", people=1, seed=3, every=5, cv=[path], json=True, stdout=out)

    data = json.loads(out.getvalue())
    given = data["given CVs, line cited"]
    assert given["recall"]["overall"]["total"] >= 30
    assert given["recall"]["overall"]["value"] >= 0.97
    by_hand = data["written by hand"]
    assert 60 <= by_hand["recall"]["overall"]["total"] <= 70
    assert by_hand["recall"]["overall"]["value"] >= 0.97
    assert by_hand["false_alarms"]["overall"]["value"] <= 0.05
    afresh = data["written afresh, also looked at"]
    assert afresh["recall"]["overall"]["value"] >= 0.95
    assert data["written afresh, looked at"]["recall"]["overall"]["value"] >= 0.99
    looked_at = data["second set, looked at"]
    assert looked_at["recall"]["overall"]["value"] >= 0.98
    assert looked_at["false_alarms"]["overall"]["value"] <= 0.08
    assert looked_at["false_alarms"]["to_confirm"] <= looked_at["false_alarms"]["overall"]["hits"]
    assert data["second set, kept apart"]["recall"]["overall"]["value"] >= 0.95
    third = data["third set, looked at"]
    assert third["recall"]["overall"]["value"] >= 0.98
    assert third["false_alarms"]["overall"]["value"] <= 0.25
    assert {"truth adviser pl", "truth model it"} <= third["false_alarms"]["by_class"].keys()
    # Of one sentence in five; the whole set has 0.95.
    assert data["fourth set, kept apart"]["recall"]["overall"]["value"] >= 0.85
    low, high = data["open part, line cited"]["recall"]["overall"]["interval"]
    assert 0 < low < high <= 1
    with pytest.raises(CommandError, match="--people"):
        call_command("evaluate_gate", people=0)
    with pytest.raises(CommandError, match="--every"):
        call_command("evaluate_gate", every=0)


def test_wilsons_interval_of_ten_out_of_ten():
    low, high = Rate(10, 10).interval

    assert low == pytest.approx(0.7225, abs=1e-3)
    assert high == pytest.approx(1)
