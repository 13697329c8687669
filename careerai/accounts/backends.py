"""Signing in by e-mail address or by username."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from careerai.accounts.models import User


class EmailOrUsernameBackend(ModelBackend):
    """Takes what was typed as a username first, and as an e-mail address second."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the user whose password this is, or None."""
        if username and "@" in username:
            known = User.objects.filter(email__iexact=username).values_list("username", flat=True).first()
            username = known or username
        return super().authenticate(request, username=username, password=password, **kwargs)
