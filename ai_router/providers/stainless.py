"""A provider of the Chat Completions form behind an SDK that Stainless generated: those of OpenAI and Groq.

Both SDKs share their machinery, so one class serves them and all who speak their form. Requests go through the SDK's
`post`, which signs, sends, times out and reports errors, and answers are read as plain JSON: the SDKs' typed methods
build a pydantic object for each chunk, which took half of the time of a call.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from types import ModuleType
from typing import Any, NoReturn

from ai_router.errors import (
    MalformedAnswerError,
    ProviderConnectionError,
    ProviderError,
    ProviderTimeoutError,
    RefusalError,
    StreamInterruptedError,
)
from ai_router.providers.base import error_class, retry_after_seconds
from ai_router.providers.chat_answer import Parts, read_json, text_in
from ai_router.providers.chat_request import Dialect, chat_body
from ai_router.providers.embedding_form import embedding_body, read_embeddings
from ai_router.providers.event_stream import EventReader
from ai_router.providers.transport import END_OF_STREAM, AnswerTooLargeError
from ai_router.types import (
    EmbeddingAnswer,
    EmbeddingRequest,
    FinishReason,
    ProviderAnswer,
    ProviderRequest,
)

CONNECT_SECONDS = 5.0
CODE_CHARACTERS = 80
# What a server sends that has not understood that a stream was asked for, or something in between that answers.
NO_STREAM = ("text/html", "application/json")


class StainlessProvider:
    """A client of one vendor; a subclass names it, builds the SDK's client and says how its form differs."""

    name: str
    dialect = Dialect()
    path = ""
    # Whether the SDK leaves the address as it is, whatever model is asked.
    is_at_one_address = True

    def __init__(self, client: Any, *, sdk: ModuleType, http: ModuleType, api_key: str) -> None:
        """Keep the SDK's client, its module and the HTTP library under it."""
        self._client, self._sdk, self._http, self._api_key = client, sdk, http, api_key
        # Put together once, an address has to be read once less with every request.
        self._root = f"{str(client.base_url).rstrip('/')}{self.path}" if self.is_at_one_address else self.path
        self._errors = (sdk.APIError, http.HTTPError, http.StreamError, AnswerTooLargeError, ValueError, RecursionError)

    async def complete(self, request: ProviderRequest) -> ProviderAnswer:
        """Ask for a whole answer."""
        body = chat_body(request, self.dialect, provider=self.name, is_stream=False)
        content, request_id = await self._post("/chat/completions", body, request)
        return self._answer(content, Parts(request_id), request)

    async def stream(self, request: ProviderRequest) -> AsyncGenerator[str | ProviderAnswer, None]:
        """Ask for an answer in pieces; the last item is the whole of it, with the usage that closes the stream."""
        body = chat_body(request, self.dialect, provider=self.name, is_stream=True)
        async for item in self._stream("/chat/completions", body, request, Parts()):
            yield item

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """Turn texts into vectors."""
        body = embedding_body(request, is_packed=self.dialect.packs_vectors)
        content, request_id = await self._post("/embeddings", body, request)
        found = read_json(content, provider=self.name, model=request.model, request_id=request_id)
        return read_embeddings(found, request, provider=self.name, request_id=request_id)

    async def list_models(self) -> list[str]:
        """Return the names of the models that the key may use."""
        nothing = ProviderRequest("", (), 0, timeout_seconds=30.0)
        try:
            response = await self._client.get(
                f"{self.path}/models", cast_to=self._http.Response, options=self._options(nothing)
            )
        except self._errors as error:
            self._fail(error, nothing)
        rows = read_json(response.content, provider=self.name, model="").get("data")
        rows = rows if isinstance(rows, list) else []
        return sorted(filter(None, (text_in(row, "id") for row in rows if isinstance(row, Mapping))))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _post(
        self, path: str, body: dict[str, Any], request: ProviderRequest | EmbeddingRequest
    ) -> tuple[bytes, str]:
        """Send a request and return the body of its answer, unread, and its id."""
        try:
            response = await self._client.post(
                self._root + path, cast_to=self._http.Response, body=body, options=self._options(request)
            )
        except self._errors as error:
            self._fail(error, request)
        return response.content, response.headers.get("x-request-id", "")

    async def _stream(
        self, path: str, body: dict[str, Any], request: ProviderRequest, parts: Parts
    ) -> AsyncGenerator[str | ProviderAnswer, None]:
        """Send a request for a stream and yield its text, and the whole answer last."""
        try:
            response = await self._client.post(
                self._root + path, cast_to=self._http.Response, body=body, options=self._options(request), stream=True
            )
        except self._errors as error:
            self._fail(error, request)
        parts.request_id = response.headers.get("x-request-id", "")
        try:
            async for text in self._texts(response, parts, request):
                yield text
        except self._errors as error:
            raise self._interrupted(f"broke off the stream ({type(error).__name__})", parts, request) from error
        finally:
            await response.aclose()
        if not parts.finish_reason:
            raise self._interrupted("ended the stream before its end", parts, request)
        yield self._checked(parts, request)

    async def _texts(self, response: Any, parts: Parts, request: ProviderRequest) -> AsyncIterator[str]:
        """Yield the text of each chunk; an answer that has no end, or is no stream, is not read on."""
        if response.headers.get("content-type", "").partition(";")[0].strip() in NO_STREAM:
            raise self._malformed("no stream", parts, request)
        reader = EventReader()
        async for piece in response.stream:
            for data in reader.feed(piece):
                if data.startswith(END_OF_STREAM):
                    return
                yield parts.take(self._chunk(data, parts, request))
                if parts.is_too_long:
                    raise self._malformed(f"more than {parts.size} characters", parts, request)

    def _chunk(self, data: bytes, parts: Parts, request: ProviderRequest) -> Mapping[str, Any]:
        """Read a chunk of a stream."""
        chunk = json.loads(data.decode())
        if not isinstance(chunk, Mapping):
            raise self._malformed("a chunk that is no object", parts, request)
        if chunk.get("error"):
            raise self._interrupted("broke off the stream (with an error)", parts, request)
        return chunk

    def _options(self, request: ProviderRequest | EmbeddingRequest) -> dict[str, Any]:
        """Return what the SDK is told of a request beside its body."""
        headers = {"X-Client-Request-Id": request.client_request_id} if request.client_request_id else {}
        if isinstance(request, ProviderRequest) and request.trace_parent:
            headers["traceparent"] = request.trace_parent
        key = request.prompt_cache_key if isinstance(request, ProviderRequest) else ""
        if key and "-" in self.dialect.cache_key:
            headers[self.dialect.cache_key] = key
        return {"timeout": self._sdk.Timeout(request.timeout_seconds, connect=CONNECT_SECONDS), "headers": headers}

    def _answer(self, content: bytes, parts: Parts, request: ProviderRequest) -> ProviderAnswer:
        """Read a whole answer, which may lack what the form promises."""
        body = read_json(content, provider=self.name, model=request.model, request_id=parts.request_id)
        parts.take(body)
        if not parts.finish_reason and not parts.written:
            raise self._malformed("no choice", parts, request)
        if parts.is_too_long:
            raise self._malformed(f"{parts.size} characters", parts, request)
        return self._checked(parts, request)

    def _checked(self, parts: Parts, request: ProviderRequest) -> ProviderAnswer:
        """Return the answer, or raise where it is a refusal; a refusal is billed."""
        reason = parts.reason
        if parts.refusal or reason is FinishReason.CONTENT_FILTER:
            raise RefusalError(
                f"{self.name} refused" if parts.refusal else f"{self.name} filtered its answer",
                provider=self.name,
                model=request.model,
                request_id=parts.request_id,
                usage=parts.usage,
                written=parts.written,
            )
        return ProviderAnswer(
            parts.text, request.model, parts.usage, reason, parts.request_id, parts.tool_calls, parts.service_tier
        )

    def _malformed(self, what: str, parts: Parts, request: ProviderRequest) -> MalformedAnswerError:
        return MalformedAnswerError(
            f"{self.name} answered with {what}",
            provider=self.name,
            model=request.model,
            request_id=parts.request_id,
            usage=parts.usage,
            written=parts.written,
        )

    def _interrupted(self, what: str, parts: Parts, request: ProviderRequest) -> StreamInterruptedError:
        """Return the error of a stream without its end; usage that was told before all was written is none."""
        told = parts.usage
        return StreamInterruptedError(
            f"{self.name} {what}",
            provider=self.name,
            model=request.model,
            request_id=parts.request_id,
            usage=told if told and (told.total_output_tokens or not parts.written) else None,
            written=parts.written,
        )

    def _fail(self, error: Exception, request: ProviderRequest | EmbeddingRequest) -> NoReturn:
        """Raise our error for one of the SDK's. Its message is not repeated: it may quote the request or the key."""
        names: dict[str, Any] = {"provider": self.name, "model": request.model}
        if isinstance(error, self._sdk.APIStatusError):
            code, param, message = self._said(error.response)
            headers, status = error.response.headers, error.status_code
            said = ", ".join(filter(None, (code, param and f"parameter {param!r}")))
            raise error_class(status, code, message)(
                f"{self.name} answered {status}" + (f" ({said})" if said else ""),
                status_code=status,
                request_id=headers.get("x-request-id", ""),
                retry_after=retry_after_seconds(headers),
                **names,
            ) from error
        cause = error.__cause__
        kind: type[ProviderError] = MalformedAnswerError
        what = type(error).__name__
        if isinstance(cause, AnswerTooLargeError):
            what = "the answer is too large"
        elif isinstance(cause, self._http.ReadError):
            what = "the answer broke off"
        elif isinstance(error, self._sdk.APIConnectionError):
            # No connection in time means that nobody is there: the request was not sent.
            is_late = isinstance(error, self._sdk.APITimeoutError) and not isinstance(cause, self._http.ConnectTimeout)
            kind = ProviderTimeoutError if is_late else ProviderConnectionError
        raise kind(f"{self.name}: {what}", **names) from error

    def _said(self, response: Any) -> tuple[str, str, str]:
        """Return code, parameter and message of an error's body; the message is for telling errors apart only."""
        try:
            body = response.json()
        except (ValueError, RecursionError, self._http.StreamError):
            return "", "", ""
        inner = body.get("error") if isinstance(body, Mapping) else None
        if isinstance(inner, Mapping):
            message, code = text_in(inner, "message"), text_in(inner, "code") or text_in(inner, "type")
            return self._word(code), self._word(text_in(inner, "param")), message
        if isinstance(body, Mapping):
            return self._word(text_in(body, "code")), "", inner if isinstance(inner, str) else text_in(body, "message")
        return "", "", ""

    def _word(self, said: str) -> str:
        """Return a short word of the provider's; nothing that could be more than that."""
        is_word = len(said) <= CODE_CHARACTERS and not (self._api_key and self._api_key in said)
        return said if is_word else ""
