"""Anthropic through its official SDK, over the Messages API."""

import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import anthropic
import httpx2
from anthropic.types import ContentBlock, MessageDeltaUsage, RawContentBlockDelta, RawMessageStreamEvent, Usage
from anthropic.types import Message as AnthropicMessage
from httpx2 import ConnectTimeout, HTTPError

from ai_router.errors import (
    ContextLengthError,
    InvalidRequestError,
    MalformedAnswerError,
    ProviderConnectionError,
    ProviderError,
    ProviderQuotaError,
    ProviderTimeoutError,
    RefusalError,
    StreamInterruptedError,
)
from ai_router.providers.anthropic_form import STATUSES_OF_TYPES, arguments_of, packed_thoughts
from ai_router.providers.base import MAX_TEXT_CHARACTERS, error_class, retry_after_seconds
from ai_router.providers.message_batches import MessageBatches
from ai_router.providers.transport import AnswerTooLargeError, http_client
from ai_router.types import (
    EmbeddingAnswer,
    EmbeddingRequest,
    FinishReason,
    ProviderAnswer,
    ProviderRequest,
    ToolCall,
)
from usage.types import TokenUsage

FINISH_REASONS = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "pause_turn": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "tool_use": FinishReason.TOOL_CALLS,
    "refusal": FinishReason.CONTENT_FILTER,
}
THOUGHTS = frozenset({"thinking", "redacted_thinking"})
# Anthropic gives these no code of their own: the message alone tells them from other bad requests.
MESSAGES_OF_ERRORS: tuple[tuple[re.Pattern[str], type[ProviderError]], ...] = (
    (re.compile(r"prompt is too long|exceeds? (the )?(context|maximum)", re.IGNORECASE), ContextLengthError),
    (re.compile(r"credit balance|spend limit", re.IGNORECASE), ProviderQuotaError),
)


class AnthropicProvider(MessageBatches):
    """A client of Anthropic."""

    name = "anthropic"

    def __init__(self, *, api_key: str, base_url: str = "") -> None:
        """Keep the key and the address; the connection is made at the first request."""
        self._client = anthropic.AsyncAnthropic(
            api_key=api_key,
            base_url=base_url or None,
            # The router retries, and counts what it retries.
            max_retries=0,
            http_client=http_client(httpx2),
        )

    async def complete(self, request: ProviderRequest) -> ProviderAnswer:
        """Ask for a whole answer."""
        try:
            message: Any = await self._client.messages.create(**arguments_of(request))
        except (anthropic.AnthropicError, HTTPError, ValueError) as error:
            self._fail(error, request)
        return self._answer(message, request)

    async def stream(self, request: ProviderRequest) -> AsyncGenerator[str | ProviderAnswer, None]:
        """Ask for an answer in pieces; the last item is the whole of it."""
        try:
            stream = await self._client.messages.create(**arguments_of(request), stream=True)
        except (anthropic.AnthropicError, HTTPError, ValueError) as error:
            self._fail(error, request)
        parts = _Parts(stream.response.headers.get("request-id", ""))
        try:
            async with stream:
                async for event in stream:
                    yield parts.add(event)
                    if parts.size > MAX_TEXT_CHARACTERS:
                        raise MalformedAnswerError(
                            f"anthropic answered with more than {parts.size} characters",
                            provider=self.name,
                            model=request.model,
                            request_id=parts.request_id,
                            written=parts.written,
                        )
        except AnswerTooLargeError as error:
            self._fail(error, request)
        except (anthropic.AnthropicError, HTTPError, ValueError, AttributeError) as error:
            if isinstance(error, anthropic.APIStatusError) and not parts.has_begun:
                self._fail(error, request)
            raise self._interrupted(f"broke off the stream ({type(error).__name__})", parts, request) from error
        if not parts.has_begun:
            raise MalformedAnswerError(
                "anthropic answered with no stream",
                provider=self.name,
                model=request.model,
                request_id=parts.request_id,
            )
        if not parts.stop_reason:
            raise self._interrupted("ended the stream before its end", parts, request)
        yield self._checked(parts, request)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """Refuse: Anthropic has no embeddings."""
        raise InvalidRequestError("anthropic has no embeddings", provider=self.name, model=request.model)

    async def list_models(self) -> list[str]:
        """Return the names of the models that the key may use."""
        try:
            return sorted([model.id async for model in self._client.models.list(limit=1000)])
        except (anthropic.AnthropicError, HTTPError, ValueError) as error:
            self._fail(error, ProviderRequest("", (), 0))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    def _answer(self, message: Any, request: ProviderRequest) -> ProviderAnswer:
        """Read a whole answer, which may lack what its type promises."""
        request_id = getattr(message, "_request_id", None) or ""
        blocks = getattr(message, "content", None)
        reason = getattr(message, "stop_reason", None)
        if not isinstance(message, AnthropicMessage) or not isinstance(blocks, list) or not (blocks or reason):
            raise MalformedAnswerError(
                "anthropic answered without content", provider=self.name, model=request.model, request_id=request_id
            )
        parts = _Parts(request_id, stop_reason=reason or "end_turn")
        parts.use(getattr(message, "usage", None))
        for block in blocks:
            if block.type == "text":
                parts.texts.append(block.text)
            elif block.type == "tool_use":
                parts.calls.append(_Call(block.id, block.name, [json.dumps(block.input)]))
            elif block.type in THOUGHTS:
                parts.thoughts.append(block.to_dict())
        return self._checked(parts, request)

    def _checked(self, parts: "_Parts", request: ProviderRequest) -> ProviderAnswer:
        """Return the answer, or raise where it is a refusal; a refusal is billed."""
        reason = FINISH_REASONS.get(parts.stop_reason, FinishReason.STOP)
        if reason is FinishReason.CONTENT_FILTER:
            raise RefusalError(
                "anthropic refused",
                provider=self.name,
                model=request.model,
                request_id=parts.request_id,
                usage=parts.usage(),
                written=parts.written,
            )
        return ProviderAnswer(
            "".join(parts.texts),
            request.model,
            parts.usage(),
            reason,
            parts.request_id,
            parts.tool_calls(),
            parts.service_tier,
        )

    def _interrupted(self, what: str, parts: "_Parts", request: ProviderRequest) -> StreamInterruptedError:
        return StreamInterruptedError(
            f"anthropic {what}",
            provider=self.name,
            model=request.model,
            request_id=parts.request_id,
            written=parts.written,
        )

    def _fail(self, error: Exception, request: ProviderRequest) -> NoReturn:
        """Raise our error for one of the SDK's. Its message is not repeated: it may quote the request."""
        names: dict[str, Any] = {"provider": self.name, "model": request.model}
        if isinstance(error, anthropic.APIStatusError):
            found, status = _class_of(error)
            code = error.error_code or error.type
            raise found(
                f"anthropic answered {status}" + (f" ({code})" if code else ""),
                status_code=status,
                request_id=error.request_id or "",
                retry_after=retry_after_seconds(error.response.headers),
                **names,
            ) from error
        kind: type[ProviderError] = MalformedAnswerError
        is_too_large = isinstance(error.__cause__, AnswerTooLargeError)
        if isinstance(error, anthropic.APIConnectionError | HTTPError) and not is_too_large:
            # As with OpenAI's SDK, a server that hangs up before it answers may come as a time-out of the connection.
            is_late = isinstance(error, anthropic.APITimeoutError) and not isinstance(error.__cause__, ConnectTimeout)
            kind = ProviderTimeoutError if is_late else ProviderConnectionError
        raise kind(f"anthropic: {type(error.__cause__ if is_too_large else error).__name__}", **names) from error


def _class_of(error: anthropic.APIStatusError) -> tuple[type[ProviderError], int]:
    """Return the class of our error, and the status."""
    status = error.status_code
    if status < 400:
        status = STATUSES_OF_TYPES.get(str(error.type), 500)
    if status in {400, 403, 429}:
        for pattern, found in MESSAGES_OF_ERRORS:
            if pattern.search(f"{error.api_message} {error.error_code}".replace("_", " ")):
                return found, status
    return error_class(status, str(error.error_code or error.type or "")), status


@dataclass(slots=True)
class _Call:
    """A tool call, of a stream as it comes."""

    id: str
    name: str
    arguments: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Parts:
    """The parts of an answer, of a stream as they come."""

    request_id: str
    texts: list[str] = field(default_factory=list)
    calls: list[_Call] = field(default_factory=list)
    thoughts: list[dict[str, Any]] = field(default_factory=list)
    stop_reason: str = ""
    service_tier: str = ""
    has_begun: bool = False
    size: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Return the tool calls; the first one keeps the thoughts that led to them."""
        thoughts = packed_thoughts(self.thoughts)
        return tuple(
            ToolCall(call.id, call.name, "".join(call.arguments) or "{}", "" if number else thoughts)
            for number, call in enumerate(self.calls)
        )

    @property
    def written(self) -> str:
        """All that the model wrote."""
        return "".join([*self.texts, *("".join([call.name, *call.arguments]) for call in self.calls)])

    def add(self, event: RawMessageStreamEvent) -> str:
        """Take an event and return its text."""
        self.has_begun = True
        if event.type == "message_start":
            self.use(getattr(event.message, "usage", None))
        elif event.type == "message_delta":
            self.stop_reason = event.delta.stop_reason or self.stop_reason
            self.use(getattr(event, "usage", None))
        elif event.type == "content_block_start":
            self._open(event.content_block)
        elif event.type == "content_block_delta":
            return self._fill(event.delta)
        return ""

    def _open(self, block: ContentBlock) -> None:
        """Begin a block; its text comes with the deltas."""
        if block.type == "tool_use":
            self.calls.append(_Call(block.id, block.name))
        elif block.type in THOUGHTS:
            self.thoughts.append(block.to_dict())

    def _fill(self, delta: RawContentBlockDelta) -> str:
        """Take more of the block that was opened last, and return its text."""
        if delta.type == "text_delta":
            self.texts.append(delta.text)
            self.size += len(delta.text)
            return delta.text
        if delta.type == "input_json_delta":
            self.calls[-1].arguments.append(delta.partial_json)
            self.size += len(delta.partial_json)
        elif delta.type == "thinking_delta":
            self.thoughts[-1]["thinking"] = self.thoughts[-1].get("thinking", "") + delta.thinking
            self.size += len(delta.thinking)
        elif delta.type == "signature_delta":
            self.thoughts[-1]["signature"] = delta.signature
        return ""

    def use(self, usage: Usage | MessageDeltaUsage | None) -> None:
        """Take what was used so far: each number is a running total, and later ones need not repeat earlier ones."""
        if usage is None:
            return
        self.service_tier = getattr(usage, "service_tier", None) or self.service_tier
        details = usage.output_tokens_details
        found: dict[str, int | None] = {
            "input": usage.input_tokens,
            "cached": usage.cache_read_input_tokens,
            "cache_write": usage.cache_creation_input_tokens,
            "output": usage.output_tokens,
            "thinking": details.thinking_tokens if details else None,
        }
        self.counts |= {name: count for name, count in found.items() if count is not None}

    def usage(self) -> TokenUsage | None:
        """Count each token once: Anthropic's input excludes the cached ones, its output includes the thinking.

        A report that nothing at all was used is no report.
        """
        if not any(self.counts.values()):
            return None
        output = self.counts.get("output", 0)
        thinking = min(self.counts.get("thinking", 0), output)
        return TokenUsage(
            input_tokens=self.counts.get("input", 0),
            cached_input_tokens=self.counts.get("cached", 0),
            cache_write_tokens=self.counts.get("cache_write", 0),
            output_tokens=output - thinking,
            reasoning_tokens=thinking,
        )
