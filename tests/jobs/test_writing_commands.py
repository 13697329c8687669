import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cv.json_resume import to_json_resume
from cv.resume import Line
from jobs.grounding import Verdict
from jobs.grounding.resumes import check_resume
from tests.jobs.samples import POSTING_TEXT, TODAY, resume_of_ada

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(tmp_path):
    cv, job = tmp_path / "cv.json", tmp_path / "job.txt"
    cv.write_text(json.dumps(to_json_resume(resume_of_ada())), encoding="utf-8")
    job.write_text(POSTING_TEXT, encoding="utf-8")
    return {"cv": str(cv), "job": str(job)}


def run(name: str, *flags: str, **options: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    given = [f"--{key}={value}" for key, value in options.items()]
    call_command(name, *given, *flags, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_tailor_cv_leaves_the_cv_and_its_changes(files, tmp_path):
    target = tmp_path / "out" / "deep"

    said, _ = run("tailor_cv", output=str(target), **files)

    assert {path.name for path in target.iterdir()} == {
        "tailored-cv.json",
        "tailored-cv.pdf",
        "tailored-cv.docx",
        "changes.json",
    }
    data = json.loads((target / "changes.json").read_text(encoding="utf-8"))
    assert len(data["changes"]) >= 4
    assert any("k8s" in line for change in data["changes"] for line in change["evidence"])
    assert isinstance(data["score_before"], int)
    assert data["refused"] == []
    assert "Docker and Kubernetes" in (target / "tailored-cv.json").read_text(encoding="utf-8")
    assert f"{len(data['changes'])} changes" in said
    printed, _ = run("tailor_cv", "--json", output=str(target), **files)
    assert json.loads(printed)["changes"] == data["changes"]


def test_write_cover_letter_prints_the_letter(files, tmp_path):
    said, _ = run("write_cover_letter", **files)
    warm, _ = run("write_cover_letter", tone="warm", length="medium", **files)
    german, _ = run("write_cover_letter", language="de", **files)
    data = json.loads(run("write_cover_letter", "--json", **files)[0])
    target = tmp_path / "letter.txt"
    nothing, _ = run("write_cover_letter", output=str(target), **files)

    assert said.startswith("Dear ")
    assert said.rstrip().endswith("Ada Quill")
    assert warm != said
    assert "Mit freundlichen Grüßen" in german
    assert data["text"] + "\n" == said == target.read_text(encoding="utf-8")
    assert any(sentence["evidence_ids"] for sentence in data["sentences"])
    assert nothing == ""


def test_verify_claims_says_what_holds_why_not_and_by_which_line(files, tmp_path):
    document = tmp_path / "letter.txt"
    document.write_text("At Northwind Bank I developed a billing service in Python. I led 90 people.", encoding="utf-8")

    data = json.loads(run("verify_claims", "--json", cv=files["cv"], document=str(document))[0])
    said, _ = run("verify_claims", cv=files["cv"], document=str(document))

    first, second = data["claims"]
    assert first["supported"]
    assert "billing service" in first["evidence"][0]["text"]
    assert not second["supported"]
    assert any("90" in problem for problem in second["problems"])
    assert data["counts"] == {"supported": 1, "unsupported": 1, "needs_confirmation": 0}
    assert "[supported] At Northwind Bank" in said
    assert "[unsupported] I led 90 people." in said
    with pytest.raises(CommandError, match="1 of 2"):
        run("verify_claims", "--strict", cv=files["cv"], document=str(document))


def test_verify_claims_takes_its_own_letter_and_tailored_cv(files, tmp_path):
    letter = tmp_path / "letter.txt"
    run("write_cover_letter", output=str(letter), **files)
    run("tailor_cv", output=str(tmp_path), **files)

    data = json.loads(run("verify_claims", "--json", cv=files["cv"], document=str(tmp_path / "tailored-cv.json"))[0])

    assert data["counts"]["supported"] == len(data["claims"])


@pytest.mark.parametrize("name", ["tailor_cv", "write_cover_letter"])
def test_bad_files_end_in_one_clear_line(name, files, tmp_path):
    more = {"output": str(tmp_path / "out")} if name == "tailor_cv" else {}
    empty = tmp_path / "empty.txt"
    empty.write_text("", encoding="utf-8")
    binary = tmp_path / "job.bin"
    binary.write_bytes(b"\xff\xfe\x00\x01")

    for wrong in (
        {"cv": str(tmp_path / "none.pdf")},
        {"cv": str(empty)},
        {"job": str(empty)},
        {"job": str(binary)},
    ):
        with pytest.raises(CommandError) as failure:
            run(name, **{**files, **wrong}, **more)
        assert "\n" not in str(failure.value)
        assert str(failure.value).startswith(str(tmp_path))


def test_a_letter_in_a_language_that_needs_a_provider_is_refused(files):
    with pytest.raises(CommandError, match="Dutch and Polish only"):
        run("write_cover_letter", language="fi", **files)


def test_an_altered_resume_is_found_out_line_by_line():
    source, claimed = resume_of_ada(), resume_of_ada()
    claimed.employers[0].positions[0].title = "Head of QA"
    claimed.employers[1].positions[0].start = claimed.employers[1].positions[0].start.model_copy(update={"year": 2012})
    claimed.employers[1].positions[0].highlights.append(Line(id="new", text="Led a team of 5 testers across two sites"))
    claimed.skills[0].skills[0].name = "Rust"

    wrong = {c.text: c.problems for c in check_resume(claimed, source, today=TODAY) if c.verdict != Verdict.SUPPORTED}

    assert "Head of QA, Harbour Systems" in wrong
    assert "Software Engineer, Northwind Bank" in wrong
    assert "Led a team of 5 testers across two sites" in wrong
    assert "Rust" in wrong
    assert (
        "Developed a billing service in Python and PostgreSQL, cutting invoice errors by 30% for 12,000 customers."
        not in wrong
    )


def test_an_equal_resume_holds_throughout():
    checks = check_resume(resume_of_ada(), resume_of_ada(), today=TODAY)

    assert [check.text for check in checks if check.verdict != Verdict.SUPPORTED] == []
