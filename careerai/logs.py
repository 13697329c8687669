"""How log lines look: one line of text each for people, or of JSON for programs.

A line has the id of the request and the number of the user that it is about. It never has a key, an e-mail address, a
prompt or a text of somebody's: our own messages name none, and what others put into theirs is left out. Of an error that is
not ours a line says where it happened and of which class it is, as its message may quote what it was about.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from usage.context import current_request_id, current_user_id, hidden_in_logs

HIDDEN = "[hidden]"
SHORTEST_SECRET = 8
# Keys as vendors make them, and what stands behind words for one.
KEYS = re.compile(r"(?:\b(?:sk|gsk|xai|pk|rk)-?[_-]|\bAIza)[A-Za-z0-9_-]{16,}|(?<=Bearer )[^\s\"',]{8,}")
ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
CONTROLS = {number: f"\\x{number:02x}" for number in (*range(32), 127)} | {10: "\\n", 13: "\\r", 9: "\\t"}


class TextFormatter(logging.Formatter):
    """One line for people, and the way to an error below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        about = [f"request={current_request_id()}" if current_request_id() else ""]
        about += [f"user={current_user_id()}" if current_user_id() is not None else ""]
        tail = "".join(f" {word}" for word in about if word)
        line = f"{moment:%Y-%m-%d %H:%M:%S}Z {record.levelname} {record.name}: {message_of(record)}{tail}"
        return "\n".join([line, *_ways(record)])


class JsonFormatter(logging.Formatter):
    """One object of JSON on a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
            "request_id": current_request_id() or None,
            "user_id": current_user_id(),
            "process": record.process,
            "error": "\n".join(_ways(record)) or None,
        }
        return json.dumps({name: value for name, value in line.items() if value is not None}, ensure_ascii=False)


def message_of(record: logging.LogRecord) -> str:
    """Return the message on one line, without errors of others, keys and addresses."""
    arguments: Any = record.args
    if isinstance(arguments, Mapping):
        arguments = {name: _plain(value) for name, value in arguments.items()}
        if "exc" in arguments:
            # Celery puts errors into its lines as text.
            arguments["exc"] = _named(record.exc_info[1]) if record.exc_info and record.exc_info[1] else "an error"
    elif arguments:
        arguments = tuple(_plain(value) for value in arguments)
    text = str(record.msg) % arguments if arguments else str(_plain(record.msg))
    return cleaned(text).translate(CONTROLS)


def cleaned(text: str) -> str:
    """Return a text without the site's secrets, what looks like a key, and e-mail addresses."""
    read = [secret for secret in hidden_in_logs() if len(secret) >= SHORTEST_SECRET]
    # The longest first, so that none hides a part of another.
    for secret in sorted((*_secrets(), *read), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return ADDRESSES.sub("[e-mail]", KEYS.sub(HIDDEN, text))


def _plain(value: Any) -> Any:
    return _named(value) if isinstance(value, BaseException) else value


def _named(error: BaseException) -> str:
    """Return an error as it may be written: with what we or the system say of it, and nothing that it quotes."""
    said = getattr(error, "user_message", "") or (error.strerror if isinstance(error, OSError) else "")
    if settings.DEBUG:
        said = str(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _ways(record: logging.LogRecord) -> list[str]:
    """Return where an error came from, the first of a chain first, as lines."""
    error = record.exc_info[1] if record.exc_info else None
    lines: list[str] = []
    for one in reversed(list(_chain(error))):
        lines += [line.rstrip() for line in traceback.format_tb(one.__traceback__)]
        lines.append(cleaned(_named(one)).translate(CONTROLS))
    return lines


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came from, each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@cache
def _secrets() -> tuple[str, ...]:
    """Return the secrets of the site's settings."""
    rows: Iterable[str] = (row.get("api_key", "") for row in settings.AI_PROVIDERS.values())
    several = (key for keys in settings.AI_PROVIDER_KEYS.values() for key in keys)
    addresses = (settings.CELERY_BROKER_URL, settings.REDIS_URL)
    passwords = [part for address in addresses if (part := urlsplit(address).password)]
    passwords += [str(row.get("PASSWORD") or "") for row in settings.DATABASES.values()]
    found = {
        settings.SECRET_KEY,
        *settings.SECRET_KEY_FALLBACKS,
        settings.METRICS_TOKEN,
        settings.EMAIL_HOST_PASSWORD,
        settings.FIRST_USER_PASSWORD,
        *rows,
        *several,
        *passwords,
        *map(unquote, passwords),
    }
    return tuple(one for one in found if len(one) >= SHORTEST_SECRET)
