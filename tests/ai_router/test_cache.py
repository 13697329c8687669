"""The exact cache: the same request of the same person is not paid twice, and nobody is given what is not theirs."""

import threading
from dataclasses import fields, replace

import pytest
from django.db import connections
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ai_router import cache, cache_stores, router
from ai_router.cache import MEMORY, NOT_IN_KEY, clear_cache, place_of
from ai_router.errors import AllProvidersFailedError
from ai_router.models import KeptAnswer
from ai_router.planning import Question
from ai_router.routing import Choice
from ai_router.types import (
    AnswerForm,
    Blob,
    CacheScope,
    Candidate,
    FinishReason,
    Message,
    StreamEnded,
    TaskType,
    TextDelta,
)
from careerai.accounts.models import User
from jobs.asking import AskOnce
from tests.ai_router.conftest import Subject
from tests.providers.simulator import Reply
from usage.models import Call

pytestmark = pytest.mark.django_db

CHOICE = Choice((Candidate("openai", "gpt-5.4-mini"),))


def _question(**changes):
    names = {
        "task_type": TaskType.COVER_LETTER,
        "messages": lambda: (Message("user", "hello"),),
        "accept": lambda answer, _candidate, _journal: answer.text,
        "max_output_tokens": 100,
        "cache_scope": CacheScope.USER,
    }
    return Question(**{**names, **changes})


def _run_in_threads(count, work):
    """Do the work in so many threads at once and return what came of it."""
    results, together = [], threading.Barrier(count)

    def one():
        together.wait()
        try:
            results.append(work())
        except AllProvidersFailedError as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_the_same_request_is_answered_from_memory_and_costs_nothing(spec, simulator, owner):
    first = router.run(spec, Subject(), user=owner)

    again = router.run(spec, Subject(), user=owner, request_id="r-2")

    line = Call.objects.get(id=again.call_id)
    assert len(simulator.books) == 1
    assert again.output == first.output
    assert (again.is_cached, again.cost_nanousd, again.usage.total_input_tokens, again.attempts) == (True, 0, 0, ())
    assert (line.status, line.is_cached, line.cost_nanousd, line.held_nanousd) == ("succeeded", True, 0, 0)
    assert (line.saved_nanousd, line.request_id) == (first.cost_nanousd, "r-2")
    assert line.decision == {"cache": "memory"}
    assert not line.attempts.exists()
    assert Call.objects.get(id=first.call_id).decision["cache"] == "miss"


def test_another_process_finds_the_answer_in_the_shared_store(spec, simulator, owner):
    first = router.run(spec, Subject(), user=owner)
    MEMORY.clear()

    again = router.run(spec, Subject(), user=owner)

    assert again.output == first.output
    assert Call.objects.get(id=again.call_id).decision == {"cache": "shared"}
    assert len(simulator.books) == 1


def test_nobody_is_given_the_answer_of_another(spec, simulator, owner, stranger):
    router.run(spec, Subject(), user=owner)

    theirs = router.run(spec, Subject(), user=stranger)

    assert not theirs.is_cached
    assert len(simulator.books) == 2


def test_a_text_that_is_nobodys_is_shared(spec, simulator, owner, stranger):
    shared = replace(spec, cache_scope=CacheScope.SHARED)
    router.run(shared, Subject(), user=owner)

    assert router.run(shared, Subject(), user=stranger).is_cached


@pytest.mark.parametrize("who", ["nobody", "a task that does not", "a caller who does not", "a site that does not"])
def test_what_may_not_be_kept_is_not(who, spec, simulator, owner, settings):
    settings.AI_CACHE = who != "a site that does not"
    task = replace(spec, cache_scope=CacheScope.NONE) if who == "a task that does not" else spec
    user = None if who == "nobody" else owner

    for _ in range(2):
        assert not router.run(task, Subject(), user=user, use_cache=who != "a caller who does not").is_cached

    assert not KeptAnswer.objects.exists()


def test_a_variant_is_never_given_the_answer_of_another(spec, simulator, owner):
    router.run(spec, Subject(), user=owner, variant="letter 1")

    assert not router.run(spec, Subject(), user=owner, variant="letter 2").is_cached
    assert router.run(spec, Subject(), user=owner, variant="letter 1").is_cached


@pytest.mark.parametrize(
    "reply", [Reply(text="Too long to fini", finish_reason="length"), Reply(refusal="I will not."), Reply(status=500)]
)
def test_an_answer_that_is_cut_or_refused_is_not_kept(reply, spec, simulator, owner):
    simulator.script(reply, reply)
    router.run(spec, Subject(), user=owner)

    assert not router.run(spec, Subject(), user=owner).is_cached


def test_a_rejected_answer_is_not_kept_and_a_changed_verifier_is_honoured(spec, simulator, owner):
    simulator.script(Reply(text="forbidden words"), Reply(text="allowed words"))
    assert router.run(spec, Subject(), user=owner).output == "allowed words"
    assert router.run(spec, Subject(), user=owner).output == "allowed words"
    stricter = replace(spec, verify=lambda _inputs, output: ["no"] if "allowed" in output else [])
    simulator.script(Reply(text="other words"))

    result = router.run(stricter, Subject(), user=owner)

    assert (result.output, result.is_cached) == ("other words", False)
    assert len(simulator.books) == 3


def test_a_verifier_that_asks_once_still_asks_after_a_kept_answer_has_failed(spec, simulator, owner):
    simulator.script(Reply(text="plain words"))
    router.run(spec, Subject(), user=owner)
    once = replace(spec, verify=AskOnce(lambda _inputs, output: ["plain"] if "plain" in output else []))
    simulator.script(Reply(text="plain again"), Reply(text="fine words"))

    assert router.run(once, Subject(), user=owner).output == "fine words"


def test_a_caller_who_names_a_model_only_gets_its_answer(spec, simulator, owner, settings):
    router.run(spec, Subject(), user=owner)
    settings.AI_PROVIDERS = {"openai": {**settings.AI_PROVIDERS["openai"], "model": "gpt-5.4-nano"}}

    result = router.run(spec, Subject(), user=owner)

    assert (result.is_cached, result.model) == (False, "gpt-5.4-nano")


def test_an_answer_expires(spec, simulator, owner, monkeypatch):
    router.run(replace(spec, cache_seconds=60), Subject(), user=owner)
    now = cache.time.time()
    monkeypatch.setattr(cache.time, "time", lambda: now + 61)

    assert not router.run(replace(spec, cache_seconds=60), Subject(), user=owner).is_cached


def test_the_shared_store_shows_neither_prompt_nor_answer(spec, simulator, owner, settings):
    simulator.script(Reply(text="Roses for Ada Example."))
    router.run(spec, Subject(topic="Ada Example"), user=owner)

    if settings.REDIS_URL:
        client = cache_stores.shared_store()._client
        (name,) = client.scan_iter(match="ai_answer:*")
        stored = client.get(name)
    else:
        stored = bytes(KeptAnswer.objects.get().sealed)

    assert b"Ada" not in stored
    assert b"Roses" not in stored


def test_free_prompts_are_kept_on_request_only(simulator, owner):
    ask = {"task_type": TaskType.COVER_LETTER, "prompt": "Say hello.", "user": owner}
    router.generate(**ask)

    assert not router.generate(**ask, use_cache=True).is_cached
    assert router.generate(**ask, use_cache=True).is_cached
    assert not router.generate(**ask).is_cached


@pytest.mark.parametrize("what", ["user", "task", "site"])
def test_a_part_of_the_cache_is_emptied(what, spec, form_spec, simulator, request):
    owner, stranger = request.getfixturevalue("owner"), request.getfixturevalue("stranger")
    simulator.script(*[Reply(text="Roses."), Reply(text='{"title": "T", "lines": ["Roses"]}')] * 2)
    for user in (owner, stranger):
        router.run(spec, Subject(), user=user)
        router.run(form_spec, Subject(), user=user)
    part = {"user": {"user_id": owner.pk}, "task": {"task_type": "cover_letter"}, "site": {}}[what]
    count = {"user": 2, "task": 2, "site": 4}[what]

    assert clear_cache(**part, dry_run=True) == count
    assert router.run(spec, Subject(), user=owner).is_cached
    assert clear_cache(**part) == count

    assert clear_cache(**part) == 0
    assert not router.run(spec, Subject(), user=owner).is_cached
    simulator.script(Reply(text='{"title": "T", "lines": ["Roses"]}'))
    assert router.run(form_spec, Subject(), user=stranger).is_cached is (what != "site")


def test_a_user_who_is_deleted_takes_the_answers_along(spec, simulator, owner, settings):
    router.run(spec, Subject(), user=owner)

    User.objects.filter(pk=owner.pk).delete()

    assert not KeptAnswer.objects.exists()


def test_a_store_that_is_down_only_costs_the_hit(spec, simulator, owner, monkeypatch):
    monkeypatch.setattr(cache_stores, "_paused_until", 0.0)
    nobody_listens = cache_stores.RedisStore("redis://127.0.0.1:1/0")
    monkeypatch.setattr(cache_stores, "shared_store", lambda: nobody_listens)

    for is_cached in (False, True):
        assert router.run(spec, Subject(), user=owner).is_cached is is_cached
    MEMORY.clear()
    assert not router.run(spec, Subject(), user=owner).is_cached


async def _read(events):
    return [event async for event in events]


@pytest.mark.django_db(transaction=True)
async def test_a_stream_fills_the_cache_and_is_replayed_from_it(spec, simulator, owner):
    text = "Roses are red,\n\nviolets are blue, and  the gardens are   open to all.\n"
    simulator.script(Reply(text=text))
    *live, ended = await _read(router.stream(spec, Subject(), user=owner))

    *replayed, last = await _read(router.stream(spec, Subject(), user=owner))

    assert {type(event) for event in replayed} == {TextDelta}
    assert "".join(event.text for event in replayed) == "".join(event.text for event in live) == text
    assert len(replayed) > 1
    assert isinstance(last, StreamEnded)
    assert (last.result.output, last.result.is_cached) == (ended.result.output, True)
    assert last.result.finish_reason is FinishReason.STOP
    assert len(simulator.books) == 1


@pytest.mark.django_db(transaction=True)
async def test_a_stream_that_broke_off_or_was_left_is_not_kept(spec, simulator, owner):
    simulator.script(Reply(text="Roses are red, violets are blue.", fault="cut", pieces=3))
    await _read(router.stream(spec, Subject(), user=owner, provider="openai"))
    events = router.stream(spec, Subject(), user=owner)
    await anext(events)
    await events.aclose()

    *_, last = await _read(router.stream(spec, Subject(), user=owner))

    assert not last.result.is_cached


@pytest.mark.django_db(transaction=True)
def test_the_same_request_at_once_is_asked_once(spec, simulator, owner):
    simulator.script(Reply(text="Roses.", delay_seconds=0.3))

    results = _run_in_threads(4, lambda: router.run(spec, Subject(), user=owner))

    assert len(simulator.books) == 1
    assert sorted(result.is_cached for result in results) == [False, True, True, True]
    assert sum(result.cost_nanousd for result in results) == simulator.billed_nanousd
    assert Call.objects.filter(is_cached=True, status="succeeded").count() == 3
    assert not cache._under_way


@pytest.mark.django_db(transaction=True)
def test_those_who_waited_for_a_call_that_failed_ask_for_themselves(spec, simulator, owner):
    simulator.script(Reply(status=400, delay_seconds=0.3), *[Reply(text="Roses.")] * 2)

    results = _run_in_threads(3, lambda: router.run(spec, Subject(), user=owner, provider="openai"))

    failed = [result for result in results if isinstance(result, AllProvidersFailedError)]
    assert len(failed) == 1
    assert Call.objects.filter(status="failed").count() == 1
    assert len(simulator.books) <= 3
    assert not cache._under_way


def test_every_parameter_of_a_question_is_in_the_key(owner):
    """A new field is in the key by itself; one that must not be has to be named."""
    samples = {
        "task_type": TaskType.CV_PARSING,
        "max_output_tokens": 7,
        "form": AnswerForm("f", {"type": "object"}),
        "prompt_version": "other",
        "variant": "v",
    }
    plain = place_of(_question(), CHOICE, user_id=1)
    for field in fields(Question):
        if field.name not in NOT_IN_KEY and "Callable" not in str(field.type) and field.name != "accept":
            value = samples.get(field.name, "another value")
            assert place_of(_question(**{field.name: value}), CHOICE, user_id=1) != plain, field.name
    assert place_of(_question(), replace(CHOICE, strategy="cost_optimized"), user_id=1) != plain


MESSAGES = st.lists(
    st.builds(
        Message,
        role=st.sampled_from(["system", "user"]),
        content=st.text(max_size=6),
        blobs=st.lists(st.builds(Blob, st.binary(max_size=3), st.sampled_from(["image/png", "x/y"])), max_size=1).map(
            tuple
        ),
    ),
    max_size=3,
).map(tuple)


@given(MESSAGES, MESSAGES, st.integers(1, 3), st.integers(1, 3))
@hypothesis_settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_keys_are_equal_only_for_the_same_messages_of_the_same_owner(ours, theirs, one, other):
    first = place_of(_question(messages=lambda: ours), CHOICE, user_id=one)
    second = place_of(_question(messages=lambda: theirs), CHOICE, user_id=other)

    assert (first.key == second.key) is (ours == theirs and one == other)
    assert (first.secret == second.secret) is (ours == theirs and one == other)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 400_000)), max_size=30))
@hypothesis_settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_the_memory_never_holds_more_than_its_share(puts):
    store = cache_stores.MemoryStore()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache_stores.settings, "AI_CACHE_MEMORY_MB", 1)
        for number, size in puts:
            store.put(str(number), b"x" * size, until=cache.time.time() + 60)
            assert store.size_bytes <= 1024 * 1024
            assert store.get(str(number)) == b"x" * size
