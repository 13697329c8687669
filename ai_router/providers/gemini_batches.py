"""Gemini's batches: the requests go up in one body, and the answers come down in the batch itself.

A batch has our key for its display name, by which it is found again, and each request the name that its answer comes back
with (google-genai, `batches`; https://ai.google.dev/gemini-api/docs/batch-api).
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn

import aiohttp
from google.genai import errors, types

from ai_router.batch_types import BatchProgress, BatchResult
from ai_router.errors import MalformedAnswerError, ProviderError
from ai_router.providers.base import error_class, status_of_grpc
from ai_router.providers.gemini_form import config_of, contents_of
from ai_router.types import EmbeddingRequest, ProviderAnswer, ProviderRequest

FAILURES = (errors.APIError, aiohttp.ClientError, TimeoutError, ValueError)
ASK_SECONDS = 120.0
LISTED, MOST_LISTED = 100, 2_000
# What a request carries its name in.
NAME = "name"
# A batch that has waited or run for longer is ended by Gemini, without results.
LIFETIME = timedelta(hours=48)


class GeminiBatches:
    """The batches of a client of Gemini; the adapter reads the answers."""

    name: str

    def _sdk(self) -> Any:
        raise NotImplementedError

    def _answer(self, response: types.GenerateContentResponse, request: ProviderRequest) -> ProviderAnswer:
        raise NotImplementedError

    def _fail(self, error: Exception, request: ProviderRequest | EmbeddingRequest) -> NoReturn:
        raise NotImplementedError

    async def send_batch(self, key: str, requests: Mapping[str, ProviderRequest], *, window_seconds: int) -> str:
        """Send the requests; Gemini knows one time only."""
        first = next(iter(requests.values()))
        try:
            inlined = [
                types.InlinedRequest(contents=contents_of(request), config=_config(request), metadata={NAME: name})
                for name, request in requests.items()
            ]
            made = await self._sdk().batches.create(
                model=first.model,
                src=inlined,
                config=types.CreateBatchJobConfig(display_name=key, http_options=_options()),
            )
        except FAILURES as error:
            self._fail(error, first)
        if not made.name:
            message = "gemini made a batch without a name"
            raise MalformedAnswerError(message, provider=self.name, model=first.model)
        batch_id: str = made.name
        return batch_id

    async def find_batch(self, key: str, *, size: int, since: datetime, others: Collection[str]) -> str:
        """Return the name of the batch that carries the key."""
        try:
            pages = await self._sdk().batches.list(
                config=types.ListBatchJobsConfig(page_size=LISTED, http_options=_options())
            )
            seen = 0
            async for job in pages:
                if job.display_name == key:
                    return job.name or ""
                seen += 1
                if seen >= MOST_LISTED:
                    break
        except FAILURES as error:
            self._fail(error, _asking())
        return ""

    async def look_at_batch(self, batch_id: str) -> BatchProgress:
        """Return how a batch stands; Gemini does not say how many of its requests are done."""
        job = await self._job(batch_id)
        state = str(job.state.value if job.state else "").removeprefix("JOB_STATE_").lower()
        expires_at = job.create_time + LIFETIME if job.create_time else None
        done = len(_responses(job)) if job.done else 0
        return BatchProgress(job.done, done, done, state, expires_at)

    async def read_batch(self, batch_id: str, *, model: str) -> list[BatchResult]:
        """Return the answers that the batch has."""
        return [self._result(response, model) for response in _responses(await self._job(batch_id))]

    async def cancel_batch(self, batch_id: str) -> None:
        """Ask Gemini to stop."""
        try:
            await self._sdk().batches.cancel(name=batch_id, config=types.CancelBatchJobConfig(http_options=_options()))
        except FAILURES as error:
            self._fail(error, _asking())

    async def forget_batch(self, batch_id: str) -> None:
        """Delete the batch, with what was asked and answered."""
        try:
            await self._sdk().batches.delete(name=batch_id, config=types.DeleteBatchJobConfig(http_options=_options()))
        except FAILURES as error:
            self._fail(error, _asking())

    async def _job(self, batch_id: str) -> types.BatchJob:
        try:
            job: types.BatchJob = await self._sdk().batches.get(
                name=batch_id, config=types.GetBatchJobConfig(http_options=_options())
            )
        except (*FAILURES, AttributeError, TypeError) as error:
            # What is no batch is not read by the SDK at all.
            self._fail(error, _asking())
        return job

    def _result(self, told: types.InlinedResponse, model: str) -> BatchResult:
        """Read what came of one request."""
        name = (told.metadata or {}).get(NAME, "")
        if told.response is not None:
            try:
                return BatchResult(name, self._answer(told.response, _asking(model)))
            except ProviderError as refused:
                return BatchResult(name, error=refused)
        status = status_of_grpc(told.error.code if told.error else None)
        failure = error_class(status, "", (told.error.message if told.error else None) or "")(
            f"gemini answered {status} in a batch", provider=self.name, model=model, status_code=status
        )
        return BatchResult(name, error=failure)


def _config(request: ProviderRequest) -> types.GenerateContentConfig:
    """Return a request's settings; how long one waits is no part of a request in a batch."""
    config = config_of(request)
    config.http_options = None
    return config


def _responses(job: types.BatchJob) -> list[types.InlinedResponse]:
    return list((job.dest.inlined_responses if job.dest else None) or ())


def _options() -> types.HttpOptions:
    return types.HttpOptions(timeout=round(ASK_SECONDS * 1000))


def _asking(model: str = "") -> ProviderRequest:
    """Return what names a request that is none for an answer."""
    return ProviderRequest(model, (), 0)
