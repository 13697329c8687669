"""How often an address, or a person, may come to a page: limits at the edge of the site, counted by django-ratelimit."""

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django_ratelimit.core import get_usage
from django_ratelimit.exceptions import Ratelimited

View = Callable[..., Any]
# Files, for each person: hundreds an hour for somebody who advises many, not thousands.
UPLOAD_RATE = "300/h"


class TooOftenError(Ratelimited):  # type: ignore[misc]  # the package has no types
    """Somebody came too often; `retry_after` says in how many seconds they may come again."""

    def __init__(self, retry_after: float) -> None:
        """Keep when."""
        self.retry_after = retry_after
        super().__init__(f"too often; again in {retry_after:.0f} s")


def limit_rate(*, group: str, key: str, rate: str) -> Callable[[View], View]:
    """Refuse a page's POST requests beyond a rate such as `10/h`, for each `key` (`ip`, `user`, `post:<field>`).

    Works on plain and on asynchronous views; the package's own decorator does not on the latter.
    """

    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def limited_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                await sync_to_async(count_request)(request, group=group, key=key, rate=rate)
                return await view(request, *args, **kwargs)

            return limited_async

        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            count_request(request, group=group, key=key, rate=rate)
            return view(request, *args, **kwargs)

        return limited

    return decorate


def count_request(request: HttpRequest, *, group: str, key: str, rate: str) -> None:
    """Count a POST request.

    Raises:
        TooOftenError: It is one too many.
    """
    usage = get_usage(request, group=group, key=key, rate=rate, method="POST", increment=True)
    if usage and usage["should_limit"]:
        raise TooOftenError(max(1.0, usage["time_left"]))
