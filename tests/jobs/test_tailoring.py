import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cv.resume import (
    CustomSection,
    Employer,
    Line,
    PartialDate,
    Person,
    Position,
    Resume,
    Skill,
    SkillGroup,
)
from cv.skills import concepts_in
from jobs.analysis.rules import analyse_with_rules
from jobs.errors import ChangeConflictError
from jobs.matching import match_resume
from jobs.models import ChangeKind
from jobs.posting import Requirement, RequirementCategory
from jobs.tailoring import ChangeGate, ProposedChange, apply_changes, conflicts, run_tailoring, tailor, tailoring_inputs
from jobs.tailoring.rephrasing import reword, trim
from jobs.tailoring.task import TAILOR_CV
from jobs.tailoring.types import TailoringAnswer
from tests.jobs.samples import TODAY, match_report, posting_analysis, resume_of_ada

RESUME = resume_of_ada()
ANALYSIS = posting_analysis()
REPORT = match_report(RESUME, ANALYSIS)
INPUTS = tailoring_inputs(RESUME, ANALYSIS, REPORT)
CHANGES = TAILOR_CV.embedded(INPUTS).changes


def line_id(beginning: str) -> str:
    return next(item.id for item in RESUME.items() if getattr(item, "text", "").startswith(beginning))


def rephrase(beginning: str, after: str, **more: object) -> ProposedChange:
    target = line_id(beginning)
    before = RESUME.item(target).text  # type: ignore[union-attr]
    values = {"kind": ChangeKind.REPHRASE, "target_id": target, "field": "text", "before": before, "after": after}
    return ProposedChange(**{**values, **more})


def skeleton(resume: Resume) -> list[object]:
    """What tailoring must never touch."""
    return [
        resume.person.model_dump(exclude={"summary"}),
        [(e.name, e.location, [(p.title, p.start, p.end, p.current) for p in e.positions]) for e in resume.employers],
        [study.model_dump() for study in resume.education],
        [language.model_dump() for language in resume.languages],
        [certificate.model_dump() for certificate in resume.certificates],
    ]


def test_a_plain_pair_gets_several_changes_of_several_kinds():
    assert len(CHANGES) >= 5
    assert {change.kind for change in CHANGES} >= {ChangeKind.REORDER, ChangeKind.REPHRASE, ChangeKind.SURFACE}
    assert all(change.reason for change in CHANGES)
    assert TAILOR_CV.embedded(INPUTS).refused == []


def test_the_postings_word_replaces_an_alias():
    assert any(c.after == "Moved 14 services to Docker and Kubernetes with no outage" for c in CHANGES)


def test_a_proven_skill_is_surfaced_with_its_line_as_evidence():
    surfaced = [change for change in CHANGES if change.kind == ChangeKind.SURFACE]

    assert [(change.after, change.evidence_ids) for change in surfaced] == [("Kubernetes", [line_id("Moved 14")])]


def test_a_skill_that_nothing_proves_is_never_surfaced():
    assert not any("Rust" in change.after for change in CHANGES)


def surfaced_for(*requirements: dict[str, object], title: str = "QA Lead", line: str = "") -> list[str]:
    """Names of the skills that are shown when the posting asks for these things alone."""
    resume = resume_of_ada()
    position = resume.employers[0].positions[0]
    position.title = title
    position.highlights[0].text = line or position.highlights[0].text
    asked = [
        slot.model_copy(update=requirement)
        for slot, requirement in zip(ANALYSIS.requirements[2:], requirements, strict=False)
    ]
    analysis = ANALYSIS.model_copy(update={"requirements": asked})
    changes = TAILOR_CV.embedded(tailoring_inputs(resume, analysis, match_report(resume, analysis))).changes
    return [change.after for change in changes if change.kind == ChangeKind.SURFACE]


def test_skills_that_fit_under_no_heading_stand_together_under_none():
    resume = resume_of_ada()
    databases = resume.skills[0]
    databases.name = "Databases"
    databases.skills = [databases.skills[0].model_copy(update={"name": "MySQL"})]
    resume.skills = [databases]
    resume.employers[0].positions[0].highlights[0].text = "Moved 14 services to Kubernetes, tested with Selenium"
    asked = [
        slot.model_copy(update={"text": name, "concept": name, "category": RequirementCategory.SKILL})
        for slot, name in zip(ANALYSIS.requirements[2:], ("Kubernetes", "Selenium"), strict=False)
    ]
    analysis = ANALYSIS.model_copy(update={"requirements": asked})
    changes = TAILOR_CV.embedded(tailoring_inputs(resume, analysis, match_report(resume, analysis))).changes
    surfaced = [change for change in changes if change.kind == ChangeKind.SURFACE]

    tailored = apply_changes(resume, surfaced)

    assert [(group.name, [skill.name for skill in group.skills]) for group in tailored.skills] == [
        ("Databases", ["MySQL"]),
        ("", ["Kubernetes", "Selenium"]),
    ]


def test_a_title_proves_no_skill():
    data_analysis = {"text": "Data analysis", "concept": "Data analysis"}

    assert surfaced_for(data_analysis, title="Data Analyst") == []


def test_a_skill_is_not_called_by_a_title_of_the_posting():
    years = {
        "text": "5 years as a data analyst",
        "concept": "Data analysis",
        "category": RequirementCategory.EXPERIENCE,
    }
    skill = {
        "text": "Python for data analysis",
        "concept": "Data analysis",
        "category": RequirementCategory.SKILL,
    }

    assert surfaced_for(years, skill, line="Data analysis of 14 services") == ["Data analysis"]


def test_what_only_a_task_of_the_job_names_is_not_surfaced_as_a_skill():
    kubernetes = {"text": "Run Kubernetes for the bank", "concept": "Kubernetes"}

    assert surfaced_for(kubernetes | {"category": RequirementCategory.SKILL}) == ["Kubernetes"]
    assert surfaced_for(kubernetes | {"category": RequirementCategory.DUTY}) == []


def test_the_line_that_answers_most_comes_first():
    tailored = apply_changes(RESUME, CHANGES)

    assert tailored.employers[1].positions[0].highlights[0].text.startswith("Developed a billing")
    assert [skill.name for skill in tailored.skills[0].skills][:2] == ["Python", "PostgreSQL"]


def test_two_postings_get_different_changes():
    other = ANALYSIS.model_copy(update={"requirements": [ANALYSIS.requirements[4]]})

    changes = TAILOR_CV.embedded(tailoring_inputs(RESUME, other, match_report(RESUME, other))).changes

    assert [change.model_dump() for change in changes] != [change.model_dump() for change in CHANGES]


@given(st.sets(st.sampled_from(range(len(CHANGES)))), st.randoms(use_true_random=False))
def test_any_accepted_set_leaves_employers_titles_dates_and_schools_alone(chosen, random):
    accepted = [CHANGES[number] for number in chosen]
    before = RESUME.model_dump_json()
    shuffled = list(accepted)
    random.shuffle(shuffled)

    result = apply_changes(RESUME, accepted)

    assert skeleton(result) == skeleton(RESUME)
    assert RESUME.model_dump_json() == before
    assert apply_changes(RESUME, shuffled) == result


def test_no_change_gives_an_equal_resume():
    assert apply_changes(RESUME, []) == RESUME


def test_a_dropped_line_is_gone_and_the_others_stay():
    target = line_id("Ordered")
    drop = ProposedChange(kind=ChangeKind.DROP, target_id=target, field="text", before="Ordered office supplies")

    result = apply_changes(RESUME, [drop])

    assert result.item(target) is None
    assert len(result.employers[0].positions[0].highlights) == 3


@pytest.mark.parametrize(
    "change",
    [
        {
            "kind": "rephrase",
            "target_id": "employer-1",
            "field": "name",
            "before": "Harbour Systems",
            "after": "Harbor",
        },
        {"kind": "rephrase", "target_id": "position-1", "field": "title", "before": "QA Lead", "after": "Head of QA"},
        {"kind": "rephrase", "target_id": "line-99", "field": "text", "before": "", "after": "x"},
        {
            "kind": "reorder",
            "target_id": "position-1",
            "field": "highlights",
            "before": "line-1\nline-2",
            "after": "line-2",
        },
        {"kind": "reorder", "target_id": "resume", "field": "employers", "before": "", "after": ""},
    ],
)
def test_what_may_not_be_changed_is_refused_by_address(change):
    with pytest.raises(ChangeConflictError):
        apply_changes(RESUME, [ProposedChange(**change)])
    assert ChangeGate(RESUME, today=TODAY).problems(ProposedChange(**change))


def test_a_new_order_holds_exactly_the_old_entries():
    order = "\n".join(line.id for line in RESUME.employers[0].positions[0].highlights)
    change = ProposedChange(
        kind=ChangeKind.REORDER, target_id="position-1", field="highlights", before=order, after=order.splitlines()[0]
    )

    with pytest.raises(ChangeConflictError, match="exactly"):
        apply_changes(RESUME, [change])


def test_a_line_edited_meanwhile_is_not_overwritten():
    change = rephrase("Ordered", "Bought office supplies", before="Something else")

    with pytest.raises(ChangeConflictError):
        apply_changes(RESUME, [change])


def test_two_changes_of_one_place_conflict():
    change = rephrase("Ordered", "Ordered supplies")
    drop = change.model_copy(update={"kind": ChangeKind.DROP, "after": ""})

    assert conflicts([change, drop])
    with pytest.raises(ChangeConflictError, match="same place"):
        apply_changes(RESUME, [change, drop])


@pytest.mark.parametrize(
    ("after", "evidence"),
    [
        ("Owned a team of 5 testers across two sites", []),
        ("Led a team of 15 testers across two sites", []),
        ("Led a team of 5 testers across two sites with Python", ["Developed a billing"]),
        ("Led an award-winning team of 5 testers", []),
        ("  ", []),
    ],
)
def test_the_gate_refuses_a_rephrasing_that_says_more(after, evidence):
    change = rephrase("Led a team", after, evidence_ids=[line_id(beginning) for beginning in evidence])

    assert ChangeGate(RESUME, today=TODAY).problems(change)


@pytest.mark.parametrize(
    ("skill", "evidence"), [("Rust", ["Moved 14"]), ("Kubernetes", []), ("Kubernetes", ["Ordered"])]
)
def test_the_gate_refuses_a_skill_without_proof(skill, evidence):
    change = ProposedChange(
        kind=ChangeKind.SURFACE,
        target_id="skillgroup-1",
        field="skills",
        after=skill,
        evidence_ids=[line_id(beginning) for beginning in evidence],
    )

    assert ChangeGate(RESUME).problems(change)


def test_an_unknown_citation_is_refused():
    change = rephrase("Led a team", "Led 5 testers across two sites", evidence_ids=["line-77"])

    assert "line-77" in ChangeGate(RESUME).problems(change)[0]


def test_a_providers_lies_are_dropped_and_listed():
    answer = TailoringAnswer.model_validate_json(
        json.dumps(
            {
                "changes": [
                    {
                        "kind": "rephrase",
                        "target_id": line_id(beginning),
                        "field": "text",
                        "after": after,
                        "evidence_ids": [line_id(beginning)],
                        "requirement_ids": ["r2", "r99"],
                        "reason": "Clearer.",
                    }
                    for beginning, after in (
                        ("Led a team", "Led 5 testers across two sites"),
                        ("Ordered", "Negotiated contracts worth $2M"),
                        ("Helped build", "Built the mobile app with 3 teams in 12 countries"),
                    )
                ]
            }
        )
    )

    output = TAILOR_CV.finish(INPUTS, answer)

    assert [change.after for change in output.changes] == ["Led 5 testers across two sites"]
    assert output.changes[0].requirement_ids == ["r2"]
    assert {refused.change.after for refused in output.refused} == {
        "Negotiated contracts worth $2M",
        "Built the mobile app with 3 teams in 12 countries",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Was responsible for writing release notes in order to inform customers",
            "Wrote release notes to inform customers",
        ),
        ("Responsible for planning and testing releases", "Responsible for planning and testing releases"),
        ("Duties included: cleaning of tools", "Cleaning of tools"),
        ("I developed a shop", "Developed a shop"),
        ("Built a shop", "Built a shop"),
        ("Successfully sold 40 cars", "Sold 40 cars"),
    ],
)
def test_filler_goes_and_the_verb_comes_first(text, expected):
    assert trim(text) == expected


def test_a_name_is_not_replaced_inside_a_longer_one():
    names = {"Kubernetes": "Kubernetes"}

    assert reword("See k8s.io and k8s-tools", names) is None
    assert reword("Ran k8s", names).text == "Ran Kubernetes"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Wrote the REST API that 12 partners use", {"REST API": "REST APIs"}),
        ("Read ECGs of 9 patients", {"Electrocardiography": "ECG"}),
    ],
)
def test_one_thing_does_not_become_several(line, names):
    names |= {mention.concept: name for name in names.values() for mention in concepts_in(line)}

    assert reword(line, names) is None


def test_a_reason_tells_what_answers_from_what_comes_near():
    mysql = {
        "id": "req-8",
        "text": "MySQL",
        "start": 0,
        "end": 5,
        "kind": "must",
        "category": "skill",
        "concept": "MySQL",
    }
    near = posting_analysis().model_copy(update={"requirements": [Requirement.model_validate(mysql)]})
    given = tailoring_inputs(RESUME, near, match_resume(RESUME, near))

    reasons = [change.reason for change in TAILOR_CV.embedded(given).changes if change.kind == ChangeKind.REORDER]

    assert not any("answers “MySQL”" in reason or "names: PostgreSQL" in reason for reason in reasons)


@pytest.mark.django_db
def test_tailoring_goes_through_the_router_and_is_booked():
    from usage.models import Call

    result = run_tailoring(RESUME, ANALYSIS, REPORT)

    assert result.output.changes == CHANGES
    assert Call.objects.get(pk=result.call_id).task_type == "cv_tailoring"
    assert tailor(RESUME, ANALYSIS, REPORT) == CHANGES


def tailored_for(posting: str, resume: Resume) -> list[ProposedChange]:
    analysis = analyse_with_rules(posting, as_of="2026-11-01")
    answer = TAILOR_CV.embedded(tailoring_inputs(resume, analysis, match_resume(resume, analysis)))
    return answer.changes


def manager(headline: str = "Operations Director", lines: tuple[str, ...] = (), **more: Any) -> Resume:
    position = Position(
        title="Director of Operations",
        start=PartialDate(year=2018),
        current=True,
        highlights=[Line(text=text) for text in lines],
    )
    person = Person(name="Mia Dorn", headline=headline)
    employers = [Employer(name="Harbour Systems", positions=[position])]
    return Resume(person=person, employers=employers, language="en", **more).assign_ids()


def test_a_headline_is_not_replaced_by_the_same_words():
    changes = tailored_for("Vice President of Operations\n\nRequirements\n- SAP\n", manager())

    assert not [change for change in changes if change.kind == ChangeKind.HEADLINE]


def test_skills_that_the_posting_writes_out_come_first_in_the_persons_order():
    names = ["Butchery", "Allergen management", "HACCP", "Pastry", "Stock control"]
    skills = [SkillGroup(skills=[Skill(name=name) for name in names])]
    posting = "Head chef\n\nRequirements\n- HACCP and allergen management\n- Stock control\n"

    resume = manager(skills=skills)
    tailored = apply_changes(resume, tailored_for(posting, resume))

    assert [skill.name for skill in tailored.skills[0].skills] == [
        "Allergen management",
        "HACCP",
        "Stock control",
        "Butchery",
        "Pastry",
    ]


def test_lines_keep_the_persons_order_where_each_answers_the_posting():
    lines = ("Ran recruitment for 30 posts a year", "Organised job fairs", "Held interviews with applicants")
    posting = "Recruiter\n\nYour tasks\n- Run recruitment for posts\n- Job fairs and interviews\n\nRequirements\n- Good organisation of your work\n"

    changes = tailored_for(posting, manager(lines=lines))

    assert not [change for change in changes if change.field == "highlights"]


def test_a_skill_that_another_section_lists_is_not_surfaced():
    posting = "Clinic manager\n\nRequirements\n- Mentoring of students\n- Knowledge of Excel\n"
    lines = ("Did the mentoring of eleven student nurses",)
    listed = [CustomSection(title="Strengths", lines=[Line(text="Mentoring")])]

    assert [c.after for c in tailored_for(posting, manager(lines=lines)) if c.kind == ChangeKind.SURFACE]
    assert not [c for c in tailored_for(posting, manager(lines=lines, custom=listed)) if c.kind == ChangeKind.SURFACE]


def test_a_line_of_work_answers_no_demand_for_a_degree():
    lines = ("Cared for three patients a shift", "Taught six student nurses")
    posting = "Nurse\n\nRequirements\n- Degree in nursing\n- Knowledge of Excel\n"

    assert not [c for c in tailored_for(posting, manager(lines=lines)) if c.field == "highlights"]
