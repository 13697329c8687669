"""Sends requests with the same long beginning to the candidate that served it last, whose provider may still keep it.

A provider bills a beginning that it has kept at the price of cached input. What that saves is taken off the candidate's
expected cost for a few minutes, so that strategies that look at cost stay with it as long as that pays. Owners never
share a beginning: it is hashed together with theirs. Bounded, in this process.
"""

import hashlib
import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from django.conf import settings

from ai_router.steps import Step
from ai_router.types import Candidate, Message
from usage.types import TokenUsage

# Beginnings are compared in blocks of so many characters, about the least that providers keep (1,024 tokens).
BLOCK_CHARACTERS = 4_096
MAX_BLOCKS = 16
CHARACTERS_A_TOKEN = 4
# Providers keep a beginning for five minutes or more after its last use.
KEPT_SECONDS = 300.0
MAX_BEGINNINGS = 20_000


class Beginnings:
    """Who served which beginning last."""

    def __init__(self) -> None:
        """Start with none."""
        self._served: OrderedDict[bytes, tuple[Candidate, float]] = OrderedDict()
        self._lock = threading.Lock()

    def savings(
        self, prefixes: Sequence[bytes], steps: Iterable[Step], *, now: float | None = None
    ) -> dict[Candidate, int]:
        """Return the nano-dollars that each candidate saves because its provider still keeps a part of the request."""
        moment = time.monotonic() if now is None else now
        kept: dict[Candidate, int] = {}
        with self._lock:
            for blocks, prefix in enumerate(prefixes, 1):
                candidate, until = self._served.get(prefix, (None, 0.0))
                if candidate is not None and moment < until:
                    kept[candidate] = blocks
        found = {step.candidate: _saving(step, kept[step.candidate]) for step in steps if step.candidate in kept}
        return {candidate: saving for candidate, saving in found.items() if saving > 0}

    def knows(self, prefixes: Sequence[bytes], *, now: float | None = None) -> bool:
        """Whether a request with the same first block came in the last minutes."""
        moment = time.monotonic() if now is None else now
        return bool(prefixes) and moment < self._served.get(prefixes[0], (None, 0.0))[1]

    def note(
        self, prefixes: Sequence[bytes], candidate: Candidate, *, cached_tokens: int, now: float | None = None
    ) -> None:
        """Write down who has served a request; the beginnings that were used longest ago make room.

        One that was expected to be kept and of which nothing was billed as cached, or as written to the cache, is
        forgotten: its provider does not keep it.
        """
        moment = time.monotonic() if now is None else now
        with self._lock:
            for prefix in prefixes:
                before, until = self._served.pop(prefix, (None, 0.0))
                if before == candidate and moment < until and not cached_tokens:
                    continue
                self._served[prefix] = (candidate, moment + KEPT_SECONDS)
            while len(self._served) > MAX_BEGINNINGS:
                self._served.popitem(last=False)

    def forget(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._served.clear()


def prefixes_of(messages: Sequence[Message], *, owner: str) -> tuple[bytes, ...]:
    """Return a hash for the request's first block of text, its first two, and so on; none for a short request."""
    size = 0
    for message in messages:
        size += len(message.content)
        if size >= BLOCK_CHARACTERS:
            break
    else:
        return ()
    text = "\x00".join(f"{message.role}\x01{message.content}" for message in messages)
    digest = hmac.new(settings.SECRET_KEY.encode(), owner.encode(), hashlib.sha256)
    found = []
    for start in range(0, min(len(text) // BLOCK_CHARACTERS, MAX_BLOCKS) * BLOCK_CHARACTERS, BLOCK_CHARACTERS):
        digest.update(text[start : start + BLOCK_CHARACTERS].encode())
        found.append(digest.digest()[:16])
    return tuple(found)


def cache_key_for(step: Step, prefixes: Sequence[bytes], *, is_known: bool) -> str:
    """Return the key under which a provider may keep the beginning; it says nothing of whose it is.

    A provider that charges more for what it writes to its cache is only asked to keep a beginning that comes again.
    """
    if not prefixes or (not is_known and _charges_for_keeping(step)):
        return ""
    return prefixes[0].hex()


def _charges_for_keeping(step: Step) -> bool:
    prices = step.prices
    return bool(prices and prices.cache_write and prices.input and prices.cache_write[0][1] > prices.input[0][1])


def _saving(step: Step, blocks: int) -> int:
    """Return what a candidate saves when so many blocks of its input are billed as cached."""
    if step.prices is None:
        return 0
    kept = min(step.input_tokens, blocks * BLOCK_CHARACTERS // CHARACTERS_A_TOKEN)
    whole = step.prices.cost(TokenUsage(input_tokens=step.input_tokens))
    less = step.prices.cost(TokenUsage(input_tokens=step.input_tokens - kept, cached_input_tokens=kept))
    return 0 if whole is None or less is None else whole - less


BEGINNINGS = Beginnings()
