"""How letters turn lines of a CV into sentences, on people of several trades and languages."""

import re

import pytest

from cv.facts import facts_of
from cv.resume import Education, Employer, Line, PartialDate, Person, Position, Project, Resume, Skill, SkillGroup
from jobs.analysis.rules import analyse_with_rules
from jobs.letters import WRITE_LETTER, letter_inputs
from jobs.letters.naming import person_name, plain_title, subject_of, with_area, without_place
from jobs.letters.phrasebook import in_running_text
from jobs.matching import match_resume
from jobs.models import LetterLength


def person(language, *positions, **more):
    """Return a CV of (employer, title, first year, last year or None, lines) each."""
    employers = [
        Employer(
            name=employer,
            positions=[
                Position(
                    title=title,
                    start=PartialDate(year=start),
                    end=PartialDate(year=end) if end else None,
                    current=end is None,
                    highlights=[Line(text=line) for line in lines] if isinstance(lines, list) else [],
                    summary="" if isinstance(lines, list) else lines,
                )
            ],
        )
        for employer, title, start, end, lines in positions
    ]
    return Resume(person=Person(name="Lou Marsh"), employers=employers, language=language, **more).assign_ids()


def write(resume, posting, **wishes):
    analysis = analyse_with_rules(posting, as_of="2026-11-01")
    inputs = letter_inputs(resume, analysis, match_resume(resume, analysis), posting_text=posting, **wishes)
    return WRITE_LETTER.embedded(inputs)


ACCOUNTS = """Comptable

Vos missions
- Établir les déclarations de TVA
- Réaliser les rapprochements bancaires

Profil recherché
- Maîtrise de Sage et d'Excel
"""


def test_lines_that_the_gate_misreads_together_are_told_apart():
    lines = [
        "Saisie de 900 factures sous Sage 100",
        "Préparation des déclarations de TVA",
        "Rapprochements bancaires et lettrage des comptes",
        "Mise en place de l'archivage, qui a réduit les délais de 40 %",
    ]

    text = write(person("fr", ("Laiterie du Val", "Comptable", 2020, None, lines)), ACCOUNTS).text

    assert "la saisie de 900 factures sous Sage 100" in text
    assert "la préparation des déclarations de TVA" in text
    assert "les rapprochements bancaires et le lettrage des comptes" in text
    assert "S'y ajoute la mise en place de l'archivage" in text
    assert "je travaille comme comptable à la Laiterie du Val." in text
    assert text.endswith("Je vous prie d'agréer, Madame, Monsieur, mes salutations distinguées.\nLou Marsh")


def test_a_skill_that_ends_with_a_number_is_named_last():
    skills = [SkillGroup(skills=[Skill(name="Sage 100"), Skill(name="Excel (tableaux croisés)"), Skill(name="TVA")])]

    letter = write(person("fr", ("Laiterie du Val", "Comptable", 2020, None, ["Saisie"]), skills=skills), ACCOUNTS)

    assert "TVA et Sage 100" in letter.text
    assert "tableaux" not in letter.text
    assert not letter.removed


@pytest.mark.parametrize(
    ("language", "line", "said"),
    [
        ("es", "Reduje las paradas un 18 %", "Allí reduje las paradas un 18 %."),
        (
            "pt",
            "Reduzi o desvio nas obras da empresa para 4 semanas",
            "Aí reduzi o desvio nas obras da empresa para 4 semanas.",
        ),
        ("it", "Ridotto gli scarti del 12 %", "Lì ho ridotto gli scarti del 12 %."),
        ("nl", "Geef les aan klassen van havo 3", "Daar geef ik les aan klassen van havo 3."),
        ("nl", "Leerlingen begeleid bij wiskunde", "Daar heb ik leerlingen begeleid bij wiskunde."),
        ("nl", "Trainingen gegeven aan groepen van 12", "Daar heb ik trainingen gegeven aan groepen van 12."),
        ("nl", "Mentor van een klas met 28 leerlingen", "Ik ben er mentor van een klas met 28 leerlingen."),
        ("pl", "Prowadzę szkolenia dla 30 osób", "Tam prowadzę szkolenia dla 30 osób."),
        ("fr", "Suivi des immobilisations", "Mon travail y comprend le suivi des immobilisations."),
    ],
)
def test_what_somebody_did_is_a_sentence_of_its_own(language, line, said):
    assert said in write(person(language, ("Marlow", "Lead", 2020, None, [line])), "Lead\n", language=language).text


def test_a_verb_of_the_past_is_in_the_sex_that_the_cv_uses_and_else_in_none():
    skipped = ("Logis", "Asystentka", 2016, 2020, [])
    woman = person("pl", ("Meblopol", "Lead", 2020, None, ["Skróciłam czas rekrutacji do 34 dni"]), skipped)
    nobody = person("pl", ("Logis", "Lead", 2016, 2020, ["Prowadzenie akt osobowych"]))

    assert "W latach 2016–2020 pracowałam w firmie Logis jako asystentka." in write(woman, "Lead\n", language="pl").text
    assert "Lata 2016–2020 to moja praca w firmie Logis jako lead." in write(nobody, "Lead\n", language="pl").text


def test_a_position_of_one_year_is_not_told_from_a_year_to_itself():
    text = write(person("it", ("Marlow", "Lead", 2019, 2019, ["Gestione degli ordini"])), "Lead\n", language="it").text

    assert "Nel 2019 ho lavorato come lead presso Marlow." in text


@pytest.mark.parametrize(
    ("language", "contact", "said"),
    [
        ("nl", "mevrouw Aaltje van den Berg", "Geachte mevrouw Van den Berg,"),
        ("fr", "Mme Claire Roussel", "Madame,"),
        ("pl", "Pani Ewa Lis", "Szanowna Pani,"),
        ("es", "Sra. Laura Gómez Ruiz", "Estimada Sra. Laura Gómez Ruiz:"),
        ("it", "Dott.ssa Paola Neri", "Gentile Dott.ssa Neri,"),
        ("it", "Paola Neri", "Gentile Paola Neri,"),
    ],
)
def test_a_contact_with_a_title_is_addressed_by_it(language, contact, said):
    resume = person(language, ("Marlow", "Lead", 2020, None, []))
    analysis = analyse_with_rules("Lead\n", as_of="2026-11-01").model_copy(update={"contact_name": contact})
    inputs = letter_inputs(resume, analysis, match_resume(resume, analysis), language=language)

    assert WRITE_LETTER.embedded(inputs).text.startswith(f"{said}\n")


def test_titles_names_and_degrees_are_called_as_in_a_sentence():
    study = Education(institution="Klinikum", degree="Ausbildung zur", area="Pflegefachfrau")

    assert in_running_text("Responsable de Magasin") == "responsable de magasin"
    assert in_running_text("Ingénieur DevOps") == "ingénieur DevOps"
    assert plain_title("Docent wiskunde (0,8 fte)") == "Docent wiskunde"
    assert plain_title("Koch (30-35 Std. pro Woche)") == "Koch"
    assert subject_of("Comptable", "fr") == "Candidature : Comptable"
    assert subject_of("Chef", "en") == "Application: Chef"
    assert person_name("TOBIAS O'NEILL-ELLERY") == "Tobias O'Neill-Ellery"
    assert person_name("Lea de Vries") == "Lea de Vries"
    assert without_place("Construções Leça, Lda., Matosinhos") == "Construções Leça, Lda."
    assert with_area(study, " in {area}") == " Pflegefachfrau"


def test_a_position_written_as_running_text_is_told_sentence_by_sentence():
    told = (
        "Manage a team of 38 nurses. Reduced the triage time from 19 to 11 minutes. Chair the monthly review of cases."
    )
    posting = "Nurse manager\n\nWhat you will do\n- Lead the team of nurses\n- Report on triage times\n"

    letter = write(person("en", ("St Colm's", "Nurse manager", 2019, None, told)), posting)

    assert "a team of 38 nurses" in letter.text
    assert "reduced the triage time from 19 to 11 minutes" in letter.text
    assert "chair the monthly review of cases" in letter.text


def test_a_project_is_told_from_its_beginning():
    project = Project(
        name="Bus Buddy",
        highlights=[Line(text="Built a web app that shows delays"), Line(text="Wrote tests with pytest for Django")],
    )
    posting = "Developer\n\nRequirements\n- Tests with pytest\n- Django\n"

    text = write(
        person("en", ("Marlow", "Clerk", 2020, None, ["Sorted the letters"]), projects=[project]), posting
    ).text

    assert "For my project “Bus Buddy”, I built a web app that shows delays." in text


def test_an_employer_stands_once_in_salutation_and_opening():
    posting = "Plant manager\nHarvest Lane Ltd, Leeds\n\nResponsibilities\n- Lead three plants with 400 employees\n"
    resume = person("en", ("Cascade", "Plant manager", 2019, None, ["Lead two plants with 300 employees"]))

    text = write(resume, posting).text

    assert text.startswith("Dear hiring team at Harvest Lane Ltd,\n\nYou are looking for a Plant manager to lead three")


def test_german_duties_are_told_in_changing_forms():
    lines = [
        "Grund- und Behandlungspflege von 22 Bewohnern",
        "Anleitung von drei Auszubildenden",
        "Versorgung chronischer Wunden nach Standard",
        "Team im Strukturmodell geschult",
        "Dienstplanung für 14 Mitarbeitende",
    ]
    posting = "Pflegefachkraft\n\nIhre Aufgaben\n- Pflege unserer Patienten\n- Anleitung von Auszubildenden\n- Wundversorgung\n"

    letter = write(
        person("de", ("Klinikum Nord", "Pflegefachfrau", 2019, None, lines)), posting, length=LetterLength.MEDIUM
    )

    assert "diese Aufgabe: „Anleitung von Auszubildenden“." in letter.text
    assert "die Grund- und Behandlungspflege von 22 Bewohnern" in letter.text
    assert "die Versorgung chronischer Wunden" in letter.text
    assert len(re.findall(r"Zu meinen Aufgaben", letter.text)) < 3
    assert not letter.removed
    assert {fact for sentence in letter.sentences for fact in sentence.evidence_ids} <= {
        fact.id for fact in facts_of(person("de", ("Klinikum Nord", "Pflegefachfrau", 2019, None, lines)))
    }


def test_lines_that_name_work_are_told_in_english_too():
    lines = ["Multi-drop deliveries to shops across Yorkshire", "Mentoring new drivers on the routes", "Weekly report"]
    posting = "Driver\n\nWhat you will do\n- Deliver food to shops across the north\n- Mentor drivers\n"

    text = write(person("en", ("Northmoor", "Driver", 2018, None, lines)), posting).text

    assert "My work as Driver at Northmoor (since 2018) includes mentoring new drivers on the routes." in text
    assert "It also includes multi-drop deliveries to shops across Yorkshire." in text
    assert "eekly report" not in text


def test_a_title_that_names_a_time_is_no_profession():
    english = person("en", ("Oak Books", "Internship", 2024, 2024, ["Advised customers and worked the till"]))
    german = person("de", ("Buchhandlung Eiche", "Praktikum", 2024, 2024, ["Kundinnen und Kunden beraten"]))
    french = person("fr", ("Laiterie du Val", "Stage", 2024, 2024, ["Saisie de factures et de commandes"]))

    assert "During my internship at Oak Books (2024), I advised" in write(english, "Clerk\n").text
    assert "im Praktikum bei der Buchhandlung Eiche" in write(german, "Lead\n", language="de").text.replace(
        "Im ", "im "
    )
    assert "En 2024, j'ai travaillé à la Laiterie du Val (stage)." in write(french, "Lead\n", language="fr").text


def test_polish_nouns_agree_with_the_verb_before_them():
    lines = ["Inwentaryzacja", "Przyjmowanie i wydawanie towaru", "Obsługa wózka widłowego"]

    text = write(person("pl", ("Logis", "Magazynier", 2016, 2020, lines)), "Lead\n", language="pl").text

    assert "Do moich zadań należało tam przyjmowanie i wydawanie towaru" in text


def test_a_currency_is_no_tool():
    line = "Own a budget of CAD 2.4 million with Python"

    text = write(person("en", ("Maple", "Manager", 2020, None, [line])), "Directrice\n", language="fr").text

    assert "avec CAD" not in text
    assert "Python" in text
