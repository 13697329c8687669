"""Rankings of many postings or CVs: kept current, and only of what one may see."""

import json
import random
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cv.models import CV
from cv.services import save_version
from jobs.evaluation.people import invented_people, trades
from jobs.evaluation.postings import invented_posting
from jobs.matching import match_resume
from jobs.models import Posting, SearchBlock, SearchIndex, SearchKind
from jobs.posting import PostingAnalysis
from jobs.services import search
from jobs.services.postings import create_posting, delete_posting
from jobs.services.search import bring_up_to_date, rank_cvs, rank_postings
from tests.jobs.conftest import make_version
from tests.jobs.match_samples import POSTING

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(owner):
    draw = random.Random(5)  # noqa: S311 - reproducible on purpose
    texts = [invented_posting(trade, draw).text for trade in trades()[:8] for _ in range(2)]
    return [create_posting(owner=owner, text=text) for text in texts]


def people(owner, count=6):
    for person in invented_people(count, seed=3):
        cv = CV.objects.create(owner=owner, title=person.trade.name)
        save_version(cv=cv, resume=person.resume, origin="imported")
    return CV.objects.filter(owner=owner)


def test_the_ranking_is_that_of_the_scores_themselves(owner, many, version):
    create_posting(owner=owner, text=POSTING)

    ranked = rank_postings(user=owner, version=version, top=3)

    resume = version.resume.assign_ids()
    scores = [
        match_resume(resume, PostingAnalysis.model_validate(row.analysis)).score
        for row in Posting.objects.filter(owner=owner)
    ]
    assert [row.report.score for row in ranked] == sorted(scores, reverse=True)[:3]


def test_the_index_follows_what_comes_goes_and_expires(owner, many, version):
    first = rank_postings(user=owner, version=version, top=1)[0].posting
    added = create_posting(owner=owner, text=POSTING)

    assert rank_postings(user=owner, version=version, top=1)[0].posting == added
    Posting.objects.filter(pk=added.pk).update(valid_through=date(2026, 10, 31))
    assert rank_postings(user=owner, version=version, top=1, today=date(2026, 11, 1))[0].posting == first
    assert rank_postings(user=owner, version=version, top=1, today=date(2026, 10, 31))[0].posting == added
    delete_posting(posting=added)
    assert rank_postings(user=owner, version=version, top=1)[0].posting == first


def test_what_was_made_at_the_same_time_but_seen_later_is_taken_up(owner, many, version):
    late = create_posting(owner=owner, text=POSTING)
    index = bring_up_to_date(user=owner, kind=SearchKind.POSTING)
    SearchBlock.objects.filter(index=index, is_fresh=True).delete()
    index.recent_ids = [number for number in index.recent_ids if number != late.pk]
    index.save()

    assert late in [row.posting for row in rank_postings(user=owner, version=version, top=1)]


def test_small_blocks_are_put_together(owner, many, version, monkeypatch):
    monkeypatch.setattr(search, "FRESH", 3)
    rank_postings(user=owner, version=version, top=5)
    for text in ("One", "Two", "Three"):
        create_posting(owner=owner, text=f"{text}\n{POSTING}")
        rank_postings(user=owner, version=version, top=5)

    index = SearchIndex.objects.get(owner=owner, kind=SearchKind.POSTING)
    assert index.fresh < 3
    assert index.documents == len(many) + 3
    assert max(row.posting.pk for row in rank_postings(user=owner, version=version, top=5)) > many[-1].pk


def test_cvs_are_ranked_for_a_posting_in_their_current_version(owner, many):
    cvs = people(owner)
    posting = next(row for row in many if trades()[1].titles[0] in row.title or row.title in trades()[1].titles)

    best = rank_cvs(user=owner, posting=posting, top=3)[0]
    assert best.version.cv.title == trades()[1].name

    other = cvs.exclude(title=trades()[1].name).first()
    save_version(cv=best.version.cv, resume=other.current_version.resume, origin="edited")
    assert all(row.version.cv != best.version.cv for row in rank_cvs(user=owner, posting=posting, top=1))


def test_nobody_sees_what_is_anothers(owner, stranger, many, version, client_for):
    foreign = make_version(stranger)
    client = client_for(stranger)

    assert rank_postings(user=stranger, version=foreign, top=5) == []
    assert rank_cvs(user=stranger, posting=many[0], top=5) == [] or all(
        row.version.cv.owner == stranger for row in rank_cvs(user=stranger, posting=many[0], top=5)
    )
    for body in ({"cv": version.cv_id}, {"job": many[0].pk}):
        assert client.post("/api/v1/matches/search/", body, content_type="application/json").status_code == 400


def test_the_api_ranks_both_ways(owner, many, version, client_for):
    posting = create_posting(owner=owner, text=POSTING)
    client = client_for(owner)

    jobs = client.post("/api/v1/matches/search/", {"cv": version.cv_id, "top": 2}, content_type="application/json")
    cvs = client.post("/api/v1/matches/search/", {"job": posting.pk}, content_type="application/json")
    both = client.post(
        "/api/v1/matches/search/", {"job": posting.pk, "cv": version.cv_id}, content_type="application/json"
    )

    assert jobs.json()[0]["job"] == posting.pk
    assert len(jobs.json()) == 2
    assert cvs.json()[0]["cv"] == version.cv_id
    assert cvs.json()[0]["band"] == "strong"
    assert both.status_code == 400
    assert both.json()["error"]["fields"]["cv"]


def test_the_command_ranks_and_says_what_is_wrong(owner, many, version):
    out = StringIO()

    call_command("rank_matches", user=owner.username, cv=version.cv_id, top=2, stdout=out)
    assert len(out.getvalue().splitlines()) == 2
    out = StringIO()
    call_command("rank_matches", user=owner.username, posting=many[0].pk, json=True, stdout=out)
    assert json.loads(out.getvalue())[0]["cv"] == version.cv_id

    for arguments in (
        {"user": "nobody", "cv": 1},
        {"user": owner.username, "cv": 0},
        {"user": owner.username, "cv": version.cv_id, "top": 0},
    ):
        with pytest.raises(CommandError):
            call_command("rank_matches", **arguments)
