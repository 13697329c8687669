"""How long answers will be, and how often they are asked for, from the ledger: what a quote is made of before there is an answer."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ai_router.copies import Copies
from ai_router.routing import EMBEDDED
from ai_router.types import Candidate
from usage.models import Attempt, Call
from usage.types import CallStatus

T = TypeVar("T")
RECENT_CALLS = 200
# With fewer answers than this of its own, a model is expected to write as much as the others do for the same prompt.
LEAST_OF_ITS_OWN = 9
KEPT_SECONDS = 60
# Shares of the bound for a task that has not been asked yet: answers are shorter than their bound.
LOW_SHARE, EXPECTED_SHARE, HIGH_SHARE = 0.1, 0.4, 0.9
LOW_QUANTILE, HIGH_QUANTILE = 0.1, 0.9
WRITTEN = ("output_tokens", "reasoning_tokens")
SENT = ("input_tokens", "cached_input_tokens", "cache_write_tokens")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one candidate does in one call: output tokens, reasoning and repairs included, and how often the input goes out.

    A repair sends the input again, and the answer with it, so `times_sent` is somewhat more than two then.
    """

    written: int
    times_sent: float = 1.0

    def within(self, bound: int) -> "Exchange":
        """Return it with answers of at most so many tokens."""
        return Exchange(min(self.written, round(bound * max(1.0, self.times_sent))), self.times_sent)


@dataclass(frozen=True, slots=True)
class OutputForecast:
    """What an answer takes: the mean, and the two that eight of ten cost no less and no more than."""

    low: Exchange
    expected: Exchange
    high: Exchange


@dataclass(frozen=True, slots=True)
class _Seen:
    """The last answers, those that wrote least first; `is_repaired` says whether the input was sent again for any."""

    exchanges: Sequence[Exchange]
    expected: Exchange
    is_repaired: bool


def forecast_output(
    *, task_type: str, prompt_version: str, candidate: Candidate, bound: int, input_weight: Callable[[], float]
) -> OutputForecast:
    """Return what the last answers to this prompt say of the next one, each at most `bound` tokens.

    The interval is that of split conformal prediction: of n answers and the next one, each is equally likely to be the
    k-th cheapest, so the next one lies between the ranks ⌊(n+1)·0.1⌋ and ⌈(n+1)·0.9⌉ at least eight times of ten, whatever the
    distribution (Lei et al., "Distribution-Free Predictive Inference for Regression", 2018).

    Args:
        task_type: Whose prompt it is.
        prompt_version: Of which version.
        candidate: Who would answer; the answers of all count while it has too few.
        bound: The most that one answer may have.
        input_weight: Tells how many output tokens cost as much as the input of this request, which decides what is cheap
            where some answers were repaired; not asked where none was.
    """
    found = _RECENT_OUTPUTS.get((task_type, prompt_version))
    seen = found.get(candidate)
    if seen is None or len(seen.exchanges) < LEAST_OF_ITS_OWN:
        seen = found.get(None)
    if seen is None:
        return OutputForecast(*(Exchange(round(bound * share)) for share in (LOW_SHARE, EXPECTED_SHARE, HIGH_SHARE)))
    ordered = seen.exchanges
    if seen.is_repaired:
        weight = input_weight()
        ordered = sorted(ordered, key=lambda one: one.written + weight * one.times_sent)
    low, high = interval_of(ordered)
    return OutputForecast(low.within(bound), seen.expected.within(bound), high.within(bound))


def interval_of(ordered: Sequence[T]) -> tuple[T, T]:
    """Return the values at the ranks of the interval, of values in ascending order; with few, the smallest and the largest."""
    ranks = len(ordered) + 1
    low, high = math.floor(ranks * LOW_QUANTILE), math.ceil(ranks * HIGH_QUANTILE)
    return ordered[max(low, 1) - 1], ordered[min(high, len(ordered)) - 1]


def _read_outputs(prompt: tuple[str, str]) -> dict[Candidate | None, _Seen]:
    """Read what the last hosted answers to a task's prompt took, by model and (None) of all."""
    task_type, prompt_version = prompt
    answered = Call.objects.filter(
        task_type=task_type, prompt_version=prompt_version, status=CallStatus.SUCCEEDED, is_cached=False
    ).exclude(provider=EMBEDDED.provider)
    calls = list(answered.order_by("-created_at").only("provider", "model", *WRITTEN)[:RECENT_CALLS])
    attempts: dict[object, list[Attempt]] = {}
    rows = Attempt.objects.filter(call__in=[call.pk for call in calls]).order_by("ordinal")
    for attempt in rows.only("call", "provider", "model", "error_class", *WRITTEN, *SENT):
        attempts.setdefault(attempt.call_id, []).append(attempt)
    found: dict[Candidate | None, list[Exchange]] = {}
    for call in calls:
        who = Candidate(call.provider, call.model)
        made_by = attempts.get(call.pk, ())
        own = [one for one in made_by if Candidate(one.provider, one.model) == who and one.is_request]
        exchange = _exchange(call, own)
        for key in (who, None):
            found.setdefault(key, []).append(exchange)
    return {key: _seen(exchanges) for key, exchanges in found.items()}


def _exchange(call: Call, own: Sequence[Attempt]) -> Exchange:
    """Return what the one who answered a call did; others that were asked before are no part of it."""
    sent = [attempt.total_input_tokens for attempt in own if attempt.total_input_tokens]
    if not sent:
        return Exchange(call.total_output_tokens)
    return Exchange(sum(attempt.total_output_tokens for attempt in own), sum(sent) / sent[0])


def _seen(exchanges: Iterable[Exchange]) -> _Seen:
    ordered = sorted(exchanges, key=lambda one: one.written)
    written = round(sum(one.written for one in ordered) / len(ordered))
    times_sent = sum(one.times_sent for one in ordered) / len(ordered)
    return _Seen(ordered, Exchange(written, times_sent), is_repaired=any(one.times_sent != 1 for one in ordered))


_RECENT_OUTPUTS = Copies(_read_outputs, seconds=KEPT_SECONDS)
