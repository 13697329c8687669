"""The exact cache: an accepted answer is given again to the same request of the same person.

The key is a digest of everything that shapes an answer: owner, task, prompt version, rendered messages with their images,
form, tools, parameters, strategy, and the generation that changes when the cache is emptied. Which model answered is not
in it: an answer serves a request if the model that gave it is one of the request's candidates, so a caller who names a
model only ever gets that model's answer. Incomplete, refused and rejected answers are never kept, and what is kept is
checked again before it is served.
"""

import hashlib
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any, Generic
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from ai_router.cache_stores import (
    LARGEST_ENTRY_BYTES,
    MemoryStore,
    Place,
    ask_shared,
    seal,
    shared_store,
    site_secret,
    unseal,
)
from ai_router.copies import Copy
from ai_router.errors import InvalidOutputError
from ai_router.models import CacheGeneration, SemanticEntry, SemanticOutcome
from ai_router.planning import Question
from ai_router.routing import Choice
from ai_router.steps import Journal, Outcome
from ai_router.types import (
    CacheScope,
    Candidate,
    FinishReason,
    Message,
    Out,
    ProviderAnswer,
    StrategyName,
    TextDelta,
    ToolCall,
)
from usage.types import TokenUsage

logger = logging.getLogger(__name__)

# Not part of a key: what happens to an answer afterwards. Functions never are; the messages are read apart.
NOT_IN_KEY = frozenset({"preview", "recheck", "falls_back_on_refusal", "may_restart", "cache_scope", "cache_seconds"})
KEPT_REASONS = frozenset({FinishReason.STOP, FinishReason.TOOL_CALLS})
# The answer of a candidate that only stood in for the first one is kept for so long at most.
STAND_IN_SECONDS = 600
GENERATIONS_SECONDS = 5.0
MEMORY = MemoryStore()
"""What this process keeps."""
# Some words at a time, as providers send them, and every character of the text in one of them.
PIECE = re.compile(r"(?:\S+\s*){1,6}|\s+")


@dataclass(frozen=True, slots=True)
class Hit(Generic[Out]):
    """A kept answer that passed the task's checks again, who gave it, and what it cost then."""

    output: Out
    answer: ProviderAnswer
    candidate: Candidate
    saved_nanousd: int
    source: str


@dataclass(slots=True)
class Recall(Generic[Out]):
    """What the cache knows of a request: a hit, or the place where its answer will be kept; `place` None keeps nothing."""

    place: Place | None = None
    hit: Hit[Out] | None = None
    seconds: int = 0
    is_free_choice: bool = False
    learn: Callable[[Outcome[Any], int], None] | None = None

    def keep(self, outcome: Outcome[Any], *, cost_nanousd: int | None, is_first: bool) -> bool:
        """Keep an accepted answer if it is whole; whether it was kept.

        Args:
            outcome: What the call came to.
            cost_nanousd: What the whole call cost; None where the price is unknown.
            is_first: Whether the plan's first candidate gave it; another's is kept for a short time only, unless the
                strategy is meant to end with another.
        """
        answer = outcome.answer
        if self.place is None or answer is None or not outcome.is_complete or answer.finish_reason not in KEPT_REASONS:
            return False
        seconds = self.seconds if is_first or self.is_free_choice else min(self.seconds, STAND_IN_SECONDS)
        entry = pack_answer(answer, outcome.candidate, cost_nanousd or 0, until=time.time() + seconds)
        if len(entry) > LARGEST_ENTRY_BYTES:
            return False
        place = self.place
        MEMORY.put(place.key, entry, until=time.time() + seconds)
        ask_shared(lambda store: store.put(place, seal(place, entry), seconds=seconds))
        if self.learn is not None:
            self.learn(outcome, cost_nanousd or 0)
        return True


@contextmanager
def recalling(question: Question[Out], choice: Choice, *, user: Any) -> Iterator[Recall[Out]]:
    """Look the request up; while the block runs, the same request of another thread waits for its answer.

    Whoever waits looks again when the block is left, and does the call itself where no answer was kept. Nobody waits inside
    a database transaction, or longer than a call may take.
    """
    recall = look_up(question, choice, user=user)
    if recall.place is None or recall.hit is not None or connection.in_atomic_block:
        yield recall
        return
    key = recall.place.key
    mine: Future[None] = Future()
    leader = _under_way.setdefault(key, mine)
    if leader is not mine:
        _wait_for(leader)
        again = look_up(question, choice, user=user)
        yield again if again.hit is not None else recall
        return
    try:
        yield recall
    finally:
        _under_way.pop(key, None)
        mine.set_result(None)


_under_way: dict[str, Future[None]] = {}
os.register_at_fork(after_in_child=_under_way.clear)


def _wait_for(leader: Future[None]) -> None:
    """Wait until the same request has been answered, or has failed."""
    try:
        leader.result(timeout=settings.AI_DEADLINE_SECONDS)
    except FutureTimeoutError:
        logger.info("the same request took longer than a call may take; asking for itself")


def look_up(question: Question[Out], choice: Choice, *, user: Any) -> Recall[Out]:
    """Return what is kept for a request; an answer that does not pass the task's checks any more is forgotten."""
    place = place_of(question, choice, user_id=getattr(user, "pk", None))
    if place is None:
        return Recall()
    recall: Recall[Out] = Recall(
        place,
        seconds=question.cache_seconds or settings.AI_CACHE_SECONDS,
        is_free_choice=choice.strategy not in {StrategyName.PREFERRED, StrategyName.COST_OPTIMIZED},
    )
    packed, source = MEMORY.get(place.key), "memory"
    if packed is None:
        sealed = ask_shared(lambda store: store.get(place))
        packed, source = (unseal(place, sealed) if sealed else None), "shared"
    if packed is not None:
        recall.hit = _checked(packed, question, choice, place, source)
    if recall.hit is None and question.task_type.value in settings.AI_SEMANTIC_CACHE_TASKS:
        from ai_router.semantic_cache import look_nearby

        look_nearby(question, choice, recall)
    return recall


def _checked(packed: bytes, question: Question[Out], choice: Choice, place: Place, source: str) -> Hit[Out] | None:
    """Open the entry of a place; one that is no longer good is forgotten."""
    hit = reopen(packed, question, choice, source=source)
    if hit is None:
        MEMORY.drop(place.key)
    elif source == "shared":
        MEMORY.put(place.key, packed, until=float(json.loads(packed)["until"]))
    return hit


def reopen(packed: bytes, question: Question[Out], choice: Choice, *, source: str) -> Hit[Out] | None:
    """Return a kept answer; None where it is too old, by a model that is not asked for, or does not pass the task's checks."""
    entry = json.loads(packed)
    candidate = Candidate(entry["provider"], entry["model"])
    if entry["until"] <= time.time() or candidate not in choice.hosted:
        return None
    answer = _answer(entry)
    try:
        output = (
            question.recheck(answer, candidate) if question.recheck else question.accept(answer, candidate, Journal())
        )
    except InvalidOutputError as error:
        logger.info("a kept answer has %d problem(s) now and is not given", len(error.problems))
        return None
    return Hit(output, answer, candidate, entry["cost_nanousd"], source)


def replay(question: Question[Any], hit: Hit[Out], text_of: Callable[[Out], str]) -> Iterator[TextDelta]:
    """Yield the text of a kept answer as a stream would: what was shown while it was written, or the finished text."""
    text = question.preview(hit.answer.text) if question.preview else text_of(hit.output)
    for piece in PIECE.findall(text):
        yield TextDelta(piece)


def place_of(question: Question[Any], choice: Choice, *, user_id: int | None) -> Place | None:
    """Return where the answer to a request is kept; None where it is kept nowhere: switched off, or nobody's that has an owner."""
    if not settings.AI_CACHE or question.cache_scope is CacheScope.NONE or not choice.hosted:
        return None
    if question.cache_scope is CacheScope.USER and user_id is None:
        return None
    owner_id = user_id if question.cache_scope is CacheScope.USER else None
    request = request_digest(question, choice, owner_id, question.messages())
    secret = hashlib.blake2b(request, digest_size=32, key=site_secret(), person=b"open").digest()
    key = hashlib.blake2b(request, digest_size=24, key=site_secret(), person=b"find").hexdigest()
    return Place(key, secret, str(question.task_type.value), owner_id)


def request_digest(question: Question[Any], choice: Choice, owner_id: int | None, messages: Sequence[Message]) -> bytes:
    """Return the digest of everything that shapes the answer to these messages. New parameters of a question belong to it by themselves."""
    digest = hashlib.blake2b(digest_size=32)
    owner = "anybody" if owner_id is None else f"user:{owner_id}"
    named = {one.name: getattr(question, one.name) for one in fields(question) if one.name not in NOT_IN_KEY}
    parameters = [f"{name}={value!r}" for name, value in named.items() if not callable(value)]
    wishes = choice.wishes
    strategy = repr((str(choice.strategy), wishes.complexity, wishes.cost_sensitive, wishes.speed_priority))
    generation = generation_of(("site", owner, f"task:{question.task_type.value}"))
    for text in (owner, generation, strategy, *parameters):
        _feed(digest, text.encode())
    for message in messages:
        _feed_message(digest, message)
    return digest.digest()


def _feed_message(digest: "hashlib.blake2b", message: Message) -> None:
    """Add a message with its pictures and documents; a length before each part keeps the parts apart."""
    _feed(digest, repr((message.role, message.tool_calls, message.tool_call_id, len(message.blobs))).encode())
    _feed(digest, message.content.encode(errors="surrogatepass"))
    for blob in message.blobs:
        _feed(digest, f"{blob.media_type}\0{blob.name}".encode(errors="surrogatepass"))
        _feed(digest, blob.data)


def _feed(digest: "hashlib.blake2b", part: bytes) -> None:
    digest.update(len(part).to_bytes(8, "big"))
    digest.update(part)


def pack_answer(answer: ProviderAnswer, candidate: Candidate, cost_nanousd: int, *, until: float) -> bytes:
    """Write an entry."""
    entry = {
        "text": answer.text,
        "tool_calls": [asdict(call) for call in answer.tool_calls],
        "finish_reason": answer.finish_reason.value,
        "usage": asdict(answer.usage) if answer.usage else None,
        "provider": candidate.provider,
        "model": candidate.model,
        "cost_nanousd": cost_nanousd,
        "until": until,
    }
    return json.dumps(entry, separators=(",", ":")).encode()


def _answer(entry: Mapping[str, Any]) -> ProviderAnswer:
    """Read an entry's answer."""
    return ProviderAnswer(
        text=entry["text"],
        model=entry["model"],
        usage=TokenUsage(**entry["usage"]) if entry["usage"] else None,
        finish_reason=FinishReason(entry["finish_reason"]),
        tool_calls=tuple(ToolCall(**call) for call in entry["tool_calls"]),
    )


def _read_generations() -> dict[str, UUID]:
    return dict(CacheGeneration.objects.values_list("part", "token"))


# What was emptied so far; what another process empties is seen after `GENERATIONS_SECONDS` at the latest.
_generations = Copy(_read_generations, seconds=GENERATIONS_SECONDS)


def generation_of(parts: Sequence[str]) -> str:
    """Return what changes in a key when one of these parts of the cache is emptied."""
    current = _generations.get()
    return " ".join(str(current.get(part, "")) for part in parts)


def clear_entries(*, user_id: int | None, task_type: str, dry_run: bool) -> int:
    """Delete what the semantic cache keeps of a user, of a task, of both, or all; return how many entries there were."""
    wanted: dict[str, Any] = {"user_id": user_id} if user_id is not None else {}
    wanted |= {"task_type": task_type} if task_type else {}
    entries = SemanticEntry.objects.filter(**wanted)
    if dry_run:
        return entries.count()
    SemanticOutcome.objects.filter(**wanted).delete()
    return entries.delete()[0]


def clear_cache(*, user_id: int | None = None, task_type: str = "", dry_run: bool = False) -> int:
    """Empty the cache of a user, of a task, of a user's task, or all of it; return how many shared entries there were.

    This process sees it at once, the memory of others within `GENERATIONS_SECONDS`.
    """
    found = shared_store().clear(user_id=user_id, task_type=task_type, dry_run=dry_run)
    found += clear_entries(user_id=user_id, task_type=task_type, dry_run=dry_run)
    if not dry_run:
        part = f"user:{user_id}" if user_id is not None else f"task:{task_type}" if task_type else "site"
        CacheGeneration.objects.update_or_create(part=part, defaults={"token": uuid4()})
        _generations.forget()
        MEMORY.clear()
    return found
