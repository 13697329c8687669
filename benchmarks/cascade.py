"""What the cascade saves against always asking the best model, and how fast it follows a change.

    python -m benchmarks.cascade [--calls 3000] [--seeds 10]

A simulated task with a verifier: three models with known prices and chances to pass, answers that vary in length, a
repair that doubles the cost of a rejected turn, and requests of which half are equally hard for every model. The world
changes three times. The strategy is the one that routes use; it learns every twenty calls, as it does from the ledger.
"""

import argparse
import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careerai.settings")
django.setup()

from ai_router.cascade import add_answer, cheap_then_better  # noqa: E402
from ai_router.situation import Situation, Tally  # noqa: E402
from ai_router.steps import Step  # noqa: E402
from ai_router.types import Candidate  # noqa: E402

# How often requests are hard for all models alike.
SHARED_HARDNESS = 0.5
LEARNED_EVERY = 20
CENT = 10_000_000


@dataclass(frozen=True, slots=True)
class Model:
    """A simulated model: its cost of a usual turn in nano-dollars, and its chance to pass the verifier."""

    name: str
    cost: int
    passes: float


SMALL, MIDDLE, BEST = (
    Model("gpt-5.4-nano", CENT, 0.80),
    Model("gpt-5.4-mini", 4 * CENT, 0.90),
    Model("gpt-5.4", 20 * CENT, 0.98),
)
PHASES: tuple[tuple[str, tuple[Model, ...]], ...] = (
    ("as it begins", (SMALL, MIDDLE, BEST)),
    ("the small one fails", (replace(SMALL, passes=0.05), MIDDLE, BEST)),
    ("it is well again", (SMALL, MIDDLE, BEST)),
    ("its price × 15", (replace(SMALL, cost=15 * CENT), MIDDLE, BEST)),
)


@dataclass(slots=True)
class World:
    """What comes of asking models in an order; the same request has the same outcome for every policy."""

    seed: int
    paid: float = 0.0
    solved: int = 0
    asked: int = 0

    def ask(self, number: int, order: Sequence[Model]) -> list[tuple[Model, bool, float]]:
        """Ask one after the other until an answer passes; return who was asked, how it ended, and what it cost."""
        shared = Random(f"{self.seed} {number}")  # noqa: S311
        hardness, is_shared = shared.random(), shared.random() < SHARED_HARDNESS
        turns: list[tuple[Model, bool, float]] = []
        for model in order:
            own = Random(f"{self.seed} {number} {model.name}")  # noqa: S311
            has_passed = (hardness if is_shared else own.random()) < model.passes
            cost = model.cost * own.lognormvariate(0, 0.3) * (1 if has_passed else 2)
            turns.append((model, has_passed, cost))
            if has_passed:
                break
        self.asked += 1
        self.paid += sum(cost for _, _, cost in turns)
        self.solved += turns[-1][1]
        return turns


@dataclass(slots=True)
class Learner:
    """The cascade as the router runs it, with what it has learned."""

    seed: int
    tallies: dict[tuple[Candidate, bool], Tally] = field(default_factory=dict)
    waiting: list[tuple[Candidate, bool, bool, float, int]] = field(default_factory=list)

    def order(self, number: int, models: Sequence[Model]) -> list[Model]:
        """Return the order that the strategy gives."""
        situation = Situation(call_id=f"{self.seed} {number}", tally=lambda *key: self.tallies.get(key, Tally()))
        by_name = {model.name: model for model in models}
        return [by_name[step.candidate.model] for step in cheap_then_better([_step(m) for m in models], situation)]

    def learn(self, number: int, turns: Sequence[tuple[Model, bool, float]]) -> None:
        """Take the turns in, every so many calls."""
        self.waiting += [
            (Candidate("p", model.name), place > 0, has_passed, cost, model.cost)
            for place, (model, has_passed, cost) in enumerate(turns)
        ]
        if number % LEARNED_EVERY:
            return
        for candidate, is_escalation, has_passed, cost, expected in self.waiting:
            key = candidate, is_escalation
            old = self.tallies.get(key, Tally())
            self.tallies[key] = add_answer(old, has_passed=has_passed, paid=cost, expected=expected)
        self.waiting.clear()


def _step(model: Model) -> Step:
    return Step(Candidate("p", model.name), None, 0, 0, None, "", None, model.cost, model.cost, None)


@dataclass(frozen=True, slots=True)
class PhaseResult:
    """One phase: cost of a call in dollars and share of solved calls for each policy, and calls until it had adapted."""

    name: str
    cost: dict[str, float]
    solved: dict[str, float]
    adapted_after: int | None


def simulate(*, calls: int, seed: int) -> list[PhaseResult]:
    """Run the four phases, so many calls each, on one learner."""
    learner = Learner(seed)
    results = []
    for phase, (name, models) in enumerate(PHASES):
        begin = phase * calls
        best = best_chain(models, seed=seed)
        policies: dict[str, Callable[[int], Sequence[Model]]] = {
            "always best": lambda _number, models=models: _with_rest([models[-1]], models),
            "always cheapest first": lambda _number, models=models: list(models),
            "best fixed chain": lambda _number, best=best: best,
            "cascade": lambda number, models=models: learner.order(number, models),
        }
        worlds = {policy: World(seed) for policy in policies}
        agreed: list[bool] = []
        for number in range(begin, begin + calls):
            for policy, order_of in policies.items():
                order = order_of(number)
                turns = worlds[policy].ask(number, order)
                if policy == "cascade":
                    learner.learn(number, turns)
                    agreed.append(order[0] == best[0])
        results.append(
            PhaseResult(
                name,
                {policy: world.paid / world.asked / 1e9 for policy, world in worlds.items()},
                {policy: world.solved / world.asked for policy, world in worlds.items()},
                _adapted_after(agreed),
            )
        )
    return results


def best_chain(models: Sequence[Model], *, seed: int, calls: int = 4_000) -> list[Model]:
    """Return the chain that costs least in this phase, found by trying all on requests of their own."""
    *cheap, best = models
    chains = [_with_rest([*some, best], models) for size in range(len(cheap) + 1) for some in combinations(cheap, size)]

    def cost(chain: Sequence[Model]) -> float:
        world = World(seed + 1_000_003)
        for number in range(calls):
            world.ask(number, chain)
        return world.paid

    return min(chains, key=cost)


def _with_rest(chain: Sequence[Model], models: Sequence[Model]) -> list[Model]:
    """Put those that are not in the chain behind it, best first, as the router does."""
    return [*chain, *(model for model in reversed(models) if model not in chain)]


def _adapted_after(agreed: Sequence[bool], *, window: int = 100, share: float = 0.8) -> int | None:
    """Return after how many calls the first question went where it belongs in 80 of 100 calls."""
    for end in range(window, len(agreed) + 1):
        if sum(agreed[end - window : end]) >= share * window:
            return end - window
    return None


def main() -> None:
    """Print a table of the phases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=3_000)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    runs = [simulate(calls=options.calls, seed=seed) for seed in range(options.seeds)]
    print(f"{options.calls} calls a phase, {options.seeds} seeds; dollars a call, and the share that passed")
    for place, (name, _) in enumerate(PHASES):
        results = [run[place] for run in runs]
        print(f"\n{name}")
        for policy in results[0].cost:
            cost = statistics.mean(result.cost[policy] for result in results)
            solved = statistics.mean(result.solved[policy] for result in results)
            saved = 1 - cost / statistics.mean(result.cost["always best"] for result in results)
            print(f"  {policy:22} {cost:.4f}   {solved:7.2%} passed   {saved:7.1%} saved")
        steps = [result.adapted_after for result in results]
        known = sorted(step for step in steps if step is not None)
        words = f"median {statistics.median(known):.0f}, slowest {known[-1]}" if known else "never"
        print(f"  adapted after: {words} calls ({len(known)} of {len(steps)} runs)")


if __name__ == "__main__":
    main()
