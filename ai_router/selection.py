"""What `router.select` returns: who would be asked, in which order, and why."""

from dataclasses import dataclass

from ai_router.ranking import Ranking
from ai_router.routing import Choice
from ai_router.situation import Traits
from ai_router.strategies import expected_seconds
from ai_router.tiers import tier_of
from ai_router.types import Candidate


@dataclass(frozen=True, slots=True)
class Selected:
    """One candidate. None is what nobody knows: its quality, its price, how long it takes."""

    candidate: Candidate
    why: str
    quality: int | None
    expected_nanousd: int | None
    expected_seconds: float | None


@dataclass(frozen=True, slots=True)
class Selection:
    """The candidates in the order of asking; the strategy and the rule that put them there; and who was left out, and why."""

    candidates: tuple[Selected, ...]
    strategy: str
    rule: str
    passed_over: tuple[tuple[str, str], ...]

    @property
    def best(self) -> Candidate | None:
        """Who would be asked first; None where only the embedded engine is left."""
        return self.candidates[0].candidate if self.candidates else None


def selection_of(choice: Choice, ranking: Ranking) -> Selection:
    """Return a ranking as a value for the caller."""
    found = []
    for step in ranking.steps:
        own = choice.traits.get(step.candidate, Traits()).quality
        found.append(
            Selected(
                step.candidate,
                ranking.reasons.get(str(step.candidate), ""),
                tier_of(step.candidate.model) if own is None else own,
                step.expected_nanousd,
                expected_seconds(step),
            )
        )
    return Selection(tuple(found), str(choice.strategy), choice.rule, (*choice.passed_over, *ranking.passed_over))
