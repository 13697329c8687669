"""The bound of `transport` for an SDK that brings a connection of its own."""

from collections.abc import AsyncIterator

import httpx2

from ai_router.providers.transport import MAX_ANSWER_BYTES, AnswerTooLargeError


async def bound_response(response: httpx2.Response) -> None:
    """Make reading the body fail once it is too large. A response hook of an HTTP client."""
    if int(response.headers.get("content-length") or 0) > MAX_ANSWER_BYTES:
        await response.aclose()
        raise AnswerTooLargeError("the answer is announced as too large")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _BoundedStream(response.stream)


class _BoundedStream(httpx2.AsyncByteStream):
    """A body that is read up to the bound."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for piece in self._stream:
            read += len(piece)
            if read > MAX_ANSWER_BYTES:
                raise AnswerTooLargeError("the answer is too large")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
