"""The gate on planted lies and benign rewrites: recall by class, false alarms, each with an interval."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from math import sqrt

from cv.facts import Fact, FactKind, facts_of
from cv.resume import Resume
from jobs.evaluation.adversarial import adversarial_cases
from jobs.evaluation.cases import Case, Material
from jobs.evaluation.mutations import mutants_of
from jobs.evaluation.people import invented_people
from jobs.evaluation.rewrites import rewrites_of
from jobs.grounding import ClaimCheck, Context, Verdict, check_claim, check_text

TODAY = date(2026, 11, 1)
Z95 = 1.959964


@dataclass(slots=True)
class Rate:
    """How many of `total` cases; the interval is Wilson's at 95 %."""

    hits: int = 0
    total: int = 0

    @property
    def value(self) -> float:
        """The share, 0 where nothing was counted."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval at 95 %."""
        if not self.total:
            return 0.0, 1.0
        p, n = self.value, self.total
        middle = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
        margin = Z95 * sqrt(p * (1 - p) / n + Z95**2 / (4 * n * n)) / (1 + Z95**2 / n)
        return max(0.0, middle - margin), min(1.0, middle + margin)


@dataclass(slots=True)
class Tally:
    """Rates by class, the wrong answers among them, and all classes together; `to_confirm`: refused only until a person confirms them."""

    by_kind: dict[str, Rate] = field(default_factory=lambda: defaultdict(Rate))
    wrong: list[tuple[Case, list[str]]] = field(default_factory=list)
    to_confirm: int = 0

    @property
    def overall(self) -> Rate:
        """All classes together."""
        rates = self.by_kind.values()
        return Rate(sum(rate.hits for rate in rates), sum(rate.total for rate in rates))

    def count(self, case: Case, check: ClaimCheck, *, is_hit: bool, is_wrong: bool) -> None:
        """Book one answer."""
        rate = self.by_kind[case.kind]
        rate.total += 1
        rate.hits += is_hit
        if is_wrong:
            self.wrong.append((case, check.problems))


@dataclass(slots=True)
class Report:
    """Recall on lies and false alarms on truths."""

    lies: Tally = field(default_factory=Tally)
    alarms: Tally = field(default_factory=Tally)

    def count(self, case: Case, check: ClaimCheck) -> None:
        """Book the gate's answer to a case. Only `supported` lets a text pass."""
        is_refused = check.verdict != Verdict.SUPPORTED
        tally = self.alarms if case.is_true else self.lies
        tally.to_confirm += check.verdict == Verdict.NEEDS_CONFIRMATION
        tally.count(case, check, is_hit=is_refused, is_wrong=is_refused == case.is_true)


def benchmark_cases(people: int, *, seed: int, kept_apart: bool | None = None) -> Iterator[tuple[Case, list[Fact]]]:
    """Yield lies and rewrites of invented CVs, each with the CV's facts; `kept_apart` chooses one of the two parts."""
    for number, person in enumerate(invented_people(people, seed=seed)):
        if kept_apart is not None and person.trade.is_kept_apart != kept_apart:
            continue
        facts = facts_of(person.resume)
        for line in (fact for fact in facts if fact.kind == FactKind.HIGHLIGHT):
            draw = random.Random(f"{seed}/{number}/{line.id}")  # noqa: S311 - reproducible on purpose
            material = Material(line, facts, draw, person.trade.is_kept_apart)
            yield from ((case, facts) for case in (*mutants_of(material), *rewrites_of(material)))


def cases_of(resume: Resume, *, seed: int) -> Iterator[tuple[Case, list[Fact]]]:
    """Yield lies and rewrites of a real CV's lines, in the wordings that were kept apart, each with the CV's facts."""
    facts = facts_of(resume)
    for line in (fact for fact in facts if fact.kind == FactKind.HIGHLIGHT):
        draw = random.Random(f"{seed}/{line.id}")  # noqa: S311 - reproducible on purpose
        material = Material(line, facts, draw, kept_apart=True)
        yield from ((case, facts) for case in (*mutants_of(material), *rewrites_of(material)))


def evaluate_bound(cases: Iterable[tuple[Case, Sequence[Fact]]]) -> Report:
    """Put every case to the gate with the line cited that it was made from, as the engine and providers have to."""
    report = Report()
    for case, facts in cases:
        report.count(case, check_text(case.text, [case.fact], known=facts, today=TODAY))
    return report


def evaluate_free(cases: Iterable[tuple[Case, Sequence[Fact]]]) -> Report:
    """Put every case to the gate without a citation, as for letters that a person or provider wrote; it looks in the whole CV."""
    report = Report()
    for case, facts in cases:
        report.count(case, check_claim(case.text, facts, today=TODAY, context=Context(language=case.language)))
    return report


def evaluate_by_hand(name: str = "adversarial", *, part: str = "", every: int = 1) -> Report:
    """Put the sentences of a list written by hand, or of one part of it, to the gate: each, or one of `every` so many."""
    return evaluate_free(islice(adversarial_cases(name, part=part), None, None, every))
