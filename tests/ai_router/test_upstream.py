"""What a process remembers of its providers."""

from datetime import UTC, datetime

import pytest

from ai_router.errors import AuthenticationError
from ai_router.keys import KEPT_BEGINNING_SECONDS, MOST_RESTS, KeyRing, keys_of
from ai_router.recent import MOST_NAMES
from ai_router.types import Candidate
from ai_router.upstream import Line, Upstream
from usage.types import AttemptRecord, AttemptStatus


@pytest.fixture
def upstream(settings) -> Upstream:
    settings.REDIS_URL = ""
    settings.AI_PROVIDERS = {"openai": {"api_key": "a-key", "base_url": "", "model": ""}}
    return Upstream()


def fail(upstream: Upstream, model: str, *, harm: int) -> None:
    """Let one request to the model fail, as forbidden."""
    candidate = Candidate("openai", model)
    (key,) = keys_of("openai")
    upstream.why_not(candidate)
    breaker = upstream.breakers.of((candidate, key.id))
    breaker.enter()
    upstream.keys.take(key)
    record = AttemptRecord("openai", model, AttemptStatus.FAILED, datetime.now(UTC), 5)
    error = AuthenticationError("no", provider="openai", model=model, status_code=403)
    upstream.leave(Line(candidate, key, breaker, None), record, error=error, harm=harm)
    upstream.hedging.learn((candidate, "chat", False), 0.1)
    upstream.paces.learn(candidate, tokens=100, seconds=1)


def test_names_of_models_that_somebody_invents_do_not_fill_the_memory(upstream):
    for number in range(4_000):
        fail(upstream, f"invented-{number}", harm=1)
        if number % 1_000 == 0:
            fail(upstream, "of-the-site", harm=0)

    kept = (upstream.breakers, upstream.hedging._times, upstream.paces._kept)
    assert [len(each) for each in kept] == [MOST_NAMES] * 3
    assert len(upstream.keys._rests) == MOST_RESTS
    # What is in use stays, whatever else is asked for.
    assert (Candidate("openai", "of-the-site"), keys_of("openai")[0].id) in upstream.breakers


def test_a_key_that_is_dead_is_remembered_beside_any_number_of_invented_models(upstream):
    (key,) = keys_of("openai")
    upstream.keys.park(key.id, "", seconds=900, reason="key was refused", is_dead=True)

    for number in range(MOST_RESTS + 100):
        upstream.keys.park(key.id, f"invented-{number}", seconds=900, reason="key was refused", is_dead=True)

    assert upstream.keys.rest_of(key, "any") is not None
    assert len(upstream.keys._rests) == MOST_RESTS


class Clock:
    """A clock that is set by hand."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_beginning_stays_with_the_key_whose_account_keeps_it(upstream, settings):
    settings.AI_PROVIDER_KEYS = {"openai": ["second", "third"]}
    clock = Clock()
    upstream.keys = KeyRing(clock=clock)
    candidate, other = Candidate("openai", "gpt-5.4-mini"), (b"another owner's",)

    def key_for(*beginnings: bytes) -> str:
        return upstream.enter(candidate, beginnings).key.secret

    first = key_for(b"one block")
    # However much is under way there, and also for a longer request that begins alike.
    assert {key_for(b"one block"), key_for(b"one block", b"two blocks")} == {first}
    assert len({first, key_for(*other), key_for()}) == 3

    dead = next(key for key in keys_of("openai") if key.secret == first)
    upstream.keys.park(dead.id, "", seconds=60, reason="key was refused", is_dead=True)
    second = key_for(b"one block")
    clock.now += 61
    assert key_for(b"one block") == second != first

    clock.now += KEPT_BEGINNING_SECONDS + 1
    assert key_for(b"one block") != second
