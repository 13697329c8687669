from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cv.facts import Fact, FactKind, facts_of
from cv.resume import PartialDate, Resume
from jobs.grounding import Context, Verdict, check_claim, check_document, check_text, find_evidence
from jobs.grounding.words import unwrapped
from tests.jobs.samples import TODAY, resume_of_ada

FACTS = facts_of(resume_of_ada())
BY_TEXT = {fact.text: fact for fact in FACTS}
CONTEXT = Context(
    posting_title="Senior Backend Engineer",
    posting_employer="Globex",
    posting_text="Globex seeks a Senior Backend Engineer.",
)


def fact(beginning: str) -> Fact:
    return next(fact for fact in FACTS if fact.text.startswith(beginning))


def verdict(text: str, *beginnings: str, today: date = TODAY) -> Verdict:
    cited = [fact(beginning) for beginning in beginnings]
    return check_text(text, cited, known=FACTS, context=CONTEXT, today=today).verdict


def problems(text: str, *beginnings: str) -> str:
    cited = [fact(beginning) for beginning in beginnings]
    return " ".join(check_text(text, cited, known=FACTS, context=CONTEXT, today=TODAY).problems)


@given(st.sampled_from(FACTS))
def test_every_fact_supports_itself_word_for_word(stated):
    check = check_text(stated.text, [stated], known=FACTS, today=TODAY)

    assert check.verdict == Verdict.SUPPORTED, check.problems
    assert check.evidence_ids == [stated.id]


@pytest.mark.parametrize(
    "text",
    [
        "At Northwind Bank I developed a billing service in Python that cut invoice errors by 30 percent for 12,000 clients.",
        "I developed the billing service in Python and PostgreSQL for 12 000 customers.",
        "Developing a billing service in Python cut invoice errors by about 30 %.",
        "As Software Engineer at Northwind Bank, I contributed to a billing service in Python.",
        "From 2018 to 2021, for three years, I worked at Northwind Bank on a billing service.",
    ],
)
def test_a_true_rewording_passes(text):
    check = check_text(text, [fact("Developed a billing")], known=FACTS, today=TODAY)

    assert check.verdict == Verdict.SUPPORTED, check.problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Developed a billing service, cutting invoice errors by 35% for 12,000 customers.", "35%"),
        ("Developed a billing service, cutting invoice errors by over 30%.", "over 30%"),
        ("Developed a billing service, cutting invoice errors by thirty-five per cent.", "thirty-five"),
        ("Developed a billing service for $12,000.", "$12,000"),
        ("Developed a billing service for 12 million customers.", "12 million"),
        ("Developed billing services for half of all customers.", "half"),
        ("Developed a billing service in 2016.", "2016"),
        ("For six years I developed a billing service.", "six years"),
    ],
)
def test_a_number_the_cited_line_does_not_bear_is_refused(text, said):
    assert said in problems(text, "Developed a billing")
    assert verdict(text, "Developed a billing") == Verdict.UNSUPPORTED


def test_a_hedge_may_be_added_but_not_dropped():
    hedged = Fact("x", FactKind.HIGHLIGHT, "Saved about 40 hours a month", "p")
    exact = Fact("x", FactKind.HIGHLIGHT, "Saved 40 hours a month", "p")

    assert check_text("Saved 40 hours a month", [hedged]).verdict == Verdict.UNSUPPORTED
    assert check_text("Saved about 40 hours a month", [exact]).verdict == Verdict.SUPPORTED


def test_numbers_may_not_change_places():
    text = Fact("x", FactKind.HIGHLIGHT, "Cut delivery from 12 to 5 days with 3 teams in 9 countries", "p")

    assert check_text("Cut delivery from 5 to 12 days", [text]).verdict == Verdict.UNSUPPORTED
    assert check_text("Cut delivery with 9 teams in 3 countries", [text]).verdict == Verdict.UNSUPPORTED
    assert check_text("Cut delivery from 12 to 5 days in 9 countries", [text]).verdict == Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("source", "claim", "passes"),
    [
        ("Helped build the mobile app", "I built the mobile app.", False),
        ("Helped build the mobile app", "I helped build the mobile app.", True),
        ("Supported the team that developed the mobile app", "Developed the mobile app", False),
        ("Contributed to the design of the mobile app", "Designed the mobile app", False),
        ("Built the mobile app", "I led the mobile app.", False),
        ("Built the mobile app", "I contributed to the mobile app.", True),
        ("Led the mobile app", "I owned the mobile app.", False),
        ("Managed the mobile app", "I led the mobile app.", True),
        ("Participated in the launch of the mobile app", "Launched the mobile app", False),
        ("Helped customers and built the mobile app", "Built the mobile app", True),
        ("The mobile app", "Responsible for the mobile app", False),
        ("Bei der Entwicklung der App unterstützt", "Die App entwickelt", False),
        ("Ein Team von 4 Personen geleitet", "Ich leitete ein Team von 4 Personen.", True),
        ("In einem Team von 4 Personen mitgewirkt", "Ich leitete ein Team von 4 Personen.", False),
    ],
)
def test_the_ladder_of_scope_only_goes_down(source, claim, passes):
    check = check_text(claim, [Fact("x", FactKind.HIGHLIGHT, source, "p")])

    assert (check.verdict == Verdict.SUPPORTED) is passes, check.problems


def test_another_positions_facts_are_not_borrowed():
    assert "belongs to another part" in problems(
        "At Harbour Systems I developed a billing service.", "Developed a billing"
    )
    assert "borrows" in problems(
        "I developed a billing service in Python, and led a team of 5 testers.", "Developed a billing", "Led a team"
    )
    assert (
        verdict(
            "At Northwind Bank I developed a billing service; at Harbour Systems I led a team of 5 testers.",
            "Developed a billing",
            "Led a team",
        )
        == Verdict.SUPPORTED
    )


def test_a_listed_skill_is_not_placed_in_a_position():
    assert (
        verdict("I developed a billing service, using Terraform.", "Developed a billing", "Terraform")
        == Verdict.UNSUPPORTED
    )
    assert (
        verdict("I developed a billing service, and I know Terraform.", "Developed a billing", "Terraform")
        == Verdict.SUPPORTED
    )


@pytest.mark.parametrize(
    "claim",
    [
        "I speak fluent German.",
        "Native speaker of German",
        "I speak French.",
        "I hold a PhD in Mathematics from the University of Leeds.",
        "I am a passionate and proven developer of a billing service in Python.",
        "I was the first to develop a billing service in Python.",
        "As Head of Engineering I developed a billing service in Python.",
        "I developed a billing service in Python and Rust.",
        "As Senior Backend Engineer at Globex I developed a billing service.",
        "I worked at Globex on a billing service.",
        "I never developed a billing service in Python.",
        "I have always admired Globex.",
        "I currently develop a billing service at Northwind Bank.",
        "I negotiated supplier contracts.",
    ],
)
def test_inventions_are_refused(claim):
    check = check_claim(claim, FACTS, context=CONTEXT, today=TODAY)

    assert check.verdict != Verdict.SUPPORTED
    assert check.problems
    assert check.evidence_ids == []


def test_what_a_cv_denies_is_not_claimed():
    denial = Fact("x", FactKind.OTHER, "No driving licence, no experience with forklifts")

    assert check_text("Experience with forklifts", [denial]).verdict == Verdict.UNSUPPORTED


def test_the_posting_may_be_named_as_what_is_applied_for():
    for text in (
        "I am applying for the position of Senior Backend Engineer at Globex.",
        "Ich bewerbe mich als Senior Backend Engineer.",
        "I would be glad to discuss this with your team.",
    ):
        check = check_text(text, [], context=CONTEXT)
        assert check.verdict == Verdict.SUPPORTED, check.problems


@pytest.mark.parametrize(
    "claim",
    [
        "I held the Senior Backend Engineer position at Northwind Bank.",
        "I have held the role of Senior Backend Engineer.",
        "I was in the Senior Backend Engineer role.",
        "In my role as Senior Backend Engineer I developed a billing service in Python.",
        "I worked for Globex before and thank you for reading.",
        "Thank you for your time; I worked for Globex before.",
        "I have been with Globex, and I look forward to hearing from you.",
    ],
)
def test_what_is_applied_for_is_nothing_that_one_was(claim):
    check = check_claim(claim, FACTS, context=CONTEXT, today=TODAY)

    assert check.verdict == Verdict.UNSUPPORTED


@pytest.mark.parametrize(
    "claim",
    [
        "I would gladly work for Globex and talk with your team.",
        "I attach my application as Senior Backend Engineer.",
        "I am interested in the Senior Backend Engineer position.",
        "I read of the role of Senior Backend Engineer.",
        "I look forward to working with Globex.",
    ],
)
def test_what_is_wished_for_may_be_named(claim):
    check = check_claim(claim, FACTS, context=CONTEXT, today=TODAY)

    assert check.verdict == Verdict.SUPPORTED, check.problems


def test_initials_of_a_skill_spell_nothing_else():
    lines = [Fact("x", FactKind.HIGHLIGHT, "Built SQL reports and PMO plans as CTO")]

    for claim in ("Senior Quality Lead: built SQL reports", "Built Super Quick Ledgers", "Prime Management Officer"):
        assert check_text(claim, lines).verdict == Verdict.UNSUPPORTED, claim
    assert check_text("Built reports as Chief Technology Officer", lines).verdict == Verdict.SUPPORTED


@pytest.mark.parametrize("claim", ["Filed US tax returns for 12 clients", "Filed tax returns for 12 IT clients"])
def test_abbreviations_spelt_like_small_words_are_no_small_words(claim):
    line = Fact("x", FactKind.HIGHLIGHT, "Filed tax returns for 12 clients")

    assert check_text(claim, [line]).verdict == Verdict.UNSUPPORTED


@pytest.mark.parametrize("language", ["en", "de", "fr", "pl"])
def test_a_number_beyond_all_measure_is_refused(language):
    check = check_claim(f"Developed {'9' * 400} services in Python", FACTS, context=Context(language=language))

    assert check.verdict == Verdict.UNSUPPORTED


def test_a_claim_without_evidence_fails_closed():
    assert check_text("I led Python teams.", []).verdict == Verdict.UNSUPPORTED


def test_evidence_is_found_in_one_scope_and_kept_short():
    found = find_evidence("A billing service in Python that cut invoice errors by 30 %", FACTS)

    assert found[0] == fact("Developed a billing")
    assert {item.scope_id for item in found} == {found[0].scope_id}


def test_a_document_is_checked_sentence_by_sentence():
    text = "I developed a billing service in Python. I also won a Nobel Prize in 2019."

    first, second = check_document(text, FACTS, today=TODAY)

    assert first.verdict == Verdict.SUPPORTED
    assert second.verdict == Verdict.UNSUPPORTED


def test_an_empty_cv_supports_nothing_but_courtesies():
    assert check_claim("I know Python.", facts_of(Resume())).verdict == Verdict.UNSUPPORTED
    assert check_claim("I look forward to hearing from you.", facts_of(Resume())).verdict == Verdict.SUPPORTED


def test_lines_of_one_position_are_not_shuffled():
    assert verdict("I ordered 40 releases a year.", "Introduced automated", "Ordered office") == Verdict.UNSUPPORTED


@pytest.mark.parametrize(
    ("claim", "passes"),
    [
        ("I speak German at level B1 and English as a native speaker.", True),
        ("I am fluent in English and German.", False),
        ("I speak German and English natively.", False),
        ("I speak both German and English at a native level.", False),
        ("German and English: native", False),
        ("I speak English natively, and German.", False),
        ("I read German and am a native speaker of English.", True),
        ("I am a native speaker of English and speak German at level B2.", False),
    ],
)
def test_each_language_has_its_own_level(claim, passes):
    check = check_claim(claim, FACTS, context=CONTEXT, today=TODAY)

    assert (check.verdict == Verdict.SUPPORTED) is passes, check.problems


def test_sentences_that_a_margin_parts_are_whole_again():
    text = (
        "Dear Ms Beispiel,\n\nI led the move of 60 reports to dashboards. As\nSenior Data Analyst I built a service in Python.\n"
        "- I taught new colleagues how to read dashboard\n- Wrote tests\n\nKind regards\nAda"
    )

    assert unwrapped(text).splitlines() == [
        "Dear Ms Beispiel,",
        "",
        "I led the move of 60 reports to dashboards. As Senior Data Analyst I built a service in Python.",
        "- I taught new colleagues how to read dashboard",
        "- Wrote tests",
        "",
        "Kind regards",
        "Ada",
    ]
    assert unwrapped("") == ""


def test_a_list_under_a_position_rests_on_that_position_alone():
    text = (
        "QA Lead, Harbour Systems, 2021 – present\n- Led a team of 5 testers across two sites\n- Developed a billing service in Python\n"
        "Software Engineer, Northwind Bank\n- Developed a billing service in Python\n"
    )

    checks = check_document(text, FACTS, today=TODAY)

    assert [check.verdict == Verdict.SUPPORTED for check in checks] == [True, True, False, True, True]


@pytest.mark.parametrize(
    ("source", "claim", "passes"),
    [
        ("Visited 9 customers a week", "Visited 9 customers a day", False),
        ("Visited 9 customers a week", "I called on 9 customers weekly.", True),
        ("Cut delivery from 8 to 5 days", "Cut delivery from 8 to 5 weeks", False),
        ("Cut delivery from 8 to 5 days", "Reduced delivery by 37.5%", True),
        ("Cut delivery from 8 to 5 days", "Reduced delivery by 50%", False),
        ("Wrote a prototype for a chatbot", "Wrote a chatbot", False),
        ("Planned to launch an app", "Launched an app", False),
        ("Was nominated for the care award", "Received the care award", False),
        ("Helped migrate the database", "Migrated the database", False),
        ("Helped migrate the database", "Supported the migration of the database", True),
        ("Filled in for the dispatcher", "I worked as a dispatcher.", False),
        ("Cut errors by 12%", "Raised errors by 12%", False),
        ("Served 12,000 customers", "Served over 10,000 customers", True),
        ("Served 12,000 customers", "Served over 12,000 customers", False),
        ("Cut costs by 33%", "Cut costs by a third", True),
        ("Coordinated 14 events with external agencies", "Coordinated 14 agencies", False),
        ("Fixed bugs during the first year", "The first in the company to fix bugs", False),
        ("Advised on GDPR", "Advised on the General Data Protection Regulation", True),
        ("Carried out safety inspections", "Conducted safety inspections on a regular basis", True),
        ("Evaluated data in R", "Analysed data in R as part of the role", True),
    ],
)
def test_shades_units_and_rewordings(source, claim, passes):
    check = check_text(claim, [Fact("x", FactKind.HIGHLIGHT, source, "p")], today=TODAY)

    assert (check.verdict == Verdict.SUPPORTED) is passes, check.problems


def test_a_deputy_is_not_the_head():
    deputy = Fact("p", FactKind.POSITION, "Deputy Ward Manager, Lindenhof", "p", "Lindenhof", "Deputy Ward Manager")

    assert check_claim("I was Ward Manager at Lindenhof.", [deputy]).verdict == Verdict.UNSUPPORTED
    assert check_claim("I was Deputy Ward Manager at Lindenhof.", [deputy]).verdict == Verdict.SUPPORTED


def test_words_that_stand_in_the_line_itself_are_no_claim_about_today_or_rank():
    line = Fact(
        "x", FactKind.HIGHLIGHT, "Improved an algorithm that holds the current record", "p", "Lindenhof", "Developer",
        PartialDate(year=2013), PartialDate(year=2014),
    )  # fmt: skip
    summary = Fact("p", FactKind.POSITION, "Built tools for developers", "p", "Lindenhof", "Junior Developer")

    assert check_text("I improved an algorithm that holds the current record.", [line]).verdict == Verdict.SUPPORTED
    assert check_text("I currently improve an algorithm.", [line]).verdict == Verdict.UNSUPPORTED
    assert check_text("Built tools for developers", [summary]).verdict == Verdict.SUPPORTED


RUST = [
    Fact(
        "p1",
        FactKind.POSITION,
        "Engineer, Example Works",
        "p1",
        "Example Works",
        "Engineer",
        start=PartialDate(year=2004),
        current=True,
    ),
    Fact(
        "h1",
        FactKind.HIGHLIGHT,
        "Write services in Rust; took over the ordering of parts in 2022",
        "p1",
        "Example Works",
        "Engineer",
        start=PartialDate(year=2004),
        current=True,
    ),
]


@pytest.mark.parametrize(
    ("claim", "passes"),
    [
        ("I write services in Rust.", True),
        ("I have written services in Rust for 20 years.", False),
        ("I have written services in Rust since 2006.", False),
        ("I took over the ordering of parts in 2022.", True),
        ("I have ordered parts since 2004.", False),
    ],
)
def test_nothing_reaches_back_before_its_release_or_the_year_that_a_line_gives(claim, passes):
    assert (check_claim(claim, RUST, today=TODAY).verdict == Verdict.SUPPORTED) is passes
