"""The routes as they stand: a row for each task in the database, or the ones that a site begins with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ai_router.copies import Copy
from ai_router.models import Route, RouteCandidate
from ai_router.situation import Traits
from ai_router.types import ProviderName, StrategyName, TaskType

# How long routes and rules are kept in this process: they are read with every call and hardly ever edited.
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
    TaskType.EMBEDDING: ProviderName.OPENAI,
}
EMBEDDERS = (ProviderName.OPENAI, ProviderName.GEMINI)
FURTHER_CHOICES = (ProviderName.OPENAI, ProviderName.GEMINI, ProviderName.GROK, ProviderName.GROQ)


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
    further = EMBEDDERS if task_type is TaskType.EMBEDDING else FURTHER_CHOICES
    return [first, *(name for name in further if name != first), ProviderName.EMBEDDED]
