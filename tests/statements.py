"""What happens before every statement that goes to the database, by Django's cursor or by the driver's own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from django.db import OperationalError
from django.db.backends.utils import CursorWrapper

from usage import prepared


@contextmanager
def before_every_statement(effect: Callable[[], None]) -> Iterator[None]:
    """Let something happen before every statement of every thread."""
    with ExitStack() as stack:
        for owner, name in ((CursorWrapper, "execute"), (CursorWrapper, "executemany"), (prepared, "_execute")):
            real = getattr(owner, name)

            def first(*arguments: Any, _real: Callable[..., Any] = real, **more: Any) -> Any:
                effect()
                return _real(*arguments, **more)

            stack.enter_context(patch.object(owner, name, first))
        yield


def gone() -> None:
    """Fail as every statement does when the server is gone.

    Raises:
        OperationalError: Always.
    """
    message = "server closed the connection"
    raise OperationalError(message)
