"""Errors as OpenAI's clients read them: one envelope, and headers that say whether and when to come back."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import UnionType
from typing import Any

from django.http import JsonResponse
from pydantic import ValidationError
from rest_framework import exceptions

from ai_router.api.bodies import BadBodyError
from ai_router.errors import (
    AllProvidersFailedError,
    ContentFilterError,
    ContextLengthError,
    EmbeddingInputError,
    InvalidRequestError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    RouterError,
)
from usage.errors import BudgetExceededError, UsageError

INVALID = "invalid_request_error"
SERVER = "server_error"
# Kinds of parts stand in the place of an error in pydantic's words, and not in the body.
PART_KINDS = frozenset({"text", "image_url", "refusal"})


@dataclass(eq=False)
class GatewayError(Exception):
    """An error with its place in OpenAI's envelope. `retry_after` is in seconds; None says that coming back is of no use."""

    status: int
    message: str
    kind: str = INVALID
    code: str | None = None
    param: str | None = None
    retry_after: float | None = None

    def body(self) -> dict[str, Any]:
        """Return the envelope."""
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}

    def response(self) -> JsonResponse:
        """Return the answer. The router has retried already, so clients are told not to, unless there is a time for it."""
        response = JsonResponse(self.body(), status=self.status)
        if self.retry_after is not None:
            response["Retry-After"] = str(max(1, math.ceil(self.retry_after)))
        is_worth_it = self.retry_after is not None and self.kind != "insufficient_quota"
        response["x-should-retry"] = "true" if is_worth_it else "false"
        if self.status == HTTPStatus.UNAUTHORIZED:
            response["WWW-Authenticate"] = 'Bearer realm="CareerAI"'
        return response


# How the last candidate failed: status, kind, code.
FAILURES: tuple[tuple[type[ProviderError], tuple[int, str, str]], ...] = (
    (ContextLengthError, (400, INVALID, "context_length_exceeded")),
    (ContentFilterError, (400, INVALID, "content_filter")),
    (InvalidRequestError, (400, INVALID, "refused_by_provider")),
    (ModelNotFoundError, (404, INVALID, "model_not_found")),
    (RateLimitError, (429, "rate_limit_error", "rate_limit_exceeded")),
    (ProviderTimeoutError, (504, SERVER, "timeout")),
)
OF_API: tuple[tuple[type[exceptions.APIException], str], ...] = (
    (exceptions.AuthenticationFailed, "invalid_api_key"),
    (exceptions.NotAuthenticated, "invalid_api_key"),
    (exceptions.Throttled, "rate_limit_exceeded"),
)


def gateway_error(error: Exception) -> GatewayError | None:
    """Return the error in OpenAI's words; None for a bug, which surfaces."""
    if isinstance(error, GatewayError):
        return error
    translate = next((translate for kind, translate in TRANSLATIONS if isinstance(error, kind)), None)
    return translate(error) if translate else None


def _of_form(error: ValidationError) -> GatewayError:
    """Name the first field at fault."""
    found = error.errors(include_url=False, include_context=False, include_input=False)[0]
    param = _path(found["loc"])
    code = "missing_required_parameter" if found["type"] == "missing" else "invalid_value"
    return GatewayError(400, f"{param or 'The body'}: {found['msg']}", code=code, param=param or None)


def _path(place: tuple[int | str, ...]) -> str:
    """Write a place as `messages[0].content`."""
    path = ""
    for before, part in zip((None, *place), place, strict=False):
        if isinstance(part, int):
            path += f"[{part}]"
        elif not (isinstance(before, int) and part in PART_KINDS):
            path += f".{part}" if path else part
    return path


def _of_api(error: exceptions.APIException) -> GatewayError:
    code = next((code for kind, code in OF_API if isinstance(error, kind)), None)
    kind = "rate_limit_error" if isinstance(error, exceptions.Throttled) else INVALID
    return GatewayError(error.status_code, str(error.detail), kind, code, retry_after=getattr(error, "wait", None))


def _of_providers(error: AllProvidersFailedError) -> GatewayError:
    last = error.last
    for kind, (status, word, code) in FAILURES:
        if isinstance(last, kind):
            # The words of our own errors name no person's text; which parameter a provider refused is worth knowing.
            is_at_fault = isinstance(last, InvalidRequestError | ModelNotFoundError | ContextLengthError)
            message = f"The provider refused the request: {last}." if is_at_fault else error.user_message
            return GatewayError(status, message, word, code, retry_after=last.retry_after)
    return GatewayError(HTTPStatus.BAD_GATEWAY, error.user_message, SERVER, error.code, retry_after=error.retry_after)


def _of_house(error: RouterError | UsageError) -> GatewayError:
    """Put errors of our own into the envelope: budgets as OpenAI's spent quota, limits as its rate limit."""
    seconds = _seconds(getattr(error, "retry_after", None) or getattr(error, "resets_at", None))
    if isinstance(error, BudgetExceededError):
        kind = "insufficient_quota"
        return GatewayError(HTTPStatus.TOO_MANY_REQUESTS, error.user_message, kind, kind, retry_after=seconds)
    status = error.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return GatewayError(status, error.user_message, "rate_limit_error", "rate_limit_exceeded", retry_after=seconds)
    kind = SERVER if status >= HTTPStatus.INTERNAL_SERVER_ERROR else INVALID
    param = "model" if status == HTTPStatus.NOT_FOUND else None
    return GatewayError(status, error.user_message, kind, error.code, param, retry_after=seconds)


def _of_text(error: EmbeddingInputError) -> GatewayError:
    """Say which text cannot be turned into a vector."""
    param = "input" if error.position is None else f"input[{error.position}]"
    return GatewayError(400, f"The input cannot be used: {error}.", code="invalid_value", param=param)


def _of_body(error: BadBodyError) -> GatewayError:
    return GatewayError(400, f"The body cannot be read: {error}.", code="invalid_json")


def _seconds(moment: float | datetime | None) -> float | None:
    return (moment - datetime.now(UTC)).total_seconds() if isinstance(moment, datetime) else moment


# By class, the narrower first.
TRANSLATIONS: tuple[tuple[type[Exception] | UnionType, Callable[[Any], GatewayError]], ...] = (
    (ValidationError, _of_form),
    (BadBodyError, _of_body),
    (exceptions.APIException, _of_api),
    (AllProvidersFailedError, _of_providers),
    (EmbeddingInputError, _of_text),
    (RouterError | UsageError, _of_house),
)
