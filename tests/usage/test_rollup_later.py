"""Rows that are made when days and weeks are over are equal to the lines at every moment, whatever is booked afterwards."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.usage.conftest import make_attempt, move_line
from tests.usage.test_rollups import names, of_lines, varied  # noqa: F401 - a fixture
from usage import rollup_later
from usage.corrections import correct_cost
from usage.ledger import reconcile_expired_calls, settle_call
from usage.models import Call, LaterRollUp, RollUp, RollUpGrain, RollUpSpan
from usage.rollup_later import crowd_name, crowd_weeks_name, make_later_rows
from usage.rollup_repair import find_differences, merge_slots, rebuild
from usage.rollup_writing import MADE_LATER, hour_of, week_of
from usage.rollups import Only, read
from usage.types import CallStatus

pytestmark = pytest.mark.django_db

OF_ALL = {"ever", "named days", "named weeks", "weeks", "weeks of all"}
NOON = datetime(2026, 10, 14, 12, tzinfo=UTC)
AFTERWARDS = NOON + timedelta(days=30)
moments = st.datetimes(datetime(2026, 10, 1), datetime(2026, 11, 20), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.fixture
def group(owner, stranger, monkeypatch):
    monkeypatch.setattr(rollup_later, "FEWEST_USERS", 2)
    group = Group.objects.create(name="north")
    group.user_set.add(owner, stranger)
    return group


def made_rows() -> dict[int, int]:
    return {grain: LaterRollUp.objects.filter(grain=grain).count() for grain in MADE_LATER}


@pytest.fixture
def spread(varied, group):  # noqa: F811
    """Put the calls at odd moments of four weeks, three of which are made, with the days of the group."""
    for number, line in enumerate(Call.objects.order_by("created_at")):
        Call.objects.filter(pk=line.pk).update(created_at=NOON + timedelta(minutes=3_777.7 * number))
    RollUp.objects.all().delete()
    rebuild()
    assert make_later_rows(now=NOON + timedelta(days=20)) > 15
    assert min(made_rows().values()) > 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_any_period_and_any_names_add_up_to_the_lines(spread, data, owner, stranger):
    since, until = sorted(data.draw(st.tuples(moments, moments)))
    since, until = data.draw(st.sampled_from([(since, until), (None, until), (since, None)]))
    by, step = data.draw(names), data.draw(st.sampled_from([None, None, "hour", "day"]))
    crowd = (stranger.pk, owner.pk)
    one = data.draw(st.sampled_from([{}, {"provider": "openai"}, {"task_type": "cover_letter", "model": "small-1"}]))
    only = Only(users=data.draw(st.sampled_from([None, crowd, crowd[:1]])), **one)
    if data.draw(st.booleans()):
        by = ["user"]

    found = read(since=since, until=until, by=by, step=step, only=only, with_latencies=True)

    columns = [*([step] if step else []), *("user_key" if name == "user" else name for name in by)]
    bounds = since or datetime(2026, 1, 1, tzinfo=UTC), until or datetime(2027, 1, 1, tzinfo=UTC)
    assert {(cell.start, cell.names): cell.sums for cell in found} == of_lines(*bounds, columns, only)


def test_what_is_booked_after_a_day_was_made_is_added_to_it(open_line, settled_line, group, owner, staff):
    line = settled_line(user=owner)
    move_line(line.pk, NOON)
    late, lost = (open_line(user_id=owner.pk) for _ in range(2))
    Call.objects.filter(pk__in=[late, lost]).update(created_at=NOON + timedelta(hours=5))
    assert make_later_rows(now=AFTERWARDS) > 0
    only = Only(users=tuple(group.user_set.values_list("pk", flat=True)))

    def costs() -> tuple[int, int]:
        assert list(find_differences()) == []
        (of_weeks,) = read(by=["user"])
        (of_crowd,) = read(only=only, by=["task_type"])
        (by_name,) = read(by=["user"], only=Only(task_type="cover_letter"))
        (of_all,) = read()
        assert of_weeks.sums == of_crowd.sums == by_name.sums == of_all.sums
        return of_weeks.sums.calls, of_weeks.sums.cost_nanousd

    assert costs() == (1, 1_500)
    settle_call(call_id=late, status=CallStatus.SUCCEEDED, attempts=[make_attempt(cost_nanousd=70)], latency_ms=1)
    assert costs() == (2, 1_570)
    reconcile_expired_calls(now=timezone.now() + timedelta(hours=1))
    assert costs() == (3, 6_570)
    settle_call(call_id=lost, status=CallStatus.SUCCEEDED, attempts=[make_attempt(cost_nanousd=30)], latency_ms=1)
    assert costs() == (3, 1_600)
    correct_cost(line.pk, cost_nanousd=0, reason="refunded", by=staff)
    assert costs() == (3, 100)
    merge_slots()
    rebuild()
    assert costs() == (3, 100)


def test_a_group_is_read_as_it_is_now(spread, group, owner, stranger, staff):
    before = {name: read(only=Only(users=users)) for name, users in _sets(owner, stranger, staff).items()}

    group.user_set.add(staff)
    assert {name: read(only=Only(users=users)) for name, users in _sets(owner, stranger, staff).items()} == before
    make_later_rows(now=AFTERWARDS)

    crowd = crowd_name([staff.pk, owner.pk, stranger.pk])
    assert set(RollUpSpan.objects.values_list("name", flat=True)) == {*OF_ALL, crowd, crowd_weeks_name(crowd)}
    assert {name: read(only=Only(users=users)) for name, users in _sets(owner, stranger, staff).items()} == before
    assert list(find_differences()) == []
    assert make_later_rows(now=AFTERWARDS) == 0


def _sets(owner, stranger, staff):
    return {"two": (owner.pk, stranger.pk), "three": (owner.pk, stranger.pk, staff.pk), "other": (staff.pk, 0)}


def test_what_a_deleted_account_used_is_nobodys_in_weeks_too(spread, group, owner):
    before = {cell.names[0]: cell.sums for cell in read(by=["user"])}

    key = owner.pk
    owner.delete()

    after = {cell.names[0]: cell.sums for cell in read(by=["user"])}
    assert after[0] == before[0] + before[key]
    assert set(RollUpSpan.objects.values_list("name", flat=True)) == OF_ALL
    assert made_rows()[RollUpGrain.CROWD_DAY] == made_rows()[RollUpGrain.CROWD_WEEK] == 0
    assert list(find_differences()) == []


@pytest.mark.parametrize("grain", sorted(MADE_LATER - {RollUpGrain.NAMED_USER_DAY}))
def test_a_difference_is_found_and_put_right(spread, grain):
    row = LaterRollUp.objects.filter(grain=grain, cost_nanousd__gt=0).first()
    LaterRollUp.objects.filter(pk=row.pk).update(cost_nanousd=row.cost_nanousd + 3)

    (found,) = find_differences()

    assert (found.grain, found.by) == (grain, {"cost_nanousd": 3})
    rebuild([max(found.day, NOON.replace(hour=0)) + timedelta(days=day) for day in range(7)])
    assert list(find_differences()) == []


def test_weeks_begin_with_monday_and_what_is_not_over_is_not_made(settled_line):
    line = settled_line()
    sunday = datetime(2026, 10, 18, 23, 59, tzinfo=UTC)
    move_line(line.pk, sunday)

    assert make_later_rows(now=sunday + timedelta(hours=4)) == 0
    # The day in two kinds of rows, and the week in three.
    assert make_later_rows(now=sunday + timedelta(hours=5)) == 5
    assert LaterRollUp.objects.get(grain=RollUpGrain.USER_WEEK).hour == hour_of(datetime(2026, 10, 12, tzinfo=UTC))
    assert week_of(hour_of(datetime(2026, 10, 19, tzinfo=UTC))) == hour_of(datetime(2026, 10, 19, tzinfo=UTC))


@pytest.mark.django_db(transaction=True)
def test_late_bookings_and_the_making_of_days_do_not_miss_each_other(group, owner, open_line):
    late = [open_line(user_id=owner.pk) for _ in range(24)]
    for number, call_id in enumerate(late):
        Call.objects.filter(pk=call_id).update(created_at=NOON + timedelta(days=number % 8))
    errors: list[BaseException] = []

    def work(calls) -> None:
        try:
            for call_id in calls:
                settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[make_attempt()], latency_ms=1)
                make_later_rows(now=AFTERWARDS)
        except BaseException as error:
            errors.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(late[number::4],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    make_later_rows(now=AFTERWARDS)

    assert errors == []
    assert list(find_differences()) == []
    assert [cell.sums.calls for cell in read(by=["user"])] == [24]
    assert (
        sum(cell.sums.calls for cell in read(only=Only(users=tuple(group.user_set.values_list("pk", flat=True))))) == 24
    )
