"""What a task would cost, without asking anybody."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cv.json_resume import to_json_resume
from tests.jobs.samples import POSTING_TEXT, resume_of_ada
from usage.models import Call

pytestmark = pytest.mark.django_db
CV_TEXT = """Ada Quill
ada@example.org

Work
Software engineer, Northwind Bank, 2019 - 2023
- Developed a billing service in Python

Skills
Python, Docker
"""


@pytest.fixture
def files(tmp_path):
    cv, job = tmp_path / "cv.txt", tmp_path / "job.txt"
    cv.write_text(CV_TEXT, encoding="utf-8")
    job.write_text(POSTING_TEXT, encoding="utf-8")
    return {"cv": str(cv), "job": str(job)}


def run(*flags: str, **options: object) -> str:
    out = StringIO()
    call_command("estimate_cost", *(f"--{key}={value}" for key, value in options.items()), *flags, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("task", ["cv_parsing", "job_analysis", "cv_tailoring", "cover_letter", "email_drafting"])
def test_each_candidate_has_its_mean_its_interval_and_its_most(simulator, files, task):
    said = json.loads(run("--json", task=task, **files))

    hosted, embedded = said["candidates"][:-1], said["candidates"][-1]
    assert said["task"] == task
    assert [(one["provider"], one["model"]) for one in hosted] == [("openai", "gpt-5.4-mini")]
    for one in hosted:
        low, expected, high, most = (Decimal(one[f"{name}_usd"]) for name in ("low", "expected", "high", "most"))
        assert 0 < low <= expected <= high <= most
        assert one["most_nanousd"] == int(most * 10**9)
    assert (embedded["provider"], embedded["most_usd"]) == ("embedded", "0")
    assert not simulator.books
    assert not Call.objects.exclude(provider="embedded").exists()


def test_people_read_a_line_for_each_candidate(simulator, files):
    said = run(task="Cover-Letter", **files)

    assert said.startswith("cover_letter: on average")
    assert "openai/gpt-5.4-mini: $0.00" in said
    assert "embedded/rules: free" in said


def test_an_unknown_price_says_what_to_do(simulator, settings, files):
    settings.AI_PROVIDERS["openai"]["model"] = "house-model"

    assert "openai/house-model: price unknown: enter it" in run(task="cover_letter", **files)
    assert json.loads(run("--json", task="cover_letter", **files))["candidates"][0]["expected_usd"] is None


def test_what_is_read_without_a_model_is_free(simulator, files, tmp_path):
    cv = tmp_path / "cv.json"
    cv.write_text(json.dumps(to_json_resume(resume_of_ada())), encoding="utf-8")

    for task in ("cv_parsing", "job_matching"):
        said = json.loads(run("--json", task=task, cv=cv, job=files["job"]))
        assert [(one["provider"], one["most_usd"]) for one in said["candidates"]] == [("embedded", "0")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"task": "cv_burning"}, "There is no task 'cv_burning'.*cover_letter"),
        ({"cv": "gone.pdf"}, "gone.pdf: No such file"),
        ({"job": "gone.txt"}, "gone.txt: No such file"),
    ],
)
def test_bad_input_is_one_clear_line(files, change, words):
    with pytest.raises(CommandError, match=words) as caught:
        run(**{"task": "cover_letter", **files, **change})

    assert caught.value.returncode == 1
    assert "\n" not in str(caught.value)
