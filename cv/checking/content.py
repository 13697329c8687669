"""Sections and their names, how much stands in them, and what is too long to be read."""

from collections.abc import Iterator
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from cv.checking.types import Area, Finding, Weight
from cv.export.wording import wording_for
from cv.parsing.lexicon import folded, table
from cv.resume import Resume

MAX_LINE_CHARACTERS = 320
MAX_LINES = 9
MAX_SUMMARY_CHARACTERS = 900
FEW_WORDS, MANY_WORDS = 120, 1_400
MIN_MISSPELT_LETTERS = 6


def check_sections(resume: Resume) -> Iterator[Finding]:
    """Yield sections that are missing, and names of sections that a program may not know."""
    titles = wording_for(resume.language).titles
    wanted = (
        ("employers", resume.employers, "Programs and people look for it first."),
        ("education", resume.education, "Many postings ask for a degree, and programs look for this section."),
        ("skills", resume.skills, "Searches of recruiters look for single words; a list of skills has them."),
    )
    for name, items, why in wanted:
        if not items:
            yield _section("section-missing", Weight.CONSIDER, f"There is no section “{titles[name]}”.", why, "Add it, if you have something for it.")  # fmt: skip
    for part in resume.custom:
        known = _near(part.title)
        if known:
            yield _section("heading-spelling", Weight.MEND, f"The heading “{part.title}” looks like “{known}” with a slip.", "Programs tell sections by their names, and take one they do not know for something else.", f"Write “{known}”, and move the entries there.", item_id=part.id)  # fmt: skip
    if resume.unassigned:
        count = len(resume.unassigned)
        yield _section("unassigned", Weight.MEND, f"{count} line{'s' if count != 1 else ''} of the file fit{'s' if count == 1 else ''} no section.", "What our reader cannot place, another program may lose as well.", "Assign the lines below the CV, or leave them out.")  # fmt: skip


def check_content(resume: Resume) -> Iterator[Finding]:
    """Yield what is too long or too short to be read."""
    for employer in resume.employers:
        for position in employer.positions:
            name = position.title or employer.name
            if not position.highlights and not position.summary:
                yield _content("post-empty", Weight.CONSIDER, f"Nothing is said about what you did as “{name}”.", "A title alone gives a reader nothing to ask about, and a search no words to find.", "Add two to five lines: what you did, and what came of it.", item_id=position.id)  # fmt: skip
            if len(position.highlights) > MAX_LINES:
                yield _content("many-lines", Weight.CONSIDER, f"“{name}” has {len(position.highlights)} lines.", "Readers take in the first few.", "Keep the strongest; shorten older posts most.", item_id=position.id)  # fmt: skip
            for line in position.highlights:
                if len(line.text) > MAX_LINE_CHARACTERS:
                    yield _content("line-long", Weight.CONSIDER, f"A line of “{name}” has {len(line.text)} characters: “{line.text[:50]}…”", "A bullet longer than three lines is skipped.", "Split it, or cut it to what matters.", item_id=line.id)  # fmt: skip
    if len(resume.person.summary) > MAX_SUMMARY_CHARACTERS:
        yield _content("summary-long", Weight.CONSIDER, f"The summary has {len(resume.person.summary)} characters.", "It is read in ten seconds, if at all.", "Two to four sentences are enough.", item_id=resume.person.id)  # fmt: skip
    words = sum(len(text.split()) for text in _texts(resume))
    if words < FEW_WORDS:
        yield _content("short", Weight.CONSIDER, f"The whole CV has about {words} words.", "Searches and readers have little to go by.", "Say what you did in your posts and studies.")  # fmt: skip
    elif words > MANY_WORDS:
        yield _content("long", Weight.CONSIDER, f"The whole CV has about {words:,} words.", "Most readers spend a minute or less on the first look.", "Shorten what is older than ten years.")  # fmt: skip


def _texts(resume: Resume) -> Iterator[str]:
    for item in resume.items():
        for name in type(item).model_fields:
            value = getattr(item, name)
            if isinstance(value, str) and name not in {"id", "url", "email", "phone"}:
                yield value


@cache
def _headings() -> dict[str, str]:
    return {folded(option): option for options in table("headings").values() for option in options}


def _near(title: str) -> str:
    """Return the known heading that a title is a letter or two away from; empty where it is known, or like none."""
    plain = folded(title)
    known = _headings()
    if plain in known or len(plain) < MIN_MISSPELT_LETTERS:
        return ""
    found = process.extractOne(plain, known.keys(), scorer=Levenshtein.distance, score_cutoff=1 + (len(plain) > 9))
    return known[found[0]].capitalize() if found and len(found[0]) >= MIN_MISSPELT_LETTERS else ""


def _section(code: str, weight: Weight, what: str, why: str, todo: str, *, item_id: str = "") -> Finding:
    return Finding(code, Area.SECTIONS, weight, what, why, todo, item_id)


def _content(code: str, weight: Weight, what: str, why: str, todo: str, *, item_id: str = "") -> Finding:
    return Finding(code, Area.CONTENT, weight, what, why, todo, item_id)
