"""The content security policy of the administration pages."""

from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

# Unfold's Alpine build evaluates expressions in attributes and its pages bring a style element; scripts of other
# origins and inline scripts stay forbidden.
ADMIN_DIRECTIVES: dict[str, Any] = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}


class AdminPolicyMiddleware(MiddlewareMixin):
    """Loosens the policy for the admin's pages, and for no others. Stands below `CSPMiddleware`, which writes the header."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.path.startswith(reverse("admin:index")):
            response._csp_replace = ADMIN_DIRECTIVES  # type: ignore[attr-defined] # noqa: SLF001 - how django-csp is told
        return response
