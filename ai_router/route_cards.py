"""What the operator sees of the routes: who is asked for each task now, who is not and why, and what a usual call costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Avg, Count, F
from django.utils import timezone

from ai_router.models import Route, RouteCandidate, RoutingRule
from ai_router.pricebook import prices_in_force
from ai_router.providers import PROVIDERS, is_on
from ai_router.routing import usual_model
from ai_router.situation import Situation, Traits
from ai_router.status import status
from ai_router.steps import Step
from ai_router.strategies import expected_seconds, put_in_order, strategy_names
from ai_router.tallies import tallies_of
from ai_router.types import Candidate, ProviderName, StrategyName, TaskType
from usage.models import Call
from usage.types import EMBEDDED_PROVIDER, CallStatus, TokenUsage

LOOKED_BACK = timedelta(days=30)
# What a call is taken for while the ledger has none of its task: a CV and a posting in, a letter out.
USUAL_INPUT, USUAL_OUTPUT = 3_000, 800
STATES = {"resting": "its keys rest", "failing": "it fails just now"}


@dataclass(frozen=True, slots=True)
class UsualCall:
    """The mean tokens of the task's calls of the last month; `calls` 0 where they are assumed."""

    input_tokens: int = USUAL_INPUT
    output_tokens: int = USUAL_OUTPUT
    calls: int = 0


@dataclass(slots=True)
class Place:
    """A candidate on a card. `rank` is its place in the order of asking, 0 where it is not asked; `note` says why."""

    row: RouteCandidate
    name: str
    rank: int = 0
    note: str = ""
    cost_nanousd: int | None = None
    is_priced: bool = True
    seconds: float | None = None


@dataclass(slots=True)
class RouteCard:
    """A route as a card."""

    route: Route
    strategy: str
    usual: UsualCall
    places: list[Place] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)


def list_cards() -> list[RouteCard]:
    """Return a card for each route."""
    known = _usual_calls()
    states = {provider.name: provider.state for provider in status().providers}
    rules = list(RoutingRule.objects.filter(is_enabled=True))
    labels = strategy_names()
    cards = []
    for route in Route.objects.prefetch_related("candidates"):
        usual = known.get(route.task_type, _assumed(route.task_type))
        strategy = labels.get(route.strategy, f"{route.strategy} (not there)")
        named = [rule.name for rule in rules if route.task_type in rule.conditions.get("tasks", [route.task_type])]
        cards.append(RouteCard(route, strategy, usual, _places(route, usual, states), named))
    return cards


def _assumed(task_type: str) -> UsualCall:
    """Return what a call is taken for; vectors are not written, and not paid for as if they were."""
    return UsualCall(output_tokens=0) if task_type == TaskType.EMBEDDING else UsualCall()


def _usual_calls() -> dict[str, UsualCall]:
    """Return the mean call of each task, as hosted providers answered it."""
    answered = Call.objects.filter(
        created_at__gte=timezone.now() - LOOKED_BACK, status=CallStatus.SUCCEEDED, is_cached=False
    ).exclude(provider=EMBEDDED_PROVIDER)
    rows = (
        answered.order_by()
        .values_list("task_type")
        .annotate(
            sent=Avg(F("input_tokens") + F("cached_input_tokens") + F("cache_write_tokens")),
            written=Avg(F("output_tokens") + F("reasoning_tokens")),
            calls=Count("pk"),
        )
    )
    return {task: UsualCall(round(sent), round(written), calls) for task, sent, written, calls in rows}


def _places(route: Route, usual: UsualCall, states: Mapping[str, str]) -> list[Place]:
    """Return the candidates in the order of asking, then those that are not asked."""
    asked: list[tuple[Place, Step]] = []
    off: list[Place] = []
    is_over = False
    last: list[Place] = []
    for row in route.candidates.all():
        model = _model(row, route)
        place = Place(row, f"{row.get_provider_display()} {model}".strip(), note=_why_not(row, model, states))
        if row.provider == EMBEDDED_PROVIDER and row.is_enabled and not is_over:
            place.cost_nanousd, is_over = 0, True
            last.append(place)
            continue
        place.note = place.note or ("behind the embedded engine" if is_over else "")
        if row.provider in PROVIDERS and model:
            step = _step(Candidate(row.provider, model), usual)
            place.cost_nanousd, place.is_priced = step.expected_nanousd, step.prices is not None
            place.seconds = expected_seconds(step)
            if not place.note or place.note in STATES.values():
                asked.append((place, step))
                continue
        off.append(place)
    return [*_in_order(route, asked), *_ranked(last, len(asked)), *off]


def _in_order(route: Route, asked: Sequence[tuple[Place, Step]]) -> list[Place]:
    """Order by the route's strategy, as for a usual call; what is drawn anew for each call stays as listed."""
    places = {step.candidate: place for place, step in asked}
    steps = [step for _, step in asked]
    if route.strategy != StrategyName.WEIGHTED:
        traits = {step.candidate: Traits(place.row.weight, place.row.quality) for place, step in asked}
        situation = Situation(
            task_type=route.task_type, call_id="shown", traits=traits, tally=tallies_of(route.task_type, "")
        )
        steps = put_in_order(route.strategy, steps, situation)
    return _ranked([places[step.candidate] for step in steps], 0)


def _ranked(places: list[Place], before: int) -> list[Place]:
    for rank, place in enumerate(places, before + 1):
        place.rank = rank
    return places


def _step(candidate: Candidate, usual: UsualCall) -> Step:
    prices = prices_in_force([candidate])[candidate]
    cost = prices.cost(TokenUsage(usual.input_tokens, output_tokens=usual.output_tokens)) if prices else None
    return Step(
        candidate, prices, usual.input_tokens, usual.output_tokens, None, "", cost, cost, cost, usual.output_tokens
    )


def _model(row: RouteCandidate, route: Route) -> str:
    """Return the model that is asked: the row's own, or else the provider's for such a task; empty where it has none."""
    return row.model or (usual_model(row.provider, route.task_type) if row.provider in PROVIDERS else "")


def _why_not(row: RouteCandidate, model: str, states: Mapping[str, str]) -> str:
    """Return why a candidate is not asked, or not willingly; empty where nothing is in the way."""
    if not row.is_enabled:
        return "switched off"
    if row.provider == ProviderName.EMBEDDED:
        return ""
    if row.provider not in PROVIDERS:
        return "not built in"
    if not is_on(row.provider):
        return "no key"
    return STATES.get(states.get(row.provider, ""), "") if model else "no model for this task"
