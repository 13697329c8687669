"""What a process knows of its providers: clients, keys, breakers, how fast they are, and how often they may be asked."""

import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ai_router.breaker import Breaker
from ai_router.errors import AuthenticationError, ProviderError, ProviderQuotaError
from ai_router.failures import Allowance, Rests, rule_of
from ai_router.gates import Gates
from ai_router.hedging import Hedging
from ai_router.keys import Key, KeyRing, keys_of
from ai_router.left_alone import note
from ai_router.pace import Paces
from ai_router.providers import Connections
from ai_router.providers.base import Provider
from ai_router.recent import Recent
from ai_router.redis_counters import redis_address
from ai_router.shared_states import LOOK_SECONDS, Kind, Notice, SharedStates
from ai_router.types import Candidate
from usage.types import AttemptRecord

logger = logging.getLogger(__name__)

RETRIES_SHARE = 0.1
# A hint beyond this is not believed: the key is tried again.
LONGEST_REST_SECONDS = 3_600.0
REMEMBERED_ATTEMPTS = 1_000
FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Line:
    """The way to a candidate that one attempt takes."""

    candidate: Candidate
    key: Key
    breaker: Breaker
    provider: Provider


class Upstream:
    """Belongs to one event loop: only that loop changes it, other threads may look."""

    def __init__(self) -> None:
        """Start without connections and without a past."""
        self.connections = Connections()
        self.gates = Gates()
        self.retries = Allowance(share=RETRIES_SHARE, start=1.0)
        self.hedging = Hedging()
        self.paces = Paces()
        self.keys = KeyRing()
        self.breakers: Recent[tuple[Candidate, str], Breaker] = Recent(Breaker)
        address = redis_address()
        self.shared = SharedStates(address, self._adopt) if address else None
        self._warm_since: dict[str, float] = {}
        self.attempts: deque[AttemptRecord] = deque(maxlen=REMEMBERED_ATTEMPTS)

    def why_not(self, candidate: Candidate) -> str:
        """Return why a candidate had better not be asked now; empty where it may be."""
        keys = keys_of(candidate.provider)
        rested = [key for key in keys if not self.keys.rest_of(key, candidate.model)]
        if not rested:
            reasons = [rest.reason for key in keys if (rest := self.keys.rest_of(key, candidate.model))]
            return reasons[0] if reasons else "no key"
        return "" if any(self._breaker(candidate, key).lets_in() for key in rested) else "circuit breaker is open"

    def is_open(self, candidate: Candidate) -> bool:
        """Whether no key of the candidate has a breaker that is closed."""
        return not any(self._breaker(candidate, key).is_closed for key in keys_of(candidate.provider))

    def turn_away(self, candidate: Candidate) -> None:
        """Count that a candidate was passed over."""
        for key in keys_of(candidate.provider):
            self._breaker(candidate, key).turn_away()

    def seconds_until_back(self, candidate: Candidate) -> float:
        """Return a moment to compare candidates by: the sooner one of its keys may be used again, the smaller."""
        moments = []
        for key in keys_of(candidate.provider):
            rest = self.keys.rest_of(key, candidate.model)
            moments.append(max(rest.until if rest else 0.0, self._breaker(candidate, key).open_until))
        return min(moments, default=0.0)

    def enter(self, candidate: Candidate, beginnings: Sequence[bytes] = ()) -> Line:
        """Take the way to a candidate: by the key whose account may keep the request's beginning, else the least loaded one.

        A resting key is only taken where there is no other. `beginnings` are the hashes of `sticky.prefixes_of`.
        """
        keys = keys_of(candidate.provider) or (Key(candidate.provider, "", "none", ""),)
        rested = [key for key in keys if not self.keys.rest_of(key, candidate.model)]
        open_ones = [key for key in rested if self._breaker(candidate, key).lets_in()]
        key = self.keys.choose(open_ones or rested or keys, beginnings)
        if beginnings and len(keys) > 1:
            self.keys.note_beginnings(key, beginnings)
        provider = self.connections.to(candidate.provider, api_key=key.secret)
        breaker = self._breaker(candidate, key)
        breaker.enter()
        self.keys.take(key)
        return Line(candidate, key, breaker, provider)

    def leave(self, line: Line, record: AttemptRecord, *, error: ProviderError | None, harm: int | None) -> None:
        """Note how an attempt ended; `harm` is None where that says nothing of the provider."""
        self.keys.give_back(line.key)
        self.attempts.append(record)
        if harm is None:
            line.breaker.leave()
        else:
            self.judge(line, harm, record.error_class)
        if error is not None:
            self._park(line, error)

    def is_warm(self, line: Line, began: float) -> bool:
        """Whether a request that began at this moment and is answered now went out after the first answer by this way.

        Those before waited for the SDK and the connection too, which says nothing of the provider.
        """
        return began >= self._warm_since.setdefault(line.key.id, time.monotonic())

    def judge(self, line: Line, harm: int, reason: str) -> None:
        """Tell the breaker how a request went; nought harm is well."""
        if line.breaker.record(harm):
            seconds = line.breaker.open_until - line.breaker.now()
            logger.error("ai_breaker_open: %s is left alone for %.0f s after %s", line.candidate, seconds, reason)
            candidate = line.candidate
            self._tell(Notice(Kind.BREAKER, candidate.provider, candidate.model, line.key.id, seconds, reason))

    def _park(self, line: Line, error: ProviderError) -> None:
        """Leave the key alone where the failure speaks of the key."""
        rule = rule_of(error)
        if rule.rests is Rests.NOTHING:
            return
        is_dead = isinstance(error, AuthenticationError)
        # "Forbidden" speaks of a model, as a rate limit does; "unauthorized" of the key.
        is_of_model = rule.rests is Rests.MODEL or error.http_status == FORBIDDEN
        seconds = rule.rest_seconds if error.retry_after is None else error.retry_after
        reason = "key was refused" if is_dead else "key has reached its limit"
        notice = Notice(
            Kind.KEY,
            line.key.provider,
            line.candidate.model if is_of_model else "",
            line.key.id,
            min(seconds, LONGEST_REST_SECONDS),
            reason,
            is_dead,
        )
        self._adopt(notice)
        # A rest that is over before the others look is none.
        if notice.seconds > LOOK_SECONDS:
            self._tell(notice)
        if is_dead or isinstance(error, ProviderQuotaError):
            logger.error(
                "ai_key_refused: the key %s is refused, or its credit is spent; left alone for %d s", line.key, seconds
            )

    def _tell(self, notice: Notice) -> None:
        """Let other processes know: all of the site, where it has Redis, else those of this machine who look."""
        if self.shared is not None:
            self.shared.tell(notice)
        else:
            note(notice)

    def _adopt(self, notice: Notice) -> None:
        """Leave alone what this or another process has found out to be dead, tired or failing."""
        if notice.kind is Kind.KEY:
            self.keys.park(
                notice.key_id, notice.model, seconds=notice.seconds, reason=notice.reason, is_dead=notice.is_dead
            )
        else:
            candidate = Candidate(notice.provider, notice.model)
            self.breakers.of((candidate, notice.key_id)).adopt(notice.seconds)

    def _breaker(self, candidate: Candidate, key: Key) -> Breaker:
        return self.breakers.of((candidate, key.id))

    async def close(self) -> None:
        """Close every connection."""
        if self.shared is not None:
            await self.shared.close()
        self.gates.close()
        await self.connections.close()
