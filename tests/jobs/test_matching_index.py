"""The index over many postings: it finds the likely ones, is kept, and is made anew when the file changes."""

import json
import random
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cv.json_resume import to_json_resume
from jobs.evaluation.people import invented_people, trades
from jobs.evaluation.postings import invented_posting
from jobs.importing import read_postings
from jobs.matching.index import PostingIndex

PERSON = next(invented_people(1, seed=3))


def rows(count: int) -> list[str]:
    draw = random.Random(8)  # noqa: S311
    made = [invented_posting(trades()[number % len(trades())], draw) for number in range(count)]
    return [json.dumps({"title": posting.title, "description": posting.text}) for posting in made]


def test_postings_of_the_persons_trade_come_first():
    index = PostingIndex()
    assert index.build(read_postings(rows(60)), mark="a") == 60

    found = index.search(PERSON.resume, limit=3)

    assert [(one.number - 1) % len(trades()) for one in found] == [0, 0, 0]
    assert all(one.posting.title in PERSON.trade.titles for one in found)


def test_an_index_knows_what_it_was_built_from(tmp_path):
    PostingIndex(tmp_path / "index").build(read_postings(rows(20)), mark="first")

    again = PostingIndex(tmp_path / "index")
    assert again.is_of("first")
    assert not again.is_of("second")
    again.build(read_postings(rows(40)), mark="second")
    assert not again.is_of("first")
    assert len(again.search(PERSON.resume, limit=100)) > 0


@pytest.mark.django_db
def test_match_jobs_ranks_alike_with_and_without_an_index(tmp_path):
    cv, jobs, index = tmp_path / "cv.json", tmp_path / "jobs.jsonl", tmp_path / "index"
    cv.write_text(json.dumps(to_json_resume(PERSON.resume)))
    jobs.write_text("\n".join(rows(40)))
    plain, indexed, again = StringIO(), StringIO(), StringIO()

    call_command("match_jobs", cv=str(cv), jobs=str(jobs), top=2, stdout=plain)
    call_command("match_jobs", cv=str(cv), jobs=str(jobs), top=2, index=str(index), stdout=indexed)
    call_command("match_jobs", cv=str(cv), jobs=str(jobs), top=2, index=str(index), stdout=again)

    assert plain.getvalue() == indexed.getvalue() == again.getvalue()
    with pytest.raises(CommandError, match="--index needs --top"):
        call_command("match_jobs", cv=str(cv), jobs=str(jobs), index=str(index))


def test_a_cv_that_says_nothing_finds_nothing():
    index = PostingIndex()
    index.build(read_postings(rows(5)), mark="a")

    assert (
        index.search(
            PERSON.resume.model_copy(
                update={
                    "employers": [],
                    "skills": [],
                    "education": [],
                    "languages": [],
                    "certificates": [],
                    "person": PERSON.resume.person.model_copy(update={"headline": ""}),
                }
            ),
            limit=5,
        )
        == []
    )
