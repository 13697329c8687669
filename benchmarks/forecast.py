"""How often what a call cost lay within what had been quoted for it: the interval is meant to hold eight of ten.

    python -m benchmarks.forecast [--calls 1500] [--seed 7]

Calls are quoted by the router's own steps and booked in a ledger of their own (SQLite, in memory), without a provider: the
lengths of answers are drawn. Each kind of traffic begins with an empty ledger, and is quoted from the first call on.
"""

import argparse
import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careerai.settings")
os.environ["DATABASE_URL"] = "sqlite:///:memory:"
os.environ.setdefault("SECRET_KEY", "benchmarks-" + "x" * 50)
os.environ.setdefault("DEBUG", "true")

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - settings come first

from ai_router.copies import forget_copies  # noqa: E402
from ai_router.planning import Question, make_steps  # noqa: E402
from ai_router.types import Candidate, Message, TaskType  # noqa: E402
from usage.models import Attempt, Call  # noqa: E402
from usage.types import AttemptStatus, CallStatus, TokenUsage  # noqa: E402

MINI, NANO = Candidate("openai", "gpt-5.4-mini"), Candidate("openai", "gpt-5.4-nano")
BOUND = 4_000
# The copies of a process are a minute old at most; here so many calls.
CALLS_A_MINUTE = 10
# The first calls, of which nothing is known, are told apart from the others.
COLD = 20


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a call of simulated traffic uses: its model, tokens sent, tokens written, and whether its answer was repaired."""

    candidate: Candidate
    sent: int
    written: int
    is_repaired: bool = False


@dataclass(slots=True)
class Coverage:
    """How many costs were below, within and above their intervals, and how far the mean was off."""

    below: int = 0
    within: int = 0
    above: int = 0
    over_most: int = 0
    paid: int = 0
    expected: int = 0
    widths: list[float] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """Return the shares."""
        calls = self.below + self.within + self.above
        widths = sorted(self.widths)
        return {
            "calls": calls,
            "below": round(self.below / calls, 3),
            "within": round(self.within / calls, 3),
            "above": round(self.above / calls, 3),
            "over_the_most": self.over_most,
            "paid_to_expected": round(self.paid / self.expected, 3),
            "median_high_to_low": round(widths[len(widths) // 2], 2),
        }


Traffic = Callable[[random.Random], Iterator[Drawn]]


def steady(chance: random.Random) -> Iterator[Drawn]:
    """Answers of one kind, long-tailed."""
    while True:
        yield Drawn(MINI, chance.randint(1_000, 4_000), _length(chance, 600, 0.5))


def mixed(chance: random.Random) -> Iterator[Drawn]:
    """Two models, one of which writes twice as much and is asked for one call in five."""
    while True:
        is_small = chance.random() < 0.2
        yield Drawn(NANO if is_small else MINI, 2_000, _length(chance, 1_000 if is_small else 500, 0.4))


def drifting(chance: random.Random) -> Iterator[Drawn]:
    """Answers that grow to twice their length over a thousand calls."""
    for number in count():
        yield Drawn(MINI, 2_000, _length(chance, 400 * 2 ** (number / 1_000), 0.4))


def heavy(chance: random.Random) -> Iterator[Drawn]:
    """Most answers are short, one in ten is ten times as long."""
    while True:
        yield Drawn(MINI, 2_000, _length(chance, 3_000 if chance.random() < 0.1 else 300, 0.3))


def repaired(chance: random.Random) -> Iterator[Drawn]:
    """One answer in eight is sent back for repair: it is paid twice, and so is what was sent."""
    while True:
        yield Drawn(MINI, 2_000, _length(chance, 500, 0.4), is_repaired=chance.random() < 1 / 8)


TRAFFIC: dict[str, Traffic] = {
    "steady": steady,
    "two models": mixed,
    "drifting": drifting,
    "heavy tail": heavy,
    "repairs": repaired,
}


def measure(traffic: Traffic, *, calls: int, seed: int) -> dict[str, dict[str, Any]]:
    """Quote and book so many calls; return the coverage of the first ones and of the rest."""
    chance = random.Random(seed)  # noqa: S311 - simulated traffic
    Call.objects.all().delete()
    forget_copies()
    found = {"first calls": Coverage(), "then": Coverage()}
    for number, drawn in zip(range(calls), traffic(chance), strict=False):
        if number < COLD or number % CALLS_A_MINUTE == 0:
            forget_copies()
        _quote_and_book(drawn, found["first calls" if number < COLD else "then"])
    return {name: one.report() for name, one in found.items()}


def _length(chance: random.Random, median: float, spread: float) -> int:
    return max(1, min(BOUND, round(median * chance.lognormvariate(0, spread))))


def _quote_and_book(drawn: Drawn, coverage: Coverage) -> None:
    messages = (Message("user", " word" * drawn.sent),)
    question: Question[Any] = Question(
        TaskType.COVER_LETTER,
        messages=lambda: messages,
        accept=lambda answer, _candidate, _journal: answer,
        max_output_tokens=BOUND,
        prompt_version="simulated/v1",
    )
    (step,) = make_steps(question, [drawn.candidate], messages, messages)
    assert step.prices is not None
    assert step.low_nanousd is not None and step.high_nanousd is not None  # noqa: PT018 - told to the type checker
    used = [TokenUsage(input_tokens=step.input_tokens, output_tokens=drawn.written)]
    if drawn.is_repaired:
        again = TokenUsage(input_tokens=step.input_tokens + drawn.written + 100, output_tokens=drawn.written)
        used.append(again)
    cost = sum(step.prices.cost(usage) or 0 for usage in used)
    coverage.below += cost < step.low_nanousd
    coverage.within += step.low_nanousd <= cost <= step.high_nanousd
    coverage.above += cost > step.high_nanousd
    coverage.over_most += cost > (step.held_nanousd or 0)
    coverage.paid += cost
    coverage.expected += step.expected_nanousd or 0
    coverage.widths.append(step.high_nanousd / max(1, step.low_nanousd))
    now = datetime.now(UTC)
    call = Call.objects.create(
        id=uuid4(),
        task_type="cover_letter",
        prompt_version="simulated/v1",
        status=CallStatus.SUCCEEDED,
        provider=drawn.candidate.provider,
        model=drawn.candidate.model,
        input_tokens=sum(usage.input_tokens for usage in used),
        output_tokens=sum(usage.output_tokens for usage in used),
        cost_nanousd=cost,
        created_at=now,
        expires_at=now,
        settled_at=now,
    )
    Attempt.objects.bulk_create(
        Attempt(
            call=call,
            ordinal=ordinal,
            provider=call.provider,
            model=call.model,
            status=AttemptStatus.SUCCEEDED if ordinal == len(used) else AttemptStatus.REJECTED,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            started_at=now,
        )
        for ordinal, usage in enumerate(used, 1)
    )


def main() -> None:
    """Measure every kind of traffic, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    call_command("migrate", verbosity=0)
    found = {name: measure(traffic, calls=chosen.calls, seed=chosen.seed) for name, traffic in TRAFFIC.items()}
    print(json.dumps({"coverage": found, "meant": 0.8, "seed": chosen.seed}, indent=2))


if __name__ == "__main__":
    main()
