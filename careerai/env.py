"""Typed readers for settings from the environment; a bad value stops the start."""

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
ADDRESS_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
PAIR_WORD = re.compile(r"[a-z][a-z0-9_-]{0,19}")
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


def load_env_file(path: Path) -> None:
    """Read `NAME=value` lines into the environment; what is set there already goes before them.

    Blank lines and lines that begin with `#` are skipped, a leading `export` and quotes around a value are dropped.

    Raises:
        ImproperlyConfigured: A line is no assignment.
    """
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, sign, value = text.removeprefix("export ").partition("=")
        if not sign or not name.strip().isidentifier():
            msg = f"{path.name}, line {number}: expected NAME=value."
            raise ImproperlyConfigured(msg)
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        os.environ.setdefault(name.strip(), value)


def env_str(name: str, default: str = "") -> str:
    """Return the variable, stripped, or `default` where it is unset or blank."""
    return os.environ.get(name, "").strip() or default


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return the variable, in small letters, which must be one of `choices`.

    Raises:
        ImproperlyConfigured: The value is none of them.
    """
    word = env_str(name, default).lower()
    if word not in choices:
        msg = f"{name} must be one of {', '.join(choices)}, not {word!r}."
        raise ImproperlyConfigured(msg)
    return word


def env_bool(name: str, *, default: bool) -> bool:
    """Return the variable as a boolean.

    Raises:
        ImproperlyConfigured: The value is none of the known words.
    """
    raw = os.environ.get(name)
    if raw is None:
        return default
    word = raw.strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    msg = f"{name} must be true or false, not {raw!r}."
    raise ImproperlyConfigured(msg)


def env_int(name: str, default: int, *, minimum: int = 0) -> int:
    """Return the variable as an integer of at least `minimum`.

    Raises:
        ImproperlyConfigured: The value is no integer, or below `minimum`.
    """
    raw = env_str(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        msg = f"{name} must be a whole number, not {raw!r}."
        raise ImproperlyConfigured(msg) from None
    if value < minimum:
        msg = f"{name} must be at least {minimum}, not {value}."
        raise ImproperlyConfigured(msg)
    return value


def env_seconds(name: str, default: str, *, words: Mapping[str, float | None]) -> float | None:
    """Return the variable as a number of seconds above 0, or what one of `words` stands for.

    Raises:
        ImproperlyConfigured: The value is neither.
    """
    raw = env_str(name, default).lower()
    if raw in words:
        return words[raw]
    try:
        seconds = float(raw)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        msg = f"{name} must be a number of seconds above 0 or one of {', '.join(words)}, not {raw!r}."
        raise ImproperlyConfigured(msg)
    return seconds


def env_zone(name: str, default: str = "UTC") -> str:
    """Return the variable as the name of a time zone that this machine knows.

    Raises:
        ImproperlyConfigured: It knows none of that name.
    """
    zone = env_str(name, default)
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        msg = f"{name} must be a time zone such as Europe/Berlin, not {zone!r}."
        raise ImproperlyConfigured(msg) from None
    return zone


def env_list(name: str, default: str = "") -> list[str]:
    """Return the variable split at commas, blanks removed."""
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


def env_words(name: str, *, among: Collection[str]) -> dict[str, str]:
    """Return the variable as `key=word` pairs, separated by commas, in small letters; the keys are `among` these.

    Raises:
        ImproperlyConfigured: A part is not in this form, or its key is none of them.
    """
    found: dict[str, str] = {}
    for part in env_list(name):
        key, _, word = (piece.strip().lower() for piece in part.partition("="))
        if key not in among or not PAIR_WORD.fullmatch(word):
            msg = f"{name} must be like {min(among)}=word, with one of {', '.join(sorted(among))}, not {part!r}."
            raise ImproperlyConfigured(msg)
        found[key] = word
    return found


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, and whether it is one of the site's own machines."""

    url: str
    is_local: bool


def env_addresses(name: str, *, taken: Collection[str]) -> dict[str, Address]:
    """Return the variable as names and addresses: `name=https://…` or `name=local:http://…`, separated by commas.

    Raises:
        ImproperlyConfigured: A part is not in this form, or its name is taken.
    """
    found: dict[str, Address] = {}
    for part in env_list(name):
        own, _, address = part.partition("=")
        url = address.strip().removeprefix("local:")
        if not ADDRESS_NAME.fullmatch(own.strip()) or not url.startswith(("http://", "https://")):
            msg = f"{name} must be like mistral=https://api.mistral.ai/v1, with a name of small letters, not {part!r}."
            raise ImproperlyConfigured(msg)
        if own.strip() in {*taken, *found}:
            msg = f"{name}: the name {own.strip()!r} is taken."
            raise ImproperlyConfigured(msg)
        found[own.strip()] = Address(url, is_local=address.strip().startswith("local:"))
    return found


def env_secret(name: str, default: str = "") -> str:
    """Return a secret from `NAME`, or from the file that `NAME_FILE` names.

    Raises:
        ImproperlyConfigured: `NAME_FILE` names a file that cannot be read.
    """
    file_name = env_str(f"{name}_FILE")
    if not file_name:
        return env_str(name, default)
    try:
        return Path(file_name).read_text(encoding="utf-8").strip()
    except OSError as error:
        msg = f"{name}_FILE names {file_name!r}, which cannot be read: {error.strerror}."
        raise ImproperlyConfigured(msg) from None
