"""Honest rewordings that pass the gate, and the lies that look like them."""

from datetime import date

import pytest

from cv.facts import facts_of
from cv.resume import Employer, Line, PartialDate, Position, Resume, Skill, SkillGroup
from jobs.grounding import Context, Verdict, check_claim

TODAY = date(2026, 11, 1)


def facts(*lines: str, title: str = "Site Assistant", skills: tuple[str, ...] = ()):
    earlier = Position(title="Trainee", start=PartialDate(year=2016), end=PartialDate(year=2019), highlights=[])
    now = Position(
        title=title, start=PartialDate(year=2019), current=True, highlights=[Line(text=line) for line in lines]
    )
    resume = Resume(employers=[Employer(name="Brockhurst Ltd", positions=[now, earlier])])
    resume.skills = [SkillGroup(skills=[Skill(name=name) for name in skills])] if skills else []
    return facts_of(resume.assign_ids())


def verdict(text: str, *lines: str, language: str = "en", **of_cv) -> Verdict:
    check = check_claim(text, facts(*lines, **of_cv), today=TODAY, context=Context(language=language))
    return check.verdict


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Carried out the calibration of eight scales.", "Calibrated eight scales"),
        ("Eight scales are calibrated by me each Monday, weekly.", "Calibrate eight scales every Monday"),
        ("Responsible for ordering timber.", "Ordered timber"),
        ("I was involved in planning a trip.", "Helped plan a trip"),
        ("I run the choir.", "Lead the choir"),
        ("I lead the choir.", "Run the choir with 12 members"),
        ("I wrote tests for code reviewed by colleagues.", "Wrote tests for code and reviewed it with colleagues"),
        ("I created a handbook.", "Wrote a handbook"),
        ("I looked after animals.", "Cared for livestock"),
        ("Grew sales by £20,000.", "Increased sales from £40,000 to £60,000"),
        ("Hired 12 people: nine fitters and three clerks, 9 and 3.", "Hired 9 fitters and 3 clerks"),
        ("I visited agencies such as schools.", "Visited schools"),
        ("Reported to the board on a quarterly basis.", "Reported to the board every quarter"),
        ("I acted as mentor to a colleague.", "Mentored a colleague"),
        ("I load as many as 30 lorries.", "Load up to 30 lorries"),
        ("I ran FEA.", "Ran finite element analysis"),
        ("I am on duty every fourth week.", "On duty one week in four"),
        ("Waste fell by seven percentage points.", "Waste from 22% to 15%"),
        ("I cut four days from the order cycle.", "Cut the order cycle from 9 to 5 days"),
        ("The share of late orders fell from 22% to 15%.", "Late orders: 22% -> 15%"),
        ("Exceeded the quota by 8%.", "Reached 108% of the quota"),
        ("I wrote scripts for stock lists.", "Scripts for stock lists"),
        ("I made a prototype of a rack, which is being tried out.", "Prototype of a rack, on trial"),
        ("In this role I had the chance to work on stock lists.", "Stock lists for two depots"),
    ],
)
def test_a_line_bears_its_paraphrase(text, line):
    assert verdict(text, line) == Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("I bred livestock.", "Cared for livestock"),
        ("I cared for livestock.", "Cared for animals"),
        ("Responsible for the budget.", "Filed the budget"),
        ("I lead the tests.", "Run tests on a rig"),
        ("Moved the stock from the new hall to the old depot.", "Moved the stock from the old depot to the new hall"),
        ("I cut waste by 22%.", "Cut waste from 22% to 15%"),
        ("I cut waste to 15% within one year.", "Cut waste from 22% to 15%"),
        ("I headed the inventory.", "Counted the inventory"),
        ("As head assistant, I counted stock.", "Counted stock with the head assistant"),
        ("Trained fitters, winning employee of the year.", "Trained fitters and employees; won a tender"),
        ("Employed more than 10 workers.", "Employed 10 workers, later 12 workers"),
        ("I built it; a depot for 14 vans.", "Cleaned a depot for 14 vans"),
        ("I won the tender.", "Won the tender jointly with the buyers"),
        ("I increased sales.", "Increased sales of garden tools"),
        ("I set up a store by myself.", "Set up a store with the foreman"),
        ("Cut the order cycle by 9 days.", "Cut the order cycle from 9 to 5 days"),
        ("Spent 29% of travel costs.", "Saved 29% of travel costs"),
        ("Ran the depot.", "Operated a forklift in the depot"),
        ("The audit is finished.", "Audit not yet finished"),
        ("An audit took place.", "Audit planned for next year"),
    ],
)
def test_what_says_more_or_other_does_not_pass(text, line):
    assert verdict(text, line) != Verdict.SUPPORTED


def test_the_general_word_is_borne_by_the_special_one_and_not_the_other_way_round():
    assert verdict("I maintain vehicles.", "Maintain lorries") == Verdict.SUPPORTED
    assert verdict("I maintain lorries.", "Maintain vehicles") == Verdict.NEEDS_CONFIRMATION


def test_a_promotion_within_one_employer_is_told_in_its_order():
    assert verdict("I was promoted from trainee to site assistant at Brockhurst Ltd in 2019.") == Verdict.SUPPORTED
    assert verdict("I was promoted from site assistant to trainee at Brockhurst Ltd.") != Verdict.SUPPORTED
    assert verdict("I was promoted from trainee to site manager at Brockhurst Ltd.") != Verdict.SUPPORTED


def test_the_whole_time_at_an_employer_covers_all_its_positions():
    assert verdict("I have worked at Brockhurst Ltd since 2016.") == Verdict.SUPPORTED
    assert verdict("I have been Site Assistant at Brockhurst Ltd since 2016.") != Verdict.SUPPORTED
    told = "I have been with Brockhurst Ltd since 2016, first as a {} and now as a {}."
    assert verdict(told.format("trainee", "site assistant")) == Verdict.SUPPORTED
    assert verdict(told.format("site assistant", "trainee")) != Verdict.SUPPORTED


def test_what_goes_without_saying_in_a_trade_is_no_claim():
    said = "I cared for 12 people on a ward."
    assert verdict(said, "Cared for 12 people", title="Nurse") == Verdict.SUPPORTED
    assert verdict(said, "Cared for 12 people", title="Clerk") == Verdict.NEEDS_CONFIRMATION


def test_basic_knowledge_is_not_told_as_more():
    assert verdict("My DATEV skills are very good.", skills=("DATEV (basic)",)) == Verdict.UNSUPPORTED


def test_the_name_of_a_skill_is_no_deed():
    assert verdict("I headed the inventory.", skills=("Inventory management",)) != Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("language", "text", "line"),
    [
        ("de", "Ich habe Verträge verhandelt.", "Verhandlung von Verträgen"),
        ("de", "Ich leite zwei Lehrlinge an.", "Anleitung von zwei Lehrlingen"),
        ("de", "Montage und Sanierung von Bädern.", "Montage, Badsanierung"),
        ("fr", "Environ 60 colis par jour.", "Une soixantaine de colis par jour"),
        ("it", "Le scorte sono scese di 3 punti.", "Scorte passate dal 9% al 6%"),
        ("de", "Jeden Monat habe ich Berichte erstellt.", "Monatliche Erstellung von Berichten"),
        ("fr", "Je gère deux agendas.", "Gestion de deux agendas"),
        ("es", "Elaboro informes cada semana.", "Elaboración de informes semanales"),
        ("it", "Ogni anno partecipo a due fiere.", "Partecipazione a due fiere all'anno"),
        ("pt", "Sou responsável pela gestão de faturas.", "Gestão de faturas"),
        ("nl", "Ik heb de kosten met 9% verlaagd.", "Verlaging van de kosten met 9 procent"),
        ("pl", "Pomagałam w archiwizacji dokumentów.", "Pomoc w archiwizacji dokumentów"),
    ],
)
def test_a_noun_of_work_bears_its_verb_in_other_languages(language, text, line):
    assert verdict(text, line, language=language) == Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("language", "text", "line"),
    [
        ("es", "Organicé ferias.", "Apoyo en la organización de ferias"),
        ("pt", "Fiz o fecho do mês sozinha.", "Apoio à contabilidade no fecho do mês"),
        ("nl", "Ik leid de werkgroep.", "Deelname aan de werkgroep"),
        ("fr", "Le délai est supérieur à 5 jours.", "Délai inférieur à 5 jours"),
        ("fr", "J'ai lancé l'application.", "Application : cahier des charges, lancement prévu"),
        ("es", "Trabajé en Globex.", "Organización de ferias"),
        ("it", "Sono stato caporeparto.", "Gestione delle scorte"),
        ("fr", "J'ai animé les réunions.", "Rédaction des comptes rendus des réunions"),
    ],
)
def test_help_told_as_ones_own_work_does_not_pass_in_other_languages(language, text, line):
    assert verdict(text, line, language=language) != Verdict.SUPPORTED


@pytest.mark.parametrize(
    "text",
    [
        "I would join Globex where I worked before.",
        "I would like to work at Globex again, my former employer.",
        "I would like to return to Globex.",
    ],
)
def test_a_wish_to_come_back_says_that_one_was_there(text):
    context = Context(posting_title="Site Manager", posting_employer="Globex")

    assert check_claim(text, facts("Ordered timber"), today=TODAY, context=context).verdict != Verdict.SUPPORTED
    assert (
        check_claim("I would like to join Globex.", facts(), today=TODAY, context=context).verdict == Verdict.SUPPORTED
    )
