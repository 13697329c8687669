import pytest

from cv.extraction.types import ExtractedDocument, Page
from cv.parsing.contact import find_phone, location_of
from cv.parsing.education import split_degree
from cv.parsing.languages import cefr_of
from cv.parsing.rules import parse_with_rules
from cv.parsing.sections import heading_kind, make_sections
from cv.parsing.skills import split_list, split_tags
from cv.resume import CEFRLevel
from tests.cv.parsing_samples import document_of, set_line

LONG = """
Ana Example
Backend Developer
Email: ana@example.org
Phone: +1 202-555-0111
Date of birth: 4 May 1990
Nationality: Portuguese

Experience
Mar 2021 - Present
- Staff Engineer, Example Systems LLC
- Rebuilt the ingest pipeline
Sousa - ME, Porto
2019

Volunteer experience
Mentor, Code Club Foundation (Jan 2018 – Jan 2019)
- Taught twelve children

Projects
Tide Tables
Jan 2020 – May 2020
A small program that tells the tide.
Technologies: Rust, SQLite
- Read by sailors

Publications
Measuring small tides, Journal of Examples, 2019

Awards
Example Prize, Example Society, 2018

References
Jo Referee
Ana is a careful engineer and a pleasure to work with.

Interests
Sailing: boats, knots
Chess, Tea

Skills
Databases
PostgreSQL, Redis (cache)
Python (expert), Go

Other
Driving licence class B
"""


def test_the_smaller_sections_are_read():
    resume = parse_with_rules(document_of(LONG))

    assert resume.person.birth_date is not None
    assert resume.person.birth_date.iso() == "1990-05-04"
    assert resume.person.nationality == "Portuguese"
    assert (resume.employers[0].name, resume.employers[0].positions[0].title) == (
        "Example Systems LLC",
        "Staff Engineer",
    )
    assert (resume.volunteering[0].organization, resume.volunteering[0].title) == ("Code Club Foundation", "Mentor")
    assert resume.projects[0].name == "Tide Tables"
    assert resume.projects[0].keywords == ["Rust", "SQLite"]
    assert resume.publications[0].publisher == "Journal of Examples"
    assert (resume.awards[0].title, resume.awards[0].awarder) == ("Example Prize", "Example Society")
    assert "careful engineer" in resume.references[0].text
    assert resume.interests[0].keywords == ["boats", "knots"]
    assert {"PostgreSQL", "Go"} <= {skill.name for group in resume.skills for skill in group.skills}
    assert resume.custom[0].lines[0].text == "Driving licence class B"


def test_headings_and_dates_in_the_margin_are_put_beside_their_text():
    rows = [
        ("Kim Example", 60, 24.0), ("kim@example.org", 60, 10.0),
        ("Erfahrung", 130, 14.0), ("03/2018– Entwicklerin, Beispiel GmbH", 76, 10.0), ("06/2021 Baute das Lager neu auf und betreute es.", 81, 10.0),
        ("Ausbildung", 130, 14.0), ("09/2012– Bachelor, Physik, Universität Beispielstadt", 76, 10.0), ("07/2016", 81, 10.0),
        ("Kenntnisse", 130, 14.0), ("Sprachen Python, Java", 74, 10.0), ("Daten SQL, Redis", 88, 10.0), ("und weitere Dinge", 130, 10.0),
    ]  # fmt: skip
    lines = [set_line(n, text, 40 + 20 * n, left=x, size=size) for n, (text, x, size) in enumerate(rows, start=1)]
    document = ExtractedDocument(
        media_type="application/pdf", pages=[Page(number=1, width=595, height=842)], lines=lines
    )

    resume = parse_with_rules(document)

    position = resume.employers[0].positions[0]
    assert (resume.employers[0].name, position.title) == ("Beispiel GmbH", "Entwicklerin")
    assert position.start is not None
    assert position.end is not None
    assert (position.start.iso(), position.end.iso()) == ("2018-03", "2021-06")
    assert resume.education[0].end is not None
    assert resume.education[0].end.iso() == "2016-07"


def test_a_column_of_headings_is_put_before_the_text_beside_it():
    lines = [
        set_line(1, "Work", 100, left=20, size=14), set_line(2, "Education", 200, left=20, size=14),
        set_line(3, "Jo Example", 40, left=200, size=24, column=1), set_line(4, "jo@example.org", 70, left=200, column=1),
        set_line(5, "Nurse", 102, left=200, bold=True, column=1), set_line(6, "Example Hospital", 115, left=200, column=1),
        set_line(7, "2015 – 2020", 128, left=200, column=1), set_line(8, "Example University", 202, left=200, bold=True, column=1),
        set_line(9, "2010 – 2014", 215, left=200, column=1),
    ]  # fmt: skip
    document = ExtractedDocument(
        media_type="application/pdf", pages=[Page(number=1, width=595, height=842)], lines=lines
    )

    assert [section.kind for section in make_sections(document)] == ["header", "work", "education"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Berufserfahrung", "work"), ("FORMATION", "education"), ("Habilidades técnicas", "skills"), ("Competenze", "skills"),
        ("Vrijwilligerswerk", "volunteering"), ("Zainteresowania", "interests"), ("職務経歴", "work"), ("الخبرة العملية", "work"),
        ("S K I L L S", "skills"), ("Education & Training", "education"), ("Skills:", "skills"), ("Pied Piper", ""),
    ],
)  # fmt: skip
def test_headings_are_known_in_many_languages(text, kind):
    assert heading_kind(text) == kind


@pytest.mark.parametrize(
    ("text", "degree", "area"),
    [
        ("Bachelor of Science in Physics", "Bachelor of Science", "Physics"),
        ("Master", "Master", ""),
        ("M.Sc. Digital Media", "M.Sc.", "Digital Media"),
        ("Licence en Informatique", "Licence", "Informatique"),
    ],
)
def test_degree_and_subject_come_apart(text, degree, area):
    assert split_degree(text) == (degree, area)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Muttersprache", "native"),
        ("C1", "C1"),
        ("fluent", "C1"),
        ("conversational", "B1"),
        ("notions", "A2"),
        ("母語", "native"),
    ],
)
def test_levels_follow_from_words(text, level):
    assert cefr_of(text) == CEFRLevel(level)


def test_lists_and_tags_are_cut():
    assert split_list("SQL (Postgres, MySQL), Excel and Word") == ["SQL (Postgres, MySQL)", "Excel and Word"]
    assert split_tags("Docker Kubernetes Terraform") == ["Docker", "Kubernetes", "Terraform"]


def test_phones_and_places():
    assert find_phone("1234 5678 20+", "") == "+20 5678 1234"
    assert find_phone("2019 - 2021", "US") == ""
    assert location_of("12 Example St, Portland, OR").region == "OR"


def test_an_ideograph_in_another_form_heads_the_same_section():
    assert {heading_kind(text) for text in ("職務経歴", "職務経歷", "工作經歷", "工作经历")} == {"work"}
    assert {heading_kind(text) for text in ("学歴", "學歷", "学历")} == {"education"}
