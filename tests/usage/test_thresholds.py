"""What budgets ask of calls when a part of them, or all of them, is used; and quotas, which count calls."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.usage.conftest import make_attempt
from usage import budget_windows, standings
from usage.alerts.limits import look_at_budgets
from usage.errors import BudgetExceededError
from usage.ledger import settle_call
from usage.models import Alert, AlertRule, Budget, BudgetRaise, BudgetWindow, Call
from usage.thresholds import most_used_before, refusal, shares_of
from usage.types import BudgetAction, BudgetPeriod, BudgetUnit, CallStatus

pytestmark = pytest.mark.django_db
SOFT, HARD = [BudgetAction.NOTIFY, BudgetAction.DOWNGRADE], [BudgetAction.FREE, BudgetAction.STOP]
AT_WARNING = [BudgetAction.NOTIFY, BudgetAction.DOWNGRADE, BudgetAction.FREE]


def make_budget(limit: int = 1_000, **more: object) -> Budget:
    return Budget.objects.create(**{"name": f"budget {Budget.objects.count()}", "limit_nanousd": limit, **more})


def settle(call_id, cost=0, **more):
    settle_call(
        call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[make_attempt(cost_nanousd=cost, **more)], latency_ms=1
    )


@settings(max_examples=300, deadline=None)
@given(
    limit=st.integers(0, 10**15),
    percent=st.integers(1, 100),
    share=st.integers(1, 10**6),
    is_saving=st.booleans(),
    at_warning=st.sampled_from(AT_WARNING),
    at_limit=st.sampled_from(SOFT + HARD),
    near=st.integers(-3, 3),
    unit=st.sampled_from(BudgetUnit),
)
@example(
    limit=10, percent=80, share=1, is_saving=False, at_warning="downgrade", at_limit="notify", near=0, unit="money"
)
@example(limit=3, percent=33, share=1, is_saving=False, at_warning="free", at_limit="stop", near=0, unit="money")
def test_a_point_holds_from_exactly_its_percentage_on(  # noqa: PLR0917 - what Hypothesis draws
    limit, percent, share, is_saving, at_warning, at_limit, near, unit
):
    """The bound of the database's condition and the words of the refusal say the same, on both sides of each point."""
    budget = Budget(
        name="x", limit_nanousd=limit, warn_percent=percent, at_warning=at_warning, at_limit=at_limit,
        is_hard=at_limit in HARD, unit=unit,
    )  # fmt: skip
    cost = share
    for used in (max(0, limit * percent // 100 + near), max(0, limit + near), max(0, limit - share + near)):
        is_near, is_over = used * 100 >= limit * percent, used >= limit
        has_no_room = budget.is_hard and used + share > limit
        wants = at_warning if is_near else BudgetAction.NOTIFY
        if is_over and not budget.is_hard and wants != BudgetAction.FREE:
            wants = BudgetAction.DOWNGRADE if BudgetAction.DOWNGRADE in {wants, at_limit} else wants
        expected = at_limit if has_no_room else wants
        is_heeded = expected == BudgetAction.NOTIFY or (expected == BudgetAction.DOWNGRADE and is_saving)

        most = most_used_before(budget, share, cost, is_saving=is_saving)
        error = refusal(budget, share, cost, used=used, is_saving=is_saving, resets_at=None)

        assert (error is None) == is_heeded == (most is None or used <= most)
        if error:
            assert (error.action, error.is_used_up) == (expected, has_no_room)


def test_from_the_warning_on_calls_are_asked_to_save_in_every_process_at_once(open_line):
    budget = make_budget(at_warning=BudgetAction.DOWNGRADE, is_hard=False)
    open_line(held_nanousd=799)
    open_line(held_nanousd=1)

    with pytest.raises(BudgetExceededError) as caught:
        open_line(held_nanousd=50)

    assert (caught.value.action, caught.value.is_used_up) == (BudgetAction.DOWNGRADE, False)
    open_line(held_nanousd=50, is_saving=True)
    open_line(held_nanousd=0)
    assert BudgetWindow.objects.get(budget=budget).held_nanousd == 850
    assert Call.objects.count() == 4


def test_a_budget_can_keep_its_last_part_for_free_candidates(open_line, owner):
    make_budget(
        10**9, name="Letters", warn_percent=50, at_warning=BudgetAction.FREE, period=BudgetPeriod.DAY, user=owner
    )
    open_line(held_nanousd=500_000_000, user_id=owner.pk)

    with pytest.raises(BudgetExceededError) as caught:
        open_line(held_nanousd=1, is_saving=True, user_id=owner.pk)

    midnight = timezone.now().replace(hour=0, minute=0) + timedelta(days=1)
    assert caught.value.action == BudgetAction.FREE
    assert caught.value.user_message == (
        "The budget “Letters” is nearly used up, and leaves only what is free: $0.5000 of $1.00 left. "
        f"There is room again from {midnight:%d %B %Y} at 00:00 UTC. What this server does by itself stays free."
    )
    open_line(held_nanousd=0)


@pytest.mark.parametrize("is_of_group", [True, False])
def test_a_refusal_of_a_shared_budget_does_not_tell_what_others_spend(open_line, owner, is_of_group):
    group = Group.objects.create(name="advisers")
    owner.groups.add(group)
    make_budget(1_000, name="Ours", period=BudgetPeriod.TOTAL, group=group if is_of_group else None)

    with pytest.raises(BudgetExceededError) as caught:
        open_line(held_nanousd=1_001, user_id=owner.pk)

    assert caught.value.user_message == ("The budget “Ours” is used up. What this server does by itself stays free.")


def test_a_refusal_says_which_budget_what_is_left_what_is_needed_and_when_it_resets(open_line, owner):
    make_budget(10**9, name="Each month", at_limit=BudgetAction.STOP, period=BudgetPeriod.TOTAL, is_per_user=True)
    settle(open_line(held_nanousd=750_000_000, user_id=owner.pk), 700_000_000)

    with pytest.raises(BudgetExceededError) as caught:
        open_line(held_nanousd=300_000_001, user_id=owner.pk)

    assert caught.value.action == BudgetAction.STOP
    assert caught.value.user_message == (
        "The budget “Each month” is used up: $0.3000 of $1.00 left, and this call may need $0.3000. "
        "What this server does by itself stays free."
    )
    open_line(held_nanousd=300_000_000, user_id=owner.pk)


def test_a_raise_lifts_the_points_until_it_expires(open_line, monkeypatch):
    budget = make_budget(at_warning=BudgetAction.FREE, period=BudgetPeriod.TOTAL)
    now = timezone.now()
    BudgetRaise.objects.create(
        budget=budget, amount_nanousd=1_000, starts_at=now, until=now + timedelta(hours=1), reason="a busy week"
    )
    settle(open_line(held_nanousd=900), 900)
    open_line(held_nanousd=10)

    for seconds, is_refused in ((3_599, False), (3_600, True)):
        monkeypatch.setattr(timezone, "now", lambda after=seconds: now + timedelta(seconds=after))
        if is_refused:
            with pytest.raises(BudgetExceededError, match="nearly used up"):
                open_line(held_nanousd=10)
        else:
            open_line(held_nanousd=10)


@pytest.mark.parametrize(
    ("zone", "turns_at"),
    [
        # The days on which clocks were set, and one on which they were not.
        ("Europe/Berlin", datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 25, 23, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 3, 29, 18, 30, tzinfo=UTC)),
    ],
)
def test_the_points_start_anew_with_the_window_of_the_zone(open_line, monkeypatch, zone, turns_at):
    make_budget(at_warning=BudgetAction.FREE, period=BudgetPeriod.DAY, time_zone=zone)

    def at(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    at(turns_at - timedelta(hours=20))
    settle(open_line(held_nanousd=800), 800)
    at(turns_at - timedelta(microseconds=1))
    with pytest.raises(BudgetExceededError) as caught:
        open_line(held_nanousd=1)
    assert caught.value.resets_at == turns_at
    at(turns_at)
    open_line(held_nanousd=1)


def test_what_happens_fits_how_hard_the_budget_is():
    for is_hard, actions in ((True, SOFT), (False, HARD)):
        for action in actions:
            with pytest.raises(ValidationError, match="When it is used up"):
                Budget(name="x", limit_nanousd=1, is_hard=is_hard, at_limit=action).full_clean()
            with transaction.atomic(), pytest.raises(IntegrityError):
                make_budget(is_hard=is_hard, at_limit=action)
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        Budget(name="x", limit_nanousd=1, warn_percent=0).full_clean()


# Quotas


def test_a_quota_counts_calls_for_which_a_provider_is_asked(open_line):
    quota = make_budget(2, name="Two a month", unit=BudgetUnit.CALLS)
    asking = {"held_nanousd": 0, "providers": {"ollama": 0}}

    first = open_line(**asking)
    settle(open_line(**asking), provider="embedded")
    open_line(held_nanousd=0, providers={})
    second = open_line(held_nanousd=900, providers={"openai": 900})
    with pytest.raises(BudgetExceededError) as caught:
        open_line(**asking)

    assert caught.value.is_quota
    assert "The quota “Two a month” is used up. There is room again" in caught.value.user_message
    settle(first, provider="ollama")
    settle(second, 700)
    window = BudgetWindow.objects.get(budget=quota)
    assert (window.held_nanousd, window.spent_nanousd) == (0, 2)
    budget_windows.reset_windows(quota)
    (again,) = standings.list_standings()
    assert again.spent_nanousd == 2


def test_a_quota_of_a_provider_counts_only_its_calls(open_line):
    make_budget(1, unit=BudgetUnit.CALLS, provider="openai")

    settle(open_line(providers={"groq": 5_000}), 10, provider="groq")
    open_line(providers={"openai": 5_000, "groq": 5_000}, held_nanousd=10_000)
    with pytest.raises(BudgetExceededError) as caught:
        open_line(providers={"openai": 5_000, "groq": 5_000}, held_nanousd=10_000)

    assert caught.value.provider == "openai"


def test_what_a_call_takes_of_a_budget():
    money, of_openai = Budget(limit_nanousd=1), Budget(limit_nanousd=1, provider="openai")
    calls = Budget(limit_nanousd=1, unit=BudgetUnit.CALLS)

    assert shares_of(money, 30, {"openai": 10, "groq": 20}) == (30, 30)
    assert shares_of(of_openai, 30, {"openai": 10, "groq": 20}) == (10, 10)
    assert shares_of(of_openai, 30, None) == (30, 30)
    assert shares_of(calls, 30, None) == (1, 30)
    assert shares_of(calls, 0, {}) == (0, 0)


# What is told


@pytest.fixture
def rules():
    AlertRule.objects.all().delete()
    for limit, level in ((80, "warning"), (100, "critical")):
        AlertRule.objects.create(
            name=f"{limit}", kind="budget", measure="cost", limit=limit, level=level, cooldown_minutes=0
        )


@pytest.mark.parametrize(("spent", "is_told"), [(949, False), (950, True)])
def test_a_budget_tells_from_its_own_percentage_on(rules, open_line, spent, is_told):
    make_budget(warn_percent=95, at_warning=BudgetAction.FREE)
    settle(open_line(held_nanousd=spent), spent)

    look_at_budgets()

    assert Alert.objects.exists() == is_told
    if is_told:
        assert "Only what is free is asked" in Alert.objects.get().text


def test_what_a_budget_does_is_told_from_where_it_does_it(open_line):
    AlertRule.objects.all().delete()
    AlertRule.objects.create(name="half", kind="budget", measure="cost", limit=50, level="warning")
    make_budget(is_hard=False, at_warning=BudgetAction.DOWNGRADE)

    texts = []
    for spent in (600, 200):
        settle(open_line(held_nanousd=spent), spent)
        look_at_budgets()
        texts.append(Alert.objects.get().text)

    assert "It only tells: calls go on." in texts[0]
    assert "Calls ask the cheapest candidate first." in texts[1]


def test_what_the_last_hours_have_let_go_is_not_told_any_more(rules, open_line):
    make_budget(period=BudgetPeriod.ROLLING, rolling_hours=1)
    settle(open_line(held_nanousd=900), 900)
    look_at_budgets()
    assert Alert.objects.get().state == "open"

    look_at_budgets(now=timezone.now() + timedelta(hours=2))

    assert Alert.objects.get().state == "over"


def test_a_budget_is_told_once_in_each_window(rules, open_line):
    make_budget(is_hard=False, period=BudgetPeriod.DAY)
    for _ in range(3):
        held = open_line(held_nanousd=850)
        look_at_budgets()
        assert Alert.objects.get().state == "open"
        settle(held, 10)
        look_at_budgets()
        assert Alert.objects.get().state == "over"

    settle(open_line(held_nanousd=900), 900)
    tomorrow = timezone.now() + timedelta(days=1)
    look_at_budgets()
    assert Alert.objects.count() == 1
    look_at_budgets(now=tomorrow)
    assert Alert.objects.get().state == "over"
