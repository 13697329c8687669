"""Ways to order the candidates of a request: one function each, in one table.

A strategy gets steps and the situation, and returns the same steps in the order of asking. It must not depend on the
order in which equal ones come, on the clock or on chance of its own: `Situation.chance` is settled by the call's id, so
that a decision can be told again.
"""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

from django.conf import settings

from ai_router.cascade import cheap_then_better
from ai_router.latency import LATENCIES
from ai_router.situation import Situation, Strategy
from ai_router.steps import Step
from ai_router.types import Candidate, StrategyName

logger = logging.getLogger(__name__)

# How often a candidate without a measure is asked first, so that it gets one.
EXPLORED_SHARE = 0.1
BEST_TIER = 5


def as_listed(steps: Sequence[Step], situation: Situation) -> list[Step]:
    """Keep the order of the route."""
    return list(steps)


def cheapest_first(steps: Sequence[Step], situation: Situation) -> list[Step]:
    """Order by the predicted cost of this request; equal ones as listed, unknown prices last."""

    def key(step: Step) -> tuple[bool, int]:
        cost = situation.cost(step)
        return cost is None, cost or 0

    return sorted(steps, key=key)


def fastest_first(steps: Sequence[Step], situation: Situation) -> list[Step]:
    """Order by the expected seconds of this answer; what nobody has measured lately comes last, and now and then first."""
    seconds = {step.candidate: expected_seconds(step) for step in steps}
    measured = [step for step in steps if seconds[step.candidate] is not None]
    unknown = [step for step in steps if seconds[step.candidate] is None]
    ordered = sorted(measured, key=lambda step: seconds[step.candidate] or 0.0) + unknown
    for step in measured:
        situation.explain(step, f"{seconds[step.candidate]:.2f} s expected")
    if measured and unknown and situation.chance("explore") < EXPLORED_SHARE:
        tried = min(unknown, key=lambda step: situation.chance(f"explore {step.candidate}"))
        situation.explain(tried, "asked first to be measured")
        ordered.remove(tried)
        ordered.insert(0, tried)
    return ordered


def by_weight(steps: Sequence[Step], situation: Situation) -> list[Step]:
    """Draw an order in which each candidate comes first as often as its weight says; weight 0 comes last.

    The draw is settled by the call's id and the candidate alone: a changed weight moves no more calls than its share. Where
    a provider still keeps the beginning of the request, nothing is drawn: it comes first, as that saves and loses nothing.
    Source: weighted sampling without replacement by exponential keys (Efraimidis and Spirakis, 2006).
    """

    def key(step: Step) -> float:
        weight = situation.weight(step)
        if weight and step.candidate in situation.savings:
            return -1.0 - situation.savings[step.candidate]
        return -math.log(1.0 - situation.chance(f"weight {step.candidate}")) / weight if weight else math.inf

    total = sum(situation.weight(step) for step in steps)
    for step in steps:
        situation.explain(step, f"weight {situation.weight(step)} of {total}")
    return sorted(steps, key=key)


def best_first(steps: Sequence[Step], situation: Situation) -> list[Step]:
    """Order by quality, best first; equal ones by predicted cost, what has no quality last."""
    for step in steps:
        situation.explain(step, f"quality {situation.quality(step) or 'unknown'}")
    return sorted(cheapest_first(steps, situation), key=lambda step: -(situation.quality(step) or 0))


def balanced(steps: Sequence[Step], situation: Situation) -> list[Step]:
    """Order by a score of fitness for the request's complexity, cost and speed; see `scores`."""
    points = scores(steps, situation)
    for step in steps:
        situation.explain(step, f"score {points[step.candidate]:.2f}")
    return sorted(steps, key=lambda step: -points[step.candidate])


def scores(steps: Sequence[Step], situation: Situation) -> dict[Candidate, float]:
    """Return the score of each step, from 0 to 1: the weighted mean of three parts.

    - fitness: 1 where its quality reaches what the complexity needs, tier 1 + 4 · complexity; a quarter less for each
      tier that is missing, a fiftieth less for each that is not needed. Half where its quality is unknown.
    - cost: cheapest ÷ its own expected cost; 0 where that is unknown.
    - speed: fastest ÷ its own expected seconds; half where nobody has measured it.

    Fitness weighs 1 + 2 · complexity, cost 1 (3 where the caller is cost-sensitive), speed ½ (3 where speed has priority).
    """
    wishes, complexity = situation.wishes, situation.complexity
    weights = (1 + 2 * complexity, 3.0 if wishes.cost_sensitive else 1.0, 3.0 if wishes.speed_priority else 0.5)
    costs = {step.candidate: situation.cost(step) for step in steps}
    seconds = {step.candidate: expected_seconds(step) for step in steps}
    cheapest = min((cost for cost in costs.values() if cost is not None), default=0)
    fastest = min((time for time in seconds.values() if time is not None), default=0.0)

    def score(step: Step) -> float:
        cost, time = costs[step.candidate], seconds[step.candidate]
        parts = (
            _fitness(situation.quality(step), 1 + (BEST_TIER - 1) * complexity),
            0.0 if cost is None else 1.0 if cost == 0 else cheapest / cost,
            0.5 if time is None else 1.0 if time == 0 else fastest / time,
        )
        return sum(weight * part for weight, part in zip(weights, parts, strict=True)) / sum(weights)

    return {step.candidate: score(step) for step in steps}


def _fitness(quality: int | None, needed: float) -> float:
    """Return how well a quality fits what is needed."""
    if quality is None:
        return 0.5
    missing, spare = max(0.0, needed - quality), max(0.0, quality - needed)
    return max(0.0, 1 - missing / 4 - spare / 50)


def expected_seconds(step: Step) -> float | None:
    """Return how long this answer takes; None where nobody has measured the candidate lately."""
    return LATENCIES.expected_seconds(step.candidate, output_tokens=step.expected_output_tokens)


STRATEGIES: Mapping[str, Strategy] = {
    StrategyName.PREFERRED: as_listed,
    StrategyName.COST_OPTIMIZED: cheapest_first,
    StrategyName.LEAST_LATENCY: fastest_first,
    StrategyName.WEIGHTED: by_weight,
    StrategyName.QUALITY: best_first,
    StrategyName.BALANCED: balanced,
    StrategyName.CASCADE: cheap_then_better,
}


def strategy_names() -> dict[str, str]:
    """Return the strategies that a route may name, and how they are called: ours, and those of `AI_STRATEGIES`."""
    return {name: StrategyName(name).label for name in STRATEGIES} | {
        name: f"{name} (own)" for name in settings.AI_STRATEGIES
    }


def find_strategy(name: str) -> Strategy:
    """Return a strategy by its name.

    Raises:
        LookupError: There is none of the name.
        ImportError: A strategy of `AI_STRATEGIES` is not where the setting says.
    """
    if name in STRATEGIES:
        return STRATEGIES[name]
    module, _, function = settings.AI_STRATEGIES[name].partition(":")
    try:
        strategy: Strategy = getattr(import_module(module), function)
    except AttributeError as error:
        message = f"{module!r} has no {function!r}"
        raise ImportError(message) from error
    return strategy


def put_in_order(name: str, steps: Sequence[Step], situation: Situation) -> list[Step]:
    """Order the steps by a strategy; as listed where there is none of the name any more.

    None is lost and none invented, whatever a strategy of the site's own returns.
    """
    try:
        strategy = find_strategy(name)
    except LookupError:
        logger.error("There is no strategy %r: candidates are asked as listed", name)
        return list(steps)
    given = {step.candidate: step for step in steps}
    # A strategy of the site's own may return anything.
    wanted: Any = strategy(steps, situation)
    if not isinstance(wanted, Iterable):
        logger.error("The strategy %r returned no steps: candidates are asked as listed", name)
        return list(steps)
    ordered = {step.candidate: given[step.candidate] for step in wanted if step.candidate in given}
    return [*ordered.values(), *(step for candidate, step in given.items() if candidate not in ordered)]
