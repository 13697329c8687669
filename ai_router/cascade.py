"""The cascade: a cheap model first, and a better one where the task's verifier rejects its answer.

Whether the cheap step pays is learned. Each model's chance to pass has a Beta posterior from the answers to this prompt;
a draw from each (Thompson sampling) prices every chain of candidates, and the chain that is expected to cost least is
asked. Old answers fade, so that the posterior follows a model that has changed; one call in fifty asks a candidate that
the draw left out, so that one which has become better is noticed. What a turn costs is learned as a multiple of its
predicted cost, so that a new price counts at once.

Sources: Thompson, 1933; discounting for drift as in Raj and Kalyani, "Taming non-stationary bandits", 2017.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

from ai_router.situation import Situation, Tally
from ai_router.steps import Step

# What an answer keeps of its weight when the next one comes: about the last hundred count.
KEPT_PER_ANSWER = 0.99
EXPLORED_SHARE = 0.02
# The cheap steps that are weighed; with the best there are at most 2⁴ chains.
MAX_CHEAP_STEPS = 4
# How many answers a rate without answers of its own borrows from the rate of first questions.
BORROWED_ANSWERS = 4.0


@dataclass(frozen=True, slots=True)
class Odds:
    """A draw for one candidate: its chance to pass when asked first, and after another's answer was rejected; and its cost."""

    first: float
    later: float
    cost: float


def cheap_then_better(steps: Sequence[Step], situation: Situation) -> list[Step]:
    """Order by the chain that is expected to cost least; what it leaves out stands behind it, best first.

    The chain always ends in the best candidate, so whoever could answer is asked in the end.
    """
    ladder = make_ladder(steps, situation)
    if not ladder:
        return list(steps)
    chosen = _cheapest_chain(ladder, situation)
    left_out = [step for step in ladder if step not in chosen]
    if left_out and situation.chance("explore") < EXPLORED_SHARE:
        # Asked first, with all of the chain behind it, so that nothing is lost but the price of a try.
        chosen = [left_out[int(situation.chance("explored") * len(left_out))], *chosen]
    rest = sorted(
        (step for step in steps if step not in chosen),
        key=lambda step: (-(situation.quality(step) or 0), situation.cost(step) is None, situation.cost(step) or 0),
    )
    for step in chosen:
        situation.explain(step, _words(situation.tally(step.candidate, step is not chosen[0])))
    for step in rest:
        situation.explain(step, "skipped: does not pay" if step in ladder else "no better than a cheaper one")
    return [*chosen, *rest]


def make_ladder(steps: Sequence[Step], situation: Situation) -> list[Step]:
    """Return the candidates that are worth their price, cheapest first: each is better than all that cost less.

    One of unknown quality is taken for better than the cheaper ones; one of unknown price stands on no ladder.
    """
    priced = [(cost, step) for step in steps if (cost := situation.cost(step)) is not None]
    ladder: list[Step] = []
    best = 0
    for _, step in sorted(priced, key=lambda pair: (pair[0], -(situation.quality(pair[1]) or 0))):
        quality = situation.quality(step)
        if quality is None or quality > best:
            ladder.append(step)
            best = max(best, quality or 0)
    return [*ladder[:MAX_CHEAP_STEPS], ladder[-1]] if len(ladder) > MAX_CHEAP_STEPS + 1 else ladder


def expected_cost(chain: Sequence[Odds]) -> float:
    """Return what a chain costs on average: each link, as often as all before it were rejected."""
    total, reached = 0.0, 1.0
    for position, odds in enumerate(chain):
        total += reached * odds.cost
        reached *= 1 - (odds.later if position else odds.first)
    return total


def _cheapest_chain(ladder: Sequence[Step], situation: Situation) -> list[Step]:
    """Return the chain over the ladder, its best candidate last, that a draw expects to cost least."""
    random = Random(situation.call_id)  # noqa: S311
    drawn = {step.candidate: _draw(step, situation, random) for step in ladder}
    *cheap, best = ladder
    chains = [[*some, best] for size in range(len(cheap), -1, -1) for some in combinations(cheap, size)]
    return min(chains, key=lambda chain: expected_cost([drawn[step.candidate] for step in chain]))


def _draw(step: Step, situation: Situation, random: Random) -> Odds:
    """Draw what the candidate's posteriors say."""
    first, later = situation.tally(step.candidate, False), situation.tally(step.candidate, True)  # noqa: FBT003
    borrowed = first.faded(min(1.0, BORROWED_ANSWERS / first.answers)) if first.answers else first
    ratio = (first.paid + later.paid + 1.0) / (first.expected + later.expected + 1.0)
    return Odds(
        first=random.betavariate(1 + first.passed, 1 + first.rejected),
        later=random.betavariate(1 + later.passed + borrowed.passed, 1 + later.rejected + borrowed.rejected),
        cost=(situation.cost(step) or 0) * ratio,
    )


def _words(tally: Tally) -> str:
    """Say what is known of a candidate."""
    if tally.answers < 0.5:
        return "no answers yet"
    return f"{tally.passed / tally.answers:.0%} of about {tally.answers:.0f} answers passed"


def add_answer(
    tally: Tally, *, has_passed: bool, paid: float | None = None, expected: float | None = None, seconds: float = 0.0
) -> Tally:
    """Return the tally with one more answer, at the expense of the weight of those before."""
    old = tally.faded(KEPT_PER_ANSWER)
    is_priced = paid is not None and expected is not None and expected > 0
    return Tally(
        passed=old.passed + has_passed,
        rejected=old.rejected + (not has_passed),
        paid=old.paid + (paid or 0.0) if is_priced else old.paid,
        expected=old.expected + (expected or 0.0) if is_priced else old.expected,
        seconds=old.seconds + seconds,
    )
