"""The score: weighted answers, title and seniority, as whole points that sum to it. Weights and reasons: docs/matching.md."""

import math
from collections.abc import Collection
from dataclasses import dataclass

from cv.facts import FactKind
from cv.titles import Seniority, seniority_of, title_similarity
from jobs.matching.evidence import Dossier
from jobs.matching.types import Band, RequirementMatch, ScoreItem
from jobs.posting import PostingAnalysis, RequirementCategory, RequirementKind

MUST_POINTS = 50
NICE_POINTS = 10
DUTY_POINTS = 15
TITLE_POINTS = 15
SENIORITY_POINTS = 15
SOFT_SKILL_WEIGHT = 0.25
# How much of the must-haves goes where none of the years of work of no kind are there.
YEARS_OF_WORK_SHARE = 0.5
# As if the posting stated one demand more, half of which is met: few demands say less than many.
UNSTATED, UNSTATED_SHARE = 1.0, 0.5
FEWEST_REQUIREMENTS = 2
BANDS = ((75, Band.STRONG), (55, Band.GOOD), (35, Band.PARTIAL), (0, Band.WEAK))

_YEARS_FOR = ((5, Seniority.SENIOR), (2, Seniority.MID), (0, Seniority.JUNIOR))
_STEP_DOWN = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score before rounding: `share` in [0, 1] of `weight`."""

    name: str
    share: float
    weight: float
    explanation: str


def parts_of(dossier: Dossier, analysis: PostingAnalysis, ledger: list[RequirementMatch]) -> list[Part]:
    """Return the parts that this posting allows to be judged; a part that it says nothing about is left out."""
    duties = [line for line in ledger if line.category is RequirementCategory.DUTY]
    demands = [line for line in ledger if line.category is not RequirementCategory.DUTY]
    musts = [line for line in demands if line.kind is RequirementKind.MUST]
    wishes = [line for line in demands if line.kind is RequirementKind.NICE]
    of_years = {one.id for one in analysis.requirements if one.years and not one.concept}
    parts = [
        _of_lines("Must-have requirements", MUST_POINTS, musts, of_years),
        _of_lines("Nice-to-have requirements", NICE_POINTS, wishes, of_years),
        _of_lines("Tasks of the job", DUTY_POINTS, duties),
        _title(dossier, analysis),
        _seniority(dossier, analysis),
    ]
    return [part for part in parts if part is not None]


def score_items(parts: list[Part]) -> tuple[int, list[ScoreItem]]:
    """Return the score and its items.

    The weights of the parts that are there are scaled to 100. Points and maxima are whole numbers, rounded by largest remainder, so
    that the items sum exactly to the score and their maxima to 100.
    """
    total = sum(part.weight for part in parts)
    exact = [100 * part.weight * part.share / total for part in parts]
    maxima = _rounded([100 * part.weight / total for part in parts], 100)
    score = math.floor(sum(exact) + 0.5 + 1e-9)
    points = _rounded(exact, score, maxima)
    items = [
        ScoreItem(name=part.name, points=point, max_points=maximum, explanation=part.explanation)
        for part, point, maximum in zip(parts, points, maxima, strict=True)
    ]
    return score, items


def band_of(score: int) -> Band:
    """Return the score in a word."""
    return next(band for least, band in BANDS if score >= least)


def _of_lines(name: str, weight: float, lines: list[RequirementMatch], of_years: Collection[str] = ()) -> Part | None:
    if not lines:
        return None
    years = [line.strength for line in lines if line.requirement_id in of_years]
    others = [line for line in lines if line.requirement_id not in of_years]
    if not others:
        # Years alone are then all that is asked for.
        years, others = [], lines
    weights = [SOFT_SKILL_WEIGHT if line.category is RequirementCategory.SOFT_SKILL else 1.0 for line in others]
    met = sum(line.strength * own for line, own in zip(others, weights, strict=True))
    share = (met + UNSTATED * UNSTATED_SHARE) / (sum(weights) + UNSTATED)
    if years:
        share *= 1 - YEARS_OF_WORK_SHARE * (1 - sum(years) / len(years))
    answered = sum(1 for line in lines if line.strength > 0)
    return Part(
        name,
        share,
        weight,
        f"{answered} of {len(lines)} with evidence in the CV. One more, unstated, counts as half met."
        + (" Years of work that are missing lower the whole." if years else ""),
    )


def _title(dossier: Dossier, analysis: PostingAnalysis) -> Part | None:
    if not analysis.title:
        return None
    held = {stint.title for stint in dossier.stints if stint.title}
    held |= {item.text for item in dossier.evidence if item.kind is FactKind.HEADLINE}
    share, title = max(((title_similarity(title, analysis.title), title) for title in sorted(held)), default=(0.0, ""))
    said = f"“{title}” is the nearest title in the CV." if share else "No title in the CV is near this one."
    return Part("Job title", share, TITLE_POINTS, said)


def _seniority(dossier: Dossier, analysis: PostingAnalysis) -> Part | None:
    if not analysis.seniority:
        return None
    wanted = Seniority[analysis.seniority.upper()]
    by_years = next(level for years, level in _YEARS_FOR if dossier.months >= 12 * years)
    by_title = [level for stint in dossier.stints if (level := seniority_of(stint.title)) is not None]
    have = max([by_years, *by_title])
    share = max(0.0, 1 - _STEP_DOWN * max(0, wanted - have))
    said = f"Asked for: {wanted.name.lower()}. Titles and {dossier.months / 12:.1f} years of work show: {have.name.lower()}."
    return Part("Seniority", share, SENIORITY_POINTS, said)


def _rounded(values: list[float], total: int, most: list[int] | None = None) -> list[int]:
    """Round down, then give what is missing to the largest remainders, to none more than `most` of it."""
    whole = [math.floor(value + 1e-9) for value in values]
    order = sorted(range(len(values)), key=lambda number: (whole[number] - values[number], number))
    for _ in range(2):
        for number in order:
            if sum(whole) < total and (most is None or whole[number] < most[number]):
                whole[number] += 1
    return whole
