"""Batches: OpenAI's, Azure's, Groq's and xAI's of files, Anthropic's and Gemini's in one body, answered for less when somebody looks."""

import json
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.providers.simulator.answering import FOREVER, Answer, _written
from tests.providers.simulator.books import Entry
from tests.providers.simulator.http import Connection, HTTPRequest
from tests.providers.simulator.wires.base import Asked, Wire

if TYPE_CHECKING:
    from tests.providers.simulator.server import Simulator

# In place of a status: the connection is reset, or nothing is said at all.
RESET, SILENT = 0, 1
PREFIXES = {"openai": "", "groq": "/groq/openai", "azure": "/azure/openai", "grok": "/xai"}
# A page of xAI's never has more rows than this, however many are asked for.
ROWS_OF_XAI = 40
CODES_OF_GRPC = {400: 3, 401: 16, 403: 7, 404: 5, 429: 8, 500: 13, 503: 14, 504: 4}


@dataclass(slots=True)
class BatchReply:
    """How one batch goes; its requests are answered by the script of all others.

    Args:
        looks: How often it is still running when somebody looks; below 0 it never ends by itself.
        ending: `completed`, `failed` (nothing is done), `expired`.
        done: How many of its requests are done before it expires or is cancelled.
        early: How many are done as soon as somebody looks; xAI shows them while the others run.
        stopping: How often it is still being stopped when somebody looks; below 0 it never is.
        status: Refuses to make it, where it is not 200.
        code: The error's code then.
        fault: `lost` makes the batch and resets the connection before it says so, `silent` makes it and says nothing,
            `never` resets the connection and makes none.
    """

    looks: int = 0
    ending: str = "completed"
    done: int = 0
    early: int = 0
    stopping: int = 0
    status: int = 200
    code: str = ""
    fault: str = ""


@dataclass(slots=True)
class Batch:
    """A batch as its vendor keeps it."""

    id: str
    vendor: str
    wire: Wire
    request: HTTPRequest
    lines: list[tuple[str, str, dict[str, Any]]]
    reply: BatchReply
    file_id: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    state: str = "in_progress"
    created_at: float = field(default_factory=time.time)
    results: list[tuple[str, int, Any]] = field(default_factory=list)
    is_deleted: bool = False
    window: str = ""
    # xAI counts nothing before it has read the file.
    is_read: bool = False

    @property
    def is_ended(self) -> bool:
        return self.state in {"completed", "failed", "expired", "cancelled"}


class Batches:
    """All batches and files of a simulator."""

    def __init__(self, simulator: "Simulator") -> None:
        self.simulator = simulator
        self.replies: list[BatchReply] = []
        self.all: list[Batch] = []
        self.files: dict[str, bytes] = {}
        self.names: dict[str, str] = {}
        self.has_made = threading.Event()
        # What Anthropic and Gemini tell in place of results.
        self.broken_lines: list[bytes] = []

    def script(self, *replies: BatchReply) -> None:
        """Let the next batches go like this."""
        self.replies.extend(replies)

    async def answer(self, connection: Connection, wire: Wire, request: HTTPRequest, path: str) -> bool | None:
        """Answer a request about batches; None where it is none, False when the connection is done with."""
        parts = path.strip("/").split("/")
        if wire.vendor == "azure" and parts[0] == "v1":
            parts = parts[1:]
        if wire.vendor in PREFIXES and parts[0] in {"files", "batches"}:
            of_files: Any = self._counted_batch if wire.vendor == "grok" else self._file_batch
            ask: Any = self._file if parts[0] == "files" else of_files
            parts = parts[1:]
        elif wire.vendor == "anthropic" and parts[:2] == ["messages", "batches"]:
            ask, parts = self._message_batch, parts[2:]
        elif wire.vendor == "gemini" and (parts[0] == "batches" or path.endswith(":batchGenerateContent")):
            ask = self._inline_batch
        else:
            return None
        refused = wire.refusal(request, Asked("models"))
        status, body = refused or ask(wire, request, parts)
        if status == SILENT:
            await connection.gone_within(FOREVER)
        if status in {RESET, SILENT}:
            return connection.abort()
        if isinstance(body, bytes):
            await connection.send(status, body, {"Content-Type": "application/octet-stream"})
        else:
            await connection.send_json(status, body)
        return True

    def _file(self, wire: Wire, request: HTTPRequest, parts: list[str]) -> tuple[int, Any]:
        if request.method == "POST":
            head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
            sent = {part.get_param("name", header="content-disposition"): part for part in _parts(head + request.body)}
            if wire.vendor == "grok":
                assert list(sent) == ["expires_after", "file"]
                assert 3_600 <= int(sent["expires_after"].get_payload()) <= 30 * 86_400
            else:
                assert sent["purpose"].get_payload() == "batch"
            file_id = f"file-{len(self.files) + 1}"
            self.files[file_id] = sent["file"].get_payload(decode=True)
            self.names[file_id] = sent["file"].get_filename()
            return 200, {"id": file_id, "object": "file", "bytes": len(self.files[file_id]), "purpose": "batch"}
        if not parts:
            rows = [{"id": one, "object": "file", "filename": self.names.get(one, "")} for one in self.files]
            return 200, {"object": "list", "data": rows, "has_more": False}
        if parts[0] not in self.files:
            return 404, wire.error(404, "not_found", f"No such File object: {parts[0]}")
        if request.method == "DELETE":
            del self.files[parts[0]]
            return 200, {"id": parts[0], "object": "file", "deleted": True}
        return 200, self.files[parts[0]]

    def _file_batch(self, wire: Wire, request: HTTPRequest, parts: list[str]) -> tuple[int, Any]:
        if request.method == "POST" and not parts:
            wanted = request.json()
            lines = [json.loads(line) for line in self.files[wanted["input_file_id"]].splitlines()]
            assert {line["url"] for line in lines} == {wanted["endpoint"]}
            if wire.vendor == "azure" and not all(line["body"]["model"].endswith("-batch") for line in lines):
                return 400, wire.error(400, "invalid_deployment_type", "Only global batch deployments take batches.")
            assert wire.vendor != "azure" or "metadata" not in wanted
            batch = Batch(
                f"batch_{len(self.all) + 1}", wire.vendor, wire, request,
                [(line["custom_id"], line["url"], line["body"]) for line in lines],
                self._next_reply(), file_id=wanted["input_file_id"], metadata=wanted.get("metadata") or {},
                window=wanted["completion_window"],
            )  # fmt: skip
            return self._made(batch, self._file_body)
        if not parts:
            rows = [self._file_body(batch) for batch in reversed(self.all) if batch.vendor == wire.vendor]
            after = [row["id"] for row in rows].index(request.query["after"]) + 1 if "after" in request.query else 0
            page = rows[after : after + int(request.query.get("limit", "20"))]
            return 200, {"object": "list", "data": page, "has_more": after + len(page) < len(rows)}
        batch = self._known(parts[0])
        if batch is None:
            return 404, wire.error(404, "not_found", "No such batch")
        if parts[1:] == ["cancel"]:
            self._cancel(batch)
        else:
            self._look(batch)
        return 200, self._file_body(batch)

    def _counted_batch(self, wire: Wire, request: HTTPRequest, parts: list[str]) -> tuple[int, Any]:
        """Answer as xAI does, which says how a batch stands by counting."""
        if request.method == "POST" and not parts:
            wanted = request.json()
            assert set(wanted) == {"name", "input_file_id"}
            lines = [json.loads(line) for line in self.files[wanted["input_file_id"]].splitlines()]
            batch = Batch(
                f"batch_{len(self.all) + 1}", wire.vendor, wire, request,
                [(line["custom_id"], line["url"], line["body"]) for line in lines],
                self._next_reply(), file_id=wanted["input_file_id"], metadata={"name": wanted["name"]},
            )  # fmt: skip
            return self._made(batch, _counted_body)
        if not parts:
            # In no order that anybody promises.
            known = [_counted_body(batch) for batch in self.all if batch.vendor == wire.vendor]
            return 200, _page("batches", known, request)
        name, _, verb = parts[0].partition(":")
        found = self._known(name)
        if found is None:
            return 404, wire.error(404, "", "no such batch")
        if parts[1:] == ["results"]:
            return 200, self._counted_results(found, request)
        if verb == "cancel":
            self._cancel(found)
        else:
            found.is_read = found.is_read or found.reply.looks <= 0
            self._look(found)
        body = _counted_body(found)
        found.is_read = True
        return 200, body

    def _counted_results(self, batch: Batch, request: HTTPRequest) -> Any:
        if self.broken_lines:
            return b'{"results": [' + self.broken_lines[0] + b'], "pagination_token": null}'
        done = {name: (status, body) for name, status, body in batch.results}
        rows: list[dict[str, Any]] = []
        for name, _, _ in reversed(batch.lines):
            status, body = done.get(name, (0, None))
            if status == 200:
                result = {"response": {"chat_get_completion": body}}
            elif status:
                result = {"error": {"code": CODES_OF_GRPC[status], "message": "as scripted"}}
            elif batch.state == "cancelled":
                result = {"error": {"code": 1, "message": "cancelled"}}
            else:
                continue
            rows.append({"batch_request_id": name, "batch_result": result})
        return _page("results", rows, request)

    def _message_batch(self, wire: Wire, request: HTTPRequest, parts: list[str]) -> tuple[int, Any]:
        if request.method == "POST" and not parts:
            lines = [(one["custom_id"], "/messages", one["params"]) for one in request.json()["requests"]]
            batch = Batch(f"msgbatch_{len(self.all) + 1}", wire.vendor, wire, request, lines, self._next_reply())
            return self._made(batch, _message_body)
        if not parts:
            rows = [_message_body(batch) for batch in reversed(self.all) if batch.vendor == wire.vendor]
            return 200, {"data": rows, "has_more": False, "first_id": None, "last_id": None}
        batch = self._known(parts[0])
        if batch is None:
            return 404, wire.error(404, "", "no such batch")
        if request.method == "DELETE":
            batch.is_deleted = True
            return 200, {"id": batch.id, "type": "message_batch_deleted"}
        if parts[1:] == ["cancel"]:
            self._cancel(batch)
        elif parts[1:] == ["results"]:
            lines = [json.dumps(line).encode() for line in _message_lines(batch)]
            early = 404, wire.error(404, "", "no results before the batch has ended")
            return (200, b"\n".join(self.broken_lines or lines)) if batch.is_ended else early
        else:
            self._look(batch)
        return 200, _message_body(batch)

    def _inline_batch(self, wire: Wire, request: HTTPRequest, parts: list[str]) -> tuple[int, Any]:
        if parts[0] == "models":
            model, wanted = parts[1].partition(":")[0], request.json()["batch"]
            rows = wanted["inputConfig"]["requests"]["requests"]
            lines = [(row["metadata"]["name"], f"/models/{model}:generateContent", row["request"]) for row in rows]
            batch = Batch(
                f"batches/{len(self.all) + 1}", wire.vendor, wire, request, lines, self._next_reply(),
                metadata={"name": wanted["displayName"]},
            )  # fmt: skip
            return self._made(batch, _inline_body)
        if len(parts) == 1:
            known = [_inline_body(batch) for batch in reversed(self.all) if batch.vendor == wire.vendor]
            start, size = int(request.query.get("pageToken", "0")), int(request.query.get("pageSize", "50"))
            more = {"nextPageToken": str(start + size)} if start + size < len(known) else {}
            return 200, {"operations": known[start : start + size], **more}
        name, _, verb = parts[1].partition(":")
        found = self._known(f"batches/{name}")
        if found is None:
            return 404, wire.error(404, "", "no such batch")
        if request.method == "DELETE":
            found.is_deleted = True
            return 200, {}
        if verb == "cancel":
            self._cancel(found)
            return 200, {}
        self._look(found)
        return 200, self._broken(found) if self.broken_lines else _inline_body(found)

    def _broken(self, batch: Batch) -> bytes:
        """Return a batch with something else in place of its answers."""
        body = _inline_body(batch)
        body["metadata"]["output"] = {"inlinedResponses": {"inlinedResponses": ["BROKEN"]}}
        return json.dumps(body).encode().replace(b'"BROKEN"', self.broken_lines[0])

    def _next_reply(self) -> BatchReply:
        return self.replies.pop(0) if self.replies else BatchReply()

    def _made(self, batch: Batch, body: Any) -> tuple[int, Any]:
        reply = batch.reply
        if reply.fault == "never":
            return RESET, None
        if reply.status != 200:
            return reply.status, batch.wire.error(reply.status, reply.code, "as scripted")
        self.all.append(batch)
        self.has_made.set()
        faults = {"lost": RESET, "silent": SILENT}
        return (faults[reply.fault], None) if reply.fault else (200, body(batch))

    def _known(self, batch_id: str) -> Batch | None:
        return next((batch for batch in self.all if batch.id == batch_id and not batch.is_deleted), None)

    def _look(self, batch: Batch) -> None:
        """Let time pass: each look may be the one at which the batch ends."""
        if batch.is_ended:
            return
        self._do_until(batch, batch.reply.early)
        if batch.state == "cancelling" and batch.reply.stopping:
            batch.reply.stopping -= 1
        elif batch.state == "cancelling":
            self._end(batch, "cancelled")
        elif batch.reply.looks == 0:
            self._end(batch, batch.reply.ending)
        else:
            batch.reply.looks -= 1

    def _cancel(self, batch: Batch) -> None:
        if not batch.is_ended:
            batch.state = "cancelling"

    def _end(self, batch: Batch, state: str) -> None:
        done = {"completed": len(batch.lines), "failed": 0}.get(state, batch.reply.done)
        self._do_until(batch, done)
        batch.state = state
        if batch.vendor in PREFIXES and batch.vendor != "grok" and state != "failed":
            self._write_files(batch)

    def _do_until(self, batch: Batch, done: int) -> None:
        """Answer its first requests, those that are not answered yet."""
        for name, url, body in batch.lines[len(batch.results) : done]:
            batch.results.append((name, *self._do(batch, name, url, body)))

    def _do(self, batch: Batch, name: str, url: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Answer one request, and write it into the books at the price of batches."""
        from tests.providers.simulator.wires import find_wire

        path = f"{PREFIXES[batch.vendor]}{url}" if batch.vendor in PREFIXES else f"/anthropic/v1{url}"
        if batch.vendor == "gemini":
            path = f"/gemini/v1{url}"
        if batch.vendor == "azure" and not url.startswith("/v1/"):
            path = f"/azure/openai/v1{url}"
        found = find_wire(urlsplit(path).path)
        assert found is not None
        wire, rest = found
        request = replace(batch.request, method="POST", body=json.dumps(body).encode())
        asked = wire.read(request, rest)
        assert asked is not None
        if batch.vendor == "azure":
            # A deployment, and the model behind it.
            asked = replace(asked, model=asked.model.removesuffix("-batch"))
        number = len(self.simulator.books) + 1
        entry = Entry(f"req_b{number}", name, asked.model, False, body, vendor=wire.vendor, tier="batch")
        reply = self.simulator._next_reply("chat")
        entry.status, entry.is_closed = reply.status, True
        self.simulator.books.append(entry)
        refused = wire.refusal(request, asked)
        if refused is not None or reply.status != 200:
            entry.status, told = refused or (reply.status, wire.error(reply.status, reply.code, reply.message))
            return entry.status, told
        answer: Any = Answer(self.simulator, None, wire=wire, asked=asked, entry=entry, reply=reply)  # type: ignore[arg-type]
        said = answer._said()
        answer.bill(_written(said))
        return 200, wire.whole(said)

    def _write_files(self, batch: Batch) -> None:
        done = {name for name, _, _ in batch.results}
        lines: dict[str, list[Any]] = {"output": [], "error": []}
        for name, status, body in batch.results:
            response = {"status_code": status, "request_id": f"req-{name}", "body": body}
            line = {"id": f"batch_req_{name}", "custom_id": name, "response": response, "error": None}
            lines["output" if status == 200 else "error"].append(line)
        for name, _, _ in batch.lines:
            if name not in done:
                error = {"code": f"batch_{batch.state}", "message": "This request was not done."}
                lines["error"].append({"id": f"batch_req_{name}", "custom_id": name, "response": None, "error": error})
        for kind, found in lines.items():
            if found:
                # Results come in any order.
                self.files[f"{batch.id}-{kind}"] = b"\n".join(json.dumps(line).encode() for line in reversed(found))

    def _file_body(self, batch: Batch) -> dict[str, Any]:
        counts = [status == 200 for _, status, _ in batch.results]
        names = {f"{kind}_file_id": f"{batch.id}-{kind}" for kind in ("output", "error")}
        return {
            "id": batch.id,
            "object": "batch",
            "endpoint": batch.lines[0][1],
            "input_file_id": batch.file_id,
            "completion_window": "24h",
            "status": batch.state,
            "created_at": int(batch.created_at),
            "expires_at": int(batch.created_at) + 86_400,
            "metadata": batch.metadata,
            "request_counts": {
                "total": len(batch.lines),
                "completed": sum(counts),
                "failed": len(counts) - sum(counts),
            },
            **{field: name if name in self.files else None for field, name in names.items()},
        }


def _parts(message: bytes) -> list[Any]:
    return list(message_from_bytes(message).get_payload())  # type: ignore[arg-type]


def _counted_body(batch: Batch) -> dict[str, Any]:
    created = datetime.fromtimestamp(batch.created_at, UTC)
    worked = [status == 200 for _, status, _ in batch.results]
    left = len(batch.lines) - len(worked)
    stopped = left if batch.state == "cancelled" else 0
    is_stopped, is_rejected = batch.state in {"cancelling", "cancelled"}, batch.state == "failed"
    is_counted = (batch.is_read or batch.is_ended) and not is_rejected
    counts = {
        "num_requests": len(batch.lines),
        "num_pending": left - stopped,
        "num_success": sum(worked),
        "num_error": len(worked) - sum(worked),
        "num_cancelled": stopped,
    }
    return {
        "batch_id": batch.id,
        "name": batch.metadata["name"],
        "create_time": created.date().isoformat(),
        "expire_time": (created + timedelta(days=-2 if batch.state == "expired" else 30)).date().isoformat(),
        "create_api_key_id": "key",
        "cancel_time": created.date().isoformat() if is_stopped or is_rejected else None,
        "cancel_by_xai_message": "JSONL file validation failed" if is_rejected else None,
        "input_file_id": batch.file_id,
        "state": counts if is_counted else dict.fromkeys(counts, 0),
    }


def _page(name: str, rows: list[dict[str, Any]], request: HTTPRequest) -> dict[str, Any]:
    """Return a page of a list of xAI's."""
    start = int(request.query.get("pagination_token", "page+0").removeprefix("page+"))
    end = start + min(int(request.query["limit"]), ROWS_OF_XAI)
    return {name: rows[start:end], "pagination_token": f"page+{end}" if end < len(rows) else None}


def _message_body(batch: Batch) -> dict[str, Any]:
    lines = _message_lines(batch) if batch.is_ended else []
    kinds = [line["result"]["type"] for line in lines]
    counts = {kind: kinds.count(kind) for kind in ("succeeded", "errored", "canceled", "expired")}
    states = {"in_progress": "in_progress", "cancelling": "canceling"}
    created = datetime.fromtimestamp(batch.created_at, UTC)
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": states.get(batch.state, "ended"),
        "request_counts": {"processing": len(batch.lines) - len(lines), **counts},
        "created_at": created.isoformat(),
        "expires_at": (created + timedelta(days=1)).isoformat(),
        # Anywhere: whoever follows it takes the key along.
        "results_url": "https://elsewhere.example.org/results" if batch.is_ended else None,
    }


def _inline_body(batch: Batch) -> dict[str, Any]:
    states = {"in_progress": "RUNNING", "cancelling": "RUNNING", "completed": "SUCCEEDED"}
    answers = [
        {"metadata": {"name": name}}
        | (
            {"response": body}
            if status == 200
            else {"error": {"code": CODES_OF_GRPC[status], "message": "as scripted"}}
        )
        for name, status, body in reversed(batch.results)
    ]
    told: dict[str, Any] = {
        "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
        "displayName": batch.metadata["name"],
        "state": f"BATCH_STATE_{states.get(batch.state, batch.state.upper())}",
        "createTime": datetime.fromtimestamp(batch.created_at, UTC).isoformat(),
    }
    if answers and batch.is_ended:
        told["output"] = {"inlinedResponses": {"inlinedResponses": answers}}
    return {"name": batch.id, "metadata": told, "done": batch.is_ended}


def _message_lines(batch: Batch) -> list[dict[str, Any]]:
    done = {name: (status, body) for name, status, body in batch.results}
    missing = {"cancelled": "canceled", "expired": "expired"}.get(batch.state, "expired")
    lines = []
    for name, _, _ in reversed(batch.lines):
        status, body = done.get(name, (0, None))
        result = {"type": missing} if not status else {"type": "errored", "error": body}
        lines.append({"custom_id": name, "result": {"type": "succeeded", "message": body} if status == 200 else result})
    return lines
