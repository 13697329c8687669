"""What a trace tells: request, call, acts, attempts; and nothing of what was said in them."""

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from ai_router import router
from ai_router.errors import AllProvidersFailedError
from ai_router.models import BackgroundTask
from ai_router.types import TaskType
from careerai.accounts.tokens import create_token
from careerai.request_traces import TraceMiddleware
from tests.ai_router.conftest import Subject
from tests.providers.simulator import Reply
from usage import tracing
from usage.models import Call

CANARY = "canary7f3e"
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
def spans():
    """The spans that have ended, by their names."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with tracing.tracing_with(provider):
        yield lambda: {span.name: span for span in exporter.get_finished_spans()}
    provider.shutdown()


def is_part_of(child, parent) -> bool:
    return child.parent.span_id == parent.context.span_id and child.context.trace_id == parent.context.trace_id


@pytest.mark.django_db(transaction=True)
def test_a_request_leads_to_its_call_and_that_to_its_attempts(client, owner, simulator, spans):
    simulator.script(Reply(status=500, message=CANARY), Reply(text=f"It is {CANARY}.", cached_tokens=3))
    token = create_token(user=owner, name="program")[1]

    answer = client.post(
        "/v1/chat/completions",
        {"model": "task:fast_summary", "messages": [{"role": "user", "content": f"Say {CANARY}."}]},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "traceparent": PARENT},
    )

    found, line = spans(), Call.objects.get()
    request, call, asking = found["POST /v1/chat/completions"], found["call fast_summary"], found["call"]
    assert request.kind is SpanKind.SERVER
    assert f"{request.context.trace_id:032x}" == TRACE
    assert f"{request.parent.span_id:016x}" == "b7ad6b7169203331"
    assert is_part_of(call, request)
    assert all(is_part_of(found[act], call) for act in ("plan", "call", "settle"))
    assert call.start_time <= found["plan"].end_time <= asking.end_time <= found["settle"].start_time + 1e6
    assert request.attributes["careerai.request_id"] == answer["X-Request-ID"] == line.request_id
    assert request.attributes["user.id"] == str(owner.pk)
    assert request.attributes["http.response.status_code"] == 200
    assert call.attributes["careerai.call_id"] == str(line.pk)
    assert call.attributes["careerai.attempts"] == 2
    assert call.attributes["careerai.cost_usd"] == pytest.approx(line.cost_nanousd / 1e9)
    told = str([(span.name, dict(span.attributes), span.status.description, span.events) for span in found.values()])
    assert CANARY not in told
    assert token not in told
    assert "simulated" not in told


@pytest.mark.django_db
def test_an_attempt_is_told_in_the_words_of_the_conventions(spec, simulator, spans):
    simulator.script(Reply(text="Lines of verse.", cached_tokens=3, reasoning_tokens=5))

    router.run(spec, Subject())

    attempt, line = spans()["chat gpt-5.4-mini"], Call.objects.get().attempts.get()
    assert attempt.kind is SpanKind.CLIENT
    assert is_part_of(attempt, spans()["call"])
    assert {name: attempt.attributes[name] for name in attempt.attributes if name.startswith("gen_ai")} == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5.4-mini",
        "gen_ai.usage.input_tokens": line.total_input_tokens,
        "gen_ai.usage.output_tokens": line.total_output_tokens,
        "gen_ai.usage.cache_read.input_tokens": 3,
        "gen_ai.usage.cache_creation.input_tokens": 0,
        "gen_ai.usage.reasoning.output_tokens": 5,
    }
    assert attempt.status.status_code is StatusCode.UNSET
    assert spans()["call cover_letter"].attributes["gen_ai.prompt.name"] == "verse/v1"


@pytest.mark.django_db
def test_servers_of_the_site_are_told_of_the_trace_and_vendors_are_not(simulator, settings, spans):
    settings.AI_PROVIDERS |= {"ollama": {"api_key": "", "base_url": simulator.base_url, "model": "llama"}}

    for provider in ("openai", "ollama"):
        router.generate(task_type=TaskType.CHAT, prompt="Hello.", provider=provider)

    vendor, own = simulator.closed_books()
    call = spans()["call chat"]
    assert vendor.trace_parent == ""
    assert own.trace_parent.startswith(f"00-{call.context.trace_id:032x}-{call.context.span_id:016x}-0")


@pytest.mark.django_db
def test_what_went_wrong_is_told_by_its_class(simulator, spans):
    simulator.script(*[Reply(status=400, message=CANARY)] * 3)

    with pytest.raises(AllProvidersFailedError):
        router.generate(task_type=TaskType.FAST_SUMMARY, prompt=CANARY)

    call, attempt = spans()["call fast_summary"], spans()["chat gpt-5.4-mini"]
    assert call.attributes["error.type"] == attempt.attributes["error.type"] == "InvalidRequestError"
    assert (call.status.status_code, attempt.status.status_code) == (StatusCode.ERROR, StatusCode.ERROR)
    assert attempt.attributes["http.response.status_code"] == 400
    assert attempt.status.description is None


@pytest.mark.django_db
def test_kept_answers_and_vectors_have_spans_too(spec, simulator, spans, owner):
    for _ in range(2):
        router.run(spec, Subject(), user=owner)
    router.embed(["one text"], user=owner)

    calls = [span for span in spans().values() if span.name.startswith("call ")]
    assert {span.name: span.attributes.get("careerai.cache") for span in calls} == {
        "call cover_letter": "memory",
        "call embedding": None,
    }
    assert any(name.startswith("embeddings ") for name in spans())


@pytest.mark.django_db(transaction=True)
def test_background_work_is_a_part_of_what_began_it(client, owner, run_tasks, spans):
    token = create_token(user=owner, name="program")[1]
    client.post(
        "/api/v1/cvs/",
        {"text": "Ada Example\nada@example.org\n\nExperience\nEngineer, Example Ltd, 2019 - 2024\n- Built tools\n"},
        headers={"Authorization": f"Bearer {token}", "traceparent": PARENT},
    )
    run_tasks()

    found = spans()
    assert BackgroundTask.objects.get().trace_parent.startswith(f"00-{TRACE}-")
    assert is_part_of(found["task cv.parse"], found["POST /api/v1/cvs/"])
    assert found["task cv.parse"].kind is SpanKind.CONSUMER
    assert is_part_of(found["call cv_parsing"], found["task cv.parse"])


@pytest.mark.django_db
def test_a_stream_ends_its_span_with_its_last_piece(spans):
    middleware = TraceMiddleware(lambda _request: StreamingHttpResponse(iter([b"one", b"two"])))

    response = middleware(RequestFactory().get("/somewhere/secret-token/"))

    assert spans() == {}
    assert b"".join(response) == b"onetwo"
    response.close()
    assert [dict(span.attributes) for span in spans().values()] == [
        {"http.request.method": "GET", "careerai.request_id": "", "http.response.status_code": 200}
    ]


def test_a_request_is_no_part_of_the_one_whose_stream_the_thread_wrote_before(spans):
    answers = iter([StreamingHttpResponse(iter([b"one"])), HttpResponse("two")])
    middleware = TraceMiddleware(lambda _request: next(answers))

    b"".join(first := middleware(RequestFactory().get("/")))
    first.close()
    streamed = spans()["GET"]
    middleware(RequestFactory().get("/"))

    assert spans()["GET"].parent is None
    assert spans()["GET"].context.trace_id != streamed.context.trace_id


def test_probes_and_sites_without_an_exporter_leave_no_trace(spans, settings):
    Client().get("/healthz")
    assert spans() == {}

    assert settings.OTEL_ENDPOINT == ""
    given, tracing._given[:] = tracing._given[:], []
    assert (tracing.tracer(), tracing.start("x"), tracing.header()) == (None, None, "")
    tracing._given[:] = given
