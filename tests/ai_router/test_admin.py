"""The operator edits routes and prices."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from ai_router.models import ModelPrice, Route, RouteCandidate
from ai_router.types import TaskType

pytestmark = pytest.mark.django_db


def test_the_list_says_who_is_asked_in_which_order(staff, client_for, settings):
    settings.AI_PROVIDERS = {"openai": {"api_key": "k", "base_url": "", "model": ""}}

    page = client_for(staff).get(reverse("admin:ai_router_route_changelist")).content.decode()

    assert "OpenAI → Gemini (no key) → Grok (no key) → Groq (no key) → Embedded engine" in page


def test_the_list_says_which_key_is_missing(staff, client_for):
    assert "OpenAI (no key)" in client_for(staff).get(reverse("admin:ai_router_route_changelist")).content.decode()


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
