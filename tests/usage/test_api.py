"""The usage resources of the REST API."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.usage.conftest import move_line
from usage.types import CallStatus

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


@pytest.mark.parametrize("hours", ["0", "-1", "x", "1.5", "99999999999999999999", "١٢", "1_0", "२४"])
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


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=2026-13-01", "since"),
        ("since=2026-11-20&until=2026-11-19", "since"),
        ("until=2026-11-19", "since"),
        ("hours=3&since=2026-11-20", "hours"),
        ("since=2026-11-20&until=9999-12-31", "until"),
        ("since=9999-12-31&until=9999-12-31", "since"),
        ("since=٢٠٢٦-١١-٠١", "since"),
        ("since=2026-11-01&until=٢٠٢٦-١١-٠٢", "until"),
        ("hours=1000000000", "hours"),
        ("status=odd", "status"),
        ("user=nobody", "user"),
        ("group=nobody", "group"),
    ],
)
def test_a_wrong_parameter_is_named(client_for, staff, query, field):
    response = client_for(staff).get(f"/api/v1/ai/usage/?{query}")

    assert response.status_code == 400
    assert field in response.json()["error"]["fields"]


@pytest.mark.parametrize("address", [*ADDRESSES, "/api/v1/ai/usage/report/"])
@pytest.mark.parametrize("query", ["user=stranger", "user=nobody", "group=advisers"])
def test_only_staff_may_ask_for_others(client_for, owner, stranger, address, query):
    response = client_for(owner).get(f"{address}?{query}")

    assert response.status_code == 403
    assert response.json()["error"]["message"] == "You may ask for your own calls only."
    assert client_for(owner).get(f"{address}?user=owner").status_code == 200


def test_staff_narrow_by_names_and_groups(client_for, owner, stranger, staff, settled_line):
    settled_line(user=owner, cost=10)
    settled_line(user=stranger, cost=70, task_type="fast_summary", provider="groq")
    Group.objects.create(name="advisers").user_set.add(stranger)

    def total(query):
        body = client_for(staff).get(f"/api/v1/ai/usage/?{query}").json()
        return body["total_requests"], body["cost_usd"]

    assert total("user=owner") == (1, 1e-8)
    assert total("group=advisers") == (1, 7e-8)
    assert total("group=advisers&user=owner") == (0, 0)
    assert total("task=fast_summary") == (1, 7e-8)
    assert total("model=small-1&provider=groq") == (1, 7e-8)
    assert total("experiment=none") == (0, 0)


def test_whole_days_are_asked_for_by_their_dates(client_for, owner, settled_line):
    move_line(settled_line(user=owner, cost=10).pk, datetime(2026, 11, 2, 23, 59, tzinfo=UTC))
    move_line(settled_line(user=owner, cost=70).pk, datetime(2026, 11, 3, tzinfo=UTC))

    body = client_for(owner).get("/api/v1/ai/usage/?since=2026-11-01&until=2026-11-02").json()

    assert (body["period_hours"], body["total_requests"], body["cost_usd"]) == (48, 1, 1e-8)


@pytest.fixture
def told(client_for, staff, settled_line, open_line, owner):
    settled_line(user=owner, cost=10, latency_ms=1_000)
    settled_line(user=owner, cost=20, status=CallStatus.FAILED)
    settled_line(provider="groq", task_type="fast_summary", cost=5)

    def get(query, person=staff):
        response = client_for(person).get(f"/api/v1/ai/usage/report/?{query}")
        assert response.status_code == 200
        return b"".join(response.streaming_content).decode()

    return get


def test_a_report_tells_rates_errors_latencies_and_what_a_document_costs(told):
    letter, summary = json.loads(told("by=task"))["rows"]

    assert (letter["task"], letter["calls"], letter["succeeded"], letter["success_rate"]) == ("cover_letter", 2, 1, 0.5)
    assert letter["errors_by_class"] == {"RateLimitError": 1}
    assert (letter["cost_usd"], letter["cost_per_document_usd"]) == ("0.00000003", "0.00000003")
    assert 1_000 / 1.19 < letter["p95_ms"] < 1_000 * 1.19
    assert (summary["task"], summary["errors_by_class"], summary["cache_hit_rate"]) == ("fast_summary", {}, None)


def test_a_report_is_a_table_too_and_holds_only_ones_own(told, owner):
    lines = told("by=user,task&step=day&type=csv", owner).splitlines()

    assert lines[0].startswith("start,user,task,calls,succeeded,failed,success_rate,errors_by_class,")
    assert [line.split(",")[1:6] for line in lines[1:]] == [["owner", "cover_letter", "2", "1", "1"]]
    assert [row["user"] for row in json.loads(told("by=user"))["rows"]] == ["", "owner"]


def test_groups_are_told_apart_and_a_member_of_two_counts_for_each(told, settled_line, owner, stranger):
    for name, members in {"north": [owner], "south": [owner, stranger]}.items():
        Group.objects.create(name=name).user_set.add(*members)
    settled_line(user=stranger, cost=100)

    rows = {row["group"]: row for row in json.loads(told("by=group"))["rows"]}
    of_tasks = [(row["task"], row["group"], row["calls"]) for row in json.loads(told("by=task,group"))["rows"]]

    assert {name: (row["calls"], row["cost_usd"]) for name, row in rows.items()} == {
        "": (1, "0.000000005"),
        "north": (2, "0.00000003"),
        "south": (3, "0.00000013"),
    }
    assert rows["south"]["errors_by_class"] == {"RateLimitError": 1}
    assert of_tasks == [("cover_letter", "north", 2), ("cover_letter", "south", 3), ("fast_summary", "", 1)]
    assert told("by=group&type=csv").splitlines()[2].startswith("north,2,1,1,0.5,RateLimitError 1,")


def test_a_class_of_error_narrows(told):
    (row,) = json.loads(told("error=RateLimitError"))["rows"]

    assert (row["calls"], row["succeeded"]) == (1, 0)


def test_texts_that_a_spreadsheet_would_compute_are_texts(told, settled_line):
    settled_line(task_type="=1+1")

    assert "'=1+1" in told("by=task&type=csv")


@pytest.mark.parametrize("query", ["by=odd", "by=user,group", "step=minute", "type=xml", "hours=0"])
def test_a_wrong_report_is_refused(client_for, owner, query):
    response = client_for(owner).get(f"/api/v1/ai/usage/report/?{query}")

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid"


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_sees_figures_without_signing_in(db, address):
    response = Client().get(address)

    assert response.status_code in {401, 403}
    assert "error" in response.json()


def test_the_schema_lists_each_resource_once(client_for, owner):
    paths = client_for(owner).get("/api/schema/?format=json").json()["paths"]

    listed = sorted(path for path in paths if "/ai/usage" in path)
    assert listed == [
        "/api/v1/ai/usage/",
        "/api/v1/ai/usage/calls/",
        "/api/v1/ai/usage/provider/{provider}/",
        "/api/v1/ai/usage/report/",
    ]
    answer = paths[listed[0]]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/Usage"}
    taken = {one["name"] for one in paths["/api/v1/ai/usage/calls/"]["get"]["parameters"]}
    assert taken == {"hours", "since", "until", "task", "status", "type"}
