"""Questions of an interview and a posting in five lines: of their words and lines only."""

from datetime import date

import pytest
from django.urls import reverse

from cv.facts import facts_of
from cv.resume import Employer, Line, PartialDate, Person, Position, Resume
from jobs.analysis.rules import analyse_with_rules
from jobs.interview import prepare
from jobs.interview_wordings import ASKING
from jobs.matching import match_resume
from jobs.posting import PostingAnalysis
from jobs.services.matches import match_cv
from jobs.summary import summarise
from jobs.summary_wordings import SUMMARIES

POSTING = """Head Chef
The Copper Pan Ltd, Bristol

Responsibilities
- Lead our kitchen team
- Ensure HACCP compliance
- Present the accounts to our owners

Requirements
- Knowledge of HACCP
- Xero is an advantage
- Fluent German
"""
ANALYSIS = analyse_with_rules(POSTING, as_of="2026-11-01")


def chef() -> Resume:
    lines = ["Lead a kitchen team of 6", "HACCP documentation and hygiene checks"]
    return Resume(
        person=Person(name="Marco Ferri"),
        employers=[
            Employer(
                name="Trattoria Luna, Bath",
                positions=[
                    Position(
                        title="Sous Chef",
                        start=PartialDate(year=2020, month=2),
                        current=True,
                        highlights=[Line(text=line) for line in lines],
                    )
                ],
            ),
            Employer(
                name="Hotel Bellevue",
                positions=[
                    Position(
                        title="Commis",
                        start=PartialDate(year=2016, month=1),
                        end=PartialDate(year=2018, month=6),
                    )
                ],
            ),
        ],
        language="en",
    ).assign_ids()


@pytest.fixture(scope="module")
def preparation():
    resume = chef()
    return prepare(resume, ANALYSIS, match_resume(resume, ANALYSIS))


def test_questions_quote_the_posting_and_answers_quote_the_cv(preparation):
    texts = [fact.text for fact in facts_of(chef())]
    first, *others = preparation.questions

    assert first.text == "Why have you applied for the Head Chef position at The Copper Pan Ltd?"
    assert any(question.kind == "proof" and question.facts for question in others)
    for question in others:
        for line in question.facts:
            assert question.kind == "timeline" or any(line.startswith(text) for text in texts)


def test_tasks_are_asked_as_the_employer_says_them(preparation):
    asked = [question.text for question in preparation.questions]

    assert any("lead our kitchen team" in text for text in asked)
    assert not any("your kitchen" in text for text in asked)


def test_what_the_cv_lacks_is_a_question_without_an_answer(preparation):
    gaps = {question.text: question for question in preparation.questions if question.kind == "gap"}

    assert any("Xero" in text for text in gaps)
    assert any("German" in text for text in gaps)
    assert all(question.facts == () and "No line of your CV" in question.hint for question in gaps.values())


def test_an_open_time_between_positions_is_asked_about(preparation):
    timeline = [question for question in preparation.questions if question.kind == "timeline"]

    assert [question.text for question in timeline] == [
        "What did you do in the 19 months before Sous Chef, Trattoria Luna, Bath?"
    ]


def test_what_the_posting_leaves_open_is_to_be_asked(preparation):
    assert any("pay" in text for text in preparation.to_ask)


def test_a_posting_has_five_lines_in_its_own_words():
    lines = {line.label: line.text for line in summarise(ANALYSIS)}

    assert list(lines) == ["Position", "Terms", "Tasks", "Needed", "Welcome"]
    assert lines["Position"].startswith("Head Chef, The Copper Pan Ltd")
    assert "Ensure HACCP compliance" in lines["Tasks"]
    assert "Xero" in lines["Welcome"]
    assert lines["Terms"] == "Not said."


def test_an_empty_posting_says_that_nothing_is_said():
    assert {line.text for line in summarise(PostingAnalysis())} == {"Not said."}


@pytest.mark.parametrize("language", sorted(SUMMARIES))
def test_five_lines_are_in_the_language_of_the_posting(language):
    terms = {"employment_type": "full_time", "is_remote": True, "salary_text": "48.000 €", "salary_period": "year"}
    analysis = ANALYSIS.model_copy(update={"language": language, **terms})
    words = SUMMARIES[language]

    lines = {line.key: line for line in summarise(analysis, closes_on=date(2026, 12, 5))}

    assert [line.label for line in lines.values()] == list(words.labels.values())
    assert lines["terms"].text.startswith(
        f"{words.kinds['full_time']}; {words.remote}; 48.000 € {words.periods['year']}"
    )
    assert lines["terms"].text.endswith(("2026", "2026."))
    assert set(SUMMARIES) == set(ASKING)


def test_pages_and_rest_are_ones_own(client_for, owner, stranger, version, posting):
    match = match_cv(owner=owner, version=version, posting=posting)
    page = reverse("jobs:interview", args=[match.pk])
    mine, other = client_for(owner), client_for(stranger)

    shown = mine.get(page).content.decode()
    questions = mine.get(f"/api/v1/matches/{match.pk}/interview/").json()
    summary = mine.get(f"/api/v1/jobs/{posting.pk}/summary/").json()

    assert "Why have you applied" in shown
    assert questions["questions"][0]["kind"] == "motive"
    assert [line["label"] for line in summary["lines"]] == ["Position", "Terms", "Tasks", "Needed", "Welcome"]
    assert "In five lines" in mine.get(reverse("jobs:posting", args=[posting.pk])).content.decode()
    for address in (page, f"/api/v1/matches/{match.pk}/interview/", f"/api/v1/jobs/{posting.pk}/summary/"):
        assert other.get(address).status_code == 404


@pytest.mark.parametrize("language", sorted(set(ASKING) - {"en"}))
def test_questions_are_in_the_language_of_the_posting(language):
    analysis = ANALYSIS.model_copy(update={"language": language})
    questions = prepare(chef(), analysis, match_resume(chef(), analysis))
    asking = ASKING[language]

    texts = [question.text for question in questions.questions]
    assert texts[0] == asking.motive.format(position=asking.named("Head Chef", "The Copper Pan Ltd"))
    assert not {"Tell us", "How well", "What have you", "Give us"} & {" ".join(text.split()[:2]) for text in texts}
    assert all("{" not in text for text in [*texts, *questions.to_ask])
    assert questions.to_ask[-1] == asking.first_months


def test_a_german_posting_asks_for_english_by_its_german_name():
    text = "Koch (m/w/d)\nHotel Seeblick, Kiel\n\nAufgaben\n- Leitung des Küchenteams\n\nProfil\n- Gute Englischkenntnisse\n"
    analysis = analyse_with_rules(text, as_of="2026-11-01").model_copy(update={"language": "de"})

    texts = [question.text for question in prepare(chef(), analysis, match_resume(chef(), analysis)).questions]

    assert "Wie gut sprechen Sie Englisch, und wo haben Sie es bei der Arbeit gebraucht?" in texts
    assert any(text.endswith("„Leitung des Küchenteams“.") or "„Leitung des Küchenteams“" in text for text in texts)


def test_skills_and_activities_are_asked_for_as_one_says_them():
    posting = "Head Chef\n\nRequirements\n- Health and safety at work\n- Experience of leading our kitchen team\n"
    analysis = analyse_with_rules(posting, as_of="2026-11-01")

    texts = [question.text for question in prepare(chef(), analysis, match_resume(chef(), analysis)).questions]

    assert not any("Occupational" in text for text in texts)
    assert any("leading our kitchen team?" in text for text in texts)
    assert not any("with experience of" in text for text in texts)
