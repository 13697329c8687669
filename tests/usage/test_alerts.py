"""Alerts: kept once, told in groups, over by themselves; and the looks that find them."""

import base64
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from uuid import UUID

import pytest
from django.apps import apps
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from tests.usage.conftest import make_attempt
from usage import watch
from usage.alerts.book import Finding, acknowledge, count_unread, take_stock
from usage.alerts.delivery import DELAYS_SECONDS, GATHERING, deliver_due, make_secret
from usage.alerts.limits import look_at_budgets, look_at_limits
from usage.alerts.unusual import look_for_unusual
from usage.booking import write_late
from usage.models import Alert, AlertChannel, AlertDelivery, AlertRule, AuditEntry, Budget, BudgetRaise
from usage.records import OpenedCall, SettledCall
from usage.types import AlertEvent, AlertKind, AlertLevel, CallStatus, ChannelKind, TokenUsage, Watched

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_rules_of_the_site(db):
    AlertRule.objects.all().delete()


@pytest.fixture
def rule() -> AlertRule:
    return make_rule()


def make_rule(**values) -> AlertRule:
    return AlertRule.objects.create(
        **{"name": "a rule", "kind": AlertKind.UNUSUAL, "measure": Watched.COST, "limit": 4.2, **values}
    )


def channel(kind=ChannelKind.EMAIL, addresses="ops@example.org", **values) -> AlertChannel:
    return AlertChannel.objects.create(name=values.pop("name", kind), kind=kind, addresses=addresses, **values)


class Receiver(HTTPServer):
    """Takes messages on loopback, with the status that it is told to answer."""

    def __init__(self) -> None:
        self.status, self.got = 200, []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(server.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


# The book


def test_what_is_found_again_is_the_same_alert_until_it_is_over(rule):
    finding = Finding("cost", "Cost has tripled", rule=rule)

    assert [event for _, event in take_stock("look", [finding], now=NOW)] == [AlertEvent.OPENED]
    assert take_stock("look", [finding], now=NOW + timedelta(minutes=1)) == []
    alert = Alert.objects.get()
    assert (alert.times, alert.state, alert.seen_at) == (2, "open", NOW + timedelta(minutes=1))

    assert take_stock("look", [], patience=timedelta(minutes=5), now=NOW + timedelta(minutes=2)) == []
    assert [event for _, event in take_stock("look", [], now=NOW + timedelta(minutes=9))] == [AlertEvent.OVER]
    alert.refresh_from_db()
    assert alert.state == "over"


def test_what_comes_back_within_the_quiet_time_is_opened_again_without_a_word(rule):
    channel()
    finding = Finding("cost", "Cost has tripled", rule=rule)
    for minutes, found in ((0, [finding]), (5, []), (30, [finding]), (40, []), (200, [finding])):
        take_stock("look", found, now=NOW + timedelta(minutes=minutes))

    assert Alert.objects.count() == 2
    events = [entry["event"] for row in AlertDelivery.objects.order_by("pk") for entry in row.body]
    assert events == ["opened", "over", "over", "opened"]


def test_what_becomes_worse_is_told_again_although_it_was_acknowledged(rule, staff):
    take_stock("look", [Finding("cost", "Much", rule=rule)], now=NOW)
    alert = Alert.objects.get()

    assert acknowledge(alert, by=staff)
    assert not acknowledge(alert, by=staff)
    assert take_stock("look", [Finding("cost", "Much", rule=rule)], now=NOW) == []
    worse = take_stock("look", [Finding("cost", "Too much", level=AlertLevel.CRITICAL, rule=rule)], now=NOW)

    assert [event for _, event in worse] == [AlertEvent.WORSE]
    alert.refresh_from_db()
    assert (alert.title, alert.state) == ("Too much", "open")
    assert AuditEntry.objects.get(action="acknowledged").actor == staff


def test_a_look_ends_only_what_it_has_found_itself(rule):
    take_stock("one", [Finding("x", "X", rule=rule)], now=NOW)

    take_stock("other", [], now=NOW + timedelta(hours=1))

    assert Alert.objects.get().state == "open"


def test_the_bell_counts_what_waits_for_each(rule, owner, stranger, staff):
    take_stock(
        "look",
        [
            Finding("a", "Of all", rule=rule),
            Finding("b", "Of the owner", rule=rule, user_id=owner.pk),
            Finding("c", "The owner's alone", rule=rule, user_id=owner.pk, is_for_user_only=True),
        ],
    )

    assert (count_unread(owner), count_unread(stranger), count_unread(staff)) == (2, 0, 2)


# Messages


def test_what_happens_in_a_minute_is_one_message(rule):
    channel()
    take_stock("look", [Finding("a", "First", "It is <high>.", rule=rule), Finding("b", "Second", rule=rule)], now=NOW)
    assert deliver_due(now=NOW) == 1
    now = timezone.now()
    take_stock("look", [Finding("a", "First", rule=rule), Finding("c", "Third", rule=rule)], now=now)
    take_stock("look", [Finding("a", "First", rule=rule), Finding("d", "Fourth", rule=rule)], now=now)

    assert deliver_due(now=now) == 0
    assert deliver_due(now=now + GATHERING) == 1
    first, second = mail.outbox
    assert first.subject == "[CareerAI] Warning: First (and 1 more)"
    assert "It is <high>." in first.body
    assert "Third" in second.body
    assert "Over: Second" in second.body
    assert "Fourth" in second.body
    assert first.to == ["ops@example.org"]


def test_a_channel_is_told_from_its_level_on_and_of_nobodys_private_budget(rule, owner):
    channel(least_level=AlertLevel.CRITICAL)
    private = Finding("b", "Private", level=AlertLevel.CRITICAL, rule=rule, user_id=owner.pk, is_for_user_only=True)
    take_stock("look", [Finding("a", "Mild", rule=rule), private], now=NOW)

    assert not AlertDelivery.objects.exists()


def test_a_webhook_is_signed_and_slack_is_given_what_it_takes(rule, receiver, settings):
    settings.PUBLIC_URL = "https://site.example.org/"
    hook = channel(ChannelKind.WEBHOOK, receiver.url, name="hook")
    secret = make_secret(hook)
    channel(ChannelKind.SLACK, receiver.url, name="slack")
    take_stock("look", [Finding("a", "A & B", "x < y", rule=rule, facts={"seen": 3})], now=NOW)

    assert deliver_due() == 2

    (headers, body), (_, slack) = receiver.got
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    entry = json.loads(body)["data"]["alerts"][0]
    assert (entry["title"], entry["event"], entry["facts"]) == ("A & B", "opened", {"seen": 3})
    assert entry["url"].startswith("https://site.example.org/admin/usage/alert/")
    text = json.loads(slack)["text"]
    assert "*Warning: A &amp; B*\nx &lt; y" in text
    assert "|Look>" in text


def test_a_message_that_does_not_arrive_is_tried_again_and_given_up_in_the_end(rule, receiver):
    channel(ChannelKind.SLACK, receiver.url)
    take_stock("look", [Finding("a", "A", rule=rule)], now=NOW)
    receiver.status = 500

    for _ in range(len(DELAYS_SECONDS) + 1):
        AlertDelivery.objects.update(next_at=NOW)
        assert deliver_due() == 0
        row = AlertDelivery.objects.get()
    assert deliver_due() == 0

    assert (row.status, row.attempts, row.error) == ("failed", len(receiver.got), "The address answered 500.")
    assert row.attempts == len(DELAYS_SECONDS) + 1


def test_an_address_inside_the_network_is_refused_for_good(rule):
    channel(ChannelKind.WEBHOOK, "https://127.0.0.1/hook")
    take_stock("look", [Finding("a", "A", rule=rule)], now=NOW)

    deliver_due()

    row = AlertDelivery.objects.get()
    assert (row.status, row.error) == ("failed", "The address is not public.")


def test_a_mail_server_that_is_down_is_tried_again(rule, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    channel()
    take_stock("look", [Finding("a", "A", rule=rule)], now=NOW)

    deliver_due()

    row = AlertDelivery.objects.get()
    assert (row.status, row.error) == ("waiting", "The mail server did not take it (ConnectionRefusedError).")


# Budgets and limits


@pytest.mark.parametrize(("percent", "level"), [(79, None), (80, "warning"), (100, "critical")])
def test_a_budget_is_told_at_80_and_at_100_percent(owner, settled_line, percent, level):
    make_rule(name="80", kind=AlertKind.BUDGET, limit=80)
    make_rule(name="100", kind=AlertKind.BUDGET, limit=100, level=AlertLevel.CRITICAL)
    Budget.objects.create(name="small", limit_nanousd=100_000, is_per_user=True)
    settled_line(user=owner, cost=percent * 1_000)

    look_at_budgets()

    found = Alert.objects.first()
    assert (found.level if found else None) == level
    if found:
        assert found.user == owner
        assert found.title.startswith("Budget small of owner")


def test_a_budget_alert_is_over_when_the_budget_is_raised(owner, settled_line):
    make_rule(kind=AlertKind.BUDGET, limit=80)
    budget = Budget.objects.create(name="small", limit_nanousd=100_000)
    settled_line(user=owner, cost=90_000)
    look_at_budgets()
    assert Alert.objects.get().facts["percent"] == 90.0

    BudgetRaise.objects.create(
        budget=budget, amount_nanousd=100_000, until=timezone.now() + timedelta(days=1), reason="a busy week"
    )
    look_at_budgets()

    assert Alert.objects.get().state == "over"


@pytest.mark.parametrize(
    ("measure", "limit", "title"),
    [
        (Watched.LATENCY, 1_000, "Latency: 2,500 ms on average"),
        (Watched.ERRORS, 5, "Failed requests: 50.0 %"),
        (Watched.COST_PER_CALL, 0.01, "Cost per call: $0.03"),
        (Watched.COST_SPIKE, 2, "Cost against the usual: 4.0 times what is usual"),
    ],
)
def test_each_limit_of_the_last_hour_is_told_and_over_when_it_is_kept(settled_line, measure, limit, title):
    make_rule(kind=AlertKind.THRESHOLD, measure=measure, limit=limit, fewest=2)
    for week in range(1, 5):
        settled_line(cost=15_000_000, hours_ago=168 * week + 0.25)
    settled_line(cost=30_000_000, latency_ms=2_500)
    settled_line(cost=30_000_000, latency_ms=2_500, status=CallStatus.FAILED)

    look_at_limits()

    assert [alert.title[: len(title)] for alert in Alert.objects.open()] == [title]
    look_at_limits(now=timezone.now() + timedelta(hours=2))
    assert not Alert.objects.open().exists()


def test_few_calls_are_no_reason_for_a_limit_and_other_tasks_do_not_count(settled_line):
    make_rule(kind=AlertKind.THRESHOLD, measure=Watched.LATENCY, limit=10, fewest=2)
    make_rule(name="other", kind=AlertKind.THRESHOLD, measure=Watched.LATENCY, limit=10, task_type="cv_parsing")
    settled_line(latency_ms=5_000)

    look_at_limits()

    assert not Alert.objects.exists()


# What is unusual


def write_hours(weeks: int, *, user, dear_since: datetime) -> None:
    """Write a call an hour; since a moment each is four times as long."""
    hour = dear_since - timedelta(weeks=weeks)
    number = 0
    while hour < NOW - timedelta(hours=1):
        hour += timedelta(hours=1)
        number += 1
        times = 4 if hour > dear_since else 1
        call_id = UUID(int=number)
        attempt = make_attempt(
            cost_nanousd=1_000_000 * times, usage=TokenUsage(input_tokens=1_000 * times, output_tokens=10 * times)
        )
        opened = OpenedCall(call_id, user.pk, "cover_letter", 0, hour, hour)
        settled = SettledCall(call_id, CallStatus.SUCCEEDED, (attempt,), 300, hour, provider="openai", model="small-1")
        write_late(opened, settled)


def test_what_is_unusual_is_told_with_its_cause_and_whose_it_is(owner):
    rule = make_rule()
    write_hours(3, user=owner, dear_since=NOW.replace(minute=5) - timedelta(hours=10))

    look_for_unusual(now=NOW)

    alert = Alert.objects.get()
    assert alert.title.startswith("Cost: $0.004")
    assert "longer or shorter texts" in alert.text
    assert alert.facts["cause"] == "tokens"
    assert alert.rule == rule
    assert alert.began_at < NOW - timedelta(hours=7)


def test_an_empty_ledger_is_not_unusual():
    for measure in AlertRule.MEASURES[AlertKind.UNUSUAL]:
        make_rule(name=measure, measure=measure)

    look_for_unusual(now=NOW)

    assert not Alert.objects.exists()


# The watch and the rules


def test_of_several_workers_one_takes_a_turn():
    assert watch.take_turn("x", 60, now=NOW)
    assert not watch.take_turn("x", 60, now=NOW + timedelta(seconds=30))
    assert watch.take_turn("x", 60, now=NOW + timedelta(seconds=60))


def test_every_look_can_be_taken_and_one_that_fails_stops_no_other(monkeypatch):
    taken = []
    failing = {"bad": (lambda: (_ for _ in ()).throw(watch.DatabaseError), 1.0), "good": (lambda: taken.append(1), 1.0)}
    watch.watch_once()
    monkeypatch.setattr(watch, "LOOKS", failing)

    watch.watch_once()

    assert taken == [1]


def test_a_watch_goes_round_until_it_is_stopped():
    done = threading.Event()
    thread = watch.Watch("test", done.set, round_seconds=60)

    thread.start()

    assert done.wait(10)
    thread.stop()


def test_the_rules_that_a_site_begins_with_are_sound_and_stop_nobody():
    import_module("usage.migrations.0012_first_alert_rules").make_rules(apps, None)

    rules = list(AlertRule.objects.all())
    assert {rule.kind for rule in rules} == set(AlertKind.values)
    assert {rule.action for rule in rules} == {"notify"}
    for rule in rules:
        rule.full_clean()
        assert rule.unit


@pytest.mark.parametrize(
    "values",
    [
        {"kind": AlertKind.THRESHOLD, "measure": Watched.VOLUME},
        {"kind": AlertKind.RUNAWAY, "measure": Watched.VOLUME},
        {"kind": AlertKind.BUDGET, "subject_kind": "user"},
        {"kind": AlertKind.UNUSUAL, "action": "freeze", "action_limit": 50},
        {"kind": AlertKind.RUNAWAY, "subject_kind": "user", "action": "freeze", "action_limit": 1},
        {"kind": AlertKind.RUNAWAY, "subject_kind": "user", "action": "freeze"},
        {"limit": -1},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(values):
    with pytest.raises(ValidationError):
        AlertRule(
            **{"name": "x", "kind": AlertKind.UNUSUAL, "measure": Watched.COST, "limit": 10, **values}
        ).full_clean()


# Pages


def test_a_person_sees_their_own_alerts_and_reading_them_empties_the_bell(client_for, owner, stranger, rule):
    take_stock("look", [Finding("a", "Of all", rule=rule), Finding("b", "Your budget", rule=rule, user_id=owner.pk)])
    client = client_for(owner)

    page = client.get(reverse("usage:alerts")).content.decode()

    assert 'aria-label="Alerts: 1 new"' in page
    assert "Your budget" in page
    assert "Of all" not in page
    assert 'aria-label="Alerts"' in client.get(reverse("usage:alerts")).content.decode()
    assert "Your budget" not in client_for(stranger).get(reverse("usage:alerts")).content.decode()


def test_staff_acknowledge_with_one_click_and_others_may_not(client_for, owner, staff, rule):
    take_stock("look", [Finding("a", "Of all", rule=rule)])
    alert = Alert.objects.get()
    url = reverse("usage:acknowledge", args=[alert.pk])

    assert client_for(owner).post(url).status_code == 302
    alert.refresh_from_db()
    assert alert.acknowledged_at is None
    page = client_for(staff).get(reverse("usage:alerts")).content.decode()
    assert "Of all" in page
    assert client_for(staff).post(url, {"next": "alerts"}).url == reverse("usage:alerts")
    alert.refresh_from_db()
    assert alert.acknowledged_by == staff


@pytest.mark.parametrize("name", ["alert", "alertrule", "alertchannel", "alertdelivery", "freeze", "auditentry"])
def test_every_list_of_the_administration_opens(client_for, staff, rule, name):
    channel()
    take_stock("look", [Finding("a", "Of all", rule=rule)])
    rule.limit = 5
    rule.save()

    client = client_for(staff)

    assert client.get(reverse(f"admin:usage_{name}_changelist")).status_code == 200
    model = apps.get_model("usage", name)
    row = model.objects.first()
    if row is not None:
        assert client.get(reverse(f"admin:usage_{name}_change", args=[row.pk])).status_code == 200


def test_a_channel_is_checked_and_its_secret_shown_once(client_for, staff):
    client = client_for(staff)
    url = reverse("admin:usage_alertchannel_add")
    base = {"name": "hook", "kind": "webhook", "least_level": "warning", "is_on": "on"}

    refused = client.post(url, {**base, "addresses": "http://127.0.0.1/"}).content.decode()
    assert "The address must begin with https://." in refused
    assert "one a line" in client.post(url, {**base, "kind": "email", "addresses": "nobody"}).content.decode()
    page = client.post(url, {**base, "addresses": "https://example.org/hook"}, follow=True).content.decode()

    assert "whsec_" in page
    row = AlertChannel.objects.get()
    assert row.nonce
    assert row.nonce not in client.get(reverse("admin:usage_alertchannel_change", args=[row.pk])).content.decode()


def test_a_trial_message_says_whether_it_arrived(client_for, staff, receiver):
    row = channel(ChannelKind.SLACK, receiver.url)
    client = client_for(staff)
    form = {"action": "send_trials", "_selected_action": row.pk}

    good = client.post(reverse("admin:usage_alertchannel_changelist"), form, follow=True).content.decode()
    receiver.status = 404
    bad = client.post(reverse("admin:usage_alertchannel_changelist"), form, follow=True).content.decode()

    assert "a trial message was taken" in good
    assert "The address answered 404." in bad
