"""What budgets count in: days and months of a time zone, the last hours, groups, and raises for a time."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.usage.conftest import make_attempt
from usage.budget_windows import reset_windows
from usage.errors import BudgetExceededError
from usage.ledger import open_call, reconcile_expired_calls, settle_call
from usage.models import Budget, BudgetRaise, BudgetSlice, BudgetWindow, Call
from usage.periods import find_zone, slice_ends_to_count, slice_start, window_bounds
from usage.standings import list_standings
from usage.types import BudgetPeriod, CallStatus

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
# Clocks were set back at one minute past midnight, had no 30 December 2011, and skipped midnight.
ODD_ZONES = ("America/St_Johns", "Pacific/Apia", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe", "UTC")


def make_budget(limit: int = 10_000, **more: object) -> Budget:
    return Budget.objects.create(**{"name": f"budget {Budget.objects.count()}", "limit_nanousd": limit, **more})


def settle(call_id, cost):
    settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[make_attempt(cost_nanousd=cost)], latency_ms=1)


def raise_by(budget, amount, *, hours=1, **more):
    values = {"reason": "a busy week", "until": timezone.now() + timedelta(hours=hours), **more}
    return BudgetRaise.objects.create(budget=budget, amount_nanousd=amount, **values)


def test_a_day_has_the_length_that_its_zone_gives_it():
    spring = window_bounds(BudgetPeriod.DAY, datetime(2026, 3, 29, 12, tzinfo=UTC), BERLIN)
    autumn = window_bounds(BudgetPeriod.DAY, datetime(2026, 10, 25, 12, tzinfo=UTC), BERLIN)

    assert spring == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))
    assert autumn == (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC))


# The day on which clocks are set, and how long it is; where they are set by half an hour as well.
CHANGES = [
    ("Europe/Berlin", "2026-03-29", 23),
    ("Europe/Berlin", "2026-10-25", 25),
    ("America/New_York", "2026-03-08", 23),
    ("America/New_York", "2026-11-01", 25),
    ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ("Australia/Lord_Howe", "2026-10-04", 23.5),
]


@pytest.mark.parametrize(("name", "day", "hours"), CHANGES)
def test_a_budget_counts_the_whole_day_on_which_clocks_are_set_and_no_more(monkeypatch, open_line, name, day, hours):
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(name)).astimezone(UTC)
    following = midnight + timedelta(hours=hours)
    budget = make_budget(100, period=BudgetPeriod.DAY, time_zone=name)
    moment = timedelta(microseconds=1)
    # Before the day, from its first moment to its last, and after it; half-way lies the hour that is skipped or comes twice.
    held = [
        (midnight - moment, 90), (midnight, 20), (midnight + timedelta(hours=2, minutes=15), 30), (following - moment, 50), (following, 95)
    ]  # fmt: skip
    for now, amount in held:
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        open_line(held_nanousd=amount, expires_at=now + timedelta(minutes=5))
        if now == following - moment:
            with pytest.raises(BudgetExceededError) as caught:
                open_line(held_nanousd=1)
            assert caught.value.resets_at == following

    windows = BudgetWindow.objects.filter(budget=budget).order_by("starts_at")
    assert [window.held_nanousd for window in windows] == [90, 100, 95]
    assert (windows[1].starts_at, windows[1].ends_at) == (midnight, following)


def test_a_month_begins_at_the_zones_midnight():
    october = window_bounds(BudgetPeriod.MONTH, datetime(2026, 9, 30, 22, tzinfo=UTC), BERLIN)

    assert october == (datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC))


@settings(max_examples=300, deadline=None)
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(ODD_ZONES),
)
# The first minute after a midnight that came twice, and the same minute again.
@example(datetime(2006, 10, 29, 2, 30, 30, tzinfo=UTC), "America/St_Johns")
@example(datetime(2006, 10, 29, 2, 31, tzinfo=UTC), "America/St_Johns")
@example(datetime(2011, 12, 30, 10, tzinfo=UTC), "Pacific/Apia")
@example(datetime(2018, 11, 4, 3, tzinfo=UTC), "America/Sao_Paulo")
def test_every_instant_lies_in_exactly_one_window_of_every_zone(now, name):
    zone = ZoneInfo(name)
    for period in (BudgetPeriod.DAY, BudgetPeriod.MONTH):
        starts_at, ends_at = window_bounds(period, now, zone)

        assert starts_at <= now < ends_at
        assert window_bounds(period, starts_at, zone) == (starts_at, ends_at)
        assert window_bounds(period, ends_at - timedelta(microseconds=1), zone) == (starts_at, ends_at)
        assert window_bounds(period, ends_at, zone)[0] == ends_at


def test_a_zone_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="'Europe/Atlantis' is no time zone"):
        find_zone("Europe/Atlantis")
    with pytest.raises(ValidationError, match="no time zone"):
        Budget(name="x", limit_nanousd=1, time_zone="../etc/passwd").full_clean()
    assert find_zone("") is UTC


def test_a_refusal_names_the_time_in_the_budgets_zone(open_line):
    make_budget(1, period=BudgetPeriod.DAY, time_zone="Asia/Tokyo")

    with pytest.raises(BudgetExceededError) as caught:
        open_line(held_nanousd=2)

    assert caught.value.resets_at.astimezone(ZoneInfo("Asia/Tokyo")).strftime("%H:%M") == "00:00"
    assert "at 00:00 Asia/Tokyo" in caught.value.user_message


def test_the_members_of_a_group_share_its_budget(open_line, owner, stranger):
    group = Group.objects.create(name="advisers")
    owner.groups.add(group)
    together, each = make_budget(100, group=group), make_budget(60, group=group, is_per_user=True)

    open_line(user_id=owner.pk, held_nanousd=50)
    open_line(user_id=stranger.pk, held_nanousd=5_000)
    open_line(held_nanousd=5_000)
    with pytest.raises(BudgetExceededError, match=each.name):
        open_line(user_id=owner.pk, held_nanousd=11)
    stranger.groups.add(group)
    with pytest.raises(BudgetExceededError, match=together.name):
        open_line(user_id=stranger.pk, held_nanousd=51)

    assert BudgetWindow.objects.get(budget=together).held_nanousd == 50
    assert [item.budget for item in list_standings(user_id=owner.pk)] == [each]
    assert each.scope == "each user, group advisers"


def test_a_groups_budget_begins_with_what_its_members_have_spent(settled_line, owner, stranger):
    group = Group.objects.create(name="advisers")
    owner.groups.add(group)
    settled_line(user=owner, cost=700)
    settled_line(user=stranger, cost=50)
    make_budget(group=group)

    assert [item.spent_nanousd for item in list_standings()] == [700]


def test_a_raise_holds_from_its_beginning_until_just_before_its_end(open_line):
    budget, now = make_budget(100), timezone.now()
    raise_by(budget, 50)
    raise_by(budget, 900, starts_at=now - timedelta(hours=2), until=now)
    raise_by(budget, 900, starts_at=now + timedelta(hours=1), until=now + timedelta(hours=2))

    open_line(held_nanousd=150)
    with pytest.raises(BudgetExceededError):
        open_line(held_nanousd=1)

    (standing,) = list_standings()
    assert (standing.limit_nanousd, standing.raised_nanousd, standing.is_passed) == (150, 50, True)
    (later,) = list_standings(now=now + timedelta(hours=1, minutes=1))
    assert later.limit_nanousd == 1_000


def test_a_raise_for_one_person_is_not_for_others(open_line, owner, stranger):
    budget = make_budget(100, is_per_user=True)
    raise_by(budget, 50, user=owner)

    open_line(user_id=owner.pk, held_nanousd=150)
    with pytest.raises(BudgetExceededError):
        open_line(user_id=stranger.pk, held_nanousd=101)


def test_a_raise_that_makes_no_sense_is_refused(owner):
    budget = make_budget()

    with pytest.raises(ValidationError, match="shared"):
        BudgetRaise(
            budget=budget, user=owner, amount_nanousd=1, reason="x", until=timezone.now() + timedelta(hours=1)
        ).full_clean()
    with pytest.raises(IntegrityError):
        raise_by(budget, 1, hours=-1)


def test_a_raise_is_given_in_the_administration_and_says_by_whom(client_for, staff):
    budget = make_budget(10**9, name="The site")
    until = timezone.now() + timedelta(days=2)
    form = {
        "budget": budget.pk,
        "amount_nanousd": "2.50",
        "starts_at_0": "2026-01-01",
        "starts_at_1": "00:00:00",
        "until_0": f"{until:%Y-%m-%d}",
        "until_1": "12:00:00",
        "reason": "The job fair",
    }

    client_for(staff).post(reverse("admin:usage_budgetraise_add"), form)

    more = BudgetRaise.objects.get()
    assert (more.amount_nanousd, more.made_by, more.reason) == (2_500_000_000, staff, "The job fair")
    assert b"The job fair" in client_for(staff).get(reverse("admin:usage_budgetraise_changelist")).content
    assert "$3.50" in client_for(staff).get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize(("period", "hours"), [("rolling", None), ("rolling", 0), ("rolling", 745), ("day", 5)])
def test_hours_belong_to_rolling_budgets_alone(period, hours):
    with pytest.raises(IntegrityError):
        make_budget(period=period, rolling_hours=hours)


def age(call_id, **by):
    """Make the call, with what it has paid, so much older."""
    opened_at = timezone.now() - timedelta(**by)
    Call.objects.filter(pk=call_id).update(created_at=opened_at)
    return opened_at


def test_the_last_hours_count_and_free_themselves(open_line):
    budget = make_budget(100, period=BudgetPeriod.ROLLING, rolling_hours=2)
    early, late = open_line(held_nanousd=70), open_line(held_nanousd=30)
    opened_at = age(early, hours=2, minutes=-1)
    settle(early, 60)
    settle(late, 30)

    with pytest.raises(BudgetExceededError) as caught:
        open_line(held_nanousd=50)
    assert caught.value.resets_at == slice_ends_to_count(slice_start(opened_at, 2), 2)
    assert opened_at + timedelta(hours=2) < caught.value.resets_at <= opened_at + timedelta(hours=2, minutes=2)

    (standing,) = list_standings(now=caught.value.resets_at)
    assert (standing.spent_nanousd, standing.budget) == (30, budget)
    open_line(held_nanousd=70)


def test_to_count_the_last_hours_only_their_lines_are_read(settled_line, open_line):
    settled_line()
    make_budget(period=BudgetPeriod.ROLLING, rolling_hours=6)

    with CaptureQueriesContext(connection) as queries:
        open_line(held_nanousd=1)

    counted = [query["sql"] for query in queries if "created_at" in query["sql"] and "SUM" in query["sql"]]
    assert counted
    assert not any("1970-01-01" in sql for sql in counted)


def test_what_a_call_that_is_too_old_cost_is_not_counted_any_more(open_line):
    budget = make_budget(100, period=BudgetPeriod.ROLLING, rolling_hours=1)
    call_id = open_line(held_nanousd=70)
    age(call_id, hours=1, minutes=2)

    settle(call_id, 60)

    window = BudgetWindow.objects.get(budget=budget)
    assert (window.held_nanousd, window.spent_nanousd, BudgetSlice.objects.count()) == (0, 0, 0)


MOMENTS = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 40)), max_size=20)


@settings(max_examples=40, deadline=None)
@given(MOMENTS)
def test_a_rolling_window_is_what_the_ledger_has_in_its_slices(moments):
    Call.objects.all().delete()
    Budget.objects.all().delete()
    budget = make_budget(10**6, period=BudgetPeriod.ROLLING, rolling_hours=1)
    for minutes, cost in moments:
        call_id = Call().id
        open_call(call_id=call_id, user_id=None, task_type="x", held_nanousd=50, expires_at=timezone.now())
        age(call_id, minutes=minutes)
        settle(call_id, cost)

    now = timezone.now()
    counted = list_standings(now=now)[0].spent_nanousd
    oldest = slice_start(now - timedelta(hours=1), 1)
    in_ledger = sum(call.cost_nanousd for call in Call.objects.filter(created_at__gte=oldest))
    in_the_hour = sum(call.cost_nanousd for call in Call.objects.filter(created_at__gt=now - timedelta(hours=1)))

    assert counted == in_ledger >= in_the_hour
    assert BudgetSlice.objects.count() <= 62
    assert sum(BudgetSlice.objects.values_list("spent_nanousd", flat=True)) == counted
    reset_windows(budget)
    assert list_standings(now=now)[0].spent_nanousd == counted


def test_what_was_written_off_counts_the_same_when_a_budget_counts_anew(open_line):
    for number, more in enumerate((
        {}, {"provider": "openai"}, {"unit": "calls"}, {"provider": "groq"}, {"provider": "groq", "unit": "calls"},
        {"provider": "openai", "period": BudgetPeriod.ROLLING, "rolling_hours": 2},
    )):  # fmt: skip
        make_budget(100_000, **{"name": f"{number}", **more})
    candidates = {"openai/small-1": 300, "openai/large-1": 200, "anthropic/x": 200, "groq/x": 900, "embedded/rules": 0}
    lost = open_line(
        held_nanousd=700,
        providers={"openai": 500, "anthropic": 200},
        expires_at=timezone.now() - timedelta(seconds=1),
        decision={
            "candidates": [{"candidate": name, "held_nanousd": held} for name, held in candidates.items()],
            "passed_over": [["groq/x", "budget '3'"]],
        },
    )
    reconcile_expired_calls()
    counted = [700, 500, 1, 0, 0, 500]
    assert [one.spent_nanousd for one in list_standings()] == counted

    for budget in Budget.objects.all():
        reset_windows(budget)

    assert [one.spent_nanousd for one in list_standings()] == counted
    settle(lost, 40)
    assert [one.spent_nanousd for one in list_standings()] == [40, 40, 1, 0, 0, 40]


def test_where_a_line_does_not_say_who_might_be_asked_it_counts_for_all(open_line):
    budget = make_budget(100_000, provider="groq")
    open_line(expires_at=timezone.now() - timedelta(seconds=1), decision={"candidates": ["openai/small-1"]})
    reconcile_expired_calls()

    reset_windows(budget)

    assert list_standings()[0].spent_nanousd == 5_000


@contextmanager
def counted_anew_meanwhile(budget):
    """Have somebody change what the budget counts, once, just after a call has looked for its windows."""
    seen = {"looked": False, "changed": False}

    def watch(execute, statement, *rest):
        if seen["looked"] and not seen["changed"]:
            seen["changed"] = True
            reset_windows(budget)
        seen["looked"] |= 'LEFT JOIN "usage_budgetwindow"' in statement
        return execute(statement, *rest)

    with connection.execute_wrapper(watch):
        yield
    assert seen["changed"]


@pytest.mark.parametrize("is_hard", [True, False])
@pytest.mark.parametrize("more", [{}, {"period": BudgetPeriod.ROLLING, "rolling_hours": 1}])
def test_a_budget_that_counts_anew_meanwhile_refuses_nobody(open_line, is_hard, more):
    budget = make_budget(1_000, is_hard=is_hard, **more)
    make_budget(1_000)
    open_line(held_nanousd=100)

    with counted_anew_meanwhile(budget):
        open_line(held_nanousd=200)

    assert [(one.held_nanousd, one.spent_nanousd) for one in list_standings()] == [(300, 0)] * 2


def test_the_page_says_when_there_is_room_again(client_for, owner, open_line):
    make_budget(100, period=BudgetPeriod.ROLLING, rolling_hours=1, user=owner, name="An hour")
    make_budget(100, period=BudgetPeriod.DAY, time_zone="Europe/Berlin", user=owner, name="A day")
    settle(open_line(user_id=owner.pk, held_nanousd=100), 100)

    text = client_for(owner).get(reverse("usage:mine")).content.decode()

    assert "The last 1 hour count; some of it is free again on" in text
    assert ", 00:00 CE" in text
    assert text.count("Used up.") == 2
