"""One answer on its way out: what it says, what it is billed, and where it breaks."""

import asyncio
import itertools
import json
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tests.providers.simulator.books import Entry, count, count_input, tokenizer
from tests.providers.simulator.http import Connection
from tests.providers.simulator.replies import Reply
from tests.providers.simulator.vectors import embed
from tests.providers.simulator.wires.base import Asked, EmbeddingWire, Said, ToolCall, Wire

if TYPE_CHECKING:
    from tests.providers.simulator.server import Simulator

FOREVER = 3_600.0
# Stands in a text where bytes are put that are made, or broken, on the way out.
FILLING = "\u2603filling\u2603"
FILLER = b"endless " * 8_192
PAGE = b"<!doctype html><title>Bad gateway</title><h1>Something in between answers</h1>"


class Answer:
    """The answer to one request, as scripted; `send` is called once."""

    def __init__(
        self, simulator: "Simulator", connection: Connection, *, wire: Wire, asked: Asked, entry: Entry, reply: Reply
    ) -> None:
        self.simulator, self.connection, self.wire = simulator, connection, wire
        self.asked, self.entry, self.reply = asked, entry, reply
        self._kills = simulator.kills
        self.headers = {**wire.headers(entry), **reply.headers}

    async def send(self) -> bool:
        """Answer; False when the connection is done with."""
        reply = self.reply
        self.entry.status = reply.status
        if reply.fault == "stall":
            self.bill("")
        if await self.connection.gone_within(FOREVER if reply.fault == "stall" else reply.delay_seconds):
            self.bill("")
            return False
        if reply.fault == "reset":
            return self.connection.abort()
        if reply.fault == "html" or reply.status != HTTPStatus.OK:
            return await self._refuse(reply.status, reply.message)
        if self.asked.images and not reply.takes_images:
            return await self._refuse(HTTPStatus.BAD_REQUEST, "this model takes no images")
        if self.asked.endpoint != "chat":
            return await self._list()
        said = self._said()
        return await (self._stream(said) if self.asked.is_stream else self._whole(said))

    async def _refuse(self, status: int, message: str) -> bool:
        """Answer with an error, or with a page of something in between; only what took its time is billed."""
        if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT}:
            self.bill("")
        self.entry.status = status
        if self.reply.fault == "html":
            await self.connection.send(status, PAGE, {"Content-Type": "text/html", **self.headers})
        else:
            await self.connection.send_json(status, self.wire.error(status, self.reply.code, message), self.headers)
        return True

    def _said(self) -> Said:
        """Return what is answered, cut at the request's bound."""
        reply = self.reply
        calls = [_tool_call(number, call) for number, call in enumerate(reply.tool_calls)]
        text = reply.text
        if text is None:
            text = "" if calls else self.simulator.answer(self.asked.plain_chat())
        reason = reply.finish_reason or ("tool_calls" if calls else "stop")
        bound = self.asked.max_output_tokens or 10**6
        ids = tokenizer().encode_ordinary(text) if len(text) > bound else []
        if len(ids) > bound:
            text, reason = tokenizer().decode(ids[:bound]), "length"
        if reply.size_bytes or reply.fault == "utf8":
            text += FILLING
        return Said(self.asked, self.entry, reply, text, reason, calls)

    def bill(self, text: str) -> None:
        """Write what was used so far into the books."""
        entry, reply = self.entry, self.reply
        chat = self.asked.chat
        entry.input_tokens = count_input(chat) if chat else sum(map(count, self.asked.texts))
        entry.cached_tokens = min(reply.cached_tokens, entry.input_tokens)
        entry.cache_write_tokens = min(reply.cache_write_tokens, entry.input_tokens - entry.cached_tokens)
        entry.reasoning_tokens = reply.reasoning_tokens if text else 0
        filled = reply.size_bytes // len(b"endless ") if FILLING in text else 0
        entry.output_tokens = count(text.replace(FILLING, "")) + filled + entry.reasoning_tokens

    async def _list(self) -> bool:
        """Answer with vectors, or with the models."""
        said = Said(self.asked, self.entry, self.reply, "", "", [])
        if self.asked.endpoint == "models":
            body = self.wire.models(self.wire.model_names())
        else:
            self.bill("")
            vectors = [embed(text, self.asked.dimensions) for text in self.asked.texts]
            assert isinstance(self.wire, EmbeddingWire)
            body = self.wire.embeddings(self.asked, [] if self.reply.fault == "empty" else vectors, said)
        return await self._body(body)

    async def _whole(self, said: Said) -> bool:
        if self.reply.fault == "empty":
            self.bill("")
            return await self._body(self.wire.empty(said))
        if self.reply.fault == "error":
            self.bill("")
            return await self._body(self.wire.error(500, self.reply.code, self.reply.message))
        # What did not arrive whole is billed by what was sent, as its reader can know no more.
        self.bill("" if self.reply.fault in {"malformed", "cut", "hang", "frame"} else _written(said))
        return await self._body(self.wire.whole(said))

    async def _body(self, body: Any) -> bool:
        """Send a whole body, or what a fault leaves of it."""
        data = json.dumps(body, ensure_ascii=False).encode()
        connection, fault = self.connection, self.reply.fault
        if self.reply.size_bytes:
            before, _, after = data.partition(FILLING.encode())
            await connection.begin_chunks("application/json", self.headers)
            await self._send(itertools.chain([before], _filler(self.reply.size_bytes), [after]))
            await connection.end_chunks()
        elif fault == "frame":
            await connection.begin_chunks("application/json", self.headers)
            await self._send([data[: len(data) // 2]])
            return await self._break_frame()
        elif fault in {"cut", "hang"}:
            await connection.send(200, data, self.headers, kept_back=len(data) // 2)
            if fault == "hang":
                await connection.gone_within(FOREVER)
            return False
        elif fault == "malformed":
            await connection.send(200, data[: len(data) // 2], self.headers)
        else:
            await connection.send(200, data.replace(FILLING.encode(), b"\xff\xfe"), self.headers)
        return True

    async def _stream(self, said: Said) -> bool:
        form = self.wire.stream(said)
        await self.connection.begin_chunks("text/event-stream", self.headers)
        self.bill("")
        if self.reply.fault == "silent":
            await self.connection.gone_within(FOREVER)
            return False
        await self._events(form.opening())
        for number, (written, event) in enumerate(self._pieces(said, form)):
            if self.reply.fault and number == self.reply.pieces:
                return await self._break_off(form)
            if await self._interrupted():
                return False
            # A billed piece may be lost on the wire, a piece on the wire is never free.
            self.bill(written)
            await self._events([event] if isinstance(event, str) else event())
        await self._events(form.closing())
        await self.connection.end_chunks()
        return True

    def _pieces(self, said: Said, form: Any) -> Iterator[tuple[str, Any]]:
        """Yield the pieces after the opening, each with all that is written once it is sent.

        The events of a text are made when they are sent, since they may tell what was used so far.
        """
        written = ""
        for piece in self.simulator.cut(said.reply.refusal or said.text):
            written += piece
            if FILLING in piece:
                yield written, lambda piece=piece: self._filled(form.text(piece))
            else:
                yield written, lambda piece=piece: form.text(piece)
        for index, call in enumerate(said.tool_calls):
            written += call.name + call.arguments
            for event in form.tool_call(index, call):
                yield written, event

    def _filled(self, events: list[str]) -> Iterator[bytes]:
        """Return the event of a text that is filled up, or broken: as many more events as it takes."""
        event = "".join(events).encode()
        if not self.reply.size_bytes:
            yield event.replace(FILLING.encode(), b"\xff\xfe").replace(json.dumps(FILLING)[1:-1].encode(), b"\xff\xfe")
            return
        for piece in _filler(self.reply.size_bytes):
            yield event.replace(json.dumps(FILLING)[1:-1].encode(), piece)

    async def _events(self, events: Iterable[str | bytes]) -> None:
        await self._send(event.encode() if isinstance(event, str) else event for event in events)

    async def _send(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            await self.connection.send_chunk(piece)
            self.entry.sent_bytes += len(piece)
            # A reader that takes all at once would otherwise keep the loop from everybody else.
            await asyncio.sleep(0)

    async def _interrupted(self) -> bool:
        """Wait for the next piece's time; True when the client left or somebody killed the stream."""
        killed = asyncio.ensure_future(self.simulator.killed.wait())
        gone = asyncio.ensure_future(self.connection.gone_within(self.reply.piece_seconds))
        done, waiting = await asyncio.wait({killed, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if killed in done or self.simulator.kills != self._kills:
            return True
        return gone.result()

    async def _break_off(self, form: Any) -> bool:
        """Do what the fault says; the end of the chunks is missing where the connection breaks."""
        fault = self.reply.fault
        if fault == "hang":
            await self.connection.gone_within(FOREVER)
            return False
        if fault == "frame":
            return await self._break_frame()
        endings = {
            "end": form.ending_without_end,
            "error": lambda: self.wire.stream_error(self.reply.code, self.reply.message),
            "malformed": lambda: ['data: {"id": "chatcmpl-1", "choi\n\n'],
        }
        if fault not in endings:
            return False
        await self._events(endings[fault]())
        await self.connection.end_chunks()
        return True

    async def _break_frame(self) -> bool:
        # In a packet of its own, which comes after the reader has begun to read.
        await asyncio.sleep(0.05)
        await self.connection.break_frame()
        await self.connection.gone_within(FOREVER)
        return False


def _written(said: Said) -> str:
    """Return all that the model wrote."""
    calls = "".join(call.name + call.arguments for call in said.tool_calls)
    return (said.reply.refusal or said.text) + calls


def _tool_call(number: int, call: dict[str, Any]) -> ToolCall:
    arguments = call.get("arguments", {})
    said = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return ToolCall(call.get("id") or f"call_{number}", call["name"], said)


def _filler(size: int) -> Iterator[bytes]:
    """Yield so many bytes of text."""
    while size > 0:
        yield FILLER[:size]
        size -= len(FILLER)
