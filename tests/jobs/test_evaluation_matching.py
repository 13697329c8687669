"""Ranking, fairness and re-computation: small samples of what the commands measure."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from jobs.evaluation.fairness import audit
from jobs.evaluation.matching import evaluate_matching, ndcg
from jobs.matching import match_resume
from jobs.models import Match
from jobs.services.matches import match_cv
from tests.jobs.samples import posting_analysis, resume_of_ada


def test_the_ranking_is_better_than_bm25_and_falls_without_evidence():
    report = evaluate_matching(3, 40, seed=4)

    assert sum(report.ndcg) > sum(report.ndcg_of_bm25)
    assert report.falls.hits == report.never_rises.hits == report.falls.total > 0
    assert report.same.hits == report.same.total == 3


def test_bare_postings_ask_for_years_and_levels_and_their_ranking_is_no_worse_than_bm25s():
    report = evaluate_matching(4, 40, seed=4, is_bare=True)

    assert len(report.ndcg) == 4
    assert sum(report.ndcg) > sum(report.ndcg_of_bm25) - 0.1
    assert report.falls.hits == report.never_rises.hits == report.falls.total > 0


def test_ndcg_of_a_perfect_and_of_a_reversed_ranking():
    assert ndcg([3, 2, 1], [3, 1, 0]) == 1
    assert ndcg([1, 2, 3], [3, 1, 0]) < 1
    assert ndcg([1, 1], [3, 0]) == ndcg([1, 1], [0, 3])


def test_no_swap_of_who_a_person_is_moves_anything():
    base, swaps = audit(resume_of_ada(), posting_analysis())

    assert base == match_resume(resume_of_ada(), posting_analysis())
    assert {swap.kind for swap in swaps} == {"name", "pronouns", "address", "school", "year of birth", "nationality"}
    assert [swap for swap in swaps if swap.moved] == []


def test_an_audit_notices_a_score_that_moves(monkeypatch):
    def biased(resume, analysis):
        report = match_resume(resume, analysis)
        return report.model_copy(update={"score": 1}) if resume.person.name == "Bob Lee" else report

    monkeypatch.setattr("jobs.evaluation.fairness.match_resume", biased)

    assert [swap.value for swap in audit(resume_of_ada(), posting_analysis())[1] if swap.moved] == ["Bob Lee"]


@pytest.fixture
def match(owner, version, posting) -> Match:
    return match_cv(owner=owner, version=version, posting=posting)


@pytest.mark.django_db
def test_stored_matches_are_computed_again(match):
    out = StringIO()

    call_command("recompute_match", stdout=out)

    assert out.getvalue().strip() == "1 the same"


@pytest.mark.django_db
def test_a_score_that_was_tampered_with_is_found(match):
    match.report["score"] = 100
    match.save()

    with pytest.raises(CommandError, match="1 matches are not"):
        call_command("recompute_match", match.pk, stdout=StringIO())
    with pytest.raises(CommandError, match="no match 999"):
        call_command("recompute_match", 999)


@pytest.mark.django_db
def test_a_posting_that_changed_and_an_older_formula_are_told_apart(match):
    match.posting.analysis["title"] = "Something else"
    match.posting.save()
    changed, older = StringIO(), StringIO()

    call_command("recompute_match", stdout=changed)
    Match.objects.update(formula_version="0")
    call_command("recompute_match", stdout=older)

    assert "1 made from a posting or CV that has changed since" in changed.getvalue()
    assert "1 made with another version of the formula" in older.getvalue()


@pytest.mark.django_db
def test_the_commands_print_what_they_measure(tmp_path):
    cv, job = tmp_path / "cv.json", tmp_path / "job.txt"
    cv.write_text(
        json.dumps(
            {"basics": {"name": "Ada Quill", "summary": "She develops in Python."}, "skills": [{"name": "Python"}]}
        )
    )
    job.write_text(
        "Developer\nGlobex, Leeds\n\nRequirements\n- Experience with Python\n- Experience with PostgreSQL\n- Git\n"
    )
    audited, ranked = StringIO(), StringIO()

    call_command("audit_fairness", cv=cv, job=job, provider="embedded", stdout=audited)
    call_command("evaluate_matching", people=2, postings=20, stdout=ranked)

    assert "name: 12 swaps, greatest change 0" in audited.getvalue()
    assert "same twice: 2 of 2" in ranked.getvalue()
    with pytest.raises(CommandError, match="--people"):
        call_command("evaluate_matching", people=1)
