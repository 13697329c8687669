"""German letters, and letters across languages, from a posting that the rules have read."""

import re

import pytest

from cv.resume import (
    CEFRLevel,
    Certificate,
    Education,
    Employer,
    Language,
    Line,
    PartialDate,
    Person,
    Position,
    Resume,
    Skill,
    SkillGroup,
)
from jobs.analysis import analyse_with_rules
from jobs.letters import WRITE_LETTER, letter_inputs
from jobs.letters.german import placed, told_german
from jobs.matching import match_resume
from jobs.models import ChangeKind, Tone
from jobs.tailoring import tailoring_inputs
from jobs.tailoring.task import TAILOR_CV
from tests.jobs.samples import resume_of_ada

POSTING = """Sachbearbeiter Kundenservice (m/w/d) bei Netz Nord GmbH, Kiel

Ihre Aufgaben
- Betreuung unserer Kunden per Telefon und E-Mail
- Bearbeitung von Reklamationen
- Pflege der Stammdaten in SAP

Ihr Profil
- Abgeschlossene kaufmännische Ausbildung
- Mindestens 3 Jahre Berufserfahrung im Kundenservice
- Sehr gute Kenntnisse in MS Excel
- Englisch B2

Ansprechpartnerin: Frau Hanna Petersen
"""
LINES = (
    "Betreuung von 1.200 Kunden im Bereich Strom und Gas",
    "Bearbeitung von Reklamationen und Umzügen in SAP",
    "Ein neues Mahnverfahren eingeführt und die Rückstände um 18 % gesenkt",
    "Einarbeitung von 3 Auszubildenden",
    "Planung und Durchführung von Schulungen",
    "Ablage",
)


def resume_of_jule() -> Resume:
    return Resume(
        person=Person(name="Jule Brandt"),
        employers=[
            Employer(
                name="Stadtwerke Ahrendorf",
                positions=[
                    Position(
                        title="Sachbearbeiterin",
                        start=PartialDate(year=2019, month=4),
                        current=True,
                        highlights=[Line(text=text) for text in LINES],
                    )
                ],
            ),
            Employer(
                name="Möbelhaus Krahn",
                positions=[
                    Position(title="Verkäuferin", start=PartialDate(year=2016), end=PartialDate(year=2019, month=3))
                ],
            ),
        ],
        education=[
            Education(
                institution="IHK Kiel",
                degree="Ausbildung",
                area="Kauffrau im Einzelhandel",
                end=PartialDate(year=2016),
            )
        ],
        skills=[
            SkillGroup(name="Sonstiges", skills=[Skill(name="Word")]),
            SkillGroup(name="Büro", skills=[Skill(name="PowerPoint"), Skill(name="Excel")]),
        ],
        languages=[
            Language(name="Deutsch", fluency="Muttersprache", cefr=CEFRLevel.NATIVE),
            Language(name="Englisch", fluency="B2", cefr=CEFRLevel.B2),
        ],
        certificates=[Certificate(name="Ausbildereignung", issuer="IHK Kiel")],
        language="de",
    ).assign_ids()


ANALYSIS = analyse_with_rules(POSTING, as_of="2026-11-01")


def write(resume: Resume, **more: object) -> str:
    report = match_resume(resume, ANALYSIS)
    letter = WRITE_LETTER.embedded(letter_inputs(resume, ANALYSIS, report, posting_text=POSTING, **more))  # type: ignore[arg-type]
    assert letter.removed == []
    return letter.text


def test_a_german_letter_answers_a_german_posting():
    text = write(resume_of_jule())

    assert text.startswith(
        "Sehr geehrte Frau Petersen,\n\nfür die Stelle „Sachbearbeiter Kundenservice“ bei Netz Nord GmbH nennen Sie unter anderem diese Aufgabe: "
    )
    assert (
        "Zu meinen Aufgaben als Sachbearbeiterin bei Stadtwerke Ahrendorf (seit 2019) gehört die Bearbeitung von"
        in text
    )
    assert "Ich spreche Englisch auf dem Niveau B2." in text
    assert "Meine Ausbildung als Kauffrau im Einzelhandel habe ich abgeschlossen (IHK Kiel, 2016)." in text
    assert text.endswith("Mit freundlichen Grüßen\nJule Brandt")


@pytest.mark.parametrize("tone", list(Tone))
def test_tones_differ(tone):
    others = {write(resume_of_jule(), tone=other) for other in Tone if other != tone}

    assert write(resume_of_jule(), tone=tone) not in others


def test_of_a_cv_in_another_language_lines_are_quoted_and_not_told():
    text = write(resume_of_ada(), language="de")

    assert "Bei Harbour Systems arbeite ich seit 2021 als QA Lead mit" in text
    assert "Dazu steht in meinem Lebenslauf: „Led a team of 5 testers across two sites“" in text
    assert "Led a team" not in re.sub(r"„[^“]+“", "", text)


def test_an_english_letter_has_german_in_quotation_marks_only():
    text = write(resume_of_jule(), language="en")

    assert text.startswith(
        "Dear Ms Petersen,\n\nI am applying for the Sachbearbeiter Kundenservice position at Netz Nord GmbH."
    )
    assert "I was Verkäuferin at Möbelhaus Krahn" in text
    assert "In the words of my CV: “Bearbeitung von Reklamationen und Umzügen in SAP”, “" in text
    assert "Bearbeitung" not in re.sub(r"“[^”]+”", "", text)


def test_lines_of_a_third_language_are_told_in_neither():
    resume = resume_of_ada().model_copy(deep=True, update={"language": "es"})
    texts = [
        "Control de existencias y de los pedidos de la tienda",
        "Atención a los clientes de la tienda",
        "Control de caja",
    ]
    for employer in resume.employers:
        employer.positions[0].highlights = [Line(text=text) for text in texts]
    resume.person.summary = ""
    resume.assign_ids()

    for language in ("en", "de"):
        text = write(resume, language=language)
        assert "I control" not in text
        assert "Control de caja" not in re.sub(r"[“„][^”“]+[”“]", "", text)


def test_the_first_demand_that_is_named_is_not_another_one():
    text = write(resume_of_jule(), wish="more_formal")

    assert "Außerdem nennen Sie" not in text.split("In Ihrer Ausschreibung nennen Sie: ", 1)[0]


def test_frames_put_place_and_tense():
    frame = told_german("Planung und Durchführung von Schulungen")

    assert frame is not None
    assert (
        placed(frame, "bei A", is_current=True)
        == "zu meinen Aufgaben bei A gehören Planung und Durchführung von Schulungen"
    )
    assert placed(frame, "außerdem", is_current=False).startswith("außerdem gehörten Planung")
    assert told_german("Ablage") is None


def test_a_long_cv_loses_what_answers_nothing_and_groups_change_places():
    resume = resume_of_jule()
    filler = "Allgemeine Tätigkeiten im Büro und Unterstützung der Abteilung bei wechselnden Themen " * 4
    resume.employers[1].positions[0].highlights = [Line(id=f"old-{n}", text=f"{filler}{n}") for n in range(14)]

    changes = TAILOR_CV.embedded(tailoring_inputs(resume, ANALYSIS, match_resume(resume, ANALYSIS))).changes

    dropped = [change for change in changes if change.kind == ChangeKind.DROP]
    assert 1 <= len(dropped) <= 3
    assert all(change.target_id.startswith("old-") for change in dropped)
    assert any(change.target_id == "resume" and change.field == "skills" for change in changes)


def test_lines_that_name_activities_of_one_position_make_one_sentence():
    lines = [
        "Betreuung von Kunden per Telefon",
        "Senkung der Kosten um 12 Prozent",
        "Bestellung von Material bei 30 Lieferanten",
        "Einarbeitung neuer Auszubildender",
    ]
    position = Position(
        title="Sachbearbeiterin",
        start=PartialDate(year=2018),
        current=True,
        highlights=[Line(text=line) for line in lines],
    )
    resume = Resume(
        person=Person(name="Hedwig Tannert"),
        language="de",
        employers=[Employer(name="Morsbach GmbH", positions=[position])],
    ).assign_ids()
    analysis = analyse_with_rules(POSTING, as_of="2026-11-01")
    given = letter_inputs(resume, analysis, match_resume(resume, analysis), posting_text=POSTING, language="de")

    letter = WRITE_LETTER.embedded(given)

    assert letter.removed == []
    assert letter.text.count("zu meinen Aufgaben") + letter.text.count("Zu meinen Aufgaben") == 2
    assert "die Senkung der Kosten um 12 Prozent" in letter.text
