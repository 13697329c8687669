"""From a posting's units to requirements: what is asked for, how strictly, for how many years and at which level."""

import re
from dataclasses import dataclass

from cv.degrees import degrees_in
from cv.skills import category_of
from jobs.analysis.patterns import (
    AGE,
    BOILERPLATE,
    CONDITIONS,
    DEMAND_START,
    EQUIVALENT,
    EXPERIENCE,
    LANGUAGE_LEVELS,
    LENGTH_OF_STUDY,
    MUST,
    NICE,
    NUMBER_WORDS,
    PAY,
    SKILL_LEVELS,
    STRICT,
    VAGUE_YEARS,
    WORK_PERMIT,
    YEARS,
    YEARS_OF_WORK,
    YOU_WILL,
    Section,
    addresses_model,
)
from jobs.analysis.pieces import Piece, pieces_of
from jobs.analysis.segments import Segment
from jobs.posting import Requirement, RequirementCategory, RequirementKind

# A posting that asks for more than this is a form or a catalogue; the first ones say what the job is.
MAX_REQUIREMENTS = 60
_FEWEST = 2
_MAX_UNIT = 500
_PROOFS = frozenset({"Police clearance", "Vaccination proof"})
# Fields that people take a degree in; tools, methods and languages are not.
_SUBJECTS = frozenset({
    "science", "data and machine learning", "engineering and manufacturing", "finance", "health", "law", "sales and marketing",
    "education and social work", "design and media", "human resources", "construction and crafts", "hospitality",
})  # fmt: skip
_OR_SIMILAR = re.compile(r"\b(?:or|oder|ou|o|u|lub)\b", re.IGNORECASE)
_OF_ONE = re.compile(
    r"\b(?:is|ist|est|es|è|é|jest|wäre|would be)\s(?:an? |un[ae]? |ein |sehr )?[\w-]+(?: [\w-]+)?$", re.IGNORECASE
)
_KNOCK_OUT_LEVELS = frozenset({"native", "C2", "C1"})


@dataclass(slots=True)
class Reading:
    """The requirements read from a posting, and how many of its requirement-like units were understood."""

    requirements: list[Requirement]
    asked: int = 0
    understood: int = 0
    is_tampered: bool = False

    @property
    def completeness(self) -> float:
        """The share of requirement-like units that were understood; 1 where there is none."""
        return round(self.understood / self.asked, 2) if self.asked else 1.0


def read_requirements(segments: list[Segment]) -> Reading:
    """Return the requirements that the units of a posting state, in order, each thing once."""
    is_hostile = addresses_model("\n".join(segment.text for segment in segments))
    honest = [segment for segment in segments if not (is_hostile and addresses_model(segment.text))]
    asking = [segment for segment in honest if _asks(segment)]
    if len(asking) < _FEWEST:
        # An advertisement without headings and cue words: what it names is what the job is about.
        asking = [segment for segment in honest if _asks(segment) or _names_something(segment)]
    reading = Reading([], is_tampered=len(honest) < len(segments))
    seen: set[tuple[str, ...]] = set()
    for segment in asking:
        found = _from_segment(segment)
        reading.asked += 1
        reading.understood += any(_is_understood(requirement) for requirement in found)
        for requirement in found:
            key = _key(requirement)
            if key not in seen and len(reading.requirements) < MAX_REQUIREMENTS:
                seen.add(key)
                reading.requirements.append(
                    requirement.model_copy(update={"id": f"req-{len(reading.requirements) + 1}"})
                )
    return reading


def years_in(text: str) -> float | None:
    """Return the least number of years that a text asks for, or None."""
    lengths = (found for found in YEARS.finditer(text) if not LENGTH_OF_STUDY.match(text, found.end()))
    match = next(lengths, None)
    if match and not AGE.search(text):
        least = match.group("least").casefold().replace(",", ".")
        number = float(NUMBER_WORDS.get(least, 0) or least)
        in_months = match.group("unit").casefold().startswith("m")
        return round(number / 12, 2) if in_months else number
    return next((years for years, pattern in VAGUE_YEARS if pattern.search(text)), None)


def language_level(text: str) -> str:
    """Return the CEFR level (or `native`) that a text asks for in a language; empty where it names none."""
    return next((level for level, pattern in LANGUAGE_LEVELS if pattern.search(text)), "")


def _asks(segment: Segment) -> bool:
    text = segment.text
    if len(text) > _MAX_UNIT and segment.section is not Section.MUST:
        return False
    if BOILERPLATE.search(text) or PAY.search(text):
        return False
    if segment.section in {Section.MUST, Section.NICE}:
        return bool(re.search(r"[^\W\d_]{2}", text))
    if segment.section is Section.IGNORED:
        return bool(STRICT.search(text) and WORK_PERMIT.search(text))
    if segment.section is Section.DUTIES:
        is_task = segment.is_bullet or bool(YOU_WILL.match(text))
        return is_task or bool(pieces_of(text)[0].concepts) or bool(MUST.search(text))
    return (
        _has_years(text)
        or bool(DEMAND_START.match(text))
        or (
            bool(MUST.search(text) or NICE.search(text))
            and bool(pieces_of(text)[0].concepts or degrees_in(text) or WORK_PERMIT.search(text))
        )
    )


def _names_something(segment: Segment) -> bool:
    if segment.section is Section.IGNORED or BOILERPLATE.search(segment.text):
        return False
    return any(category_of(concept) != "soft skill" for piece in pieces_of(segment.text) for concept in piece.concepts)


def _from_segment(segment: Segment) -> list[Requirement]:
    is_task = segment.section is Section.DUTIES and not DEMAND_START.match(segment.text)
    if is_task and not (_has_years(segment.text) or STRICT.search(segment.text)):
        return [_duty(segment)]
    conditions = _condition(segment)
    if conditions:
        return [conditions]
    pieces = with_subjects(segment.text, pieces_of(segment.text))
    return [_from_piece(segment, piece, pieces) for piece in pieces if piece.end > piece.start]


def with_subjects(text: str, pieces: list[Piece]) -> list[Piece]:
    """Put the subjects of a degree together: `a degree in economics, statistics or a similar field` asks for one degree."""
    merged: list[Piece] = []
    for number, piece in enumerate(pieces):
        rest = [other.end for other in pieces[number:] if other.run == piece.run and _ends_choice(text, other)]
        degree = merged[-1] if merged else None
        if degree and rest and degree.run == piece.run and _is_subject(piece) and _is_choice_of_degrees(text, degree):
            merged[-1] = Piece(degree.start, piece.end, [*degree.concepts, *piece.concepts], degree.run)
        else:
            merged.append(piece)
    return merged


def _is_subject(piece: Piece) -> bool:
    return all(category_of(concept) in _SUBJECTS for concept in piece.concepts)


def _is_choice_of_degrees(text: str, piece: Piece) -> bool:
    said = text[piece.start : piece.end]
    return bool(degrees_in(said)) and not _OR_SIMILAR.search(said)


def _ends_choice(text: str, piece: Piece) -> bool:
    return bool(_OR_SIMILAR.search(text[piece.start : piece.end]))


def _duty(segment: Segment) -> Requirement:
    concepts = [
        concept
        for piece in pieces_of(segment.text)
        for concept in piece.concepts
        if category_of(concept) != "soft skill"
    ]
    return _requirement(
        segment, 0, len(segment.text), RequirementKind.MUST, RequirementCategory.DUTY, concepts=concepts
    )


def _condition(segment: Segment) -> Requirement | None:
    """Return a demand that no CV proves: permission to work, age, shifts, travel, place."""
    text = segment.text
    is_wish = _is_nice(segment) and not (segment.section is Section.NICE and STRICT.search(text))
    kind = RequirementKind.NICE if is_wish else RequirementKind.KNOCK_OUT
    if WORK_PERMIT.search(text) or AGE.search(text):
        concept = "Work permit" if WORK_PERMIT.search(text) else "Minimum age"
        return _requirement(segment, 0, len(text), kind, RequirementCategory.ELIGIBILITY, concepts=[concept])
    if CONDITIONS.search(text) and years_in(text) is None and not pieces_of(text)[0].concepts:
        return _requirement(
            segment, 0, len(text), kind, RequirementCategory.ELIGIBILITY, concepts=["Working conditions"]
        )
    return None


def _from_piece(segment: Segment, piece: Piece, pieces: list[Piece]) -> Requirement:
    text = segment.text[piece.start : piece.end]
    category, concepts = _category(text, piece.concepts, segment.text)
    years = _years_of(segment.text, text, piece)
    if category is RequirementCategory.SKILL and years is not None:
        category = RequirementCategory.EXPERIENCE
    level = _level(category, text, segment.text)
    kind = _kind(segment, piece, pieces, category, level)
    return _requirement(segment, piece.start, piece.end, kind, category, concepts=concepts, years=years, level=level)


def _category(text: str, concepts: list[str], unit: str) -> tuple[RequirementCategory, list[str]]:
    kinds = {category_of(concept) for concept in concepts}
    if kinds & {"licence", "certificate"}:
        proof = not _PROOFS.isdisjoint(concepts)
        return RequirementCategory.ELIGIBILITY if proof else RequirementCategory.CERTIFICATE, concepts
    if "language" in kinds:
        return RequirementCategory.LANGUAGE, concepts
    degrees = degrees_in(text)
    if degrees:
        subjects = [concept for concept in concepts if category_of(concept) in _SUBJECTS] if len(concepts) > 1 else []
        return RequirementCategory.EDUCATION, [min(degrees).label, *subjects]
    if kinds == {"soft skill"}:
        return RequirementCategory.SOFT_SKILL, concepts
    only_experience = not concepts and bool(EXPERIENCE.search(unit))
    return RequirementCategory.EXPERIENCE if only_experience else RequirementCategory.SKILL, concepts


def _years_of(unit: str, text: str, piece: Piece) -> float | None:
    """Return the years of a piece: its own, or those said before it in the unit (`3 years with Python and SQL`)."""
    if not _has_years(unit):
        return None
    own = years_in(text)
    if own is not None or piece.run > 0:
        return own
    return years_in(unit[: piece.end])


def _has_years(unit: str) -> bool:
    """Tell whether a number of years is one of experience, not a deadline or the employer's age."""
    says_so = EXPERIENCE.search(unit) or YEARS_OF_WORK.search(unit)
    return bool(says_so) and years_in(unit) is not None


def _level(category: RequirementCategory, text: str, unit: str) -> str:
    if category is RequirementCategory.LANGUAGE:
        return language_level(text) or language_level(unit)
    if category is RequirementCategory.EDUCATION:
        return min(degrees_in(text)).name.lower()
    if category is RequirementCategory.SOFT_SKILL:
        return ""
    return next((level for level, pattern in SKILL_LEVELS if pattern.search(text)), "")


def _kind(
    segment: Segment, piece: Piece, pieces: list[Piece], category: RequirementCategory, level: str
) -> RequirementKind:
    if _is_nice_piece(segment, piece, pieces):
        return RequirementKind.NICE
    text = segment.text if len(pieces) == 1 else segment.text[piece.start : piece.end]
    strict = bool(STRICT.search(text)) and not EQUIVALENT.search(segment.text)
    licences = {"licence"} & {category_of(concept) for concept in piece.concepts}
    if category is RequirementCategory.ELIGIBILITY or (licences and segment.section is not Section.NICE):
        return RequirementKind.KNOCK_OUT
    if category is RequirementCategory.LANGUAGE and (level in _KNOCK_OUT_LEVELS or strict):
        return RequirementKind.KNOCK_OUT
    if category is RequirementCategory.EDUCATION and strict and years_in(text) is None:
        return RequirementKind.KNOCK_OUT
    return RequirementKind.MUST


def _is_nice(segment: Segment) -> bool:
    return segment.section is Section.NICE or bool(NICE.search(segment.text))


def _is_nice_piece(segment: Segment, piece: Piece, pieces: list[Piece]) -> bool:
    """Tell whether a wish word covers a piece: a heading's covers all, one before covers what follows, one behind its own run."""
    if segment.section is Section.NICE:
        return not STRICT.search(segment.text[piece.start : piece.end])
    run = [other for other in pieces if other.run == piece.run]
    start, end = run[0].start, run[-1].end
    cues = list(NICE.finditer(segment.text))
    if re.search(r"[,;]", segment.text[piece.end : run[-1].end]):
        # `Fluent English, Portuguese is a plus`: a wish about one thing covers what stands behind the last comma.
        cues = [cue for cue in cues if cue.end() <= start + 12 or not _OF_ONE.search(segment.text[: cue.end()])]
    return any(cue.end() <= start + 12 or start <= cue.start() <= end for cue in cues)


def _requirement(
    segment: Segment,
    start: int,
    end: int,
    kind: RequirementKind,
    category: RequirementCategory,
    *,
    concepts: list[str],
    years: float | None = None,
    level: str = "",
) -> Requirement:
    return Requirement(
        id="",
        text=segment.text[start:end],
        start=segment.start + start,
        end=segment.start + end,
        kind=kind,
        category=category,
        concept=concepts[0] if concepts else "",
        alternatives=concepts[1:],
        years=years,
        level=level,
    )


def _is_understood(requirement: Requirement) -> bool:
    return (
        bool(requirement.concept)
        or requirement.years is not None
        or requirement.category is RequirementCategory.ELIGIBILITY
    )


def _key(requirement: Requirement) -> tuple[str, ...]:
    """Name what is asked for: a thing that was asked for in the duties may be asked for again as a skill."""
    family = "duty" if requirement.category is RequirementCategory.DUTY else "demand"
    if requirement.concept and family == "demand" and requirement.concept != "Working conditions":
        return (family, requirement.concept, *requirement.alternatives)
    return (family, requirement.text.casefold())
