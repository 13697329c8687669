"""Invented postings for invented trades, in words of their own."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.evaluation.people import Invented, Trade, trades
from jobs.evaluation.rewrites import lowered

HIRING = (
    "Globex",
    "Contoso",
    "Initech",
    "Umbra Works",
    "Vandelay",
    "Hooli",
    "Stark & Lane",
    "Meridian Care",
    "Polder Group",
    "Sunfield",
)
PLACES = ("Leeds", "Graz", "Utrecht", "Cork", "Porto", "Gdynia")
INTROS = (
    "{employer} is growing, and we are looking for a {title}.", "We are {employer}, and we need a {title} in {place}.",
    "Join {employer} as {title}. You will work with a small team in {place}.",
)  # fmt: skip
ASK_HEADS = ("Requirements", "What you bring", "Your profile")
DUTY_HEADS = ("Your tasks", "What you will do", "Responsibilities")
DEMANDS = ("Experience with {skill}", "Knowledge of {skill}", "{skill}", "You know {skill}", "Practice in {skill}")
# What postings say beside the point, with the words of another trade: whom an employer serves, and what it gives.
ABOUT = (
    "Our customers come to us for {one}, {two} and {three}.", "{employer} makes products for people who {duty}.",
    "Since 1998 we have worked for firms that {duty}; {one} and {three} are what they know best.",
)  # fmt: skip
BENEFITS = (
    "Free courses in {one}, {two} and first aid",
    "Thirty days of holiday",
    "A discount with our partners for {one}",
)
SKILLS = (3, 5)
# The least and the most years that are asked for, by level.
YEARS = ((0, 1), (2, 4), (6, 9))
YEARS_ASKED = (
    "At least {years} years of experience in a similar role",
    "{years}+ years of professional experience",
    "Minimum {years} years of relevant work experience",
)


@dataclass(frozen=True, slots=True)
class InventedPosting:
    """A posting's text, and what it was made from: `skills` are those that it asks for, as the trade calls them."""

    text: str
    title: str
    employer: str
    trade: Trade
    skills: tuple[str, ...]
    level: int = 0
    years: int = 0


def bare_posting(trade: Trade, draw: random.Random) -> InventedPosting:
    """Return a posting of one of a trade's three levels, with the years that it asks for and nothing beside the point.

    Its demands are written in the postings' words wherever a skill has another name; `level` is the place of its title.
    """
    level = draw.randrange(len(trade.titles))
    title, years = trade.titles[level], draw.randint(*YEARS[level])
    skills = tuple(draw.sample(trade.skills, min(draw.randint(*SKILLS), len(trade.skills))))
    names = [trade.also.get(skill, skill) for skill in skills]
    demands = [draw.choice(DEMANDS).format(skill=name) for name in names]
    if years:
        demands.append(draw.choice(YEARS_ASKED).format(years=years))
    duties = draw.sample(trade.duties, min(len(trade.duties), 2))
    rows = [title, "", draw.choice(DUTY_HEADS), *(f"- {duty}" for duty in duties)]
    rows += ["", draw.choice(ASK_HEADS), *(f"- {demand[0].upper()}{demand[1:]}" for demand in demands)]
    return InventedPosting("\n".join(rows) + "\n", title, "", trade, skills, level, years)


def invented_posting(trade: Trade, draw: random.Random) -> InventedPosting:
    """Return a posting of a trade that asks for some of its skills, often by another name, among words of other trades."""
    skills = tuple(draw.sample(trade.skills, min(draw.randint(*SKILLS), len(trade.skills))))
    title, employer, place = draw.choice(trade.titles), draw.choice(HIRING), draw.choice(PLACES)
    other = draw.choice([one for one in trades() if one is not trade])
    one, two, three = draw.sample(other.skills, 3)
    about = [
        row.format(one=one, two=two, three=three, employer=employer, duty=lowered(draw.choice(other.duties)))
        for row in ABOUT
    ]
    demands = [draw.choice(DEMANDS).format(skill=_named(trade, skill, draw)) for skill in skills]
    rows = [title, f"{employer}, {place}", "", draw.choice(INTROS).format(employer=employer, title=title, place=place)]
    rows += ["", "About us", *about]
    rows += ["", draw.choice(DUTY_HEADS), *(f"- {duty}" for duty in trade.duties)]
    rows += ["", draw.choice(ASK_HEADS), *(f"- {demand[0].upper()}{demand[1:]}" for demand in demands)]
    rows += ["", "What we offer", *(f"- {benefit.format(one=two, two=one)}" for benefit in draw.sample(BENEFITS, 2))]
    return InventedPosting("\n".join(rows) + "\n", title, employer, trade, skills)


def postings_for(person: Invented, draw: random.Random, count: int) -> Sequence[InventedPosting]:
    """Return postings for a person: three of five of the person's trade, the others of any."""
    own = max(1, count * 3 // 5)
    return [invented_posting(person.trade if n < own else draw.choice(trades()), draw) for n in range(count)]


def _named(trade: Trade, skill: str, draw: random.Random) -> str:
    """Return one of a skill's names."""
    return trade.also[skill] if skill in trade.also and draw.random() < 2 / 3 else skill
