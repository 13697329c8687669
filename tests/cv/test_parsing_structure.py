import pytest

from cv.extraction.types import ExtractedDocument, Page
from cv.parsing.rules import parse_with_rules
from tests.cv.parsing_samples import document_of, set_line, two_columns

STUDIES = """
Ida Example
ida@example.org | +1 202-555-0122

Education
M.S. Statistics
Example State University
{detail}
2014 – 2016

B.Sc. Mathematics
Example Technical University
2011 – 2014
"""


@pytest.mark.parametrize(
    "detail",
    ["Thesis on short-term load", "Dissertation: Tides of the north", "Master's thesis: Queues", "Masterarbeit: Netze"],
)
def test_a_thesis_is_a_highlight_and_leaves_the_subject_alone(detail):
    first, second = parse_with_rules(document_of(STUDIES.format(detail=detail))).education

    assert (first.degree, first.area) == ("M.S.", "Statistics")
    assert first.institution == "Example State University"
    assert [item.text for item in first.highlights] == [detail]
    assert (second.area, second.highlights) == ("Mathematics", [])


def test_a_thesis_may_run_over_two_lines():
    text = STUDIES.format(detail="Thesis on short-term load\nforecasting of small grids")
    first = parse_with_rules(document_of(text)).education[0]

    assert (first.area, first.highlights[0].text) == (
        "Statistics",
        "Thesis on short-term load forecasting of small grids",
    )


def test_courses_behind_a_label_become_courses():
    detail = "Relevant coursework: Time Series, Bayesian Methods"
    first = parse_with_rules(document_of(STUDIES.format(detail=detail))).education[0]

    assert first.area == "Statistics"
    assert [item.text for item in first.courses] == ["Time Series", "Bayesian Methods"]
    assert first.highlights == []


def test_a_sidebar_that_is_read_first_comes_after_the_main_column():
    document = two_columns()
    document.lines = [line.model_copy(update={"column": 1 - line.column}) for line in document.lines]
    document.lines = [line for column in (0, 1) for line in document.lines if line.column == column]

    document.lines.insert(
        0,
        set_line(99, "Curriculum vitae of an engineer, set from one edge to the other edge of the page", 30, column=1),
    )

    order = parse_with_rules(document).section_order

    assert order[:4] == ["employers", "education", "skills", "languages"]


def test_one_column_keeps_its_order():
    text = "Ana Example\nana@example.org\n\nSkills\nPython, Go\n\nExperience\nEngineer, Example Ltd\n2019 – 2021"

    assert parse_with_rules(document_of(text)).section_order[:2] == ["skills", "employers"]


def test_items_set_apart_without_a_sign_are_separate():
    texts = [
        (50, 0, "Developer"), (50, 14, "Example Ltd\t2018 – 2022"), (50, 30, "Highlights"),
        (60, 50, "Mentored a team of five junior developers, and made reviews faster by 40%"),
        (60, 72, "Implemented a pipeline that tests all of the changes before they are merged"),
        (60, 84, "by anyone"),
    ]  # fmt: skip
    lines = [set_line(1, "Omar Haddad", 20, size=20, bold=True), set_line(2, "omar@example.org", 45)]
    lines.append(set_line(3, "EXPERIENCE", 70, size=13, bold=True))
    lines += [set_line(4 + n, text, 90 + top, left=left) for n, (left, top, text) in enumerate(texts)]
    lines[-1].block = lines[-2].block
    document = ExtractedDocument(
        media_type="application/pdf", pages=[Page(number=1, width=595, height=842)], lines=lines
    )

    position = parse_with_rules(document).employers[0].positions[0]

    assert [item.text for item in position.highlights] == [texts[3][2], f"{texts[4][2]} {texts[5][2]}"]


def test_courses_below_a_label_are_told_apart_by_their_distance():
    lines = [set_line(1, "Omar Haddad", 20, size=20, bold=True), set_line(2, "omar@example.org", 45)]
    texts = [
        (70, "EDUCATION"), (90, "2010 – 2014\tExample State University"), (104, "Bachelor of Science"),
        (118, "Computer Science"), (132, "Courses"), (150, "CS 101 - Introduction to Computer"), (161, "Networking"),
        (180, "CS 102 - Queues"),
    ]  # fmt: skip
    lines += [set_line(3 + n, text, top, bold=not n) for n, (top, text) in enumerate(texts)]
    lines[-2].block = lines[-3].block
    document = ExtractedDocument(
        media_type="application/pdf", pages=[Page(number=1, width=595, height=842)], lines=lines
    )

    study = parse_with_rules(document).education[0]

    assert [item.text for item in study.courses] == ["CS 101 - Introduction to Computer Networking", "CS 102 - Queues"]
    assert study.area == "Computer Science"


def test_a_name_in_a_column_of_its_own_does_no_harm():
    document = two_columns()
    for line in document.lines[2:12]:
        line.column = 2

    assert parse_with_rules(document).section_order[:2] == ["employers", "education"]
