"""What a person, or a program, sees when something goes wrong."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django_ratelimit.exceptions import Ratelimited

from careerai.exception_handler import error_body, retry_headers, retry_moment, too_often_message

API_PREFIXES = ("/api/", "/v1/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _answer(request, HTTPStatus.BAD_REQUEST, "bad_request", "The request could not be understood.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, or 429 where a rate limit said no."""
    if isinstance(exception, Ratelimited):
        moment = retry_moment(exception)
        return _answer(
            request, HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", too_often_message(moment), retry_after=moment
        )
    return _answer(request, HTTPStatus.FORBIDDEN, "permission_denied", "You may not do this.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was open too long, or came from elsewhere."""
    message = (
        "The form was not accepted: it was open for too long, or cookies are blocked. Go back, reload and try again."
    )
    return _answer(request, HTTPStatus.FORBIDDEN, "csrf_failed", message)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page, or not one for this person."""
    message = "There is no such page, or it belongs to somebody else."
    if request.path.startswith(API_PREFIXES):
        message = "There is nothing at this address."
    return _answer(request, HTTPStatus.NOT_FOUND, "not_found", message)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; looks nothing up, because the database may be what is broken."""
    message = "Something went wrong on our side, and it was written to the log. Your documents are as they were."
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", message)


def _answer(
    request: HttpRequest, status: HTTPStatus, code: str, message: str, *, retry_after: datetime | None = None
) -> HttpResponse:
    headers = retry_headers(retry_after)
    if request.path.startswith(API_PREFIXES):
        body = error_body(code, message, retry_after=retry_after.isoformat() if retry_after else None)
        return JsonResponse(body, status=status, headers=headers)
    context: dict[str, Any] = {"status": status.value, "title": status.phrase, "message": message}
    looks_up_user = status != HTTPStatus.INTERNAL_SERVER_ERROR and hasattr(request, "user")
    html = render_to_string("error.html", context, request if looks_up_user else None)
    return HttpResponse(html, status=status, headers=headers)
