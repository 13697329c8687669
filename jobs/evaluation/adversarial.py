"""The sentences written by hand: lies and truths about a few invented CVs."""

from collections.abc import Iterator
from pathlib import Path

from cv.facts import Fact, facts_of
from cv.resume import (
    Certificate,
    CustomSection,
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
from jobs.evaluation.cases import Case

DATA_DIR = Path(__file__).parent / "data"
_CLAIMS = ("- ", "+ ")


def adversarial_cases(name: str = "adversarial", *, part: str = "") -> Iterator[tuple[Case, list[Fact]]]:
    """Yield each sentence of a list with the facts of the CV that it is about; no line is cited.

    A row `claims` names the language of the sentences after it, a row `part` the part of the list that a CV belongs to, a row `hand` who wrote them;
    language and hand are part of a case's kind.
    """
    text = (DATA_DIR / f"{name}.txt").read_text(encoding="utf-8")
    for block in text.split("[cv]\n")[1:]:
        rows = block.strip().splitlines()
        if part and f"part: {part}" not in rows:
            continue
        facts = facts_of(_resume([row for row in rows if not row.startswith(_CLAIMS)]))
        hand = next((row.removeprefix("hand: ") for row in rows if row.startswith("hand: ")), "")
        language = ""
        for row in rows:
            if row.startswith("claims: "):
                language = row.removeprefix("claims: ")
            elif row.startswith(_CLAIMS):
                is_true = row[0] == "+"
                kind = " ".join(filter(None, ("truth" if is_true else "lie", hand, language)))
                yield Case(kind, row[2:], facts[0], is_true=is_true, language=language), facts


def _resume(rows: list[str]) -> Resume:
    resume = Resume(person=Person())
    lines: list[Line] = []
    for row in rows:
        if row.startswith("* "):
            lines.append(Line(text=row[2:]))
            continue
        name, _, value = row.partition(": ")
        parts = [part.strip() for part in value.split("|")]
        if name in {"name", "headline", "summary"}:
            setattr(resume.person, name, value)
        elif name == "position":
            # pydantic copies no lists: bullets that follow land in the position.
            position = Position(title=parts[0], start=_date(parts[2]), end=_date(parts[3]), current=parts[3] == "now")
            lines = position.highlights
            resume.employers.append(Employer(name=parts[1], positions=[position]))
        elif name == "volunteer":
            post = Volunteering(title=parts[0], organization=parts[1], start=_date(parts[2]), end=_date(parts[3]))
            lines = post.highlights
            resume.volunteering.append(post)
        else:
            _add_to_lists(resume, name, parts)
    return resume.assign_ids()


def _add_to_lists(resume: Resume, name: str, parts: list[str]) -> None:
    if name == "education":
        kind, area, school, start, end = parts
        study = Education(degree=kind, area=area, institution=school, start=_date(start), end=_date(end))
        resume.education.append(study)
    elif name == "skills":
        resume.skills.append(SkillGroup(skills=[Skill(name=skill.strip()) for skill in parts[0].split(",")]))
    elif name == "language":
        resume.languages.append(Language(name=parts[0], fluency=parts[1]))
    elif name == "certificate":
        resume.certificates.append(Certificate(name=parts[0]))
    elif name == "other":
        resume.custom.append(CustomSection(title="Other", lines=[Line(text=parts[0])]))


def _date(text: str) -> PartialDate | None:
    year, _, month = text.partition("-")
    return PartialDate(year=int(year), month=int(month) if month else None) if year.isdigit() else None
