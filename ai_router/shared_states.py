"""What the processes of a site tell each other, where it has Redis: keys that are left alone, and breakers that are open.

Whoever finds a key refused, or a candidate failing, says so at once; everybody looks each second, beside the calls. So a call
never waits for Redis, but for the first one of a process, which shall not try what others know to be dead. Without Redis, or
while it is away, each process knows what it has found itself.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ai_router.redis_counters import ANSWER_SECONDS, AWAY_SECONDS

if TYPE_CHECKING:
    pass

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
PLACE = "{ai_router}:left_alone"
# A flood of models that nobody has, each forbidden, must not fill the server.
MOST_NOTICES = 500

# A hash of notices by what they are of: the second in which each ends, and the rest. Only the server's clock counts.
TELL = """
local now = tonumber(redis.call('TIME')[1])
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode({now + tonumber(ARGV[2]), ARGV[3]}))
redis.call('EXPIRE', KEYS[1], 3700)
return 1
"""
LOOK = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local found, told = {}, redis.call('HGETALL', KEYS[1])
for place = 1, #told, 2 do
  local said = cjson.decode(told[place + 1])
  if said[1] > now then
    found[#found + 1] = {told[place], tostring(said[1] - now), said[2]}
  else
    redis.call('HDEL', KEYS[1], told[place])
  end
end
return found
"""


class Kind(StrEnum):
    """What is left alone: a key (for one model, or for all where that is empty), or a candidate by its breaker."""

    KEY = "key"
    BREAKER = "breaker"


@dataclass(frozen=True, slots=True)
class Notice:
    """That something is left alone for so many seconds, and why."""

    kind: Kind
    provider: str
    model: str
    key_id: str
    seconds: float
    reason: str = ""
    is_dead: bool = False


class SharedStates:
    """Tells others, and hears what they tell. Belongs to one event loop; the server is asked from threads."""

    def __init__(self, address: str, hear: Callable[[Notice], None]) -> None:
        """Keep the address of the server, and who hears the notices; nothing is asked yet."""
        self._address = address
        self._hear = hear
        self._away_until = 0.0
        self._made: tuple[Any, Any] | None = None
        self._first: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Future[None]] = set()

    async def begin(self) -> None:
        """Have looked once, and look again each second from then on."""
        if self._watch is not None:
            return
        if self._first is None:
            self._first = asyncio.create_task(self.look())
        await asyncio.shield(self._first)
        if self._watch is None:
            self._watch = asyncio.create_task(self._look_on())

    def tell(self, notice: Notice) -> None:
        """Let the others know, behind the call."""
        telling = asyncio.get_running_loop().run_in_executor(None, self._tell, notice)
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def told(self) -> None:
        """Wait until all that was told is on the server."""
        await asyncio.gather(*self._telling)

    async def look(self) -> None:
        """Hear what holds now."""
        for notice in await asyncio.to_thread(self._read):
            self._hear(notice)

    async def close(self) -> None:
        """Look no more; what was told is on the server."""
        if self._watch is not None:
            self._watch.cancel()
        await self.told()

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    def _tell(self, notice: Notice) -> None:
        name = json.dumps([notice.kind, notice.provider, notice.model, notice.key_id])
        rest = json.dumps([notice.reason, notice.is_dead])
        self._run(0, name, notice.seconds, rest, MOST_NOTICES)

    def _read(self) -> list[Notice]:
        found = []
        for name, seconds, rest in self._run(1) or ():
            kind, provider, model, key_id = json.loads(name)
            reason, is_dead = json.loads(rest)
            found.append(Notice(Kind(kind), provider, model, key_id, float(seconds), reason, is_dead))
        return found

    def _run(self, script: int, *arguments: Any) -> Any:
        """Run a script; None where Redis does not answer, or did not just now."""
        if time.monotonic() < self._away_until:
            return None
        from redis.exceptions import RedisError

        try:
            return self._scripts()[script](keys=[PLACE], args=arguments)
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            logger.error("states_away: Redis does not answer (%s); this process knows its own", type(error).__name__)
            return None

    def _scripts(self) -> tuple[Any, Any]:
        if self._made is None:
            from redis import Redis

            server: Redis = Redis.from_url(
                self._address, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
            )
            self._made = server.register_script(TELL), server.register_script(LOOK)
        return self._made
