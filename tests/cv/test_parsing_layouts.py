"""What layouts do to a CV's text: headings left out or set like entries, names and skills that wrap, cells in odd order."""

import pytest

from cv.extraction.types import ExtractedDocument, Page
from cv.parsing.education import subject_score
from cv.parsing.rules import parse_with_rules
from cv.parsing.sections import make_sections
from tests.cv.parsing_samples import document_of, set_line


def page_of(*rows, **more):
    """A page of rows given as text, size and bold, one below the other."""
    lines = [
        set_line(number, text, 40 + 22 * number, size=size, bold=bold)
        for number, (text, size, bold) in enumerate(rows, start=1)
    ]
    return ExtractedDocument(
        media_type="application/pdf", pages=[Page(number=1, width=595, height=842)], lines=lines, **more
    )


def test_a_history_without_headings_is_found_by_its_dates():
    resume = parse_with_rules(
        document_of(
            """
            Ida Example
            ida@example.org

            Tram Driver (City Lines Ltd)\t2019 – now
            - Drives line four by night

            Bus Driver (Hill Coaches Ltd)\t2014 – 2019
            - Drove school buses

            Bachelor of Science in Physics (Example State University)\t2010 – 2014
            """
        )
    )

    assert [employer.positions[0].title for employer in resume.employers] == ["Tram Driver", "Bus Driver"]
    assert resume.education[0].institution == "Example State University"


def test_entries_set_like_headings_stay_in_their_section():
    document = page_of(
        ("Ida Example", 20, True),
        ("ida@example.org", 10, False),
        ("Experience", 14, True),
        ("City Lines Ltd", 14, True),
        ("Tram Driver", 10, False),
        ("May 2019 – present", 10, False),
        ("Hill Coaches Ltd", 14, True),
        ("Bus Driver", 10, False),
        ("Jan 2014 – Apr 2019", 10, False),
        ("Skills", 14, True),
        ("Driving, Maps", 10, False),
    )

    resume = parse_with_rules(document)

    assert [employer.name for employer in resume.employers] == ["City Lines Ltd", "Hill Coaches Ltd"]


@pytest.mark.parametrize(("heading", "kind"), [("Experienee", "work"), ("Education1", "education"), ("Exporionee", "")])
def test_a_recognised_heading_may_have_a_wrong_letter(heading, kind):
    document = page_of(("Ida Example", 20, True), (heading, 14, True), ("City Lines Ltd, 2014 – 2019", 10, False))
    for line in document.lines:
        line.spans = [span.model_copy(update={"font": "scan"}) for span in line.spans]

    kinds = [section.kind for section in make_sections(document)]

    assert kinds == (["header", kind] if kind else ["header"])


def test_running_text_behind_a_date_is_no_name():
    resume = parse_with_rules(
        document_of(
            """
            Ida Example
            ida@example.org

            Experience

            City Lines Ltd
            Tram Driver\t2019-04 – 2023-07\tDrove the night line.
            Hill Coaches Ltd
            Bus Driver\t2014-01 – 2019-03\tDrove school buses and
            """
        )
    )

    posts = [(employer.name, employer.positions[0].title) for employer in resume.employers]
    assert posts == [("City Lines Ltd", "Tram Driver"), ("Hill Coaches Ltd", "Bus Driver")]


def test_a_name_that_wraps_in_a_narrow_column_is_one():
    document = page_of(
        ("Ida Example", 20, True),
        ("ida@example.org", 10, False),
        ("Education", 14, True),
        ("Example University of the", 11, True),
        ("Northern Hills", 11, True),
        ("Bachelor of Arts", 10, False),
        ("History", 10, False),
        ("2010 – 2014", 10, False),
    )
    document.lines[4].block = document.lines[3].block

    study = parse_with_rules(document).education[0]

    assert (study.institution, study.degree, study.area) == (
        "Example University of the Northern Hills",
        "Bachelor of Arts",
        "History",
    )


def test_contact_data_below_the_lists_of_a_sidebar_are_found():
    resume = parse_with_rules(
        document_of(
            """
            Ida Example

            Skills
            Welding, Painting

            Languages
            English: native
            ida@example.org
            +44 20 7946 0122
            https://ida.example.org
            """
        )
    )

    assert (resume.person.email, resume.person.phone) == ("ida@example.org", "+44 20 7946 0122")
    assert resume.person.url == "https://ida.example.org"
    assert [language.name for language in resume.languages] == ["English"]


def test_skills_go_on_in_the_next_row_and_stand_below_larger_labels():
    document = page_of(
        ("Ida Example", 20, True),
        ("ida@example.org", 10, False),
        ("Skills", 14, True),
        ("Customer", 8, False),
        ("service", 8, False),
        ("Head of", 8, False),
        ("operations", 8, False),
        ("Cooking", 8, False),
        ("IT", 11, False),
        ("PostgreSQL", 8, False),
        ("Docker", 8, False),
    )

    groups = parse_with_rules(document).skills

    assert [(group.name, [skill.name for skill in group.skills]) for group in groups] == [
        ("", ["Customer service", "Head of operations", "Cooking"]),
        ("IT", ["PostgreSQL", "Docker"]),
    ]


def test_the_word_for_a_cv_is_no_part_of_the_name():
    document = page_of(
        ("IDA EXAMPLE RESUME", 24, True), ("ida@example.org", 10, False), ("Skills", 14, True), ("Maps, Go", 10, False)
    )

    assert parse_with_rules(document).person.name == "IDA EXAMPLE"


@pytest.mark.parametrize("text", ["Computer Science", "Betriebswirtschaftslehre", "Enfermería", "Prawo", "机械工程"])
def test_fields_of_study_are_known_in_many_languages(text):
    assert subject_score(text) > 0.8
    assert subject_score("Springfield") == 0


def right_to_left(*rows: tuple[str, float, float]) -> ExtractedDocument:
    """Return a page of lines given as text, right edge and top, in letters of 10 points."""
    lines = []
    for number, (text, right, top) in enumerate(rows, start=1):
        size = 20.0 if right > 500 else 10.0
        line = set_line(number, text, top, left=right - len(text) * size * 0.5, size=size)
        lines.append(line.model_copy(update={"block": number}))
    return ExtractedDocument(media_type="application/pdf", pages=[Page(number=1, width=595, height=842)], lines=lines)


def test_headings_in_the_right_margin_head_right_to_left_text():
    document = right_to_left(
        ("ليلى حداد", 400, 40), ("leila@example.org", 400, 60),
        ("الخبرة العملية", 550, 100), ("مهندس مدني", 400, 102), ("شركة الميناء", 400, 120), ("مارس 2019 – مايو 2022", 400, 140),
        ("اللغات", 550, 200), ("العربية", 400, 202), ("الفرنسية", 400, 220),
    )  # fmt: skip

    resume = parse_with_rules(document)

    assert resume.employers[0].name == "شركة الميناء"
    assert [language.name for language in resume.languages] == ["العربية", "الفرنسية"]


def test_languages_above_the_first_heading_and_in_a_labelled_row_of_skills_are_languages():
    above = page_of(
        ("Ida Example", 24, True), ("ida@example.org", 10, False), ("German, Dutch", 10, False),
        ("Skills", 14, True), ("Maps, Go", 10, False),
    )  # fmt: skip
    labelled = page_of(
        ("Ida Example", 24, True), ("ida@example.org", 10, False), ("Skills", 14, True), ("Computer: Maps, Go", 10, False),
        ("Language: fluent in Spanish", 10, False),
    )  # fmt: skip

    assert [language.name for language in parse_with_rules(above).languages] == ["German", "Dutch"]
    resume = parse_with_rules(labelled)
    assert [language.name for language in resume.languages] == ["Spanish"]
    assert [group.name for group in resume.skills] == ["Computer"]


def test_the_last_word_of_a_paragraph_is_no_heading():
    document = page_of(
        ("Ida Example", 24, True), ("ida@example.org", 10, False), ("Objective", 12, True),
        ("A post in which I can use my strong communication", 10, False), ("skills.", 10, False),
        ("Education", 12, True), ("Example University", 10, False),
    )  # fmt: skip

    assert parse_with_rules(document).person.summary == "A post in which I can use my strong communication skills."


def test_a_link_to_a_map_is_no_website():
    document = page_of(
        ("Ida Example", 24, True),
        ("1 Example Street, Springfield", 10, False),
        ("ida@example.org", 10, False),
        ("Skills", 14, True),
        ("Maps, Go", 10, False),
    )
    document.lines[1].spans[0].url = "https://www.google.com/maps/place/Springfield"

    assert parse_with_rules(document).person.url == ""


@pytest.mark.parametrize(
    "rows",
    [
        ("09/2012\tBaker", "06/2016\tOven Works Ltd"),
        ("September 2012\tBaker", "present\tOven Works Ltd"),
        ("09/2012", "06/2016\tBaker", "Oven Works Ltd"),
        ("Baker, Oven Works Ltd", "September 2012 – June", "2016"),
    ],
)
def test_a_range_over_two_rows_is_one(rows):
    looks = {"Oven Works Ltd": (10, False)}
    text = "\n".join(rows)
    document = page_of(
        ("Ida Example", 24, True), ("ida@example.org", 10, False), ("Work", 14, True),
        *((row, *looks.get(row.rpartition("\t")[2], (10, False))) for row in rows),
    )  # fmt: skip
    for line in document.lines:
        if line.text.endswith("\tBaker"):
            date, title = line.text.split("\t")
            line.spans = [
                line.spans[0].model_copy(update={"text": f"{date}\t"}),
                line.spans[0].model_copy(update={"text": title, "bold": True}),
            ]

    [employer] = parse_with_rules(document).employers

    position = employer.positions[0]
    assert (employer.name, position.title) == ("Oven Works Ltd", "Baker")
    assert (position.start.year, position.start.month) == (2012, 9)
    assert position.current == ("present" in text)
    assert position.current or (position.end.year, position.end.month) == (2016, 6)


def test_a_family_name_that_ends_like_a_profession_and_stands_in_a_row_of_its_own_belongs_to_the_name():
    document = page_of(
        ("Katharina", 18, True), ("Östermann", 18, True), ("Krankenpflegerin", 10, False), ("k.oestermann@example.org", 10, False),
        ("Kenntnisse", 14, True), ("Wundversorgung, Excel", 10, False),
    )  # fmt: skip

    person = parse_with_rules(document).person

    assert (person.name, person.headline) == ("Katharina Östermann", "Krankenpflegerin")


def test_a_date_at_the_margin_that_touches_the_text_before_it_dates_its_entry():
    rows = [
        ("山田 花子", 50.0, 20.0, 400.0),
        ("hanako@example.org", 50.0, 10.0, 200.0),
        ("職務経歴", 50.0, 14.0, 120.0),
        ("東京建設株式会社, 看護師\t富士市", 50.0, 10.0, 550.0),
        ("病棟で患者の受け入れと記録を担当し、新人の指導も毎年続けて行った 2021年3月–2023年8月", 50.0, 10.0, 550.0),
        ("大阪建設株式会社, 事務員\t豊川市", 50.0, 10.0, 550.0),
        ("書類の整理と電話の対応を担当し、毎月の報告書をまとめて本社へ送った 2018年3月–2021年2月", 50.0, 10.0, 550.0),
    ]
    lines = [
        set_line(number, text, 40 + 22 * number, size=size).model_copy(
            update={"box": (left, 40.0 + 22 * number, right, 50.0 + 22 * number)}
        )
        for number, (text, left, size, right) in enumerate(rows, start=1)
    ]
    document = ExtractedDocument(
        media_type="application/pdf", pages=[Page(number=1, width=595, height=842)], lines=lines
    )

    posts = [
        (e.name, p.title, p.start.iso(), p.end.iso()) for e in parse_with_rules(document).employers for p in e.positions
    ]

    assert posts == [
        ("東京建設株式会社", "看護師", "2021-03", "2023-08"),
        ("大阪建設株式会社", "事務員", "2018-03", "2021-02"),
    ]


def test_text_far_below_the_first_paragraph_is_no_summary():
    told = "She has kept the books of four small shops and two clubs for many years."
    document = page_of(
        ("Ida Example", 24, True),
        (told, 10, False),
        ("ida@example.org", 10, False),
        ("Shop One", 10, False),
        ("Shop Two", 10, False),
        ("Shop Three", 10, False),
        ("It was the time of the great flood, and all of the books were wet.", 10, False),
        ("Skills", 14, True),
        ("Maps, Go", 10, False),
    )

    resume = parse_with_rules(document)

    assert resume.person.summary == told
    assert any("great flood" in line.text for line in resume.unassigned)
