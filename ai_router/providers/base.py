"""What every provider adapter does, and how an HTTP answer becomes one of our errors."""

import re
from collections.abc import AsyncGenerator, Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from ai_router.batch_types import BatchProgress, BatchResult
from ai_router.errors import (
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    InvalidRequestError,
    MalformedAnswerError,
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


class BatchProvider(Protocol):
    """What an adapter does besides where its vendor takes batches (`ProviderRow.has_batches`).

    Requests have names, by which results are told apart. `key` is ours: by it a batch is found again whose id was lost.
    """

    async def send_batch(self, key: str, requests: Mapping[str, ProviderRequest], *, window_seconds: int) -> str:
        """Send requests of one model together, and return the vendor's id of the batch; an error of 4xx made none."""

    async def find_batch(self, key: str, *, size: int, since: datetime, others: Collection[str]) -> str:
        """Return the id of the batch that was sent with the key; empty where there is none.

        A vendor that keeps no key gives the newest one of this size that is not younger than `since` and not among `others`.
        """

    async def look_at_batch(self, batch_id: str) -> BatchProgress:
        """Return how a batch stands."""

    async def read_batch(self, batch_id: str, *, model: str) -> list[BatchResult]:
        """Return the results of a batch that has ended, in any order; what was not done may be missing.

        Of one that has not, what there is already: a vendor that shows nothing before the end has none, or fails.
        """

    async def cancel_batch(self, batch_id: str) -> None:
        """Ask the vendor to stop; the batch ends some minutes later, with what was done until then."""

    async def forget_batch(self, batch_id: str) -> None:
        """Have the vendor delete what it keeps of a batch that has ended."""


# Longer than any model writes (some 400,000 tokens): a stream that grows past this is cut.
MAX_TEXT_CHARACTERS = 2_000_000

# Words of providers that say more than the status does; the first that fits decides.
ERRORS_BY_CODE: Mapping[str, type[ProviderError]] = {
    "insufficient_quota": ProviderQuotaError,
    "billing_hard_limit_reached": ProviderQuotaError,
    "billing_not_active": ProviderQuotaError,
    "context_length_exceeded": ContextLengthError,
    "content_filter": ContentFilterError,
    "content_policy_violation": ContentFilterError,
    "model_not_found": ModelNotFoundError,
    "model_decommissioned": ModelNotFoundError,
    # Groq's words for an answer of its model's that did not fit the form, or called no tool that there is.
    "json_validate_failed": MalformedAnswerError,
    "tool_use_failed": MalformedAnswerError,
    "rate_limit_exceeded": RateLimitError,
}
# What providers without such codes say in their message with status 400, 404 or 413.
ERRORS_BY_WORDS: tuple[tuple[re.Pattern[str], type[ProviderError]], ...] = (
    (re.compile(r"(context|prompt) (length|window|size)|maximum prompt|too many tokens", re.I), ContextLengthError),
    (re.compile(r"(incorrect|invalid) api key", re.I), AuthenticationError),
    (re.compile(r"model\b.{0,200}\b(not found|does not exist|not exist)", re.I | re.S), ModelNotFoundError),
)
STATUSES_OF_WORDS = frozenset({400, 404, 413, 422})
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
# Single requests of a batch fail with codes of gRPC at vendors who speak that among themselves.
STATUSES_OF_GRPC: Mapping[int, int] = {
    1: 499,
    3: 400,
    4: 504,
    5: 404,
    7: 403,
    8: 429,
    9: 400,
    13: 500,
    14: 503,
    16: 401,
}
LOWEST_STATUS, HIGHEST_STATUS = 100, 599


def status_of_grpc(code: int | None) -> int:
    """Return the HTTP status that a code of gRPC stands for; one that is a status already stays as it is."""
    if code is not None and LOWEST_STATUS <= code <= HIGHEST_STATUS:
        return code
    return STATUSES_OF_GRPC.get(code or 0, 500)


def error_class(status: int, code: str = "", message: str = "") -> type[ProviderError]:
    """Return the class of error that an HTTP status, a provider's error code and its words stand for."""
    by_code = ERRORS_BY_CODE.get(code)
    if by_code is not None and status < 500:
        return by_code
    if status in STATUSES_OF_WORDS:
        by_words = next((found for words, found in ERRORS_BY_WORDS if words.search(message)), None)
        if by_words is not None:
            return by_words
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
