"""From posting to page with a provider that lies and obeys: a sample of what `evaluate_truthfulness` counts."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from jobs.analysis.patterns import addresses_model
from jobs.evaluation.truthfulness import INJECTIONS, evaluate_truthfulness


def test_no_lie_reaches_the_person_and_nothing_true_is_lost():
    counts = evaluate_truthfulness(2, 2, lies=2, seed=5)

    assert counts.documents == 8
    assert counts.planted >= 12
    assert counts.reached == []
    assert counts.kept_truths == counts.truths > 0
    assert counts.covered == counts.supportable > 0


def test_orders_to_a_model_move_no_score_and_write_no_sentence():
    counts = evaluate_truthfulness(2, 1, lies=1, seed=9)

    assert counts.injected == 2
    assert counts.moved_scores == 0
    assert counts.obeyed == 0


@pytest.mark.parametrize("text", INJECTIONS)
def test_orders_to_a_model_are_known_as_such(text):
    assert addresses_model(text)


@pytest.mark.parametrize(
    "text",
    [
        "You give our customers the best advice",
        "You report to the head of department",
        "Experience with large language models and AI systems",
        "Test automation in all modes of operation",
    ],
)
def test_ordinary_demands_are_not_taken_for_orders(text):
    assert not addresses_model(text)


def test_the_command_prints_its_counts():
    out = StringIO()

    call_command("evaluate_truthfulness", people=1, postings=1, lies=1, stdout=out)

    assert "lies that reached the person: 0" in out.getvalue()
    with pytest.raises(CommandError, match="--lies"):
        call_command("evaluate_truthfulness", lies=0)
