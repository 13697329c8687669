"""Invented people: CVs made from lines of a trade, the same for the same seed."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
    Resume,
    Skill,
    SkillGroup,
)

DATA_DIR = Path(__file__).parent / "data"
FIRST = [
    "Ada",
    "Bela",
    "Cora",
    "Dario",
    "Enno",
    "Fatma",
    "Goran",
    "Hanna",
    "Ivo",
    "Jana",
    "Kofi",
    "Lea",
    "Mira",
    "Nuno",
    "Olga",
    "Pavel",
    "Quinn",
    "Rosa",
    "Samir",
    "Tilda",
    "Uwe",
    "Vera",
    "Wanda",
    "Xenia",
    "Yusuf",
    "Zoe",
]
LAST = [
    "Quill",
    "Sample",
    "Marsh",
    "Tolland",
    "Brook",
    "Vetter",
    "Okoro",
    "Lindt",
    "Farrow",
    "Ashby",
    "Castell",
    "Dorn",
    "Elwood",
    "Fenn",
    "Garrow",
    "Hale",
    "Iversen",
    "Jessop",
    "Kestrel",
    "Lowry",
]
EMPLOYERS = (
    "Harbour Systems", "Northwind Works", "Lindenhof", "Marlow & Sons", "Blue Heron Ltd", "Tidewater Group", "Ostmark Services", "Greenfield House",
    "Alderney Partners", "Cobalt Street", "Fenwick Brothers", "Kingfisher Union", "Silver Birch GmbH", "Redstone Collective", "Hollow Oak", "Westbridge",
)  # fmt: skip
SCHOOLS = ("University of Marlow", "Northport College", "Alder Institute", "Technical School of Westbridge")
LANGUAGES = (("German", "B1"), ("Spanish", "A2"), ("French", "B2"), ("Polish", "C1"), ("Italian", "A2"))
SLOT = re.compile(r"<(\d+)-(\d+)(k?)>")
POSITIONS = 3
LINES = (2, 3)
NOW_YEAR, NOW_MONTH = 2026, 11
CAREER_YEARS = ((0, 1), (3, 5), (7, 14))


@dataclass(frozen=True, slots=True)
class Trade:
    """What people of a trade write, and what is asked of them. `is_kept_apart`: not looked at while the gate is tuned."""

    name: str
    titles: tuple[str, ...]
    skills: tuple[str, ...]
    also: dict[str, str]
    study: tuple[str, str]
    certificate: str
    asks: tuple[str, ...]
    duties: tuple[str, ...]
    lines: tuple[str, ...]
    is_kept_apart: bool


@dataclass(frozen=True, slots=True)
class Invented:
    """An invented person's CV, the trade that it is of, and how far it has come in it, by level and years where they were drawn."""

    resume: Resume
    trade: Trade
    level: int = 2
    years: int = 0


@cache
def trades() -> tuple[Trade, ...]:
    """Return the trades of the data file; the last third is kept apart."""
    text = (DATA_DIR / "trades.txt").read_text(encoding="utf-8")
    blocks = [block for block in text.split("\n\n") if block.startswith("[")]
    return tuple(_trade(block, is_kept_apart=number * 3 >= 2 * len(blocks)) for number, block in enumerate(blocks))


def invented_people(count: int, *, seed: int) -> Iterator[Invented]:
    """Yield people of all trades in turn."""
    for number in range(count):
        trade = trades()[number % len(trades())]
        draw = random.Random(f"{seed}/{number}")  # noqa: S311 - reproducible on purpose
        yield Invented(_resume(trade, draw), trade)


def at_level(person: Invented, level: int, draw: random.Random) -> Invented:
    """Return a person who has come only so far: the first positions of the career, as if they led up to now.

    Level 0 has up to a year of work, level 1 three to five, level 2 seven to fourteen.
    """
    resume = person.resume.model_copy(deep=True)
    # Employers stand with the latest first.
    resume.employers = resume.employers[len(resume.employers) - level - 1 :]
    years = draw.randint(*CAREER_YEARS[level])
    step = years / (level + 1)
    for place, employer in enumerate(reversed(resume.employers)):
        position = employer.positions[0]
        is_last = place == level
        position.start = _months_before_now(years - place * step)
        position.end = None if is_last else _months_before_now(years - (place + 1) * step)
        position.current = is_last
    resume.person.headline = resume.employers[0].positions[0].title
    for study in resume.education:
        study.start, study.end = (PartialDate(year=NOW_YEAR - years - ago) for ago in (4, 1))
    return Invented(resume, person.trade, level, years)


def _months_before_now(years: float) -> PartialDate:
    months = NOW_YEAR * 12 + NOW_MONTH - 1 - round(years * 12)
    return PartialDate(year=months // 12, month=months % 12 + 1)


def _trade(block: str, *, is_kept_apart: bool) -> Trade:
    head, *rows = block.strip().splitlines()
    fields = dict(row.split(": ", 1) for row in rows if not row.startswith("- "))
    listed = {name: tuple(part.strip() for part in text.split("|")) for name, text in fields.items()}
    kind, area = listed["study"]
    return Trade(
        name=head.strip("[]"),
        titles=listed["titles"],
        skills=tuple(skill.strip() for skill in fields["skills"].split(",")),
        also=dict(tuple(pair.strip().split(" = ")) for pair in fields["also"].split(",")),  # type: ignore[misc]
        study=(kind, area),
        certificate=fields["certificate"],
        asks=listed["asks"],
        duties=listed["duties"],
        lines=tuple(row[2:] for row in rows if row.startswith("- ")),
        is_kept_apart=is_kept_apart,
    )


def _resume(trade: Trade, draw: random.Random) -> Resume:
    lines = [filled(line, draw) for line in draw.sample(trade.lines, len(trade.lines))]
    employers = draw.sample(EMPLOYERS, POSITIONS)
    start = draw.randint(2006, 2013)
    positions = []
    for title, employer in zip(trade.titles, employers, strict=True):
        end = start + draw.randint(2, 4)
        size = draw.randint(*LINES)
        taken, lines = lines[:size], lines[size:]
        positions.append((employer, title, start, end, draw.randint(1, 12), taken))
        start = end
    skill_count = draw.randint(2, len(trade.skills) - 1)
    name = f"{draw.choice(FIRST)} {draw.choice(LAST)}"
    second, level = draw.choice(LANGUAGES)
    return Resume(
        person=Person(name=name, headline=positions[-1][1], email=f"{name.lower().replace(' ', '.')}@example.org"),
        employers=[
            Employer(
                name=employer,
                positions=[
                    Position(
                        title=title,
                        start=PartialDate(year=begun, month=month),
                        end=None if is_last else PartialDate(year=ended, month=month),
                        current=is_last,
                        highlights=[Line(text=line) for line in taken],
                    )
                ],
            )
            for is_last, (employer, title, begun, ended, month, taken) in zip(
                (True, False, False), reversed(positions), strict=True
            )
        ],
        education=[
            Education(
                institution=draw.choice(SCHOOLS),
                degree=trade.study[0],
                area=trade.study[1],
                start=PartialDate(year=positions[0][2] - 4),
                end=PartialDate(year=positions[0][2] - 1),
            )
        ],
        skills=[SkillGroup(skills=[Skill(name=name) for name in draw.sample(trade.skills, skill_count)])],
        languages=[
            Language(name="English", fluency="Native", cefr=CEFRLevel.NATIVE),
            Language(name=second, fluency=level, cefr=CEFRLevel(level)),
        ],
        certificates=[Certificate(name=trade.certificate)],
        language="en",
    ).assign_ids()


def filled(line: str, draw: random.Random) -> str:
    """Return a line of the data file with its numbers drawn; ranges that end in `k` are of thousands."""

    def number(match: re.Match[str]) -> str:
        value = draw.randint(int(match[1]), int(match[2]))
        return f"{value},{draw.randint(1, 9)}00" if match[3] else str(value)

    return SLOT.sub(number, line)
