import pytest

from cv.errors import NotACVError
from cv.parsing import parse_document, parse_with_rules
from cv.resume import CEFRLevel
from tests.cv.parsing_samples import ENGLISH, document_of, two_columns


def test_a_plain_text_cv_is_read_whole():
    resume = parse_with_rules(document_of(ENGLISH))

    assert resume.person.name == "Mara Lindqvist"
    assert resume.person.headline == "Data Engineer"
    assert resume.person.email == "mara.lindqvist@example.org"
    assert resume.person.phone == "+1 202-555-0143"
    assert resume.person.location is not None
    assert resume.person.location.city == "Portland"
    assert [profile.network for profile in resume.person.profiles] == ["GitHub"]
    assert resume.person.summary.startswith("Data engineer who")
    assert [(e.name, [p.title for p in e.positions]) for e in resume.employers] == [
        ("Northlight Systems Inc", ["Senior Data Engineer"]),
        ("Bluefin Analytics LLC", ["Data Engineer"]),
    ]
    first = resume.employers[0].positions[0]
    assert first.start is not None
    assert (first.start.iso(), first.end, first.current) == ("2019-03", None, True)
    assert first.location == "Portland, OR"
    assert [line.text for line in first.highlights] == [
        "Led the move of 40 pipelines to Airflow",
        "Cut nightly run time from six hours to one",
    ]
    study = resume.education[0]
    assert (study.institution, study.degree, study.area) == (
        "Example State University",
        "Bachelor of Science",
        "Statistics",
    )
    assert [(group.name, [skill.name for skill in group.skills]) for group in resume.skills] == [
        ("Languages", ["Python", "SQL", "Go"]),
        ("Tools", ["Airflow", "dbt (core, cloud)", "Spark"]),
    ]
    assert [(x.name, x.cefr) for x in resume.languages] == [("English", CEFRLevel.NATIVE), ("Swedish", CEFRLevel.B2)]
    assert [(c.name, c.issuer) for c in resume.certificates] == [("Example Cloud Architect", "Example Cloud")]
    assert [interest.name for interest in resume.interests] == ["Rowing", "Chess"]
    assert resume.language == "en"


def test_every_value_knows_its_lines():
    document = document_of(ENGLISH)
    ids = {line.id for line in document.lines}

    resume = parse_with_rules(document)

    sources = [meta.source for item in resume.items() for meta in item.meta.values() if meta.source]
    assert sources
    assert all(set(source.line_ids) <= ids for source in sources)
    assert resume.person.meta["email"].source.line_ids == ["p1l3"]


def test_two_columns_keep_apart():
    resume = parse_with_rules(two_columns())

    assert resume.person.name == "Omar Haddad"
    assert resume.person.phone == "07700 900123"
    assert [(e.name, e.positions[0].title) for e in resume.employers] == [
        ("Harbour Works Ltd", "Site Engineer"),
        ("Delta Construction Group", "Junior Engineer"),
    ]
    assert [skill.name for skill in resume.skills[0].skills] == ["AutoCAD", "Revit", "Primavera"]
    assert [x.cefr for x in resume.languages] == [CEFRLevel.NATIVE, CEFRLevel.C1]
    assert resume.education[0].institution == "Example Technical University"


@pytest.mark.django_db
def test_reading_goes_through_the_ledger(owner):
    parsed = parse_document(document_of(ENGLISH), user=owner, provider="embedded")

    assert parsed.provider == "embedded"
    assert parsed.call_id is not None
    assert parsed.resume.person.name == "Mara Lindqvist"
    assert parsed.report["missing"] == []
    assert parsed.report["language"] == "en"


def test_a_text_that_is_no_cv_is_refused():
    with pytest.raises(NotACVError):
        parse_with_rules(document_of("Take two eggs and a cup of flour.\n\nStir well and bake for an hour."))
