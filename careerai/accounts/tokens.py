"""Making, finding and revoking API tokens."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from careerai.accounts.models import ApiToken, User
from usage.audit import record
from usage.types import AuditAction

MARK = "careerai_"
SHOWN_CHARACTERS = 6
USE_NOTED_EVERY = timedelta(minutes=1)
MAX_DAYS = 3650


def create_token(*, user: User, name: str, days: int | None = None) -> tuple[ApiToken, str]:
    """Make a token that is valid for `days`, or until it is revoked; return its row and, this once, the token."""
    plain = MARK + secrets.token_urlsafe(32)
    expires_at = timezone.now() + timedelta(days=days) if days else None
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=plain[: len(MARK) + SHOWN_CHARACTERS],
        digest=_digest(plain),
        expires_at=expires_at,
    )
    return token, plain


def find_token(plain: str) -> ApiToken | None:
    """Return the usable token that `plain` is, and note that it was used; None for any other."""
    token = ApiToken.objects.usable().select_related("user").filter(digest=_digest(plain)).first()
    if token and (token.last_used_at is None or token.last_used_at < timezone.now() - USE_NOTED_EVERY):
        token.last_used_at = timezone.now()
        token.save(update_fields=["last_used_at"])
    return token


def revoke_token(token: ApiToken) -> None:
    """Refuse the token from now on; a second call changes nothing."""
    now = timezone.now()
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            record(AuditAction.CHANGED, token, changes={"revoked_at": [None, now.isoformat()]})


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
