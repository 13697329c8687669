"""A provider for measurements: speaks Chat Completions with one prepared answer, in a process of its own.

It is written on bare asyncio so that it costs next to nothing beside what is measured: an answer is a few bytes that are
ready before the request comes. Run: `python -m benchmarks.upstream --port 8398`. It prints its port when it listens.

A share of the requests can be made to fail: `--hang 0.3` never answers them, `--status 429 --failing 0.3` refuses them.
Which ones is drawn with a fixed seed, so that every subject of a comparison meets the same faults in the same order.
`POST /control/reset` begins the draw anew; `GET /control/count` says how many requests came since. After `/control/calm`
all is well until the next reset.
"""

import argparse
import asyncio
import contextlib
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

SEED = 20_261_122
TEXT = "Roses are pruned in spring, when the forsythia is in flower."


@dataclass(slots=True)
class Behaviour:
    """How the upstream answers.

    Args:
        hang: The share of requests that are never answered.
        failing: The share that is refused with `status`.
        status: The status of a refusal.
        delay_seconds: Time before an answer.
        tail: The share of answers that take `tail_seconds` in place of that.
        tail_seconds: The time of a slow answer.
    """

    hang: float = 0.0
    failing: float = 0.0
    status: int = 500
    delay_seconds: float = 0.0
    tail: float = 0.0
    tail_seconds: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - a fixed draw is the point
    count: int = 0
    is_calm: bool = False

    def reset(self) -> None:
        """Begin the draw and the count anew."""
        self.dice.seed(SEED)
        self.count = 0
        self.is_calm = False


def _http(status: int, body: bytes, media_type: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {media_type}\r\nx-request-id: req_1\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _whole_answer() -> bytes:
    message = {"role": "assistant", "content": TEXT, "refusal": None}
    usage = {"prompt_tokens": 900, "completion_tokens": 14, "total_tokens": 914}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "gpt-5.4-mini",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": usage,
    }
    return _http(200, json.dumps(body).encode())


def _stream_events() -> list[bytes]:
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "gpt-5.4-mini"}
    deltas = [{"role": "assistant", "content": ""}, *({"content": f"{word} "} for word in TEXT.split())]
    chunks: list[dict[str, object]] = [
        base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    chunks.append(base | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    usage = {"prompt_tokens": 900, "completion_tokens": 14, "total_tokens": 914}
    chunks.append(base | {"choices": [], "usage": usage})
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"]
    return [f"{len(line):x}\r\n{line}\r\n".encode() for line in lines]


WHOLE = _whole_answer()
STREAM_HEAD = (
    b"HTTP/1.1 200 X\r\ncontent-type: text/event-stream\r\nx-request-id: req_1\r\ntransfer-encoding: chunked\r\n\r\n"
)
STREAM = _stream_events()


class Connection(asyncio.Protocol):
    """One client's connection; requests come one after the other."""

    def __init__(self, behaviour: Behaviour) -> None:
        """Answer as `behaviour` says."""
        self.behaviour = behaviour
        self.buffer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
            self._respond(head.split(b"\r\n", 1)[0], body)

    def _respond(self, request_line: bytes, body: bytes) -> None:
        behaviour = self.behaviour
        if b"/control/" in request_line:
            if b"reset" in request_line:
                behaviour.reset()
            elif b"calm" in request_line:
                behaviour.is_calm = True
            self.transport.write(_http(200, str(behaviour.count).encode()))
            return
        behaviour.count += 1
        drawn = 1.0 if behaviour.is_calm else behaviour.dice.random()
        if drawn < behaviour.hang:
            return
        if drawn < behaviour.hang + behaviour.failing:
            error = {"error": {"message": "as arranged", "type": "server_error", "code": None, "param": None}}
            self.transport.write(_http(behaviour.status, json.dumps(error).encode()))
            return
        is_stream = b'"stream":true' in body or b'"stream": true' in body
        seconds = behaviour.tail_seconds if behaviour.dice.random() < behaviour.tail else behaviour.delay_seconds
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._answer, is_stream)
        else:
            self._answer(is_stream)

    def _answer(self, is_stream: bool) -> None:  # noqa: FBT001 - a callback
        if self.transport.is_closing():
            return
        if not is_stream:
            self.transport.write(WHOLE)
            return
        self.transport.write(STREAM_HEAD)
        for event in STREAM:
            self.transport.write(event)
        self.transport.write(b"0\r\n\r\n")


async def serve(port: int, behaviour: Behaviour) -> None:
    """Listen on loopback for ever."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(behaviour), "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def upstream(*arguments: str) -> Iterator[str]:
    """Run one in a process of its own; yields its base URL."""
    command = [sys.executable, "-m", "benchmarks.upstream", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--hang", type=float, default=0.0, help="share that is never answered")
    parser.add_argument("--failing", type=float, default=0.0, help="share that is refused")
    parser.add_argument("--status", type=int, default=500, help="status of a refusal")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before an answer")
    parser.add_argument("--tail", type=float, default=0.0, help="share of slow answers")
    parser.add_argument("--tail-seconds", type=float, default=1.0, help="seconds of a slow answer")
    options = parser.parse_args()
    behaviour = Behaviour(
        options.hang, options.failing, options.status, options.delay, options.tail, options.tail_seconds
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options.port, behaviour))


if __name__ == "__main__":
    main()
