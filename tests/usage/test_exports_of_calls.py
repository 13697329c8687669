"""The export of one's own calls: only theirs, whole, written out piece by piece."""

import asyncio
import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.test import AsyncRequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from usage import paging
from usage.models import Call
from usage.paging import every_call
from usage.streams import stream
from usage.types import CallStatus

pytestmark = pytest.mark.django_db
API = "/api/v1/ai/usage/calls/"


def text_of(response) -> str:
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()


def table_of(response) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text_of(response))))


@pytest.fixture
def calls(settled_line, owner, stranger):
    """Three calls of the owner, one of them of unknown price, among those of others and of the site."""
    settled_line(user=stranger, task_type="fast_summary", provider="groq")
    settled_line(task_type="job_matching")
    rows = [
        settled_line(user=owner, task_type="cv_parsing", cost=12_345_678_901, hours_ago=3),
        settled_line(user=owner, cost=None, hours_ago=2),
        settled_line(user=owner, provider="embedded", cost=0, status=CallStatus.FAILED, hours_ago=1),
    ]
    return [Call.objects.get(pk=row.pk) for row in rows][::-1]


@pytest.mark.parametrize("address", [API, "/usage/export/?period=24h"])
def test_the_table_holds_only_ones_own_calls(client_for, owner, calls, address):
    query = {"type": "csv"} if address == API else {}
    rows = table_of(client_for(owner).get(address, query))

    assert [row["id"] for row in rows] == [str(call.pk) for call in calls]
    assert [row["cost_usd"] for row in rows] == ["0", "", "12.345678901"]
    assert [row["sent_to"] for row in rows] == ["", "openai/small-1", "openai/small-1"]
    assert rows[0]["error_class"] == "RateLimitError"


def test_json_has_the_period_and_the_same_calls(client_for, owner, staff, calls):
    told = json.loads(text_of(client_for(owner).get(API)))
    page = json.loads(text_of(client_for(owner).get(reverse("usage:export"), {"type": "json", "period": "24h"})))

    assert [call["id"] for call in told["calls"]] == [str(call.pk) for call in calls]
    assert page["calls"] == told["calls"]
    assert told["since"] < told["until"]
    assert json.loads(text_of(client_for(owner).get(API, {"task": "cv_parsing"})))["calls"] == told["calls"][2:]
    assert json.loads(text_of(client_for(owner).get(API, {"status": "failed"})))["calls"] == told["calls"][:1]
    assert json.loads(text_of(client_for(staff).get(API)))["calls"] == []
    assert json.loads(text_of(client_for(staff).get(API, {"user": "owner"})))["calls"] == []


@pytest.mark.parametrize("hours", ["0", "-5", "abc", "1000000000", "1.5"])
@pytest.mark.parametrize(
    "address", [API, f"{API[:-1]}", "/api/v1/ai/usage/report/", "/api/v1/ai/usage/provider/openai/"]
)
def test_wrong_hours_are_refused_in_the_error_form(client_for, owner, address, hours):
    response = client_for(owner).get(address, {"hours": hours})

    assert response.status_code == 400
    assert "hours" in response.json()["error"]["fields"]


def test_nobody_is_shown_anything_without_signing_in(client):
    assert client.get(API).status_code == 401
    assert client.get(reverse("usage:export")).status_code == 302


def test_many_calls_are_read_some_at_once_each_with_one_set_of_queries(settled_line, owner, monkeypatch):
    monkeypatch.setattr(paging, "READ_AT_ONCE", 4)
    for _ in range(9):
        settled_line(user=owner)

    with CaptureQueriesContext(connection) as queries:
        found = [call.pk for call in every_call(user_id=owner.pk, since=timezone.now() - timedelta(hours=1))]

    assert len(set(found)) == 9
    # The calls, their attempts and their shadows, for 4, 4 and 1, and a last look.
    assert len(queries) == 3 * 3 + 1


def test_an_asgi_server_gets_the_first_piece_before_the_last_is_read():
    request = AsyncRequestFactory().get("/")
    assert isinstance(request, ASGIRequest)
    read = []

    def pieces():
        for number in range(1_200):
            read.append(number)
            yield f"{number}\n"

    async def first_and_all() -> tuple[bytes, int, bytes]:
        parts = aiter(stream(request, pieces(), content_type="text/plain"))
        first = await anext(parts)
        seen = len(read)
        return first, seen, b"".join([part async for part in parts])

    first, seen, rest = asyncio.run(first_and_all())

    assert (first.count(b"\n"), seen) == (500, 500)
    assert first + rest == "".join(f"{number}\n" for number in range(1_200)).encode()


def test_the_table_of_the_page_begins_where_its_figures_do(client_for, owner, settled_line):
    line = settled_line(user=owner)
    client = client_for(owner)
    first = client.get("/usage/?period=30d").context["overview"].since
    Call.objects.filter(pk=line.pk).update(created_at=first)

    assert [row["id"] for row in table_of(client.get("/usage/export/?period=30d"))] == [str(line.pk)]


@pytest.mark.parametrize("query", ["type=xml", "period=77d", "type=", "period=%00"])
def test_an_export_of_what_there_is_not_is_refused(client_for, owner, query):
    assert client_for(owner).get(f"/usage/export/?{query}").status_code == 400
