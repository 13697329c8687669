"""Sentences put freely: what follows from a line passes, what only looks so does not."""

from dataclasses import replace
from datetime import date

import pytest

from cv.facts import facts_of
from cv.resume import Education, Employer, Language, Line, PartialDate, Position, Resume, Skill, SkillGroup
from jobs.grounding import Context, Verdict, check_claim
from jobs.grounding.career import career_told
from jobs.grounding.wordnet import borne_by, senses_of

TODAY = date(2026, 11, 1)


def facts(*lines: str, title: str = "Clerk", ended: bool = False, study: tuple[str, int | None] = ("BSc", 2012)):
    now = Position(
        title=title,
        start=PartialDate(year=2020, month=6),
        end=PartialDate(year=2020, month=9) if ended else None,
        current=not ended,
        highlights=[Line(text=line) for line in lines],
    )
    earlier = Position(title="Barista", start=PartialDate(year=2014), end=PartialDate(year=2019), highlights=[])
    degree, end = study
    resume = Resume(
        employers=[
            Employer(name="Brockhurst Ltd", positions=[now]),
            Employer(name="Ember Coffee", positions=[earlier]),
        ],
        education=[
            Education(
                degree=degree,
                area="Geography",
                institution="Carrow College",
                start=PartialDate(year=2009),
                end=PartialDate(year=end) if end else None,
            )
        ],
        languages=[Language(name="Englisch", fluency="B2"), Language(name="Ungarisch", fluency="A1")],
        skills=[SkillGroup(skills=[Skill(name="Payroll")])],
    )
    return facts_of(resume.assign_ids())


def verdict(text: str, *lines: str, language: str = "en", **of_cv) -> Verdict:
    return check_claim(text, facts(*lines, **of_cv), today=TODAY, context=Context(language=language)).verdict


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("I transported timber in lorries.", "Transported timber in trucks"),
        ("The seizure of 23 bicycles.", "Seized 23 bicycles"),
        ("I helped with the lists before houses were handed over.", "Helped with lists before handover of houses"),
        ("I co-wrote a guide with two colleagues.", "Wrote a guide together with two colleagues"),
        ("The largest of my contracts was worth £18,500.", "Staircases; largest contract £18,500"),
        ("Most of my jobs are within 25 miles.", "Jobs mainly within 25 miles"),
        ("I write at most four reports a month.", "Write up to 4 reports a month"),
        ("I gave the clerk a hand with the route plans.", "Helped the clerk with route plans"),
        ("A trial of headsets that lasted six weeks.", "Six-week trial of headsets"),
        ("I raised my own output from 20 to 65 per cent.", "Raised my output from 20% to 65%"),
        ("Sign-ups: just under 15% from referrals.", "Referrals: nearly 15% of sign-ups"),
        ("Supported students with printers.", "Repaired printers for students"),
        ("Before becoming a clerk, I worked as a barista.", "Filed invoices"),
        ("I have a degree in geography and basic Hungarian.", "Filed invoices"),
        ("I hold a Class 2 licence and drive nights.", "Class 2 licence, driver on nights"),
    ],
)
def test_what_follows_from_a_line_passes(text, line):
    assert verdict(text, line) == Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Thanks to the handbook, errors fell by 5%.", ("Wrote a handbook", "Errors fell by 5%")),
        ("My handbook cut errors by 5%.", ("Wrote a handbook", "Cut errors by 5%")),
        ("Trained the head chef in pastry.", ("Trained by the head chef in pastry",)),
        ("I observed two audits and ran them.", ("Observed how audits run",)),
        ("Held the council seat from 2014 to 2019.", ("Council seat from 2016 to 2018",)),
        ("I was promoted.", ("Raised the price of coffee",)),
        ("I graduated with honours.", ("Filed invoices",)),
        ("I organised 14 fairs.", ("14 fairs attended by the team",)),
        ("I sold houses.", ("Greeted visitors; houses passed on to sellers",)),
        ("I met the target.", ("Met the target in 3 of 4 quarters",)),
    ],
)
def test_what_only_looks_so_does_not(text, lines):
    assert verdict(text, *lines) != Verdict.SUPPORTED


def test_a_post_that_ended_is_not_told_of_today():
    assert verdict("I repair bicycles.", "Repaired bicycles", ended=True) == Verdict.UNSUPPORTED
    assert verdict("I repaired bicycles.", "Repaired bicycles", ended=True) == Verdict.SUPPORTED


def test_the_season_of_a_short_post_may_be_named():
    assert verdict("In the summer of 2020 I repaired bicycles.", "Repaired bicycles", ended=True) == Verdict.SUPPORTED
    assert verdict("In the winter of 2020 I repaired bicycles.", "Repaired bicycles", ended=True) != Verdict.SUPPORTED


def test_a_degree_that_goes_on_is_not_told_as_held():
    assert verdict("I hold a BSc in geography.", "Filed invoices", study=("BSc", None)) == Verdict.UNSUPPORTED
    assert verdict("I study geography.", "Filed invoices", study=("BSc", None)) == Verdict.SUPPORTED
    assert verdict("I hold a BSc in geography.", "Filed invoices") == Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("language", "text", "line", "passes"),
    [
        (
            "it",
            "Tenevo corsi di nuoto per bambini.",
            "Corsi di nuoto per bambini|Apertura della piscina il sabato con una collega|Pulizia delle vasche e dello spogliatoio",
            True,
        ),
        ("it", "Facevo 25 visite settimanali in sei comuni.", "25 visite a settimana in sei comuni", True),
        (
            "it",
            "Grazie al manuale gli errori sono scesi del 5 %.",
            "Stesura di un manuale; scuola|Errori scesi del 5 %",
            False,
        ),
        ("es", "El abandono de todo el instituto bajó al 17 %.", "Abandono en mi grupo: bajó al 17 %", False),
        ("es", "Di formación en Python a 25 asistentes.", "Formación en SQL, 25 asistentes|Modelo en Python", False),
        ("fr", "J'ai encadré deux apprentis.", "Encadrement ponctuel de deux apprentis", False),
        ("nl", "Ik heb een model ontwikkeld.", "Model ontwikkeld samen met twee collega's", False),
        ("pl", "Jestem koordynatorem zespołu.", "Spotkania z koordynatorem zespołu", False),
        ("pt", "Fui assistente de loja.", "Vendas na loja", False),
        ("fr", "Je suis responsable des ventes au niveau national.", "Responsable des ventes", False),
    ],
)
def test_other_languages_by_class(language, text, line, passes):
    assert (verdict(text, *line.split("|"), language=language) == Verdict.SUPPORTED) is passes


def test_number_words_of_the_cvs_language_count_across_languages():
    lines = (
        "Met twee collega's een handboek gemaakt voor nieuwe chauffeurs",
        "Inwerken van drie nieuwe chauffeurs in de winkel",
    )

    assert verdict("Ich habe zwei Fahrer eingearbeitet.", *lines, language="de") != Verdict.SUPPORTED
    assert verdict("Ich habe drei neue Fahrer eingearbeitet.", *lines, language="de") == Verdict.SUPPORTED


def test_a_station_named_only_to_say_when_leaves_the_sentence():
    known = facts("Filed invoices")

    assert career_told("Before my clerk post I worked as a barista.", known) == "I worked as a barista."
    assert "After" in career_told("After my clerk post I worked as a barista.", known)


def test_wordnet_goes_up_and_never_down():
    assert senses_of("vehicles") & borne_by("lorry")
    assert not senses_of("lorry") & borne_by("vehicle")
    assert not senses_of("managed")


@pytest.mark.parametrize(
    ("language", "lie", "truth", "line"),
    [
        ("en", "I wrote the playbooks for the web servers.", "I wrote playbooks for backups.", "Wrote playbooks for backups; a colleague wrote those for the web servers"),
        ("en", "I fitted the alarms of the retail park.", "I wired the retail park.", "Wired the retail park (another contractor fitted the alarms)"),
        ("fr", "J'ai assuré le paramétrage du logiciel.", "J'ai été référent pour le logiciel.", "Référent pour le logiciel ; le paramétrage est fait par l'éditeur"),
        ("es", "Elaboré los informes.", "Uso diario del CRM.", "Uso diario del CRM; los informes los elabora el departamento de marketing"),
        ("pl", "Przygotowywałam deklaracje podatkowe.", "Rozliczenia z bankiem.", "Rozliczenia z bankiem; deklaracje podatkowe przygotowuje biuro rachunkowe"),
        ("nl", "Ik heb de website gebouwd.", "Ik schreef teksten.", "Schreef teksten; de website werd gebouwd door een extern bureau"),
    ],
)  # fmt: skip
def test_what_somebody_else_did_is_not_told_as_ones_own(language, lie, truth, line):
    assert verdict(lie, line, language=language) != Verdict.SUPPORTED
    assert verdict(truth, line, language=language) == Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("language", "lie", "truth", "line"),
    [
        ("fr", "Aujourd'hui, j'encadre deux apprentis.", "J'ai encadré deux apprentis.", "Encadrement de deux apprentis"),
        ("fr", "J'encadre deux apprentis.", "J'encadrais deux apprentis.", "Encadrement de deux apprentis"),
        ("es", "Coordino las visitas del museo.", "Coordiné las visitas del museo.", "Coordinación de las visitas del museo"),
        ("it", "Oggi gestisco la cassa.", "Ho gestito la cassa.", "Gestione della cassa"),
        ("nl", "In mijn huidige functie verzorg ik de etalages.", "Ik verzorgde de etalages.", "Verzorging van de etalages"),
        ("pl", "Obecnie prowadzę szkolenia.", "Prowadziłem szkolenia.", "Prowadzenie szkoleń"),
    ],
)  # fmt: skip
def test_what_has_ended_is_not_told_of_today_in_other_languages(language, lie, truth, line):
    assert verdict(lie, line, language=language, ended=True) == Verdict.UNSUPPORTED
    assert verdict(truth, line, language=language, ended=True) == Verdict.SUPPORTED


def test_one_weekend_in_four_is_not_every_weekend():
    line = "On call one weekend in four"
    assert verdict("I was on call every weekend.", line) == Verdict.UNSUPPORTED
    assert verdict("I was on call every fourth weekend.", line) != Verdict.UNSUPPORTED
    assert verdict("I was on call one weekend in four.", line) == Verdict.SUPPORTED


def test_of_several_courses_the_one_that_is_named_has_to_be_finished():
    known = facts("Filed invoices", study=("BSc", None))
    resume = facts("Filed invoices", study=("BSc", 2012))
    school = next(fact for fact in resume if fact.text.startswith("BSc"))
    other = replace(school, id="school", scope_id="school", text="Diploma, History, Carrow School")
    check = check_claim("I hold a BSc in geography.", [*known, other], today=TODAY)
    assert check.verdict == Verdict.UNSUPPORTED
