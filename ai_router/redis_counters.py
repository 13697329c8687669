"""Counting against limits on Redis, for all processes together; each step is one script, so nothing comes between.

While Redis does not answer, this process counts for itself, and asks again after a few seconds: a limit then holds for
each process alone. Nobody waits for Redis longer than `ANSWER_SECONDS`.
"""

import json
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings

from ai_router.counters import RUNNING_RETRY_SECONDS, WINDOW_SECONDS, Bound, Measure, MemoryCounters, Refusal, Taken

if TYPE_CHECKING:
    from redis import Redis

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 0.25
AWAY_SECONDS = 5.0
# One hash tag for all keys: a script may touch several of them on a cluster too.
PREFIX = "{ai_router}:limit:"

# A window is a hash: the seconds with what they counted, `t` their sum, `h` the oldest of them that may be there.
# A list of leases is a sorted set of tickets by the moment in which they end.
COMMON = """
local clock = redis.call('TIME')
local second = tonumber(clock[1])
local now = second + tonumber(clock[2]) / 1000000
local span = tonumber(ARGV[1])
local function trimmed(key)
  local head = tonumber(redis.call('HGET', key, 'h'))
  if not head then return 0 end
  local last = second - span - 1
  if last - head > span then redis.call('DEL', key) return 0 end
  local total = tonumber(redis.call('HGET', key, 't'))
  if head <= last then
    for old = head, last do
      local counted = redis.call('HGET', key, old)
      if counted then total = total - tonumber(counted) redis.call('HDEL', key, old) end
    end
    redis.call('HSET', key, 't', total, 'h', last + 1)
  end
  return total
end
local function running(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  return redis.call('ZCARD', key)
end
local function until_room(key, amount)
  local head = tonumber(redis.call('HGET', key, 'h'))
  if not head then return 0 end
  for old = head, second do
    amount = amount - tonumber(redis.call('HGET', key, old) or 0)
    if amount <= 0 then return old + 1 + span - now end
  end
  return span
end
"""
TAKE = (
    COMMON
    + """
local ticket, lease, pause = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local bounds = cjson.decode(ARGV[5])
local refused, longest = 0, -1
for place, bound in ipairs(bounds) do
  local kind, most, cost = bound[1], bound[2], bound[3]
  if kind == 'running' then
    if running(KEYS[place]) + cost > most and pause > longest then refused, longest = place, pause end
  else
    local over = trimmed(KEYS[place]) + cost - most
    if over > 0 then
      local wait = until_room(KEYS[place], over)
      if wait > longest then refused, longest = place, wait end
    end
  end
end
if refused > 0 then return {refused, tostring(longest)} end
for place, bound in ipairs(bounds) do
  local key = KEYS[place]
  if bound[1] == 'running' then
    redis.call('ZADD', key, now + lease, ticket)
    redis.call('EXPIRE', key, math.ceil(lease) + 1)
  else
    redis.call('HSETNX', key, 'h', second)
    redis.call('HINCRBY', key, second, bound[3])
    redis.call('HINCRBY', key, 't', bound[3])
    redis.call('EXPIRE', key, span + 2)
  end
end
return {0, tostring(second)}
"""
)
GIVE_BACK = (
    COMMON
    + """
local ticket, taken_in = ARGV[2], ARGV[3]
for place, bound in ipairs(cjson.decode(ARGV[4])) do
  local key = KEYS[place]
  if bound[1] == 'running' then
    redis.call('ZREM', key, ticket)
  else
    trimmed(key)
    local counted = redis.call('HGET', key, taken_in)
    if counted then
      local change = math.max(bound[2], -tonumber(counted))
      redis.call('HINCRBY', key, taken_in, change)
      redis.call('HINCRBY', key, 't', change)
    end
  end
end
return 0
"""
)
USED = (
    COMMON
    + """
local answer = {}
for place, kind in ipairs(cjson.decode(ARGV[2])) do
  local key = KEYS[place]
  if kind == 'running' then
    answer[place] = {running(key), '0'}
  else
    local total = trimmed(key)
    answer[place] = {total, tostring(total > 0 and until_room(key, total) or 0)}
  end
end
return answer
"""
)


def redis_address() -> str:
    """Return the address of the Redis that the site's processes share; empty where there is none."""
    place = settings.CACHES["default"]
    return str(place.get("LOCATION", "")) if settings.REDIS_URL and "redis" in place["BACKEND"] else ""


class RedisCounters:
    """Counts on a Redis server; `stand_in` counts while the server is away."""

    is_remote = True

    def __init__(self, url: str, stand_in: MemoryCounters) -> None:
        """Keep the address; nothing is asked yet."""
        self._url = url
        self._stand_in = stand_in
        self._away_until = 0.0
        self._lock = threading.Lock()
        self._made: Redis | None = None
        self._scripts: dict[str, Any] = {}

    def take(self, bounds: Sequence[Bound], *, ticket: str, lease_seconds: float) -> Taken | Refusal:
        """Count the call against all bounds, or against none."""
        wanted = json.dumps([[bound.measure, bound.most, bound.taken] for bound in bounds])
        answer = self._run(TAKE, bounds, ticket, lease_seconds, RUNNING_RETRY_SECONDS, wanted)
        if answer is None:
            return self._stand_in.take(bounds, ticket=ticket, lease_seconds=lease_seconds)
        place, value = int(answer[0]), float(answer[1])
        return Refusal(bounds[place - 1], value) if place else Taken(ticket, int(value), tuple(bounds), self)

    def give_back(self, taken: Taken, used: Mapping[Measure, int]) -> None:
        """End what is running, and put right what was counted; without Redis, leases end by themselves."""
        changes = [
            (bound, used.get(bound.measure, bound.taken) - bound.taken)
            for bound in taken.bounds
            if bound.measure is Measure.RUNNING or bound.measure in used
        ]
        if changes:
            corrections = json.dumps([[bound.measure, change] for bound, change in changes])
            self._run(GIVE_BACK, [bound for bound, _ in changes], taken.ticket, taken.second, corrections)

    def used(self, bounds: Sequence[Bound]) -> list[tuple[int, float]]:
        """Return what each bound has counted now, and in how many seconds all of that is forgotten."""
        answer = self._run(USED, bounds, json.dumps([bound.measure for bound in bounds]))
        if answer is None:
            return self._stand_in.used(bounds)
        return [(int(total), float(seconds)) for total, seconds in answer]

    def _run(self, script: str, bounds: Sequence[Bound], *arguments: Any) -> Any:
        """Run a script over the bounds' keys; None where Redis does not answer, or did not just now."""
        if time.monotonic() < self._away_until:
            return None
        from redis.exceptions import RedisError

        try:
            keys = [PREFIX + bound.key for bound in bounds]
            return self._script(script)(keys=keys, args=[WINDOW_SECONDS, *arguments])
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            logger.error("limits_away: Redis does not answer (%s); this process counts alone", type(error).__name__)
            return None

    def _script(self, text: str) -> Any:
        """Return a script that is loaded on the server when it is first run."""
        with self._lock:
            if self._made is None:
                from redis import Redis

                self._made = Redis.from_url(
                    self._url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
                )
            if text not in self._scripts:
                self._scripts[text] = self._made.register_script(text)
            return self._scripts[text]
