"""The connection under the SDKs: aiohttp, in the form that httpx and httpx2 take, with a bound on what is read.

A call over it costs about half of one over the SDKs' own transport. An answer without an end is cut before it fills
the memory: a whole one at `MAX_ANSWER_BYTES`, a stream once a single event is longer than that.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from io import BytesIO
from types import ModuleType
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.connector import Connection
from yarl import URL

# The largest batch of the longest vectors, 2,048 of 3,072 packed numbers, is half of this; the longest texts a fraction.
MAX_ANSWER_BYTES = 64 * 2**20
# What is larger, such as pictures, goes out in parts, so that other calls have their turn between them.
LARGE_BODY_BYTES = 2**20
MAX_CONNECTIONS = 1_000
KEEP_ALIVE_SECONDS = 60.0
# How long the end of a stream's connection may take after the end of its text, for the connection to be used again.
DRAIN_SECONDS = 0.05
END_OF_STREAM = b"[DONE]"
# aiohttp sets its own, and asks for the compressions that it can undo.
HEADERS_NOT_SENT = frozenset({b"host", b"connection", b"accept-encoding"})
# It has undone the compression, and the length was that of the compressed body.
HEADERS_NOT_KEPT = frozenset({b"content-encoding", b"content-length"})

# What a request has that the SDKs make of a body of JSON.
PLAIN = frozenset({"headers", "timeout", "content"})


class AnswerTooLargeError(ValueError):
    """A provider sent more than any answer has; the rest was not read."""


def proxy_of(address: URL) -> str | None:
    """Return the proxy that the environment names for an address, if any.

    aiohttp's own `trust_env` would also put a password of `.netrc` into the head of the request, beside or in place of the key.
    """
    return None if proxy_bypass(address.host or "") else getproxies().get(address.scheme)


def http_client(family: ModuleType) -> Any:
    """Return an async client of `family` (the module httpx or httpx2) over a pool of its own.

    It follows no redirects: a request with a key in its head goes to the address of the settings and nowhere else.
    A proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`) is used. Cookies are neither kept nor sent.
    """
    return _client_class(family)(_transport_class(family)())


@lru_cache(maxsize=2)
def _client_class(family: ModuleType) -> type[Any]:
    """Return the client as a class of the family's; the two families share their interface, not their classes."""
    return type("AiohttpClient", (_Client, family.AsyncClient), {"_family": family})


@lru_cache(maxsize=2)
def _transport_class(family: ModuleType) -> type[Any]:
    """Return the transport as a class of the family's."""
    body: Any = type("AiohttpBody", (_Body, family.AsyncByteStream), {})
    errors = {
        aiohttp.ConnectionTimeoutError: family.ConnectTimeout,
        aiohttp.SocketTimeoutError: family.ReadTimeout,
        aiohttp.ServerTimeoutError: family.ReadTimeout,
        aiohttp.ClientConnectorError: family.ConnectError,
        aiohttp.ClientPayloadError: family.ReadError,
        aiohttp.ClientConnectionError: family.RemoteProtocolError,
        aiohttp.InvalidURL: family.UnsupportedProtocol,
        aiohttp.ClientError: family.RemoteProtocolError,
    }
    names = {"_family": family, "_body_class": body, "_errors": errors}
    return type("AiohttpTransport", (_Transport, family.AsyncBaseTransport), names)


class WatchedResponse(aiohttp.ClientResponse):
    """An answer whose reader learns at once that the connection under it is gone.

    aiohttp 3.14 closes the connection at a broken frame of a chunk and tells nobody who is reading the body, who then
    waited for his own limit of time.
    """

    async def start(self, connection: Connection) -> "WatchedResponse":
        """Read the head, and watch over the body from then on."""
        protocol = connection.protocol
        await super().start(connection)
        if not self.content.is_eof() and protocol is not None:
            closed = protocol.closed
            if closed is None:
                self._break_off()
            else:
                closed.add_done_callback(self._break_off)
        return self

    def _break_off(self, closed: "asyncio.Future[None] | None" = None) -> None:
        """End a body that has no end and no error yet."""
        if closed is not None and not closed.cancelled():
            # Else asyncio complains that nobody has looked at it.
            closed.exception()
        if not self.content.is_eof() and self.content.exception() is None:
            self.content.set_exception(aiohttp.ClientPayloadError("the connection was closed within the body"))


class _Client:
    """Makes and sends the plain requests of the SDKs by the shortest way, and leaves all others to the family's client.

    What it leaves out (merging with the client's own headers, cookies, authentication flows, redirects) no plain request
    has, and took a third of the time of a call.
    """

    _family: Any

    def __init__(self, transport: Any) -> None:
        self._own_transport = transport
        super().__init__(transport=transport, follow_redirects=False, trust_env=False)  # type: ignore[call-arg]  # the family's

    def build_request(self, method: str, url: Any, **options: Any) -> Any:
        given = {name: value for name, value in options.items() if value is not None}
        if given.keys() != PLAIN or not isinstance(url, str) or not isinstance(given["content"], bytes):
            return super().build_request(method, url, **options)  # type: ignore[misc]  # the family's
        return self._family.Request(
            method,
            _parsed(self._family, url),
            headers=given["headers"],
            # Without the headers that aiohttp sets itself.
            stream=self._family.ByteStream(given["content"]),
            extensions={"timeout": self._family.Timeout(given["timeout"]).as_dict()},
        )

    async def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
        if options or request.url.userinfo or self.is_closed:  # type: ignore[attr-defined]  # the family's
            return await super().send(request, stream=stream, **options)  # type: ignore[misc]  # the family's
        response = await self._own_transport.handle_async_request(request)
        if not stream:
            try:
                await response.aread()
            except BaseException:
                await response.aclose()
                raise
        return response


class _Transport:
    """Sends requests of httpx's over aiohttp. The pool is opened with the first one, on the loop that it runs on."""

    _family: Any
    _body_class: Any
    _errors: dict[type[Exception], type[Exception]]

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        # The environment is read once for each address.
        self._proxy_of = lru_cache(maxsize=64)(proxy_of)

    async def handle_async_request(self, request: Any) -> Any:
        session = self._session or self._open()
        limits = request.extensions.get("timeout", {})
        encoding = request.headers.encoding
        headers = [
            (name.decode(encoding), value.decode(encoding))
            for name, value in request.headers.raw
            if name.lower() not in HEADERS_NOT_SENT
        ]
        # A file that is sent comes in parts.
        content = await request.aread()
        address = _url(request.url)
        with _translated(self._errors):
            answer = await session.request(
                request.method,
                address,
                headers=headers,
                data=BytesIO(content) if len(content) > LARGE_BODY_BYTES else content or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(sock_connect=limits.get("connect"), sock_read=limits.get("read")),
                proxy=self._proxy_of(address),
            )
        is_stream = answer.content_type == "text/event-stream"
        if not is_stream and (answer.content_length or 0) > MAX_ANSWER_BYTES:
            answer.close()
            message = f"the answer has {answer.content_length} bytes"
            raise AnswerTooLargeError(message)
        return self._family.Response(
            status_code=answer.status,
            headers=[pair for pair in answer.raw_headers if pair[0].lower() not in HEADERS_NOT_KEPT],
            stream=self._body_class(answer, self._errors, is_stream=is_stream),
            request=request,
            extensions={"http_version": b"HTTP/1.1"},
        )

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=MAX_CONNECTIONS, keepalive_timeout=KEEP_ALIVE_SECONDS, ssl=_ssl_context(self._family)
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Content-Type"),
            timeout=aiohttp.ClientTimeout(total=None),
            response_class=WatchedResponse,
        )
        return self._session


class _Body:
    """The body of an answer, as it comes."""

    def __init__(
        self, answer: aiohttp.ClientResponse, errors: dict[type[Exception], type[Exception]], *, is_stream: bool
    ) -> None:
        # A connection that breaks now has begun to answer.
        self._errors = {**errors, aiohttp.ClientConnectionError: errors[aiohttp.ClientPayloadError]}
        self._answer, self._is_stream = answer, is_stream
        self._is_over = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        with _translated(self._errors):
            async for piece in self._answer.content.iter_any():
                size += len(piece)
                if self._is_stream and (b"\n\n" in piece or b"\n\r\n" in piece):
                    size, self._is_over = 0, END_OF_STREAM in piece
                if size > MAX_ANSWER_BYTES:
                    self._answer.close()
                    message = f"the answer has more than {MAX_ANSWER_BYTES} bytes"
                    raise AnswerTooLargeError(message)
                yield piece

    async def aclose(self) -> None:
        if self._is_over and not self._answer.content.at_eof():
            with suppress(TimeoutError, aiohttp.ClientError):
                async with asyncio.timeout(DRAIN_SECONDS):
                    await self._answer.content.readany()
        # A connection whose answer was not read to its end is closed: the provider stops writing.
        if not self._answer.content.at_eof():
            self._answer.close()


@contextmanager
def _translated(errors: dict[type[Exception], type[Exception]]) -> Iterator[None]:
    """Raise the family's errors for aiohttp's; the nearest class of the table decides."""
    try:
        yield
    except aiohttp.ClientError as error:
        found = next(errors[base] for base in type(error).__mro__ if base in errors)
        raise found(str(error)) from error
    except TimeoutError as error:
        raise errors[aiohttp.SocketTimeoutError](str(error)) from error


@lru_cache(maxsize=2)
def _ssl_context(family: Any) -> Any:
    """Return the certificates that the family trusts."""
    return family.create_ssl_context()


@lru_cache(maxsize=64)
def _parsed(family: Any, url: str) -> Any:
    """Return an address as the family takes it; it is never changed, and there are only a few."""
    return family.URL(url)


@lru_cache(maxsize=64)
def _url(url: Any) -> Any:
    """Return the address as aiohttp takes it, with what is escaped left as it is."""
    return URL(str(url), encoded=True)
