"""Gemini through the retired SDK, `google-generativeai`: only where the extra `legacy-gemini` is installed.

A thin adapter for sites that must stay with it. It uses the client underneath that SDK, which keeps a key for each
client where the SDK's own functions keep one for the process. That client blocks, so it works in threads; a call that is
given up goes on in its thread until its time is over. Its answers know neither the ids of tool calls nor thoughts.
"""

import asyncio
import warnings
from collections.abc import AsyncGenerator, Iterable
from typing import Any, NoReturn

from ai_router.errors import (
    ContentFilterError,
    InvalidRequestError,
    MalformedAnswerError,
    ProviderConnectionError,
    ProviderError,
    ProviderTimeoutError,
    RefusalError,
    StreamInterruptedError,
)
from ai_router.providers.base import MAX_TEXT_CHARACTERS, error_class, retry_after_seconds
from ai_router.providers.legacy_gemini_form import Parts, request_of
from ai_router.providers.transport import AnswerTooLargeError
from ai_router.types import EmbeddingAnswer, EmbeddingRequest, FinishReason, ProviderAnswer, ProviderRequest

try:
    with warnings.catch_warnings():
        # The retired packages warn of themselves.
        warnings.simplefilter("ignore")
        import requests
        from google.ai import generativelanguage as language
        from google.api_core import exceptions

        from ai_router.providers.legacy_gemini_transport import bound_answers
except ImportError as error:
    message = "legacy_gemini needs the retired SDK: install the extra `legacy-gemini`, or use `gemini`"
    raise ImportError(message) from error

FAILURES = (exceptions.GoogleAPIError, requests.RequestException, ValueError, TypeError)
END = object()


class LegacyGeminiProvider:
    """A client of Gemini's older interface."""

    name = "legacy_gemini"

    def __init__(self, *, api_key: str, base_url: str = "") -> None:
        """Keep the key and the address; the connection is made at the first request."""
        options = {"api_key": api_key} | ({"api_endpoint": base_url} if base_url else {})
        self._writer = language.GenerativeServiceClient(transport="rest", client_options=options)
        self._lister = language.ModelServiceClient(transport="rest", client_options=options)
        for client in (self._writer, self._lister):
            # The SDK offers no way to its session, and no bound of its own.
            bound_answers(client.transport._session)  # noqa: SLF001

    async def complete(self, request: ProviderRequest) -> ProviderAnswer:
        """Ask for a whole answer."""
        try:
            response = await asyncio.to_thread(
                self._writer.generate_content,
                request_of(request, language),
                retry=None,
                timeout=request.timeout_seconds,
                metadata=_metadata(request),
            )
        except FAILURES as error:
            self._fail(error, request)
        parts = Parts()
        parts.take(type(response).to_dict(response, use_integers_for_enums=False))
        if not parts.finish_reason and not parts.block_reason:
            raise MalformedAnswerError(
                "legacy_gemini answered without a candidate", provider=self.name, model=request.model, usage=parts.usage
            )
        return self._checked(parts, request)

    async def stream(self, request: ProviderRequest) -> AsyncGenerator[str | ProviderAnswer, None]:
        """Ask for an answer in pieces; the last item is the whole of it."""
        try:
            stream: Any = await asyncio.to_thread(
                self._writer.stream_generate_content,
                request_of(request, language),
                retry=None,
                timeout=request.timeout_seconds,
                metadata=_metadata(request),
            )
        except FAILURES as error:
            self._fail(error, request)
        parts = Parts()
        try:
            while (response := await asyncio.to_thread(_next, stream)) is not END:
                piece = parts.take(type(response).to_dict(response, use_integers_for_enums=False))
                if parts.size > MAX_TEXT_CHARACTERS:
                    raise self._too_large(parts, request)
                yield piece
        except AnswerTooLargeError as error:
            raise self._too_large(parts, request) from error
        except FAILURES as error:
            raise self._interrupted(f"broke off the stream ({type(error).__name__})", parts, request) from error
        finally:
            stream.cancel()
        if not parts.finish_reason and not parts.block_reason:
            raise self._interrupted("ended the stream before its end", parts, request)
        yield self._checked(parts, request)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """Turn texts into vectors; how many tokens they were is not said."""
        model = f"models/{request.model}"
        more = {"output_dimensionality": request.dimensions} if request.dimensions else {}
        rows = [{"model": model, "content": {"parts": [{"text": text}]}, **more} for text in request.texts]
        try:
            found = await asyncio.to_thread(
                self._writer.batch_embed_contents,
                language.BatchEmbedContentsRequest(model=model, requests=rows),
                retry=None,
                timeout=request.timeout_seconds,
            )
        except FAILURES as error:
            self._fail(error, request)
        vectors = tuple(tuple(embedding.values) for embedding in found.embeddings)
        if len(vectors) != len(request.texts):
            raise MalformedAnswerError("legacy_gemini left out a vector", provider=self.name, model=request.model)
        return EmbeddingAnswer(vectors, request.model, None)

    async def list_models(self) -> list[str]:
        """Return the names of the models that the key may use."""
        try:
            return await asyncio.to_thread(self._list)
        except FAILURES as error:
            self._fail(error, ProviderRequest("", (), 0))

    def _list(self) -> list[str]:
        found: Iterable[Any] = self._lister.list_models(language.ListModelsRequest(page_size=1000), retry=None)
        return sorted(model.name.removeprefix("models/") for model in found)

    async def close(self) -> None:
        """Close all connections."""
        self._writer.transport.close()
        self._lister.transport.close()

    def _checked(self, parts: Parts, request: ProviderRequest) -> ProviderAnswer:
        """Return the answer, or raise where it was refused: a refusal is billed."""
        names: dict[str, Any] = {"provider": self.name, "model": request.model, "usage": parts.usage}
        if parts.block_reason:
            raise ContentFilterError(f"gemini did not take the request ({parts.block_reason})", **names)
        reason = parts.reason
        if reason is FinishReason.CONTENT_FILTER:
            raise RefusalError(f"gemini filtered its answer ({parts.finish_reason})", written=parts.written, **names)
        return ProviderAnswer(parts.text, request.model, parts.usage, reason, "", tuple(parts.calls))

    def _interrupted(self, what: str, parts: Parts, request: ProviderRequest) -> StreamInterruptedError:
        return StreamInterruptedError(
            f"legacy_gemini {what}", provider=self.name, model=request.model, written=parts.written
        )

    def _too_large(self, parts: Parts, request: ProviderRequest) -> MalformedAnswerError:
        message = "legacy_gemini wrote more than any answer has"
        return MalformedAnswerError(message, provider=self.name, model=request.model, written=parts.written)

    def _fail(self, error: Exception, request: ProviderRequest | EmbeddingRequest) -> NoReturn:
        """Raise our error for one of the SDK's. Its message is not repeated: it may quote the request."""
        names: dict[str, Any] = {"provider": self.name, "model": request.model}
        if isinstance(error, exceptions.GoogleAPICallError) and error.code:
            status = int(error.code)
            is_key = "API key not valid" in str(error.message)
            headers = getattr(error.response, "headers", None) or {}
            raise error_class(401 if is_key else status)(
                f"legacy_gemini answered {status}",
                status_code=status,
                retry_after=retry_after_seconds({name.lower(): value for name, value in headers.items()}),
                **names,
            ) from error
        kind: type[ProviderError] = MalformedAnswerError
        if isinstance(error, requests.ConnectionError):
            kind = ProviderConnectionError
        elif isinstance(error, requests.Timeout | exceptions.RetryError):
            kind = ProviderTimeoutError
        elif isinstance(error, TypeError):
            kind = InvalidRequestError
        raise kind(f"legacy_gemini: {type(error).__name__}", **names) from error


def _next(stream: Any) -> Any:
    """Return the next piece, or `END`."""
    return next(stream, END)


def _metadata(request: ProviderRequest) -> list[tuple[str, str]]:
    """Return our id of the call, as a header."""
    return [("x-client-request-id", request.client_request_id)] if request.client_request_id else []
