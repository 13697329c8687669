"""How a résumé fits a posting: deterministic, itemised, and open to anyone who wants to compute it again."""

from jobs.matching.report import Matcher, inputs_hash, match_resume
from jobs.matching.types import FORMULA_VERSION, Band, Coverage, MatchReport, RequirementMatch, ScoreItem

__all__ = [
    "FORMULA_VERSION",
    "Band",
    "Coverage",
    "MatchReport",
    "Matcher",
    "RequirementMatch",
    "ScoreItem",
    "inputs_hash",
    "match_resume",
]
