import pytest
from hypothesis import given
from hypothesis import strategies as st

from cv.skills import all_concepts, category_of, concept_of, concepts_in, implied_by, related

NAMES = sorted(concept.name for concept in all_concepts())


def names_in(text: str) -> list[str]:
    return [mention.concept for mention in concepts_in(text)]


def test_the_lexicon_spans_many_trades():
    categories = {concept.category for concept in all_concepts()}

    assert len(all_concepts()) >= 800
    assert {"programming language", "health", "finance", "construction and crafts", "licence", "language"} <= categories


def test_every_relation_names_an_entry():
    names = {concept.name for concept in all_concepts()}

    for concept in all_concepts():
        assert {*concept.implies, *concept.related} <= names, concept.name


def test_no_spelling_belongs_to_two_concepts():
    owners: dict[str, str] = {}
    for concept in all_concepts():
        for alias in concept.aliases:
            key = alias.lstrip("!?").casefold()
            assert owners.setdefault(key, concept.name) == concept.name, key


def test_every_name_finds_its_own_concept():
    assert {name: concept_of(name) for name in NAMES} == {name: name for name in NAMES}


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("postgres", "PostgreSQL"),
        ("ReactJS", "React"),
        ("golang", "Go"),
        ("MS Excel (advanced)", "Microsoft Excel"),
        ("Python 3.11", "Python"),
        ("Buchhaltung", "Accounting"),
        ("Führerschein Klasse B", "Driving licence B"),
        ("permis de conduire", "Driving licence B"),
        ("SQL-Kenntnisse", "SQL"),
        ("something else entirely", None),
        ("", None),
    ],
)
def test_a_name_is_traced_to_its_concept(text, concept):
    assert concept_of(text) == concept


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Experience with Go, Python and C++", ["Go", "Python", "C++"]),
        ("C, C++ and C#", ["C", "C++", "C#"]),
        ("R, SAS or Stata", ["R", "SAS", "Stata"]),
        ("R programming and Go services", ["R", "Go"]),
        ("Strong Excel skills", ["Microsoft Excel"]),
        ("Erfahrung mit DATEV und Lohn- und Gehaltsabrechnung", ["DATEV", "Payroll"]),
        ("Node.js and Next.js", ["Node.js", "Next.js"]),
        (".NET Core, ASP.NET MVC", [".NET", "ASP.NET"]),
        ("React Native apps", ["React Native"]),
        ("gute Excelkenntnisse", ["Microsoft Excel"]),
        ("You build APIs.", ["API design"]),
        ("machine\nlearning", ["Machine learning"]),
        ("CAD 2D plans, 25 CAD plans", ["CAD", "CAD"]),
    ],
)
def test_mentions_are_found_in_running_text(text, expected):
    assert names_in(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Go above and beyond for our customers",
        "ready to go, always",
        "Excel in everything you do",
        "React in emergency situations",
        "Vitamin C supplements",
        "Class C, section R",
        "an R-rated film and a C-level sponsor",
        "platforms",
        "the rest of the team",
        "a budget of CAD 2.4 million, then 3 million CAD",
        "CAD 85,000 to 40,000 CAD",
    ],
)
def test_everyday_words_are_not_skills(text):
    assert names_in(text) == []


@given(st.text(max_size=200))
def test_mentions_lie_inside_the_text_in_order(text):
    end = 0
    for mention in concepts_in(text):
        assert end <= mention.start < mention.end <= len(text)
        end = mention.end


@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_relation_is_a_share_and_full_only_for_the_same(one, other):
    share = related(one, other)

    assert 0 <= share <= 1
    assert (share == 1) == (one == other)


def test_what_a_skill_implies_counts_more_than_what_it_may_hold():
    assert related("Django", "Python") == 0.9
    assert related("Next.js", "JavaScript") == pytest.approx(0.81)
    assert related("Python", "Django") == 0.4
    assert related("React", "Vue.js") == 0.5
    assert related("Oracle Database", "PostgreSQL") == 0.4
    assert related("Welding", "Python") == 0
    assert related("Basket weaving", "basket weaving") == 1


def test_implications_are_followed_to_the_end():
    assert implied_by("Next.js") == {"React": 1, "JavaScript": 2}
    assert category_of("Nursing") == "health"
    assert category_of("Basket weaving") == ""
