"""Maps every error to a status and to the API's one error form."""

import math
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404
from django.utils import timezone
from django_ratelimit.exceptions import Ratelimited
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from ai_router.errors import RouterError
from cv.errors import CVError
from jobs.errors import JobsError
from usage.context import current_request_id, new_request_id
from usage.errors import UsageError

DOMAIN_ERRORS = (CVError, JobsError, RouterError, UsageError)


def error_body(code: str, message: str, **more: Any) -> dict[str, Any]:
    """Return `{"error": {"code", "message", …}}`; keys whose value is None are left out."""
    error = {"code": code, "message": message, **{key: value for key, value in more.items() if value is not None}}
    error.setdefault("request_id", current_request_id() or new_request_id())
    return {"error": error}


def retry_moment(error: Exception) -> datetime | None:
    """Return from when on it is worth trying again: `resets_at`, or `retry_after` seconds from now; None if nobody knows."""
    resets_at: datetime | None = getattr(error, "resets_at", None)
    seconds: float | None = getattr(error, "retry_after", None)
    if resets_at is None and seconds is not None:
        return timezone.now() + timedelta(seconds=seconds)
    return resets_at


def retry_headers(moment: datetime | None) -> dict[str, str]:
    """Return the header that says in how many whole seconds to come back."""
    if moment is None:
        return {}
    return {"Retry-After": str(max(1, math.ceil((moment - timezone.now()).total_seconds())))}


def too_often_message(moment: datetime | None) -> str:
    """Say that somebody came too often, and when they may come again."""
    if moment is None:
        return "That was tried too often. Wait a while and try again."
    minutes = max(1, math.ceil((moment - timezone.now()).total_seconds() / 60))
    return f"That was tried too often. Try again in {minutes} minute{'' if minutes == 1 else 's'}."


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer domain errors and DRF's own in the error form; anything else is a bug and surfaces."""
    if isinstance(error, DOMAIN_ERRORS):
        retry_after = retry_moment(error)
        body = error_body(error.code, error.user_message, retry_after=retry_after.isoformat() if retry_after else None)
        return Response(body, status=error.status_code, headers=retry_headers(retry_after))
    if isinstance(error, Ratelimited):
        moment = retry_moment(error)
        body = error_body("rate_limited", too_often_message(moment), retry_after=moment.isoformat() if moment else None)
        return Response(body, status=429, headers=retry_headers(moment))
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing at this address, or it belongs to somebody else.")
    response = drf_exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        fields = response.data if isinstance(response.data, dict) else {"non_field_errors": response.data}
        response.data = error_body("invalid", "Some values are not valid.", fields=fields)
    else:
        detail = response.data.get("detail", "") if isinstance(response.data, dict) else response.data
        code = getattr(detail, "code", "error")
        wait = getattr(error, "wait", None)
        come_back = (timezone.now() + timedelta(seconds=wait)).isoformat() if wait is not None else None
        response.data = error_body(str(code), str(detail), retry_after=come_back)
    return response
