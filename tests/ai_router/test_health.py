"""The score and its parts, and what an operator is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from ai_router import health, router
from ai_router.health import Health, Recent, Sample, judge
from tests.ai_router.conftest import Subject
from tests.providers.simulator import Reply
from usage.models import Attempt, Call

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
GOOD = Sample("openai", "m", 1_000, "", "succeeded", 5, NOW)
BAD = replace(GOOD, error_class="ProviderUnavailableError", status="failed", cost_nanousd=0)


def test_a_site_where_nothing_happens_is_well():
    assert judge(Recent()).score == 100


@pytest.mark.parametrize(
    ("recent", "anomalies", "health_of_it"),
    [
        (Recent((GOOD,) * 20), 0, Health()),
        (Recent((GOOD,) * 15 + (BAD,) * 5), 0, Health(errors=20)),
        (Recent((BAD,) * 20), 0, Health(errors=40)),
        (Recent((replace(BAD, error_class="InvalidRequestError"),) * 20), 0, Health()),
        (Recent((replace(GOOD, duration_ms=2_000),) * 20, usual=(GOOD,) * 20), 0, Health(latency=15)),
        (Recent((replace(GOOD, duration_ms=9_000),) * 20, usual=(GOOD,) * 20), 0, Health(latency=30)),
        (Recent((replace(GOOD, duration_ms=9_000),) * 9, usual=(GOOD,) * 20), 0, Health()),
        (Recent((GOOD,) * 20, cached_share=0.1, usual_cached_share=0.4), 0, Health(cache=7.5)),
        (Recent((GOOD,) * 20, written_off=1), 1, Health(anomalies=10)),
        (Recent((replace(GOOD, cost_nanousd=None),) * 20), 0, Health(anomalies=20)),
    ],
)
def test_each_part_has_its_bound(recent, anomalies, health_of_it):
    assert judge(recent, anomalies=anomalies) == health_of_it


def test_the_worst_is_nought():
    slow = replace(GOOD, duration_ms=90_000)
    recent = Recent((BAD,) * 20 + (slow,) * 10, (GOOD,) * 20, usual_cached_share=0.5, written_off=9)

    assert judge(recent).score == 0


def test_a_provider_is_judged_by_its_own_attempts():
    recent = Recent((GOOD,) * 10 + (replace(BAD, provider="groq"),) * 10, written_off=4)

    assert judge(recent, provider="openai").score == 100
    assert judge(recent, provider="groq").score == 60


@pytest.mark.django_db
def test_status_tells_who_is_on_how_fast_and_what_went_wrong(simulator, spec):
    simulator.script(Reply(text="Roses."), Reply(status=500), Reply(status=401))
    for _ in range(3):
        router.run(spec, Subject())

    found = router.status()

    openai, embedded = (next(p for p in found.providers if p.name == name) for name in ("openai", "embedded"))
    assert (openai.state, openai.requests, openai.failures) == ("resting", 3, 2)
    assert [error.error_class for error in openai.last_errors] == ["AuthenticationError", "ProviderUnavailableError"]
    assert [(key.state, key.source, key.ending) for key in openai.keys] == [("dead", "environment", "")]
    assert openai.speed.p50_ms is not None
    assert (embedded.state, embedded.requests) == ("on", 2)
    assert "was refused" in found.attention[0]
    assert found.health.score < 100
    assert found.in_flight == 0


@pytest.mark.django_db
def test_the_operator_sees_it(simulator, spec, staff, owner, client_for):
    simulator.script(Reply(status=401))
    router.run(spec, Subject())
    address = reverse("admin:ai_router_status")

    page = client_for(staff).get(address).content.decode()

    assert "Resting" in page
    assert "AuthenticationError" in page
    assert "was refused: replace it" in page
    assert client_for(owner).get(address).status_code == 302


@pytest.mark.django_db
def test_status_shows_open_breakers_and_providers_that_are_off(simulator, spec):
    simulator.defaults = Reply(status=500)
    for _ in range(5):
        router.run(spec, Subject())

    found = router.status()

    openai = next(p for p in found.providers if p.name == "openai")
    assert openai.state == "failing"
    assert [breaker.state for breaker in openai.breakers] == ["open"]
    assert any("keeps failing" in line for line in found.attention)
    assert {p.state for p in found.providers if p.name not in {"openai", "embedded"}} <= {"off"}


@pytest.mark.django_db
def test_without_a_ledger_the_process_remembers(simulator, spec, monkeypatch):
    simulator.script(Reply(text="Roses."))
    router.run(spec, Subject())

    def fail(_since):
        raise DatabaseError("gone")

    monkeypatch.setattr(health, "_from_ledger", fail)
    found = router.status()

    assert not found.is_from_ledger
    assert next(p for p in found.providers if p.name == "openai").requests == 1
    assert any("cannot be read" in line for line in found.attention)


@pytest.mark.django_db
def test_the_ledger_is_read_in_three_queries(django_assert_num_queries):
    now = timezone.now()
    times = {"task_type": "cover_letter", "held_nanousd": 0, "expires_at": now}
    call = Call.objects.create(**times, status="unknown", created_at=now)
    old = Call.objects.create(**times, status="succeeded", is_cached=True, created_at=now - timedelta(hours=2))
    for line in (call, old):
        Attempt.objects.create(
            call=line, ordinal=1, provider="openai", model="m", status="succeeded", started_at=timezone.now()
        )

    with django_assert_num_queries(3):
        recent = health.look_back()

    assert (len(recent.samples), len(recent.usual)) == (1, 1)
    assert (recent.cached_share, recent.usual_cached_share, recent.written_off) == (0, 1, 1)
