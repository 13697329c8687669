"""When a candidate is left alone, and how it comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_router import breaker as rules
from ai_router.breaker import Breaker, BreakerState
from ai_router.failures import HANG


class Clock:
    """A clock that is set by hand."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock) -> Breaker:
    return Breaker(clock=clock)


def ask(breaker: Breaker, *harms: int) -> None:
    for harm in harms:
        breaker.enter()
        breaker.record(harm)


def test_five_failures_in_a_row_open_it_at_once(breaker):
    ask(breaker, 1, 1, 1, 1)
    assert breaker.lets_in()

    ask(breaker, 1)

    assert breaker.state is BreakerState.OPEN
    assert not breaker.lets_in()


def test_two_requests_in_a_row_that_hang_open_it(breaker):
    ask(breaker, HANG, HANG)

    assert breaker.state is BreakerState.OPEN


def test_half_of_ten_requests_open_it_and_fewer_requests_do_not(breaker):
    ask(breaker, 1, 0, 1, 0, 1, 0, 1, 0, 0)
    assert breaker.state is BreakerState.CLOSED

    ask(breaker, 1)

    assert breaker.state is BreakerState.OPEN


def test_three_in_ten_plain_failures_leave_it_closed_but_not_three_that_hang(clock):
    plain, hanging = Breaker(clock=clock), Breaker(clock=clock)

    ask(plain, *[1, 0, 0, 1, 0, 0, 1, 0, 0, 0] * 20)
    ask(hanging, *[HANG, 0, 0, HANG, 0, 0, 0, 0, 0, HANG])

    assert plain.state is BreakerState.CLOSED
    assert hanging.state is BreakerState.OPEN


def test_failures_of_long_ago_do_not_count(breaker, clock):
    ask(breaker, 1, 1, 1, 1)
    clock.now += rules.WINDOW_SECONDS + 1

    ask(breaker, 1)

    assert breaker.state is BreakerState.CLOSED


def test_after_a_while_one_probe_at_a_time_is_let_in(breaker, clock):
    ask(breaker, HANG, HANG)
    clock.now += rules.FIRST_OPEN_SECONDS

    assert breaker.lets_in()
    breaker.enter()

    assert not breaker.lets_in()
    breaker.leave()
    assert breaker.lets_in()


def test_its_traffic_comes_back_bit_by_bit(breaker, clock):
    ask(breaker, HANG, HANG)
    clock.now += rules.FIRST_OPEN_SECONDS
    ask(breaker, *[0] * rules.PROBES)
    shares = []

    while breaker.state is BreakerState.RETURNING:
        waits = 0
        while not breaker.lets_in():
            breaker.turn_away()
            waits += 1
        shares.append(waits)
        ask(breaker, 0)

    assert shares[0] >= 8
    assert sum(shares[:3]) > sum(shares[3:6]) > sum(shares[6:])
    assert breaker.is_closed


def test_each_failed_return_doubles_the_time_until_a_bound(breaker, clock):
    ask(breaker, HANG, HANG)
    times = []
    for _ in range(8):
        times.append(breaker.open_until - clock.now)
        clock.now = breaker.open_until
        ask(breaker, 1)

    assert times == [5, 10, 20, 40, 80, 160, 300, 300]


def test_a_failure_of_a_returning_candidate_opens_it_again(breaker, clock):
    ask(breaker, HANG, HANG)
    clock.now = breaker.open_until
    ask(breaker, 0, 0, 0)

    ask(breaker, 1)

    assert breaker.state is BreakerState.OPEN
    assert breaker.openings == 2


def test_late_answers_to_earlier_requests_change_nothing_while_it_is_open(breaker):
    ask(breaker, HANG, HANG)
    until = breaker.open_until

    breaker.record(0)
    breaker.record(HANG)

    assert (breaker.state, breaker.open_until) == (BreakerState.OPEN, until)


@given(st.lists(st.tuples(st.sampled_from([0, 0, 1, HANG, None]), st.floats(0, 20)), max_size=200))
def test_somebody_is_always_let_in_again(events):
    clock = Clock()
    breaker = Breaker(clock=clock)
    for harm, seconds in events:
        clock.now += seconds
        if not breaker.lets_in():
            breaker.turn_away()
            continue
        breaker.enter()
        if harm is None:
            breaker.leave()
        else:
            breaker.record(harm)

    clock.now += rules.LONGEST_OPEN_SECONDS + 1
    turned_away = 0
    while not breaker.lets_in():
        breaker.turn_away()
        turned_away += 1

    assert turned_away <= 10
