"""What is known of each model's answers, for strategies: what `outcomes.py` has learned, as every call reads it."""

from collections.abc import Callable

from django.utils import timezone

from ai_router.copies import Copy
from ai_router.models import ModelOutcome
from ai_router.situation import Tally
from ai_router.types import Candidate

KEPT_SECONDS = 5
# Without new answers, what is known loses half of its weight in this time.
HALF_LIFE_DAYS = 14.0

# Task type, version of the prompt, candidate, and whether it was asked after a rejection.
Key = tuple[str, str, Candidate, bool]


def tallies_of(task_type: str, prompt_version: str) -> Callable[[Candidate, bool], Tally]:
    """Return how to look up what is known of a candidate's answers to a prompt."""

    def look_up(candidate: Candidate, is_escalation: bool) -> Tally:  # noqa: FBT001
        return TALLIES.get().get((str(task_type), prompt_version, candidate, is_escalation), Tally())

    return look_up


def _read_tallies() -> dict[Key, Tally]:
    """Read all tallies; those that nothing was added to for long have faded."""
    now = timezone.now()
    found: dict[Key, Tally] = {}
    for row in ModelOutcome.objects.all():
        days = max(0.0, (now - row.updated_at).total_seconds() / 86_400)
        key = (row.task_type, row.prompt_version, Candidate(row.provider, row.model), row.is_escalation)
        found[key] = row.tally.faded(0.5 ** (days / HALF_LIFE_DAYS))
    return found


TALLIES = Copy(_read_tallies, seconds=KEPT_SECONDS)
