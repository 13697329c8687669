"""Planted lies: each true line is changed in one way, and the gate has to notice."""

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from cv.facts import Fact, FactKind, facts_of
from cv.resume import PartialDate
from jobs.grounding import Verdict, check_claim, check_text
from jobs.grounding.quantities import parse_number, quantities
from tests.jobs.samples import TODAY, resume_of_ada

FACTS = [fact for fact in facts_of(resume_of_ada()) if fact.text]
LINES = [fact for fact in FACTS if fact.kind == FactKind.HIGHLIGHT]
NUMBERED = [fact for fact in LINES if re.search(r"\d", fact.text)]
EMPLOYERS = ["Contoso", "Stadtwerke Ahrendorf", "Initech Ltd", "Acme GmbH", "Vandelay Industries"]
SKILLS = [
    "Rust",
    "Salesforce",
    "machine learning",
    "SAP",
    "forklift driving",
    "C++",
    "negotiation",
    "Photoshop",
    "Kafka",
]
PROMOTIONS = ["Led", "Owned", "Founded", "Headed", "Was responsible for"]
OBJECTS = ["the archive of 1,200 maps", "a rota for 14 nurses", "the school library", "invoices in SAP"]
LOW_VERBS = ["Helped with", "Assisted with", "Supported", "Participated in", "Contributed to"]


def refused(text: str, fact: Fact) -> bool:
    return check_text(text, [fact], known=FACTS, today=TODAY).verdict != Verdict.SUPPORTED


@given(st.sampled_from(NUMBERED), st.data())
def test_a_changed_number_is_noticed(fact, data):
    number = data.draw(st.sampled_from(re.findall(r"\d[\d,.]*\d|\d", fact.text)))
    other = data.draw(st.integers(2, 5_000_000))
    mutant = fact.text.replace(number, f"{other:,}", 1)
    assume(float(other) not in {quantity.value for quantity in quantities(fact.text)})

    assert refused(mutant, fact)


@given(st.sampled_from(LINES), st.sampled_from(EMPLOYERS))
def test_another_employer_is_noticed(fact, employer):
    assert refused(f"At {employer}: {fact.text}", fact)
    assert not refused(f"At {fact.employer}: {fact.text}", fact)


@given(st.sampled_from(LINES))
def test_another_employer_of_the_same_cv_is_noticed(fact):
    other = next(line for line in LINES if line.employer != fact.employer)

    assert refused(f"At {other.employer}: {fact.text}", fact)


@given(st.sampled_from(LINES), st.sampled_from(SKILLS))
def test_an_added_skill_is_noticed(fact, skill):
    assert refused(f"{fact.text.rstrip('.')}, using {skill}", fact)
    assert refused(f"{fact.text.rstrip('.')} and {skill}.", fact)


@given(st.sampled_from(LOW_VERBS), st.sampled_from(PROMOTIONS), st.sampled_from(OBJECTS))
def test_a_promoted_verb_is_noticed(low, high, thing):
    fact = Fact("x", FactKind.HIGHLIGHT, f"{low} {thing}", "p")

    assert refused(f"{high} {thing}", fact)
    assert not refused(f"{low} {thing}", fact)


@given(st.sampled_from(LINES), st.sampled_from(LINES))
def test_two_lines_of_different_positions_are_not_fused(one, other):
    assume(one.employer != other.employer)
    fused = f"At {one.employer} I {one.text[0].lower()}{one.text[1:].rstrip('.')}, and {other.text[0].lower()}{other.text[1:]}"

    check = check_text(fused, [one, other], known=FACTS, today=TODAY)

    assert check.verdict != Verdict.SUPPORTED
    assert check_claim(fused, FACTS, today=TODAY).verdict != Verdict.SUPPORTED


@given(st.integers(1990, 2020), st.integers(1, 12), st.integers(0, 8), st.integers(1, 12), st.integers(1, 30))
def test_a_duration_longer_than_the_dates_is_noticed(year, month, years, end_month, claimed):
    assume(years > 0 or end_month >= month)
    fact = Fact(
        "x",
        FactKind.POSITION,
        "Nurse, Lindenhof Clinic",
        "x",
        "Lindenhof Clinic",
        "Nurse",
        PartialDate(year=year, month=month),
        PartialDate(year=year + years, month=end_month),
    )
    months = years * 12 + end_month - month + 1

    is_refused = refused(f"I worked at Lindenhof Clinic for {claimed} years.", fact)

    assert is_refused is not (months - 12 <= claimed * 12 <= months)


@given(st.integers(0, 10**9))
def test_thousands_are_read_alike_in_both_notations(value):
    english = f"{value:,}"

    assert parse_number(english) == parse_number(english.replace(",", ".")) == parse_number(str(value)) == value
