"""The operator edits routes and prices."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from unfold.admin import TabularInline

from ai_router.admin.experiments import ExperimentArmInline
from ai_router.admin.routes import RouteCandidateInline
from ai_router.admin.rules import PoolCandidateInline
from ai_router.modelbook import facts_in_force
from ai_router.models import CatalogModel, ModelPrice, Pool, PoolCandidate, Route, RouteCandidate, RoutingRule
from ai_router.types import Candidate, TaskType
from usage.models import Call

pytestmark = pytest.mark.django_db


def routes_page(client):
    """Return the text of the page of routes, one space for each gap."""
    page = client.get(reverse("admin:ai_router_route_changelist"))
    assert page.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", page.content.decode()).split())


def test_the_page_of_routes_says_who_is_asked_who_is_not_and_what_it_costs(staff, client_for, settings):
    settings.AI_PROVIDERS = {"openai": {"api_key": "k", "base_url": "", "model": ""}}
    settings.DEFAULT_AI_MODEL = ""
    RouteCandidate.objects.filter(provider="gemini").update(is_enabled=False)
    RouteCandidate.objects.filter(provider="groq").update(provider="openai", model="house-model", quality=4)
    RoutingRule.objects.create(name="At night", strategy="quality", conditions={"tasks": ["cover_letter"]})

    page = routes_page(client_for(staff))

    letter = page[page.index("Cover letter") : page.index("CV parsing")]
    # 3,000 tokens in at $0.75 and 800 out at $4.50 a million.
    assert "1 OpenAI gpt-5.4-mini $0.0059 a call" in letter
    assert "2 OpenAI house-model price unknown · quality 4" in letter
    assert "3 Embedded engine free, on this server" in letter
    assert "switched off" in letter[letter.index("Gemini") :]
    assert "a usual call is taken for 3,000 tokens in, 800 out" in letter
    assert "Rules that may decide instead: At night." in letter
    assert "At night" not in page[page.index("CV parsing") :]


def test_a_usual_call_comes_from_the_ledger_and_the_order_from_the_strategy(staff, client_for, simulator):
    route = Route.objects.get(task_type=TaskType.FAST_SUMMARY)
    route.candidates.all().delete()
    Route.objects.filter(pk=route.pk).update(strategy="cost_optimized")
    for position, model in enumerate(("gpt-5.4", "gpt-5.4-nano")):
        RouteCandidate.objects.create(route=route, provider="openai", model=model, position=position)
    RouteCandidate.objects.create(route=route, provider="embedded", position=8)
    RouteCandidate.objects.create(route=route, provider="openai", model="gpt-late", position=9)
    now = timezone.now()
    for tokens in (1_000, 3_000):
        Call.objects.create(
            task_type="fast_summary", status="succeeded", provider="openai", input_tokens=tokens, output_tokens=10,
            created_at=now, expires_at=now,
        )  # fmt: skip

    page = routes_page(client_for(staff))

    assert page.index("1 OpenAI gpt-5.4-nano") < page.index("2 OpenAI gpt-5.4 $")
    assert "from 2 of the last 30 days: 2,000 tokens in, 10 out" in page
    assert "behind the embedded engine" in page


def test_the_page_of_routes_says_which_key_is_missing(staff, client_for):
    assert "OpenAI gpt-5.4-mini" in routes_page(client_for(staff))
    assert "no key" in routes_page(client_for(staff))


def test_buttons_switch_a_candidate_and_choose_the_strategy(staff, client_for):
    client, url = client_for(staff), reverse("admin:ai_router_route_changelist")
    route = Route.objects.get(task_type=TaskType.COVER_LETTER)
    row = route.candidates.get(provider="openai")

    client.post(url, {"candidate": row.pk})
    client.post(url, {"route": route.pk, "strategy": "cascade"})
    client.post(url, {"route": route.pk, "strategy": "by-the-moon"})

    row.refresh_from_db()
    route.refresh_from_db()
    assert (row.is_enabled, route.strategy) == (False, "cascade")
    assert client.post(url, {"candidate": "x"}).status_code == 404
    client.post(url, {"candidate": row.pk})
    row.refresh_from_db()
    assert row.is_enabled


def test_who_may_only_look_has_no_buttons(stranger, client_for):
    stranger.is_staff = True
    stranger.save()
    url = reverse("admin:ai_router_route_changelist")
    assert client_for(stranger).get(url).status_code == 403
    stranger.user_permissions.add(Permission.objects.get(codename="view_route"))

    page = client_for(stranger).get(url)

    assert page.status_code == 200
    assert b"Switch off" not in page.content
    assert client_for(stranger).post(url, {"candidate": 1}).status_code == 403


RULE = {
    "name": "At night", "priority": "10", "is_enabled": "on", "action": "route", "strategy": "cost_optimized",
    "tasks": ["cover_letter", "chat"], "needs": ["images"], "users": "ann, bob", "min_input_tokens": "100",
    "cost_bound_usd": "0.05", "hours": "22:00-06:00", "days": ["mon"], "time_zone": "Europe/Warsaw",
}  # fmt: skip


def test_a_rule_is_edited_with_a_field_for_each_condition(staff, client_for):
    client = client_for(staff)

    answer = client.post(reverse("admin:ai_router_routingrule_add"), RULE)

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    rule = RoutingRule.objects.get()
    assert rule.conditions == {
        "tasks": ["cover_letter", "chat"], "users": ["ann", "bob"], "min_input_tokens": 100, "needs": ["images"],
        "hours": "22:00-06:00", "days": ["mon"], "time_zone": "Europe/Warsaw", "cost_bound_usd": "0.05",
    }  # fmt: skip
    page = client.get(reverse("admin:ai_router_routingrule_change", args=[rule.pk])).content.decode()
    assert 'value="ann, bob"' in page
    assert 'value="22:00-06:00"' in page
    listed = client.get(reverse("admin:ai_router_routingrule_changelist")).content.decode()
    assert "tasks: cover_letter, chat" in listed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hours": "late"}, "hours"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"max_input_tokens": "5"}, "max_input_tokens"),
        ({"strategy": ""}, "pool"),
        ({"action": "pin"}, "provider"),
        ({"action": "deny"}, "message"),
        ({"budget_used_percent": "101"}, "budget_used_percent"),
    ],
)
def test_what_is_wrong_with_a_rule_stands_at_its_field(changes, field, staff, client_for):
    answer = client_for(staff).post(reverse("admin:ai_router_routingrule_add"), RULE | changes)

    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [field]
    assert not RoutingRule.objects.exists()


def test_pools_and_what_rules_do_are_listed(staff, client_for):
    pool = Pool.objects.create(name="night")
    PoolCandidate.objects.create(pool=pool, provider="groq")
    RoutingRule.objects.create(name="To the pool", pool=pool, strategy="weighted")
    RoutingRule.objects.create(name="Closed", action="deny", message="Not today.")
    RoutingRule.objects.create(name="Pinned", action="pin", provider="openai")
    client = client_for(staff)

    rules = client.get(reverse("admin:ai_router_routingrule_changelist")).content.decode()
    pools = client.get(reverse("admin:ai_router_pool_changelist")).content.decode()

    for text in ("pool night, weighted", "refuse: Not today.", "ask openai/its default model", "every request"):
        assert text in rules
    assert "To the pool" in pools


def test_a_route_is_edited_with_its_candidates(staff, client_for):
    route = Route.objects.get(task_type=TaskType.FAST_SUMMARY)
    route.candidates.exclude(provider="openai").delete()
    row = route.candidates.get()

    answer = client_for(staff).post(
        reverse("admin:ai_router_route_change", args=[route.pk]),
        {
            "strategy": "cost_optimized",
            "candidates-TOTAL_FORMS": "1",
            "candidates-INITIAL_FORMS": "1",
            "candidates-0-id": row.pk,
            "candidates-0-route": route.pk,
            "candidates-0-position": "3",
            "candidates-0-provider": "openai",
            "candidates-0-model": "gpt-5.4-nano",
            "candidates-0-weight": "2",
            "candidates-0-is_enabled": "on",
        },
    )

    route.refresh_from_db()
    assert answer.status_code == 302
    assert (route.strategy, str(route.candidates.get())) == ("cost_optimized", "openai/gpt-5.4-nano")


def test_the_embedded_engine_has_no_models():
    with pytest.raises(ValidationError, match="no models"):
        RouteCandidate(provider="embedded", model="gpt").clean()


def test_a_price_is_entered_in_dollars_and_kept_in_nano_dollars(staff, client_for):
    client = client_for(staff)

    answer = client.post(
        reverse("admin:ai_router_modelprice_add"),
        {
            "provider": "openai",
            "model": "house-model",
            "effective_from_0": "2026-01-01",
            "effective_from_1": "00:00",
            "input": "0.0375",
            "cached_input": "",
            "cache_write": "",
            "output": "4.5",
            "note": "contract",
        },
    )

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    price = ModelPrice.objects.get()
    assert (price.input_nanousd_per_million, price.output_nanousd_per_million) == (37_500_000, 4_500_000_000)
    assert price.cached_input_nanousd_per_million is None
    assert "0.0375" in client.get(reverse("admin:ai_router_modelprice_changelist")).content.decode()
    page = client.get(reverse("admin:ai_router_modelprice_change", args=[price.pk])).content.decode()
    assert re.search(r'<input[^>]*value="0.0375"[^>]*class="[^"]*border', page)


def test_a_price_below_nothing_is_refused(staff, client_for):
    answer = client_for(staff).post(
        reverse("admin:ai_router_modelprice_add"),
        {
            "provider": "openai",
            "model": "m",
            "effective_from_0": "2026-01-01",
            "effective_from_1": "00:00",
            "input": "-1",
            "output": "1",
        },
    )

    assert answer.status_code == 200
    assert not ModelPrice.objects.exists()


def test_a_model_is_described_in_the_admin_and_what_holds_is_shown(staff, client_for):
    client = client_for(staff)
    values = {
        "provider": "azure",
        "model": "chat-prod",
        "based_on": "gpt-5.4-mini",
        "costs_as_base": "on",
        "takes_images": "false",
        "takes_tools": "",
        "needs_responses": "never",
    }

    answer = client.post(reverse("admin:ai_router_catalogmodel_add"), values)

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    row = CatalogModel.objects.get()
    assert (row.takes_images, row.takes_tools, row.context_window) == (False, None, None)
    page = client.get(reverse("admin:ai_router_catalogmodel_change", args=[row.pk])).content.decode()
    assert "As its base" in page
    assert "window: 400,000 tokens" in page
    assert "takes: text, documents, tools" in page
    assert "price: 0.75 in, 4.5 out" in page
    listed = client.get(reverse("admin:ai_router_catalogmodel_changelist")).content.decode()
    assert "400,000 tokens" in listed
    client.post(reverse("admin:ai_router_catalogmodel_change", args=[row.pk]), {**values, "takes_images": "true"})
    assert facts_in_force(Candidate("azure", "chat-prod")).takes_images
    client.post(reverse("admin:ai_router_catalogmodel_delete", args=[row.pk]), {"post": "yes"})
    assert not facts_in_force(Candidate("azure", "chat-prod")).is_known


def test_a_model_that_contradicts_itself_is_refused_at_the_field(staff, client_for):
    answer = client_for(staff).post(
        reverse("admin:ai_router_catalogmodel_add"),
        {"provider": "openai", "model": "house", "costs_as_base": "on", "context_window": "10", "max_output": "20"},
    )

    errors = answer.context["adminform"].form.errors
    assert set(errors) == {"costs_as_base", "max_output"}
    assert not CatalogModel.objects.exists()


@pytest.mark.parametrize("inline", [RouteCandidateInline, PoolCandidateInline, ExperimentArmInline])
def test_rows_have_no_titles_whatever_unfold_calls_that(inline):
    made = inline(inline.model, admin.site)

    assert getattr(made, "hide_title", not made.show_title)
    assert hasattr(made, "hide_title") == hasattr(TabularInline, "hide_title")
