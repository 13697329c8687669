"""A span for each request that is answered, a part of the client's trace where it names one (`traceparent`)."""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from usage import tracing
from usage.context import current_request_id, current_user_id

SERVER_ERROR = 500
PART = re.compile(r"\(\?P<(\w+)>[^)]*\)")
# Asked every few seconds, by programs that want no trace of it.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


class TraceMiddleware:
    """Makes the span; an address never stands in it, as some are secrets, but the pattern that it matched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request within its span; a streamed answer ends it when its last piece is out."""
        if tracing.tracer() is None or request.path in PROBES:
            return self.get_response(request)
        span = tracing.start(
            str(request.method),
            kind="SERVER",
            parent=request.headers.get("traceparent", ""),
            attributes={"http.request.method": str(request.method), "careerai.request_id": current_request_id()},
        )
        token = tracing.put_to_work(span)
        try:
            response = self.get_response(request)
        except BaseException as error:
            tracing.lay_down(token)
            tracing.end(span, error=type(error).__name__)
            raise
        if response.streaming:
            # What is streamed is a part of it as well; Django has no other way to hear of its end.
            response._resource_closers.append(lambda: _end(span, request, response))  # type: ignore[attr-defined]  # noqa: SLF001
        else:
            tracing.lay_down(token)
            _end(span, request, response)
        return response


def _readable(route: str) -> str:
    """Return the pattern of an address with names in braces for its parts, however it was written."""
    plain = PART.sub(r"{\1}", route.replace("<int:", "<").replace("<str:", "<").replace("<path:", "<"))
    return f"/{plain.replace('^', '').replace('$', '')}".replace("<", "{").replace(">", "}")


def _end(span: Any, request: HttpRequest, response: HttpResponseBase) -> None:
    match, user_id = request.resolver_match, current_user_id()
    route = _readable(match.route) if match else ""
    attributes: dict[str, str | int] = {"http.response.status_code": response.status_code}
    if route:
        attributes["http.route"] = route
        span.update_name(f"{request.method} {route}")
    if user_id is not None:
        attributes["user.id"] = str(user_id)
    tracing.end(
        span,
        error=str(response.status_code) if response.status_code >= SERVER_ERROR else "",
        attributes=attributes,
    )
