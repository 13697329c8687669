from hypothesis import given, settings
from hypothesis import strategies as st

from cv.resume import Education, Employer, Line, PartialDate, Position, Resume, Skill, SkillGroup
from jobs.analysis import analyse_with_rules
from jobs.matching import Band, Coverage, Matcher, MatchReport, match_resume
from jobs.posting import PostingAnalysis
from tests.jobs.match_samples import NURSE_POSTING, POSTING, backend_resume

ANALYSIS = analyse_with_rules(POSTING, as_of="2026-01-15")


def line_for(report: MatchReport, words: str):
    return next(line for line in [*report.requirements, *report.knock_outs] if words in line.text)


def test_the_items_sum_to_the_score_and_their_maxima_to_100():
    report = match_resume(backend_resume(), ANALYSIS)

    assert report.score == sum(item.points for item in report.items)
    assert sum(item.max_points for item in report.items) == 100
    assert report.band is Band.STRONG


def test_each_requirement_has_its_evidence():
    report = match_resume(backend_resume(), ANALYSIS)

    docker = line_for(report, "Docker")
    assert docker.coverage is Coverage.SHOWN
    assert docker.quotations == ["Moved twelve services to Docker"]
    kubernetes = line_for(report, "Kubernetes")
    assert kubernetes.coverage is Coverage.SUPPORTABLE or kubernetes.coverage is Coverage.MISSING
    nothing = line_for(report, "Java")
    assert (nothing.coverage, nothing.fact_ids, nothing.strength) == (Coverage.MISSING, [], 0)
    ids = {item.id for item in backend_resume().items()}
    for line in [*report.requirements, *report.knock_outs]:
        assert set(line.fact_ids) <= ids


def test_knock_outs_stand_apart_from_the_score():
    without = ANALYSIS.model_copy(update={"requirements": [r for r in ANALYSIS.requirements if r.kind != "knock_out"]})

    report = match_resume(backend_resume(), ANALYSIS)

    assert [line.text for line in report.knock_outs] == ["Fluent German required", "Valid work permit for the EU"]
    assert report.score == match_resume(backend_resume(), without).score


def test_years_are_counted_from_dates_and_overlaps_once():
    resume = Resume(
        employers=[
            Employer(
                name=name,
                positions=[
                    Position(
                        title="Developer",
                        start=PartialDate(year=2018, month=1),
                        end=PartialDate(year=2019, month=12),
                        highlights=[Line(text="Wrote Python services")],
                    )
                ],
            )
            for name in ("One Example", "Two Example")
        ]
    ).assign_ids()

    line = line_for(match_resume(resume, ANALYSIS), "5+ years")

    assert "show 2 years; asked for: 5 years" in line.explanation
    assert line.coverage is Coverage.SUPPORTABLE


def test_years_of_work_that_are_there_are_no_merit_and_those_that_are_missing_cost():
    def must_points(*demands: str) -> float:
        text = "\n".join(["Developer", "", "Requirements", "- Python", "- PostgreSQL", *demands]) + "\n"
        report = match_resume(backend_resume(), analyse_with_rules(text, as_of="2026-11-01"))
        return report.items[0].points / report.items[0].max_points

    asked = [must_points(f"- {years} years of professional experience") for years in (1, 30, 60)]

    assert asked[0] == must_points()
    assert asked[0] > asked[1] > asked[2]


def test_current_positions_last_until_the_day_of_the_analysis():
    earlier = match_resume(backend_resume(), ANALYSIS.model_copy(update={"as_of": "2020-03-31"}))

    assert "show 1 year; asked for" in line_for(earlier, "5+ years").explanation
    assert earlier.as_of == "2020-03-31"
    assert match_resume(backend_resume(), ANALYSIS.model_copy(update={"as_of": ""})).as_of == "2019-04-28"


def test_another_trade_scores_low():
    report = match_resume(backend_resume(), analyse_with_rules(NURSE_POSTING, as_of="2026-01-15"))

    assert report.band is Band.WEAK


def test_too_few_requirements_give_no_score():
    report = match_resume(backend_resume(), PostingAnalysis(title="Developer", requirements=ANALYSIS.requirements[:1]))

    assert report.score is None
    assert report.band is Band.UNKNOWN


def test_the_same_inputs_give_the_same_report():
    assert match_resume(backend_resume(), ANALYSIS) == match_resume(backend_resume(), ANALYSIS)


names = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäéøß .-", min_size=1, max_size=30)


@settings(max_examples=30, deadline=None)
@given(st.tuples(names, names, names, names, names), st.sampled_from(["she", "he", "they"]))
def test_who_the_person_is_moves_nothing(identity, pronoun):
    name, email, phone, school, employer = identity
    base = backend_resume()
    base.employers[0].positions[0].highlights[1].text = f"Mentored two junior developers, as {pronoun} had done before"
    plain = backend_resume()
    plain.employers[0].positions[0].highlights[1].text = "Mentored two junior developers, as she had done before"
    base.person.name, base.person.email, base.person.phone = name, email, phone
    base.person.nationality = school
    base.person.birth_date = PartialDate(year=1960)
    base.education[0].institution = school
    base.employers[0].name = employer

    one, other = match_resume(base, ANALYSIS), match_resume(plain, ANALYSIS)

    assert one.score == other.score
    assert one.items == other.items
    assert [line.strength for line in one.requirements] == [line.strength for line in other.requirements]


ADDITIONS = {
    "Kubernetes": lambda resume: resume.skills[0].skills.append(Skill(name="Kubernetes")),
    "Java": lambda resume: resume.employers[0].positions[1].highlights.append(Line(text="Kept a Java service running")),
    "degree": lambda resume: resume.education.append(Education(degree="Master", area="History")),
    "position": lambda resume: resume.employers.append(
        Employer(
            positions=[
                Position(
                    title="Engineer",
                    start=PartialDate(year=2012),
                    end=PartialDate(year=2013),
                    highlights=[Line(text="MySQL")],
                )
            ]
        )
    ),
    "group": lambda resume: resume.skills.append(
        SkillGroup(skills=[Skill(name="Communication"), Skill(name="Docker")])
    ),
    "later": lambda resume: resume.employers.append(
        Employer(positions=[Position(title="Head of Backend", start=PartialDate(year=2025), current=True)])
    ),
}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(sorted(ADDITIONS)), unique=True), st.sampled_from(["", "2026-01-15"]))
def test_adding_a_fact_never_lowers_the_score(additions, as_of):
    analysis = ANALYSIS.model_copy(update={"as_of": as_of})
    resume = backend_resume()
    before = match_resume(resume, analysis).score

    for name in additions:
        ADDITIONS[name](resume)
        after = match_resume(resume.assign_ids(), analysis).score
        assert after >= before
        before = after


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(random):
    shuffled = backend_resume()
    random.shuffle(shuffled.employers[0].positions)
    random.shuffle(shuffled.employers[0].positions[0].highlights)
    random.shuffle(shuffled.skills[0].skills)
    random.shuffle(shuffled.languages)

    one, other = match_resume(backend_resume(), ANALYSIS), match_resume(shuffled, ANALYSIS)

    assert one.model_copy(update={"inputs_hash": ""}) == other.model_copy(update={"inputs_hash": ""})


def test_what_was_answered_for_one_posting_serves_the_next():
    matcher = Matcher(backend_resume())
    other = ANALYSIS.model_copy(update={"requirements": ANALYSIS.requirements[::-1], "title": "Nurse"})

    first, second, third = matcher.match(ANALYSIS), matcher.match(other), matcher.match(ANALYSIS)

    assert first == third == match_resume(backend_resume(), ANALYSIS)
    assert second == match_resume(backend_resume(), other)
