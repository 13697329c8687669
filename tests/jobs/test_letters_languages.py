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
from jobs.letters.checking import read_letter
from jobs.letters.phrases import article, asked
from jobs.letters.wordings import WORDINGS
from jobs.matching import match_resume
from jobs.models import EmailKind, Tone
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
    assert letter.body_words >= 40
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
