"""Batches as OpenAI has them, Groq and Azure too: a file with a request in each line goes up, files with the answers come down.

All but the upload goes through the SDK's `get` and `post` and is read as plain JSON, as in `stainless.py`.
"""

import json
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from ai_router.batch_types import BatchProgress, BatchResult
from ai_router.errors import InvalidRequestError, MalformedAnswerError, ProviderError
from ai_router.providers.base import error_class
from ai_router.providers.chat_answer import Parts, read_json, text_in
from ai_router.providers.chat_request import chat_body
from ai_router.providers.stainless import StainlessProvider
from ai_router.types import ProviderRequest

DAY_SECONDS = 86_400
# Where a batch carries our key.
KEY_FIELD = "careerai_batch"
ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
# How an answer file says that a request was not done.
NOT_DONE = frozenset({"batch_expired", "batch_cancelled"})
MEDIA_TYPE = "application/jsonl"
UPLOAD_SECONDS, ASK_SECONDS = 120.0, 60.0
MOST_PAGES = 20
OK, REFUSED_FROM, REFUSED_TO = 200, 400, 500


class FileBatches(StainlessProvider):
    """The batches of a client whose SDK Stainless generated; `keeps_batch_keys` says whether they carry a key of ours."""

    keeps_batch_keys = True
    # What the vendor calls the id of a batch.
    batch_id_field = "id"

    def batch_form(self, request: ProviderRequest) -> tuple[str, dict[str, Any]]:
        """Return the address and the body of a request in a batch."""
        return "/v1/chat/completions", chat_body(request, self.dialect, provider=self.name, is_stream=False)

    def batch_parts(self, _body: Mapping[str, Any], request_id: str) -> Parts:
        """Return what reads an answer in a batch."""
        return Parts(request_id)

    def batch_window(self, _seconds: int) -> str:
        """Return how long a batch may take, in the vendor's words: OpenAI knows one time only."""
        return "24h"

    def batch_body(self, key: str, file_id: str, *, address: str, window_seconds: int) -> dict[str, Any]:
        """Return what makes a batch of a file."""
        return {
            "input_file_id": file_id,
            "endpoint": address,
            "completion_window": self.batch_window(window_seconds),
            **({"metadata": {KEY_FIELD: key}} if self.keeps_batch_keys else {}),
        }

    async def store_file(self, name: str, content: bytes, *, window_seconds: int) -> Any:
        """Upload a file of requests, and return the vendor's id of it."""
        file = (name, content, MEDIA_TYPE)
        made = await self._client.files.create(file=file, purpose="batch", timeout=UPLOAD_SECONDS)
        return getattr(made, "id", None)

    async def send_batch(self, key: str, requests: Mapping[str, ProviderRequest], *, window_seconds: int) -> str:
        """Upload the requests as a file, and make a batch of it; a file of which none can be made is deleted again."""
        first = next(iter(requests.values()))
        forms = {name: self.batch_form(request) for name, request in requests.items()}
        address, *others = {path for path, _ in forms.values()}
        if others:
            message = f"{self.name} takes requests of one form in a batch"
            raise InvalidRequestError(message, provider=self.name, model=first.model)
        file_id = await self._upload(key, forms, first, window_seconds)
        wanted = self.batch_body(key, file_id, address=address, window_seconds=window_seconds)
        try:
            content, _ = await self._post("/batches", wanted, asking(first.model))
        except ProviderError as error:
            if REFUSED_FROM <= (error.http_status or 0) < REFUSED_TO:
                await self._discard(file_id)
            raise
        return self._id_in(content, first.model)

    async def find_batch(self, key: str, *, size: int, since: datetime, others: Collection[str]) -> str:
        """Return the id of the batch that carries the key."""
        async for batch in self._batches():
            metadata = batch.get("metadata")
            if isinstance(metadata, Mapping) and metadata.get(KEY_FIELD) == key:
                return text_in(batch, "id")
        return ""

    async def look_at_batch(self, batch_id: str) -> BatchProgress:
        """Return how a batch stands."""
        batch = await self._read(f"/batches/{batch_id}")
        state, counts = text_in(batch, "status"), batch.get("request_counts")
        counts = counts if isinstance(counts, Mapping) else {}
        finished = count_in(counts, "completed") + count_in(counts, "failed")
        return BatchProgress(
            state in ENDED, finished, count_in(counts, "total"), state, _moment(batch.get("expires_at"))
        )

    async def read_batch(self, batch_id: str, *, model: str) -> list[BatchResult]:
        """Return what the files of answers and of errors say."""
        batch = await self._read(f"/batches/{batch_id}")
        results = []
        for name in ("output_file_id", "error_file_id"):
            file_id = text_in(batch, name)
            if file_id:
                content = await self._get(f"/files/{file_id}/content")
                results += [self._result(line, model) for line in content.splitlines() if line.strip()]
        return results

    async def cancel_batch(self, batch_id: str) -> None:
        """Ask the vendor to stop."""
        await self._post(f"/batches/{batch_id}/cancel", {}, asking())

    async def forget_batch(self, batch_id: str) -> None:
        """Delete the files of a batch; the batch itself says nothing of anybody."""
        batch = await self._read(f"/batches/{batch_id}")
        for name in ("input_file_id", "output_file_id", "error_file_id"):
            if file_id := text_in(batch, name):
                await self._discard(file_id)

    async def _upload(
        self, key: str, forms: Mapping[str, tuple[str, dict[str, Any]]], first: ProviderRequest, window_seconds: int
    ) -> str:
        lines = [
            json.dumps({"custom_id": name, "method": "POST", "url": path, "body": body})
            for name, (path, body) in forms.items()
        ]
        content = "\n".join(lines).encode()
        try:
            file_id = await self.store_file(file_name(key), content, window_seconds=window_seconds)
        except self._errors as error:
            self._fail(error, first)
        if not isinstance(file_id, str):
            message = f"{self.name} took a file without a word of it"
            raise MalformedAnswerError(message, provider=self.name, model=first.model)
        return file_id

    async def _batches(self) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the batches of the account, the newest first."""
        after = ""
        for _ in range(MOST_PAGES):
            page = await self._read("/batches?limit=100" + (f"&after={after}" if after else ""))
            rows = page.get("data")
            for row in rows if isinstance(rows, list) else ():
                if isinstance(row, Mapping):
                    after = text_in(row, "id")
                    yield row
            if not page.get("has_more") or not after:
                return

    def _result(self, line: bytes, model: str) -> BatchResult:
        """Read a line of a file of answers."""
        told = read_json(b'{"line": ' + line + b"}", provider=self.name, model=model).get("line")
        told = told if isinstance(told, Mapping) else {}
        name, error, response = text_in(told, "custom_id"), told.get("error"), told.get("response")
        if isinstance(error, Mapping) and text_in(error, "code") in NOT_DONE:
            return BatchResult(name)
        response = response if isinstance(response, Mapping) else {}
        status, body = response.get("status_code"), response.get("body")
        if status == OK and isinstance(body, Mapping):
            parts = self.batch_parts(body, text_in(response, "request_id"))
            try:
                return BatchResult(name, self._answer(json.dumps(body).encode(), parts, asking(model)))
            except ProviderError as refused:
                return BatchResult(name, error=refused)
        said = error if isinstance(error, Mapping) else body.get("error") if isinstance(body, Mapping) else None
        said = said if isinstance(said, Mapping) else {}
        code = self._word(text_in(said, "code") or text_in(said, "type"))
        status = status if isinstance(status, int) else 500
        failure = error_class(status, code, text_in(said, "message"))(
            f"{self.name} answered {status} in a batch" + (f" ({code})" if code else ""),
            provider=self.name,
            model=model,
            status_code=status,
            request_id=text_in(response, "request_id"),
        )
        return BatchResult(name, error=failure)

    async def _read(self, path: str) -> Mapping[str, Any]:
        return read_json(await self._get(path), provider=self.name, model="")

    async def _get(self, path: str) -> bytes:
        nothing = asking()
        try:
            response = await self._client.get(
                self.path + path, cast_to=self._http.Response, options=self._options(nothing)
            )
        except self._errors as error:
            self._fail(error, nothing)
        content: bytes = response.content
        return content

    async def _discard(self, file_id: str) -> None:
        nothing = asking()
        try:
            await self._client.delete(
                f"{self.path}/files/{file_id}", cast_to=self._http.Response, options=self._options(nothing)
            )
        except self._errors as error:
            self._fail(error, nothing)

    def _id_in(self, content: bytes, model: str) -> str:
        batch_id = text_in(read_json(content, provider=self.name, model=model), self.batch_id_field)
        if not batch_id:
            message = f"{self.name} made a batch without an id"
            raise MalformedAnswerError(message, provider=self.name, model=model)
        return batch_id


def file_name(key: str) -> str:
    """Return the name of a batch's file."""
    return f"{key}.jsonl"


def asking(model: str = "") -> ProviderRequest:
    """Return what names a request that is none for an answer."""
    return ProviderRequest(model, (), 0, timeout_seconds=ASK_SECONDS)


def count_in(counts: Mapping[str, Any], name: str) -> int:
    """Return a number that is told; 0 where there is none."""
    value = counts.get(name)
    return value if isinstance(value, int) else 0


def _moment(seconds: Any) -> datetime | None:
    """Read a moment in seconds since 1970; None where it is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None
