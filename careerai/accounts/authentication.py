"""Bearer tokens for the REST API."""

from django.http import HttpRequest
from django_ratelimit.core import get_usage
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from careerai.accounts.models import ApiToken, User
from careerai.accounts.tokens import find_token

WRONG_TOKENS_RATE = "30/m"


class TokenAuthentication(BaseAuthentication):
    """Reads `Authorization: Bearer TOKEN`; too many wrong tokens from one address are refused for a while."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the token's user, or None where the request names no token.

        Raises:
            AuthenticationFailed: The token is unknown, expired or revoked; which of them is not told.
            Throttled: Too many wrong tokens came from this address.
        """
        scheme, _, plain = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = find_token(plain.strip())
        if token is None:
            # The limit counts on Django's request, which DRF's wraps.
            _refuse_guessing(request._request)  # noqa: SLF001
            message = "The API token is not valid: it is wrong, has expired or was revoked."
            raise AuthenticationFailed(message)
        token.user.api_token_id = token.pk
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Answer 401, not 403, where nobody is signed in."""
        return 'Bearer realm="CareerAI"'


def _refuse_guessing(request: HttpRequest) -> None:
    usage = get_usage(request, group="api-token", key="ip", rate=WRONG_TOKENS_RATE, increment=True)
    if usage and usage["should_limit"]:
        # Whole seconds are counted: in the last one of a window none is left.
        raise Throttled(wait=max(1, usage["time_left"]), detail="Too many wrong API tokens came from this address.")


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the tokens in the API's schema."""

    target_class = TokenAuthentication
    name = "bearerToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the scheme in OpenAPI's words."""
        return {"type": "http", "scheme": "bearer"}
