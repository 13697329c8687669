"""Entries whose place on the page says what they are: forms with labels, cells that face each other, dates below, lone headings."""

import pytest

from cv.extraction.types import ExtractedDocument, Page
from cv.parsing.contact import join_cut_addresses
from cv.parsing.education import split_degree
from cv.parsing.heads import read_head
from cv.parsing.margins import split_leading_dates
from cv.parsing.rows import make_rows
from cv.parsing.rules import parse_with_rules
from cv.parsing.sections import make_sections
from tests.cv.parsing_samples import document_of, set_line

HEADER = [set_line(1, "Ida Example", 40, size=20, bold=True), set_line(2, "ida@example.org", 70)]


def page_of(*lines):
    return ExtractedDocument(
        media_type="application/pdf", pages=[Page(number=1, width=595, height=842)], lines=[*HEADER, *lines]
    )


def placed(*rows):
    """Lines given as text, top and left, headings in bold with a trailing `!`."""
    return [
        set_line(
            n, text.removesuffix("!"), top, left=left, bold=text.endswith("!"), size=13 if text.endswith("!") else 10
        )
        for n, (text, top, left) in enumerate(rows, start=3)
    ]


@pytest.mark.parametrize(
    ("heading", "labels", "study", "names"),
    [
        (
            "Work experience",
            ("Dates", "Occupation or position held", "Main activities and responsibilities", "Name and address of employer"),
            ("Education", "Title of qualification awarded", "Name and type of organisation providing education"),
            ("Tram Driver", "City Lines Ltd"),
        ),
        (
            "Berufserfahrung",
            ("Zeitraum", "Beruf oder Funktion", "Wichtigste Tätigkeiten und Zuständigkeiten", "Name und Adresse des Arbeitgebers"),
            ("Ausbildung", "Bezeichnung der erworbenen Qualifikation", "Name und Art der Bildungseinrichtung"),
            ("Fahrerin", "Stadtlinien GmbH"),
        ),
    ],
)  # fmt: skip
def test_entries_of_a_form_are_read_by_their_labels(heading, labels, study, names):
    period, title, story, employer = labels
    section, degree, school = study
    document = document_of(
        f"""
        Ida Example
        ida@example.org

        {heading}
        {period}\t03/2019 – 08/2021
        {title}\t{names[0]}
        {story}\tPlanned the lines of a whole town.
        {employer}\t{names[1]}
        {period}\t05/2015 – 02/2019
        {title}\tCleaner
        {employer}\tHill Coaches

        {section}
        {period}\t09/2010 – 06/2014
        {degree}\tBachelor of Science – Physics
        {school}\tExample State University
        """
    )

    resume = parse_with_rules(document)

    assert [(e.name, e.positions[0].title, e.positions[0].start.raw) for e in resume.employers] == [
        (names[1], names[0], "03/2019"),
        ("Hill Coaches", "Cleaner", "05/2015"),
    ]
    assert (resume.employers[0].positions[0].summary, resume.employers[1].positions[0].summary) == (
        "Planned the lines of a whole town.",
        "",
    )
    assert [(s.institution, s.degree, s.area) for s in resume.education] == [
        ("Example State University", "Bachelor of Science", "Physics")
    ]


def test_a_label_of_a_form_may_run_over_rows_in_the_margin():
    document = page_of(
        *placed(
            ("Education!", 100, 20),
            ("Dates\t2010 – 2014", 120, 120),
            ("Title of qualification\tDiploma", 134, 40),
            ("awarded", 148, 110),
            ("Name and type of organisation\tExample State University", 162, 10),
            ("providing education", 176, 55),
        )
    )

    study = parse_with_rules(document).education[0]

    assert (study.degree, study.institution, study.highlights) == ("Diploma", "Example State University", [])


def test_one_label_alone_makes_no_form():
    resume = parse_with_rules(
        document_of(
            """
            Ida Example
            ida@example.org

            Experience
            City Lines Ltd\t2019 – now
            Position: Tram Driver
            Drives line four by night.
            Hill Coaches Ltd\t2014 – 2019
            Position: Bus Driver
            """
        )
    )

    assert [employer.name for employer in resume.employers] == ["City Lines Ltd", "Hill Coaches Ltd"]


def test_cells_of_two_columns_that_face_each_other_are_one_entry():
    document = page_of(
        *placed(
            ("Experience!", 100, 250),
            ("May 2019 – today", 130, 100), ("City Lines Ltd", 145, 100), ("Jan 2014 – Apr 2019", 190, 100), ("Hill Coaches Ltd", 205, 100),
            ("Tram Driver", 130, 300), ("Drives line four by night.", 148, 310), ("Bus Driver", 190, 300), ("Drove school buses to the hills.", 208, 310),
        )
    )  # fmt: skip

    resume = parse_with_rules(document)

    assert [(e.name, e.positions[0].title, e.positions[0].summary) for e in resume.employers] == [
        ("City Lines Ltd", "Tram Driver", "Drives line four by night."),
        ("Hill Coaches Ltd", "Bus Driver", "Drove school buses to the hills."),
    ]


def test_a_date_below_what_was_done_ends_its_entry():
    document = page_of(
        set_line(3, "Experience", 100, size=14, bold=True),
        *(
            set_line(n, text, 110 + 15 * n, bold=bold)
            for n, (text, bold) in enumerate(
                [
                    ("Tram Driver, City Lines Ltd", True), ("Drives line four by night, and the first one in the morning.", False), ("May 2019 – now", False),
                    ("Bus Driver, Hill Coaches Ltd", True), ("Drove school buses to the hills in all kinds of weather.", False), ("Jan 2014 – Apr 2019", False),
                ],
                start=4,
            )
        ),
    )  # fmt: skip

    employers = parse_with_rules(document).employers

    assert [(e.name, e.positions[0].start.raw) for e in employers] == [
        ("City Lines Ltd", "May 2019"),
        ("Hill Coaches Ltd", "Jan 2014"),
    ]


def test_posts_under_a_heading_of_unknown_words_are_work_and_contact_data_are_contact():
    resume = parse_with_rules(
        page_of(
            *placed(
                ("Skills!", 100, 50), ("Driving, Maps", 118, 50),
                ("Where the road has led!", 150, 50), ("Tram Driver, City Lines Ltd, 2019 – now", 168, 50), ("Bus Driver, Hill Coaches Ltd, 2014 – 2019", 183, 50),
                ("Say hello!", 210, 50), ("ida@example.org", 228, 50), ("+1 202-555-0143", 243, 50),
            )
        )
    )  # fmt: skip

    assert [employer.name for employer in resume.employers] == ["City Lines Ltd", "Hill Coaches Ltd"]
    assert resume.person.phone == "+1 202-555-0143"


def test_a_heading_that_a_hyphen_parts_is_one():
    document = page_of(
        *placed(("Experience!", 100, 50), ("Tram Driver, City Lines Ltd, 2019 – now", 118, 50)),
        set_line(8, "SPOKEN LAN-", 150, size=13, bold=True),
        set_line(9, "GUAGES", 165, size=13, bold=True),
        set_line(10, "English: Native", 185),
    )

    kinds = [section.kind for section in make_sections(document)]

    assert kinds[-1] == "languages"


def test_schools_set_like_headings_stay_in_education_without_dates():
    document = page_of(
        *placed(("Skills!", 100, 50), ("Driving, Maps", 118, 50), ("Education!", 150, 50), ("Example State University!", 170, 50)),
        set_line(9, "Physics, Bachelor of Science", 190),
    )  # fmt: skip

    assert [study.institution for study in parse_with_rules(document).education] == ["Example State University"]


def test_a_range_in_the_margin_that_touches_its_entry_is_a_cell():
    lines = [
        set_line(1, "04/2017 – 09/2020 Locksmith", 100, left=50),
        set_line(2, "Hill Works, Oss", 115, left=150),
        set_line(3, "Opened doors.", 130, left=150),
    ]
    rows = make_rows(ExtractedDocument(media_type="application/pdf", pages=[], lines=lines))

    assert [row.text for row in split_leading_dates(rows)] == [
        "04/2017 – 09/2020\tLocksmith",
        "Hill Works, Oss",
        "Opened doors.",
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Reid, Wolfe and Sons – Newnan", ["Reid, Wolfe and Sons", "Newnan"]),
        ("Fermi, Rossi e Bianchi S.p.A.", ["Fermi, Rossi e Bianchi S.p.A."]),
        ("Bus Driver, Hill and Sons", ["Bus Driver", "Hill and Sons"]),
        ("University of South Florida (USF)", ["University of South Florida (USF)"]),
        ("Example State University (Physics)", ["Example State University", "Physics"]),
        ("BSc (Hons), Physics", ["BSc (Hons)", "Physics"]),
    ],
)
def test_names_with_commas_and_brackets_stay_whole(text, names):
    row = make_rows(document_of(text))[0]

    assert [segment.text for segment in read_head([row]).segments] == names


def test_posts_set_like_headings_stay_with_the_first_of_them():
    rows = [
        ("Experience!", 100), ("City Lines Ltd!", 120), ("Tram Driver", 136), ("2019 – now", 150), ("Drives line four by night.", 164),
        ("Hill Coaches Ltd!", 190), ("Bus Driver", 206), ("2014 – 2019", 220), ("Drove school buses.", 234), ("Skills!", 260), ("Driving, Maps", 276),
    ]  # fmt: skip

    resume = parse_with_rules(page_of(*placed(*((text, top, 50) for text, top in rows))))

    assert [employer.name for employer in resume.employers] == ["City Lines Ltd", "Hill Coaches Ltd"]


@pytest.mark.parametrize("below", ["Marine Biology", "Master"])
def test_a_subject_or_degree_below_a_school_is_no_part_of_its_name(below):
    lines = [set_line(1, "University of Tasmania", 100), set_line(2, below, 114)]
    lines[1].block = lines[0].block
    rows = make_rows(ExtractedDocument(media_type="application/pdf", pages=[], lines=lines))

    assert [segment.text for segment in read_head(rows).segments] == ["University of Tasmania", below]


def test_a_subject_may_stand_before_its_degree():
    assert split_degree("Computer Science / MSc") == ("MSc", "Computer Science")


def test_an_email_address_that_breaks_beside_another_cell_is_put_together():
    rows = make_rows(document_of("Email\tm.ashdown-\nfyfe@example.org\tPhone\t+1 202-555-0143"))

    assert [row.text for row in join_cut_addresses(rows)] == [
        "Email\tm.ashdown-fyfe@example.org",
        "Phone\t+1 202-555-0143",
    ]


def test_contact_data_in_cells_at_the_end_are_no_interests():
    resume = parse_with_rules(
        document_of(
            """
            Ida Example

            Experience
            Tram Driver, City Lines Ltd, 2019 – now

            Interests
            Rowing, Chess
            Sheffield\tida@example.org
            +44 7700 900417\tida.example.org
            """
        )
    )

    assert (resume.person.phone, resume.person.url) == ("+44 7700 900417", "ida.example.org")
    assert [interest.name for interest in resume.interests] == ["Rowing", "Chess"]


def test_labels_of_skills_are_bold_over_nested_lists_or_large_beside_cells():
    nested = [set_line(3, "Skills", 100, size=14, bold=True)]
    texts = (
        ("Tools", 60, True),
        ("Figma", 90, False),
        ("Linux", 90, False),
        ("Trades", 60, True),
        ("Welding", 90, False),
    )
    nested += [
        set_line(n, text, 100 + 15 * n, left=left, bold=bold, bullet="•")
        for n, (text, left, bold) in enumerate(texts, start=4)
    ]
    beside = [
        set_line(3, "Skills", 100, size=14, bold=True),
        set_line(4, "Tools", 120, size=12, bold=True),
        set_line(5, "Figma\tLinux", 122, left=150),
        set_line(6, "Trades", 150, size=12, bold=True),
        set_line(7, "Welding\tDriving", 152, left=150),
    ]

    found = [[group.name for group in parse_with_rules(page_of(*lines)).skills] for lines in (nested, beside)]

    assert found == [["Tools", "Trades"], ["Tools", "Trades"]]


def test_cards_in_a_grid_are_entries_of_their_own():
    cards = [("Tram Driver", "City Lines Ltd", "May 2019 – today"), ("Bus Driver", "Hill Coaches Ltd", "Jan 2014 – Apr 2019"),
             ("Cleaner", "Depot South Ltd", "Mar 2012 – Dec 2013"), ("Clerk", "Depot North Ltd", "Feb 2010 – Feb 2012")]  # fmt: skip
    rows = [
        (text, 130 + 80 * (number // 2) + 15 * line, 50 + 250 * (number % 2))
        for number, card in enumerate(cards)
        for line, text in enumerate(card)
    ]
    left = [row for row in rows if row[2] == 50]
    right = [row for row in rows if row[2] != 50]

    resume = parse_with_rules(page_of(*placed(("Experience!", 100, 50), *left, *right)))

    assert {(e.name, e.positions[0].title) for e in resume.employers} == {card[1::-1] for card in cards}


def test_the_title_of_the_document_at_the_foot_of_a_page_is_no_study():
    document = page_of(
        *placed(
            ("Education!", 700, 50),
            ("Example State University, 2010 – 2014", 718, 50),
            ("Ida Example CV, November 2026", 800, 200),
        )
    )

    assert [study.institution for study in parse_with_rules(document).education] == ["Example State University"]


def test_a_link_tells_whether_the_hyphen_of_an_address_is_its_own():
    line = set_line(2, "idaexam-ple@example.org", 70)
    line.spans[0].url = "mailto:idaexample@example.org"
    lines = [set_line(1, "Ida Example", 40, size=20), line, *placed(("Skills!", 100, 50), ("Driving, Maps", 118, 50))]

    resume = parse_with_rules(
        ExtractedDocument(media_type="application/pdf", pages=[Page(number=1, width=595, height=842)], lines=lines)
    )

    assert resume.person.email == "idaexample@example.org"


def test_headings_of_a_scan_stand_apart_where_others_begin_whatever_their_size():
    rows = [("Education", 100, 18), ("Example State University, 2010 – 2014", 130, 15), ("Bachelor of Science", 147, 15), ("Physics", 164, 15), ("Experience", 200, 15),
            ("Tram Driver, City Lines Ltd, 2019 – now", 230, 15), ("Drives line four by night.", 247, 15), ("Skills", 290, 18), ("Driving, Maps", 320, 15)]  # fmt: skip
    lines = [set_line(n, text, top, size=size) for n, (text, top, size) in enumerate(rows, start=3)]
    for line in lines:
        line.spans[0].font = "scan"

    kinds = [section.kind for section in make_sections(page_of(*lines))]

    assert kinds == ["header", "education", "work", "skills"]


def test_an_employer_and_a_date_that_are_listed_below_a_title_belong_to_its_head():
    lines = [set_line(3, "Experience", 100, size=14, bold=True)]
    rows = [("Tram Driver", ""), ("City Lines Ltd", "•"), ("May 2019 – now", "•"), ("Bus Driver", ""), ("Hill Coaches Ltd", "•"), ("Jan 2014 – Apr 2019", "•")]  # fmt: skip
    lines += [
        set_line(n, text, 60 + 16 * n, left=80 if bullet else 50, bold=not bullet, bullet=bullet)
        for n, (text, bullet) in enumerate(rows, start=4)
    ]

    employers = parse_with_rules(page_of(*lines)).employers

    assert [(e.name, e.positions[0].title) for e in employers] == [
        ("City Lines Ltd", "Tram Driver"),
        ("Hill Coaches Ltd", "Bus Driver"),
    ]
