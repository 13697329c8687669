"""A Redis cache whose server may go away: nobody who asks it then fails, or waits for long.

While the server does not answer, a cache of this process takes its place; the server is asked again after
`AWAY_SECONDS`. What is counted meanwhile is counted in this process alone, and what lies on the server may turn up again.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from django.utils.functional import cached_property
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

AWAY_SECONDS = 5.0
# A cache on the same site answers in a millisecond; one that needs longer than this is no help.
ANSWER_SECONDS = 0.5

# When each server may be asked again, in seconds of the monotonic clock: shared by the caches of all threads.
_away_until: dict[str, float] = {}


class _Steady:
    """A client with its stand-in: both have the same methods, with the same places of their arguments."""

    def __init__(self, client: Any, server: str) -> None:
        self._client = client
        self._server = server
        self._stand_in = LocMemCache(f"instead-of:{server}", {})

    def is_away(self) -> bool:
        """Whether the server did not answer just now."""
        return time.monotonic() < _away_until.get(self._server, 0.0)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return the method that asks the server, and the stand-in where that fails."""

        def ask(*arguments: Any) -> Any:
            if not self.is_away():
                try:
                    return getattr(self._client, name)(*arguments)
                except (RedisError, OSError) as error:
                    _away_until[self._server] = time.monotonic() + AWAY_SECONDS
                    logger.error(
                        "cache_away: Redis does not answer (%s); this process uses its own", type(error).__name__
                    )
            return getattr(self._stand_in, name)(*arguments)

        return ask


class SteadyRedisCache(RedisCache):
    """Django's Redis cache, with short waits and a stand-in."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """Set short waits where the settings set none."""
        waits = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
        super().__init__(server, {**params, "OPTIONS": {**waits, **params.get("OPTIONS", {})}})
        self._name = server

    @cached_property
    def _cache(self) -> Any:
        return _Steady(super()._cache, self._name)

    @property
    def is_away(self) -> bool:
        """Whether the server did not answer just now."""
        return bool(self._cache.is_away())
