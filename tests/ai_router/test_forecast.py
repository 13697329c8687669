"""Quotes come from what the ledger saw."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ai_router.copies import forget_copies
from ai_router.forecast import OutputForecast, forecast_output, interval_of
from ai_router.planning import Question, make_steps
from ai_router.types import Candidate, Message, TaskType
from usage.models import Attempt, Call
from usage.types import CORRECTION, TokenUsage

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
    found = forecast_of(candidate, bound=bound, weight=0)
    return found.low.written, found.expected.written, found.high.written


def forecast_of(candidate: Candidate, *, weight: float, bound: int = 1_000) -> OutputForecast:
    return forecast_output(
        task_type="cover_letter",
        prompt_version="verse/v1",
        candidate=candidate,
        bound=bound,
        input_weight=lambda: weight,
    )


def attempt(call: Call, number: int, sent: int, written: int, **more: object) -> Attempt:
    values = {"provider": call.provider, "model": call.model, "started_at": call.created_at} | more
    return Attempt(call=call, ordinal=number, input_tokens=sent, output_tokens=written, **values)


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


@pytest.mark.django_db
def test_a_repair_sends_the_input_again_and_counts_for_what_it_costs():
    answered(MINI, *range(100, 280, 20))
    first, second = Call.objects.order_by("output_tokens")[:2]
    # Somebody else was asked before, at a length that is no concern of this model; a correction is no request.
    Attempt.objects.bulk_create(
        [
            attempt(first, 1, 9_000, 500, provider="groq"),
            attempt(first, 2, 1_000, 50),
            attempt(first, 3, 1_100, 50),
            attempt(first, 4, 7, 7, error_class=CORRECTION),
            attempt(second, 1, 1_000, 120),
        ]
    )
    forget_copies()

    cheap_input, dear_input = (forecast_of(MINI, weight=weight) for weight in (1, 500))

    assert (cheap_input.low.written, cheap_input.low.times_sent) == (100, 2.1)
    assert (dear_input.low.written, dear_input.low.times_sent) == (120, 1)
    assert (dear_input.high.written, dear_input.high.times_sent) == (100, 2.1)
    assert cheap_input.expected.times_sent == pytest.approx((8 + 2.1) / 9)
    assert forecast_of(MINI, weight=500, bound=80).high.written == 100
    assert forecast_of(MINI, weight=500, bound=40).high.written == 84


@pytest.mark.django_db
def test_a_quote_has_the_repair_in_it():
    answered(MINI, *[100] * 10)
    for call in Call.objects.all():
        Attempt.objects.bulk_create([attempt(call, 1, 1_000, 50), attempt(call, 2, 1_500, 50)])
    forget_copies()
    messages = (Message("user", " word" * 2_000),)
    question = Question(
        TaskType.COVER_LETTER,
        messages=lambda: messages,
        accept=lambda answer, *_: answer,
        max_output_tokens=500,
        prompt_version="verse/v1",
    )

    (step,) = make_steps(question, [MINI], messages, messages)

    usages = [TokenUsage(input_tokens=sent) for sent in (step.input_tokens, round(step.input_tokens * 1.5))]
    cost = sum(step.prices.cost(usage) for usage in [*usages, TokenUsage(output_tokens=100)])
    assert step.low_nanousd == step.expected_nanousd == step.high_nanousd == cost
    assert step.input_tokens > 2_000


@given(st.lists(st.integers(0, 10**6), min_size=10, max_size=60))
def test_of_any_answers_eight_of_ten_lie_in_the_interval_that_the_others_give(outputs):
    """Leave each out in turn: that is the average over all orders in which they could have come."""
    held = 0
    for number, left_out in enumerate(outputs):
        low, high = interval_of(sorted(outputs[:number] + outputs[number + 1 :]))
        held += low <= left_out <= high

    assert held >= 0.8 * len(outputs) - 1e-9
