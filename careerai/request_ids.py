"""Each request has an id: in the answer's header, in the body of an error, in log lines, and on the calls in the ledger."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from usage.context import NOTHING, Context, begin, new_request_id


class RequestIdMiddleware:
    """Takes `X-Request-ID` from the client where it is sane, else makes one, and sends it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request under its id."""
        request_id = new_request_id(request.headers.get("X-Request-ID", ""))
        begin(Context(request_id, request=request))
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if not response.streaming:
            begin(NOTHING)
        return response
