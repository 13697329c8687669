"""Gemini through Google's current SDK, `google-genai`, over its `v1` interface."""

import json
import re
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn
from uuid import uuid4

import aiohttp
from google import genai
from google.genai import errors, types

from ai_router.errors import (
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    MalformedAnswerError,
    ProviderConnectionError,
    ProviderError,
    ProviderQuotaError,
    ProviderTimeoutError,
    RefusalError,
    StreamInterruptedError,
)
from ai_router.providers.base import error_class, retry_after_seconds
from ai_router.providers.gemini_batches import FAILURES, GeminiBatches
from ai_router.providers.gemini_form import config_of, contents_of, packed_signature
from ai_router.providers.gemini_transport import noted_answers, open_session
from ai_router.providers.transport import AnswerTooLargeError
from ai_router.types import EmbeddingAnswer, EmbeddingRequest, FinishReason, ProviderAnswer, ProviderRequest, ToolCall
from usage.types import TokenUsage

FINISH_REASONS = {
    "STOP": FinishReason.STOP,
    "MAX_TOKENS": FinishReason.LENGTH,
    # The answer would go on in another request, which the router does not send.
    "CONTINUATION": FinishReason.LENGTH,
    **dict.fromkeys(
        ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "MODEL_ARMOR"),
        FinishReason.CONTENT_FILTER,
    ),
}
# The model wrote something that Gemini itself could not read.
BROKEN_ANSWERS = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"})
# What Gemini says in its own words only: a wrong key is a bad request to it.
ERRORS_BY_REASON: dict[str, type[ProviderError]] = {
    "API_KEY_INVALID": AuthenticationError,
    "API_KEY_EXPIRED": AuthenticationError,
    "FAILED_PRECONDITION": ProviderQuotaError,
}
TOO_LONG = re.compile(r"token count.{0,40}exceeds the maximum", re.IGNORECASE)
# Where Gemini says by which tier it served: https://ai.google.dev/gemini-api/docs/priority-inference
TIER_HEADER = "x-gemini-service-tier"


class GeminiProvider(GeminiBatches):
    """A client of Gemini."""

    name = "gemini"

    def __init__(self, *, api_key: str, base_url: str = "") -> None:
        """Keep the key and the address; the connection is made at the first request."""
        self._key, self._base_url = api_key, base_url
        self._session: aiohttp.ClientSession | None = None
        self._client: genai.Client | None = None

    async def complete(self, request: ProviderRequest) -> ProviderAnswer:
        """Ask for a whole answer."""
        parts = _Parts()
        try:
            response = await self._models().generate_content(
                model=request.model, contents=contents_of(request), config=config_of(request)
            )
            parts.add(response)
        except FAILURES as error:
            self._fail(error, request)
        return self._whole(parts, request)

    async def stream(self, request: ProviderRequest) -> AsyncGenerator[str | ProviderAnswer, None]:
        """Ask for an answer in pieces; the last item is the whole of it."""
        parts = _Parts()
        answers: list[aiohttp.ClientResponse] = []
        try:
            stream = await self._models().generate_content_stream(
                model=request.model, contents=contents_of(request), config=config_of(request)
            )
            with noted_answers() as answers:
                response = await anext(stream, None)
            while response is not None:
                yield parts.add(response)
                response = await anext(stream, None)
        except FAILURES as error:
            has_begun = parts.has_begun or isinstance(error, aiohttp.ClientPayloadError)
            if not has_begun or isinstance(error, AnswerTooLargeError):
                self._fail(error, request)
            raise self._interrupted(f"broke off the stream ({type(error).__name__})", parts, request) from error
        finally:
            # One that was read to its end is out of hand already; another one has a reader that went away.
            for answer in answers:
                answer.close()
        if not parts.finish_reason and not parts.block_reason:
            raise self._interrupted("ended the stream before its end", parts, request)
        yield self._checked(parts, request)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """Turn texts into vectors; Gemini does not say how many tokens they were."""
        options = types.HttpOptions(timeout=max(1, round(request.timeout_seconds * 1000)))
        contents: Any = [types.Content(parts=[types.Part(text=text)]) for text in request.texts]
        try:
            found = await self._models().embed_content(
                model=request.model,
                contents=contents,
                config=types.EmbedContentConfig(output_dimensionality=request.dimensions, http_options=options),
            )
        except FAILURES as error:
            self._fail(error, request)
        vectors = tuple(tuple(embedding.values or ()) for embedding in found.embeddings or ())
        if len(vectors) != len(request.texts) or not all(vectors):
            raise MalformedAnswerError("gemini left out a vector", provider=self.name, model=request.model)
        used = found.usage_metadata and found.usage_metadata.prompt_token_count
        return EmbeddingAnswer(vectors, request.model, TokenUsage(input_tokens=used) if used else None)

    async def list_models(self) -> list[str]:
        """Return the names of the models that the key may use."""
        try:
            pager = await self._models().list(config=types.ListModelsConfig(page_size=1000))
            return sorted([(model.name or "").removeprefix("models/") async for model in pager])
        except FAILURES as error:
            self._fail(error, ProviderRequest("", (), 0))

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aio.aclose()
            self._client.close()
        if self._session is not None:
            await self._session.close()

    def _models(self) -> Any:
        return self._sdk().models

    def _sdk(self) -> Any:
        """Return the SDK; the pool of connections belongs to the loop that asks first."""
        if self._client is None:
            self._session = open_session(self._base_url)
            self._client = genai.Client(
                api_key=self._key,
                enterprise=False,
                http_options=types.HttpOptions(
                    base_url=self._base_url or None,
                    aiohttp_client=self._session,
                    # The router retries, and counts what it retries.
                    retry_options=types.HttpRetryOptions(attempts=1),
                ),
            )
        return self._client.aio

    def _answer(self, response: types.GenerateContentResponse, request: ProviderRequest) -> ProviderAnswer:
        """Read an answer that is there as a whole."""
        parts = _Parts()
        parts.add(response)
        return self._whole(parts, request)

    def _whole(self, parts: "_Parts", request: ProviderRequest) -> ProviderAnswer:
        if not parts.finish_reason and not parts.block_reason:
            raise MalformedAnswerError(
                "gemini answered without a candidate",
                provider=self.name,
                model=request.model,
                request_id=parts.request_id,
                usage=parts.usage,
            )
        return self._checked(parts, request)

    def _checked(self, parts: "_Parts", request: ProviderRequest) -> ProviderAnswer:
        """Return the answer, or raise where it was refused: a refusal is billed."""
        reason = FINISH_REASONS.get(parts.finish_reason, FinishReason.STOP)
        names: dict[str, Any] = {
            "provider": self.name,
            "model": request.model,
            "request_id": parts.request_id,
            "usage": parts.usage,
        }
        if parts.block_reason:
            raise ContentFilterError(f"gemini did not take the request ({parts.block_reason})", **names)
        if reason is FinishReason.CONTENT_FILTER:
            raise RefusalError(f"gemini filtered its answer ({parts.finish_reason})", written=parts.written, **names)
        if parts.finish_reason in BROKEN_ANSWERS:
            raise MalformedAnswerError(f"gemini: {parts.finish_reason}", written=parts.written, **names)
        if parts.calls and reason is FinishReason.STOP:
            reason = FinishReason.TOOL_CALLS
        return ProviderAnswer(
            "".join(parts.texts),
            request.model,
            parts.usage,
            reason,
            parts.request_id,
            tuple(parts.calls),
            parts.service_tier,
        )

    def _interrupted(self, what: str, parts: "_Parts", request: ProviderRequest) -> StreamInterruptedError:
        return StreamInterruptedError(
            f"gemini {what}",
            provider=self.name,
            model=request.model,
            request_id=parts.request_id,
            written=parts.written,
        )

    def _fail(self, error: Exception, request: ProviderRequest | EmbeddingRequest) -> NoReturn:
        """Raise our error for one of the SDK's. Its message is not repeated: it may quote the request."""
        names: dict[str, Any] = {"provider": self.name, "model": request.model}
        if isinstance(error, errors.APIError):
            details = _Details(error)
            raise details.error_class()(
                f"gemini answered {details.status}" + (f" ({details.word})" if details.word else ""),
                status_code=details.status,
                retry_after=details.retry_after(),
                **names,
            ) from error
        kind: type[ProviderError] = MalformedAnswerError
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            kind = ProviderConnectionError
        elif isinstance(error, TimeoutError):
            kind = ProviderTimeoutError
        elif isinstance(error, aiohttp.ClientError):
            kind = ProviderConnectionError
        raise kind(f"gemini: {type(error).__name__}", **names) from error


class _Details:
    """What an error of Gemini's says: a status, a word for it, and details of several kinds."""

    def __init__(self, error: errors.APIError) -> None:
        body = error.details if isinstance(error.details, dict) else {}
        said = body.get("error", body)
        said = said if isinstance(said, dict) else {}
        self.error = error
        self.status = error.code if isinstance(error.code, int) else 500
        self.word = str(said.get("status") or "")
        self.message = str(said.get("message") or "")
        self.details = [detail for detail in said.get("details") or () if isinstance(detail, dict)]

    def error_class(self) -> type[ProviderError]:
        """Return the class of our error."""
        words = [self.word, *(str(detail.get("reason")) for detail in self.details)]
        found = next((ERRORS_BY_REASON[word] for word in words if word in ERRORS_BY_REASON), None)
        if found is not None and self.status < 500:
            return found
        if self.status == 400 and TOO_LONG.search(self.message):
            return ContextLengthError
        if self.status == 429 and any("PerDay" in quota for quota in self._quotas()):
            return ProviderQuotaError
        return error_class(self.status, self.word)

    def _quotas(self) -> Iterable[str]:
        """Return the names of the quotas that are used up."""
        for detail in self.details:
            for violation in detail.get("violations") or ():
                yield str(violation.get("quotaId"))

    def retry_after(self) -> float | None:
        """Return the hint when to come back: in the details, such as `34.5s`, or in a header."""
        for detail in self.details:
            delay = str(detail.get("retryDelay", ""))
            if delay.endswith("s"):
                return retry_after_seconds({"retry-after": delay[:-1]})
        headers = getattr(self.error.response, "headers", None) or {}
        return retry_after_seconds({name.lower(): value for name, value in headers.items()})


@dataclass(slots=True)
class _Parts:
    """The parts of an answer, of a stream as they come."""

    request_id: str = ""
    texts: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    finish_reason: str = ""
    block_reason: str = ""
    service_tier: str = ""
    usage: TokenUsage | None = None
    has_begun: bool = False

    @property
    def written(self) -> str:
        """All that the model wrote."""
        return "".join([*self.texts, *(call.name + call.arguments for call in self.calls)])

    def add(self, response: types.GenerateContentResponse) -> str:
        """Take an answer, or a piece of one, and return its text."""
        self.has_begun = True
        self.request_id = response.response_id or self.request_id
        if response.usage_metadata is not None:
            self.usage = _usage(response.usage_metadata)
        if not self.service_tier and response.sdk_http_response is not None:
            headers = response.sdk_http_response.headers or {}
            self.service_tier = next((word for name, word in headers.items() if name.lower() == TIER_HEADER), "")
        feedback = response.prompt_feedback
        if feedback is not None and feedback.block_reason is not None:
            self.block_reason = str(feedback.block_reason.value)
        text = ""
        for candidate in (response.candidates or ())[:1]:
            if candidate.finish_reason is not None:
                self.finish_reason = str(candidate.finish_reason.value)
            for part in (candidate.content and candidate.content.parts) or ():
                text += self._take(part)
        self.texts.append(text)
        return text

    def _take(self, part: types.Part) -> str:
        """Take a part and return its text; what the model thought aloud is none."""
        call = part.function_call
        if call is not None:
            call_id = call.id or f"call_{uuid4().hex[:16]}"
            opaque = packed_signature(part.thought_signature)
            self.calls.append(ToolCall(call_id, call.name or "", json.dumps(call.args or {}), opaque))
        return "" if part.thought else part.text or ""


def _usage(used: types.GenerateContentResponseUsageMetadata) -> TokenUsage | None:
    """Count each token once: Gemini's prompt includes the cached ones, its candidates exclude the thinking.

    A report that nothing at all was used is no report.
    """
    sent = (used.prompt_token_count or 0) + (used.tool_use_prompt_token_count or 0)
    cached = min(used.cached_content_token_count or 0, sent)
    if not sent and not used.candidates_token_count:
        return None
    return TokenUsage(
        input_tokens=sent - cached,
        cached_input_tokens=cached,
        output_tokens=used.candidates_token_count or 0,
        reasoning_tokens=used.thoughts_token_count or 0,
    )
