"""Secrets in the database: sealed with a key that is derived from `SECRET_KEY`, readable with those of `SECRET_KEY_FALLBACKS` too.

Fernet (AES-128-CBC with HMAC-SHA256) of the `cryptography` package; its key comes from HKDF-SHA256 (RFC 5869), so that nothing
else that `SECRET_KEY` signs can be used to open them.
"""

import base64
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from usage.context import hide_in_logs

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

PURPOSE = b"careerai: keys of providers"


class UnreadableSecretError(Exception):
    """A secret was sealed with a `SECRET_KEY` that the site does not know any more."""


def seal(secret: str) -> str:
    """Return the secret sealed with the present `SECRET_KEY`."""
    return _sealer().encrypt(secret.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Return a sealed secret; log lines of this process leave it out from then on.

    Raises:
        UnreadableSecretError: No known `SECRET_KEY` opens it.
    """
    from cryptography.fernet import InvalidToken

    try:
        secret = _sealer().decrypt(sealed.encode("ascii")).decode()
    except InvalidToken as error:
        message = "this was sealed with another SECRET_KEY"
        raise UnreadableSecretError(message) from error
    hide_in_logs(secret)
    return secret


def sealed_anew(sealed: str) -> str | None:
    """Return a secret that a former `SECRET_KEY` sealed, sealed with the present one; None where that is not needed, or not possible."""
    from cryptography.fernet import InvalidToken

    try:
        _derive((settings.SECRET_KEY,)).decrypt(sealed.encode("ascii"))
    except InvalidToken:
        try:
            return _sealer().rotate(sealed.encode("ascii")).decode("ascii")
        except InvalidToken:
            return None
    return None


def _sealer() -> "MultiFernet":
    return _derive((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _derive(keys: tuple[str, ...]) -> "MultiFernet":
    # Loaded when there is a secret: a site without any starts faster.
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(_derive_one(key)) for key in keys])


def _derive_one(key: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(derived)
