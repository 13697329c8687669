"""The measure of reading: what counts as right, intervals, calibration, the command."""

import json

import pytest
from django.core.management import CommandError, call_command

from cv.evaluation import tables
from cv.evaluation.calibration import Judged, judge, sure_by_field, table
from cv.evaluation.comparing import is_same, plain_name, plain_phone, plain_url, same_date
from cv.evaluation.scoring import Counts, count_fields
from cv.resume import Employer, PartialDate, Person, Position, Resume, ValueMeta

TRUTH = {
    "basics": {
        "name": "Robin Vale",
        "email": "robin.vale@example.org",
        "phone": "+44 20 7946 0123",
        "url": "https://example.org/robin",
    },
    "work": [
        {"name": "Hill & Sons", "position": "Baker", "startDate": "2021-03", "current": True},
        {"name": "Hill & Sons", "position": "Baker", "startDate": "2018", "endDate": "2021-02"},
    ],
    "education": [{"institution": "Tern College", "studyType": "BSc", "area": "Chemistry", "endDate": "2017"}],
    "skills": [{"name": "Baking", "keywords": ["Sourdough", "Rye bread"]}],
    "languages": [{"language": "English"}],
}


def test_a_perfect_reading_has_nothing_wrong_and_nothing_missed():
    counts = count_fields(TRUTH, TRUTH)

    assert all(found.f1 == 1 for found in counts.values())
    assert counts["work"] == Counts(right=2)
    assert "summary" not in counts


def test_an_empty_reading_misses_everything():
    counts = count_fields(TRUTH, {})

    assert {found.right for found in counts.values()} == {0}
    assert counts["skills"] == Counts(missed=2)


def test_each_kind_of_mistake_is_counted_where_it_was_made():
    read = json.loads(json.dumps(TRUTH))
    read["basics"]["phone"] = "020 7946 0999"
    read["work"][0]["endDate"] = "2023-01"
    read["work"][1]["startDate"] = "2017"
    read["work"].append({"name": "Tern College", "position": "Student"})
    read["skills"] = [{"keywords": ["sourdough", "rye  bread", "cakes"]}]
    read["education"][0] |= {"studyType": "", "area": "BSc Chemistry"}

    counts = count_fields(TRUTH, read)

    assert counts["phone"] == Counts(wrong=1, missed=1)
    assert counts["work"] == Counts(right=2, wrong=1)
    assert counts["work_start"] == Counts(right=1, wrong=1, missed=1)
    assert counts["work_end"] == Counts(right=1, wrong=1)
    assert counts["skills"] == Counts(right=2, wrong=1)
    assert counts["degree"].f1 == counts["area"].f1 == 1


def test_spellings_of_one_value_are_one():
    assert plain_name("Dr. Vale, Robin") == plain_name("robin VALE")
    assert plain_phone("+44 (0)20 7946 0123") == plain_phone("020 7946 0123")
    assert plain_url("https://www.example.org/") == plain_url("example.org")
    assert same_date("2021", "2021-03")
    assert not same_date("2021-03", "2021")
    assert is_same("Hill & Sons Ltd", "Hill and Sons Ltd.")


def test_intervals_widen_with_disagreement_and_keep_people_together():
    good, bad = {"name": Counts(right=1)}, {"name": Counts(missed=1)}
    alike = [tables.Outcome({"person_id": str(n)}, good) for n in range(20)]
    mixed = [tables.Outcome({"person_id": str(n)}, good if n % 2 else bad) for n in range(20)]
    few_people = [tables.Outcome({"person_id": str(n % 2)}, good if n % 2 else bad) for n in range(20)]

    assert tables.score(alike).all_interval == (1.0, 1.0)
    low, high = tables.score(mixed).all_interval
    assert low < tables.score(mixed).all_fields < high
    assert tables.score(few_people).all_interval == tables.score(mixed).all_interval


def test_confidence_is_held_against_the_truth():
    meta = {"name": ValueMeta(confidence=0.95)}
    resume = Resume(
        person=Person(name="Robin Vale", meta=meta),
        employers=[
            Employer(
                name="Hill & Sons",
                meta={"name": ValueMeta(confidence=0.8)},
                positions=[
                    Position(
                        title="Baker",
                        start=PartialDate(year=2020, month=3),
                        meta={"title": ValueMeta(confidence=0.6), "start": ValueMeta(confidence=0.9)},
                    )
                ],
            ),
            Employer(name="Nobody", meta={"name": ValueMeta(confidence=0.4)}),
        ],
    )

    judged = list(judge(TRUTH, resume))

    assert Judged("name", 0.95, True) in judged
    assert Judged("employer", 0.8, True) in judged
    assert Judged("start", 0.9, False) in judged
    assert Judged("employer", 0.4, False) in judged
    assert table(judged)[0] == ("0.00 to 0.50", 1, 0.0)
    assert ("start", 1, 0.0) in sure_by_field(judged)
    assert "employer" not in {field for field, _, _ in sure_by_field(judged)}


def test_the_command_reads_a_folder_and_writes_the_page(tmp_path, capsys):
    (tmp_path / "cv.txt").write_text("Robin Vale\nrobin.vale@example.org\n\nSkills\nSourdough, Rye bread\n")
    (tmp_path / "cv.json").write_text(json.dumps(TRUTH))
    row = {"id": "one", "path": "cv.txt", "kind": "resume-txt", "language": "en", "truth": "cv.json"}
    broken = row | {"id": "two", "path": "empty.pdf"}
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "manifest.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(broken)}\n")
    page = tmp_path / "accuracy.md"

    call_command("evaluate_parsing", tmp_path, "--output", page, "--workers", "2", "-v", "2")

    assert "2 documents" in page.read_text()
    assert "| resume-txt | 2 |" in page.read_text()
    assert "empty_document" in capsys.readouterr().err
    with pytest.raises(CommandError, match=r"less than 0\.99"):
        call_command("evaluate_parsing", tmp_path, "--output", page, "--minimum", "0.99")


@pytest.mark.parametrize("content", [None, "", '{"path": "x"}', "{broken"])
def test_a_folder_that_is_no_corpus_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.jsonl").write_text(content)

    with pytest.raises(CommandError, match=r"no corpus|has a truth"):
        call_command("evaluate_parsing", tmp_path)
