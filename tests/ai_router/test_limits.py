"""Limits: exact in one process and on Redis, told apart from the providers', fair between people."""

import asyncio
import threading
import time
from collections import Counter
from itertools import pairwise
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_router import router
from ai_router.counters import Bound, Measure, MemoryCounters, Refusal, Taken
from ai_router.errors import AllProvidersFailedError, ProviderBusyError, UserRateLimitedError
from ai_router.gates import FairQueue, Gates
from ai_router.limits import Admission, admit, counters, forget_counts, rate_limit_headers
from ai_router.models import RateLimit
from ai_router.redis_counters import RedisCounters
from ai_router.types import TaskType
from careerai.exception_handler import exception_handler
from tests.ai_router.books import assert_books_agree
from tests.ai_router.conftest import OFFLINE_TEXT, Subject
from tests.providers.simulator import Reply
from usage.errors import BudgetExceededError
from usage.models import Budget, Call

needs_redis = pytest.mark.skipif(not django_settings.REDIS_URL, reason="needs Redis")


class Clock:
    """Seconds that pass when told."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


def requests(most, key="k"):
    return Bound(key, Measure.REQUESTS, most)


def take(where, *bounds, ticket="t", lease=60.0):
    return where.take(bounds, ticket=ticket, lease_seconds=lease)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 4)), max_size=80), st.integers(3, 12))
def test_no_minute_ever_holds_more_than_the_limit(arrivals, most):
    clock, let_in = Clock(), []
    where = MemoryCounters(clock)
    for pause, cost in arrivals:
        clock.now += pause
        answer = take(where, Bound("k", Measure.TOKENS, most, cost))
        if isinstance(answer, Taken):
            let_in.append((clock.now, min(cost, most)))
        else:
            # What was promised holds: a moment before there is no room, then there is.
            assert 0 < answer.retry_seconds <= 61
            trial = MemoryCounters(clock)
            trial._windows = where._windows
            clock.now += answer.retry_seconds
            assert isinstance(take(trial, Bound("k", Measure.TOKENS, most, cost)), Taken)
            let_in.append((clock.now, min(cost, most)))

    for moment, _ in let_in:
        assert sum(cost for at, cost in let_in if moment <= at < moment + 60) <= most


def test_a_refused_call_is_counted_nowhere():
    where = MemoryCounters()
    take(where, requests(1, "narrow"))

    refusal = take(where, requests(5, "wide"), requests(1, "narrow"), Bound("run", Measure.RUNNING, 3))

    assert isinstance(refusal, Refusal)
    assert refusal.bound.key == "narrow"
    assert [used for used, _ in where.used([requests(5, "wide"), Bound("run", Measure.RUNNING, 3)])] == [0, 0]


def test_what_was_reserved_is_put_right_when_it_is_known():
    where, tokens = MemoryCounters(), Bound("k", Measure.TOKENS, 1_000, 900)
    taken = take(where, tokens)
    assert isinstance(take(where, Bound("k", Measure.TOKENS, 1_000, 200)), Refusal)

    where.give_back(taken, {Measure.TOKENS: 100})
    assert where.used([tokens])[0][0] == 100
    assert isinstance(take(where, Bound("k", Measure.TOKENS, 1_000, 900)), Taken)

    where.give_back(taken, {Measure.TOKENS: 950})
    assert where.used([tokens])[0][0] == 1_050


def test_a_call_larger_than_the_limit_is_made_alone():
    where = MemoryCounters()

    assert isinstance(take(where, Bound("k", Measure.TOKENS, 100, 5_000)), Taken)
    assert isinstance(take(where, Bound("k", Measure.TOKENS, 100, 1)), Refusal)


def test_a_lease_that_nobody_gives_back_ends_by_itself():
    clock = Clock()
    where, running = MemoryCounters(clock), Bound("k", Measure.RUNNING, 1)
    taken = take(where, running, ticket="crashed", lease=30)
    assert isinstance(take(where, running, ticket="next"), Refusal)

    clock.now += 30
    assert isinstance(take(where, running, ticket="next"), Taken)
    where.give_back(taken, {})
    assert where.used([running])[0][0] == 1


def test_threads_together_get_exactly_the_limit():
    where, let_in = MemoryCounters(), []

    def ask():
        let_in.extend(answer for _ in range(50) if isinstance(answer := take(where, requests(70)), Taken))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(let_in) == 70


def test_memory_does_not_grow_with_everybody_who_ever_came():
    clock = Clock()
    where = MemoryCounters(clock)
    for number in range(5_000):
        clock.now += 1
        take(where, requests(5, f"user:{number}"), Bound(f"run:{number}", Measure.RUNNING, 1), lease=10)

    assert len(where._windows) < 2_500
    assert len(where._leases) < 2_500


@pytest.fixture
def on_redis():
    """Counters on Redis as two processes would have them."""
    forget_counts()
    address = django_settings.CACHES["default"]["LOCATION"]
    return RedisCounters(address, MemoryCounters()), RedisCounters(address, MemoryCounters())


@needs_redis
@pytest.mark.services
def test_processes_on_redis_count_together(on_redis):
    here, there = on_redis
    key = uuid4().hex
    bounds = requests(10, f"a{key}"), Bound(f"b{key}", Measure.TOKENS, 1_000, 90)

    answers = [take(where, *bounds) for _ in range(8) for where in (here, there)]

    assert sum(isinstance(answer, Taken) for answer in answers) == 10
    refusal = answers[-1]
    assert refusal.bound == bounds[0]
    assert 55 < refusal.retry_seconds <= 61
    assert [used for used, _ in there.used(bounds)] == [10, 900]


@needs_redis
@pytest.mark.services
def test_redis_counts_what_is_given_back(on_redis):
    here, there = on_redis
    key = uuid4().hex
    tokens, running = Bound(f"t{key}", Measure.TOKENS, 100, 80), Bound(f"r{key}", Measure.RUNNING, 1)
    taken = take(here, tokens, running, ticket="one")
    assert isinstance(take(there, Bound(running.key, Measure.RUNNING, 1), ticket="two"), Refusal)

    here.give_back(taken, {Measure.TOKENS: 30})

    assert [used for used, _ in there.used([tokens, running])] == [30, 0]
    assert isinstance(take(there, running, ticket="crashed", lease=0.05), Taken)
    time.sleep(0.1)
    assert isinstance(take(here, running, ticket="three"), Taken)


def test_without_its_redis_a_process_counts_alone_and_waits_for_nobody(caplog):
    where = RedisCounters("redis://127.0.0.1:1/0", MemoryCounters())

    answers = [take(where, requests(3)) for _ in range(5)]

    assert [type(answer) for answer in answers] == [Taken] * 3 + [Refusal] * 2
    assert len([record for record in caplog.records if "limits_away" in record.getMessage()]) == 1
    answers[0].counters.give_back(answers[0], {Measure.REQUESTS: 0})
    assert where.used([requests(3)])[0][0] == 2


# What follows goes through the router.


def ask(user, **more):
    return router.generate(task_type=TaskType.COVER_LETTER, prompt="a verse", user=user, **more)


@pytest.mark.django_db(transaction=True)
def test_a_person_over_their_limit_is_told_when_and_nothing_is_held(simulator, owner, stranger, settings):
    settings.AI_USER_REQUESTS_PER_MINUTE = 3
    for _ in range(3):
        ask(owner)

    with pytest.raises(UserRateLimitedError) as caught:
        ask(owner)

    error = caught.value
    assert (error.code, error.status_code, error.whose, error.measure) == ("rate_limited", 429, "user", "requests")
    assert 0 < error.retry_after <= 61
    assert "3 requests that are allowed in a minute. Try again in" in error.user_message
    assert Call.objects.count() == 3
    ask(stranger)
    ask(None)
    assert_books_agree(simulator)


@pytest.mark.django_db(transaction=True)
def test_our_limit_and_the_providers_are_told_apart(simulator, owner, settings):
    simulator.script(*[Reply(status=429, headers={"retry-after": "700"})] * 3)
    with pytest.raises(AllProvidersFailedError) as theirs:
        ask(owner, provider="openai")
    settings.AI_USER_REQUESTS_PER_MINUTE = 1
    with pytest.raises(UserRateLimitedError) as ours:
        ask(owner, provider="openai")

    their_answer, our_answer = (exception_handler(caught.value, {}) for caught in (theirs, ours))

    assert (their_answer.status_code, their_answer.data["error"]["code"]) == (503, "provider_rate_limited")
    assert (our_answer.status_code, our_answer.data["error"]["code"]) == (429, "rate_limited")
    assert 0 < int(our_answer.headers["Retry-After"]) <= 61
    assert 690 < int(their_answer.headers["Retry-After"]) <= 700
    assert our_answer.data["error"]["retry_after"]


@pytest.mark.django_db(transaction=True)
def test_the_embedded_engine_is_not_limited(spec, owner, settings):
    settings.AI_USER_REQUESTS_PER_MINUTE = 1

    results = [router.run(spec, Subject(), user=owner) for _ in range(3)]

    assert [result.output for result in results] == [OFFLINE_TEXT] * 3


@pytest.mark.django_db(transaction=True)
def test_a_call_that_a_budget_refuses_is_not_counted(simulator, owner, settings):
    settings.AI_USER_REQUESTS_PER_MINUTE = 1
    budget = Budget.objects.create(name="none", limit_nanousd=1)
    with pytest.raises(BudgetExceededError):
        ask(owner)

    budget.delete()
    ask(owner)


@pytest.mark.django_db(transaction=True)
def test_a_persons_tokens_are_reserved_then_put_right(simulator, owner, settings):
    settings.AI_USER_TOKENS_PER_MINUTE = 100_000
    result = ask(owner)

    used = result.usage.total_input_tokens + result.usage.total_output_tokens
    headers = rate_limit_headers(owner.pk)
    assert headers["x-ratelimit-remaining-tokens"] == str(100_000 - used)
    assert headers["x-ratelimit-limit-requests"] == "60"
    assert headers["x-ratelimit-remaining-requests"] == "59"
    assert 0 < float(headers["x-ratelimit-reset-requests"].removesuffix("s")) <= 61


@pytest.mark.django_db(transaction=True)
def test_rows_come_before_settings_and_tasks_have_limits_of_their_own(simulator, owner, stranger):
    RateLimit.objects.create(is_per_user=True, requests_per_minute=2)
    RateLimit.objects.create(user=owner, requests_per_minute=4, share=3)
    RateLimit.objects.create(task_type=TaskType.COVER_LETTER, requests_per_minute=5)
    forget_counts()

    def most(user, task=TaskType.COVER_LETTER):
        let_in = -1
        try:
            for _ in range(10):
                let_in += 1
                admit(user_id=user, task_type=task, tokens=10)
        except UserRateLimitedError as error:
            return let_in, error.whose
        return None

    assert most(owner.pk) == (4, "user")
    assert most(stranger.pk) == (1, "task")
    assert most(stranger.pk, TaskType.CV_PARSING) == (1, "user")
    assert admit(user_id=None, task_type=TaskType.CV_PARSING, tokens=1).whose == ""


@pytest.mark.django_db(transaction=True)
def test_a_groups_limit_is_shared_fairly(owner, stranger, django_user_model):
    group, third = (
        Group.objects.create(name="advisers"),
        django_user_model.objects.create_user("third", email="third@example.org"),
    )
    owner.groups.add(group)
    third.groups.add(group)
    colleague = django_user_model.objects.create_user("colleague", email="colleague@example.org")
    colleague.groups.add(group)
    RateLimit.objects.create(group=group, requests_per_minute=12)
    forget_counts()

    def let_in(user, *, most=20):
        for count in range(most):
            try:
                admit(user_id=user.pk, task_type=TaskType.COVER_LETTER, tokens=10)
            except UserRateLimitedError as error:
                return count, error.whose
        return most, ""

    # One alone has two thirds of it, and whoever comes later finds room.
    assert let_in(owner) == (8, "member")
    assert let_in(colleague) == (3, "member")
    assert let_in(third) == (1, "group")
    # Who is not in the group is not counted there, and a refused call counts nothing.
    assert let_in(stranger) == (20, "")
    shown = UserRateLimitedError(whose="member", measure="requests", most=12, retry_after=3).user_message
    assert shown.startswith("You have had your share: your group may have 12 requests in a minute for all its members.")


def test_a_row_that_makes_no_sense_is_refused(owner):
    group = Group.objects.create(name="advisers")
    for row in (
        RateLimit(user=owner, group=group, requests_per_minute=1),
        RateLimit(is_per_user=True, group=group, requests_per_minute=1),
        RateLimit(group=group, provider="openai", requests_per_minute=1),
        RateLimit(user=owner, is_per_user=True, requests_per_minute=1),
        RateLimit(user=owner, provider="openai", requests_per_minute=1),
        RateLimit(requests_per_minute=0),
        RateLimit(),
    ):
        with pytest.raises(ValidationError):
            row.full_clean()


@pytest.mark.django_db(transaction=True)
def test_a_provider_at_its_limit_is_passed_over(simulator, spec, owner, settings):
    settings.AI_QUEUE_SECONDS = 0
    RateLimit.objects.create(provider="openai", requests_per_minute=1)
    ask(owner)

    result = router.run(spec, Subject(), user=owner)

    assert (result.provider, result.output) == ("embedded", OFFLINE_TEXT)
    call = Call.objects.get(id=result.call_id)
    assert ["openai/gpt-5.4-mini", "limit of this site"] in call.decision["passed_over"]
    with pytest.raises(AllProvidersFailedError) as caught:
        ask(owner, provider="openai")
    assert isinstance(caught.value.last, ProviderBusyError)
    assert (caught.value.code, caught.value.status_code) == ("rate_limited", 429)
    assert_books_agree(simulator)


@pytest.fixture
def one_at_a_time(settings):
    """One request of this process at a time to each provider."""
    settings.AI_PROVIDER_RUNNING = 1
    settings.AI_QUEUE_SECONDS = 20


async def hold_slot(gates, whose, served, *, share=1, seconds=20.0):
    async with gates.slot(Admission(whose, share), "openai", tokens=1, seconds=seconds):
        served.append(whose)
        await asyncio.sleep(0)


async def test_one_call_of_a_light_user_goes_before_hundreds_of_a_heavy_one(one_at_a_time):
    gates, served = Gates(), []
    heavy = [asyncio.create_task(hold_slot(gates, "heavy", served)) for _ in range(500)]
    while len(served) < 3:
        await asyncio.sleep(0)

    waiting = asyncio.create_task(hold_slot(gates, "light", served))
    await asyncio.gather(waiting, *heavy)

    assert served.index("light") <= 3 + 3
    assert Counter(served) == {"heavy": 500, "light": 1}
    assert gates._gates["openai"]._running == 0


async def test_waiting_users_take_turns_by_their_shares(one_at_a_time):
    gates, served = Gates(), []
    people = {"a": 1, "b": 1, "c": 2}
    tasks = [
        asyncio.create_task(hold_slot(gates, whose, served, share=share))
        for whose, share in people.items()
        for _ in range(60)
    ]
    await asyncio.gather(*tasks)

    # While all of them wait, c gets half of the turns, the others a quarter each.
    counted = Counter(served[:100])
    assert abs(counted["c"] - 50) <= 2
    assert abs(counted["a"] - 25) <= 2


async def test_callers_that_go_away_leave_their_turn_to_others(one_at_a_time):
    gates, served = Gates(), []
    async with gates.slot(Admission("first"), "openai", tokens=1, seconds=1):
        gone = [asyncio.create_task(hold_slot(gates, "gone", served)) for _ in range(5)]
        with pytest.raises(ProviderBusyError):
            await hold_slot(gates, "late", served, seconds=0.01)
        stays = asyncio.create_task(hold_slot(gates, "stays", served))
        await asyncio.sleep(0)
        for task in gone:
            task.cancel()
    await asyncio.gather(stays, *gone, return_exceptions=True)

    assert served == ["stays"]
    await hold_slot(gates, "next", served)
    assert gates._gates["openai"]._running == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60))
def test_nobody_waits_for_more_than_two_calls_of_each_other(arrivals):
    loop = asyncio.new_event_loop()
    queue, turns = FairQueue(), []
    for whose in arrivals:
        turn = loop.create_future()
        turns.append((turn, whose))
        queue.join(whose, 1, turn)
    served = []
    while (turn := queue.first()) is not None:
        served.append(next(whose for known, whose in turns if known is turn))
        turn.set_result(None)
    loop.close()

    assert Counter(served) == Counter(arrivals)
    for whose in set(arrivals):
        places = [place for place, name in enumerate(served) if name == whose]
        others = len(set(arrivals)) - 1
        assert all(later - earlier <= 2 * others + 1 for earlier, later in pairwise(places))


@needs_redis
@pytest.mark.services
async def test_processes_share_a_providers_slots(settings):
    forget_counts()
    assert counters().is_remote
    admission = Admission("a", providers={"openai": {Measure.RUNNING: 1}})
    here, there, served = Gates(), Gates(), []

    async with here.slot(admission, "openai", tokens=1, seconds=5):
        with pytest.raises(ProviderBusyError):
            async with there.slot(admission, "openai", tokens=1, seconds=0.3):
                served.append("too early")
        waiting = asyncio.create_task(
            asyncio.wait_for(there.slot(admission, "openai", tokens=1, seconds=10).__aenter__(), 10)
        )
        await asyncio.sleep(0.1)
        assert not waiting.done()
    await waiting

    assert not served
