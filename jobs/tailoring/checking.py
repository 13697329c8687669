"""The gate for changes: what a change makes the CV say has to be borne by the lines that it cites."""

from collections.abc import Iterable
from datetime import date

from cv.facts import Fact, FactKind, facts_of
from cv.resume import Resume
from jobs.errors import ChangeConflictError
from jobs.grounding import Verdict, check_text
from jobs.grounding.concepts import concepts_of
from jobs.models import ChangeKind
from jobs.tailoring.applying import check_address
from jobs.tailoring.types import ProposedChange, RefusedChange


class ChangeGate:
    """Checks changes to one résumé."""

    def __init__(self, resume: Resume, *, today: date | None = None) -> None:
        """Collect the résumé's facts."""
        self._resume = resume
        self._today = today
        self._facts = facts_of(resume)
        self._by_id: dict[str, list[Fact]] = {}
        for fact in self._facts:
            self._by_id.setdefault(fact.id, []).append(fact)

    def problems(self, change: ProposedChange) -> list[str]:
        """Return what is wrong with a change; an empty list lets it pass."""
        try:
            check_address(self._resume, change)
        except ChangeConflictError as error:
            return [error.user_message]
        unknown = [number for number in change.evidence_ids if number not in self._by_id]
        if unknown:
            return [f"The cited line {unknown[0]!r} does not exist."]
        if change.kind == ChangeKind.HEADLINE:
            return self._headline_problems(change)
        if change.kind == ChangeKind.SHORTEN and len(change.after.split()) >= len(change.before.split()):
            return ["This is not shorter."]
        if change.kind in {ChangeKind.REPHRASE, ChangeKind.SHORTEN}:
            return self._rephrase_problems(change)
        return self._surface_problems(change) if change.kind == ChangeKind.SURFACE else []

    def sort(self, changes: Iterable[ProposedChange]) -> tuple[list[ProposedChange], list[RefusedChange]]:
        """Return the changes that pass, and the others with their problems."""
        passed, refused = [], []
        for change in changes:
            found = self.problems(change)
            if found:
                refused.append(RefusedChange(change=change, problems=found))
            else:
                passed.append(change)
        return passed, refused

    def _rephrase_problems(self, change: ProposedChange) -> list[str]:
        if not change.after.strip():
            return ["A line cannot be rephrased to nothing."]
        own = self._by_id.get(change.target_id, [])
        cited = [fact for number in change.evidence_ids for fact in self._by_id[number]]
        if own and any(fact.scope_id != own[0].scope_id for fact in cited):
            return ["The change cites a line of another part of the CV."]
        source = [Fact(change.target_id, FactKind.OTHER, change.before, *_scope(own))]
        facts = list({(fact.id, fact.text): fact for fact in [*source, *own, *cited]}.values())
        check = check_text(change.after, facts, known=self._facts, today=self._today)
        return [] if check.verdict == Verdict.SUPPORTED else check.problems

    def _headline_problems(self, change: ProposedChange) -> list[str]:
        """A headline is a title that was held, word for word."""
        titles = {fact.title.casefold() for number in change.evidence_ids for fact in self._by_id[number]}
        return [] if change.after.casefold() in titles - {""} else ["The cited positions do not have this title."]

    def _surface_problems(self, change: ProposedChange) -> list[str]:
        lines = [fact.text for number in change.evidence_ids for fact in self._by_id[number]]
        if not lines:
            return ["No line of the CV is cited for this skill."]
        asked = concepts_of([change.after])
        said = any(change.after.casefold() in line.casefold() for line in lines)
        if not said and not (asked and asked <= concepts_of(lines)):
            return [f"The cited lines do not name {change.after!r}."]
        return []


def _scope(own: list[Fact]) -> tuple[str, str, str]:
    return (own[0].scope_id, own[0].employer, own[0].title) if own else ("", "", "")
