"""Benign rewrites: a line of a CV said in other words, with nothing added. Written without looking at the gate's word lists."""

import re
from collections.abc import Callable, Iterator

from jobs.evaluation.cases import Case, Material

NUMBER = re.compile(r"(?<![\w.,$€£])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\w.,]*\d)")
SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]

# A word of a line, and words that say the same in a CV.
SAME: dict[str, tuple[str, ...]] = {
    "developed": ("built", "created", "implemented", "programmed"), "reduced": ("cut", "lowered", "decreased", "brought down"),
    "cut": ("reduced", "lowered", "decreased", "trimmed"), "lowered": ("reduced", "cut", "decreased", "brought down"), "moved": ("migrated", "transferred"),
    "wrote": ("authored", "drafted"), "helped": ("assisted", "supported"), "maintained": ("looked after", "kept up"), "fixed": ("resolved", "corrected", "repaired"),
    "trained": ("instructed", "coached"), "introduced": ("brought in", "rolled out", "established"), "kept": ("maintained", "held"),
    "coordinated": ("organised", "arranged"), "prepared": ("drew up", "produced"), "processed": ("handled", "dealt with"),
    "increased": ("raised", "grew", "boosted"), "raised": ("increased", "lifted"), "organised": ("arranged", "planned", "ran"), "planned": ("prepared", "scheduled"),
    "supervised": ("oversaw", "managed"), "led": ("managed", "headed"), "managed": ("ran", "oversaw"), "carried out": ("performed", "conducted"),
    "installed": ("fitted", "put in"), "repaired": ("fixed", "mended"), "built": ("created", "developed"), "automated": ("mechanised",),
    "analysed": ("examined", "evaluated"), "presented": ("reported", "showed"), "looked after": ("took care of", "served"),
    "exceeded": ("surpassed", "beat"), "negotiated": ("agreed",), "recruited": ("hired",), "shortened": ("reduced", "cut"),
    "answered": ("responded to", "replied to"), "set up": ("configured", "installed"), "resolved": ("solved", "settled"), "designed": ("drew up", "created"),
    "tested": ("checked", "tried out"), "operated": ("ran", "used"), "advised": ("counselled", "consulted"), "drafted": ("wrote", "drew up"),
    "employees": ("staff", "staff members"), "customers": ("clients",), "colleagues": ("coworkers", "team members"), "errors": ("mistakes",),
    "yearly": ("annual",), "annual": ("yearly",), "every week": ("weekly", "each week"), "a day": ("per day", "daily", "each day"),
    "a month": ("per month", "monthly", "each month"), "a year": ("per year", "annually", "each year"), "a week": ("per week", "each week"),
    "a shift": ("per shift", "each shift"), "through": ("by means of", "thanks to", "with"), "several": ("multiple", "various"), "people": ("persons",),
    "guests": ("visitors",), "suppliers": ("vendors",), "workers": ("employees",), "reports": ("reporting",), "together with": ("with", "jointly with"),
    "newcomers": ("new employees", "new starters"), "reviewed": ("checked", "examined"), "saved": ("cut",), "countries": ("nations",),
    "flats": ("apartments",), "visited": ("called on",), "won": ("successfully closed",), "in the first year": ("within the first year",),
}  # fmt: skip
FILLERS = (
    "as part of the role", "in day-to-day work", "on a regular basis", "in close contact with the team", "in this position", "as required",
    "during this time", "in everyday operations", "as one of the tasks", "over the course of the job",
)  # fmt: skip
OPENINGS = (
    "In this role, I {line}", "I {line}", "At {employer}, I {line}", "As {title} at {employer}, I {line}", "While at {employer}, I {line}",
    "My work included the following: {line}", "In my position as {title}, I {line}", "During my time at {employer} I {line}",
)  # fmt: skip
NAMES = {
    "PostgreSQL": "Postgres", "Kubernetes": "K8s", "SQL": "SQL", "Excel": "Microsoft Excel", "Photoshop": "Adobe Photoshop", "MS Project": "Microsoft Project",
    "Office 365": "Microsoft 365", "scikit-learn": "sklearn", "HACCP": "HACCP", "AutoCAD": "AutoCAD", "Tableau": "Tableau", "GDPR": "General Data Protection Regulation",
}  # fmt: skip


def rewrites_of(material: Material) -> Iterator[Case]:
    """Yield a rewrite of a line by each way that applies to it."""
    for name, rewrite in REWRITES.items():
        text = rewrite(material)
        if text and text != material.fact.text:
            yield Case(name, text, material.fact, is_true=True)


def lowered(text: str) -> str:
    """Return a text with a small first letter, names and abbreviations aside."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def capital(text: str) -> str:
    """Return a text with a capital first letter."""
    return text[:1].upper() + text[1:]


def synonyms(m: Material) -> str:
    """Replace every word that has one by a synonym."""
    text = lowered(m.fact.text)
    # "Within a year" is no frequency.
    found = [word for word in SAME if re.search(rf"(?<!within )\b{word}\b", text)]
    for word in sorted(m.draw.sample(found, min(len(found), 2)), key=len, reverse=True):
        text = re.sub(rf"(?<!within )\b{word}\b", m.pick(SAME[word]), text, count=1)
    return capital(text) if found else ""


def number_format(m: Material) -> str:
    """Write a number in another notation of the same value."""
    matches = list(NUMBER.finditer(m.fact.text))
    if not matches:
        return ""
    match = m.draw.choice(matches)
    value = float(match[1].replace(",", ""))
    choices = [f"{value:,.0f}".replace(",", " ") if value >= 1000 else ""]
    choices += [f"{value / 1000:g}k" if value >= 1000 and value % 100 == 0 else ""]
    choices += [
        SMALL[int(value)]
        if value == int(value) and value <= 12 and m.fact.text[match.end() : match.end() + 1] != "%"
        else ""
    ]
    choices += ["" if m.fact.text[match.end() : match.end() + 1] != "%" else f"{match[1]} percent", ""]
    usable = [choice for choice in choices if choice]
    if not usable:
        return ""
    said = m.draw.choice(usable)
    end = match.end() + ("percent" in said)
    return m.fact.text[: match.start()] + said + m.fact.text[end:]


def hedged(m: Material) -> str:
    """Say a number less exactly than the CV does."""
    match = NUMBER.search(m.fact.text)
    if not match or re.search(r"(?:up to|over|about|from|to|\$|€|£) ?$", m.fact.text[: match.start()]):
        return ""
    word = m.pick(("about", "around", "roughly", "approximately", "some"))
    return m.fact.text[: match.start()] + word + " " + m.fact.text[match.start() :]


def first_person(m: Material) -> str:
    """Tell the line as a letter would."""
    opening = m.pick(OPENINGS)
    return capital(opening.format(line=lowered(m.fact.text), employer=m.fact.employer, title=m.fact.title)) + "."


def filler(m: Material) -> str:
    """Add words that say nothing."""
    return f"{m.fact.text} {m.pick(FILLERS)}"


def shortened(m: Material) -> str:
    """Leave the last part away."""
    pieces = re.split(r" (?:with|by|through|in|for|at|during|from|and) ", m.fact.text)
    kept = m.fact.text[: -len(pieces[-1])].rsplit(" ", 2)[0].strip()
    is_whole = len(pieces) > 1 and len(kept.split()) >= 3
    return kept if is_whole and not re.search(r"\d\S*$|\b(?:from|to|of|worth|up|the|a)$", kept) else ""


def dated(m: Material) -> str:
    """Add the dates of the position."""
    if not m.fact.start:
        return ""
    since = (
        f"Since {m.fact.start.year}, "
        if m.fact.current
        else f"From {m.fact.start.year} to {m.fact.end.year if m.fact.end else ''}, "
    )
    return f"{since}I {lowered(m.fact.text)}." if not m.fact.current or "looked" not in m.fact.text else ""


def other_name(m: Material) -> str:
    """Call a skill by another of its names."""
    return next(
        (
            m.fact.text.replace(name, other)
            for name, other in NAMES.items()
            if re.search(rf"\b{re.escape(name)}\b", m.fact.text)
        ),
        "",
    )


def lower_rung(m: Material) -> str:
    """Claim a smaller part in the work than the CV does."""
    first, _, rest = m.fact.text.partition(" ")
    down = {"Developed": "Helped develop", "Led": "Helped lead", "Designed": "Contributed to", "Built": "Contributed to", "Managed": "Helped manage", "Wrote": "Helped write", "Planned": "Helped plan", "Organised": "Helped organise"}  # fmt: skip
    return f"{down[first]} {rest}" if first in down else ""


def noun_form(m: Material) -> str:
    """Turn the past form into a gerund."""
    first, _, rest = m.fact.text.partition(" ")
    irregular = {"Led": "Leading", "Built": "Building", "Wrote": "Writing", "Taught": "Teaching", "Ran": "Running", "Cut": "Cutting", "Kept": "Keeping", "Planned": "Planning", "Set": "Setting", "Held": "Holding", "Drew": "Drawing", "Sold": "Selling", "Won": "Winning", "Found": "Finding", "Grew": "Growing", "Drove": "Driving", "Took": "Taking", "Met": "Meeting"}  # fmt: skip
    gerund = irregular.get(first) or (re.sub(r"(?:e?d)$", "", first) + "ing" if first.endswith("ed") else "")
    return f"My tasks included {gerund.lower()} {rest}" if gerund and not first.endswith("ied") else ""


Rewrite = Callable[[Material], str]
REWRITES: dict[str, Rewrite] = {
    "synonyms": synonyms, "number format": number_format, "hedged number": hedged, "first person": first_person, "filler": filler,
    "shortened": shortened, "dated": dated, "other name": other_name, "lower rung": lower_rung, "gerund": noun_form,
}  # fmt: skip
