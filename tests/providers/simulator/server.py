"""The simulator's server: connections, scripts, books and control."""

import asyncio
import contextlib
import itertools
import re
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tests.providers.answerers import answer
from tests.providers.simulator.answering import FILLING, Answer
from tests.providers.simulator.batches import Batches
from tests.providers.simulator.books import Entry
from tests.providers.simulator.http import Connection, HTTPRequest
from tests.providers.simulator.replies import Reply, replies_from
from tests.providers.simulator.wires import ADDRESSES, find_wire
from tests.providers.simulator.wires.base import Asked, Wire

PIECE = re.compile(rf"{FILLING}|\s*\S+\s*|\s+")


class Simulator:
    """The server. `start` runs it in a thread of its own until `stop`."""

    def __init__(self, *, port: int = 0, defaults: Reply | None = None) -> None:
        self.port = port
        self.replies: deque[Reply] = deque()
        self.books: list[Entry] = []
        self.batches = Batches(self)
        self.defaults = defaults or Reply()
        self.answer: Callable[[dict[str, Any]], str] = answer
        self._numbers = itertools.count(1)
        # How often everything was broken off; an answer that is just being sent sees it by this.
        self.kills = 0
        self._kill = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """OpenAI's address."""
        return self.url("openai")

    def url(self, provider: str) -> str:
        """Return the address that a provider is set up with."""
        return f"http://127.0.0.1:{self.port}{ADDRESSES[provider]}"

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

    @property
    def killed(self) -> asyncio.Event:
        return self._kill

    def cut(self, text: str) -> list[str]:
        """Cut a text into the pieces that a stream sends."""
        return PIECE.findall(text)

    def _cut_all(self) -> None:
        self.kills += 1
        self._kill.set()
        self._kill = asyncio.Event()

    async def _serve(self, when_ready: Callable[[], object]) -> None:
        self._stop_event = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        when_ready()
        await self._stop_event.wait()
        # What was accepted just now is a few turns of the loop away from `_connection`, and lost if the server closes before.
        for listening in server.sockets:
            self._loop.remove_reader(listening.fileno())
        for _ in range(5):
            await asyncio.sleep(0)
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # A socket is closed in the next turns of the loop, and the loop is about to end.
        for writer in self._writers:
            writer.transport.abort()
        for _ in range(3):
            await asyncio.sleep(0)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            while await self._exchange(Connection(reader, writer)):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, connection: Connection) -> bool:
        """Read one request and answer it; False when the connection is done with."""
        request = await connection.read_request()
        if request is None:
            return False
        if request.path.startswith("/control/"):
            await connection.send_json(200, self._control(request))
            return True
        found = find_wire(request.path)
        if found is not None:
            answered = await self.batches.answer(connection, found[0], request, found[1])
            if answered is not None:
                return answered
        asked = found and found[0].read(request, found[1])
        if found is None or asked is None:
            message = f"no such page: {request.path}"
            body = found[0].error(404, "unknown_url", message) if found else {"error": {"message": message}}
            await connection.send_json(404, body)
            return True
        return await self._answer(connection, found[0], request, asked)

    def _control(self, request: HTTPRequest) -> Any:
        if request.path == "/control/replies":
            self.script(*replies_from(request.json()))
        elif request.path == "/control/kill":
            self._cut_all()
        elif request.path == "/control/reset":
            self.replies.clear()
            self.books.clear()
            self.batches = Batches(self)
        elif request.path == "/control/books":
            return [
                asdict(entry) | {"request": None, "cost_nanousd": entry.cost_nanousd if entry.is_priced else None}
                for entry in self.books
            ]
        return {"queued": len(self.replies)}

    async def _answer(self, connection: Connection, wire: Wire, request: HTTPRequest, asked: Asked) -> bool:
        entry = Entry(
            f"req_{next(self._numbers)}",
            wire.client_request_id(request),
            asked.model,
            asked.is_stream,
            asked.body,
            vendor=wire.vendor,
            endpoint=asked.endpoint,
            trace_parent=request.headers.get("traceparent", ""),
        )
        # Looking at the models is free, and no request for an answer.
        if asked.endpoint != "models":
            self.books.append(entry)
        reply = self._next_reply(asked.endpoint)
        try:
            refused = wire.refusal(request, asked)
            if refused is not None:
                entry.status = refused[0]
                await connection.send_json(*refused)
                return True
            return await Answer(self, connection, wire=wire, asked=asked, entry=entry, reply=reply).send()
        finally:
            entry.is_closed = True

    def _next_reply(self, endpoint: str) -> Reply:
        """Take the first reply of the script that is meant for the endpoint."""
        for reply in self.replies:
            if reply.fits(endpoint):
                self.replies.remove(reply)
                return reply
        return Reply() if endpoint == "models" else self.defaults
