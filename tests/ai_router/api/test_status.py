"""`ai/health/` for everybody and `ai/status/` for staff."""

import json

import pytest
from django.test import Client

from tests.providers.simulator import Reply

pytestmark = pytest.mark.django_db(transaction=True)


def test_health_is_for_everybody_and_tells_no_keys(client_for, owner, simulator):
    answer = client_for(owner).get("/api/v1/ai/health/")

    body = answer.json()
    states = {provider["name"]: provider["state"] for provider in body["providers"]}
    assert body["health"] == {"score": 100, "points": {"errors": 0, "latency": 0, "cache": 0, "anomalies": 0}}
    assert (states["openai"], states["embedded"]) == ("on", "on")
    assert "keys" not in answer.content.decode()


def test_status_shows_staff_what_wants_attention(client_for, owner, staff, simulator):
    simulator.script(Reply(status=401))
    client_for(owner).post("/api/v1/ai/generate/", json.dumps({"prompt": "a"}), content_type="application/json")

    body = client_for(staff).get("/api/v1/ai/status/").json()

    provider = next(provider for provider in body["providers"] if provider["name"] == "openai")
    assert provider["last_errors"][0]["error_class"] == "AuthenticationError"
    assert provider["keys"][0]["state"] == "dead"
    assert "simulated" not in json.dumps(body)
    assert body["health"]["score"] < 100
    assert any("replace it" in line for line in body["attention"])


def test_status_is_for_staff_only(client_for, owner, simulator):
    assert client_for(owner).get("/api/v1/ai/status/").status_code == 403
    assert Client().get("/api/v1/ai/status/").status_code == 401
    assert Client().get("/api/v1/ai/health/").status_code == 401
