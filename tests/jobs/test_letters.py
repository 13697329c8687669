import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cv.facts import facts_of
from cv.resume import Employer, Line, PartialDate, Person, Position, Resume
from jobs.errors import UnsupportedLanguageError
from jobs.grounding import Verdict, check_text
from jobs.letters import WRITE_LETTER, Letter, LetterInputs, RevisionWish, letter_inputs, letter_task
from jobs.letters.composing import context_of, problems_of
from jobs.letters.german import asked_german, told_german
from jobs.letters.phrases import article, asked, noun_phrase, predicate, thing_of
from jobs.models import LetterLength, Tone
from jobs.posting import PostingAnalysis
from tests.jobs.samples import POSTING_TEXT, match_report, posting_analysis, resume_of_ada

RESUME = resume_of_ada()
ANALYSIS = posting_analysis()
REPORT = match_report(RESUME, ANALYSIS)


def inputs(**more: object) -> LetterInputs:
    return letter_inputs(RESUME, ANALYSIS, REPORT, posting_text=POSTING_TEXT, **more)  # type: ignore[arg-type]


def write(**more: object) -> Letter:
    return WRITE_LETTER.embedded(inputs(**more))


def read(text: str) -> Letter:
    letter = WRITE_LETTER.finish(inputs(), text)
    assert isinstance(letter, Letter)
    return letter


def kept(text: str) -> bool:
    return not read(text).removed


def test_a_letter_has_its_parts_and_its_length():
    letter = write()

    assert letter.text.startswith("Dear Maria Steiner,\n\n")
    assert letter.text.endswith("Kind regards,\nAda Quill")
    assert 120 <= letter.body_words <= 160
    assert "Globex" in letter.text
    assert "design and run payment services in Python" in letter.text
    assert letter.removed == []


def test_each_sentence_names_what_it_rests_on():
    for sentence in write().sentences:
        if sentence.role == "claim":
            assert sentence.evidence_ids
        if sentence.role == "posting":
            assert sentence.requirement_ids


@pytest.mark.parametrize("tone", list(Tone))
@pytest.mark.parametrize("wish", ["", *RevisionWish])
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_sentence_of_every_variant_passes_the_gate(tone, wish, language):
    given_inputs = inputs(tone=tone, wish=wish, language=language)
    letter = WRITE_LETTER.embedded(given_inputs)
    facts = facts_of(RESUME)
    by_id: dict[str, list] = {}
    for fact in facts:
        by_id.setdefault(fact.id, []).append(fact)

    assert all(problems_of(sentence, by_id, facts, given_inputs) == [] for sentence in letter.sentences)
    assert any(sentence.role == "claim" for sentence in letter.sentences)


def test_tones_and_wishes_give_different_texts():
    texts = [write(tone=tone).text for tone in Tone] + [write(wish=wish).text for wish in RevisionWish]

    assert len(set(texts)) >= 6


def test_shorter_is_shorter_and_longer_is_not_shorter():
    assert write(wish="shorter").body_words < write().body_words <= write(wish="longer").body_words
    assert write(length=LetterLength.MEDIUM).body_words >= write().body_words


def test_an_unknown_language_is_refused_offline():
    with pytest.raises(UnsupportedLanguageError):
        write(language="fi")


def test_a_cv_that_says_little_gives_a_short_and_true_letter():
    bare = Resume(
        person=Person(name="Bo Lind"),
        employers=[
            Employer(
                name="Acre Farm", positions=[Position(title="Farm hand", start=PartialDate(year=2020), current=True)]
            )
        ],
    ).assign_ids()

    letter = WRITE_LETTER.embedded(
        letter_inputs(bare, ANALYSIS, match_report(bare, ANALYSIS), posting_text=POSTING_TEXT)
    )

    assert "Farm hand at Acre Farm" in letter.text
    assert letter.body_words < 120


def test_an_empty_cv_and_posting_still_give_a_letter_that_claims_nothing():
    report = REPORT.model_copy(update={"requirements": []})

    letter = WRITE_LETTER.embedded(letter_inputs(Resume(), PostingAnalysis(), report))

    assert not any(sentence.role == "claim" for sentence in letter.sentences)


def test_a_german_letter_from_german_lines():
    resume = Resume(
        person=Person(name="Jule Brandt"),
        employers=[
            Employer(
                name="Stadtwerke Ahrendorf",
                positions=[
                    Position(
                        title="Sachbearbeiterin",
                        start=PartialDate(year=2019),
                        current=True,
                        highlights=[
                            Line(text="Betreuung von 1.200 Kunden im Bereich Strom und Gas"),
                            Line(text="Ein neues Mahnverfahren eingeführt"),
                            Line(text="Leitete ein Team von 4 Personen"),
                        ],
                    )
                ],
            )
        ],
        language="de",
    ).assign_ids()
    analysis = PostingAnalysis(title="Kundenberater (m/w/d)", employer="Netz Nord", language="de")
    report = REPORT.model_copy(update={"requirements": []})

    text = WRITE_LETTER.embedded(letter_inputs(resume, analysis, report)).text

    assert text.startswith(
        "Sehr geehrte Damen und Herren,\n\nich bewerbe mich um die Stelle „Kundenberater“ bei Netz Nord."
    )
    assert "gehört die Betreuung von 1.200 Kunden im Bereich Strom und Gas" in text
    assert "habe ich ein neues Mahnverfahren eingeführt." in text
    assert "leitete ich ein Team von 4 Personen." in text
    assert text.endswith("Mit freundlichen Grüßen\nJule Brandt")


GOOD = """Dear Maria Steiner,

Globex is looking for a Senior Backend Engineer to design and run payment services in Python.
At Northwind Bank I developed a billing service in Python and PostgreSQL that cut invoice errors by 30%.
You ask for Kubernetes in production: at Northwind Bank I moved 14 services to Docker and Kubernetes with no outage.

I would be glad to discuss this with your team.

Kind regards,
Ada Quill"""


def test_a_true_letter_of_a_provider_is_kept_whole():
    letter = read(GOOD)

    assert letter.removed == []
    roles = [sentence.role for sentence in letter.sentences]
    assert roles == ["salutation", "posting", "claim", "claim", "closing", "signature", "signature"]
    assert letter.sentences[2].evidence_ids
    assert "r3" in letter.sentences[3].requirement_ids


@pytest.mark.parametrize(
    "lie",
    [
        "I led a team of 15 engineers at Northwind Bank.",
        "At Northwind Bank I owned the billing service.",
        "I have five years of experience with Rust.",
        "You need Rust; that is what I have worked with for years.",
        "This is exactly what I have experience with.",
        "Globex has 40,000 employees.",
        "I have long admired Globex.",
        "At Harbour Systems I developed a billing service in Python.",
        "As a Senior Backend Engineer I ran payment services.",
        "I am a native speaker of German.",
        "I won the Globex innovation award in 2020.",
        "Proven leader with a passion for payments.",
        "Ten years of Rust.",
        "Your team needs Rust, and I am an expert in it.",
        "I cut invoice errors by 30% at Harbour Systems.",
        "I hold a Master's degree in Mathematics from the University of Leeds.",
    ],
)
def test_a_lie_planted_in_a_true_letter_is_taken_out_and_listed(lie):
    letter = read(GOOD.replace("\n\nI would", f"\n{lie}\n\nI would"))

    assert [claim.text for claim in letter.removed] == [lie] or " ".join(c.text for c in letter.removed) == lie
    assert all(claim.problems for claim in letter.removed)
    assert lie not in letter.text
    assert "billing service" in letter.text


def test_a_provider_is_asked_once_and_then_taken_at_what_holds():
    spec = letter_task()
    letter = read(GOOD.replace("\n\nI would", "\nI led 15 people.\n\nI would"))

    assert any("15 people" in problem for problem in spec.verify(inputs(), letter))
    assert list(spec.verify(inputs(), letter)) == []


def test_a_useless_letter_is_never_taken():
    spec = letter_task()
    empty = read("Dear Maria Steiner,\n\nI love Rust.\n\nKind regards,\nAda Quill")
    cut = read(GOOD.split("Kind regards", maxsplit=1)[0])

    for _ in range(3):
        assert spec.verify(inputs(), empty)
        assert spec.verify(inputs(), cut)


@pytest.mark.parametrize(
    ("line", "is_current", "said"),
    [
        ("Developed a shop in Django", False, "developed a shop in Django"),
        ("Design and build shops in Django", False, "designed and built shops in Django"),
        ("Design and build shops in Django", True, "design and build shops in Django"),
        (
            "Responsible for the rota and the stock",
            False,
            "was responsible for the rota and the stock",
        ),
        ("Led migration from a monolith to services", False, "led the migration from a monolith to services"),
        ("Mentored team of 5 developers", False, "mentored a team of 5 developers"),
        ("Promoted to shift manager after 6 months", False, "was promoted to shift manager after 6 months"),
        ("Certified as a first-aid trainer", False, "was certified as a first-aid trainer"),
        ("Awarded 'Teacher of the Month'", False, None),
        ("Named Employee of the Year", False, None),
        ("Helped build the app for nurses", False, "helped build the app for nurses"),
        ("The system is used by nurses", False, None),
        ("See https://example.org for more", False, None),
        ("Design of posters for the theatre", False, None),
    ],
)
def test_lines_become_predicates(line, is_current, said):
    assert predicate(line, is_current=is_current) == said


@given(st.sampled_from([fact for fact in facts_of(RESUME) if fact.scope_id and fact.kind == "highlight"]))
@settings(max_examples=20)
def test_a_predicate_says_no_more_than_its_line(fact):
    said = predicate(fact.text, is_current=fact.current)

    assert said is not None
    assert check_text(f"I {said}.", [fact], context=context_of(inputs())).verdict == Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("text", "phrase", "is_task"),
    [
        ("Strong experience with Python", "experience with Python", False),
        ("Design and run payment services", "design and run payment services", True),
        ("You will be responsible for the archive", None, None),
        ("Operates and repairs pumps and valves", "operate and repair pumps and valves", True),
        ("You have a degree in nursing", "a degree in nursing", None),
    ],
)
def test_requirements_become_phrases(text, phrase, is_task):
    found = asked(text)

    if phrase is None or is_task is None:
        assert found is None or found.text
    else:
        assert found is not None
        assert (found.text, found.is_task) == (phrase, is_task)


def test_small_words_fit():
    assert article("engineer") == "an engineer"
    assert article("university lecturer") == "a university lecturer"
    assert article("HR manager") == "an HR manager"
    assert thing_of("developed a billing service in Python") == "the billing service"
    assert thing_of("led a team of 5 testers") == ""
    assert noun_phrase("Development of a shop in Django") == "the development of a shop in Django"
    assert told_german("Haben Sie Fragen") is None
    assert asked_german("Sehr gute Kenntnisse in SAP") == "Kenntnisse in SAP"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Forecast demand for our substations", "forecast demand for your substations"),
        ("Explain your results to engineers", "explain their results to engineers"),
        ("Knowledge of our products", "knowledge of your products"),
    ],
)
def test_what_a_posting_calls_ours_is_the_readers_in_a_letter(line, said):
    found = asked(line)

    assert found is not None
    assert found.text == said


def test_a_move_alone_is_nothing_to_talk_about():
    assert thing_of("led the move of 60 reports to dashboards") == ""
    assert thing_of("built a demand forecast in Python") == "the demand forecast"
