"""Runaways: seen in the ledger's last minutes, stopped where a rule wants it, let go with one click."""

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from ai_router.routes import KEPT_SECONDS
from careerai.accounts.tokens import create_token
from tests.usage.conftest import move_line
from usage.alerts.runaways import STOPPED_WITHIN_SECONDS, look_for_runaways
from usage.alerts.subjects import usual_rate
from usage.freezes import freeze, lift, read_stops
from usage.models import Alert, AlertRule, AuditEntry, Call, Freeze
from usage.types import AlertKind, FreezeLevel, RuleAction, SubjectKind, Watched
from usage.watch import ROUND_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_rules_of_the_site(db):
    AlertRule.objects.all().delete()


def make_rule(**values) -> AlertRule:
    return AlertRule.objects.create(
        **{
            "name": "Runaway",
            "kind": AlertKind.RUNAWAY,
            "measure": Watched.VOLUME,
            "subject_kind": SubjectKind.TOKEN,
            "limit": 10,
            "fewest": 30,
            "action": RuleAction.FREEZE,
            "action_limit": 40,
            **values,
        }
    )


@pytest.fixture
def token(owner):
    return create_token(user=owner, name="batch")[0]


@pytest.fixture
def burst(open_line, owner, token):
    """Write so many calls of the token, all in this minute."""

    def write(number: int, *, user=owner, token_id=token.pk, held: int = 1_000, seconds_ago: float = 5) -> None:
        for _ in range(number):
            call_id = open_line(user_id=user.pk, token_id=token_id, held_nanousd=held)
            when = timezone.now() - timedelta(seconds=seconds_ago)
            Call.objects.filter(pk=call_id).update(created_at=when)

    return write


def test_a_token_that_runs_away_is_told_and_from_the_action_limit_on_stopped(burst, token, owner):
    rule = make_rule()
    burst(30)

    assert look_for_runaways() == []
    alert = Alert.objects.get()
    assert alert.title == "API token batch runs away: 30 times what is usual"
    assert (alert.level, alert.user, alert.freeze) == ("warning", owner, None)

    burst(15)
    (stopped,) = look_for_runaways()

    assert (stopped.subject_kind, stopped.subject_key, stopped.subject_name) == ("token", str(token.pk), "batch")
    assert stopped.until - stopped.made_at == timedelta(minutes=60)
    assert "API token “batch” are stopped for 60 minutes: there were 45 calls a minute" in stopped.message
    alert.refresh_from_db()
    assert (alert.level, alert.freeze) == ("critical", stopped)
    line = AuditEntry.objects.get(action="froze")
    assert (line.action, line.actor, line.actor_name) == ("froze", None, "the site itself")
    assert line.reason.startswith(f"Rule “{rule.name}”: 45 calls")
    Call.objects.filter(pk__in=list(Call.objects.values_list("pk", flat=True)[:10])).delete()
    assert look_for_runaways() == [stopped]
    assert Freeze.objects.count() == 1
    assert "It was stopped." in Alert.objects.get().text


def test_nobody_is_stopped_by_a_rule_that_only_tells(burst):
    make_rule(action=RuleAction.NOTIFY)
    burst(60)

    assert look_for_runaways() == []
    assert Alert.objects.count() == 1


def test_calls_of_others_minutes_ago_and_from_the_cache_do_not_count(burst, stranger, token):
    make_rule()
    burst(25)
    burst(25, user=stranger, token_id=token.pk + 1)
    burst(25, seconds_ago=90)
    burst(25)
    Call.objects.filter(user__username="owner", created_at__gt=timezone.now() - timedelta(seconds=30)).update(
        is_cached=True
    )

    assert look_for_runaways() == []
    assert not Alert.objects.exists()


def test_who_is_always_busy_is_measured_by_their_own_usual(burst, owner, settled_line):
    make_rule(subject_kind=SubjectKind.USER)
    hour = timezone.now().replace(minute=10) - timedelta(hours=3)
    lines = [settled_line(user=owner, cost=2_000_000_000) for _ in range(120)]
    Call.objects.filter(pk__in=[line.pk for line in lines]).update(created_at=hour)
    move_line(lines[0].pk, hour)

    def usual(measure):
        return usual_rate("user", str(owner.pk), user_id=None, measure=measure, now=timezone.now())

    assert usual(Watched.VOLUME) == 2.0
    assert usual(Watched.COST) == pytest.approx(20.0)
    burst(45)
    assert look_for_runaways() == []
    burst(45)
    assert len(look_for_runaways()) == 1


def test_spending_runs_away_too_and_what_runs_counts_with_what_it_holds(burst, owner):
    make_rule(subject_kind=SubjectKind.USER, measure=Watched.COST, fewest=1, action_limit=100)
    burst(4, held=500_000_000)

    (stopped,) = look_for_runaways()

    assert stopped.subject_key == str(owner.pk)
    assert "$2.00 in five minutes, where $0.01 is usual" in stopped.message


BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def write_pace(owner, token, *, seconds_apart: float, until: float, cost: int = 0) -> None:
    """Write calls one after the other, so many seconds apart, from the beginning on."""
    moments = [BEGIN + timedelta(seconds=seconds_apart * number) for number in range(int(until / seconds_apart) + 1)]
    Call.objects.bulk_create(
        Call(id=uuid4(), user=owner, token_id=token.pk, task_type="chat", held_nanousd=cost, created_at=moment, expires_at=moment)
        for moment in moments
    )  # fmt: skip


def stopped_after(first_look: float) -> float | None:
    """Let the watch go round on a clock of its own, and return when it stopped somebody, in seconds after the beginning."""
    for number in range(30):
        seconds = first_look + number * ROUND_SECONDS
        if look_for_runaways(now=BEGIN + timedelta(seconds=seconds)):
            return seconds
    return None


@pytest.mark.parametrize("first_look", [0.0, 2.5, ROUND_SECONDS - 0.001])
@pytest.mark.parametrize("calls_a_minute", [40, 60, 400])
def test_an_even_runaway_is_stopped_in_every_process_well_within_a_minute(owner, token, first_look, calls_a_minute):
    make_rule()
    write_pace(owner, token, seconds_apart=60 / calls_a_minute, until=60)

    seconds = stopped_after(first_look)

    assert seconds + KEPT_SECONDS <= STOPPED_WITHIN_SECONDS < 60


def test_even_spending_is_stopped_as_soon_and_a_pace_below_the_limit_never(owner, token):
    make_rule(measure=Watched.COST, fewest=1, action_limit=100)
    write_pace(owner, token, seconds_apart=4, until=60, cost=110_000_000)

    assert stopped_after(0) + KEPT_SECONDS <= STOPPED_WITHIN_SECONDS

    Freeze.objects.all().delete()
    Call.objects.all().delete()
    write_pace(owner, token, seconds_apart=60 / 39, until=120)
    AlertRule.objects.update(measure=Watched.VOLUME, action_limit=40)
    assert stopped_after(0) is None


CHANCE = Random(5)  # noqa: S311
PATTERNS = {
    # Seconds after the beginning at which there are calls, and how many: at least 1.5 times the limit, as even and as uneven as they come.
    "one by one": [(number * 1.2, 1) for number in range(75)],
    "in bursts": [(number * 12.0, 10) for number in range(8)],
    "by chance": [(moment, 1) for moment in sorted(CHANCE.uniform(0, 90) for _ in range(75))],
    "growing": [(second, 1 + second // 20) for second in range(0, 90, 2)],
    "with pauses": [(second, 2) for second in range(0, 90, 2) if second % 20 < 14],
}


SUBJECTS = ("token", "user", "task", "user in the background")
MEASURES = (Watched.VOLUME, Watched.TOKENS, Watched.COST)


@pytest.mark.parametrize(
    ("pattern", "measure", "subject"),
    [(*one, SUBJECTS[number % len(SUBJECTS)]) for number, one in enumerate(product(PATTERNS, MEASURES))],
)
def test_whatever_runs_away_however_is_stopped_in_every_process_within_a_minute(
    owner, token, pattern, measure, subject
):
    kind = subject.partition(" ")[0]
    fewest = {Watched.VOLUME: 30, Watched.TOKENS: 1_000, Watched.COST: 1}[measure]
    make_rule(measure=measure, subject_kind=kind, fewest=fewest, action_limit=30)
    # Ordinary calls of others and of their own before it, which alone stop nobody.
    calls = [(-240 + number * 20.0, 1) for number in range(8)] + PATTERNS[pattern]
    Call.objects.bulk_create(
        Call(
            id=uuid4(),
            user=owner,
            token_id=None if "background" in subject else token.pk,
            task_type="chat",
            status="open" if measure == Watched.COST else "succeeded",
            held_nanousd=30_000_000,
            input_tokens=1_200,
            output_tokens=400,
            cost_nanousd=None if measure == Watched.COST else 0,
            created_at=(moment := BEGIN + timedelta(seconds=seconds)),
            expires_at=moment,
        )
        for seconds, number in calls
        for _ in range(number)
    )

    seconds = stopped_after(2.5)

    assert seconds + KEPT_SECONDS < 60
    assert set(Freeze.objects.values_list("subject_kind", flat=True)) == {kind}


LUMPS = {
    # Seconds after the beginning at which there is one costly call: each an eighth of what stops, so that it is half as much again.
    "one after the other": [number * 20.0 for number in range(10)],
    "as far apart as a minute allows": [number * 25.0 for number in range(10)],
    "not quite even": [0.0, 17.0, 41.0, 60.0, 83.0],
}


@pytest.mark.parametrize("first_look", [0.0, 2.5, ROUND_SECONDS - 0.001])
@pytest.mark.parametrize(
    ("pattern", "measure"), [*product(LUMPS, [Watched.COST]), ("one after the other", Watched.TOKENS)]
)
def test_costly_calls_far_apart_are_stopped_in_every_process_within_a_minute(
    owner, token, pattern, measure, first_look
):
    # Tokens are counted in a minute, money in five.
    times = 100 if measure == Watched.COST else 30
    make_rule(measure=measure, fewest=0.3 if measure == Watched.COST else 1_000, action_limit=times)
    Call.objects.bulk_create(
        Call(
            id=uuid4(), user=owner, token_id=token.pk, task_type="chat", created_at=moment, expires_at=moment, status="succeeded",
            cost_nanousd=125_000_000 if measure == Watched.COST else 0, input_tokens=30_000,
        )
        for seconds in LUMPS[pattern]
        for moment in [BEGIN + timedelta(seconds=seconds)]
    )  # fmt: skip

    assert stopped_after(first_look) + KEPT_SECONDS <= 60


@pytest.mark.parametrize("moments", [(0, 30, 36), (0, 6, 50), (0, 45), (0, 20, 40, 200)])
def test_few_costly_calls_at_odd_times_are_no_pace_of_spending(owner, token, moments):
    make_rule(measure=Watched.COST, fewest=0.3, action_limit=100)
    Call.objects.bulk_create(
        Call(id=uuid4(), user=owner, token_id=token.pk, task_type="chat", cost_nanousd=cost, created_at=moment, expires_at=moment)
        for seconds in moments
        # What comes at even distances is below the limit all the same.
        for cost in [60_000_000 if moments[1:3] == (20, 40) else 200_000_000]
        for moment in [BEGIN + timedelta(seconds=seconds)]
    )  # fmt: skip

    assert stopped_after(0) is None


def test_one_costly_call_or_two_are_no_pace_of_spending(owner, token):
    make_rule(measure=Watched.COST, fewest=0.5, action_limit=100)
    for seconds in (0, 9, 11):
        write_pace(owner, token, seconds_apart=1, until=0, cost=300_000_000)
        Call.objects.filter(created_at=BEGIN).update(created_at=BEGIN + timedelta(seconds=seconds))

    assert stopped_after(0) is None


def test_a_burst_is_no_pace(owner, token):
    make_rule()
    write_pace(owner, token, seconds_apart=0.1, until=3.4)

    assert stopped_after(0) is None


def test_a_task_can_be_left_to_free_engines(burst):
    make_rule(subject_kind=SubjectKind.TASK, action=RuleAction.DOWNGRADE, action_minutes=None)
    burst(45)

    (stopped,) = look_for_runaways()

    assert (stopped.level, stopped.until) == ("downgrade", None)
    assert "AI calls for “cover letter” are answered by free engines only: there were" in stopped.message


def test_what_a_person_let_go_the_site_does_not_stop_again_for_an_hour(burst, staff):
    make_rule()
    burst(45)
    (stopped,) = look_for_runaways()

    assert lift(stopped, by=staff, reason="a planned run")
    assert not lift(stopped, by=staff)

    assert look_for_runaways() == []
    line = AuditEntry.objects.first()
    assert (line.action, line.actor, line.reason) == ("lifted", staff, "a planned run")
    Freeze.objects.update(lifted_at=timezone.now() - timedelta(minutes=61))
    assert len(look_for_runaways()) == 1


def test_the_alert_stays_open_while_the_stop_holds_and_is_over_after_it(burst, staff):
    make_rule()
    burst(45)
    (stopped,) = look_for_runaways()
    later = timezone.now() + timedelta(minutes=20)

    look_for_runaways(now=later)
    assert Alert.objects.get().state == "open"
    lift(stopped, by=staff)
    look_for_runaways(now=later)

    assert Alert.objects.get().state == "over"


def test_the_strictest_stop_in_force_is_followed(owner):
    freeze(("user", str(owner.pk)), level=FreezeLevel.DOWNGRADE, message="slow down")
    freeze(("task", "chat"), level=FreezeLevel.FREEZE, message="no chat")
    freeze(("token", "7"), level=FreezeLevel.FREEZE, message="over", minutes=1)
    Freeze.objects.filter(subject_kind="token").update(until=timezone.now() - timedelta(seconds=1))

    stops = read_stops()

    assert stops.find(token_id=None, user_id=owner.pk, task_type="chat").message == "no chat"
    assert not stops.find(token_id=None, user_id=owner.pk, task_type="cover_letter").is_whole
    assert stops.find(token_id=7, user_id=1_000, task_type="cover_letter") is None
    assert stops.find(token_id=None, user_id=None, task_type="cover_letter") is None


def test_undoing_takes_one_click_of_staff_and_a_link_alone_changes_nothing(client_for, staff, owner):
    row = freeze(("user", str(owner.pk)), level=FreezeLevel.FREEZE, message="stopped", name="owner")
    url = reverse("usage:undo", args=[row.pk])

    assert client_for(owner).post(url).status_code == 302
    page = client_for(staff).get(url).content.decode()
    row.refresh_from_db()
    assert row.is_in_force
    assert "Let it go on" in page
    assert "stopped" in client_for(owner).get(reverse("usage:alerts")).content.decode()

    client_for(staff).post(url, {"reason": "it was me"})

    row.refresh_from_db()
    assert (row.is_in_force, row.lifted_by) == (False, staff)
    assert "It is not stopped any more." in client_for(staff).get(url).content.decode()


def test_staff_stop_somebody_by_hand(client_for, staff, owner):
    form = {
        "subject_kind": "user",
        "subject_key": "²",
        "level": "freeze",
        "message": "Call us.",
        "until_0": "",
        "until_1": "",
    }
    client = client_for(staff)
    assert "Give the number" in client.post(reverse("admin:usage_freeze_add"), form).content.decode()

    client.post(reverse("admin:usage_freeze_add"), {**form, "subject_key": owner.pk})

    row = Freeze.objects.get()
    assert (row.subject_name, row.made_by, row.is_in_force) == ("owner", staff, True)
    assert AuditEntry.objects.get(action="froze").reason == "Call us."
    selected = {"action": "lift_selected", "_selected_action": row.pk}
    client.post(reverse("admin:usage_freeze_changelist"), selected)
    row.refresh_from_db()
    assert not row.is_in_force
