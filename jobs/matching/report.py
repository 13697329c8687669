"""The match of a résumé with a posting."""

import hashlib
import json

from cv.resume import Resume
from jobs.matching.advice import advice_for
from jobs.matching.answers import Answer, answer
from jobs.matching.evidence import Dossier, open_dossier
from jobs.matching.scoring import FEWEST_REQUIREMENTS, band_of, parts_of, score_items
from jobs.matching.types import FORMULA_VERSION, Band, MatchReport, RequirementMatch
from jobs.posting import PostingAnalysis, Requirement, RequirementKind


class Matcher:
    """One résumé held against many postings: what does not depend on the posting is made once."""

    def __init__(self, resume: Resume) -> None:
        """Take the résumé; its items need ids."""
        self._resume = resume
        self._content = _without_meta(resume.model_dump(mode="json"))
        self._dossiers: dict[tuple[str, str], Dossier] = {}
        self._answers: dict[tuple[object, ...], Answer] = {}

    def match(self, analysis: PostingAnalysis) -> MatchReport:
        """Return what `match_resume` returns."""
        key = (analysis.as_of, analysis.language)
        if key not in self._dossiers:
            self._dossiers[key] = open_dossier(self._resume, as_of=analysis.as_of, language=analysis.language)
        lines = [self._line(key, requirement) for requirement in analysis.requirements]
        return _match(self._dossiers[key], analysis, lines, _hash(self._content, analysis))

    def _line(self, key: tuple[str, str], requirement: Requirement) -> RequirementMatch:
        """Answer a requirement; what other postings asked for in the same words is answered once."""
        asked = (
            *key, requirement.category, requirement.text, requirement.concept, *requirement.alternatives, requirement.years, requirement.level,
        )  # fmt: skip
        if asked not in self._answers:
            self._answers[asked] = answer(self._dossiers[key], requirement)
        return _line(requirement, self._answers[asked])


def match_resume(resume: Resume, analysis: PostingAnalysis) -> MatchReport:
    """Return how a résumé fits a posting: a ledger of all requirements with evidence, and a score that sums from its items.

    A pure function: it asks neither clock nor database nor network. Current positions last until `analysis.as_of`, or where that is
    empty until the latest date in the résumé. Knock-outs stand apart and do not enter the score. Items of the résumé need ids
    (`Resume.assign_ids`). With fewer than two requirements there is no score, and the band is `unknown`.
    """
    return Matcher(resume).match(analysis)


def inputs_hash(resume: Resume, analysis: PostingAnalysis) -> str:
    """Return the SHA-256 of what a match is computed from: résumé without its sources, analysis, formula version."""
    return _hash(_without_meta(resume.model_dump(mode="json")), analysis)


def _hash(resume: object, analysis: PostingAnalysis) -> str:
    content = {"formula": FORMULA_VERSION, "resume": resume, "posting": analysis.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _match(dossier: Dossier, analysis: PostingAnalysis, lines: list[RequirementMatch], hashed: str) -> MatchReport:
    knock_outs = [line for line in lines if line.kind is RequirementKind.KNOCK_OUT]
    ledger = [line for line in lines if line.kind is not RequirementKind.KNOCK_OUT]
    report = MatchReport(
        inputs_hash=hashed,
        as_of=dossier.as_of,
        score=None,
        band=Band.UNKNOWN,
        requirements=ledger,
        knock_outs=knock_outs,
    )
    if len(analysis.requirements) < FEWEST_REQUIREMENTS or not ledger:
        report.advice = ["The posting states too few requirements for a score. Paste the whole advertisement."]
        return report
    report.score, report.items = score_items(parts_of(dossier, analysis, ledger))
    report.band = band_of(report.score)
    report.advice = advice_for(analysis, ledger, knock_outs, undated=sum(not stint.months for stint in dossier.stints))
    return report


def _without_meta(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_meta(part) for key, part in value.items() if key != "meta"}
    if isinstance(value, list):
        return [_without_meta(part) for part in value]
    return value


def _line(requirement: Requirement, found: Answer) -> RequirementMatch:
    ids = list(dict.fromkeys(item.fact_id for item in found.evidence))
    return RequirementMatch(
        requirement_id=requirement.id,
        text=requirement.text,
        kind=requirement.kind,
        category=requirement.category,
        coverage=found.coverage,
        strength=round(found.strength, 4),
        fact_ids=ids,
        quotations=[item.quotation for item in found.evidence],
        explanation=found.explanation,
    )
