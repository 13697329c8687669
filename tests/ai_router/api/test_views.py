"""The resources under `ai/`: generate, stream, estimate."""

import json

import httpx2
import pytest
from django.test import Client

from tests.ai_router.books import assert_books_agree
from tests.providers.simulator import Reply
from usage.models import Budget, Call

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/ai"


@pytest.fixture
def post(client_for, owner):
    """Post JSON as the owner."""
    signed_in: Client = client_for(owner)

    def send(resource: str, **body: object):
        return signed_in.post(f"{ADDRESS}/{resource}/", json.dumps(body), content_type="application/json")

    return send


def events(text: str) -> list[tuple[str, dict]]:
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def test_a_prompt_is_answered(post, simulator, owner):
    simulator.script(Reply(text="Hello."))

    answer = post("generate", prompt="Say hello.", system="Be brief.", task_type="fast_summary", max_output_tokens=9)

    booked = Call.objects.get()
    body = answer.json()
    assert answer.status_code == 200
    assert (body["text"], body["provider"], body["model"]) == ("Hello.", "openai", "gpt-5.4-mini")
    assert (body["call_id"], body["cost_nanousd"]) == (str(booked.pk), booked.cost_nanousd)
    assert float(body["cost_usd"]) * 1e9 == pytest.approx(booked.cost_nanousd)
    assert (booked.user, booked.task_type) == (owner, "fast_summary")
    sent = simulator.books[0].request
    assert sent["max_completion_tokens"] == 9
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert_books_agree(simulator)


def test_a_conversation_is_answered_in_a_form(post, simulator):
    simulator.script(Reply(text='{"city": "Riga"}'))
    messages = [
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "Where?"},
    ]

    answer = post("generate", messages=messages, answer_schema={"type": "object"}, model="gpt-5.4-nano")

    assert json.loads(answer.json()["text"]) == {"city": "Riga"}
    assert answer.json()["model"] == "gpt-5.4-nano"
    assert Call.objects.get().task_type == "chat"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "prompt"),
        ({"prompt": "a", "messages": [{"role": "user", "content": "b"}]}, "prompt"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "b"}]}, "messages"),
        ({"prompt": "a", "task_type": "nonsense"}, "task_type"),
        ({"prompt": "a", "provider": "nonsense"}, "provider"),
        ({"prompt": "a", "max_output_tokens": 0}, "max_output_tokens"),
    ],
)
def test_a_bad_body_is_refused_by_field(post, simulator, body, field):
    answer = post("generate", **body)

    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert Call.objects.count() == 0


def test_an_unknown_model_and_a_site_without_providers_are_told(post, simulator, settings):
    assert post("generate", prompt="a", model="nonsense").json()["error"]["code"] == "model_not_found"

    unfit = post("generate", prompt="far too long " * 160_000)
    assert (unfit.status_code, unfit.json()["error"]["code"]) == (400, "context_length_exceeded")

    settings.AI_PROVIDERS = {name: {**row, "api_key": ""} for name, row in settings.AI_PROVIDERS.items()}

    assert post("generate", prompt="a").status_code == 503
    assert post("generate", prompt="a", provider="openai").json()["error"]["code"] == "no_provider"


def test_an_estimate_asks_nobody_and_bounds_the_cost(post, simulator):
    quoted = post("estimate", prompt="Say hello.", max_output_tokens=50).json()["candidates"]
    post("generate", prompt="Say hello.", max_output_tokens=50)

    first = quoted[0]
    assert (first["provider"], first["model"]) == ("openai", "gpt-5.4-mini")
    assert 0 < first["low_nanousd"] <= first["expected_nanousd"] <= first["high_nanousd"] <= first["most_nanousd"]
    assert Call.objects.get().held_nanousd == first["most_nanousd"]
    assert first["most_usd"] == f"{first['most_nanousd'] / 1e9:.9f}".rstrip("0")
    assert len(simulator.books) == 1


def test_a_stream_comes_in_events(live_url, token, simulator):
    simulator.script(Reply(text="One two."))

    answer = httpx2.post(
        f"{live_url}{ADDRESS}/stream/", json={"prompt": "Count."}, headers={"Authorization": f"Bearer {token}"}
    )

    *texts, last = events(answer.text)
    assert answer.headers["content-type"] == "text/event-stream"
    assert [(name, data["text"]) for name, data in texts] == [("text", "One "), ("text", "two.")]
    assert (last[0], last[1]["text"], last[1]["is_complete"]) == ("done", "One two.", True)
    assert Call.objects.get().request_id == answer.headers["X-Request-ID"]
    assert_books_agree(simulator)


def test_a_stream_that_breaks_off_is_incomplete(live_url, token, simulator):
    simulator.script(Reply(text="One two three four.", fault="cut", pieces=2))

    answer = httpx2.post(
        f"{live_url}{ADDRESS}/stream/", json={"prompt": "Count."}, headers={"Authorization": f"Bearer {token}"}
    )

    name, data = events(answer.text)[-1]
    assert (name, data["is_complete"], data["finish_reason"]) == ("done", False, "incomplete")
    assert Call.objects.get().status == "incomplete"


def test_a_stream_that_may_not_be_paid_for_has_a_status_of_its_own(live_url, token, simulator):
    Budget.objects.create(name="none", limit_nanousd=1)

    answer = httpx2.post(
        f"{live_url}{ADDRESS}/stream/", json={"prompt": "Count."}, headers={"Authorization": f"Bearer {token}"}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "budget_exceeded")
    assert simulator.books == []


def test_texts_become_vectors(post, simulator):
    body = post("embeddings", texts=["Roses", "Lilies"]).json()
    again = post("embeddings", texts=["Roses"], model="openai/text-embedding-3-small").json()

    assert [len(vector) for vector in body["vectors"]] == [body["dimensions"]] * 2
    assert (body["provider"], body["model"]) == ("openai", "text-embedding-3-small")
    assert float(body["cost_usd"]) * 1e9 == pytest.approx(body["cost_nanousd"])
    assert again["vectors"][0] == body["vectors"][0]
    assert (again["cached"], again["cost_nanousd"]) == (1, 0)
    assert post("embeddings", texts=["a", ""]).status_code == 400
    assert "texts" in post("embeddings", texts=["a", " "]).json()["error"]["fields"]
