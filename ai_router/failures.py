"""What follows from each kind of failure: the table of `docs/routing.md`, as data."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ai_router.errors import (
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    FirstTokenTimeoutError,
    InvalidOutputError,
    InvalidRequestError,
    MalformedAnswerError,
    ModelNotFoundError,
    ProviderConnectionError,
    ProviderError,
    ProviderQuotaError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
    RefusalError,
    StreamInterruptedError,
)

# Answers that were not good enough, as far as they have no status of their own.
REJECTIONS = frozenset({"InvalidOutputError", "RefusalError", "MalformedAnswerError"})


class NextCandidate(StrEnum):
    """Who is asked next when a candidate has failed for good."""

    YES = "yes"
    LARGER_WINDOW = "larger window"
    IF_TASK_ALLOWS = "if the task allows"
    NO = "no"


class Money(StrEnum):
    """What a failed attempt is booked at, where the provider did not say what it billed."""

    NOTHING = "nothing"
    INPUT = "input"
    INPUT_AND_SEEN = "input and seen output"
    MOST = "input and the longest answer"


class Wait(StrEnum):
    """How long to wait before the same candidate is asked again."""

    HINT = "the provider's hint"
    JITTER = "jittered backoff"


class Rests(StrEnum):
    """What is left alone after a failure that speaks of the key."""

    NOTHING = "nothing"
    MODEL = "the key for this model"
    KEY = "the key"


@dataclass(frozen=True, slots=True)
class FailureRule:
    """The consequences of one class of failure.

    Args:
        retries: How often the same candidate is asked again.
        wait: How long before that.
        following: Who is asked after that.
        money: What the attempt is booked at.
        harm: What it counts in the circuit breaker; 0 where the provider is well.
        rests: What is left alone afterwards: the key, or the key for this model.
        rest_seconds: For how long, where the provider gives no hint.
    """

    retries: int = 0
    wait: Wait = Wait.JITTER
    following: NextCandidate = NextCandidate.YES
    money: Money = Money.NOTHING
    harm: int = 0
    rests: Rests = Rests.NOTHING
    rest_seconds: float = 0.0


# A request that hangs costs its reader the whole time-out.
HANG = 3

FAILURES: Mapping[type[ProviderError], FailureRule] = {
    ProviderConnectionError: FailureRule(retries=1, harm=1),
    FirstTokenTimeoutError: FailureRule(money=Money.INPUT, harm=HANG),
    ProviderTimeoutError: FailureRule(money=Money.INPUT, harm=HANG),
    RateLimitError: FailureRule(retries=2, wait=Wait.HINT, harm=1, rests=Rests.MODEL, rest_seconds=1),
    ProviderQuotaError: FailureRule(rests=Rests.KEY, rest_seconds=300),
    ProviderUnavailableError: FailureRule(retries=1, harm=1),
    AuthenticationError: FailureRule(rests=Rests.KEY, rest_seconds=900),
    ContextLengthError: FailureRule(following=NextCandidate.LARGER_WINDOW),
    InvalidRequestError: FailureRule(following=NextCandidate.NO),
    ModelNotFoundError: FailureRule(harm=1),
    ContentFilterError: FailureRule(following=NextCandidate.IF_TASK_ALLOWS),
    RefusalError: FailureRule(following=NextCandidate.IF_TASK_ALLOWS, money=Money.INPUT_AND_SEEN),
    StreamInterruptedError: FailureRule(money=Money.INPUT_AND_SEEN, harm=1),
    MalformedAnswerError: FailureRule(money=Money.INPUT_AND_SEEN, harm=1),
    InvalidOutputError: FailureRule(money=Money.INPUT_AND_SEEN),
    ProviderError: FailureRule(harm=1),
}

BACKOFF_SECONDS = 0.5
BACKOFF_LIMIT_SECONDS = 8.0
# How long one waits for a candidate while another stands ready.
PATIENCE_SECONDS = 0.05


def rule_of(error: ProviderError) -> FailureRule:
    """Return the rule of the error's class, or of its nearest base class."""
    return next(FAILURES[base] for base in type(error).__mro__ if base in FAILURES)


def seconds_before_retry(error: ProviderError, *, tries: int, has_next: bool) -> float | None:
    """Return how long to wait before asking the same candidate again; None where that is of no use.

    Backoff is exponential with full jitter: a random time between nothing and the bound (AWS Architecture Blog,
    "Exponential Backoff and Jitter"). A provider's own hint comes first; a rate limit without one is not retried.
    Where somebody else can be asked, nobody waits longer than `PATIENCE_SECONDS`.

    Args:
        error: How the last attempt failed.
        tries: How often the candidate was asked for this request before, at least 1.
        has_next: Whether another candidate of this request stands ready.
    """
    rule = rule_of(error)
    if tries > rule.retries:
        return None
    if error.retry_after is not None:
        return None if has_next and error.retry_after > PATIENCE_SECONDS else error.retry_after
    if rule.wait is Wait.HINT:
        return None
    bound = PATIENCE_SECONDS if has_next else min(BACKOFF_LIMIT_SECONDS, BACKOFF_SECONDS * 2**tries)
    return random.uniform(0, bound)  # noqa: S311 - spreads load


class Allowance:
    """Keeps extra requests below a share of the traffic: retries, so that a broken provider is not flooded, and hedges.

    Every request earns a share of an extra one, up to `bound`. `start` is what a fresh process has, so that the share holds
    from its first request on.
    """

    def __init__(self, *, share: float, start: float, bound: float = 10.0) -> None:
        """Begin with `start`."""
        self._share = share
        self._bound = bound
        self._balance = start

    def earn(self) -> None:
        """Count a request."""
        self._balance = min(self._bound, self._balance + self._share)

    def spend(self, requests: float = 1.0) -> bool:
        """Take what extra requests cost; False, with nothing taken, when it is not there."""
        # Ten tenths are a little less than one.
        if self._balance < requests - 1e-9:
            return False
        self._balance -= requests
        return True
