"""Who may answer a request, and in which order."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

from ai_router.errors import NoProviderAvailableError
from ai_router.models import Route, RouteCandidate
from ai_router.providers import PROVIDERS, is_on
from ai_router.steps import Step
from ai_router.types import Candidate, ProviderName, StrategyName, TaskType

EMBEDDED = Candidate(ProviderName.EMBEDDED.value, "rules")
AUTO = "auto"
# How long routes are kept in the cache: they are read with every call and hardly ever edited.
KEPT_SECONDS = 5

Strategy = Callable[[Sequence[Step]], list[Step]]


def as_listed(steps: Sequence[Step]) -> list[Step]:
    """Keep the order of the route."""
    return list(steps)


def cheapest_first(steps: Sequence[Step]) -> list[Step]:
    """Order by the predicted cost of this request; equal ones as listed, unknown prices last."""
    return sorted(steps, key=lambda step: (step.expected_nanousd is None, step.expected_nanousd or 0))


# The routes of a site that has none of its own in the database.
FIRST_CHOICES: Mapping[str, ProviderName] = {
    TaskType.CV_PARSING: ProviderName.OPENAI,
    TaskType.CV_TAILORING: ProviderName.OPENAI,
    TaskType.COVER_LETTER: ProviderName.OPENAI,
    TaskType.EMAIL_DRAFTING: ProviderName.GROK,
    TaskType.FAST_SUMMARY: ProviderName.GROQ,
    TaskType.JOB_ANALYSIS: ProviderName.GEMINI,
    TaskType.JOB_MATCHING: ProviderName.GEMINI,
    TaskType.CHAT: ProviderName.OPENAI,
}
FURTHER_CHOICES = (ProviderName.OPENAI, ProviderName.GEMINI, ProviderName.GROK, ProviderName.GROQ)

STRATEGIES: Mapping[str, Strategy] = {
    StrategyName.PREFERRED: as_listed,
    StrategyName.COST_OPTIMIZED: cheapest_first,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The hosted candidates of a request in the route's order, whether the embedded engine stands behind them, and why."""

    hosted: tuple[Candidate, ...] = ()
    ends_offline: bool = True
    strategy: str = StrategyName.PREFERRED
    passed_over: tuple[tuple[str, str], ...] = ()


def choose_candidates(task_type: TaskType, *, provider: str = AUTO, optimize_cost: bool = False) -> Choice:
    """Return who may answer.

    `auto` follows the task's route; candidates without a key, and providers that have just refused their key, are
    passed over. `embedded` means the embedded engine alone, a provider's name that provider alone.

    Raises:
        NoProviderAvailableError: A provider was asked for by name that is not set up.
    """
    if provider == EMBEDDED.provider or (provider == AUTO and EMBEDDED.provider == settings.DEFAULT_AI_PROVIDER):
        return Choice()
    if provider != AUTO:
        if not is_on(provider):
            message = f"provider {provider!r} is not set up"
            raise NoProviderAvailableError(message)
        return Choice((Candidate(provider, default_model(provider)),), ends_offline=False)
    if not any(is_on(name) for name in PROVIDERS):
        return Choice()
    return _follow_route(task_type, optimize_cost=optimize_cost)


def _follow_route(task_type: TaskType, *, optimize_cost: bool) -> Choice:
    """Walk the task's route; what stands behind the embedded engine is never reached."""
    route = _route(task_type)
    hosted: list[Candidate] = []
    passed_over: list[tuple[str, str]] = []
    for provider, model in route.candidates:
        if provider == EMBEDDED.provider:
            break
        reason = _why_not(provider)
        if reason:
            passed_over.append((f"{provider}/{model}" if model else provider, reason))
        else:
            hosted.append(Candidate(provider, model or default_model(provider)))
    strategy = StrategyName.COST_OPTIMIZED.value if optimize_cost else route.strategy
    return Choice(tuple(_default_first(hosted)), strategy=strategy, passed_over=tuple(passed_over))


@dataclass(frozen=True, slots=True)
class RouteView:
    """A route as it is followed: the strategy, and provider and model of each candidate."""

    strategy: str
    candidates: tuple[tuple[str, str], ...]


def _route(task_type: TaskType) -> RouteView:
    """Return the task's route; an edit is seen after `KEPT_SECONDS` at the latest."""
    key = f"ai_router:route:{task_type.value}"
    kept: RouteView | None = cache.get(key)
    if kept is None:
        kept = _read_route(task_type)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _read_route(task_type: TaskType) -> RouteView:
    """Read the route from the database; one that is not there is the one that a site begins with."""
    route = Route.objects.filter(task_type=task_type).first()
    if route is None:
        return RouteView(StrategyName.PREFERRED.value, tuple((name, "") for name in default_providers(task_type)))
    rows = RouteCandidate.objects.filter(route=route, is_enabled=True).order_by("position", "id")
    return RouteView(route.strategy, tuple(rows.values_list("provider", "model")))


def default_providers(task_type: TaskType) -> list[str]:
    """Return the providers that a task's route begins with, the embedded engine last."""
    first = FIRST_CHOICES[task_type]
    return [first, *(name for name in FURTHER_CHOICES if name != first), ProviderName.EMBEDDED]


def _why_not(provider: str) -> str:
    """Return why a provider is passed over; empty where it is not."""
    if provider not in PROVIDERS:
        return "not built in"
    if not is_on(provider):
        return "no key"
    return "key was refused" if cache.get(_parking_place(provider)) else ""


def _default_first(hosted: Sequence[Candidate]) -> list[Candidate]:
    """Put `DEFAULT_AI_PROVIDER` first where it is set up, with `DEFAULT_AI_MODEL` where that is set; once each."""
    name = settings.DEFAULT_AI_PROVIDER
    if name and name in PROVIDERS and not _why_not(name):
        hosted = [Candidate(name, default_model(name)), *(c for c in hosted if c.provider != name)]
    return list(dict.fromkeys(hosted))


def default_model(provider: str) -> str:
    """Return the model of a provider where nothing names one.

    `<PROVIDER>_MODEL` comes first, then `DEFAULT_AI_MODEL` (which belongs to `DEFAULT_AI_PROVIDER`, or, with none set, to
    OpenAI), then the adapter's own.
    """
    own = str(settings.AI_PROVIDERS.get(provider, {}).get("model", ""))
    if own:
        return own
    if settings.DEFAULT_AI_MODEL and provider == (settings.DEFAULT_AI_PROVIDER or ProviderName.OPENAI):
        return str(settings.DEFAULT_AI_MODEL)
    return PROVIDERS[provider].default_model


def park_provider(provider: str, *, seconds: int) -> None:
    """Leave a provider alone for a while: its key was refused, or its credit is spent."""
    cache.set(_parking_place(provider), value=True, timeout=seconds)


def _parking_place(provider: str) -> str:
    """Return the cache key for the provider's present key, so that a new key is tried at once."""
    key = str(settings.AI_PROVIDERS.get(provider, {}).get("api_key", ""))
    return f"ai_router:parked:{provider}:{hashlib.sha256(key.encode()).hexdigest()[:16]}"
