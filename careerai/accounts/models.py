"""People who sign in, and the tokens their programs use."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone


class User(AbstractUser):
    """A person with an account; the e-mail address is unique and signs in as well as the username."""

    email = models.EmailField("e-mail address", unique=True)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]
    # The token that signed them in for this request; None where none did.
    api_token_id: int | None = None

    class Meta(AbstractUser.Meta):
        constraints = [models.UniqueConstraint(Lower("email"), name="email_once_in_any_case")]


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Questions about many tokens."""

    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return the tokens that this user owns."""
        return self.filter(user_id=user.pk)

    def usable(self) -> Self:
        """Return the tokens that are neither revoked nor expired, of users who may sign in."""
        unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, revoked_at=None, user__is_active=True)


class ApiToken(models.Model):
    """A token that signs a program in as its user.

    Only a digest is kept. SHA-256 without salt is enough for 256 random bits, and lets the token be found by index.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=20, help_text="The token's beginning, to tell tokens apart.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: never.")
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def state(self) -> str:
        """`revoked`, `expired` or `active`."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.has_expired(timezone.now()) else "active"

    def has_expired(self, now: datetime) -> bool:
        """Tell whether the token's time is over."""
        return self.expires_at is not None and self.expires_at <= now
