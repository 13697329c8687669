"""The keys of the providers: several each, taken in turn; dead and tired ones are left alone."""

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.conf import settings

from ai_router.kept_keys import kept_keys
from ai_router.providers import PROVIDERS
from ai_router.recent import Recent

logger = logging.getLogger(__name__)

# Keys rest for some models alone, and whoever asks may invent names of models.
MOST_RESTS = 2_000
# Providers keep the beginning of a request for five minutes or more after its last use, for the account that sent it.
KEPT_BEGINNING_SECONDS = 300.0
MOST_BEGINNINGS = 20_000


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a provider. `id` names it in logs and caches, and tells nothing of it; `source` says where it is set."""

    provider: str
    secret: str = field(repr=False)
    source: str
    id: str

    @property
    def ending(self) -> str:
        """The last four characters, by which its owner knows it."""
        return self.secret[-4:] if len(self.secret) >= 12 else ""

    def __str__(self) -> str:
        return f"{self.provider} …{self.ending}" if self.ending else self.provider


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a key is left alone, and until when on the monotonic clock. A dead one was refused; a tired one comes back."""

    until: float
    reason: str
    is_dead: bool


@dataclass(slots=True)
class Server:
    """Which key sent a beginning last, and until when on the monotonic clock its account may be thought to keep it."""

    key_id: str = ""
    until: float = 0.0


def keys_of(provider: str) -> tuple[Key, ...]:
    """Return the provider's keys, each once: of the environment first, then of the database. One that needs none has an empty key."""
    row = settings.AI_PROVIDERS.get(provider, {})
    more = tuple(settings.AI_PROVIDER_KEYS.get(provider, ()))
    known = PROVIDERS.get(provider)
    is_keyless = known is not None and (known.is_local or known.finds_keys)
    return _make(provider, (str(row.get("api_key", "")), *more), kept_keys().get(provider, ()), is_keyless)


@lru_cache(maxsize=128)
def _make(provider: str, own: tuple[str, ...], kept: tuple[tuple[str, str], ...], is_keyless: bool) -> tuple[Key, ...]:  # noqa: FBT001 - a cache takes arguments by place
    named = [*((secret, "environment") for secret in own if secret), *kept]
    if not named and is_keyless:
        named = [("", "none")]
    sources = dict(reversed(named))
    return tuple(Key(provider, secret, sources[secret], _identify(provider, secret)) for secret in dict(named))


def _identify(provider: str, secret: str) -> str:
    return hashlib.sha256(f"{provider}\0{secret}".encode()).hexdigest()[:12]


class KeyRing:
    """How the keys are doing in this process. Belongs to one event loop."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with all of them fresh."""
        self._clock = clock
        # By key and model; an empty model stands for all of them.
        self._rests: dict[tuple[str, str], Rest] = {}
        self.in_flight: Counter[str] = Counter()
        self._used: Counter[str] = Counter()
        self._servers: Recent[tuple[str, bytes], Server] = Recent(Server, most=MOST_BEGINNINGS)

    def rest_of(self, key: Key, model: str = "") -> Rest | None:
        """Return why the key is left alone for the model; None where it is not."""
        for name in ((key.id, ""), (key.id, model)):
            rest = self._rests.get(name)
            if rest is not None:
                if rest.until > self._clock():
                    return rest
                del self._rests[name]
        return None

    def rests_of(self, key: Key) -> dict[str, Rest]:
        """Return why the key is left alone, by model; an empty one stands for all."""
        now = self._clock()
        return {model: rest for (name, model), rest in self._rests.items() if name == key.id and rest.until > now}

    def park(self, key_id: str, model: str, *, seconds: float, reason: str, is_dead: bool) -> None:
        """Leave a key alone, for one model or, where that is empty, for all; a rest that lasts longer stays."""
        kept = self._rests.get((key_id, model))
        until = self._clock() + seconds
        if kept is None or kept.until < until:
            self._rests[key_id, model] = Rest(until, reason, is_dead)
            if len(self._rests) > MOST_RESTS:
                self._forget_some()

    def _forget_some(self) -> None:
        """Forget the rests that are over, and where there are none, the one of a single model that was noted first."""
        now = self._clock()
        self._rests = {name: rest for name, rest in self._rests.items() if rest.until > now}
        if len(self._rests) > MOST_RESTS:
            del self._rests[next(name for name in self._rests if name[1])]

    def choose(self, keys: Sequence[Key], beginnings: Sequence[bytes] = ()) -> Key:
        """Return the key that sent the longest of the request's beginnings lately, as its account may still keep it.

        Else the one with the fewest requests under way, and of those the one that was used least.
        """
        if len(keys) == 1:
            return keys[0]
        by_id = {key.id: key for key in keys}
        now = self._clock()
        for beginning in reversed(beginnings):
            server = self._servers.get((keys[0].provider, beginning))
            if server is not None and server.until > now and server.key_id in by_id:
                return by_id[server.key_id]
        return min(keys, key=lambda key: (self.in_flight[key.id], self._used[key.id]))

    def note_beginnings(self, key: Key, beginnings: Sequence[bytes]) -> None:
        """Write down that the key sends a request with these beginnings."""
        until = self._clock() + KEPT_BEGINNING_SECONDS
        for beginning in beginnings:
            server = self._servers.of((key.provider, beginning))
            server.key_id, server.until = key.id, until

    def take(self, key: Key) -> None:
        """Count a request that goes out."""
        self.in_flight[key.id] += 1
        self._used[key.id] += 1

    def give_back(self, key: Key) -> None:
        """Count one that has ended."""
        self.in_flight[key.id] -= 1
