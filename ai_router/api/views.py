"""REST resources under `ai/`: free prompts on the router, whole, in pieces, and what they would cost."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from ai_router.api import serializers as forms
from ai_router.conversations import StreamBegan, converse, converse_in_pieces, quote
from ai_router.embeddings import embed
from ai_router.errors import EmbeddingInputError, RouterError
from ai_router.naming import embedding_model
from ai_router.speech import answer_of, conversation_of, target_of
from ai_router.types import ProviderAnswer, StreamEnded, TextDelta
from usage.errors import UsageError

Event = StreamBegan | TextDelta | StreamEnded[ProviderAnswer]
REFUSED = {
    402: OpenApiResponse(description="A budget is used up."),
    404: OpenApiResponse(description="Nobody here has a model of this name."),
    429: OpenApiResponse(description="Too many requests."),
    502: OpenApiResponse(description="No provider answered."),
    503: OpenApiResponse(description="No hosted provider is set up for this task."),
}


class AnyAccept(DefaultContentNegotiation):
    """Sends a stream whatever the client accepts."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        """Return the first renderer, which only errors use."""
        return renderers[0], renderers[0].media_type


class GenerateView(APIView):
    """Answers a free prompt."""

    @extend_schema(
        operation_id="ai_generate",
        summary="Answer a prompt",
        description="On the route of `task_type`, with its fallbacks. The embedded engine has rules for tasks, none for "
        "free prompts: without a hosted provider the answer is 503.",
        request=forms.SpeechSerializer,
        responses={200: forms.AnswerSerializer, **REFUSED},
        tags=["ai"],
    )
    def post(self, request: Request) -> Response:
        given = read_speech(request)
        result = converse(conversation_of(given), target_of(given), user=request.user)
        return Response(answer_of(result))


class StreamView(APIView):
    """Answers a free prompt while it is written."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="ai_stream",
        summary="Answer a prompt as server-sent events",
        description="Events `text` (`{text}`), then `done` (as the answer of `ai/generate/`; `is_complete` is false for a "
        "text that broke off), or `error` (as any error). Closing the connection stops the provider.",
        request=forms.SpeechSerializer,
        responses={(200, "text/event-stream"): OpenApiTypes.STR, **REFUSED},
        tags=["ai"],
    )
    def post(self, request: Request) -> StreamingHttpResponse:
        given = read_speech(request)
        events = converse_in_pieces(conversation_of(given), target_of(given), user=request.user)
        # A call that fails before its first text has a status of its own.
        first = async_to_sync(_first)(events)
        return StreamingHttpResponse(
            _written(first, events),
            content_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )


class EstimateView(APIView):
    """Says what a prompt would cost."""

    @extend_schema(
        operation_id="ai_estimate",
        summary="What a prompt would cost, by candidate",
        description="Takes what `ai/generate/` takes, and asks nobody. `expected` is learned from the ledger, eight of ten "
        "requests cost between `low` and `high`, and `most` is the most that it can cost, a repair of its answer "
        "included: that much is held in the budgets.",
        request=forms.SpeechSerializer,
        responses={200: forms.EstimateSerializer, 404: REFUSED[404], 503: REFUSED[503]},
        tags=["ai"],
    )
    def post(self, request: Request) -> Response:
        given = read_speech(request)
        quotes = quote(conversation_of(given), target_of(given))
        return Response(forms.EstimateSerializer({"candidates": quotes}).data)


class EmbeddingsView(APIView):
    """Turns texts into vectors."""

    @extend_schema(
        operation_id="ai_embeddings",
        summary="Turn texts into vectors",
        description="On the route of embeddings, which ends in the offline engine. Vectors of different models cannot be "
        "compared: keep the model's name with them.",
        request=forms.TextsSerializer,
        responses={200: forms.VectorsSerializer, **REFUSED},
        tags=["ai"],
    )
    def post(self, request: Request) -> Response:
        form = forms.TextsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        try:
            result = embed(
                given["texts"],
                user=request.user,
                model=embedding_model(given["model"]),
                dimensions=given["dimensions"],
            )
        except EmbeddingInputError as error:
            raise ValidationError({"texts": [f"{error}."]}) from error
        return Response(forms.VectorsSerializer(result).data)


def read_speech(request: Request) -> dict[str, Any]:
    """Return the checked body."""
    form = forms.SpeechSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


async def _first(events: AsyncGenerator[Event, None]) -> Event:
    return await anext(events)


async def _written(first: Event, events: AsyncGenerator[Event, None]) -> AsyncGenerator[str, None]:
    """Write the events; closing this early stops the provider and settles what was used."""
    async with aclosing(events):
        if isinstance(first, StreamEnded):
            yield _event("text", {"text": first.result.output.text})
            yield _event("done", answer_of(first.result))
        try:
            async for event in events:
                if isinstance(event, TextDelta):
                    yield _event("text", {"text": event.text})
                elif isinstance(event, StreamEnded):
                    yield _event("done", answer_of(event.result))
        except (RouterError, UsageError) as error:
            handle: Any = api_settings.EXCEPTION_HANDLER
            yield _event("error", handle(error, {}).data)


def _event(name: str, data: Mapping[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, default=str)}\n\n"
