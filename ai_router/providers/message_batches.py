"""Anthropic's Message Batches: the requests go up in one body, the results come down as lines.

A batch of Anthropic's carries no key of ours; one whose id was lost is known by its size and its time, and in the end by
the names of its requests. Results are fetched below the client's own address, not at the one that the answer names: the
key goes nowhere else.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NoReturn

import anthropic
from anthropic.types import Message as AnthropicMessage
from httpx2 import HTTPError, Response

from ai_router.batch_types import BatchProgress, BatchResult
from ai_router.errors import MalformedAnswerError, ProviderError
from ai_router.providers.anthropic_form import STATUSES_OF_TYPES, arguments_of
from ai_router.providers.base import error_class
from ai_router.types import ProviderAnswer, ProviderRequest

ASK_SECONDS = 120.0
LISTED = 100
FAILURES = (anthropic.AnthropicError, HTTPError, ValueError, AttributeError)
# The SDK's own arguments beside the body.
NOT_IN_BODY = frozenset({"timeout", "extra_headers", "extra_body"})


class MessageBatches:
    """The batches of an Anthropic client; the adapter reads the messages."""

    name: str
    _client: anthropic.AsyncAnthropic

    def _answer(self, message: Any, request: ProviderRequest) -> ProviderAnswer:
        raise NotImplementedError

    def _fail(self, error: Exception, request: ProviderRequest) -> NoReturn:
        raise NotImplementedError

    async def send_batch(self, key: str, requests: Mapping[str, ProviderRequest], *, window_seconds: int) -> str:
        """Send the requests; a batch of Anthropic's always has a day."""
        entries: Any = [{"custom_id": name, "params": _params(request)} for name, request in requests.items()]
        try:
            return (await self._client.messages.batches.create(requests=entries, timeout=ASK_SECONDS)).id
        except FAILURES as error:
            self._fail(error, next(iter(requests.values())))

    async def find_batch(self, key: str, *, size: int, since: datetime, others: Collection[str]) -> str:
        """Return the newest batch of this size since then that is none of the others."""
        try:
            page = await self._client.messages.batches.list(limit=LISTED, timeout=ASK_SECONDS)
            for batch in page.data:
                if batch.id not in others and batch.created_at >= since and _total(batch) == size:
                    return batch.id
        except FAILURES as error:
            self._fail(error, _asking())
        return ""

    async def look_at_batch(self, batch_id: str) -> BatchProgress:
        """Return how a batch stands; Anthropic counts what is done when the batch ends."""
        try:
            batch = await self._client.messages.batches.retrieve(batch_id, timeout=ASK_SECONDS)
            state, total = batch.processing_status, _total(batch)
            expires_at = batch.expires_at if isinstance(batch.expires_at, datetime) else None
            return BatchProgress(state == "ended", total - batch.request_counts.processing, total, state, expires_at)
        except FAILURES as error:
            self._fail(error, _asking())

    async def read_batch(self, batch_id: str, *, model: str) -> list[BatchResult]:
        """Return the results."""
        try:
            response = await self._client.get(
                f"/v1/messages/batches/{batch_id}/results", cast_to=Response, options={"timeout": ASK_SECONDS}
            )
            lines = [json.loads(line) for line in response.content.splitlines() if line.strip()]
        except FAILURES as error:
            self._fail(error, _asking(model))
        return [self._result(line, model) for line in lines]

    async def cancel_batch(self, batch_id: str) -> None:
        """Ask Anthropic to stop."""
        try:
            await self._client.messages.batches.cancel(batch_id, timeout=ASK_SECONDS)
        except FAILURES as error:
            self._fail(error, _asking())

    async def forget_batch(self, batch_id: str) -> None:
        """Delete the batch and its results."""
        try:
            await self._client.messages.batches.delete(batch_id, timeout=ASK_SECONDS)
        except FAILURES as error:
            self._fail(error, _asking())

    def _result(self, line: Any, model: str) -> BatchResult:
        """Read a line of the results."""
        try:
            name, result = str(line["custom_id"]), line["result"]
            kind = result["type"]
            if kind == "succeeded":
                message = AnthropicMessage.construct(**result["message"])
                return BatchResult(name, self._answer(message, _asking(model)))
            if kind != "errored":
                return BatchResult(name)
            word = str(result["error"]["error"]["type"])
        except ProviderError as error:
            return BatchResult(name, error=error)
        except (KeyError, TypeError, AttributeError) as error:
            words = f"anthropic told a result without what it must have ({type(error).__name__})"
            raise MalformedAnswerError(words, provider=self.name, model=model) from error
        status = STATUSES_OF_TYPES.get(word, 500)
        failed = error_class(status, word)(
            f"anthropic answered {status} in a batch ({word[:80]})",
            provider=self.name,
            model=model,
            status_code=status,
        )
        return BatchResult(name, error=failed)


def _params(request: ProviderRequest) -> dict[str, Any]:
    """Return a request's body, as it goes into a batch."""
    arguments = arguments_of(request)
    more: dict[str, Any] = arguments.get("extra_body", {})
    return {name: value for name, value in arguments.items() if name not in NOT_IN_BODY} | more


def _total(batch: Any) -> int:
    counts = batch.request_counts
    found: int = counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired
    return found


def _asking(model: str = "") -> ProviderRequest:
    """Return what names a request that is none for an answer."""
    return ProviderRequest(model, (), 0)
