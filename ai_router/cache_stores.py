"""Where kept answers are: in the memory of this process, and, for all processes, in Redis or in the database.

The shared stores hold sealed bytes only. What opens them is made from the request itself and the site's secret, so that
somebody who reads the store learns neither what was asked nor what was answered.
"""

import hashlib
import logging
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol, TypeVar, cast

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from ai_router.models import KeptAnswer, SemanticEntry

logger = logging.getLogger(__name__)

T = TypeVar("T")

NONCE_BYTES = 12
# Rows of one statement: SQLite takes a limited number of values.
QUERY_SIZE = 100
LARGEST_ENTRY_BYTES = 512 * 1024
# What an entry costs beside its bytes: key, times, links.
ENTRY_OVERHEAD_BYTES = 400
REDIS_SECONDS = 0.25
# A store that fails is left alone for so long: a call never waits for it twice in a row.
PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where one request's answer is kept, and what opens it; `user_id` is None for answers that are nobody's."""

    key: str
    secret: bytes
    task_type: str
    user_id: int | None


class MemoryStore:
    """The entries used last, up to a number of bytes."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """Return an entry that has not expired."""
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            if found[1] <= time.time():
                self._drop(key)
                return None
            self._entries.move_to_end(key)
            return found[0]

    def put(self, key: str, value: bytes, *, until: float) -> None:
        """Keep an entry, and let go of those that were not used for longest where there is no room."""
        room = settings.AI_CACHE_MEMORY_MB * 1024 * 1024
        if len(value) + ENTRY_OVERHEAD_BYTES > room:
            return
        with self._lock:
            self._drop(key)
            self._entries[key] = (value, until)
            self._bytes += len(value) + ENTRY_OVERHEAD_BYTES
            while self._bytes > room:
                self._drop(next(iter(self._entries)))

    def drop(self, key: str) -> None:
        """Forget an entry."""
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    @property
    def size_bytes(self) -> int:
        """How much is kept."""
        return self._bytes

    def _drop(self, key: str) -> None:
        found = self._entries.pop(key, None)
        if found is not None:
            self._bytes -= len(found[0]) + ENTRY_OVERHEAD_BYTES


class SharedStore(Protocol):
    """Keeps sealed entries for all processes. What fails is a miss, and logged."""

    def get(self, place: Place) -> bytes | None:
        """Return what is kept there."""

    def get_many(self, places: Sequence[Place]) -> dict[str, bytes]:
        """Return what is kept in several places, by key."""

    def put(self, place: Place, sealed: bytes, *, seconds: int) -> None:
        """Keep it for so long."""

    def put_many(self, entries: Sequence[tuple[Place, bytes]], *, seconds: int) -> None:
        """Keep several for so long."""

    def clear(self, *, user_id: int | None, task_type: str, dry_run: bool) -> int:
        """Forget the entries of a user, of a task, of both, or all; return how many there are."""


class DatabaseStore:
    """A table, for sites without Redis. A user who is deleted takes their entries along."""

    def get(self, place: Place) -> bytes | None:
        """Return what is kept there; past its time it cannot be opened any more."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT sealed FROM ai_router_keptanswer WHERE key = %s", [place.key])
            row = cursor.fetchone()
        return bytes(row[0]) if row else None

    def get_many(self, places: Sequence[Place]) -> dict[str, bytes]:
        """Return the rows there are."""
        found: dict[str, bytes] = {}
        for start in range(0, len(places), QUERY_SIZE):
            keys = [place.key for place in places[start : start + QUERY_SIZE]]
            rows = KeptAnswer.objects.filter(key__in=keys).values_list("key", "sealed")
            found |= {key: bytes(sealed) for key, sealed in rows}
        return found

    def put(self, place: Place, sealed: bytes, *, seconds: int) -> None:
        """Keep it, in the place of what was there."""
        self.put_many([(place, sealed)], seconds=seconds)

    def put_many(self, entries: Sequence[tuple[Place, bytes]], *, seconds: int) -> None:
        """Keep several, in the place of what was there."""
        expires_at = datetime.fromtimestamp(time.time() + seconds, UTC)
        rows = [
            KeptAnswer(
                key=place.key,
                user_id=place.user_id,
                task_type=place.task_type,
                sealed=sealed,
                expires_at=expires_at,
            )
            for place, sealed in entries
        ]
        with transaction.atomic():
            KeptAnswer.objects.bulk_create(
                rows,
                batch_size=QUERY_SIZE,
                update_conflicts=True,
                unique_fields=["key"],
                update_fields=["sealed", "expires_at", "created_at"],
            )

    def clear(self, *, user_id: int | None, task_type: str, dry_run: bool) -> int:
        """Delete the rows."""
        rows = KeptAnswer.objects.all()
        if user_id is not None:
            rows = rows.filter(user_id=user_id)
        if task_type:
            rows = rows.filter(task_type=task_type)
        return rows.count() if dry_run else rows.delete()[0]

    def drop_expired(self) -> int:
        """Delete what nobody is given any more; return how many rows that were."""
        now = datetime.now(UTC)
        found = [table._base_manager.filter(expires_at__lte=now).delete()[0] for table in (KeptAnswer, SemanticEntry)]
        return sum(found)


class RedisStore:
    """Keys `ai_answer:<user>:<task>:<digest>` that expire by themselves."""

    def __init__(self, url: str) -> None:
        """Connect at first use; the pool opens its own connections after a fork."""
        import redis

        self._client = redis.Redis.from_url(url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)

    def get(self, place: Place) -> bytes | None:
        """Return what is kept there."""
        found = self._client.get(self._name(place))
        return found if isinstance(found, bytes) else None

    def get_many(self, places: Sequence[Place]) -> dict[str, bytes]:
        """Return the keys there are."""
        found = cast(list[bytes | None], self._client.mget([self._name(place) for place in places]))
        return {place.key: value for place, value in zip(places, found, strict=True) if value is not None}

    def put_many(self, entries: Sequence[tuple[Place, bytes]], *, seconds: int) -> None:
        """Keep several for so long."""
        pipeline = self._client.pipeline(transaction=False)
        for place, sealed in entries:
            pipeline.set(self._name(place), sealed, ex=seconds)
        pipeline.execute()

    def put(self, place: Place, sealed: bytes, *, seconds: int) -> None:
        """Keep it for so long."""
        self._client.set(self._name(place), sealed, ex=seconds)

    def clear(self, *, user_id: int | None, task_type: str, dry_run: bool) -> int:
        """Walk through the keys of the user and the task, and delete them."""
        pattern = f"ai_answer:{'*' if user_id is None else user_id}:{task_type or '*'}:*"
        names = list(self._client.scan_iter(match=pattern, count=1_000))
        if names and not dry_run:
            self._client.unlink(*names)
        return len(names)

    def _name(self, place: Place) -> str:
        return f"ai_answer:{'-' if place.user_id is None else place.user_id}:{place.task_type}:{place.key}"


def shared_store() -> SharedStore:
    """Return the store that all processes share."""
    url = str(settings.CACHES["default"].get("LOCATION", ""))
    return _redis_store(url) if url.startswith(("redis:", "rediss:", "unix:")) else DATABASE_STORE


DATABASE_STORE = DatabaseStore()
_redis_store = lru_cache(maxsize=4)(RedisStore)
_paused_until = 0.0


def ask_shared(work: Callable[[SharedStore], T]) -> T | None:
    """Do something with the shared store; where it fails, note it and leave the store alone for a while."""
    global _paused_until  # noqa: PLW0603 - one moment for the process, written without a lock: at worst one more try
    if time.monotonic() < _paused_until:
        return None
    try:
        return work(shared_store())
    except _store_errors() as error:
        _paused_until = time.monotonic() + PAUSE_SECONDS
        logger.warning("ai_cache_down: the store of kept answers failed (%s)", type(error).__name__)
        return None


def _store_errors() -> tuple[type[Exception], ...]:
    """Return what a store may raise; the Redis client is only loaded where there is Redis."""
    redis = sys.modules.get("redis")
    return (DatabaseError, OSError, redis.RedisError) if redis else (DatabaseError, OSError)


def get_many(places: Sequence[Place]) -> dict[str, bytes]:
    """Return what is kept in several places, by key."""
    return ask_shared(lambda store: store.get_many(places)) or {}


def put_many(entries: Sequence[tuple[Place, bytes]], *, seconds: int) -> None:
    """Keep several entries for so long."""
    ask_shared(lambda store: store.put_many(entries, seconds=seconds))


def seal(place: Place, plain: bytes) -> bytes:
    """Return the bytes in a form that only the same request opens (AES-256-GCM, bound to the place)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(place.secret).encrypt(nonce, plain, place.key.encode())


def unseal(place: Place, sealed: bytes) -> bytes | None:
    """Return the bytes, or None where they were not sealed for this place."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(place.secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.key.encode())
    except (InvalidTag, ValueError):
        return None


def site_secret() -> bytes:
    """Return the secret that keys of this site are made with."""
    return hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"ai-cache").digest()
