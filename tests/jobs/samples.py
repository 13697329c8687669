"""Invented people and postings for the tests of `jobs`."""

from datetime import date

from cv.resume import (
    CEFRLevel,
    Certificate,
    Education,
    Employer,
    Language,
    Line,
    PartialDate,
    Person,
    Position,
    Project,
    Resume,
    Skill,
    SkillGroup,
)
from jobs.matching.types import Band, Coverage, MatchReport, RequirementMatch
from jobs.posting import PostingAnalysis, Requirement, RequirementCategory, RequirementKind

TODAY = date(2026, 11, 1)


def resume_of_ada() -> Resume:
    return Resume(
        person=Person(
            name="Ada Quill",
            headline="Software engineer for payment systems",
            email="ada.quill@example.org",
            phone="+1 202-555-0142",
            summary="Software engineer with eight years in payment systems, mostly in Python.",
        ),
        employers=[
            Employer(
                name="Harbour Systems",
                positions=[
                    Position(
                        title="QA Lead",
                        start=PartialDate(year=2021, month=6),
                        current=True,
                        highlights=[
                            Line(text="Led a team of 5 testers across two sites"),
                            Line(text="Ordered office supplies"),
                            Line(
                                text="Introduced automated regression tests with Pytest and Jenkins for 40 releases a year"
                            ),
                            Line(text="Was responsible for writing release notes in order to inform customers"),
                        ],
                    )
                ],
            ),
            Employer(
                name="Northwind Bank",
                positions=[
                    Position(
                        title="Software Engineer",
                        start=PartialDate(year=2018, month=3),
                        end=PartialDate(year=2021, month=5),
                        highlights=[
                            Line(text="Helped build the mobile app with 3 teams in 12 countries"),
                            Line(
                                text="Developed a billing service in Python and PostgreSQL, cutting invoice errors by 30% for 12,000 customers."
                            ),
                            Line(text="Moved 14 services to Docker and k8s with no outage"),
                        ],
                    )
                ],
            ),
        ],
        projects=[
            Project(name="Tidewatch", description="Tide tables for sailors", keywords=["Django", "Redis"]),
        ],
        education=[
            Education(
                institution="University of Leeds",
                degree="BSc",
                area="Mathematics",
                start=PartialDate(year=2014),
                end=PartialDate(year=2017),
            )
        ],
        skills=[
            SkillGroup(
                name="Tools",
                skills=[Skill(name="Excel"), Skill(name="Python"), Skill(name="PostgreSQL"), Skill(name="Terraform")],
            )
        ],
        languages=[
            Language(name="English", fluency="Native", cefr=CEFRLevel.NATIVE),
            Language(name="German", fluency="B1", cefr=CEFRLevel.B1),
        ],
        certificates=[Certificate(name="ISTQB Foundation Level", issuer="ISTQB")],
        language="en",
    ).assign_ids()


POSTING_TEXT = """Senior Backend Engineer at Globex, Leeds

Globex runs the payment platform of 40 regional banks.

What you will do
- Design and run payment services in Python

Requirements
- Experience with Python and PostgreSQL
- Kubernetes in production
- Automated testing of releases
- German at level B1 or better
- Rust

Contact: Maria Steiner
"""


def posting_analysis() -> PostingAnalysis:
    wanted = [
        ("r1", "Design and run payment services in Python", RequirementKind.MUST, RequirementCategory.DUTY, ""),
        ("r2", "Experience with Python and PostgreSQL", RequirementKind.MUST, RequirementCategory.SKILL, "Python"),
        ("r3", "Kubernetes in production", RequirementKind.MUST, RequirementCategory.SKILL, "Kubernetes"),
        ("r4", "Automated testing of releases", RequirementKind.MUST, RequirementCategory.SKILL, "Test automation"),
        ("r5", "German at level B1 or better", RequirementKind.NICE, RequirementCategory.LANGUAGE, "German"),
        ("r6", "Rust", RequirementKind.NICE, RequirementCategory.SKILL, "Rust"),
    ]
    return PostingAnalysis(
        title="Senior Backend Engineer",
        employer="Globex",
        location="Leeds",
        language="en",
        contact_name="Maria Steiner",
        requirements=[
            Requirement(
                id=number,
                text=text,
                start=POSTING_TEXT.index(text),
                end=POSTING_TEXT.index(text) + len(text),
                kind=kind,
                category=category,
                concept=concept,
            )
            for number, text, kind, category, concept in wanted
        ],
    )


def match_report(resume: Resume, analysis: PostingAnalysis) -> MatchReport:
    """Return a report as matching would, with the evidence given by hand."""
    lines = {line.text: line.id for line in resume.items() if isinstance(line, Line)}
    evidence = {
        "r1": ["Developed a billing"],
        "r2": ["Developed a billing"],
        "r3": ["Moved 14 services"],
        "r4": ["Introduced automated"],
        "r5": [],
        "r6": [],
    }
    found = {
        number: [line_id for text, line_id in lines.items() if any(text.startswith(b) for b in beginnings)]
        for number, beginnings in evidence.items()
    }
    found["r5"] = [language.id for language in resume.languages if language.name == "German"]
    return MatchReport(
        inputs_hash="0" * 64,
        score=71,
        band=Band.GOOD,
        requirements=[
            RequirementMatch(
                requirement_id=requirement.id,
                text=requirement.text,
                kind=requirement.kind,
                category=requirement.category,
                coverage=Coverage.SHOWN if found[requirement.id] else Coverage.MISSING,
                strength=1.0 if found[requirement.id] else 0.0,
                fact_ids=found[requirement.id],
            )
            for requirement in analysis.requirements
        ],
    )
