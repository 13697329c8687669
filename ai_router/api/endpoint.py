"""What every resource of the gateway does alike: sign in by token, read a bounded body, answer errors in OpenAI's form."""

import logging
from collections.abc import Callable, Coroutine
from functools import wraps
from http import HTTPStatus
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.settings import api_settings

from ai_router.api.bodies import read_json
from ai_router.api.openai_errors import SERVER, GatewayError, gateway_error
from ai_router.limits import rate_limit_headers
from usage.context import current_request_id, new_request_id

logger = logging.getLogger(__name__)

# Where a request keeps whose it is.
SIGNED_IN = "careerai.user_id"

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def endpoint(method: str) -> Callable[[View], View]:
    """Make a view of the gateway of an async function that takes the request, its id and what the address names.

    Programs sign in by token only, never by a browser's session, so that no page of another site can call it.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        async def answer(request: HttpRequest, **named: str) -> HttpResponseBase:
            request_id = current_request_id() or new_request_id()
            try:
                if request.method != method:
                    raise _wrong_method(request, method)
                response = await view(request, request_id=request_id, **named)
            except Exception as error:  # noqa: BLE001 - a bug is logged, and told in the form that clients read
                response = failure(error)
            response["x-request-id"] = request_id
            user_id: int | None = request.META.get(SIGNED_IN)
            if user_id is not None:
                for name, value in (await sync_to_async(rate_limit_headers)(user_id)).items():
                    response[name] = value
            return response

        return answer

    return decorate


def failure(error: Exception) -> HttpResponse:
    """Answer an error; a bug is logged and told as such."""
    return known_error(error).response()


def known_error(error: Exception) -> GatewayError:
    """Return the error in OpenAI's words; a bug goes into the log with its traceback, and not to the client."""
    found = gateway_error(error)
    if found is None:
        logger.error("The gateway failed", exc_info=error)
        found = GatewayError(
            HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.", SERVER, "internal_error"
        )
    return found


def sign_in(request: HttpRequest) -> Any:
    """Return the token's user.

    Raises:
        APIException: There is no token, it is not valid, or too many wrong ones came from this address.
    """
    kinds: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    user = Request(request, authenticators=[kind() for kind in kinds if kind is not SessionAuthentication]).user
    if not user.is_authenticated:
        message = "Send a CareerAI token as `Authorization: Bearer …`."
        raise NotAuthenticated(message)
    request.META[SIGNED_IN] = user.pk
    return user


def read_body(request: HttpRequest) -> dict[str, Any]:
    """Return the body, a JSON object of bounded size.

    Raises:
        GatewayError: It is too large, or no object.
        BadBodyError: It is no JSON.
    """
    most = settings.GATEWAY_MAX_BODY_BYTES
    length = request.headers.get("Content-Length", "")
    body = b"" if length.isdigit() and int(length) > most else request.read(most + 1)
    if not body or len(body) > most:
        if not body and length in {"", "0"}:
            raise GatewayError(400, "The body is empty.", code="invalid_json")
        message = f"The body is larger than {most // 1024 // 1024} MB."
        raise GatewayError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, code="request_too_large")
    parsed = read_json(body)
    if not isinstance(parsed, dict):
        raise GatewayError(400, "The body must be a JSON object.", code="invalid_json")
    return parsed


def _wrong_method(request: HttpRequest, method: str) -> GatewayError:
    return GatewayError(
        HTTPStatus.METHOD_NOT_ALLOWED,
        f"{request.method} is not offered here, only {method}.",
        code="method_not_allowed",
    )
