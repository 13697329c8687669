"""Rewording a line without changing what it says: the posting's name for a skill, the verb first, no filler."""

import re
from dataclasses import dataclass

from cv.skills import concepts_in
from jobs.grounding.concepts import mentions_in

# Phrases that say nothing; what stands to the right replaces them.
FILLER: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"\bin order to\b", "to"),
        (r"\bas well as\b", "and"),
        (r"\bwith the (?:aim|goal|purpose) of\b", "for"),
        (r"\bfor the purposes? of\b", "for"),
        (r"\bdue to the fact that\b", "because"),
        (r"\bon a (daily|weekly|monthly|yearly) basis\b", r"\1"),
        (r"\b(?:utili[sz]ed|made use of)\b", "used"),
        (r"\butili[sz]ing\b", "using"),
        (r"\bsuccessfully\s+", ""),
        (r"\s*,?\s*among other (?:things|duties|tasks)\b", ""),
        (r"\berfolgreiche?[nrs]?\s+(?=\w)", ""),
        (r"\bunter zuhilfenahme von\b", "mit"),
        (r"\bzum zwecke der\b", "zur"),
    )
)
LEADING: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"^(?:my )?(?:main |key |daily )?(?:duties|tasks|responsibilities)(?: (?:included|include|were|are|involved))?:?\s+", ""),
        (r"^i (?:was|am) responsible for\s+", "Responsible for "),
        (r"^(?:was|were) responsible for\s+", "Responsible for "),
        (r"^(?:i|we)(?: have| had)?\s+(?=\w+ed\b)", ""),
        (r"^(?:zu meinen aufgaben (?:gehörten?|zählten?):?|aufgaben:)\s+", ""),
    )
)  # fmt: skip
# "Responsible for developing X" is "Developed X"; only verbs whose past form is certain.
PAST_OF = {
    "developing": "Developed", "building": "Built", "designing": "Designed", "creating": "Created", "implementing": "Implemented",
    "writing": "Wrote", "testing": "Tested", "maintaining": "Maintained", "planning": "Planned", "preparing": "Prepared", "teaching": "Taught",
    "training": "Trained", "selling": "Sold", "serving": "Served", "organising": "Organised", "organizing": "Organized", "managing": "Managed",
    "coordinating": "Coordinated", "monitoring": "Monitored", "reviewing": "Reviewed", "answering": "Answered", "handling": "Handled",
    "processing": "Processed", "cleaning": "Cleaned", "repairing": "Repaired", "installing": "Installed", "inspecting": "Inspected",
    "analysing": "Analysed", "analyzing": "Analyzed", "documenting": "Documented", "scheduling": "Scheduled", "supervising": "Supervised",
}  # fmt: skip
GERUND = re.compile(r"^responsible for (?P<verb>\w+ing)\s+", re.IGNORECASE)
# A name may stand beside a version or inside an address or a longer name; then it is left alone.
TOUCHED = re.compile(r"[\w@/.-]")


@dataclass(frozen=True, slots=True)
class Rewording:
    """A new text for a line; `concepts` are the skills that got the posting's name, `trimmed` says whether filler went."""

    text: str
    concepts: tuple[str, ...]
    is_trimmed: bool


def reword(text: str, names: dict[str, str]) -> Rewording | None:
    """Return a better wording of a line, or None where there is none.

    `names` gives the posting's spelling of each concept that it asks for.
    """
    renamed, concepts = _rename(text, names)
    trimmed = trim(renamed)
    if trimmed == text:
        return None
    return Rewording(trimmed, concepts, trimmed != renamed)


def trim(text: str) -> str:
    """Return the line without phrases that say nothing, beginning with its verb."""
    result = text.strip()
    for pattern, replacement in LEADING:
        result = pattern.sub(replacement, result, count=1)
    gerund = GERUND.match(result)
    if gerund and gerund["verb"].lower() in PAST_OF and not _has_second_gerund(result[gerund.end() :]):
        result = f"{PAST_OF[gerund['verb'].lower()]} {result[gerund.end() :]}"
    for pattern, replacement in FILLER:
        result = pattern.sub(replacement, result)
    result = re.sub(r"\s{2,}", " ", result).strip()
    return result[:1].upper() + result[1:] if result != text.strip() else text


def spellings_in(text: str) -> dict[str, str]:
    """Return how a posting spells each skill that it names; its first spelling counts."""
    found: dict[str, str] = {}
    for mention in concepts_in(text):
        found.setdefault(mention.concept, text[mention.start : mention.end])
    return found


def _rename(text: str, names: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    """Put the posting's spelling for skills that the line names otherwise; a mere change of case is left alone."""
    result, renamed = text, []
    for mention in reversed(mentions_in(text)):
        name = names.get(mention.concept, "")
        said = text[mention.start : mention.end]
        if not name or name.casefold() == said.casefold() or _is_touched(text, mention.start, mention.end):
            continue
        if not _is_abbreviated(said, name):
            continue
        if name.casefold() in text.casefold() or (len(name) < len(said) and name.isupper()):
            continue
        result = result[: mention.start] + name + result[mention.end :]
        renamed.append(mention.concept)
    return result, tuple(reversed(renamed))


def _is_abbreviated(said: str, name: str) -> bool:
    """Whether one of two names is short for the other: AWS and Amazon Web Services, IV therapy and intravenous therapy.

    Other words for a skill (nurses, nursing) may break the sentence that they stand in, and may mean a little more or less.
    """
    short, long = sorted((re.sub(r"[^a-zà-ÿ]", "", word.casefold()) for word in (said, name)), key=len)
    if re.fullmatch(rf"{re.escape(short)}(?:e?s|en?|n)?", long):
        # One API is not several.
        return False
    is_name = any(letter.isupper() or letter.isdigit() for word in (said, name) for letter in word[1:])
    letters = iter(long)
    return is_name and bool(short) and short[0] == long[:1] and all(letter in letters for letter in short)


def _is_touched(text: str, start: int, end: int) -> bool:
    before, after = text[:start], text[end:]
    versioned = re.match(r"\s?v?\d", after)
    return bool(before and TOUCHED.match(before[-1])) or bool(re.match(r"[\w@/-]|\.\w", after)) or versioned is not None


def _has_second_gerund(text: str) -> bool:
    """Whether another activity follows (`developing and testing …`), which would need its own past form."""
    return re.search(r"\b(?:and|,)\s+\w+ing\b", text[:60]) is not None
