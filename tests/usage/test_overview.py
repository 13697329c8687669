"""Calls and cost over time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.usage.conftest import make_attempt, move_line
from usage.ledger import reconcile_expired_calls, settle_call
from usage.overview import MOST_COLUMNS, OTHERS, _buckets, _series, load_overview
from usage.types import AttemptStatus, CallStatus

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 30, tzinfo=UTC)


@pytest.fixture
def line_at(settled_line):
    def make(when: datetime, **more):
        line = settled_line(**more)
        move_line(line.pk, when)
        return line

    return make


def figures(series, when: datetime) -> dict[str, int]:
    row = next(row for bucket, row in series.rows if bucket == when)
    return dict(zip(series.columns, row, strict=True))


def test_days_are_utc_and_without_gaps(line_at):
    line_at(datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC), provider="groq", cost=5)
    line_at(datetime(2026, 11, 21, 0, 0, tzinfo=UTC), provider="openai", cost=70)
    line_at(datetime(2026, 11, 21, 9, 0, tzinfo=UTC), provider="openai", cost=30)
    line_at(datetime(2026, 11, 13, 9, 0, tzinfo=UTC), provider="openai", cost=1)

    activity = load_overview(hours=7 * 24, now=NOW)

    cost = activity.cost_by_provider
    assert cost.columns == ["openai", "groq"]
    assert [bucket.day for bucket, _ in cost.rows] == list(range(14, 22))
    assert not cost.is_hourly
    assert figures(cost, datetime(2026, 11, 20, tzinfo=UTC)) == {"openai": 0, "groq": 5}
    assert figures(cost, datetime(2026, 11, 21, tzinfo=UTC)) == {"openai": 100, "groq": 0}
    assert figures(activity.calls_by_provider, datetime(2026, 11, 21, tzinfo=UTC)) == {"openai": 2, "groq": 0}
    assert cost.total == 105


def test_a_short_period_is_shown_by_the_hour(line_at):
    line_at(NOW - timedelta(minutes=31), task_type="cv_parsing")

    activity = load_overview(hours=24, now=NOW)

    calls = activity.calls_by_task
    assert calls.is_hourly
    assert len(calls.rows) == 25
    assert figures(calls, datetime(2026, 11, 21, 12, tzinfo=UTC)) == {"cv_parsing": 1}


def test_cost_follows_the_attempts_and_calls_the_answer(open_line):
    call_id = open_line()
    failed = make_attempt(provider="groq", status=AttemptStatus.FAILED, cost_nanousd=200)
    settle_call(
        call_id=call_id,
        status=CallStatus.SUCCEEDED,
        attempts=[failed, make_attempt()],
        latency_ms=1,
        provider="openai",
    )
    settle_call(call_id=open_line(task_type="cv_parsing"), status=CallStatus.FAILED, attempts=[failed], latency_ms=1)
    open_line(held_nanousd=900, task_type="cv_parsing", expires_at=NOW - timedelta(days=400))
    reconcile_expired_calls(now=NOW - timedelta(days=399))

    activity = load_overview(hours=24 * 7)

    totals = {
        name: sum(row[column] for _, row in activity.cost_by_provider.rows)
        for column, name in enumerate(activity.cost_by_provider.columns)
    }
    assert totals == {"openai": 1_500, "groq": 400, "unknown": 900}
    assert activity.cost_by_task.total == 2_800
    assert activity.calls_by_provider.columns == ["not answered", "openai"]
    assert activity.calls_by_task.columns == ["cv_parsing", "cover_letter"]


def test_a_user_sees_their_own_and_free_calls_have_no_cost_columns(settled_line, owner, stranger):
    settled_line(user=owner, provider="embedded", cost=0)
    settled_line(user=stranger)

    activity = load_overview(hours=24, user_id=owner.pk)

    assert activity.cost_by_provider.columns == []
    assert activity.cost_by_task.total == 0
    assert activity.calls_by_provider.columns == ["embedded"]
    assert activity.calls_by_provider.total == 1


def test_an_overview_takes_three_queries(settled_line, django_assert_num_queries):
    settled_line()

    with django_assert_num_queries(3):
        load_overview(hours=24 * 30)


CELLS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abcdefghijkl"), st.integers(0, 9)), max_size=60)


@given(CELLS)
def test_no_figure_is_lost_when_columns_are_added_up(cells):
    buckets = _buckets(NOW, 2)
    series = _series(buckets, [(buckets[place], name, figure) for place, name, figure in cells])

    assert series.total == sum(figure for _, _, figure in cells)
    assert len(series.columns) <= MOST_COLUMNS
    assert (OTHERS in series.columns) == (len({name for _, name, figure in cells if figure}) > MOST_COLUMNS)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(1, 24 * 100))  # noqa: DTZ001
def test_the_buckets_cover_the_period(now, hours):
    buckets = _buckets(now, hours)
    step = buckets[1] - buckets[0]

    assert buckets[0] <= now - timedelta(hours=hours) < buckets[0] + step
    assert buckets[-1] <= now < buckets[-1] + step
