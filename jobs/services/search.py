"""Finding what is worth a close look: one CV among very many postings, one posting among very many CVs.

An inverted index in the application's own database, whichever that is: by owner and kind, each term with the ids that hold it, packed in
blocks. It only names candidates; the score is `jobs.matching`'s alone. It is brought up to date when it is asked, holds nothing but terms
and ids, and is deleted with its owner. What was deleted or has expired is left out when candidates are loaded.
"""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet

from cv.facts import FactKind, facts_of
from cv.models import CV, ResumeVersion
from cv.resume import Resume
from cv.skills import concepts_in, implied_by
from jobs.matching import Matcher, MatchReport
from jobs.matching.words import stems_of
from jobs.models import Posting, SearchBlock, SearchIndex, SearchKind
from jobs.posting import PostingAnalysis

# How much a shared term says: a word of a title, a skill, a skill that another one implies, a word of a line.
WEIGHTS = {"t": 2.0, "s": 3.0, "i": 2.0, "w": 0.3}
# The rarest terms of a query decide; the commonest cost most and tell least.
MOST_TERMS = 60
BATCH = 10_000
CHUNK = 200
# From how many blocks of single additions on they are put together.
FRESH = 100
# Rows that were made at the same time may become visible in another order than their ids.
OVERLAP = 500
# How many candidates are matched for each that is asked for, and at least: postings share demands, which are answered once; each CV is opened anew.
LOOKED_AT = 3
LEAST_POSTINGS = 300
LEAST_CVS = 100
_TERM_LENGTH = 60
# The term that says how many things a posting asks for, and how much a small number of them counts.
SIZE = "n"
LARGEST = 40
DAMPING = 1
RARITY = 0.05


@dataclass(frozen=True, slots=True)
class RankedPosting:
    """A posting and how the CV fits it."""

    posting: Posting
    report: MatchReport


@dataclass(frozen=True, slots=True)
class RankedCV:
    """A CV, in the version that was matched, and how it fits the posting."""

    version: ResumeVersion
    report: MatchReport


def rank_postings(
    *, user: AbstractBaseUser, version: ResumeVersion, top: int, today: date | None = None
) -> list[RankedPosting]:
    """Return the user's postings that a CV fits best, the best first; expired ones are left out. Nothing is saved."""
    day = today or datetime.now(UTC).date()
    resume = version.resume.assign_ids()
    wanted = max(LEAST_POSTINGS, LOOKED_AT * top)
    # Expired and deleted postings are known only when they are looked up, so more are asked for.
    ids = candidates(user=user, kind=SearchKind.POSTING, terms=terms_of_resume(resume), limit=2 * wanted)
    alive = Posting.objects.for_user(user).filter(Q(valid_through__isnull=True) | Q(valid_through__gte=day))
    open_ids = set(alive.order_by().filter(pk__in=ids).values_list("pk", flat=True))
    ids = [number for number in ids if number in open_ids][:wanted]
    postings = Posting.objects.defer("original", "text").in_bulk(ids)
    matcher = Matcher(resume)
    ranked = [
        RankedPosting(postings[number], matcher.match(PostingAnalysis.model_validate(postings[number].analysis)))
        for number in ids
        if number in postings
    ]
    return sorted(ranked, key=lambda row: -_score(row.report))[:top]


def rank_cvs(*, user: AbstractBaseUser, posting: Posting, top: int) -> list[RankedCV]:
    """Return the CVs that this user may see and that fit a posting best, the best first. Nothing is saved."""
    analysis = PostingAnalysis.model_validate(posting.analysis)
    wanted = max(LEAST_CVS, LOOKED_AT * top)
    terms = {term for term in terms_of_posting(analysis) if not term.startswith(SIZE)}
    ids = candidates(user=user, kind=SearchKind.CV, terms=terms, limit=2 * wanted)
    visible = CV.objects.for_user(user).filter(current_version_id__in=ids)
    versions = ResumeVersion.objects.filter(pk__in=visible.values("current_version_id")).select_related("cv").in_bulk()
    ranked = [
        RankedCV(versions[number], Matcher(versions[number].resume.assign_ids()).match(analysis))
        for number in [number for number in ids if number in versions][:wanted]
    ]
    return sorted(ranked, key=lambda row: -_score(row.report))[:top]


def candidates(*, user: AbstractBaseUser, kind: SearchKind, terms: Iterable[str], limit: int) -> list[int]:
    """Return ids of an owner's postings, or versions of CVs, that share most with some terms, the likeliest first."""
    index = bring_up_to_date(user=user, kind=kind)
    rarest = sorted(_holders(index, set(terms)).items(), key=lambda row: (len(row[1]), row[0]))[:MOST_TERMS]
    scores: defaultdict[int, float] = defaultdict(float)
    for term, ids in rarest:
        # Rare terms decide among postings only where the score does not: what it asks for counts alike.
        weight = WEIGHTS[term[0]] * (1 + RARITY * math.log(1 + index.documents / len(ids)))
        for number in ids:
            scores[number] += weight
    if kind == SearchKind.POSTING:
        # Who answers four of five demands fits better than who answers five of fifteen.
        for number, size in _sizes(index).items():
            if number in scores:
                scores[number] /= DAMPING + size
    return sorted(scores, key=lambda number: (-scores[number], number))[:limit]


def bring_up_to_date(*, user: AbstractBaseUser, kind: SearchKind) -> SearchIndex:
    """Take up what has come since the index was last asked; the first call takes up everything, some hundred a second."""
    index, _ = SearchIndex.objects.get_or_create(owner_id=user.pk, kind=kind)
    while _pending(index).exists():
        with transaction.atomic():
            index = SearchIndex.objects.select_for_update().get(pk=index.pk)
            rows = _pending(index).order_by("pk").values_list("pk", _field(index))[:BATCH]
            _take_up(index, rows.iterator(chunk_size=CHUNK))
    return index


def terms_of_resume(resume: Resume) -> set[str]:
    """Return the terms of a résumé; who the person is does not enter."""
    facts = [fact for fact in facts_of(resume) if fact.kind is not FactKind.LANGUAGE]
    skills = {mention.concept for fact in facts for mention in concepts_in(fact.text)}
    titles = " ".join(dict.fromkeys(fact.title for fact in facts if fact.title))
    lines = " ".join(
        fact.text for fact in facts if fact.kind in {FactKind.HIGHLIGHT, FactKind.HEADLINE, FactKind.SUMMARY}
    )
    implied = {name for skill in skills for name in implied_by(skill)} - skills
    return {
        *(f"s{name}"[:_TERM_LENGTH] for name in skills),
        *(f"i{name}"[:_TERM_LENGTH] for name in implied),
        *_words("t", titles, resume.language),
        *_words("w", lines, resume.language),
    }


def terms_of_posting(analysis: PostingAnalysis) -> set[str]:
    """Return the terms of a posting: its title, what it asks for, and the words that it asks in."""
    asked = analysis.requirements
    skills = {name for one in asked for name in (one.concept, *one.alternatives) if name}
    return {
        f"{SIZE}{min(len(asked), LARGEST)}",
        *(f"s{name}"[:_TERM_LENGTH] for name in skills),
        *_words("t", analysis.title, analysis.language),
        *_words("w", " ".join(one.text for one in asked), analysis.language),
    }


def _sizes(index: SearchIndex) -> dict[int, int]:
    """Return how many skills each posting asks for."""
    rows = SearchBlock.objects.filter(index=index, term__startswith=SIZE).values_list("term", "ids")
    sizes: dict[int, int] = {}
    for term, ids in rows:
        numbers = array("Q")
        numbers.frombytes(bytes(ids))
        sizes.update(dict.fromkeys(numbers, int(term[len(SIZE) :])))
    return sizes


def _words(sign: str, text: str, language: str) -> Iterator[str]:
    return (f"{sign}{stem}"[:_TERM_LENGTH] for stem in stems_of(text, language[:2]))


def _score(report: MatchReport) -> int:
    return -1 if report.score is None else report.score


def _field(index: SearchIndex) -> str:
    return "analysis" if index.kind == SearchKind.POSTING else "data"


def _pending(index: SearchIndex) -> QuerySet[Any]:
    """Return the postings, or versions of CVs, that the index does not hold yet."""
    rows: QuerySet[Any] = (
        Posting.objects.filter(owner_id=index.owner_id)
        if index.kind == SearchKind.POSTING
        else ResumeVersion.objects.filter(cv__owner_id=index.owner_id)
    )
    return rows.filter(pk__gt=max(0, index.last_id - OVERLAP)).exclude(pk__in=index.recent_ids)


def _terms_of_row(index: SearchIndex, data: object) -> set[str]:
    if index.kind == SearchKind.POSTING:
        return terms_of_posting(PostingAnalysis.model_validate(data))
    return terms_of_resume(Resume.model_validate(data))


def _take_up(index: SearchIndex, rows: Iterable[tuple[int, object]]) -> None:
    holders: defaultdict[str, array[int]] = defaultdict(lambda: array("Q"))
    taken: list[int] = []
    for number, data in rows:
        taken.append(number)
        for term in _terms_of_row(index, data):
            holders[term].append(number)
    if not taken:
        return
    is_fresh = len(taken) < FRESH
    _write(index, holders, is_fresh=is_fresh)
    index.last_id = max(index.last_id, *taken)
    index.documents += len(taken)
    index.recent_ids = [number for number in (*index.recent_ids, *taken) if number > index.last_id - OVERLAP]
    index.fresh += is_fresh
    if index.fresh >= FRESH:
        _put_together(index)
    index.save()


def _write(index: SearchIndex, holders: Mapping[str, "array[int]"], *, is_fresh: bool) -> None:
    blocks = (
        SearchBlock(index=index, term=term, count=len(ids), ids=ids.tobytes(), is_fresh=is_fresh)
        for term, ids in holders.items()
    )
    SearchBlock.objects.bulk_create(blocks, batch_size=500)


def _put_together(index: SearchIndex) -> None:
    """Join the small blocks of single additions."""
    fresh = SearchBlock.objects.filter(index=index, is_fresh=True)
    holders: defaultdict[str, array[int]] = defaultdict(lambda: array("Q"))
    for term, ids in fresh.values_list("term", "ids").iterator():
        holders[term].frombytes(bytes(ids))
    fresh.delete()
    _write(index, holders, is_fresh=False)
    index.fresh = 0


def _holders(index: SearchIndex, terms: set[str]) -> dict[str, "array[int]"]:
    """Return the ids that hold each of the terms; implied skills are looked up as skills."""
    asked = {f"s{term[1:]}" if term[0] == "i" else term: term for term in terms}
    sizes = Counter[str]()
    for term, count in SearchBlock.objects.filter(index=index, term__in=asked).values_list("term", "count"):
        sizes[term] += count
    rarest = sorted(sizes, key=lambda term: (sizes[term], term))[:MOST_TERMS]
    found: defaultdict[str, array[int]] = defaultdict(lambda: array("Q"))
    for term, ids in SearchBlock.objects.filter(index=index, term__in=rarest).values_list("term", "ids"):
        found[asked[term]].frombytes(bytes(ids))
    return found
