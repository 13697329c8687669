"""What the ledger adds up to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.usage.conftest import make_attempt
from usage.ledger import reconcile_expired_calls, settle_call
from usage.reports import break_down, of_user, summarise_usage, take_tally
from usage.types import AttemptStatus, CallStatus, TokenUsage

pytestmark = pytest.mark.django_db


def test_an_empty_ledger_adds_up_to_zeros():
    summary = summarise_usage(hours=24)

    assert (summary.total_requests, summary.cost_nanousd, summary.total_tokens) == (0, 0, 0)
    assert (summary.cost_by_provider, summary.cost_by_task, summary.all_time_cost_nanousd) == ({}, {}, 0)


def test_requests_tokens_and_cost_of_the_period(settled_line, open_line):
    settled_line(
        cost=2_000,
        usage=TokenUsage(
            input_tokens=10, cached_input_tokens=4, cache_write_tokens=1, output_tokens=5, reasoning_tokens=7
        ),
    )
    settled_line(provider="groq", task_type="fast_summary", cost=500, status=CallStatus.FAILED)
    settled_line(cost=40, hours_ago=25)
    open_line()

    summary = summarise_usage(hours=24)

    assert (summary.total_requests, summary.successful_requests, summary.failed_requests) == (3, 1, 1)
    assert (summary.total_input_tokens, summary.total_output_tokens, summary.total_tokens) == (25, 17, 42)
    assert summary.cost_nanousd == 2_500
    assert summary.cost_by_provider == {"groq": 500, "openai": 2_000}
    assert summary.cost_by_task == {"cover_letter": 2_000, "fast_summary": 500}
    assert summary.all_time_cost_nanousd == 2_540


@pytest.mark.parametrize("status", [CallStatus.INCOMPLETE, CallStatus.CANCELLED, CallStatus.UNKNOWN])
def test_a_call_without_a_whole_answer_counts_as_failed(settled_line, status):
    settled_line(status=status)

    summary = summarise_usage(hours=1)

    assert (summary.total_requests, summary.successful_requests, summary.failed_requests) == (1, 0, 1)


def test_a_users_figures_hold_only_their_own_calls(settled_line, owner, stranger):
    settled_line(user=owner, cost=10)
    settled_line(user=stranger, cost=700, provider="groq")
    settled_line(cost=9_000)

    summary = summarise_usage(hours=24, user_id=owner.pk)

    assert (summary.total_requests, summary.cost_nanousd, summary.cost_by_provider) == (1, 10, {"openai": 10})
    assert summary.all_time_cost_nanousd == 10


def _fallback(open_line, **more):
    """A call that groq failed, for a price, and openai answered."""
    call_id = open_line(**more)
    failed = make_attempt(provider="groq", status=AttemptStatus.FAILED, cost_nanousd=200)
    settle_call(
        call_id=call_id,
        status=CallStatus.SUCCEEDED,
        attempts=[failed, failed, make_attempt()],
        latency_ms=1,
        provider="openai",
    )


def test_a_billed_failed_attempt_counts_for_the_provider_that_billed_it(open_line):
    _fallback(open_line)

    summary = summarise_usage(hours=24)

    assert (summary.total_requests, summary.successful_requests) == (1, 1)
    assert summary.cost_by_provider == {"groq": 400, "openai": 1_500}
    assert summary.cost_by_task == {"cover_letter": 1_900}


def test_a_providers_figures_count_each_request_sent_to_it(open_line, settled_line):
    _fallback(open_line)
    settled_line(provider="openai", task_type="fast_summary", cost=100, hours_ago=30)

    groq = summarise_usage(hours=24, provider="groq")
    openai = summarise_usage(hours=24, provider="openai")

    assert (groq.total_requests, groq.successful_requests, groq.failed_requests) == (2, 0, 2)
    assert (groq.cost_nanousd, groq.total_tokens, groq.cost_by_task) == (400, 30, {"cover_letter": 400})
    assert (openai.total_requests, openai.successful_requests, openai.failed_requests) == (1, 1, 0)
    assert (openai.cost_by_provider, openai.all_time_cost_nanousd) == ({"openai": 1_500}, 1_600)
    assert summarise_usage(hours=24, provider="nobody").total_requests == 0


def test_what_was_written_off_counts_for_an_unknown_provider(open_line):
    open_line(held_nanousd=900, expires_at=timezone.now() - timedelta(seconds=1))
    reconcile_expired_calls()

    summary = summarise_usage(hours=24)

    assert (summary.cost_nanousd, summary.cost_by_provider) == (900, {"unknown": 900})
    assert summary.cost_by_task == {"cover_letter": 900}
    assert summarise_usage(hours=24, provider="openai").cost_nanousd == 0


def test_an_unknown_price_adds_nothing_and_is_counted(settled_line, open_line):
    settled_line(cost=None)
    settled_line(cost=10)
    open_line()

    summary = summarise_usage(hours=24)

    assert (summary.cost_nanousd, summary.unpriced_requests) == (10, 1)


def test_the_figures_take_a_fixed_number_of_queries(settled_line, django_assert_num_queries):
    for provider in ("openai", "groq", "embedded"):
        settled_line(provider=provider)

    with django_assert_num_queries(3):
        summarise_usage(hours=24)


def test_the_breakdowns_count_calls_by_task_and_requests_by_provider(open_line, settled_line):
    since = timezone.now() - timedelta(hours=24)
    _fallback(open_line)
    settled_line(task_type="cv_parsing", provider="embedded", cost=0)
    settled_line(task_type="cv_parsing", provider="embedded", cost=None)
    open_line(task_type="old_task", held_nanousd=900, expires_at=timezone.now() - timedelta(seconds=1))
    reconcile_expired_calls()

    tasks = {
        row.name: (row.requests, row.failed, row.cost_nanousd) for row in break_down(take_tally(since=since), "task")
    }
    providers = {
        row.name: (row.requests, row.failed, row.cost_nanousd)
        for row in break_down(take_tally(since=since), "provider")
    }

    assert tasks == {"cv_parsing": (2, 0, 0), "cover_letter": (1, 0, 1_900), "old_task": (1, 1, 900)}
    assert providers == {
        "embedded": (2, 0, 0),
        "groq": (2, 2, 400),
        "openai": (1, 0, 1_500),
        "unknown": (0, 0, 900),
    }
    assert [row.unpriced for row in break_down(take_tally(since=since), "task")] == [1, 0, 0]


def test_the_breakdowns_of_a_user_hold_only_their_own_calls(settled_line, owner, stranger):
    since = timezone.now() - timedelta(hours=24)
    settled_line(user=owner, provider="groq")
    settled_line(user=stranger)
    settled_line(user=owner, provider="embedded", hours_ago=25)

    assert [row.name for row in break_down(take_tally(since=since, only=of_user(owner.pk)), "provider")] == ["groq"]
    assert [row.requests for row in break_down(take_tally(since=since, only=of_user(owner.pk)), "task")] == [1]
