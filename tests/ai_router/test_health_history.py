"""The scores that are kept, and the pages that show them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ai_router import router
from ai_router.health_history import KEPT, note_health, note_health_in_turn, read_history
from ai_router.models import HealthPoint
from tests.ai_router.conftest import Subject
from tests.providers.simulator import Reply
from usage.models import WatchTurn

pytestmark = pytest.mark.django_db


def make_point(hours_ago: float, score: int, provider: str = "openai", model: str = "", **more) -> HealthPoint:
    at = timezone.now() - timedelta(hours=hours_ago)
    return HealthPoint.objects.create(at=at, provider=provider, model=model, score=score, requests=10, **more)


def test_who_was_asked_has_a_point_for_itself_its_models_and_the_whole(simulator, spec):
    simulator.script(Reply(text="Roses."))
    router.run(spec, Subject())

    assert note_health() == 3

    points = {(point.provider, point.model): point for point in HealthPoint.objects.all()}
    assert ("", "") in points
    (model,) = [model for provider, model in points if model]
    assert points["openai", model].requests == points["openai", ""].requests == 1
    assert points["openai", ""].score == 100
    assert points["openai", ""].p95_ms is not None


def test_a_quiet_site_keeps_nothing():
    assert note_health() == 0


def test_one_worker_keeps_a_point_each_quarter_of_an_hour(simulator, spec):
    simulator.script(Reply(text="Roses."))
    router.run(spec, Subject())

    for _ in range(3):
        note_health_in_turn()
    assert HealthPoint.objects.filter(provider="").count() == 1

    WatchTurn.objects.filter(name="health").update(due_at=timezone.now())
    note_health_in_turn()
    assert HealthPoint.objects.filter(provider="").count() == 2


def test_what_is_too_old_is_forgotten():
    make_point(KEPT / timedelta(hours=1) + 1, 100)
    kept = make_point(KEPT / timedelta(hours=1) - 1, 100)

    note_health()

    assert list(HealthPoint.objects.all()) == [kept]


def test_long_histories_are_told_by_the_hour_and_by_the_day(django_assert_num_queries):
    midday = timezone.now().replace(hour=12, minute=0) - timedelta(days=2)
    for minutes, score in ((0, 100), (15, 60), (30, 95), (90, 80)):
        HealthPoint.objects.create(
            at=midday + timedelta(minutes=minutes),
            provider="openai",
            score=score,
            requests=5,
            failures=1,
            p95_ms=minutes,
        )
    now = timezone.now()

    with django_assert_num_queries(1):
        (of_hours,) = read_history(since=now - timedelta(days=7))
    (of_days,) = read_history(since=now - timedelta(days=30))
    (of_points,) = read_history(since=midday, until=midday + timedelta(hours=2))

    assert [(span.lowest, span.level, round(span.mean), span.requests) for span in of_hours.spans] == [
        (60, "bad", 85, 15),
        (80, "poor", 80, 5),
    ]
    assert [(span.lowest, span.failures, span.p95_ms) for span in of_days.spans] == [(60, 4, 90)]
    assert [span.lowest for span in of_points.spans] == [100, 60, 95, 80]


def test_the_pages_show_the_scores(client_for, staff, owner):
    make_point(1, 55, failures=4)
    make_point(1, 55, model="gpt-x")
    make_point(2, 100, provider="")
    client = client_for(staff)

    first = client.get(reverse("admin:index")).content.decode()
    history = client.get(reverse("admin:ai_router_healthpoint_changelist"), {"period": "24h"}).content.decode()

    assert "How providers do, last 24 hours" in first
    assert "<strong>55</strong>" in first
    assert "gpt-x" not in first
    assert "gpt-x" in history
    assert 'class="is-bad"' in history
    assert client_for(owner).get(reverse("admin:ai_router_healthpoint_changelist")).status_code == 302
