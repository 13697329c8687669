import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cv.json_resume import to_json_resume
from tests.jobs.match_samples import JOB_POSTING, POSTING, backend_resume

pytestmark = pytest.mark.django_db


@pytest.fixture
def cv_file(tmp_path: Path) -> Path:
    path = tmp_path / "cv.json"
    path.write_text(json.dumps(to_json_resume(backend_resume())), encoding="utf-8")
    return path


@pytest.fixture
def jobs_file(tmp_path: Path) -> Path:
    path = tmp_path / "jobs.jsonl"
    lines = [JOB_POSTING, {"id": "B-2", "title": "Senior Backend Engineer", "description": POSTING}]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_the_best_posting_comes_first(cv_file, jobs_file, capsys):
    call_command("match_jobs", cv=str(cv_file), jobs=str(jobs_file))

    first, second = capsys.readouterr().out.strip().splitlines()
    assert "strong" in first
    assert "Senior Backend Engineer" in first
    assert "posting 2" in first
    assert "Warehouse Clerk & Driver, Example Parcels" in second


def test_json_holds_the_whole_reports_of_the_top(cv_file, jobs_file, capsys):
    call_command("match_jobs", "--json", cv=str(cv_file), jobs=str(jobs_file), top=1)

    (row,) = json.loads(capsys.readouterr().out)
    assert (row["id"], row["posting"]) == ("B-2", 2)
    assert row["score"] == sum(item["points"] for item in row["report"]["items"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no posting in this file"),
        ("nonsense", "Line 1 is not a JSON object"),
        ('{"description": "Cook"}', "Line 1: .*too little text"),
    ],
)
def test_bad_postings_are_named(cv_file, tmp_path, content, words):
    path = tmp_path / "bad.jsonl"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(CommandError, match=words):
        call_command("match_jobs", cv=str(cv_file), jobs=str(path))


def test_bad_files_are_named(cv_file, jobs_file, tmp_path):
    empty = tmp_path / "empty.pdf"
    empty.write_bytes(b"")
    binary = tmp_path / "jobs.bin"
    binary.write_bytes(b"\xff\xfe\x00\xd8")

    with pytest.raises(CommandError, match=r"missing\.pdf: No such file"):
        call_command("match_jobs", cv=str(tmp_path / "missing.pdf"), jobs=str(jobs_file))
    with pytest.raises(CommandError, match=r"empty\.pdf: The file is empty"):
        call_command("match_jobs", cv=str(empty), jobs=str(jobs_file))
    with pytest.raises(CommandError, match="not a text file in UTF-8"):
        call_command("match_jobs", cv=str(cv_file), jobs=str(binary))
    with pytest.raises(CommandError, match="--top must be 1 or more"):
        call_command("match_jobs", cv=str(cv_file), jobs=str(jobs_file), top=0)


def test_a_posting_of_text_alone_is_named_by_what_was_read(cv_file, tmp_path, capsys):
    path = tmp_path / "text.jsonl"
    path.write_text(json.dumps({"text": POSTING}), encoding="utf-8")

    call_command("match_jobs", cv=str(cv_file), jobs=str(path))

    assert "Senior Backend Engineer (m/f/d), Example Logistics GmbH" in capsys.readouterr().out


def test_a_file_that_is_no_index_is_named(cv_file, jobs_file, tmp_path):
    index = tmp_path / "notes.txt"
    index.write_text("These are notes, and no index of postings.")

    with pytest.raises(CommandError, match=r"notes\.txt: This is no index"):
        call_command("match_jobs", cv=str(cv_file), jobs=str(jobs_file), top=1, index=str(index))
