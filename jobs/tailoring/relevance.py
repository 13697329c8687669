"""How much each line of a CV matters for one posting."""

import re
from collections import defaultdict

from cv.facts import Fact, FactKind, facts_of
from cv.resume import Resume
from cv.skills import concepts_in
from jobs.grounding.quantities import quantities
from jobs.matching.types import MatchReport
from jobs.posting import PostingAnalysis, Requirement, RequirementCategory, RequirementKind
from jobs.tailoring.links import links_of

WEIGHTS = {RequirementKind.KNOCK_OUT: 3.0, RequirementKind.MUST: 2.0, RequirementKind.NICE: 1.0}
# A line that merely names a skill that is asked for counts less than one that matching took as evidence.
NAMED_SHARE = 0.5
# From here on evidence answers a requirement; below, it comes near.
PLAIN_STRENGTH = 0.8
SOFT_SHARE = 0.25
OF_PAPERS = {RequirementCategory.EDUCATION, RequirementCategory.LANGUAGE}
# From so many shared words on a line answers a requirement; from this weight on it comes near one.
FIRM_LINK = 2.0
NEAR_WEIGHT = 0.5


class Relevance:
    """Weights of lines, by id, and which requirements each of them answers."""

    def __init__(self, resume: Resume, analysis: PostingAnalysis, report: MatchReport) -> None:
        """Weigh every fact of the résumé."""
        self.requirements = {requirement.id: requirement for requirement in analysis.requirements}
        self.wanted = wanted_concepts(analysis)
        self._weights: defaultdict[str, float] = defaultdict(float)
        self._answers: defaultdict[str, list[str]] = defaultdict(list)
        self._plain: defaultdict[str, dict[str, float]] = defaultdict(dict)
        facts = facts_of(resume)
        self._lines = {fact.id for fact in facts if fact.kind == FactKind.HIGHLIGHT}
        for match in report.requirements:
            for fact_id in match.fact_ids:
                if self._is_of_papers(fact_id, match.requirement_id):
                    continue
                self._add(fact_id, match.requirement_id, match.strength * self._share_of(match.requirement_id))
                if match.strength >= PLAIN_STRENGTH:
                    self._note(fact_id, match.requirement_id)
        self._firmly: defaultdict[str, list[str]] = defaultdict(list)
        self._counting: set[str] = set()
        for fact in facts:
            self._compare(fact)
            if quantities(fact.text):
                self._counting.add(fact.id)
            for mention in concepts_in(fact.text):
                for requirement_id in self.wanted.get(mention.concept, ()):
                    if self._is_of_papers(fact.id, requirement_id):
                        continue
                    self._add(fact.id, requirement_id, NAMED_SHARE)
                    self._note(fact.id, requirement_id)

    def _is_of_papers(self, fact_id: str, requirement_id: str) -> bool:
        """Whether a line of work would answer a demand for a degree or a language, which it does not by a word of it."""
        requirement = self.requirements.get(requirement_id)
        return requirement is not None and requirement.category in OF_PAPERS and fact_id in self._lines

    def _share_of(self, requirement_id: str) -> float:
        """Return less for a soft skill: "well organised" is no reason to tell first of a fair that one organised."""
        requirement = self.requirements.get(requirement_id)
        is_soft = requirement is not None and requirement.category == RequirementCategory.SOFT_SKILL
        return SOFT_SHARE if is_soft else 1.0

    def _compare(self, fact: Fact) -> None:
        """Note what a line has in common with the requirements' own words, and which of them name a skill as the CV does."""
        asked = [
            requirement
            for requirement in self.requirements.values()
            if requirement.category != RequirementCategory.SOFT_SKILL
            and not self._is_of_papers(fact.id, requirement.id)
        ]
        linked = links_of(fact, asked)
        self._firmly[fact.id] += [number for number, link in linked.items() if link >= FIRM_LINK]
        if fact.kind == FactKind.SKILL:
            for requirement in asked:
                if re.search(rf"(?<!\w){re.escape(fact.text)}(?!\w)", requirement.text, re.IGNORECASE):
                    self._add(fact.id, requirement.id, 1.0)
                    self._note(fact.id, requirement.id)

    def _add(self, fact_id: str, requirement_id: str, share: float) -> None:
        requirement = self.requirements.get(requirement_id)
        if requirement is None or requirement_id in self._answers[fact_id] or share <= 0:
            return
        self._answers[fact_id].append(requirement_id)
        self._weights[fact_id] += WEIGHTS[requirement.kind] * share

    def _note(self, fact_id: str, requirement_id: str) -> None:
        if requirement := self.requirements.get(requirement_id):
            self._plain[fact_id][requirement_id] = WEIGHTS[requirement.kind]

    def plainly(self, item_id: str) -> list[str]:
        """Return the ids of the requirements that a line answers by name or in full; what merely comes near is left out."""
        return list(self._plain.get(item_id, ()))

    def named_weight(self, item_id: str) -> float:
        """Return a skill's weight: that of the weightiest requirement that it answers by name or in full."""
        return max(self._plain.get(item_id, {}).values(), default=0.0)

    def rank(self, item_id: str) -> int:
        """Return 2 for a line that plainly answers a requirement, 1 for one that comes near or names a number, else 0."""
        if self._firmly.get(item_id) or self._plain.get(item_id):
            return 2
        return int(self.of(item_id) >= NEAR_WEIGHT or item_id in self._counting)

    def has_figure(self, item_id: str) -> bool:
        """Whether a line names a number."""
        return item_id in self._counting

    def of(self, item_id: str) -> float:
        """Return a line's weight; 0 where the posting does not ask for it."""
        return self._weights.get(item_id, 0.0)

    def answers(self, item_id: str) -> list[str]:
        """Return the ids of the requirements that a line answers."""
        return list(dict.fromkeys([*self._answers.get(item_id, ()), *self._firmly.get(item_id, ())]))

    def named(self, requirement_ids: list[str], *, limit: int = 2) -> str:
        """Return requirements in words, for a reason."""
        texts = [shortened(self.requirements[number]) for number in requirement_ids if number in self.requirements]
        return "; ".join(f"“{text}”" for text in list(dict.fromkeys(texts))[:limit])


def wanted_concepts(analysis: PostingAnalysis) -> dict[str, list[str]]:
    """Return the skills that a posting asks for, each with the ids of its requirements."""
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for requirement in analysis.requirements:
        if requirement.category == RequirementCategory.SOFT_SKILL:
            continue
        names = {mention.concept for mention in concepts_in(requirement.text)} | {requirement.concept}
        for name in sorted(names - {""}):
            wanted[name].append(requirement.id)
    return dict(wanted)


def shortened(requirement: Requirement, *, limit: int = 70) -> str:
    """Return a requirement's text, cut at a word where it is long."""
    text = " ".join(requirement.text.split()).rstrip(".;,")
    if len(text) <= limit:
        return text
    return text[:limit].rsplit(" ", 1)[0].rstrip(".,;:") + "…"
