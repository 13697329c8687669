"""Planted lies: a true line of a CV, changed so that the CV no longer bears it. Written without looking at the gate's word lists."""

import re
from collections.abc import Callable, Iterator

from cv.facts import FactKind
from jobs.evaluation.cases import Case, Material
from jobs.evaluation.rewrites import NUMBER, capital, lowered

OTHER_EMPLOYERS = (
    "Contoso",
    "Initech",
    "Vandelay Industries",
    "Acme",
    "Globex",
    "Stadtwerke Ahrendorf",
    "Umbrella Logistics",
    "Hooli",
)
OTHER_SKILLS = (
    "Salesforce", "Kafka", "machine learning", "SAP HANA", "Rust", "Photoshop", "C++", "Terraform", "negotiation", "forklift driving", "Power BI", "Six Sigma",
    "Kotlin", "Spanish", "welding", "Figma", "HPLC", "React", "public speaking", "budget planning",
)  # fmt: skip
RAISED = (
    "Led and owned",
    "Was solely responsible for",
    "Headed",
    "Owned",
    "Was in charge of",
    "Directed",
    "Took the lead on",
    "Was the architect of",
    "Masterminded",
    "Ran",
)
LOW_VERBS = re.compile(
    r"^(?:Helped(?: to)?|Assisted(?: in| with)?|Supported|Contributed to|Took part in)\s+(?:the \w+ of\s+)?(?=\w)"
)
SUPERLATIVES = (
    "the first in the company to do so", "setting a company-wide standard", "with outstanding results", "an award-winning effort", "recognised as best in class",
    "adopted by the whole industry", "the largest of its kind", "now used across the entire organisation", "with flawless quality", "winning employee of the year",
    "better than any predecessor", "becoming a nationally recognised expert",
)  # fmt: skip
METRICS = (
    "saving ${n},000 a year", "with a success rate of {n}%", "resulting in {n}% higher revenue", "for {n} additional clients", "in only {n} days", "across {n} countries",
    "improving satisfaction by {n}%", "under a budget of €{n},000", "cutting costs by a third", "doubling output", "serving {n} branches", "generating {n} new leads",
)  # fmt: skip
TEAMS = (
    "with a team of {n}", "leading {n} people", "while managing {n} direct reports", "supervising {n} juniors", "together with {n} engineers", "mentoring {n} interns",
)  # fmt: skip
ENTITIES = (
    "for Siemens", "in Dubai", "on behalf of the Ministry of Health", "in cooperation with Oxford University", "for the Olympic Games", "in Singapore", "with Deloitte",
    "for Deutsche Bahn", "at the Berlin headquarters", "for NASA",
)  # fmt: skip
CREDENTIALS = (
    "I hold a PhD in {area}.", "I hold an MBA from {school}.", "I am a certified Scrum Master.", "I was awarded employee of the year.", "I completed a Master of Science at {school}.",
    "I am a licensed pilot.", "I hold a doctorate from {school}.", "I am a Chartered Engineer.", "I graduated with honours from {school}.", "I published a book on {area}.",
)  # fmt: skip
TITLES = (
    "Chief Executive Officer",
    "Vice President",
    "Head of Operations",
    "Director",
    "Principal Consultant",
    "Managing Partner",
    "Team Lead",
    "Chief of Staff",
)
FLIPS = (
    ("reduced", "increased"), ("cut", "raised"), ("lowered", "increased"), ("increased", "reduced"), ("raised", "lowered"), ("shortened", "prolonged"),
    ("exceeded", "missed"), ("improved", "worsened"), ("saved", "spent"), ("finished", "started"), ("with no", "with one"), ("ahead of", "behind"), ("won", "lost"),
)  # fmt: skip
UNITS = (
    ("days", "weeks"), ("weeks", "months"), ("hours", "minutes"), ("a day", "an hour"), ("a month", "a week"), ("a week", "a day"), ("a year", "a month"), ("every week", "every day"),
    ("million", "billion"), ("%", " percentage points"), ("$", "€"), ("€", "£"), ("£", "$"), ("a shift", "an hour"), ("every quarter", "every month"), ("every month", "every week"),
)  # fmt: skip
BOUNDS = ("over", "more than", "up to {twice}, never fewer than", "well over", "in excess of", "upwards of")
LEVELS = ("fluent", "native", "C2", "business fluent", "near-native", "proficient")
TOO_NEW = (("ChatGPT", 2022), ("GitHub Copilot", 2021), ("LangChain", 2022), ("Claude", 2023))


def mutants_of(material: Material) -> Iterator[Case]:
    """Yield a lie of each class that can be told about a line."""
    for name, mutate in MUTATIONS.items():
        text = mutate(material)
        if text and text != material.fact.text:
            yield Case(name, text, material.fact, is_true=False)


def changed_number(m: Material) -> str:
    """Put another number in the place of one."""
    matches = list(NUMBER.finditer(m.fact.text))
    if not matches:
        return ""
    match = m.draw.choice(matches)
    value = float(match[1].replace(",", ""))
    factor = m.draw.choice((1.1, 1.25, 1.5, 2, 3, 10))
    other = max(value + 1, round(value * factor, 1 if "." in match[1] else 0))
    if other in {float(found[1].replace(",", "")) for found in matches}:
        return ""
    said = f"{other:,.1f}" if "." in match[1] else f"{other:,.0f}"
    return m.fact.text[: match.start()] + said + m.fact.text[match.end() :]


def added_metric(m: Material) -> str:
    """Add a result that nobody measured."""
    return f"{m.base}, {m.pick(METRICS).format(n=m.draw.randint(13, 96))}"


def added_team(m: Material) -> str:
    """Add people whom nobody led."""
    return f"{m.base} {m.pick(TEAMS).format(n=m.draw.randint(13, 40))}"


def changed_unit(m: Material) -> str:
    """Change what a number is counted in, or how often."""
    fitting = [pair for pair in UNITS if pair[0] in m.fact.text]
    if not fitting:
        return ""
    old, new = m.draw.choice(fitting)
    return m.fact.text.replace(old, new, 1)


def raised_bound(m: Material) -> str:
    """Say that a number was exceeded."""
    match = NUMBER.search(m.fact.text)
    if (
        not match
        or re.search(r"(?:up to|from|in|\$|€|£)\s?$", m.fact.text[: match.start()])
        or re.search(rf"\d\D+{NUMBER.pattern}", m.fact.text)
    ):
        return ""
    word = m.pick(BOUNDS).format(twice=2 * int(float(match[1].replace(",", ""))))
    return f"{m.fact.text[: match.start()]}{word} {m.fact.text[match.start() :]}"


def other_employer(m: Material) -> str:
    """Name an employer that the CV does not have."""
    return m.draw.choice(
        (f"At {m.pick(OTHER_EMPLOYERS)}, I {lowered(m.base)}.", f"{m.base} for {m.pick(OTHER_EMPLOYERS)}")
    )


def other_title(m: Material) -> str:
    """Name a rank that the CV does not have."""
    return f"As {m.pick(TITLES)} at {m.fact.employer}, I {lowered(m.base)}."


def wrong_date(m: Material) -> str:
    """Claim years outside those of the position."""
    start, end = m.fact.start, m.fact.end
    if not start:
        return ""
    if re.search(r"\b20\d\d\b", m.fact.text):
        return ""
    first, last = start.year - m.draw.randint(2, 9), (end.year if end else 2026) + m.draw.randint(2, 5)
    long = (last - start.year) + m.draw.randint(3, 6)
    return m.draw.choice((
        f"In {first}, I {lowered(m.base)}.", f"From {first} to {start.year}, I {lowered(m.base)}.", f"I have worked at {m.fact.employer} for {long} years.",
        f"I have been {m.fact.title} at {m.fact.employer} since {first}.", f"For {long} years at {m.fact.employer}, I {lowered(m.base)}.",
    ))  # fmt: skip


def added_skill(m: Material) -> str:
    """Add a skill that the CV does not have."""
    said = " ".join(fact.text for fact in m.facts).lower()
    skill = m.pick([skill for skill in OTHER_SKILLS if skill.lower() not in said])
    return m.draw.choice(
        (
            f"{m.base} using {skill}",
            f"{m.base}, applying {skill}",
            f"I {lowered(m.base)} and gained experience with {skill}.",
            f"{m.base} and {skill}",
        )
    )


def raised_scope(m: Material) -> str:
    """Turn help into leadership."""
    match = LOW_VERBS.match(m.fact.text)
    if not match:
        return ""
    rest = m.fact.text[match.end() :]
    rest = re.sub(r"^(?:organise|migrate|renovate|install|rebuild) ", "", rest)
    return f"{m.pick(RAISED)} {rest}"


def superlative(m: Material) -> str:
    """Add praise or adoption."""
    return f"{m.base}, {m.pick(SUPERLATIVES)}"


def credential(m: Material) -> str:
    """Invent a degree, a certificate or an award."""
    school = next((f.employer for f in m.facts if f.kind == FactKind.EDUCATION), "")
    area = next((f.text.split(", ")[1] for f in m.facts if f.kind == FactKind.EDUCATION and ", " in f.text), "")
    said = m.pick(CREDENTIALS).format(school=school, area=area)
    # Who has the degree tells no lie.
    has_degree = any(f.kind == FactKind.EDUCATION and f.text.startswith(("MSc", "MBA")) for f in m.facts)
    return "" if has_degree and ("Master" in said or "MBA" in said) else said


def borrowed_line(m: Material) -> str:
    """Tell the line under another position of the same CV."""
    other = m.draw.choice(m.others) if m.others else None
    if other is None:
        return ""
    return m.draw.choice(
        (
            f"At {other.employer}, I {lowered(m.base)}.",
            f"As {other.title}, I {lowered(m.base)}.",
            f"{m.base} at {other.employer}",
        )
    )


def fused_lines(m: Material) -> str:
    """Join a line to one of another position, as if both were of one."""
    other = m.draw.choice(m.others) if m.others else None
    if other is None:
        return ""
    return m.draw.choice(
        (
            f"At {m.fact.employer}, I {lowered(m.base)} and {lowered(other.text)}.",
            f"{m.base} and {lowered(other.text)}",
            f"{m.base}, and also {lowered(other.text)}",
        )
    )


def swapped_object(m: Material) -> str:
    """Keep the verb and take the rest of a line of another position."""
    other = m.draw.choice(m.others) if m.others else None
    if other is None or other.text.split()[0] == m.fact.text.split()[0]:
        return ""
    verb, _, _ = m.fact.text.partition(" ")
    _, _, rest = other.text.partition(" ")
    if not verb.endswith("ed") or not other.text.split()[0].endswith("ed") or "Helped" in {verb, other.text.split()[0]}:
        return ""
    return f"At {m.fact.employer}, I {verb.lower()} {rest}."


def borrowed_number(m: Material) -> str:
    """Take the number from a line of another position."""
    match = NUMBER.search(m.fact.text)
    numbers = [found[1] for other in m.others for found in [NUMBER.search(other.text)] if found]
    own = {found[1] for found in NUMBER.finditer(m.fact.text)}
    numbers = [number for number in numbers if number not in own]
    if not match or not numbers:
        return ""
    return f"{m.fact.text[: match.start()]}{m.draw.choice(numbers)}{m.fact.text[match.end() :]}"


def flipped(m: Material) -> str:
    """Turn a direction round, or deny the line."""
    text = lowered(m.fact.text)
    fitting = [(old, new) for old, new in FLIPS if re.search(rf"\b{old}\b", text)]
    if fitting:
        old, new = m.draw.choice(fitting)
        return capital(re.sub(rf"\b{old}\b", new, text, count=1))
    return m.draw.choice((f"I never {text}.", f"I have not {text}."))


def added_entity(m: Material) -> str:
    """Add a client or a place."""
    return f"{m.base} {m.pick(ENTITIES)}"


def raised_language(m: Material) -> str:
    """Claim a language at a higher level."""
    language = next((f for f in m.facts if f.kind == FactKind.LANGUAGE and "English" not in f.text), None)
    if language is None or "C1" in language.text:
        return ""
    return f"I speak {m.pick(LEVELS)} {language.text.split(',')[0]}."


def too_new(m: Material) -> str:
    """Use a tool before it was there."""
    if m.fact.end is None:
        return ""
    tool = m.draw.choice([tool for tool, year in TOO_NEW if m.fact.end.year < year] or [""])
    return f"At {m.fact.employer}, I {lowered(m.base)} with {tool}." if tool else ""


MUTATIONS: dict[str, Callable[[Material], str]] = {
    "changed number": changed_number, "added metric": added_metric, "invented team": added_team, "changed unit": changed_unit, "raised bound": raised_bound,
    "other employer": other_employer, "other title": other_title, "wrong date": wrong_date, "added skill": added_skill, "raised scope": raised_scope,
    "superlative": superlative, "credential": credential, "borrowed line": borrowed_line, "fused lines": fused_lines, "swapped object": swapped_object,
    "borrowed number": borrowed_number, "flipped": flipped, "added name": added_entity, "raised language": raised_language, "too new": too_new,
}  # fmt: skip
