"""The keys of the database as this process knows them: read in the first act of a call, every few seconds."""

import logging
from collections.abc import Mapping

from django.db import DatabaseError

from ai_router.copies import Copy
from ai_router.models import ProviderKey
from ai_router.sealing import UnreadableSecretError, sealed_anew

logger = logging.getLogger(__name__)

KEPT_SECONDS = 5
# For each provider: the keys and their names.
Kept = Mapping[str, tuple[tuple[str, str], ...]]
NOTHING: Kept = {}


def _read_keys() -> Kept:
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for row in ProviderKey.objects.filter(is_enabled=True).order_by("provider", "id"):
        try:
            found[row.provider] = (*found.get(row.provider, ()), (row.secret(), row.name))
        except UnreadableSecretError:
            logger.error("ai_key_unreadable: the key %s was sealed with another SECRET_KEY: enter it again", row)
    return found


_KEYS = Copy(_read_keys, seconds=KEPT_SECONDS)


def refresh_keys() -> None:
    """Read the keys again where they are too old. Touches the database; without it, nothing changes."""
    try:
        _KEYS.get()
    except DatabaseError:
        logger.warning("The keys of the database cannot be read", exc_info=True)


def kept_keys() -> Kept:
    """Return the keys as they were last read; touches no database."""
    return _KEYS.peek() or NOTHING


def forget_keys() -> None:
    """Have them read again, as after an edit in this process."""
    _KEYS.forget()


def seal_keys_anew() -> int:
    """Seal what a former `SECRET_KEY` sealed with the present one, so that the former may go; returns how many those were."""
    renewed = 0
    for pk, sealed in ProviderKey.objects.values_list("pk", "sealed"):
        anew = sealed_anew(sealed)
        if anew is not None:
            renewed += ProviderKey.objects.filter(pk=pk, sealed=sealed).update(sealed=anew)
    return renewed
