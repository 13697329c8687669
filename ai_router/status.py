"""How the providers stand just now: for the operator, `router.status()`, the REST API and the admin."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from ai_router.breaker import Breaker, BreakerState
from ai_router.health import RECENT_MINUTES, Health, Recent, Sample, Speed, judge, look_back, speed
from ai_router.kept_keys import refresh_keys
from ai_router.keys import Key, Rest, keys_of
from ai_router.left_alone import noted
from ai_router.loop import provider_loop
from ai_router.providers import PROVIDERS, is_on
from ai_router.shared_states import Kind, Notice
from ai_router.types import provider_choices
from ai_router.upstream import Upstream
from usage.types import EMBEDDED_PROVIDER

LAST_ERRORS = 5


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """A key: `state` is `ready`, `tired` or `dead`, `model` the one it is left alone for (empty: all)."""

    ending: str
    source: str
    state: str
    reason: str = ""
    model: str = ""
    seconds_left: int = 0
    in_flight: int = 0


@dataclass(frozen=True, slots=True)
class BreakerStatus:
    """A breaker that is not closed."""

    model: str
    state: str
    key_ending: str
    seconds_left: int


@dataclass(frozen=True, slots=True)
class LastError:
    """How an attempt failed."""

    at: datetime
    model: str
    error_class: str


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """A provider: `state` is `off`, `on`, `resting` (no key may be used) or `failing` (a breaker is not closed)."""

    name: str
    label: str
    state: str
    is_local: bool
    health: Health
    requests: int
    failures: int
    speed: Speed
    in_flight: int
    keys: tuple[KeyStatus, ...] = ()
    breakers: tuple[BreakerStatus, ...] = ()
    last_errors: tuple[LastError, ...] = ()


@dataclass(frozen=True, slots=True)
class RouterStatus:
    """The whole: `attention` says in plain words what an operator should look at."""

    health: Health
    providers: tuple[ProviderStatus, ...]
    attention: tuple[str, ...]
    requests: int
    in_flight: int
    minutes: int = RECENT_MINUTES
    is_from_ledger: bool = True


def status(*, recent: Recent | None = None) -> RouterStatus:
    """Return how the providers stand, from the ledger of the last minutes and from this process's keys and breakers.

    `recent` are these minutes, where somebody has read them already.
    """
    refresh_keys()
    upstream = provider_loop().upstream
    recent = recent or look_back(tuple(upstream.attempts))
    elsewhere = noted()
    names = [*PROVIDERS, EMBEDDED_PROVIDER]
    providers = tuple(_provider(name, upstream, recent, elsewhere) for name in names)
    anomalies = sum(_anomalies(provider) for provider in providers)
    return RouterStatus(
        health=judge(recent, anomalies=anomalies),
        providers=providers,
        attention=tuple(_attention(providers, recent)),
        requests=len(recent.samples),
        in_flight=sum(provider.in_flight for provider in providers),
        is_from_ledger=recent.is_from_ledger,
    )


def _provider(name: str, upstream: Upstream, recent: Recent, elsewhere: Sequence[Notice]) -> ProviderStatus:
    is_embedded = name == EMBEDDED_PROVIDER
    samples = [sample for sample in recent.samples if sample.provider == name]
    found = keys_of(name) if not is_embedded and is_on(name) else ()
    keys = tuple(status for key in found for status in _key(key, upstream, elsewhere))
    breakers = _breakers(name, {key.id: key for key in found}, upstream, elsewhere)
    refused = sum(key.state == "dead" for key in keys)
    return ProviderStatus(
        name=name,
        label=dict(provider_choices())[name],
        state="on" if is_embedded else _state(found, keys, breakers),
        is_local=is_embedded or PROVIDERS[name].is_local,
        health=judge(recent, provider=name, anomalies=len(breakers) + refused),
        requests=len(samples),
        failures=sum(sample.is_fault for sample in samples),
        speed=speed(samples),
        in_flight=sum(upstream.keys.in_flight[key.id] for key in found),
        keys=keys,
        breakers=breakers,
        last_errors=_errors(samples),
    )


def _state(found: tuple[Key, ...], keys: tuple[KeyStatus, ...], breakers: tuple[BreakerStatus, ...]) -> str:
    """Say in a word how a provider stands."""
    if not found:
        return "off"
    if not any(key.state == "ready" or key.model for key in keys):
        return "resting"
    return "failing" if breakers else "on"


def _key(key: Key, upstream: Upstream, elsewhere: Sequence[Notice]) -> list[KeyStatus]:
    """Return how a key stands: one line, or one for each model that it is left alone for."""
    in_flight = upstream.keys.in_flight[key.id]
    rests = {
        one.model: Rest(time.monotonic() + one.seconds, one.reason, one.is_dead)
        for one in elsewhere
        if one.kind is Kind.KEY and one.key_id == key.id
    } | upstream.keys.rests_of(key)
    if not rests:
        return [KeyStatus(key.ending, key.source, "ready", in_flight=in_flight)]
    return [
        KeyStatus(
            key.ending,
            key.source,
            "dead" if rest.is_dead else "tired",
            rest.reason,
            model,
            round(rest.until - time.monotonic()),
            in_flight,
        )
        for model, rest in rests.items()
    ]


def _breakers(
    name: str, keys: dict[str, Key], upstream: Upstream, elsewhere: Sequence[Notice]
) -> tuple[BreakerStatus, ...]:
    """Return the breakers of a provider that are not closed, here or elsewhere; those of keys that are gone are forgotten."""
    found = {
        (one.model, one.key_id): BreakerStatus(
            one.model, BreakerState.OPEN.value, keys[one.key_id].ending, round(one.seconds)
        )
        for one in elsewhere
        if one.kind is Kind.BREAKER and one.provider == name and one.key_id in keys
    }
    for (candidate, key_id), breaker in list(upstream.breakers.items()):
        if candidate.provider == name and key_id in keys and not breaker.is_closed:
            found[candidate.model, key_id] = _breaker(candidate.model, breaker, keys[key_id])
    return tuple(found.values())


def _breaker(model: str, breaker: Breaker, key: Key) -> BreakerStatus:
    is_open = breaker.state is BreakerState.OPEN
    seconds = max(0, round(breaker.open_until - breaker.now())) if is_open else 0
    return BreakerStatus(model, breaker.state.value, key.ending, seconds)


def _errors(samples: list[Sample]) -> tuple[LastError, ...]:
    failed = (sample for sample in sorted(samples, key=lambda sample: sample.at, reverse=True) if sample.is_fault)
    return tuple(LastError(sample.at, sample.model, sample.error_class) for sample in islice(failed, LAST_ERRORS))


def _anomalies(provider: ProviderStatus) -> int:
    return len(provider.breakers) + sum(key.state == "dead" for key in provider.keys)


def _attention(providers: tuple[ProviderStatus, ...], recent: Recent) -> list[str]:
    """Say what an operator should look at."""
    lines = []
    for provider in providers:
        for key in provider.keys:
            name = f"{provider.label} key …{key.ending}" if key.ending else f"{provider.label} key"
            model = f" for {key.model}" if key.model else ""
            if key.state == "dead":
                lines.append(f"{name}{model} was refused: replace it. It is tried again in {key.seconds_left} s.")
            elif key.state == "tired":
                lines.append(f"{name}{model} has reached its limit. It is used again in {key.seconds_left} s.")
        lines += [
            f"{provider.label} {breaker.model} keeps failing and is left alone ({breaker.state})."
            for breaker in provider.breakers
        ]
    unpriced = Counter(f"{sample.provider}/{sample.model}" for sample in recent.samples if sample.is_unpriced)
    lines += [f"No price is known for {model}: {count} requests have no cost." for model, count in unpriced.items()]
    if recent.written_off:
        lines.append(f"{recent.written_off} calls were written off: their process died, or hung.")
    if not recent.is_from_ledger:
        lines.append("The ledger cannot be read: these figures are those of one process.")
    return lines
