"""HTTP/1.1 on one connection, with full control over where it breaks."""

import asyncio
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True, slots=True)
class HTTPRequest:
    """A request as it came: `path` is decoded and has no query; names of headers are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def read_request(self) -> HTTPRequest | None:
        line = await self.reader.readline()
        if not line.strip():
            return None
        method, target, _ = line.decode("latin-1").split(" ", 2)
        headers: dict[str, str] = {}
        while (line := await self.reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        path, _, query = target.partition("?")
        body = await self._read_body(headers)
        return HTTPRequest(method, unquote(path), dict(parse_qsl(query)), headers, body)

    async def _read_body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await self.reader.readexactly(int(headers.get("content-length", "0")))
        pieces = []
        while size := int((await self.reader.readline()).partition(b";")[0], 16):
            pieces.append(await self.reader.readexactly(size))
            await self.reader.readline()
        await self.reader.readline()
        return b"".join(pieces)

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

    async def send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, kept_back: int = 0
    ) -> None:
        """Send a whole answer, or all but its last `kept_back` bytes."""
        lines = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
        self.writer.write(_head(status, lines) + body[: len(body) - kept_back])
        await self.writer.drain()

    async def begin_chunks(self, content_type: str, headers: dict[str, str]) -> None:
        """Send the head of an answer whose length is not known."""
        self.writer.write(_head(200, {"Content-Type": content_type, "Transfer-Encoding": "chunked", **headers}))
        await self.writer.drain()

    async def send_chunk(self, data: bytes) -> None:
        self.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self.writer.drain()

    async def break_frame(self) -> None:
        """Send a chunk whose length is no number."""
        self.writer.write(b"length\r\nno more\r\n")
        await self.writer.drain()

    async def end_chunks(self) -> None:
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    def abort(self) -> bool:
        """Reset the connection."""
        self.writer.transport.abort()
        return False


def _head(status: int, headers: dict[str, str]) -> bytes:
    # The last one of a name that differs only in case wins.
    named = {name.lower(): (name, value) for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else 'Error'}"]
    lines += [f"{name}: {value}" for name, value in named.values()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
