"""The OpenAI-compatible gateway: any OpenAI client, with a CareerAI token, gets routing, budgets and the ledger."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from ai_router.api import chat_wire
from ai_router.api.chat_form import ChatForm, unsupported_parameter
from ai_router.api.embedding_form import EmbeddingForm
from ai_router.api.endpoint import endpoint, known_error, read_body, sign_in
from ai_router.api.openai_errors import SERVER, GatewayError
from ai_router.conversations import Conversation, StreamBegan, aconverse, converse_in_pieces
from ai_router.embeddings import embed
from ai_router.naming import TASK_MARK, Target, embedding_model, find_target, listed_models
from ai_router.routing import AUTO
from ai_router.types import WRITING_TASKS, FinishReason, ProviderAnswer, StreamEnded, TextDelta

Event = StreamBegan | TextDelta | StreamEnded[ProviderAnswer]
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
INTERRUPTED = GatewayError(
    HTTPStatus.BAD_GATEWAY, "The provider broke off; the text so far is incomplete.", SERVER, "stream_interrupted"
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that was read: who asks what of whom."""

    user: Any
    form: ChatForm
    conversation: Conversation
    target: Target
    request_id: str

    @property
    def has_usage(self) -> bool:
        """Whether the client wants to know what a stream used."""
        return bool(self.form.stream_options and self.form.stream_options.include_usage)


@endpoint("POST")
async def chat_completions(request: HttpRequest, *, request_id: str) -> HttpResponseBase:
    """Answer a conversation, whole or as server-sent events."""
    asked = await sync_to_async(_read)(request, request_id)
    if asked.form.stream:
        return await _stream(asked)
    result = await aconverse(asked.conversation, asked.target, user=asked.user, request_id=request_id)
    body = chat_wire.completion(result, created=int(time.time()))
    return JsonResponse(body, headers=chat_wire.result_headers(result))


@endpoint("POST")
async def embeddings(request: HttpRequest, *, request_id: str) -> HttpResponseBase:
    """Turn texts into vectors."""
    return await sync_to_async(_embeddings)(request, request_id)


@endpoint("GET")
async def models(request: HttpRequest, *, request_id: str) -> HttpResponseBase:
    """List what `model` may be."""
    return await sync_to_async(_models)(request)


@endpoint("GET")
async def model(request: HttpRequest, *, request_id: str, name: str) -> HttpResponseBase:
    """Say whether there is a model of this name."""
    return await sync_to_async(_model)(request, name)


@endpoint("GET")
async def unknown(request: HttpRequest, *, request_id: str, rest: str) -> HttpResponseBase:
    """Answer every other address under `/v1/`."""
    raise GatewayError(HTTPStatus.NOT_FOUND, f"There is no such address: /v1/{rest[:200]}", code="unknown_url")


def _read(request: HttpRequest, request_id: str) -> _Asked:
    """Check who asks, and read what is asked; nothing is written yet."""
    user = sign_in(request)
    body = read_body(request)
    refused = unsupported_parameter(body)
    if refused:
        message = f"`{refused}` is not supported with this value; leave it out."
        raise GatewayError(400, message, code="unsupported_parameter", param=refused)
    form = ChatForm.model_validate(body)
    conversation = form.conversation(default_output_tokens=settings.GATEWAY_OUTPUT_TOKENS)
    return _Asked(user, form, conversation, find_target(form.model), request_id)


async def _stream(asked: _Asked) -> StreamingHttpResponse:
    """Wait for the first event, so that a call that fails before it has a status of its own, and stream the rest."""
    events = converse_in_pieces(asked.conversation, asked.target, user=asked.user, request_id=asked.request_id)
    first = await anext(events)
    if isinstance(first, StreamBegan):
        call_id, name = first.call_id, first.candidate.model
        headers = chat_wire.call_headers(call_id=call_id, provider=first.candidate.provider, model=name)
    elif isinstance(first, StreamEnded):
        call_id, name = first.result.call_id, first.result.model
        headers = chat_wire.result_headers(first.result)
    else:
        raise TypeError(first)
    chunks = chat_wire.Chunks(call_id, name, created=int(time.time()), has_usage=asked.has_usage)
    return StreamingHttpResponse(
        _written(first, events, chunks), content_type="text/event-stream", headers=STREAM_HEADERS | headers
    )


async def _written(
    first: Event, events: AsyncGenerator[Event, None], chunks: chat_wire.Chunks
) -> AsyncGenerator[str, None]:
    """Write the events; closing this early stops the provider and settles what was used."""
    async with aclosing(events):
        yield chunks.opening()
        try:
            if isinstance(first, StreamEnded):
                if first.result.output.text:
                    yield chunks.text(first.result.output.text)
                for line in _end(first, chunks):
                    yield line
            async for event in events:
                if isinstance(event, TextDelta):
                    yield chunks.text(event.text)
                elif isinstance(event, StreamEnded):
                    for line in _end(event, chunks):
                        yield line
        except Exception as error:  # noqa: BLE001 - the headers are gone: what went wrong can only be said here
            yield chat_wire.error_event(known_error(error).body())


def _end(event: StreamEnded[ProviderAnswer], chunks: chat_wire.Chunks) -> list[str]:
    """Write the last event; a text that broke off ends in an error."""
    result = event.result
    if result.finish_reason is FinishReason.INCOMPLETE:
        return [chat_wire.error_event(INTERRUPTED.body())]
    return chunks.closing(result)


def _embeddings(request: HttpRequest, request_id: str) -> JsonResponse:
    user = sign_in(request)
    form = EmbeddingForm.model_validate(read_body(request))
    result = embed(
        form.input,
        user=user,
        model=embedding_model(form.model),
        dimensions=form.dimensions,
        request_id=request_id,
    )
    return JsonResponse(form.answer(result), headers=chat_wire.result_headers(result))


def _models(request: HttpRequest) -> JsonResponse:
    sign_in(request)
    names = [(AUTO, "careerai"), *((f"{TASK_MARK}{task.value}", "careerai") for task in WRITING_TASKS)]
    names += [(str(candidate), candidate.provider) for candidate in listed_models()]
    return JsonResponse({"object": "list", "data": [_model_form(name, owner) for name, owner in names]})


def _model(request: HttpRequest, name: str) -> JsonResponse:
    sign_in(request)
    target = find_target(name)
    is_ours = name == AUTO or name.startswith(TASK_MARK)
    return JsonResponse(_model_form(name, "careerai" if is_ours else target.choice.hosted[0].provider))


def _model_form(name: str, owner: str) -> dict[str, Any]:
    """Return a model as OpenAI lists it; since when there is one is not known."""
    return {"id": name, "object": "model", "created": 0, "owned_by": owner}
