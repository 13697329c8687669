"""The rest of the world through LiteLLM: only where the extra `litellm` is installed, and then imported on first use.

A model's name is LiteLLM's, `<its provider>/<its model>`, such as `mistral/mistral-small-latest`; its keys are read from the
environment as LiteLLM does (`MISTRAL_API_KEY`, …), unless the site gives one for all. It takes and gives OpenAI's form, so the
same code writes requests and reads answers as for everyone of that form. Its own retries, caches and look-ups are off. The
bound on what is read holds for streams; a whole answer is LiteLLM's to read.
"""

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any, NoReturn

from ai_router.errors import (
    AuthenticationError,
    ContentFilterError,
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
from ai_router.providers.base import error_class, retry_after_seconds
from ai_router.providers.chat_answer import Parts
from ai_router.providers.chat_request import Dialect, chat_body
from ai_router.providers.embedding_form import embedding_body, read_embeddings
from ai_router.types import EmbeddingAnswer, EmbeddingRequest, FinishReason, ProviderAnswer, ProviderRequest

# Without this, importing it asks the network for a list of prices, which are not used here.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
try:
    import litellm
    import openai
except ImportError as error:
    message = "litellm needs its package: install the extra `litellm`"
    raise ImportError(message) from error

litellm.suppress_debug_info = True

# Its classes say more than the status does; the first that fits decides.
ERRORS: tuple[tuple[type[Exception], type[ProviderError]], ...] = (
    (litellm.exceptions.ContextWindowExceededError, ContextLengthError),
    (litellm.exceptions.ContentPolicyViolationError, ContentFilterError),
    (litellm.exceptions.UnsupportedParamsError, InvalidRequestError),
    (litellm.exceptions.AuthenticationError, AuthenticationError),
    (litellm.exceptions.Timeout, ProviderTimeoutError),
    (openai.APITimeoutError, ProviderTimeoutError),
)
# Beside those of its form, it lets errors of its own code through.
FAILURES = (openai.OpenAIError, ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError, OSError)
QUOTA_WORDS = ("insufficient_quota", "billing")


class LiteLLMProvider:
    """A client of LiteLLM, which is a library and keeps the connections itself."""

    name = "litellm"
    dialect = Dialect(bound="max_tokens", takes_documents=True)

    def __init__(self, *, api_key: str = "", base_url: str = "") -> None:
        """Keep the key and the address, where the site has one for all of its models; else LiteLLM finds them."""
        self._given = {name: value for name, value in (("api_key", api_key), ("api_base", base_url)) if value}

    async def complete(self, request: ProviderRequest) -> ProviderAnswer:
        """Ask for a whole answer."""
        try:
            answer = await litellm.acompletion(**self._arguments(request, is_stream=False))
            body = answer.model_dump()
        except FAILURES as error:
            self._fail(error, request)
        parts = Parts(_request_id(answer))
        parts.take(body)
        if not parts.finish_reason or not (parts.written or parts.usage):
            raise self._malformed("no choice", parts, request)
        return self._checked(parts, request)

    async def stream(self, request: ProviderRequest) -> AsyncGenerator[str | ProviderAnswer, None]:
        """Ask for an answer in pieces; the last item is the whole of it, with the usage that closes the stream."""
        try:
            stream = await litellm.acompletion(**self._arguments(request, is_stream=True))
        except FAILURES as error:
            self._fail(error, request)
        parts = Parts(_request_id(stream))
        try:
            async for chunk in stream:
                yield parts.take(chunk.model_dump())
                if parts.is_too_long:
                    raise self._malformed(f"more than {parts.size} characters", parts, request)
        except FAILURES as error:
            if not parts.written and isinstance(error, openai.OpenAIError):
                self._fail(error, request)
            raise self._interrupted(f"broke off the stream ({type(error).__name__})", parts, request) from error
        finally:
            with suppress(*FAILURES):
                await stream.aclose()
        # It makes up an end, and a usage, where there was none; what it was told itself it keeps apart.
        if not getattr(stream, "received_finish_reason", parts.finish_reason):
            parts.usage = None
            raise self._interrupted("ended the stream before its end", parts, request)
        yield self._checked(parts, request)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """Turn texts into vectors."""
        try:
            found = await litellm.aembedding(
                **embedding_body(request, is_packed=False), **self._given, timeout=request.timeout_seconds, **_HANDS_OFF
            )
            body = found.model_dump()
        except FAILURES as error:
            self._fail(error, request)
        return read_embeddings(body, request, provider=self.name, request_id=_request_id(found))

    async def list_models(self) -> list[str]:
        """Return the models whose keys LiteLLM finds in the environment; nobody is asked."""
        return sorted(map(str, litellm.get_valid_models()))

    async def close(self) -> None:
        """Leave LiteLLM's connections to it: they belong to the process."""

    def _arguments(self, request: ProviderRequest, *, is_stream: bool) -> dict[str, Any]:
        """Return what LiteLLM is called with; what a model does not take is left out, but for tools."""
        body = chat_body(request, self.dialect, provider=self.name, is_stream=is_stream)
        if request.tools and "tools" not in (litellm.get_supported_openai_params(model=request.model) or ()):
            message = f"litellm knows no tools of {request.model!r}"
            raise InvalidRequestError(message, provider=self.name, model=request.model)
        if request.client_request_id:
            body["extra_headers"] = {"X-Client-Request-Id": request.client_request_id}
        if request.tools:
            # Without it, 1.106 looks for tools of MCP servers, by a package that it does not require.
            body["_skip_mcp_handler"] = True
        return {**body, **self._given, "timeout": request.timeout_seconds, **_HANDS_OFF}

    def _checked(self, parts: Parts, request: ProviderRequest) -> ProviderAnswer:
        """Return the answer, or raise where it is a refusal; a refusal is billed."""
        reason = parts.reason
        if parts.refusal or reason is FinishReason.CONTENT_FILTER:
            raise RefusalError("litellm: the model refused", **self._about(parts, request))
        if parts.is_too_long:
            raise self._malformed(f"{parts.size} characters", parts, request)
        return ProviderAnswer(
            parts.text, request.model, parts.usage, reason, parts.request_id, parts.tool_calls, parts.service_tier
        )

    def _malformed(self, what: str, parts: Parts, request: ProviderRequest) -> MalformedAnswerError:
        return MalformedAnswerError(f"litellm answered with {what}", **self._about(parts, request))

    def _interrupted(self, what: str, parts: Parts, request: ProviderRequest) -> StreamInterruptedError:
        """Return the error of a stream without its end; usage that was told before all was written is none."""
        about = self._about(parts, request)
        told = parts.usage
        return StreamInterruptedError(
            f"litellm {what}", **about | {"usage": told if told and told.total_output_tokens else None}
        )

    def _about(self, parts: Parts, request: ProviderRequest) -> dict[str, Any]:
        return {
            "provider": self.name,
            "model": request.model,
            "request_id": parts.request_id,
            "usage": parts.usage,
            "written": parts.written,
        }

    def _fail(self, error: Exception, request: ProviderRequest | EmbeddingRequest) -> NoReturn:
        """Raise our error for one of LiteLLM's. Its message is not repeated: it may quote the request or the key."""
        if isinstance(error, ProviderError):
            raise error
        # An error inside a stream comes wrapped.
        error = getattr(error, "original_exception", None) or error
        names: dict[str, Any] = {"provider": self.name, "model": request.model}
        status = getattr(error, "status_code", None)
        status = status if isinstance(status, int) else 0
        is_known = any(isinstance(error, kind) for kind, _ in ERRORS)
        if is_known or (status >= 400 and not isinstance(error, openai.APIConnectionError)):
            headers = _headers(error)
            raise _class_of(error, status)(
                f"litellm: {type(error).__name__}" + (f" ({status})" if status else ""),
                status_code=status or None,
                request_id=headers.get("x-request-id", ""),
                retry_after=retry_after_seconds(headers),
                **names,
            ) from error
        kind = (
            ProviderConnectionError if isinstance(error, openai.APIConnectionError | OSError) else MalformedAnswerError
        )
        raise kind(f"litellm: {type(error).__name__}", **names) from error


# Retries are the router's to make and to count, and parameters that a model does not take are left out.
_HANDS_OFF: Mapping[str, Any] = {"num_retries": 0, "max_retries": 0, "drop_params": True, "caching": False}


def _class_of(error: Exception, status: int) -> type[ProviderError]:
    """Return our class for one of LiteLLM's errors: its own class says more than the status, its words tell a spent quota."""
    said = str(error)
    if status in {400, 402, 403, 429} and any(word in said for word in QUOTA_WORDS):
        return ProviderQuotaError
    named = next((ours for theirs, ours in ERRORS if isinstance(error, theirs)), None)
    return named or error_class(status or 500, message=said)


def _headers(error: Exception) -> dict[str, str]:
    """Return the headers of an answer that was an error, as far as LiteLLM kept them."""
    for kept in (
        getattr(error, "litellm_response_headers", None),
        getattr(getattr(error, "response", None), "headers", None),
    ):
        if kept:
            return {str(name).lower().removeprefix("llm_provider-"): str(value) for name, value in dict(kept).items()}
    return {}


def _request_id(answer: Any) -> str:
    """Return the provider's id of a request, where LiteLLM kept it."""
    hidden = getattr(answer, "_hidden_params", None)
    headers = hidden.get("additional_headers") if isinstance(hidden, Mapping) else None
    found = headers.get("llm_provider-x-request-id") if isinstance(headers, Mapping) else None
    return found if isinstance(found, str) else ""
