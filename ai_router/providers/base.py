"""What every provider adapter does, and how an HTTP answer becomes one of our errors."""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from ai_router.errors import (
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    InvalidRequestError,
    ModelNotFoundError,
    ProviderError,
    ProviderQuotaError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
)
from ai_router.types import EmbeddingAnswer, EmbeddingRequest, ProviderAnswer, ProviderRequest


class Provider(Protocol):
    """One vendor's interface, as the router uses it. Adapters raise `ProviderError` and nothing else."""

    async def complete(self, request: ProviderRequest) -> ProviderAnswer:
        """Ask for a whole answer."""

    def stream(self, request: ProviderRequest) -> AsyncGenerator[str | ProviderAnswer, None]:
        """Ask for an answer in pieces; the last item is the whole of it.

        An empty piece is a sign of life without text. Tool calls come with the last item. Closing the iterator closes the
        connection.
        """

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """Turn texts into vectors; a provider without embeddings raises `InvalidRequestError`."""

    async def list_models(self) -> list[str]:
        """Return the names of the models that the key may use: the cheapest question that shows whether it works."""

    async def close(self) -> None:
        """Close all connections."""


# Words of providers that say more than the status does; the first that fits decides.
ERRORS_BY_CODE: Mapping[str, type[ProviderError]] = {
    "insufficient_quota": ProviderQuotaError,
    "billing_hard_limit_reached": ProviderQuotaError,
    "billing_not_active": ProviderQuotaError,
    "context_length_exceeded": ContextLengthError,
    "content_filter": ContentFilterError,
    "content_policy_violation": ContentFilterError,
    "model_not_found": ModelNotFoundError,
}
ERRORS_BY_STATUS: Mapping[int, type[ProviderError]] = {
    401: AuthenticationError,
    402: ProviderQuotaError,
    403: AuthenticationError,
    404: ModelNotFoundError,
    408: ProviderTimeoutError,
    409: ProviderUnavailableError,
    425: ProviderUnavailableError,
    429: RateLimitError,
    504: ProviderTimeoutError,
}


def error_class(status: int, code: str = "") -> type[ProviderError]:
    """Return the class of error that an HTTP status and a provider's error code stand for."""
    by_code = ERRORS_BY_CODE.get(code)
    if by_code is not None and status < 500:
        return by_code
    if status in ERRORS_BY_STATUS:
        return ERRORS_BY_STATUS[status]
    return ProviderUnavailableError if status >= 500 else InvalidRequestError


def retry_after_seconds(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Return the provider's hint when to come back: `retry-after-ms`, or `Retry-After` in seconds or as a date."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    raw = headers.get("retry-after")
    seconds = _number(raw)
    if seconds is not None or not raw:
        return seconds
    try:
        moment = parsedate_to_datetime(raw)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _number(raw: str | None) -> float | None:
    """Read a number that is not negative."""
    try:
        value = float(raw or "")
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
