"""Numbers that no database keeps."""

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from careerai.error_pages import bad_request


class LargeNumberMiddleware(MiddlewareMixin):
    """Answers 400 where an address of the administration asks for a key of more digits than SQLite takes.

    Its lists may be narrowed by any column, and Django bounds what is asked of numbers, but not of foreign keys. PostgreSQL finds nothing.
    """

    def process_exception(self, request: ASGIRequest | WSGIRequest, exception: Exception) -> HttpResponse | None:
        is_of_address = isinstance(exception, OverflowError) and request.method in {"GET", "HEAD"}
        if is_of_address and request.path.startswith(reverse("admin:index")):
            return bad_request(request, exception)
        return None
