"""The bounds of `transport` for the retired SDK of Gemini's, which reads with `requests`."""

from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ai_router.providers.transport import MAX_ANSWER_BYTES, AnswerTooLargeError


def bound_answers(session: requests.Session) -> None:
    """Make reading fail once an answer of the session's is too large, and asking where it leads elsewhere."""
    session.max_redirects = 0
    for scheme in ("https://", "http://"):
        session.mount(scheme, _BoundedAdapter())


class _BoundedAdapter(HTTPAdapter):
    """Sends like any other; bodies of answers are read up to the bound."""

    def send(self, request: requests.PreparedRequest, *arguments: Any, **more: Any) -> requests.Response:
        response = super().send(request, *arguments, **more)
        if int(response.headers.get("content-length") or 0) > MAX_ANSWER_BYTES:
            response.close()
            raise AnswerTooLargeError("the answer is announced as too large")
        response.raw = _BoundedBody(response.raw)
        return response


class _BoundedBody:
    """A body that is read up to the bound; all that is not reading is the body's own."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)

    def stream(self, *arguments: Any, **more: Any) -> Iterator[bytes]:
        """Yield what comes, as it comes."""
        read = 0
        for piece in self._body.stream(*arguments, **more):
            read += len(piece)
            if read > MAX_ANSWER_BYTES:
                self._body.close()
                raise AnswerTooLargeError("the answer is too large")
            yield piece
