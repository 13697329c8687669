"""Letters in the languages of the phrasebook, and what a person asks a letter to tell or to leave out."""

import random
import re

import pytest

from cv.facts import facts_of
from cv.resume import Employer, Line, PartialDate, Person, Position, Resume
from jobs.analysis.rules import analyse_with_rules
from jobs.emails import DRAFT_EMAIL, email_inputs
from jobs.evaluation.people import invented_people
from jobs.evaluation.postings import postings_for
from jobs.grounding import Context, Verdict, check_claim
from jobs.letters import COMPOSERS, WRITE_LETTER, letter_inputs
from jobs.letters.articles import with_definite
from jobs.letters.checking import read_letter
from jobs.letters.phrases import article, asked
from jobs.letters.places import at
from jobs.letters.wordings import WORDINGS
from jobs.matching import match_resume
from jobs.models import EmailKind, Tone
from jobs.posting import PostingAnalysis, Requirement, RequirementCategory, RequirementKind
from tests.jobs.samples import POSTING_TEXT, TODAY, match_report, posting_analysis, resume_of_ada

PERSON = next(invented_people(1, seed=11))
POSTING = postings_for(PERSON, random.Random(1), 1)[0]  # noqa: S311
ANALYSIS = analyse_with_rules(POSTING.text, as_of="2026-11-01")


def inputs(resume: Resume = PERSON.resume, **more):
    return letter_inputs(resume, ANALYSIS, match_resume(resume, ANALYSIS), posting_text=POSTING.text, **more)


def test_letters_are_written_offline_in_eight_languages():
    assert set(COMPOSERS) == {"en", "de", "fr", "es", "it", "pt", "nl", "pl"}


@pytest.mark.parametrize("language", sorted(WORDINGS))
@pytest.mark.parametrize("tone", list(Tone))
def test_every_sentence_passes_the_gate_and_survives_being_read_again(language, tone):
    letter = WRITE_LETTER.embedded(inputs(language=language, tone=tone))
    again = read_letter(letter.text, inputs(language=language, tone=tone))

    assert letter.removed == again.removed == []
    assert [s.text for s in again.sentences] == [s.text for s in letter.sentences]
    assert 120 <= letter.body_words <= 160
    assert any(sentence.evidence_ids for sentence in letter.sentences)
    assert not re.search(r"[{}]|\bNone\b|\s,|\(\)", letter.text)
    assert letter.text.endswith(PERSON.resume.person.name)


@pytest.mark.parametrize("language", sorted(WORDINGS))
def test_e_mails_are_drafted_in_each_language(language):
    for kind in EmailKind:
        draft = DRAFT_EMAIL.embedded(email_inputs(inputs(language=language), kind))

        assert PERSON.resume.person.name in draft.subject
        assert "{" not in draft.subject + draft.text


def test_lines_of_a_cv_in_the_letters_language_are_quoted():
    lines = [
        "Développement d'une application de réservation avec Python pour les clients",
        "Maintenance de la base de données PostgreSQL et des outils",
    ]
    position = Position(
        title="Développeuse", start=PartialDate(year=2019), current=True, highlights=[Line(text=line) for line in lines]
    )
    resume = Resume(
        person=Person(name="Lea Vetter"), employers=[Employer(name="Tidewater", positions=[position])], language="fr"
    ).assign_ids()

    letter = WRITE_LETTER.embedded(inputs(resume, language="fr"))

    assert letter.removed == []
    assert "développement d'une application de réservation" in letter.text


NATIVE = {
    "fr": (
        "Clinique du Lac, Annecy",
        ["Prise en charge de 12 patients par poste", "Encadrement des étudiants", "J'ai réduit les délais de 20 %"],
        "Vos missions\n- Encadrer les étudiants\n- Assurer la prise en charge des patients",
        [
            "je travaille comme lead à la Clinique du Lac.",
            "Mon travail y comprend ",
            "J'ai aussi réduit les délais de 20 %.",
        ],
    ),
    "es": (
        "Hospital del Mar, Cádiz",
        ["Atención a 12 pacientes por turno", "Formación de estudiantes", "Implanté un archivo digital"],
        "Funciones\n- Formación de estudiantes\n- Atención a pacientes",
        [
            "trabajo como lead en el Hospital del Mar.",
            "Mi trabajo allí incluye la ",
            "También implanté un archivo digital.",
        ],
    ),
    "it": (
        "Ristorante Il Pozzo, Bologna",
        ["Gestione degli ordini ai fornitori", "Formazione di due apprendisti", "Ho ridotto gli sprechi del 15%"],
        "Mansioni\n- Gestione degli ordini\n- Preparazione dei primi piatti",
        [
            "lavoro come lead presso il Ristorante Il Pozzo.",
            "formazione di due apprendisti",
            "Inoltre ho ridotto gli sprechi del 15%.",
        ],
    ),
    "pt": (
        "Hotel Aurora, Porto",
        ["Atendimento de 70 clientes por dia", "Formação de 4 colegas", "Aumentei as vendas em 12%"],
        "Funções\n- Atendimento ao cliente\n- Apoio à formação de novos colegas",
        ["trabalho como lead no Hotel Aurora.", "O meu trabalho aí inclui ", "Também aumentei as vendas em 12%."],
    ),
    "nl": (
        "Ziekenhuis Oosterpark, Utrecht",
        ["Zorg voor 6 patiënten per dienst", "Begeleiding van 3 stagiairs", "Een nieuw protocol ingevoerd"],
        "Taken\n- Begeleiding van stagiairs\n- Zorg voor patiënten",
        [
            "werk ik als lead bij Ziekenhuis Oosterpark.",
            "Mijn werk daar omvat ",
            "heb ik een nieuw protocol ingevoerd.",
        ],
    ),
    "pl": (
        "Logis Centrum Sp. z o.o., Łódź",
        ["Przyjmowanie towaru, do 200 palet dziennie", "Szkolenie 5 pracowników", "Wdrożyłam nowy system etykiet"],
        "Zakres obowiązków:\n- Przyjmowanie i wydawanie towaru\n- Szkolenie pracowników",
        [
            "pracuję w firmie Logis Centrum Sp. z o.o. jako lead.",
            "Do moich zadań należy tam ",
            "Ponadto wdrożyłam nowy system etykiet.",
        ],
    ),
}


@pytest.mark.parametrize("language", sorted(NATIVE))
def test_a_cv_in_the_letters_language_is_told_in_its_own_words(language):
    employer, lines, tasks, expected = NATIVE[language]
    position = Position(
        title="Lead", start=PartialDate(year=2019), current=True, highlights=[Line(text=line) for line in lines]
    )
    resume = Resume(
        person=Person(name="Lea Vetter"), employers=[Employer(name=employer, positions=[position])], language=language
    ).assign_ids()
    text = f"Lead\nTidewater\n\n{tasks}\n"
    requirements = [
        Requirement(
            id=f"req-{number}",
            text=task,
            start=text.index(task),
            end=text.index(task) + len(task),
            kind=RequirementKind.MUST,
            category=RequirementCategory.DUTY,
        )
        for number, task in enumerate(tasks.split("\n- ")[1:])
    ]
    analysis = PostingAnalysis(
        title="Lead", employer="Tidewater", language=language, as_of="2026-11-01", requirements=requirements
    )

    letter = WRITE_LETTER.embedded(
        letter_inputs(resume, analysis, match_resume(resume, analysis), posting_text=text, language=language)
    )
    again = read_letter(letter.text, letter_inputs(resume, analysis, match_resume(resume, analysis), posting_text=text))

    assert letter.removed == again.removed == []
    assert any(sentence.role == "posting" and sentence.requirement_ids for sentence in letter.sentences)
    assert ".." not in letter.text
    for words in expected:
        assert words in letter.text


def test_a_lead_quotes_the_posting_and_nothing_else():
    given_inputs = inputs(language="fr")

    letter = read_letter("Votre annonce mentionne notamment : dix ans de direction chez Globex.", given_inputs)

    assert [claim.text for claim in letter.removed] == [
        "Votre annonce mentionne notamment : dix ans de direction chez Globex."
    ]


@pytest.mark.parametrize(
    ("language", "employer", "said"),
    [
        ("fr", "Hôpital Nord", "à l'Hôpital Nord"),
        ("fr", "Tidewater", "chez Tidewater"),
        ("es", "Talleres Sur", "en Talleres Sur"),
        ("it", "Studio Verdi", "presso lo Studio Verdi"),
        ("pt", "Tidewater", "na Tidewater"),
        ("pl", "Szpital Miejski", "w placówce Szpital Miejski"),
    ],
)
def test_employers_have_their_preposition(language, employer, said):
    assert at(employer, language) == said


FACTS = facts_of(resume_of_ada())


@pytest.mark.parametrize(
    ("language", "claim", "passes"),
    [
        ("fr", "J'ai dirigé une équipe de 5 testeurs chez Harbour Systems.", True),
        ("fr", "J'ai dirigé une équipe de cinquante testeurs chez Globex.", False),
        ("fr", "J'ai réduit les erreurs de 30 % pour 12 000 clients.", True),
        ("fr", "J'ai réduit les erreurs de plus de 30 %.", False),
        ("fr", "Chez Northwind Bank, j'ai dirigé trois équipes.", False),
        ("fr", "Je parle couramment l'allemand.", False),
        ("fr", "Je suis titulaire d'un doctorat.", False),
        ("fr", "C'est avec plaisir que j'échangerai avec vous lors d'un entretien.", True),
        ("es", "Trabajé en Northwind Bank de 2018 a 2021 con Python y PostgreSQL.", True),
        ("es", "Trabajé en Northwind Bank de 2015 a 2021.", False),
        ("es", "Soy experta en Kubernetes.", False),
        ("it", "Ho fondato un'azienda.", False),
        ("it", "Ho lavorato presso Northwind Bank con Kubernetes.", True),
        ("pt", "Falo alemão (nível C1).", False),
        ("nl", "Ik heb tien jaar ervaring met Rust.", False),
        ("nl", "Sinds 2021 werk ik bij Harbour Systems (QA Lead).", True),
        ("pl", "Od 2021 roku pracuję w firmie Harbour Systems (QA Lead).", True),
        ("pl", "Kierowałam zespołem 15 osób.", False),
        ("pl", "Mam duże doświadczenie.", False),
        ("fr", "Chez Harbour Systems, j'ai négocié des contrats.", False),
        ("fr", "J'ai recruté des développeurs pour Northwind Bank.", False),
        ("fr", "J'organise 40 livraisons par jour.", False),
        ("es", "En Northwind Bank reduje los errores de las facturas un 30 %.", True),
        ("es", "En Northwind Bank vendí el software.", False),
        ("it", "Presso Harbour Systems ho formato i clienti.", False),
        ("pt", "Na Harbour Systems negociei contratos.", False),
        ("nl", "Bij Northwind Bank heb ik contracten onderhandeld.", False),
        ("pl", "W Harbour Systems negocjowałem umowy.", False),
        ("de", "Bei Northwind Bank habe ich Rechnungsfehler um 30 % reduziert.", True),
        ("de", "Bei Northwind Bank habe ich Verträge verhandelt.", False),
    ],
)
def test_claims_in_other_languages_are_checked_by_numbers_names_skills_and_rungs(language, claim, passes):
    check = check_claim(claim, FACTS, context=Context(language=language), today=TODAY)

    assert (check.verdict == Verdict.SUPPORTED) is passes, check.problems


def ada(**more):
    resume, analysis = resume_of_ada(), posting_analysis()
    return letter_inputs(resume, analysis, match_report(resume, analysis), posting_text=POSTING_TEXT, **more)


def test_what_is_not_to_be_mentioned_is_in_no_letter():
    plain = WRITE_LETTER.embedded(ada())
    silent = WRITE_LETTER.embedded(ada(never_mention=["Northwind", " "]))

    assert "Northwind" in plain.text
    assert "Northwind" not in silent.text
    assert "Northwind" not in read_letter(plain.text, ada(never_mention=["northwind"])).text
    assert silent.body_words > 30


def test_the_focus_comes_first():
    def first_story(**more):
        return next(s.text for s in WRITE_LETTER.embedded(ada(**more)).sentences if s.evidence_ids)

    assert "office supplies" in first_story(focus="office supplies")
    assert "office supplies" not in first_story()


def test_an_employer_is_named_without_its_place_and_abbreviations_get_their_article():
    named = ANALYSIS.model_copy(update={"employer": "Polder Union, Leeds", "location": ""})
    written = letter_inputs(PERSON.resume, named, match_resume(PERSON.resume, named), language="en")

    assert "Dear hiring team at Polder Union," in WRITE_LETTER.embedded(written).text
    assert article("MSc in Biology") == "an MSc in Biology"
    assert article("BSc in Biology") == "a BSc in Biology"
    phrase = asked("You know legal research")
    assert phrase is not None
    assert phrase.text == "legal research"


@pytest.mark.parametrize(
    ("language", "line", "told"),
    [
        ("fr", "organisation de 25 déplacements", "l'organisation de 25 déplacements"),
        ("fr", "accueil des clients et tenue du standard", "l'accueil des clients et la tenue du standard"),
        ("es", "gestión de pedidos", "la gestión de pedidos"),
        ("it", "sviluppo di prodotti", "lo sviluppo di prodotti"),
        ("it", "accoglienza degli ospiti", "l'accoglienza degli ospiti"),
        ("pt", "atendimento ao cliente", "o atendimento ao cliente"),
        ("fr", "divers travaux", None),
        ("pl", "obsługa telefonu", None),
    ],
)
def test_nouns_of_work_get_their_article(language, line, told):
    assert with_definite(line, language) == told


def test_a_contact_is_addressed_by_surname():
    given = inputs()
    given.analysis.contact_name = "Ms Helen Carter"

    assert WRITE_LETTER.embedded(given).text.startswith("Dear Ms Carter,")


def test_a_motive_may_say_that_one_uses_what_the_employer_makes():
    told = "I use your card reader in my brother's shop."

    assert told in WRITE_LETTER.embedded(inputs(motive=told)).text
