"""The connection to Gemini: aiohttp, the fastest transport its SDK takes, with bounds that the SDK has no setting for."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import aiohttp
from aiohttp import hdrs
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from ai_router.providers.transport import MAX_ANSWER_BYTES, AnswerTooLargeError, WatchedResponse, proxy_of

CONNECT_SECONDS = 5.0
ADDRESS = "https://generativelanguage.googleapis.com"
# Where aiohttp looks for the address of a redirect.
LEADING_ON = (hdrs.LOCATION, hdrs.URI)
# The answers that begin while somebody wants to know them.
_noted: ContextVar[list[aiohttp.ClientResponse] | None] = ContextVar("noted", default=None)


def open_session(address: str) -> aiohttp.ClientSession:
    """Open a pool of connections to an address (empty: the vendor's); call it on the loop that will use it."""
    return aiohttp.ClientSession(
        # The router has limits of its own on what runs at once.
        connector=_Connector(limit=0),
        response_class=_BoundedResponse,
        proxy=proxy_of(URL(address or ADDRESS)),
    )


@contextmanager
def noted_answers() -> Iterator[list[aiohttp.ClientResponse]]:
    """Give a list of the answers that begin meanwhile: the SDK keeps them to itself, and does not close them."""
    answers: list[aiohttp.ClientResponse] = []
    token = _noted.set(answers)
    try:
        yield answers
    finally:
        _noted.reset(token)


class _Connector(aiohttp.TCPConnector):
    """Gives up early on an address that does not answer, where the SDK only knows one limit for all of a request."""

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:
        limits = aiohttp.ClientTimeout(total=timeout.total, sock_read=timeout.sock_read, sock_connect=CONNECT_SECONDS)
        return await super().connect(req, traces, limits)


class _BoundedResponse(WatchedResponse):
    """An answer that is read up to the bound, and leads nowhere."""

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The headers without a redirect's address: aiohttp would send the request there, with the key and the text."""
        found = super().headers
        if not any(name in found for name in LEADING_ON):
            return found
        kept = CIMultiDict(found)
        for name in LEADING_ON:
            kept.popall(name, None)
        return CIMultiDictProxy(kept)

    async def start(self, connection: Connection) -> "_BoundedResponse":
        await super().start(connection)
        self.content: Any = _BoundedReader(self.content)
        answers = _noted.get()
        if answers is not None:
            answers.append(self)
        return self


class _BoundedReader:
    """A body that is read up to the bound; all that is not reading is the body's own."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    async def iter_any(self) -> AsyncIterator[bytes]:
        """Yield what comes, as it comes."""
        read = 0
        async for piece in self._reader.iter_any():
            read += len(piece)
            if read > MAX_ANSWER_BYTES:
                raise AnswerTooLargeError("the answer is too large")
            yield piece

    async def read(self) -> bytes:
        """Return all of it."""
        return b"".join([piece async for piece in self.iter_any()])
