"""Addresses without their last slash."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware


class _SameRequestElsewhere(HttpResponsePermanentRedirect):
    """308: whoever follows it sends the same method and body."""

    def __init__(self, redirect_to: str, *args: Any, **kwargs: Any) -> None:
        """Set the status that keeps the request."""
        super().__init__(redirect_to, *args, **kwargs)
        self.status_code = HTTPStatus.PERMANENT_REDIRECT


class SlashMiddleware(CommonMiddleware):
    """Django's own, with 308 in place of 301, after which many clients send GET."""

    response_redirect_class = _SameRequestElsewhere
