"""The checks find what does not fit together."""

import pytest
from django.core.management import call_command

from ai_router import checks
from ai_router.models import Route, RouteCandidate
from ai_router.routes import FIRST_CHOICES
from ai_router.types import TaskType


def ids(messages):
    return [message.id for message in messages]


def test_a_fresh_site_has_nothing_to_say(db, capsys):
    call_command("check", databases=["default"])

    assert "no issues" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"DEFAULT_AI_PROVIDER": "opnai"}, ["ai_router.E001"]),
        ({"DEFAULT_AI_PROVIDER": "openai"}, ["ai_router.W001"]),
        ({"DEFAULT_AI_PROVIDER": "embedded"}, []),
        ({"AI_PROVIDERS": {"somebody": {"api_key": "k"}}}, ["ai_router.W002"]),
        ({"AI_DEADLINE_SECONDS": 10, "AI_ATTEMPT_SECONDS": 20}, ["ai_router.W003"]),
        ({"AI_PROVIDERS": {"azure": {"batch_deployments": "small=small-batch, large = large-batch,"}}}, []),
        ({"AI_PROVIDERS": {"azure": {"batch_deployments": "small:small-batch"}}}, ["ai_router.E008"]),
        ({"AI_PROVIDERS": {"azure": {"batch_deployments": "small=,=large,a=b=c,d=e,d=f"}}}, ["ai_router.E008"] * 4),
    ],
)
def test_settings_that_contradict_each_other(changes, expected, settings):
    settings.DEFAULT_AI_PROVIDER = ""
    for name, value in changes.items():
        setattr(settings, name, value)

    assert ids(checks.check_settings(None)) == expected


@pytest.mark.parametrize(("model", "expected"), [("gpt-5.4-mini", []), ("house-model-5", ["ai_router.W004"])])
def test_a_model_without_a_price(model, expected, settings, db):
    settings.AI_PROVIDERS = {"openai": {"api_key": "k", "base_url": "", "model": model}}

    assert ids(checks.check_prices(None, databases=["default"])) == expected
    assert checks.check_prices(None) == []


def test_every_task_has_a_route(monkeypatch):
    assert checks.check_tables(None) == []
    monkeypatch.setattr(
        checks, "FIRST_CHOICES", {task: name for task, name in FIRST_CHOICES.items() if task != TaskType.FAST_SUMMARY}
    )
    monkeypatch.setattr(checks, "PROVIDERS", {"nameless": None})

    assert ids(checks.check_tables(None)) == ["ai_router.E002", "ai_router.E003"]


def test_routes_that_name_what_is_not_there(db):
    assert checks.check_routes(None) == []
    route = Route.objects.get(task_type=TaskType.COVER_LETTER)
    Route.objects.filter(pk=route.pk).update(strategy="by-the-moon")
    Route.objects.create(task_type="cv_burning")
    RouteCandidate.objects.create(route=route, provider="opnai", position=2)
    RouteCandidate.objects.create(route=route, provider="openai", model="gpt-late", position=90)

    found = checks.check_routes(None, databases=["default"])

    assert sorted(ids(found)) == ["ai_router.E004", "ai_router.E005", "ai_router.W005", "ai_router.W006"]
