"""Today against what is usual."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from usage.models import RollUp, RollUpGrain
from usage.rollup_writing import hour_of
from usage.rollups import EVERYTHING, Only
from usage.today import compare_today
from usage.types import Watched

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
MIDNIGHT = NOW.replace(hour=0, minute=0)


def make_hours(first: datetime, count: int, *, calls: int = 20, price: int = 1_000, status: str = "succeeded", **more):
    """Let there have been so many calls in each of some hours, a few more or less by turns."""
    rows = []
    for number in range(count):
        of_hour = calls + (number * 7) % 5 - 2
        rows.append(
            RollUp(
                grain=RollUpGrain.HOUR,
                hour=hour_of(first) + number,
                task_type="cover_letter",
                provider="openai",
                status=status,
                calls=of_hour,
                attempts=of_hour,
                cost_nanousd=of_hour * price,
                input_tokens=of_hour * 100,
                latency_ms=of_hour * 400,
                **more,
            )
        )
    RollUp.objects.bulk_create(rows)


@pytest.fixture
def three_weeks():
    make_hours(MIDNIGHT - timedelta(days=21), 21 * 24)


def verdicts(only: Only = EVERYTHING, now: datetime = NOW) -> dict[str, str]:
    return {one.measure: one.verdict for one in compare_today(only, now=now)}


@pytest.mark.usefixtures("three_weeks")
def test_a_day_like_the_others_is_as_usual():
    make_hours(MIDNIGHT, 15)

    compared = {one.measure: one for one in compare_today(EVERYTHING, now=NOW)}

    assert {one.verdict for one in compared.values()} == {"usual"}
    assert compared[Watched.VOLUME].usual == pytest.approx(15.5 * 20, rel=0.05)
    assert compared[Watched.VOLUME].usual_day == pytest.approx(24 * 20, rel=0.05)
    assert compared[Watched.LATENCY].seen == 400
    assert compared[Watched.ERRORS].usual == pytest.approx(0, abs=0.002)
    hours = compared[Watched.COST].hours
    assert [hour.start.hour for hour in hours] == list(range(24))
    assert [hour.seen is None for hour in hours] == [hour.start > NOW for hour in hours]


@pytest.mark.usefixtures("three_weeks")
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"calls": 40}, {Watched.VOLUME: "more", Watched.COST: "more"}),
        ({"price": 3_000}, {Watched.COST: "more", Watched.VOLUME: "usual"}),
        ({"calls": 5}, {Watched.VOLUME: "less", Watched.COST: "less", Watched.TOKENS_PER_CALL: "usual"}),
        ({"status": "failed"}, {Watched.ERRORS: "more", Watched.VOLUME: "usual"}),
    ],
)
def test_what_is_not_as_usual_is_said(more, expected):
    make_hours(MIDNIGHT, 15, **more)

    found = verdicts()

    assert {measure: found[measure] for measure in expected} == expected


@pytest.mark.usefixtures("three_weeks")
def test_what_is_usual_is_learnt_once_a_day_and_for_what_is_asked(django_assert_num_queries):
    make_hours(MIDNIGHT, 15, calls=60)
    with django_assert_num_queries(2):
        assert verdicts()[Watched.VOLUME] == "more"

    with django_assert_num_queries(1):
        compare_today(EVERYTHING, now=NOW + timedelta(minutes=5))
    with django_assert_num_queries(1):
        assert compare_today(Only(task_type="cv_parsing"), now=NOW) == []


def test_before_two_weeks_nothing_is_usual():
    make_hours(MIDNIGHT - timedelta(days=10), 10 * 24)

    assert compare_today(EVERYTHING, now=NOW) == []


def test_a_day_on_which_clocks_are_set_has_as_many_hours_as_they_show(settings):
    settings.ALERTS_TIME_ZONE = "Europe/Berlin"
    for day, count in (("2026-03-29", 23), ("2026-10-25", 25)):
        now = datetime.fromisoformat(f"{day}T11:10:00+00:00")
        make_hours(now - timedelta(days=22), 22 * 24)

        hours = compare_today(EVERYTHING, now=now)[0].hours

        assert len(hours) == count
        assert hours[0].start.astimezone(UTC).hour in {22, 23}


def test_the_page_shows_it(client_for, staff):
    now = timezone.now()
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    make_hours(midnight - timedelta(days=20), 20 * 24 + now.astimezone(UTC).hour + 1)

    page = client_for(staff).get(reverse("admin:index")).content.decode()

    assert "Today against what is usual" in page
    assert "as usual" in page
