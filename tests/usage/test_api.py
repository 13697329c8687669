"""The usage resources of the REST API."""

import json
from decimal import Decimal

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

KEYS = {
    "period_hours",
    "total_requests",
    "successful_requests",
    "failed_requests",
    "total_input_tokens",
    "total_output_tokens",
    "total_tokens",
    "cost_usd",
    "cost_by_provider",
    "cost_by_task",
    "total_cost_all_time",
}
ADDRESSES = ["/api/v1/ai/usage/", "/api/v1/ai/usage", "/api/v1/ai/usage/provider/openai/"]


@pytest.mark.parametrize("address", [*ADDRESSES, "/api/v1/ai/usage/provider/openai"])
def test_the_answer_has_exactly_the_promised_keys(client_for, owner, address):
    response = client_for(owner).get(address)

    assert response.status_code == 200
    assert set(response.json()) == KEYS
    assert response.json()["period_hours"] == 24


def test_money_is_a_number_exact_to_the_nanodollar(client_for, owner, settled_line):
    settled_line(user=owner, cost=123_456_789_012_345)
    settled_line(user=owner, cost=1, provider="groq", task_type="fast_summary")

    body = client_for(owner).get("/api/v1/ai/usage/?hours=24").content
    exact = json.loads(body, parse_float=Decimal)

    assert exact["cost_usd"] == Decimal("123456.789012346")
    assert exact["cost_by_provider"] == {"groq": Decimal("0.000000001"), "openai": Decimal("123456.789012345")}
    assert exact["cost_by_task"] == {"cover_letter": Decimal("123456.789012345"), "fast_summary": Decimal("1E-9")}
    assert exact["total_cost_all_time"] == exact["cost_usd"]


def test_a_user_sees_their_own_calls_and_staff_sees_all(client_for, owner, stranger, staff, settled_line):
    settled_line(user=owner)
    settled_line(user=stranger)
    settled_line()

    totals = [client_for(person).get(ADDRESSES[0]).json()["total_requests"] for person in (owner, stranger, staff)]

    assert totals == [1, 1, 3]


def test_the_period_is_chosen_by_hours(client_for, owner, settled_line):
    settled_line(user=owner, hours_ago=3)

    body = client_for(owner).get("/api/v1/ai/usage/?hours=2").json()

    assert (body["period_hours"], body["total_requests"], body["total_cost_all_time"]) == (2, 0, 0.0000015)
    assert client_for(owner).get("/api/v1/ai/usage/?hours=4").json()["total_requests"] == 1


@pytest.mark.parametrize("hours", ["0", "-1", "x", "1.5", "99999999999999999999"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_bad_hours_are_refused_in_the_error_form(client_for, owner, address, hours):
    response = client_for(owner).get(address, {"hours": hours})

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid"
    assert "hours" in response.json()["error"]["fields"]


def test_a_provider_that_was_never_asked_answers_with_zeros(client_for, owner):
    body = client_for(owner).get("/api/v1/ai/usage/provider/never-heard-of/").json()

    assert (body["total_requests"], body["cost_usd"], body["cost_by_provider"]) == (0, 0, {})


def test_calls_without_a_price_are_counted_in_a_header(client_for, owner, settled_line):
    settled_line(user=owner, cost=None)

    response = client_for(owner).get(ADDRESSES[0])

    assert (response["X-Unpriced-Requests"], response.json()["cost_usd"]) == ("1", 0)


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_sees_figures_without_signing_in(db, address):
    response = Client().get(address)

    assert response.status_code in {401, 403}
    assert "error" in response.json()


def test_the_schema_lists_each_resource_once(client_for, owner):
    paths = client_for(owner).get("/api/schema/?format=json").json()["paths"]

    listed = sorted(path for path in paths if "/ai/usage" in path)
    assert listed == ["/api/v1/ai/usage/", "/api/v1/ai/usage/provider/{provider}/"]
    answer = paths[listed[0]]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/Usage"}
