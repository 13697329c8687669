"""How letters call things, and how lines of one position are told together."""

import pytest

from cv.resume import Certificate, Education, Employer, Line, PartialDate, Person, Position, Resume, Skill, SkillGroup
from jobs.analysis import analyse_posting
from jobs.letters import WRITE_LETTER, letter_inputs
from jobs.letters.naming import in_sentence, plain_employer, plain_title, without_place
from jobs.letters.phrases import predicate
from jobs.letters.verbs import perfect_of
from jobs.matching import match_resume

POSTING = """Senior Staff Nurse (m/f/d)
Employer: Elmfield Hospital
Location: York

Your tasks:
- Administer medication and intravenous therapy safely
- Supervise and mentor junior nurses

What you bring:
- Current NMC registration
- Experience in wound care and patient assessment
- Degree in nursing
"""


def nurse() -> Resume:
    return Resume(
        person=Person(name="Amelia Stone"),
        employers=[
            Employer(
                name="St Brigid's Hospital, Leeds",
                positions=[
                    Position(
                        title="Staff Nurse",
                        start=PartialDate(year=2019),
                        current=True,
                        highlights=[
                            Line(text="Care for up to 8 patients per shift on a 28-bed surgical ward"),
                            Line(text="Administer medication and IV therapy"),
                            Line(text="Order supplies for the ward"),
                            Line(text="Train students in hygiene"),
                        ],
                    )
                ],
            )
        ],
        education=[
            Education(institution="Bexley School", degree="Diploma", area="Art", end=PartialDate(year=2014)),
            Education(institution="University of Leeds", degree="BSc", area="Nursing", end=PartialDate(year=2019)),
        ],
        skills=[SkillGroup(skills=[Skill(name=name) for name in ("Wound care", "Cannulation", "Patient assessment")])],
        certificates=[Certificate(name="NMC Registration", issuer="NMC")],
        language="en",
    ).assign_ids()


@pytest.fixture
def letter(db: None) -> str:
    resume, analysis = nurse(), analyse_posting(POSTING, provider="embedded")
    inputs = letter_inputs(resume, analysis, match_resume(resume, analysis), posting_text=POSTING)
    written = WRITE_LETTER.embedded(inputs)
    assert written.removed == []
    return written.text


def test_an_employer_is_named_without_its_town(letter):
    assert "at St Brigid's Hospital (since 2019)" in letter
    assert "Leeds" not in letter.replace("University of Leeds", "")


def test_the_letter_answers_the_task_that_it_opens_with(letter):
    assert "looking for a Senior Staff Nurse to administer medication and intravenous therapy safely." in letter
    assert "where I administer medication and IV therapy." in letter


def test_short_lines_of_one_position_make_one_sentence(letter):
    assert "and train students in hygiene." in letter


def test_what_the_posting_names_is_named_and_nothing_else(letter):
    assert "an NMC registration" in letter
    assert "wound care and patient assessment, which your posting names" in letter
    assert "annulation" not in letter
    assert "BSc in Nursing" in letter
    assert "Art" not in letter


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Pflegefachkraft (m/w/d) Intensivstation", "Pflegefachkraft Intensivstation"),
        ("Infirmier de bloc (H/F)", "Infirmier de bloc"),
        ("EXPERIENCED COMMIS CHEF WANTED - GREAT PAY!", "Experienced Commis Chef"),
        ("PLUMBER'S HELPER", "Plumber's Helper"),
        ("Office Manager at Acme Ltd, Leeds", "Office Manager"),
        ("Inside Sales Professional-Leeds", "Inside Sales Professional"),
        ("Team Lead (Python/Go)", "Team Lead (Python/Go)"),
    ],
)
def test_a_title_is_said_plainly(title, said):
    assert plain_title(title, location="Leeds", employer="Acme Ltd") == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NYC HOUSING AUTHORITY", "NYC Housing Authority"),
        ("CITY OF YORK", "the City of York"),
        ("IBM", "IBM"),
        ("LAW DEPARTMENT", "Law Department"),
        ("Acme Ltd", "Acme Ltd"),
    ],
)
def test_an_employer_is_said_plainly(name, said):
    assert plain_employer(name) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Fintrail GmbH, Berlin", "Fintrail GmbH"),
        ("Acme, Inc", "Acme, Inc"),
        ("Sheets, Pillows, Duvets", "Sheets, Pillows, Duvets"),
        ("Tully & Sons", "Tully & Sons"),
    ],
)
def test_a_town_is_told_from_a_name(name, said):
    assert without_place(name) == said


def test_a_skill_has_a_small_letter_only_where_the_posting_has_it():
    assert in_sentence("Wound care", ["experience in wound care"]) == "wound care"
    assert in_sentence("Pastry", ["Pastry skills"]) == "Pastry"
    assert in_sentence("SQL", ["sql"]) == "SQL"


def test_lines_get_the_articles_that_they_leave_out():
    assert predicate("Developed MVP in Flutter", is_current=False) == "developed an MVP in Flutter"
    assert (
        predicate("Developed MVP of billing platform in Django", is_current=False)
        == "developed an MVP of a billing platform in Django"
    )
    assert (
        predicate("Built real-time data pipeline processing 500K events", is_current=False)
        == "built a real-time data pipeline processing 500K events"
    )


@pytest.mark.parametrize(
    ("said", "perfect"),
    [
        ("wrote the guide", "written the guide"),
        ("designed and built the app", "designed and built the app"),
        ("planned, ran and drew maps", "planned, run and drawn maps"),
        ("was responsible for stock", None),
        ("write reports", None),
    ],
)
def test_what_goes_on_is_told_in_the_perfect(said, perfect):
    assert perfect_of(said) == perfect


def test_no_sentence_about_a_position_begins_like_another(letter):
    begun = ("I also", "I have also", "In this role", "In the same role", "While there")

    assert all(letter.count(f"{beginning} ") + letter.count(f"{beginning}, ") <= 1 for beginning in begun[1:])
    assert any(beginning in letter for beginning in begun)
