"""The semantic cache: an answer may serve another wording of the same question. Off unless a task is named in the settings.

Partitions are hard: owner, task, model, prompt version, parameters, form, tools and everything in the conversation before its
last message must be the same; so must numbers, names, negations, comparisons and language of that message (`semantic_guards`).
Within a partition the nearest entry counts, by vectors that are made on this machine. Whether it is near enough is not
guessed: `calibration` serves nothing before labels prove that wrong hits are rarer than the site's bound, and every
twentieth hit is answered for real all the same, so that labels keep coming.
"""

import hashlib
import logging
import random
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F

from ai_router.cache import Hit, Recall, pack_answer, reopen, request_digest
from ai_router.cache_stores import Place, seal, site_secret, unseal
from ai_router.calibration import THRESHOLDS, band_of, lowest_threshold
from ai_router.models import SemanticEntry, SemanticOutcome
from ai_router.offline_embeddings import LexicalEngine, offline_engine
from ai_router.planning import Question
from ai_router.routing import Choice
from ai_router.semantic_guards import guard_of
from ai_router.steps import Outcome
from ai_router.types import Candidate, Out, ProviderAnswer

logger = logging.getLogger(__name__)

Matrix = npt.NDArray[np.float32]
NEAREST = 4
SHADOW_SHARE = 0.05
REFRESH_SECONDS = 5.0
# What the matrices of a process may take; the partitions used last stay.
MEMORY_BYTES = 64 * 1024 * 1024
LONGEST_TEXT = 20_000
# Two free texts say the same if they share facts and nearly all of their wording.
SAME_TEXT = 0.9


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a request stands: its partition, the pool of its evidence, and what is compared."""

    place: Place
    pool: str
    first: Candidate
    text: str
    guard: int
    vector: Matrix


@dataclass(frozen=True, slots=True)
class Near(Generic[Out]):
    """The nearest kept answer, and how near it is."""

    hit: Hit[Out]
    similarity: float
    band: int


def look_nearby(question: Question[Out], choice: Choice, recall: Recall[Out]) -> None:
    """Find the nearest kept answer; make it the recall's hit where that is proven, else remember it for a label."""
    ground = _ground(question, choice, recall.place)
    if ground is None:
        return
    near = _nearest(question, choice, ground)
    recall.learn = lambda outcome, cost_nanousd: _learn(ground, near, outcome, cost_nanousd, seconds=recall.seconds)
    if near is None:
        return
    threshold = _threshold_of(ground.pool)
    is_shadow = random.random() < SHADOW_SHARE  # noqa: S311 - a sample
    if threshold is not None and near.similarity >= threshold and not is_shadow:
        recall.hit = near.hit


def _ground(question: Question[Any], choice: Choice, place: Place | None) -> Ground | None:
    """Return where a request stands; None where its last message is not a plain text of a user, or it has tools."""
    messages = question.messages()
    if place is None or not messages or question.tools:
        return None
    last = messages[-1]
    if last.role != "user" or any(message.blobs for message in messages) or not last.content.strip():
        return None
    if len(last.content) > LONGEST_TEXT:
        return None
    engine = offline_engine()
    before = (*messages[:-1], replace(last, content=""))
    digest = request_digest(question, choice, place.user_id, before)
    first = choice.hosted[0]
    digest = hashlib.blake2b(
        repr((digest, str(first), engine.name)).encode(), digest_size=32, key=site_secret()
    ).digest()
    pool = repr((place.user_id, place.task_type, question.prompt_version, str(first), engine.name))
    return Ground(
        Place(f"near:{digest.hex()[:40]}", digest, place.task_type, place.user_id),
        hashlib.blake2b(pool.encode(), digest_size=20, key=site_secret()).hexdigest(),
        first,
        last.content,
        guard_of(last.content),
        engine.encode([last.content])[0],
    )


def _nearest(question: Question[Out], choice: Choice, ground: Ground) -> Near[Out] | None:
    """Return the nearest entry that can still be opened, passes the task's checks, and is near enough for a label."""
    for entry_id, similarity in PARTITIONS.search(ground.place.key, ground.vector, ground.guard):
        band = band_of(similarity)
        if band is None:
            return None
        row = SemanticEntry.objects.filter(pk=entry_id, expires_at__gt=datetime.now(UTC)).values_list("sealed").first()
        packed = unseal(ground.place, bytes(row[0])) if row else None
        hit = reopen(packed, question, choice, source="semantic") if packed else None
        if hit is not None and hit.candidate == ground.first:
            return Near(hit, similarity, band)
    return None


def _learn(ground: Ground, near: Near[Any] | None, outcome: Outcome[Any], cost_nanousd: int, *, seconds: int) -> None:
    """Keep a real answer, and note whether the nearest kept one would have been right."""
    answer = outcome.answer
    if answer is None or outcome.candidate != ground.first:
        return
    entry = SemanticEntry(
        partition=ground.place.key,
        user_id=ground.place.user_id,
        task_type=ground.place.task_type,
        engine=offline_engine().name,
        dimensions=len(ground.vector),
        vector=ground.vector.tobytes(),
        guard=ground.guard,
        sealed=seal(ground.place, pack_answer(answer, outcome.candidate, cost_nanousd, until=time.time() + seconds)),
        expires_at=datetime.fromtimestamp(time.time() + seconds, UTC),
    )
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
            if near is not None:
                _count(ground, near.band, is_right=_agree(near.hit, outcome.output, answer))
    except DatabaseError as error:
        logger.warning("ai_cache_down: the semantic cache could not be written (%s)", type(error).__name__)
        return
    PARTITIONS.add(ground.place.key, entry.pk, ground.vector, ground.guard)


def _count(ground: Ground, band: int, *, is_right: bool) -> None:
    """Add a label to the evidence."""
    SemanticOutcome.objects.get_or_create(
        pool=ground.pool,
        band=band,
        defaults={"user_id": ground.place.user_id, "task_type": ground.place.task_type},
    )
    name = "right" if is_right else "wrong"
    SemanticOutcome.objects.filter(pool=ground.pool, band=band).update(**{name: F(name) + 1})
    _thresholds.pop(ground.pool, None)


def _agree(kept: Hit[Any], output: Any, answer: ProviderAnswer) -> bool:
    """Whether a kept answer says what the real one says: forms must be equal, texts share their facts and their wording."""
    if not isinstance(output, str | ProviderAnswer):
        return bool(kept.output == output)
    ours, theirs = " ".join(kept.answer.text.split()), " ".join(answer.text.split())
    if ours.casefold() == theirs.casefold():
        return True
    if guard_of(ours) != guard_of(theirs):
        return False
    first, second = LexicalEngine().encode([ours, theirs])
    return bool(first @ second >= SAME_TEXT)


_thresholds: dict[str, tuple[float | None, float]] = {}


def _threshold_of(pool: str) -> float | None:
    """Return from which similarity on a pool is served; None before there is evidence."""
    kept = _thresholds.get(pool)
    if kept is not None and time.monotonic() < kept[1]:
        return kept[0]
    outcomes = [(0, 0)] * len(THRESHOLDS)
    for band, right, wrong in SemanticOutcome.objects.filter(pool=pool).values_list("band", "right", "wrong"):
        outcomes[band] = (right, wrong)
    threshold = lowest_threshold(outcomes, bound=settings.AI_SEMANTIC_CACHE_ERRORS)
    if len(_thresholds) > 10_000:
        _thresholds.clear()
    _thresholds[pool] = (threshold, time.monotonic() + REFRESH_SECONDS)
    return threshold


class Partition:
    """The vectors of one partition as one matrix that grows, with the guard of each row."""

    def __init__(self, dimensions: int) -> None:
        """Start empty."""
        self.ids: Matrix | Any = np.zeros(64, np.int64)
        self.guards: Any = np.zeros(64, np.int64)
        self.matrix: Matrix = np.zeros((64, dimensions), np.float32)
        self.count = 0
        self.fresh_until = 0.0

    @property
    def last_id(self) -> int:
        """The newest row."""
        return int(self.ids[: self.count].max()) if self.count else 0

    def add(self, entry_id: int, vector: Matrix, guard: int, *, most: int) -> None:
        """Take a row in; where there is no room, in the place of the oldest."""
        if entry_id in self.ids[: self.count]:
            return
        if self.count < most:
            if self.count == len(self.ids):
                self._grow(most)
            place, self.count = self.count, self.count + 1
        else:
            place = int(self.ids[: self.count].argmin())
        self.ids[place], self.guards[place], self.matrix[place] = entry_id, guard, vector

    def search(self, vector: Matrix, guard: int) -> list[tuple[int, float]]:
        """Return the nearest rows with the same guard, the nearest first, with their similarity."""
        rows = slice(0, self.count)
        # Not `@`: its threads wait for each other on a busy machine, which made 20 ms of half a millisecond.
        similarities = np.einsum("ij,j->i", self.matrix[rows], vector)
        similarities[self.guards[rows] != guard] = -1.0
        if not self.count:
            return []
        nearest = np.argpartition(-similarities, min(NEAREST, self.count - 1))[:NEAREST]
        ranked = sorted(nearest, key=lambda row: -similarities[row])
        return [(int(self.ids[row]), float(similarities[row])) for row in ranked if similarities[row] > 0]

    def _grow(self, most: int) -> None:
        size = min(most, 2 * len(self.ids))
        for name in ("ids", "guards", "matrix"):
            old = getattr(self, name)
            new = np.zeros((size, *old.shape[1:]), old.dtype)
            new[: self.count] = old[: self.count]
            setattr(self, name, new)


class Partitions:
    """The partitions that this process has at hand, read from the database when they are first asked for."""

    def __init__(self) -> None:
        """Start with none."""
        self._loaded: OrderedDict[str, Partition] = OrderedDict()
        self._lock = threading.Lock()

    def search(self, key: str, vector: Matrix, guard: int) -> list[tuple[int, float]]:
        """Return the nearest entries of a partition; what other processes added is seen within seconds."""
        with self._lock:
            partition = self._loaded.get(key) or Partition(len(vector))
            if time.monotonic() >= partition.fresh_until:
                self._refresh(key, partition)
            self._loaded[key] = partition
            self._loaded.move_to_end(key)
            self._shrink()
            return partition.search(vector, guard)

    def add(self, key: str, entry_id: int, vector: Matrix, guard: int) -> None:
        """Take in an entry that this process wrote."""
        with self._lock:
            partition = self._loaded.get(key)
            if partition is not None:
                partition.add(entry_id, vector, guard, most=settings.AI_SEMANTIC_CACHE_ENTRIES)

    def clear(self) -> None:
        """Forget all of them; the database keeps them."""
        with self._lock:
            self._loaded.clear()
        _thresholds.clear()

    def _refresh(self, key: str, partition: Partition) -> None:
        most = settings.AI_SEMANTIC_CACHE_ENTRIES
        dimensions = partition.matrix.shape[1]
        newer = SemanticEntry.objects.filter(
            partition=key, id__gt=partition.last_id, dimensions=dimensions, expires_at__gt=datetime.now(UTC)
        )
        rows = list(newer.order_by("-id").values_list("id", "vector", "guard")[:most])
        for entry_id, packed, guard in reversed(rows):
            partition.add(entry_id, np.frombuffer(bytes(packed), np.float32), guard, most=most)
        partition.fresh_until = time.monotonic() + REFRESH_SECONDS

    def _shrink(self) -> None:
        """Let go of the partitions that were not used for longest."""
        size = sum(partition.matrix.nbytes for partition in self._loaded.values())
        while size > MEMORY_BYTES and len(self._loaded) > 1:
            _, dropped = self._loaded.popitem(last=False)
            size -= dropped.matrix.nbytes


PARTITIONS = Partitions()
"""What this process has at hand."""
