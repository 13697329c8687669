"""The match on invented people and postings: ranking beside BM25, monotony, and equal scores for equal input."""

import math
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from cv.facts import facts_of
from cv.resume import Dated, Item, Resume
from jobs.analysis.rules import analyse_with_rules
from jobs.evaluation.gate import Rate
from jobs.evaluation.people import Invented, Trade, at_level, invented_people, trades
from jobs.evaluation.postings import InventedPosting, bare_posting, invented_posting
from jobs.matching import Matcher, MatchReport, match_resume
from jobs.matching.words import stems_of
from jobs.posting import PostingAnalysis, RequirementCategory, RequirementKind

AS_OF = "2026-11-01"
TOP = 10
K1, B = 1.2, 0.75
MOST, HALF = 0.75, 0.5
SHORT = 1 / 3
_SHORT_NAME = re.compile(r"\b[A-Z][A-Za-z#+]?(?![\w#+])")
# Every how manieth trade a bare pool is of.
STRIDE = 5


@dataclass(slots=True)
class MatchingReport:
    """What was measured. nDCG at 10 is a mean over people, with the standard error of the mean."""

    ndcg: list[float] = field(default_factory=list)
    ndcg_of_bm25: list[float] = field(default_factory=list)
    falls: Rate = field(default_factory=Rate)
    never_rises: Rate = field(default_factory=Rate)
    same: Rate = field(default_factory=Rate)
    coverages: Counter[str] = field(default_factory=Counter)


def evaluate_matching(people: int, postings: int, *, seed: int, is_bare: bool = False) -> MatchingReport:
    """Rank postings for each person, and take evidence away from the best.

    The postings are of all trades, with words of other trades beside the point. With `is_bare` they are of four trades, so that each
    person has many of the own one to tell apart, have nothing beside the point, and ask for years and levels that people may not have.
    """
    report = MatchingReport()
    draw = random.Random(f"matching/{seed}")  # noqa: S311 - reproducible on purpose
    if is_bare:
        chosen = [trades()[place] for place in range(seed % STRIDE, len(trades()), STRIDE)]
        pool = [bare_posting(chosen[number % len(chosen)], draw) for number in range(postings)]
        everybody = [
            at_level(person, draw.randrange(len(person.trade.titles)), draw)
            for person in invented_people(people * STRIDE, seed=seed)
            if person.trade in chosen
        ]
    else:
        pool = [invented_posting(trades()[number % len(trades())], draw) for number in range(postings)]
        everybody = list(invented_people(people, seed=seed))
    analyses = [analyse_with_rules(posting.text, as_of=AS_OF) for posting in pool]
    bm25 = BM25([posting.text for posting in pool])
    for person in everybody:
        grades = [(bare_grade_of if is_bare else grade_of)(person, posting) for posting in pool]
        matcher = Matcher(person.resume)
        matches = [matcher.match(analysis) for analysis in analyses]
        scores = [-1.0 if match.score is None else float(match.score) for match in matches]
        report.ndcg.append(ndcg(scores, grades))
        report.ndcg_of_bm25.append(ndcg(bm25.scores(_text_of(person.resume)), grades))
        best = max(range(len(pool)), key=lambda number: scores[number])
        _count_same(report, person.resume, analyses[best], matches[best])
        _count_falls(report, person.resume, analyses[best], matches[best])
        report.coverages.update(line.coverage.value for line in matches[best].requirements)
    return report


def grade_of(person: Invented, posting: InventedPosting) -> int:
    """Return how well a posting fits, 0 to 3, by how both were made: another trade, or the share of its skills that the CV names."""
    if posting.trade.name != person.trade.name:
        return 0
    said = _text_of(person.resume).casefold()
    share = sum(skill.casefold() in said for skill in posting.skills) / len(posting.skills)
    return 3 if share >= MOST else 2 if share >= HALF else 1


def bare_grade_of(person: Invented, posting: InventedPosting) -> int:
    """Return how well a bare posting fits, 0 to 3.

    By the share of its skills that the CV shows, less one where a third of the years is missing, and one for each step short. A skill is
    shown where all words of one of its names stand in one line.
    """
    if posting.trade.name != person.trade.name:
        return 0
    lines = [_words_of(f"{fact.text} {fact.title}") for fact in facts_of(person.resume)]
    shown = sum(_is_shown(skill, posting.trade, lines) for skill in posting.skills) / len(posting.skills)
    grade = 3 if shown >= MOST else 2 if shown >= HALF else 1
    is_short = person.years < posting.years * (1 - SHORT)
    return max(0, grade - is_short - max(0, posting.level - person.level))


def _is_shown(skill: str, trade: Trade, lines: Sequence[frozenset[str]]) -> bool:
    names = [_words_of(name) for name in (skill, trade.also.get(skill, skill))]
    return any(name and name <= line for name in names for line in lines)


def _words_of(text: str) -> frozenset[str]:
    """Return stems, and names of one or two letters as they stand (`R`, `UX`)."""
    return stems_of(text, "en") | frozenset(word for word in _SHORT_NAME.findall(text) if word not in {"A", "I", "In"})


def ndcg(scores: Sequence[float], grades: Sequence[int]) -> float:
    """Return nDCG at 10 with gains 2^grade − 1 (Järvelin and Kekäläinen 2002); equal scores share the mean of their places."""
    order = sorted(range(len(scores)), key=lambda number: -scores[number])
    gains = [2.0 ** grades[number] - 1 for number in order]
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and scores[order[end]] == scores[order[start]]:
            end += 1
        mean = sum(gains[start:end]) / (end - start)
        gains[start:end] = [mean] * (end - start)
        start = end
    ideal = sorted((2.0**grade - 1 for grade in grades), reverse=True)
    return _dcg(gains) / _dcg(ideal) if _dcg(ideal) else 0.0


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains[:TOP]))


class BM25:
    """BM25 over stems with the usual k1 and b (Robertson and Zaragoza 2009), the yardstick."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index the texts."""
        self._counts = [Counter(_stems(text)) for text in texts]
        self._mean = sum(count.total() for count in self._counts) / len(texts)
        self._documents = Counter(stem for count in self._counts for stem in count)

    def scores(self, query: str) -> list[float]:
        """Return the score of each text."""
        wanted = set(_stems(query))
        return [sum(self._weight(stem, count) for stem in wanted & count.keys()) for count in self._counts]

    def _weight(self, stem: str, count: Counter[str]) -> float:
        n, total = self._documents[stem], len(self._counts)
        rarity = math.log(1 + (total - n + 0.5) / (n + 0.5))
        frequency = count[stem]
        return rarity * frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * count.total() / self._mean))


def _stems(text: str) -> list[str]:
    return [stem for word in text.split() for stem in stems_of(word, "en")]


def _text_of(resume: Resume) -> str:
    return "\n".join(" ".join((fact.text, fact.title)) for fact in facts_of(resume))


def _count_same(report: MatchingReport, resume: Resume, analysis: PostingAnalysis, match: MatchReport) -> None:
    report.same.total += 1
    report.same.hits += match_resume(resume.model_copy(deep=True), analysis) == match


def _count_falls(report: MatchingReport, resume: Resume, analysis: PostingAnalysis, match: MatchReport) -> None:
    """Take all evidence of each answered must-have out of the CV: the score has to fall, and may never rise."""
    for line in match.requirements:
        if line.kind is not RequirementKind.MUST or not line.fact_ids:
            continue
        bare, strength = resume, line.strength
        while strength:
            again = match_resume(bare, analysis)
            current = next(found for found in again.requirements if found.requirement_id == line.requirement_id)
            strength = current.strength
            if not current.fact_ids:
                break
            is_time = line.category is RequirementCategory.EXPERIENCE
            bare = without_items(bare, set(current.fact_ids), keep_dates=not is_time)
        after = match_resume(bare, analysis)
        report.falls.total += 1
        report.falls.hits += (after.score or 0) < (match.score or 0)
        report.never_rises.total += 1
        report.never_rises.hits += (after.score or 0) <= (match.score or 0)


def without_items(resume: Resume, ids: set[str], *, keep_dates: bool = True) -> Resume:
    """Return a résumé without the text of these items, and without their dates where those are the evidence."""
    bare = resume.model_copy(deep=True)
    for item in bare.items():
        if item.id in ids:
            _empty(item)
            if not keep_dates and isinstance(item, Dated):
                item.start = item.end = None
                item.current = False
    return bare


def _empty(item: Item) -> None:
    for name in ("text", "name", "title", "degree", "area", "headline", "summary"):
        if isinstance(getattr(item, name, None), str):
            setattr(item, name, "")
