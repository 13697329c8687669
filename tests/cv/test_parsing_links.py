"""Addresses that the page shows, addresses that only a link holds, and the text around them."""

from cv.json_resume.writing import standard_part
from cv.parsing.rules import parse_with_rules
from tests.cv.parsing_samples import document_of
from tests.cv.test_parsing_layouts import page_of


def test_an_address_that_only_a_link_holds_is_the_profiles_link():
    document = page_of(
        ("Ida Example", 24, True),
        ("ida@example.org", 10, False),
        ("idaex (GitHub)", 10, False),
        ("Portfolio", 10, False),
        ("https://gitlab.com/idaex", 10, False),
        ("Skills", 14, True),
        ("Maps, Go", 10, False),
    )
    for number, link in (
        (2, "https://github.com/idaex"),
        (3, "https://ida.example.org"),
        (4, "https://gitlab.com/idaex"),
    ):
        document.lines[number].spans[0].url = link

    person = parse_with_rules(document).person

    assert [(page.network, page.username, page.url, page.link) for page in person.profiles] == [
        ("GitHub", "idaex", "", "https://github.com/idaex"),
        ("Portfolio", "", "", "https://ida.example.org"),
        ("GitLab", "idaex", "https://gitlab.com/idaex", ""),
    ]
    assert [page.target for page in person.profiles][::2] == ["https://github.com/idaex", "https://gitlab.com/idaex"]
    assert person.profiles[0].meta["link"].source is not None


def test_names_of_networks_side_by_side_are_links_of_their_own():
    document = page_of(
        ("Ida Example", 24, True),
        ("LinkedIn\tida@example.org", 10, False),
        ("Skills", 14, True),
        ("Maps, Go", 10, False),
    )
    line = document.lines[1]
    line.spans = [
        line.spans[0].model_copy(update={"text": "LinkedIn", "url": "https://linkedin.com/in/idaex"}),
        line.spans[0].model_copy(update={"text": "\tida@example.org"}),
    ]

    person = parse_with_rules(document).person

    assert person.email == "ida@example.org"
    assert [(page.network, page.username, page.link) for page in person.profiles] == [
        ("LinkedIn", "idaex", "https://linkedin.com/in/idaex")
    ]


def test_a_link_to_a_file_is_no_profile():
    document = page_of(
        ("Ida Example", 24, True),
        ("ida@example.org", 10, False),
        ("idaex (GitHub)", 10, False),
        ("Skills", 14, True),
        ("Maps, Go", 10, False),
    )
    document.lines[2].spans[0].url = "file:///tmp/cv.html"

    profile = parse_with_rules(document).person.profiles[0]

    assert (profile.username, profile.url, profile.link) == ("idaex", "", "")


def test_networks_below_a_summary_are_profiles():
    resume = parse_with_rules(
        document_of(
            """
            Ida Example
            ida@example.org

            Summary
            Baker who has kept a small shop open every day for nine years.

            LinkedIn
            ida-ex

            Skills
            Baking, Sales
            """
        )
    )

    assert resume.person.summary == "Baker who has kept a small shop open every day for nine years."
    assert [(page.network, page.username) for page in resume.person.profiles] == [("LinkedIn", "ida-ex")]


def test_a_paragraph_of_the_header_is_the_summary_from_its_first_row_on():
    document = page_of(
        ("Ida Example", 24, True),
        ("Student of Example Town and Computer Science", 10, False),
        ("University. Active in clubs, contests and research", 10, False),
        ("on machine learning, and looking for a first post.", 10, False),
        ("1 Example Road", 10, False),
        ("ida@example.org", 10, False),
        ("Skills", 14, True),
        ("Maps, Go", 10, False),
    )
    for line in document.lines[1:4]:
        line.block = 2
    for line in document.lines[4:6]:
        line.block = 9

    person = parse_with_rules(document).person

    assert person.summary.startswith("Student of Example Town and Computer Science University. Active")
    assert person.email == "ida@example.org"


def test_the_latest_post_without_an_end_goes_on_where_all_others_have_one():
    resume = parse_with_rules(
        document_of(
            """
            Ida Example
            ida@example.org

            Experience
            Founder, Sheets Ltd\tOct 2017
            - Leads the shop

            Clerk, Delta Group\tJan 2013 – Dec 2014
            - Kept the books

            Clerk, North Group\tJan 2011 – Dec 2012
            - Kept the books
            """
        )
    )

    work = standard_part(resume)["work"]

    assert [(post.get("startDate"), post.get("endDate")) for post in work] == [
        ("2017-10", None),
        ("2013-01", "2014-12"),
        ("2011-01", "2012-12"),
    ]


def test_at_before_an_employer_is_not_its_name():
    resume = parse_with_rules(
        document_of(
            """
            Ida Example
            ida@example.org

            Experience
            Clerk\tat Delta Group\tJan 2013 – Dec 2014
            - Kept the books
            """
        )
    )

    assert resume.employers[0].name == "Delta Group"
