"""Bounded reading of bodies."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from math import isfinite
from typing import Any

MAX_DEPTH = 64
TOO_DEEP = f"it is nested deeper than {MAX_DEPTH} levels"
NOT_FINITE = "a number is out of range"
NO_TEXT = "a text has half of a pair of surrogates, which no provider can be sent"
# Only an escape can say such a half.
ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


class BadBodyError(ValueError):
    """A body that is no JSON as we take it; the message says why and repeats nothing of it."""


def read_json(body: bytes) -> Any:
    """Return the parsed body.

    Raises:
        BadBodyError: It is no JSON, is nested too deeply, or holds a number such as `1e400` or `NaN`, or a lone surrogate.
    """
    try:
        parsed = json.loads(body)
    except RecursionError as error:
        raise BadBodyError(TOO_DEEP) from error
    except ValueError as error:
        message = "it is no JSON"
        raise BadBodyError(message) from error
    check_bounds(parsed)
    if ESCAPE.search(body):
        _check_texts(parsed)
    return parsed


def _check_texts(parsed: Any) -> None:
    """Refuse what cannot be written as UTF-8: sent on, it would look like a fault of every provider's."""
    try:
        for text in texts_in(parsed):
            text.encode()
    except UnicodeEncodeError as error:
        raise BadBodyError(NO_TEXT) from error


def check_bounds(parsed: Any) -> None:
    """Refuse what is nested too deeply, or holds numbers that are not finite.

    Raises:
        BadBodyError: It does.
    """
    level: list[Any] = [parsed]
    for _ in range(MAX_DEPTH + 1):
        if any(isinstance(value, float) and not isfinite(value) for value in level):
            raise BadBodyError(NOT_FINITE)
        level = list(chain.from_iterable(map(_inner, level)))
        if not level:
            return
    raise BadBodyError(TOO_DEEP)


def texts_in(value: Any) -> Iterator[str]:
    """Return every text of a body, names of fields included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(map(texts_in, (*value.keys(), *value.values())))
    elif isinstance(value, list):
        yield from chain.from_iterable(map(texts_in, value))


def _inner(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []
