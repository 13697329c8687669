"""The facts of models that hold at this site: its own catalog first, then what comes with the application."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ai_router.catalog import ModelFacts, base_of, facts_of
from ai_router.copies import Copy
from ai_router.models import CatalogModel
from ai_router.models.catalog import NO_EFFORT, NeedsResponses
from ai_router.providers import leaves_the_site
from ai_router.types import Candidate

logger = logging.getLogger(__name__)

KEPT_SECONDS = 5
# Names come from callers too: so many answers are kept, then all are forgotten.
MOST_KEPT = 2_000
NUMBERS = ("context_window", "max_output", "reasoning_allowance")
SWITCHES = ("takes_images", "takes_documents", "takes_tools", "has_schema", "takes_sampling", "embeds")


@dataclass(frozen=True, slots=True)
class Said:
    """What the site says of a model: the facts by name, and the model that it is based on."""

    facts: Mapping[str, Any]
    based_on: str = ""
    costs_as_base: bool = False


@dataclass(slots=True)
class Book:
    """All that the site says, and what was found in it so far."""

    rows: Mapping[Candidate, Said]
    found: dict[Candidate, ModelFacts] = field(default_factory=dict)

    def look_up(self, candidate: Candidate) -> ModelFacts:
        """Return the facts of a candidate."""
        facts = self.found.get(candidate)
        if facts is None:
            if len(self.found) >= MOST_KEPT:
                self.found.clear()
            facts = self.found[candidate] = self._resolve(candidate, ())
        return facts

    def _resolve(self, candidate: Candidate, behind: tuple[Candidate, ...]) -> ModelFacts:
        """Put the site's own facts on those of the base; bases that go in a circle end with the model's own name."""
        said = self.rows.get(candidate)
        if said is None:
            base = Candidate(candidate.provider, base_of(candidate.model))
            if base in self.rows and base not in behind:
                return self._resolve(base, (*behind, candidate))
        if said is None or candidate in behind:
            return facts_of(candidate.model, provider=candidate.provider)
        base = Candidate(candidate.provider, said.based_on or candidate.model)
        return replace(self._resolve(base, (*behind, candidate)), is_known=True, **said.facts)


def facts_in_force(candidate: Candidate) -> ModelFacts:
    """Return what is known of a candidate: the site's own row, on its base, on what comes with the application.

    A hosted model of which nothing is known is reported, once in an hour: its window and what it takes are guesses.
    """
    facts = BOOK.get().look_up(candidate)
    if not facts.is_known and leaves_the_site(candidate.provider):
        _say_unknown(candidate, datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
    return facts


def _read_book() -> Book:
    """Read the site's catalog."""
    return Book({Candidate(row.provider, row.model): _said(row) for row in CatalogModel.objects.all()})


def _said(row: CatalogModel) -> Said:
    """Return what a row says; what is empty is left to the base."""
    facts: dict[str, Any] = {name: getattr(row, name) for name in (*NUMBERS, *SWITCHES)}
    facts = {name: value for name, value in facts.items() if value is not None}
    if row.reasoning_effort:
        facts["reasoning_effort"] = "" if row.reasoning_effort == NO_EFFORT else row.reasoning_effort
    if row.needs_responses:
        facts["needs_responses"] = "" if row.needs_responses == NeedsResponses.NEVER else row.needs_responses
    return Said(facts, row.based_on, row.costs_as_base)


@lru_cache(maxsize=512)
def _say_unknown(candidate: Candidate, hour: datetime) -> None:
    """Warn of a model of which nothing is known, once in an hour."""
    logger.warning(
        "ai_unknown_model: nothing is known of %s; enter it under \u201cModels\u201d in the administration", candidate
    )


# A change is seen after `KEPT_SECONDS` at the latest.
BOOK = Copy(_read_book, seconds=KEPT_SECONDS)
