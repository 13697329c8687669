"""What a strategy may know of a request beside its steps."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ai_router.steps import Step
from ai_router.tiers import tier_of
from ai_router.types import Candidate, Wishes


@dataclass(frozen=True, slots=True)
class Traits:
    """What the operator says of a candidate on its route: its weight, and its quality where the tier will not do."""

    weight: int = 1
    quality: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a model's answers to a prompt; old ones count less and less.

    `paid` and `expected` are sums in nano-dollars over the same answers: what they cost, repairs included, and what had
    been predicted. `seconds` is the sum of how long they took.
    """

    passed: float = 0.0
    rejected: float = 0.0
    paid: float = 0.0
    expected: float = 0.0
    seconds: float = 0.0

    @property
    def answers(self) -> float:
        """How many answers there are, old ones in part."""
        return self.passed + self.rejected

    def faded(self, share: float) -> "Tally":
        """Return it with a share of its weight."""
        return Tally(
            self.passed * share, self.rejected * share, self.paid * share, self.expected * share, self.seconds * share
        )


def _nothing(_candidate: Candidate, _is_escalation: bool) -> Tally:  # noqa: FBT001
    return Tally()


@dataclass(frozen=True, slots=True)
class Situation:
    """What a strategy may know beside the steps.

    Args:
        task_type: The task.
        prompt_version: Name and version of its prompt.
        call_id: The call; whatever is left to chance is settled by it.
        traits: What the route says of its candidates.
        savings: Nano-dollars that a candidate saves because its provider still keeps the beginning of the request.
        wishes: What the caller wants.
        complexity: How hard the request is, from 0 to 1.
        tally: What came of a candidate's answers to this prompt, asked first, or (True) after another's was rejected.
        reasons: Gets why a candidate stands where it does, for the call's decision.
    """

    task_type: str = ""
    prompt_version: str = ""
    call_id: str = ""
    traits: Mapping[Candidate, Traits] = field(default_factory=dict)
    savings: Mapping[Candidate, int] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)
    complexity: float = 0.5
    tally: Callable[[Candidate, bool], Tally] = _nothing
    reasons: dict[str, str] = field(default_factory=dict)

    def cost(self, step: Step) -> int | None:
        """Return what the request is expected to cost here, less what a kept beginning saves."""
        if step.expected_nanousd is None:
            return None
        return max(0, step.expected_nanousd - self.savings.get(step.candidate, 0))

    def quality(self, step: Step) -> int | None:
        """Return the candidate's quality, from 1 to 5 by its model's tier, or as the route has it."""
        own = self.traits.get(step.candidate, Traits()).quality
        return tier_of(step.candidate.model) if own is None else own

    def weight(self, step: Step) -> int:
        """Return the candidate's share among the weights of its route."""
        return self.traits.get(step.candidate, Traits()).weight

    def chance(self, word: str) -> float:
        """Return a number from 0 to below 1 that is the same for the same call and word."""
        digest = hashlib.blake2b(f"{self.call_id} {word}".encode(), digest_size=7).digest()
        return int.from_bytes(digest) / 2**56

    def explain(self, step: Step, reason: str) -> None:
        """Write down why a candidate stands where it does."""
        self.reasons[str(step.candidate)] = reason


Strategy = Callable[[Sequence[Step], Situation], list[Step]]
