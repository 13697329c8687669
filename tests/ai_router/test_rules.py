"""Rules: the first one that a request meets decides who is asked, or that nobody is."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from ai_router import checks, router
from ai_router.conditions import Conditions
from ai_router.copies import forget_copies
from ai_router.errors import RequestDeniedError
from ai_router.models import Pool, PoolCandidate, RoutingRule
from ai_router.models.rules import RuleAction
from ai_router.planning import Question
from ai_router.routing import choose_candidates
from ai_router.rules import Facts, are_met, first_match
from ai_router.types import AnswerForm, Blob, Message, TaskType, Tool, Wishes
from tests.ai_router.conftest import Subject
from usage.models import Budget, Call

pytestmark = pytest.mark.django_db

MONDAY_NIGHT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
TUESDAY_NIGHT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


def question(**more) -> Question[str]:
    messages = more.pop("messages", (Message("user", "Write of roses."),))
    return Question(
        TaskType.CHAT, messages=lambda: messages, accept=lambda answer, *_: answer.text, max_output_tokens=100, **more
    )


def met(given: dict, *, wishes: Wishes | None = None, asked=None, user=None, now=None) -> bool:
    return are_met(Conditions(**given), Facts("chat", wishes or Wishes(), question=asked, user=user, now=now))


@pytest.mark.parametrize(
    ("given", "wishes", "expected"),
    [
        ({}, Wishes(), True),
        ({"tasks": ["chat", "cv_parsing"]}, Wishes(), True),
        ({"tasks": ["cv_parsing"]}, Wishes(), False),
        ({"users": ["owner"]}, Wishes(), False),
        ({"groups": ["advisers"]}, Wishes(), False),
        ({"languages": ["de", "pl"]}, Wishes(language="pl"), True),
        ({"languages": ["de"]}, Wishes(), False),
        ({"priorities": ["low"]}, Wishes(priority="low"), True),
        ({"priorities": ["low"]}, Wishes(), False),
        ({"tags": ["batch", "night"]}, Wishes(tags=frozenset({"night"})), True),
        ({"tags": ["batch"]}, Wishes(tags=frozenset({"night"})), False),
        ({"latency_bound_seconds": 2}, Wishes(max_seconds=1.5), True),
        ({"latency_bound_seconds": 2}, Wishes(max_seconds=3), False),
        ({"latency_bound_seconds": 2}, Wishes(), False),
        ({"cost_bound_usd": "0.01"}, Wishes(max_cost_nanousd=10_000_000), True),
        ({"cost_bound_usd": "0.01"}, Wishes(max_cost_nanousd=10_000_001), False),
        ({"priorities": ["low"], "languages": ["de"]}, Wishes(priority="low"), False),
    ],
)
def test_conditions_on_what_the_caller_says(given, wishes, expected):
    assert met(given, wishes=wishes) is expected


def test_conditions_on_the_person(owner, stranger):
    owner.groups.add(Group.objects.create(name="advisers"))

    assert met({"users": ["owner"]}, user=owner)
    assert not met({"users": ["owner"]}, user=stranger)
    assert met({"groups": ["advisers", "staff"]}, user=owner)
    assert not met({"groups": ["advisers"]}, user=stranger)


@pytest.mark.parametrize(
    ("given", "now", "expected"),
    [
        ({"hours": "22:00-06:00"}, MONDAY_NIGHT, True),
        ({"hours": "22:00-06:00"}, TUESDAY_NIGHT, True),
        ({"hours": "22:00-23:30"}, MONDAY_NIGHT, False),
        ({"hours": "09:00-17:00"}, MONDAY_NIGHT, False),
        ({"hours": "09:00-17:00", "time_zone": "Asia/Tokyo"}, datetime(2026, 11, 23, 1, tzinfo=UTC), True),
        ({"days": ["mon"]}, MONDAY_NIGHT, True),
        ({"days": ["mon"]}, TUESDAY_NIGHT, False),
        ({"days": ["mon"], "hours": "22:00-06:00"}, TUESDAY_NIGHT, True),
        ({"days": ["tue"], "hours": "22:00-06:00"}, TUESDAY_NIGHT, False),
        ({"days": ["tue"], "time_zone": "Europe/Warsaw"}, MONDAY_NIGHT, True),
    ],
)
def test_conditions_on_the_time(given, now, expected):
    assert met(given, now=now) is expected


@given(minute=st.integers(0, 1439), begin=st.integers(0, 1439), end=st.integers(0, 1439))
def test_a_span_and_the_one_that_is_left_of_the_day_are_never_both_met(minute, begin, end):
    if begin == end:
        return
    write = lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}"  # noqa: E731
    now = datetime(2026, 11, 23, minute // 60, minute % 60, tzinfo=UTC)

    inside = met({"hours": f"{write(begin)}-{write(end)}"}, now=now)
    outside = met({"hours": f"{write(end)}-{write(begin)}"}, now=now)

    assert inside is not outside


def test_conditions_on_the_request():
    picture = Message("user", "What is it?", blobs=(Blob(b"x", "image/png"),))
    paper = Message("user", "What is it?", blobs=(Blob(b"x", "application/pdf"),))
    everything = question(messages=(picture, paper), tools=(Tool("f"),), form=AnswerForm("a", {"type": "object"}))

    assert met({"needs": ["images", "documents", "tools", "schema"]}, asked=everything)
    assert met({"needs": ["images"]}, asked=question(messages=(picture,)))
    assert not met({"needs": ["images", "tools"]}, asked=question(messages=(picture,)))
    long = question(messages=(Message("user", "rose " * 500),))
    assert met({"min_input_tokens": 400}, asked=long)
    assert not met({"max_input_tokens": 400}, asked=long)
    assert met({"min_input_tokens": 1, "max_input_tokens": 400}, asked=question())


def test_a_condition_on_what_is_used_of_a_budget(owner):
    Budget.objects.create(name="site", limit_nanousd=1_000)
    assert not met({"budget_used_percent": 80}, user=owner)
    Call.objects.create(
        user=owner,
        task_type="chat",
        status="succeeded",
        cost_nanousd=850,
        created_at=datetime.now(UTC),
        expires_at=datetime.now(UTC),
    )
    Budget.objects.get().windows.all().delete()
    forget_copies()

    assert met({"budget_used_percent": 80}, user=owner)
    assert not met({"budget_used_percent": 90}, user=owner)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"tasks": ["cv_burning"]}, "there is no task 'cv_burning'"),
        ({"hours": "9-5"}, "22:00-06:00"),
        ({"hours": "09:00-09:00"}, "22:00-06:00"),
        ({"days": ["someday"]}, "days"),
        ({"time_zone": "Mars/Base"}, "there is no time zone"),
        ({"moon": "full"}, "there is no such condition"),
        ({"min_input_tokens": 9, "max_input_tokens": 3}, "above"),
        ({"budget_used_percent": 120}, "100"),
        ({"cost_bound_usd": Decimal(-1)}, "cost_bound_usd"),
    ],
)
def test_conditions_that_cannot_be_met_are_refused_in_plain_words(wrong, words):
    rule = RoutingRule(name="r", strategy="quality", conditions=wrong)

    with pytest.raises(ValidationError) as caught:
        rule.clean()

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"action": RuleAction.ROUTE}, "pool"),
        ({"action": RuleAction.PIN}, "provider"),
        ({"action": RuleAction.DENY}, "message"),
    ],
)
def test_an_action_needs_its_part(given, field):
    with pytest.raises(ValidationError) as caught:
        RoutingRule(name="r", **given).clean()

    assert list(caught.value.message_dict) == [field]


@pytest.fixture
def cheap_pool(simulator):
    pool = Pool.objects.create(name="cheap")
    for position, model in enumerate(("gpt-5.4-nano", "gpt-4.1-mini")):
        PoolCandidate.objects.create(pool=pool, provider="openai", model=model, position=position, weight=position)
    PoolCandidate.objects.create(pool=pool, provider="openai", model="gpt-5.4", is_enabled=False)
    PoolCandidate.objects.create(pool=pool, provider="embedded", position=8)
    return pool


def test_a_rule_sends_requests_to_its_pool_and_the_decision_names_it(cheap_pool, spec, simulator):
    RoutingRule.objects.create(
        name="letters are cheap", pool=cheap_pool, conditions={"tasks": ["cover_letter"]}, strategy="quality"
    )

    result = router.run(spec, Subject())

    assert result.model == "gpt-4.1-mini"
    decision = Call.objects.get().decision
    assert (decision["rule"], decision["strategy"]) == ("letters are cheap", "quality")
    assert [row["candidate"] for row in decision["candidates"]][:2] == ["openai/gpt-4.1-mini", "openai/gpt-5.4-nano"]
    assert choose_candidates(TaskType.CV_PARSING).rule == ""


def test_the_first_match_by_priority_wins(cheap_pool):
    RoutingRule.objects.create(name="later", strategy="weighted", priority=20)
    RoutingRule.objects.create(name="never", strategy="quality", priority=5, conditions={"tags": ["x"]})
    RoutingRule.objects.create(name="off", strategy="quality", priority=1, is_enabled=False)
    RoutingRule.objects.create(name="first", pool=cheap_pool, priority=10)

    choice = choose_candidates(TaskType.CHAT)

    assert (choice.rule, choice.strategy) == ("first", "preferred")
    assert [candidate.model for candidate in choice.hosted] == ["gpt-5.4-nano", "gpt-4.1-mini"]
    assert choose_candidates(TaskType.CHAT, wishes=Wishes(tags=frozenset("x"))).rule == "never"


def test_a_rule_may_only_change_the_strategy_and_the_caller_goes_before_it(cheap_pool):
    RoutingRule.objects.create(name="best", strategy="quality")

    assert choose_candidates(TaskType.CHAT).strategy == "quality"
    assert choose_candidates(TaskType.CHAT, optimize_cost=True).strategy == "cost_optimized"
    assert choose_candidates(TaskType.CHAT).hosted[0].provider == "openai"


def test_a_rule_pins_a_model(simulator, spec):
    RoutingRule.objects.create(name="pinned", action="pin", provider="openai", model="gpt-4.1-mini")

    assert router.run(spec, Subject()).model == "gpt-4.1-mini"


def test_a_rule_refuses_requests_with_its_own_words(simulator, spec, owner, stranger):
    RoutingRule.objects.create(
        name="closed", action="deny", message="Letters are closed today.", conditions={"users": ["stranger"]}
    )

    with pytest.raises(RequestDeniedError, match="closed") as caught:
        router.run(spec, Subject(), user=stranger)
    with pytest.raises(RequestDeniedError):
        router.run(spec, Subject(), user=stranger, provider="openai")

    assert caught.value.user_message == "Letters are closed today."
    assert router.run(spec, Subject(), user=stranger, provider="embedded").provider == "embedded"
    assert router.run(spec, Subject(), user=owner).provider == "openai"
    assert Call.objects.count() == 2


def test_a_pool_without_anybody_leaves_the_embedded_engine(simulator, spec):
    RoutingRule.objects.create(name="empty", pool=Pool.objects.create(name="empty"))

    assert router.run(spec, Subject()).provider == "embedded"


def test_a_rule_that_cannot_be_read_holds_for_nobody(simulator, caplog):
    RoutingRule.objects.create(name="broken", strategy="quality", conditions={"moon": "full"})

    assert first_match(Facts("chat", Wishes())) is None
    assert "broken" in caplog.text


def test_the_checks_find_rules_that_do_not_fit(settings):
    pool = Pool.objects.create(name="p")
    PoolCandidate.objects.create(pool=pool, provider="opnai")
    RoutingRule.objects.create(name="fine", strategy="quality", priority=1, conditions={"tags": ["x"]})
    RoutingRule.objects.create(name="broken", strategy="quality", priority=2, conditions={"moon": "full"})
    RoutingRule.objects.create(name="gone", strategy="by-the-moon", priority=3, conditions={"tags": ["y"]})
    RoutingRule.objects.create(name="pinned", action="pin", provider="opnai", priority=4, conditions={"tags": ["z"]})
    RoutingRule.objects.create(name="everyone", pool=pool, priority=5)
    RoutingRule.objects.create(name="late", strategy="quality", priority=6)

    found = checks.check_rules(None, databases=["default"])

    assert [message.id for message in found] == [
        "ai_router.E007", "ai_router.E004", "ai_router.E005", "ai_router.E005", "ai_router.W007",
    ]  # fmt: skip
    assert checks.check_rules(None) == []
