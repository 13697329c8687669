"""OpenAI through its official SDK, over Chat Completions.

Chat Completions rather than Responses: it keeps nothing on the provider's side unless asked to, it has all that the
router needs (strict schemas, streaming with usage, cached and reasoning tokens), and it is the form that Azure, Grok,
Ollama, LM Studio and vLLM speak too, so one adapter and one simulator serve them all.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import openai
from httpx2 import ConnectTimeout
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.completion_usage import CompletionUsage

from ai_router.errors import (
    MalformedAnswerError,
    ProviderConnectionError,
    ProviderError,
    ProviderTimeoutError,
    RefusalError,
    StreamInterruptedError,
)
from ai_router.providers.base import error_class, retry_after_seconds
from ai_router.types import AnswerForm, EmbeddingAnswer, EmbeddingRequest, FinishReason, ProviderAnswer, ProviderRequest
from usage.types import TokenUsage

CONNECT_SECONDS = 5.0
FINISH_REASONS = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.CONTENT_FILTER,
}


class OpenAIProvider:
    """A client of OpenAI, or of a server that speaks its form."""

    name = "openai"

    def __init__(self, *, api_key: str, base_url: str = "") -> None:
        """Keep the key and the address; the connection is made at the first request."""
        self._client = openai.AsyncOpenAI(
            api_key=api_key,
            base_url=base_url or None,
            # The router retries, and counts what it retries.
            max_retries=0,
            http_client=openai.DefaultAioHttpClient(),
        )

    async def complete(self, request: ProviderRequest) -> ProviderAnswer:
        """Ask for a whole answer."""
        try:
            completion: ChatCompletion = await self._client.chat.completions.create(**_arguments(request))
        except (openai.OpenAIError, ValueError) as error:
            self._fail(error, request)
        return self._answer(completion, request)

    async def stream(self, request: ProviderRequest) -> AsyncGenerator[str | ProviderAnswer, None]:
        """Ask for an answer in pieces; the last item is the whole of it, with the usage that closes the stream."""
        try:
            stream = await self._client.chat.completions.create(
                **_arguments(request), stream=True, stream_options={"include_usage": True}
            )
        except (openai.OpenAIError, ValueError) as error:
            self._fail(error, request)
        parts = _Parts(stream.response.headers.get("x-request-id", ""))
        try:
            async with stream:
                async for chunk in stream:
                    yield parts.add(chunk)
        except (openai.OpenAIError, ValueError) as error:
            raise StreamInterruptedError(
                f"openai broke off the stream ({type(error).__name__})",
                provider=self.name,
                model=request.model,
                request_id=parts.request_id,
                written=parts.written,
            ) from error
        if not parts.finish_reason:
            raise StreamInterruptedError(
                "openai ended the stream before its end",
                provider=self.name,
                model=request.model,
                request_id=parts.request_id,
                written=parts.written,
            )
        yield self._checked(parts, request)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """Turn texts into vectors."""
        names: dict[str, Any] = {"dimensions": request.dimensions} if request.dimensions else {}
        try:
            found = await self._client.embeddings.create(
                model=request.model,
                input=list(request.texts),
                encoding_format="float",
                timeout=openai.Timeout(request.timeout_seconds, connect=CONNECT_SECONDS),
                **names,
            )
        except (openai.OpenAIError, ValueError) as error:
            self._fail(error, request)
        vectors = tuple(tuple(item.embedding) for item in sorted(found.data, key=lambda item: item.index))
        return EmbeddingAnswer(vectors, request.model, TokenUsage(input_tokens=found.usage.prompt_tokens))

    async def list_models(self) -> list[str]:
        """Return the names of the models that the key may use."""
        try:
            return sorted([model.id async for model in self._client.models.list()])
        except (openai.OpenAIError, ValueError) as error:
            self._fail(error, ProviderRequest("", (), 0))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    def _answer(self, completion: ChatCompletion, request: ProviderRequest) -> ProviderAnswer:
        """Read a whole answer, which may lack what its type promises."""
        request_id = getattr(completion, "_request_id", None) or ""
        choices = getattr(completion, "choices", None)
        if not choices:
            raise MalformedAnswerError(
                "openai answered without a choice", provider=self.name, model=request.model, request_id=request_id
            )
        choice = choices[0]
        parts = _Parts(
            request_id,
            [choice.message.content or ""],
            choice.message.refusal or "",
            choice.finish_reason or "stop",
            _usage(completion.usage),
        )
        return self._checked(parts, request)

    def _checked(self, parts: "_Parts", request: ProviderRequest) -> ProviderAnswer:
        """Return the answer, or raise where it is a refusal; a refusal is billed."""
        reason = FINISH_REASONS.get(parts.finish_reason, FinishReason.STOP)
        if parts.refusal or reason is FinishReason.CONTENT_FILTER:
            raise RefusalError(
                "openai refused" if parts.refusal else "openai filtered its answer",
                provider=self.name,
                model=request.model,
                request_id=parts.request_id,
                usage=parts.usage,
                written=parts.written,
            )
        return ProviderAnswer("".join(parts.texts), request.model, parts.usage, reason, parts.request_id)

    def _fail(self, error: Exception, request: ProviderRequest | EmbeddingRequest) -> NoReturn:
        """Raise our error for one of the SDK's. Its message is not repeated: it may quote the request."""
        names: dict[str, Any] = {"provider": self.name, "model": request.model}
        if isinstance(error, openai.APIStatusError):
            headers = error.response.headers
            found = error_class(error.status_code, str(error.code or error.type or ""))
            said = ", ".join(filter(None, (error.code or error.type, error.param and f"parameter {error.param!r}")))
            raise found(
                f"openai answered {error.status_code}" + (f" ({said})" if said else ""),
                status_code=error.status_code,
                request_id=error.request_id or "",
                retry_after=retry_after_seconds(headers),
                **names,
            ) from error
        kind: type[ProviderError] = MalformedAnswerError
        if isinstance(error, openai.APIConnectionError):
            # The SDK (3.52) reports a server that hangs up before it answers as a time-out of the connection.
            is_late = isinstance(error, openai.APITimeoutError) and not isinstance(error.__cause__, ConnectTimeout)
            kind = ProviderTimeoutError if is_late else ProviderConnectionError
        raise kind(f"openai: {type(error).__name__}", **names) from error


@dataclass(slots=True)
class _Parts:
    """The parts of an answer, of a stream as they come."""

    request_id: str
    texts: list[str] = field(default_factory=list)
    refusal: str = ""
    finish_reason: str = ""
    usage: TokenUsage | None = None

    @property
    def written(self) -> str:
        """All that the model wrote."""
        return "".join([*self.texts, self.refusal])

    def add(self, chunk: ChatCompletionChunk) -> str:
        """Take a chunk and return its text; the one with the usage has no choices."""
        if chunk.usage is not None:
            self.usage = _usage(chunk.usage)
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        self.finish_reason = choice.finish_reason or self.finish_reason
        self.refusal += choice.delta.refusal or ""
        text = choice.delta.content or ""
        self.texts.append(text)
        return text


def _arguments(request: ProviderRequest) -> dict[str, Any]:
    """Build the SDK's arguments; what is not set is not sent, as models differ in what they take."""
    arguments: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "max_completion_tokens": request.max_output_tokens,
        "store": False,
        "timeout": openai.Timeout(request.timeout_seconds, connect=CONNECT_SECONDS),
    }
    if request.temperature is not None:
        arguments["temperature"] = request.temperature
    if request.reasoning_effort:
        arguments["reasoning_effort"] = request.reasoning_effort
    if request.client_request_id:
        arguments["extra_headers"] = {"X-Client-Request-Id": request.client_request_id}
    if request.form is not None:
        arguments["response_format"] = _response_format(request.form)
    return arguments


def _response_format(form: AnswerForm) -> dict[str, Any]:
    """Ask for JSON in the form, or for any JSON object."""
    if not form.schema:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": form.name, "strict": form.is_strict, "schema": form.schema}}


def _usage(usage: CompletionUsage | None) -> TokenUsage | None:
    """Count each token once: OpenAI's prompt includes the cached ones, its completion the reasoning."""
    if usage is None:
        return None
    sent, written = usage.prompt_tokens_details, usage.completion_tokens_details
    cached = min((sent and sent.cached_tokens) or 0, usage.prompt_tokens)
    cache_write = min((sent and sent.cache_write_tokens) or 0, usage.prompt_tokens - cached)
    reasoning = min((written and written.reasoning_tokens) or 0, usage.completion_tokens)
    return TokenUsage(
        input_tokens=usage.prompt_tokens - cached - cache_write,
        cached_input_tokens=cached,
        cache_write_tokens=cache_write,
        output_tokens=usage.completion_tokens - reasoning,
        reasoning_tokens=reasoning,
    )
