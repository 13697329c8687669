"""Single requirements, and what an invented CV answers to them."""

import pytest

from cv.resume import (
    CEFRLevel,
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
    Volunteering,
)
from jobs.analysis import analyse_with_rules
from jobs.matching import Coverage, RequirementMatch, match_resume
from jobs.matching.scoring import Part, score_items
from jobs.posting import PostingAnalysis


def ask(resume: Resume, line: str, *, language: str = "en") -> RequirementMatch:
    """Return what a CV answers to one line of a posting."""
    analysis = analyse_with_rules(f"Requirements\n- {line}\n", as_of="2026-01-15").model_copy(
        update={"language": language}
    )
    report = match_resume(resume.assign_ids(), analysis)
    (found,) = [*report.requirements, *report.knock_outs]
    return found


def worked(*years: tuple[int, int], title: str = "Clerk", line: str = "Kept the books") -> Resume:
    positions = [
        Position(
            title=title,
            start=PartialDate(year=start, month=1),
            end=PartialDate(year=end, month=12),
            highlights=[Line(text=line)],
        )
        for start, end in years
    ]
    return Resume(employers=[Employer(name="Example", positions=positions)])


def listed(*skills: str) -> Resume:
    return Resume(skills=[SkillGroup(skills=[Skill(name=name) for name in skills])])


def speaks(name: str, cefr: CEFRLevel | None = None, fluency: str = "") -> Resume:
    return Resume(languages=[Language(name=name, cefr=cefr, fluency=fluency)])


def studied(degree: str, area: str = "") -> Resume:
    return Resume(education=[Education(institution="Example School", degree=degree, area=area)])


@pytest.mark.parametrize(
    ("skill", "wanted", "strength", "coverage"),
    [
        ("PostgreSQL", "Postgres", 0.85, "shown"),
        ("Django", "Python", 0.765, "supportable"),
        ("React", "Vue.js", 0.425, "supportable"),
        ("Python", "Django", 0.34, "supportable"),
        ("Cooking", "Django", 0, "missing"),
        ("C#", "C", 0, "missing"),
    ],
)
def test_a_listed_skill_answers_by_its_relation(skill, wanted, strength, coverage):
    found = ask(listed(skill), f"Knowledge of {wanted}")

    assert found.strength == pytest.approx(strength)
    assert found.coverage.value == coverage


def test_use_at_work_says_more_than_a_list():
    used = ask(worked((2020, 2021), line="Ran Docker in production"), "Docker")

    assert used.strength == 1
    assert used.quotations == ["Ran Docker in production"]


def test_any_alternative_will_do():
    assert ask(listed("Kotlin"), "Java, Kotlin or Scala").strength == 0.85


@pytest.mark.parametrize(
    ("years", "strength", "coverage"),
    [
        ([(2016, 2021)], 1.0, "shown"),
        ([(2016, 2018), (2017, 2019)], 0.88, "supportable"),
        ([(2020, 2020)], 0.52, "supportable"),
    ],
)
def test_years_of_a_skill_weigh(years, strength, coverage):
    found = ask(worked(*years, line="Python services"), "5 years of experience with Python")

    assert found.strength == pytest.approx(strength)
    assert found.coverage.value == coverage


def test_years_in_a_trade_are_found_by_title():
    found = ask(worked((2018, 2021), title="Lighthouse keeper"), "3 years of experience as a lighthouse keeper")

    assert found.strength == 1
    assert found.quotations == ["Lighthouse keeper, Example"]


def test_years_in_another_trade_count_half():
    found = ask(worked((2018, 2021), title="Cook"), "4 years of experience as a lighthouse keeper")

    assert found.strength == 0.5
    assert "0 years in this kind of work, 4 years in all" in found.explanation


def test_years_of_work_of_no_kind_count_all_work():
    found = ask(worked((2018, 2021), title="Cook"), "4+ years of professional experience")

    assert found.strength == 1
    assert found.explanation == "4 years of work; asked for: 4 years."


def test_without_dates_there_are_no_years():
    resume = Resume(employers=[Employer(positions=[Position(title="Cook", start=PartialDate(year=2018))])])

    assert ask(resume, "4 years of experience as a lighthouse keeper").strength == 0


@pytest.mark.parametrize(
    ("degree", "area", "line", "strength"),
    [
        ("BSc", "Computer Science", "Bachelor's degree in computer science", 1),
        ("Master of Science", "Informatik", "Bachelor's degree in computer science", 1),
        ("BSc", "History", "Bachelor's degree in computer science", 0.5),
        ("BSc", "Computer Science", "Master's degree in computer science", 0.5),
        ("Abitur", "", "Master's degree in computer science", 0),
        ("PhD", "Physics", "A university degree", 1),
    ],
)
def test_degrees(degree, area, line, strength):
    assert ask(studied(degree, area), line).strength == strength


def test_experience_stands_in_for_a_degree_where_the_posting_says_so():
    resume = worked((2015, 2020))

    assert ask(resume, "Bachelor's degree or equivalent experience").strength == 0.7
    assert ask(resume, "Bachelor's degree").strength == 0


@pytest.mark.parametrize(
    ("resume", "line", "strength", "coverage"),
    [
        (speaks("German", CEFRLevel.C1), "German at level B2", 1, "shown"),
        (speaks("Deutsch", fluency="Muttersprache"), "Fluent German", 1, "shown"),
        (speaks("German", CEFRLevel.B1), "Fluent German", 0.4, "supportable"),
        (speaks("German", CEFRLevel.A1), "Fluent German", 0.3, "supportable"),
        (speaks("German"), "Fluent German", 0.7, "supportable"),
        (speaks("German"), "German", 1, "shown"),
        (speaks("French", CEFRLevel.C2), "Fluent German", 0, "missing"),
        (Resume(language="de"), "Fluent German", 0.6, "supportable"),
        (Resume(person=Person(summary="I advise German speaking clients")), "Fluent German", 0.6, "supportable"),
    ],
)
def test_languages(resume, line, strength, coverage):
    found = ask(resume, line)

    assert found.strength == pytest.approx(strength)
    assert found.coverage.value == coverage


def test_permission_to_work_is_found_in_words():
    resume = Resume(person=Person(summary="British citizen with the right to work in the EU"))

    assert ask(resume, "Right to work in the UK").coverage is Coverage.SHOWN
    assert ask(Resume(), "Right to work in the UK").coverage is Coverage.MISSING


def test_age_is_never_looked_at():
    resume = Resume(person=Person(birth_date=PartialDate(year=1970), summary="More than 18 years old, born 1970"))

    found = ask(resume, "You must be at least 18 years old")

    assert (found.coverage, found.fact_ids) == (Coverage.MISSING, [])
    assert "answer it yourself" in found.explanation


def test_a_clearance_may_be_named():
    assert ask(listed("Enhanced DBS check"), "DBS check").coverage is Coverage.SHOWN


@pytest.mark.parametrize(
    ("line", "coverage"),
    [
        ("Feeding and grooming llamas", "shown"),
        ("Feeding, grooming and shearing of stubborn llamas", "supportable"),
        ("Painting murals on walls", "missing"),
    ],
)
def test_what_no_lexicon_knows_is_compared_by_words(line, coverage):
    resume = Resume(
        volunteering=[
            Volunteering(
                organization="Example Farm",
                title="Helper",
                highlights=[Line(text="Fed, feeding and groomed the llamas")],
            )
        ]
    )

    assert ask(resume, line).coverage.value == coverage


def test_names_of_employers_and_schools_are_no_evidence():
    resume = Resume(
        employers=[Employer(name="Python Nursing Ltd", positions=[Position(title="Clerk"), Position()])],
        education=[Education(institution="Docker School", degree="BSc")],
    )

    for skill in ("Python", "Docker", "Nursing"):
        assert ask(resume, f"Knowledge of {skill}").coverage is Coverage.MISSING


def test_advice_names_what_is_missing_and_what_is_near():
    analysis = analyse_with_rules("Requirements\n- Python\n- Vue.js\n- Welding\n- Work permit\n", as_of="2026-01-15")
    resume = listed("Python", "React")
    resume.employers = [Employer(positions=[Position(title="Developer")])]

    advice = " ".join(match_resume(resume.assign_ids(), analysis).advice)

    for words in (
        "“Work permit”",
        "“Welding” is a must",
        "“Vue.js”. The CV only comes near",
        "Add dates to 1 position:",
    ):
        assert words in advice


def test_when_all_is_answered_the_advice_is_to_say_so_first():
    analysis = analyse_with_rules("Requirements\n- Python\n- SQL\n", as_of="2026-01-15")

    assert match_resume(listed("Python", "SQL").assign_ids(), analysis).advice == [
        "The CV answers every must. Put the lines that do so first."
    ]


def test_seniority_below_the_step_costs_points_and_above_none():
    analysis = analyse_with_rules("Requirements\n- Python\n- SQL\n", title="Senior Developer", as_of="2026-01-15")

    def points(resume: Resume) -> float:
        items = match_resume(resume.assign_ids(), analysis).items
        return next(item.points for item in items if item.name == "Seniority")

    assert points(worked((2024, 2024), title="Developer")) < points(worked((2021, 2024), title="Developer"))
    assert points(worked((2010, 2024), title="Head of Development")) == points(
        worked((2024, 2024), title="Senior Developer")
    )


def test_a_posting_of_conditions_alone_has_no_score():
    analysis = PostingAnalysis(
        requirements=analyse_with_rules("Requirements\n- Right to work in the UK\n- Shift work\n").requirements
    )

    assert match_resume(Resume(), analysis).score is None


@pytest.mark.parametrize(
    ("shares", "weights"),
    [((1.0, 0.5, 1.0), (50, 15, 10)), ((1.0, 0.35, 0.35), (50, 15, 10)), ((0.3, 1.0, 1.0), (50, 15, 10)), ((1.0, 1.0, 1.0), (50, 15, 15)), ((0.0, 0.999), (7, 3))],
)  # fmt: skip
def test_no_item_has_more_points_than_it_may_have(shares, weights):
    parts = [Part(str(n), share, weight, "") for n, (share, weight) in enumerate(zip(shares, weights, strict=True))]

    score, items = score_items(parts)

    assert sum(item.points for item in items) == score
    assert sum(item.max_points for item in items) == 100
    assert all(item.points <= item.max_points for item in items)


def test_a_general_word_in_common_is_no_evidence():
    line = ask(worked((2018, 2024), title="Project manager", line="Chaired the weekly meeting"), "- Tide management")

    assert line.coverage is Coverage.MISSING


def test_a_name_before_a_bracket_is_what_is_asked_for():
    line = ask(listed("Zustand", "React"), "- Zustand (stores, selectors, middleware)")

    assert line.coverage is Coverage.SHOWN


def test_few_demands_say_less_than_many():
    few = match_resume(listed("Python", "SQL", "Docker"), analyse_with_rules("Requirements\n- Python\n- SQL\n"))
    many = match_resume(
        listed("Python", "SQL", "Docker", "Git"), analyse_with_rules("Requirements\n- Python\n- SQL\n- Docker\n- Git\n")
    )

    assert many.score > few.score
