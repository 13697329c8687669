"""Who may answer a request, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings

from ai_router.copies import Copy
from ai_router.errors import NoProviderAvailableError
from ai_router.models import Route, RouteCandidate
from ai_router.providers import PROVIDERS, is_on
from ai_router.situation import Traits
from ai_router.types import Candidate, ProviderName, StrategyName, TaskType, Wishes

if TYPE_CHECKING:
    from ai_router.planning import Question

EMBEDDED = Candidate(ProviderName.EMBEDDED.value, "rules")
AUTO = "auto"
# How long routes are kept in this process: they are read with every call and hardly ever edited.
KEPT_SECONDS = 5

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


@dataclass(frozen=True, slots=True)
class Choice:
    """The hosted candidates of a request in the route's order, whether the embedded engine stands behind them, and why.

    `traits` is what the route says of its candidates, `wishes` what the caller wants; `is_named` says that a provider was
    asked for by name.
    """

    hosted: tuple[Candidate, ...] = ()
    ends_offline: bool = True
    strategy: str = StrategyName.PREFERRED
    passed_over: tuple[tuple[str, str], ...] = ()
    traits: Mapping[Candidate, Traits] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)
    is_named: bool = False


def choose_candidates(
    task_type: TaskType,
    *,
    provider: str = AUTO,
    optimize_cost: bool = False,
    wishes: Wishes | None = None,
    question: "Question[Any] | None" = None,
    user: Any = None,
) -> Choice:
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
        return Choice((Candidate(provider, default_model(provider)),), ends_offline=False, is_named=True)
    if not any(is_on(name) for name in PROVIDERS):
        return Choice()
    wishes = wishes or Wishes()
    choice = _follow_route(task_type)
    return replace(choice, strategy=_strategy(choice, wishes, optimize_cost=optimize_cost), wishes=wishes)


def _strategy(choice: Choice, wishes: Wishes, *, optimize_cost: bool) -> str:
    """Return the strategy of a call: what its caller asks for, or else the route's."""
    if wishes.strategy:
        return wishes.strategy
    if optimize_cost:
        return StrategyName.COST_OPTIMIZED.value
    if wishes.complexity is not None or wishes.cost_sensitive or wishes.speed_priority:
        return StrategyName.BALANCED.value
    return choice.strategy


def _follow_route(task_type: TaskType) -> Choice:
    """Walk the task's route; what stands behind the embedded engine is never reached."""
    route = ROUTES.get().get(task_type) or first_route(task_type)
    traits: dict[Candidate, Traits] = {}
    passed_over: list[tuple[str, str]] = []
    for listed in route.candidates:
        if listed.provider == EMBEDDED.provider:
            break
        reason = _why_not(listed.provider)
        if reason:
            passed_over.append((f"{listed.provider}/{listed.model}" if listed.model else listed.provider, reason))
        else:
            traits.setdefault(Candidate(listed.provider, listed.model or default_model(listed.provider)), listed.traits)
    hosted = tuple(_default_first(list(traits)))
    return Choice(hosted, strategy=route.strategy, passed_over=tuple(passed_over), traits=traits)


@dataclass(frozen=True, slots=True)
class Listed:
    """A candidate as it is listed; an empty model stands for the provider's default one."""

    provider: str
    model: str = ""
    traits: Traits = field(default_factory=Traits)


@dataclass(frozen=True, slots=True)
class RouteView:
    """A route as it is followed."""

    strategy: str
    candidates: tuple[Listed, ...]


def _read_routes() -> dict[str, RouteView]:
    """Read all routes from the database."""
    listed: dict[int, list[Listed]] = {}
    rows = RouteCandidate.objects.filter(is_enabled=True).order_by("position", "id")
    for route_id, provider, model, weight, quality in rows.values_list(
        "route_id", "provider", "model", "weight", "quality"
    ):
        listed.setdefault(route_id, []).append(Listed(provider, model, Traits(weight, quality)))
    return {
        task_type: RouteView(strategy, tuple(listed.get(pk, ())))
        for pk, task_type, strategy in Route.objects.values_list("pk", "task_type", "strategy")
    }


# An edit is seen by every process after `KEPT_SECONDS` at the latest.
ROUTES = Copy(_read_routes, seconds=KEPT_SECONDS)


def first_route(task_type: TaskType) -> RouteView:
    """Return the route that a site begins with."""
    return RouteView(StrategyName.PREFERRED.value, tuple(Listed(name) for name in default_providers(task_type)))


def default_providers(task_type: TaskType) -> list[str]:
    """Return the providers that a task's route begins with, the embedded engine last."""
    first = FIRST_CHOICES[task_type]
    return [first, *(name for name in FURTHER_CHOICES if name != first), ProviderName.EMBEDDED]


def _why_not(provider: str) -> str:
    """Return why a provider is passed over; empty where it is not."""
    if provider not in PROVIDERS:
        return "not built in"
    return "" if is_on(provider) else "no key"


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
