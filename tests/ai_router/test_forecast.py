"""Quotes come from what the ledger saw."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ai_router.copies import forget_copies
from ai_router.forecast import forecast_output, interval_of
from ai_router.types import Candidate
from usage.models import Call

MINI, NANO = Candidate("openai", "gpt-5.4-mini"), Candidate("openai", "gpt-5.4-nano")


def answered(candidate: Candidate, *outputs: int, **more: object) -> None:
    now = timezone.now()
    values = {"task_type": "cover_letter", "prompt_version": "verse/v1", "status": "succeeded"} | more
    Call.objects.bulk_create(
        Call(
            id=uuid4(), provider=candidate.provider, model=candidate.model, output_tokens=tokens,
            created_at=now - timedelta(minutes=number), expires_at=now, **values,
        )
        for number, tokens in enumerate(outputs)
    )  # fmt: skip
    forget_copies()


def forecast(candidate: Candidate, bound: int = 1_000) -> tuple[int, int, int]:
    found = forecast_output(task_type="cover_letter", prompt_version="verse/v1", candidate=candidate, bound=bound)
    return found.low, found.expected, found.high


@pytest.mark.django_db
def test_without_answers_shares_of_the_bound_are_taken():
    assert forecast(MINI) == (100, 400, 900)


@pytest.mark.django_db
def test_a_model_is_judged_by_its_own_answers_once_there_are_enough():
    answered(NANO, *[100] * 20)
    assert forecast(MINI) == (100, 100, 100)

    answered(MINI, *range(200, 380, 20))

    assert forecast(MINI) == (200, 280, 360)
    assert forecast(NANO) == (100, 100, 100)
    assert forecast(MINI, bound=250) == (200, 250, 250)


@pytest.mark.django_db
def test_failed_kept_and_free_answers_teach_nothing():
    answered(MINI, 900, status="failed")
    answered(MINI, 900, is_cached=True)
    answered(MINI, 900, prompt_version="verse/v2")
    answered(Candidate("embedded", "rules"), 900)

    assert forecast(MINI) == (100, 400, 900)


@given(st.lists(st.integers(0, 10**6), min_size=10, max_size=60))
def test_of_any_answers_eight_of_ten_lie_in_the_interval_that_the_others_give(outputs):
    """Leave each out in turn: that is the average over all orders in which they could have come."""
    held = 0
    for number, left_out in enumerate(outputs):
        low, high = interval_of(sorted(outputs[:number] + outputs[number + 1 :]))
        held += low <= left_out <= high

    assert held >= 0.8 * len(outputs) - 1e-9
