"""xAI's batches: a file of requests goes up as at OpenAI; state, answers and the order to stop have a form of xAI's own.

The batch has our key for its name, by which it is found again. xAI has no word for how a batch stands: that follows from
what it counts, and while the file is not read yet it counts nothing at all. Answers come in pages, each in the form of Chat
Completions. A batch cannot be deleted: xAI keeps it for the 30 days after which it expires; of its file it is told when to
delete it, should nobody do so before
(https://docs.x.ai/developers/advanced-api-usage/batch-api, .../files/managing-files, November 2026).
"""

import json
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote

from ai_router.batch_types import BatchProgress, BatchResult
from ai_router.errors import MalformedAnswerError, ProviderError
from ai_router.providers.base import error_class, status_of_grpc
from ai_router.providers.chat_answer import Parts, read_json, text_in
from ai_router.providers.file_batches import (
    DAY_SECONDS,
    MEDIA_TYPE,
    UPLOAD_SECONDS,
    FileBatches,
    asking,
    count_in,
)
from ai_router.providers.transport import MAX_ANSWER_BYTES

ENDED = frozenset({"completed", "cancelled", "rejected", "expired"})
# A page may have fewer rows than are asked for.
ROWS_OF_A_PAGE, MOST_PAGES = 100, 400
MOST_FILE_SECONDS = 30 * DAY_SECONDS
# How an answer says that its request was stopped before it was done, as gRPC counts or in words.
NOT_DONE = frozenset({"1", "cancelled", "batch_cancelled"})
NO_ERROR = frozenset({"", "0"})


class GrokBatches(FileBatches):
    """The batches of a client of xAI."""

    batch_id_field = "batch_id"

    def batch_body(self, key: str, file_id: str, *, address: str, window_seconds: int) -> dict[str, Any]:
        """Return what makes a batch of a file; each line of that says which address it is for, and none how long it may take."""
        return {"name": key, "input_file_id": file_id}

    async def store_file(self, name: str, content: bytes, *, window_seconds: int) -> Any:
        """Upload a file of requests, and return xAI's id of it; it goes by itself when its time is over."""
        lasts = min(MOST_FILE_SECONDS, max(DAY_SECONDS, window_seconds))
        response = await self._client.post(
            f"{self._root}/files",
            cast_to=self._http.Response,
            # Sent before the file, where xAI looks for it.
            body={"expires_after": lasts},
            files=[("file", (name, content, MEDIA_TYPE))],
            options={"timeout": UPLOAD_SECONDS, "headers": {"Content-Type": "multipart/form-data"}},
        )
        return read_json(response.content, provider=self.name, model="").get("id")

    async def find_batch(self, key: str, *, size: int, since: datetime, others: Collection[str]) -> str:
        """Return the id of the batch that has the key for its name."""
        async for _, page in self._pages("/batches", "batches"):
            for batch in page:
                if text_in(batch, "name") == key:
                    return text_in(batch, "batch_id")
        return ""

    async def look_at_batch(self, batch_id: str) -> BatchProgress:
        """Return how a batch stands, in our words."""
        batch = await self._read(f"/batches/{batch_id}")
        counts = batch.get("state")
        counts = counts if isinstance(counts, Mapping) else {}
        total, expires_at = count_in(counts, "num_requests"), _moment(text_in(batch, "expire_time"))
        state = _state(batch, counts, expires_at)
        finished = sum(count_in(counts, f"num_{outcome}") for outcome in ("success", "error", "cancelled"))
        return BatchProgress(state in ENDED, finished, total, state, expires_at)

    async def read_batch(self, batch_id: str, *, model: str) -> list[BatchResult]:
        """Return what came of the requests, also while others still run."""
        results: list[BatchResult] = []
        read = 0
        async for size, page in self._pages(f"/batches/{batch_id}/results", "results"):
            read += size
            if read > MAX_ANSWER_BYTES:
                message = f"{self.name}: the answers of a batch are too large"
                raise MalformedAnswerError(message, provider=self.name, model=model)
            results += [self._outcome(row, model) for row in page]
        return results

    async def cancel_batch(self, batch_id: str) -> None:
        """Ask xAI to stop."""
        await self._post(f"/batches/{batch_id}:cancel", {}, asking())

    async def forget_batch(self, batch_id: str) -> None:
        """Delete the file of a batch; the batch goes when it expires."""
        if file_id := text_in(await self._read(f"/batches/{batch_id}"), "input_file_id"):
            await self._discard(file_id)

    async def _pages(self, path: str, name: str) -> AsyncIterator[tuple[int, list[Mapping[str, Any]]]]:
        """Yield the size and the rows of each page of a list.

        Raises:
            MalformedAnswerError: A page has no rows where they belong, or the pages do not end: what is missing is not taken
                for what is not there.
        """
        token = ""
        for _ in range(MOST_PAGES):
            further = f"&pagination_token={quote(token, safe='')}" if token else ""
            content = await self._get(f"{path}?limit={ROWS_OF_A_PAGE}{further}")
            page = read_json(content, provider=self.name, model="")
            rows, former = page.get(name), token
            if not isinstance(rows, list):
                message = f"{self.name} told a page of a list without {name}"
                raise MalformedAnswerError(message, provider=self.name, model="")
            yield len(content), [row if isinstance(row, Mapping) else {} for row in rows]
            token = text_in(page, "pagination_token")
            if not token:
                return
            if token == former:
                break
        message = f"{self.name} told a list of {name} that does not end"
        raise MalformedAnswerError(message, provider=self.name, model="")

    def _outcome(self, told: Mapping[str, Any], model: str) -> BatchResult:
        """Read what came of one request."""
        name, outcome = text_in(told, "batch_request_id"), _object(told, "batch_result")
        failure = _object(outcome, "error")
        code, message = failure.get("code"), text_in(failure, "message") or text_in(told, "error_message")
        word = "" if code is None else str(code).lower()
        if word in NOT_DONE:
            return BatchResult(name)
        answer = _object(_object(outcome, "response"), "chat_get_completion")
        if answer and word in NO_ERROR and not message:
            try:
                return BatchResult(
                    name, self._answer(json.dumps(answer).encode(), Parts(text_in(answer, "id")), asking(model))
                )
            except ProviderError as refused:
                return BatchResult(name, error=refused)
        if word in NO_ERROR and not message:
            words = f"{self.name} told neither an answer nor an error of a request in a batch"
            return BatchResult(name, error=MalformedAnswerError(words, provider=self.name, model=model))
        status = status_of_grpc(int(word) if word.isascii() and word.isdigit() else None)
        failed = error_class(status, word, message)(
            f"{self.name} answered {status} in a batch", provider=self.name, model=model, status_code=status
        )
        return BatchResult(name, error=failed)


def _state(batch: Mapping[str, Any], counts: Mapping[str, Any], expires_at: datetime | None) -> str:
    """Say how a batch stands: it ends when nothing of it waits any more, and something was counted or it was stopped."""
    is_stopped = bool(batch.get("cancel_time") or batch.get("cancel_by_xai_message"))
    is_idle = counts.get("num_pending") == 0
    if is_stopped and is_idle:
        return "rejected" if batch.get("cancel_by_xai_message") else "cancelled"
    if is_idle and count_in(counts, "num_requests"):
        return "completed"
    if expires_at and expires_at <= datetime.now(UTC):
        return "expired"
    if is_stopped:
        return "cancelling"
    return "in_progress" if count_in(counts, "num_requests") else "validating"


def _object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}


def _moment(said: str) -> datetime | None:
    """Read a moment, or the end of a day where only that is told; None where it is neither."""
    try:
        if len(said) == len("2026-11-01"):
            return datetime.combine(date.fromisoformat(said) + timedelta(days=1), time(), UTC)
        moment = datetime.fromisoformat(said)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
