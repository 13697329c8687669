"""Why something is not as usual: what changed (price, tokens, volume, errors), and whose calls changed.

A cost is calls × the part that the cache did not answer × requests a call × tokens a request × price a token, in each
segment of the traffic. The logarithmic mean Divisia index splits the change of such a product among its factors without
a remainder (Ang, 2004; zeros become very small numbers, Ang and Liu, 2007). A user, a task or a provider is named where most of the change lies with it, and much
more than its usual share, as in Adtributor (Bhagwan et al., 2014).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import log

from django.db import models

from usage.types import Watched

DIMENSIONS = ("user", "task", "provider", "model")
# What is named bears so much of the change, and so much more of it than of what is usual.
MOST_OF_IT, MORE_THAN_USUAL = 0.6, 0.15
# Tokens are counted by what they usually cost: an output token like four input tokens, a cached one like a quarter.
OUTPUT_WEIGHT, CACHED_WEIGHT = 4.0, 0.25
TINY = 1e-9


class Cause(models.TextChoices):
    """What changed."""

    VOLUME = "volume", "more or fewer calls"
    MIX = "mix", "other models or tasks than usual"
    CACHE = "cache", "more or fewer answers from the cache"
    ERRORS = "errors", "failed requests"
    TOKENS = "tokens", "longer or shorter texts"
    PRICE = "price", "the price"
    SPEED = "speed", "slower answers"


@dataclass(frozen=True, slots=True)
class Segment:
    """Whose calls they are: a user, a task, a provider and its model; empty where that is not known."""

    user: str = ""
    task: str = ""
    provider: str = ""
    model: str = ""


@dataclass(slots=True)
class Sums:
    """What calls of a segment add up to. Averages over weeks are no whole numbers."""

    calls: float = 0.0
    cached: float = 0.0
    attempts: float = 0.0
    failed: float = 0.0
    timed: float = 0.0
    latency_ms: float = 0.0
    input_tokens: float = 0.0
    cached_tokens: float = 0.0
    output_tokens: float = 0.0
    cost_nanousd: float = 0.0
    unpriced: float = 0.0
    zero_cost: float = 0.0

    @property
    def asked(self) -> float:
        """How many calls were not answered from the cache."""
        return self.calls - self.cached

    @property
    def tokens(self) -> float:
        """All tokens, sent and written."""
        return self.input_tokens + self.cached_tokens + self.output_tokens

    @property
    def weighed_tokens(self) -> float:
        """All tokens by what they usually cost."""
        return self.input_tokens + CACHED_WEIGHT * self.cached_tokens + OUTPUT_WEIGHT * self.output_tokens

    def add(self, other: "Sums", weight: float = 1.0) -> None:
        """Add other calls to these."""
        for name in NAMES:
            setattr(self, name, getattr(self, name) + weight * getattr(other, name))


NAMES = tuple(one.name for one in fields(Sums))
Traffic = Mapping[Segment, Sums]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The likely cause of a change.

    `share` is how much of the change it is (of changes that go the same way), `who` names what most of it lies with, the
    most telling dimension first: `(("provider", "openai"), …)`; empty where it is everywhere.
    """

    cause: Cause
    share: float
    who: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Effects:
    """What each factor adds to a change, segment by segment."""

    by_cause: dict[Cause, dict[Segment, float]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))

    def add(self, cause: Cause, segment: Segment, effect: float) -> None:
        self.by_cause[cause][segment] += effect

    def total(self, cause: Cause) -> float:
        return sum(self.by_cause[cause].values())


def explain(measure: str, *, now: Traffic, usual: Traffic, is_more: bool = True) -> Explanation:
    """Return the likely cause of a measure being more, or less, than usual.

    Args:
        measure: One of `Watched`.
        now: The traffic of the hours in question, by segment.
        usual: What is usual in as many such hours.
        is_more: Whether the measure is above what is usual.
    """
    effects = _EFFECTS[Watched(measure)](now, usual)
    sign = 1 if is_more else -1
    totals = {cause: sign * effects.total(cause) for cause in effects.by_cause}
    going = {cause: total for cause, total in totals.items() if total > 0}
    if not going:
        return Explanation(max(totals, key=lambda cause: totals[cause], default=Cause.VOLUME), 0.0)
    cause = max(going, key=lambda one: going[one])
    by_segment = {segment: sign * effect for segment, effect in effects.by_cause[cause].items()}
    who = _who(by_segment, _weights(measure, usual))
    return Explanation(cause, going[cause] / sum(going.values()), who)


def _cost(now: Traffic, usual: Traffic) -> _Effects:
    """Split a change of cost."""
    effects = _Effects()
    for segment, after, before in _pairs(now, usual):
        if not (after.calls and before.calls):
            effects.add(Cause.VOLUME, segment, after.cost_nanousd - before.cost_nanousd)
            continue
        weight = _logarithmic_mean(after.cost_nanousd, before.cost_nanousd)
        effects.add(Cause.VOLUME, segment, weight * log(after.calls / before.calls))
        _add_requests(effects, segment, weight, after, before)
        effects.add(Cause.TOKENS, segment, weight * _change(after, before, "weighed_tokens", "attempts"))
        effects.add(Cause.PRICE, segment, weight * _change(after, before, "cost_nanousd", "weighed_tokens"))
    calls = [max(TINY, sum(one.calls for one in traffic.values())) for traffic in (now, usual)]
    costs = [sum(one.cost_nanousd for one in traffic.values()) for traffic in (now, usual)]
    growth = _logarithmic_mean(*costs) * log(calls[0] / calls[1])
    volume = effects.total(Cause.VOLUME)
    if volume * growth <= 0 or abs(growth) < 0.3 * abs(volume):
        # There are not more calls than usual: others are made, or others answer them.
        effects.by_cause[Cause.MIX] = effects.by_cause.pop(Cause.VOLUME)
    return effects


def _volume(now: Traffic, usual: Traffic) -> _Effects:
    effects = _Effects()
    for segment, after, before in _pairs(now, usual):
        effects.add(Cause.VOLUME, segment, after.calls - before.calls)
    return effects


def _tokens(now: Traffic, usual: Traffic) -> _Effects:
    """Split a change of tokens per call into longer texts, and a larger part of calls that are always longer."""
    effects = _Effects()
    calls = [max(TINY, sum(one.calls for one in traffic.values())) for traffic in (now, usual)]
    for segment, after, before in _pairs(now, usual):
        means = after.tokens / calls[0], before.tokens / calls[1]
        if not (after.calls and before.calls):
            effects.add(Cause.MIX, segment, means[0] - means[1])
            continue
        weight = _logarithmic_mean(*means)
        effects.add(Cause.MIX, segment, weight * log(after.calls / calls[0] / (before.calls / calls[1])))
        _add_requests(effects, segment, weight, after, before)
        effects.add(Cause.TOKENS, segment, weight * _change(after, before, "tokens", "attempts"))
    return effects


def _errors(now: Traffic, usual: Traffic) -> _Effects:
    return _excess(now, usual, Cause.ERRORS, above="failed", below="attempts")


def _unpriced(now: Traffic, usual: Traffic) -> _Effects:
    return _excess(now, usual, Cause.PRICE, above="unpriced", below="calls")


def _zero_cost(now: Traffic, usual: Traffic) -> _Effects:
    return _excess(now, usual, Cause.PRICE, above="zero_cost", below="calls")


def _excess(now: Traffic, usual: Traffic, cause: Cause, *, above: str, below: str) -> _Effects:
    """Count what there is beyond the usual share."""
    effects = _Effects()
    whole = sum(getattr(one, above) for one in usual.values()) / max(
        TINY, sum(getattr(one, below) for one in usual.values())
    )
    for segment, after, before in _pairs(now, usual):
        had = getattr(before, below)
        share = getattr(before, above) / had if had > TINY else whole
        effects.add(cause, segment, getattr(after, above) - share * getattr(after, below))
    return effects


def _latency(now: Traffic, usual: Traffic) -> _Effects:
    """Split a change of how long calls take: more is written, more is tried, or answers come slower."""
    effects = _Effects()
    timed = [max(TINY, sum(one.timed for one in traffic.values())) for traffic in (now, usual)]
    for segment, after, before in _pairs(now, usual):
        means = after.latency_ms / timed[0], before.latency_ms / timed[1]
        if not (after.timed and before.timed):
            effects.add(Cause.MIX, segment, means[0] - means[1])
            continue
        weight = _logarithmic_mean(*means)
        whole = _change(after, before, "latency_ms", "timed")
        errors = _change(after, before, "attempts", "asked")
        tokens = _change(after, before, "output_tokens", "attempts")
        # What is written takes its time; it explains no more than there is to explain.
        rest = whole - errors
        tokens = max(0.0, min(tokens, rest)) if rest > 0 else min(0.0, max(tokens, rest))
        effects.add(Cause.MIX, segment, weight * log(after.timed / timed[0] / (before.timed / timed[1])))
        effects.add(Cause.ERRORS, segment, weight * errors)
        effects.add(Cause.TOKENS, segment, weight * tokens)
        effects.add(Cause.SPEED, segment, weight * (rest - tokens))
    return effects


def _add_requests(effects: _Effects, segment: Segment, weight: float, after: Sums, before: Sums) -> None:
    """Add what comes of the cache, and of asking more than once."""
    effects.add(Cause.CACHE, segment, weight * _change(after, before, "asked", "calls"))
    effects.add(Cause.ERRORS, segment, weight * _change(after, before, "attempts", "asked"))


_EFFECTS: Mapping[Watched, Callable[[Traffic, Traffic], _Effects]] = {
    Watched.COST: _cost,
    Watched.VOLUME: _volume,
    Watched.TOKENS_PER_CALL: _tokens,
    Watched.ERRORS: _errors,
    Watched.LATENCY: _latency,
    Watched.UNPRICED: _unpriced,
    Watched.ZERO_COST: _zero_cost,
}
# What a segment's usual share is a share of.
_BASE = {Watched.COST: "cost_nanousd", Watched.TOKENS_PER_CALL: "tokens", Watched.LATENCY: "latency_ms"}


def _weights(measure: str, usual: Traffic) -> dict[Segment, float]:
    name = _BASE.get(Watched(measure), "calls")
    return {segment: getattr(sums, name) for segment, sums in usual.items()}


def _who(effects: Mapping[Segment, float], usual: Mapping[Segment, float]) -> tuple[tuple[str, str], ...]:
    """Return who most of the change lies with, in each dimension in which that is somebody in particular."""
    whole, before = sum(effects.values()), max(TINY, sum(usual.values()))
    if whole <= 0:
        return ()
    found: list[tuple[float, str, str]] = []
    for dimension in DIMENSIONS:
        own = _added_up(effects, dimension)
        name = max(own, key=lambda one: own[one])
        share = min(1.0, own[name] / whole)
        surprise = share - _added_up(usual, dimension).get(name, 0.0) / before
        if name and share >= MOST_OF_IT and surprise >= MORE_THAN_USUAL:
            found.append((surprise, dimension, name))
    return tuple((dimension, name) for _, dimension, name in sorted(found, key=lambda one: -one[0]))


def _added_up(figures: Mapping[Segment, float], dimension: str) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for segment, figure in figures.items():
        found[getattr(segment, dimension)] += figure
    return found


def _pairs(now: Traffic, usual: Traffic) -> Iterable[tuple[Segment, Sums, Sums]]:
    nothing = Sums()
    for segment in {**usual, **now}:
        yield segment, now.get(segment, nothing), usual.get(segment, nothing)


def _change(after: Sums, before: Sums, above: str, below: str) -> float:
    """Return the logarithm of how much a mean has changed; 0 where it is not known of both."""
    numbers = getattr(after, below), getattr(before, below)
    if min(numbers) <= 0:
        return 0.0
    means = [max(getattr(sums, above), TINY) / number for sums, number in zip((after, before), numbers, strict=True)]
    return log(means[0] / means[1])


def _logarithmic_mean(one: float, other: float) -> float:
    one, other = max(one, TINY), max(other, TINY)
    if abs(one - other) < 1e-12 * max(one, other):
        return one
    return (one - other) / log(one / other)


def usual_of(hours: Sequence[Traffic], *, over: int) -> dict[Segment, Sums]:
    """Return the mean traffic of several looks at such hours, times `over` hours.

    Args:
        hours: The traffic of each of the earlier hours.
        over: For how many hours.
    """
    found: dict[Segment, Sums] = defaultdict(Sums)
    for traffic in hours:
        for segment, sums in traffic.items():
            found[segment].add(sums, over / len(hours))
    return dict(found)
