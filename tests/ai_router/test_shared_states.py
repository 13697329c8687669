"""What one process finds out about keys and providers, the others know: with a real Redis, and without any."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from ai_router import shared_states
from ai_router.breaker import Breaker, BreakerState
from ai_router.errors import AuthenticationError, ProviderTimeoutError
from ai_router.failures import HANG
from ai_router.keys import Key, keys_of
from ai_router.shared_states import Kind, Notice, SharedStates
from ai_router.types import Candidate
from ai_router.upstream import Line, Upstream
from usage.types import AttemptRecord, AttemptStatus

pytestmark = [pytest.mark.services]
needs_redis = pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="needs Redis")
MODEL = Candidate("openai", "gpt-5.4-mini")


@pytest.fixture
async def workers(settings) -> AsyncIterator[tuple[Upstream, Upstream]]:
    """What two processes of the site know."""
    settings.AI_PROVIDERS = {"openai": {"api_key": uuid4().hex, "base_url": "", "model": ""}}
    settings.AI_PROVIDER_KEYS = {"openai": [uuid4().hex]}
    found = Upstream(), Upstream()
    yield found
    for upstream in found:
        await upstream.close()


def leave(upstream: Upstream, key: Key, error: Exception, *, harm: int) -> None:
    """Let a request end like this."""
    upstream.keys.take(key)
    line = Line(MODEL, key, upstream.breakers.of((MODEL, key.id)), None)
    record = AttemptRecord(MODEL.provider, MODEL.model, AttemptStatus.FAILED, datetime.now(UTC), 5)
    upstream.leave(line, record, error=error, harm=harm)


@needs_redis
async def test_a_key_that_one_worker_finds_dead_is_not_tried_by_the_others(workers):
    here, there = workers
    first, second = keys_of("openai")
    await there.shared.begin()

    leave(here, first, AuthenticationError("no", provider="openai", status_code=401), harm=0)
    await here.shared.told()
    await there.shared.look()

    rest = there.keys.rest_of(first)
    assert (rest.reason, rest.is_dead) == ("key was refused", True)
    assert there.keys.rest_of(second) is None
    assert {there.enter(MODEL).key.id for _ in range(3)} == {second.id}


@needs_redis
async def test_a_breaker_that_one_worker_opens_is_open_for_the_others(workers):
    here, there = workers
    first, second = keys_of("openai")
    for key in (first, second, first, second):
        leave(here, key, ProviderTimeoutError("slow", provider="openai"), harm=HANG)
    await here.shared.told()

    # The first call of a process knows it already.
    await there.shared.begin()

    assert there.why_not(MODEL) == "circuit breaker is open"
    assert there.why_not(Candidate("openai", "gpt-5.4-nano")) == ""
    assert there.breakers.of((MODEL, first.id)).openings == 1


@needs_redis
async def test_what_is_over_is_forgotten_and_a_flood_does_not_fill_the_server(workers, monkeypatch):
    monkeypatch.setattr(shared_states, "PLACE", f"test:{uuid4().hex}")
    monkeypatch.setattr(shared_states, "MOST_NOTICES", 3)
    here, there = workers
    heard: list[Notice] = []
    there.shared._hear = heard.append

    def notice(model: str, seconds: float) -> Notice:
        return Notice(Kind.KEY, "openai", model, "id", seconds, "why")

    here.shared._tell(notice("over", -1))
    for number in range(5):
        here.shared._tell(notice(f"invented-{number}", 60))
    here.shared._tell(notice("invented-0", 90))
    await there.shared.look()

    assert sorted(each.model for each in heard) == ["invented-0", "invented-1"]
    assert max(each.seconds for each in heard) > 60
    assert len(there.shared._read()) == 2


async def test_a_redis_that_is_away_holds_nobody_up(unused_tcp_port, caplog):
    states = SharedStates(f"redis://127.0.0.1:{unused_tcp_port}/0", lambda _notice: None)

    await states.begin()
    states.tell(Notice(Kind.KEY, "openai", "", "id", 60))
    await states.told()
    await states.look()

    assert [record for record in caplog.messages if "states_away" in record] == caplog.messages
    assert len(caplog.messages) == 1
    await states.close()


async def test_without_redis_nothing_is_shared(settings):
    settings.REDIS_URL = ""

    assert Upstream().shared is None


def test_a_breaker_takes_over_what_others_found_unless_it_is_finding_out_itself():
    breaker = Breaker(clock=lambda: 100.0)

    breaker.adopt(5)
    assert (breaker.state, breaker.open_until) == (BreakerState.OPEN, 105)
    breaker.adopt(9)
    breaker.adopt(2)
    assert (breaker.open_until, breaker.openings) == (109, 1)

    breaker.open_until = 0.0
    breaker.enter()
    breaker.adopt(50)
    assert breaker.state is BreakerState.PROBING
