"""For whom this thread, or this task of an event loop, works just now: what log lines and the ledger say of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.utils.functional import LazyObject

# What a client may name its request: it stands in logs, headers and the ledger.
SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


@dataclass(frozen=True, slots=True)
class Context:
    """A request, or a background task, that is worked on. `request` is Django's, which learns late who has sent it."""

    request_id: str
    user_id: int | None = None
    request: Any = None


NOTHING = Context("")
# More secrets than these are not kept in the database; the oldest of them is forgotten.
MOST_SECRETS = 1_000
_secrets: dict[str, None] = {}
_context: ContextVar[Context] = ContextVar("context", default=NOTHING)


def current_request_id() -> str:
    """Return the id of the request, or of that which began the background task; empty for commands."""
    return _context.get().request_id


def current_user_id() -> int | None:
    """Return the number of the user, where it is known without asking the database."""
    context = _context.get()
    return context.user_id if context.request is None else _signed_in(context.request)


def new_request_id(proposed: str = "") -> str:
    """Return what the client named its request, where that is sane, else a name of our own."""
    return proposed if SANE_ID.fullmatch(proposed) else uuid4().hex


def begin(context: Context) -> None:
    """Work for this from now on: no block could hold it, as a streamed answer is written after its view has returned."""
    _context.set(context)


@contextmanager
def working_for(context: Context) -> Iterator[None]:
    """Work for this within the block."""
    token = _context.set(context)
    try:
        yield
    finally:
        _context.reset(token)


def hide_in_logs(secret: str) -> None:
    """Let no log line of this process have a secret that it has just read, such as a key that the database keeps sealed."""
    if secret not in _secrets:
        _secrets[secret] = None
        # Copied at once: other threads read secrets meanwhile.
        for oldest in list(_secrets)[:-MOST_SECRETS]:
            _secrets.pop(oldest, None)


def hidden_in_logs() -> tuple[str, ...]:
    """Return the secrets that this process has read."""
    return tuple(_secrets)


def _signed_in(request: Any) -> int | None:
    user = request.__dict__.get("user")
    if user is None or isinstance(user, LazyObject):
        user = request.__dict__.get("_cached_user")
    key = getattr(user, "pk", None)
    return key if isinstance(key, int) else None
