"""Analysis of a posting by rules alone."""

from collections import Counter

from cv.skills import category_of, concepts_in
from cv.titles import seniority_of
from jobs.analysis.header import read_header
from jobs.analysis.language import language_of
from jobs.analysis.patterns import Section
from jobs.analysis.requirements import Reading, read_requirements
from jobs.analysis.segments import Segment, segments_of
from jobs.analysis.terms import contact_in, employment_type_in, is_remote_in, salary_in
from jobs.posting import PostingAnalysis

_MAX_KEYWORDS = 40


def analyse_with_rules(
    text: str, *, title: str = "", employer: str = "", location: str = "", as_of: str = ""
) -> PostingAnalysis:
    """Return what rules read from a posting; what the caller knows of title, employer and location goes before them."""
    header = read_header(text)
    segments = segments_of(text)
    reading = read_requirements(segments)
    salary = salary_in(text)
    title = title or header.title
    seniority = seniority_of(title)
    return PostingAnalysis(
        as_of=as_of,
        title=title,
        employer=employer or header.employer,
        location=location or header.location,
        language=language_of(text),
        seniority=seniority.name.lower() if seniority is not None else "",
        is_remote=is_remote_in(f"{title}\n{text}"),
        employment_type=employment_type_in(text),
        salary_text=salary.text,
        salary_min=salary.low,
        salary_max=salary.high,
        salary_currency=salary.currency,
        salary_period=salary.period,
        contact_name=contact_in(text),
        requirements=reading.requirements,
        keywords=_keywords(segments),
        completeness=reading.completeness,
        warnings=_warnings(reading),
    )


def _keywords(segments: list[Segment]) -> list[str]:
    """Return the concepts of everything but benefits and the like, the most frequent first."""
    texts = [segment.text for segment in segments if segment.section is not Section.IGNORED]
    found = (mention.concept for text in texts for mention in concepts_in(text))
    counts = Counter(concept for concept in found if category_of(concept) != "soft skill")
    return [concept for concept, _ in counts.most_common(_MAX_KEYWORDS)]


def _warnings(reading: Reading) -> list[str]:
    warnings = []
    if reading.is_tampered:
        warnings.append("The posting holds text that addresses an AI instead of the reader. It was left out.")
    if not reading.requirements:
        warnings.append("No requirements were found. Check that the whole advertisement was pasted.")
    elif reading.completeness < 0.5:
        warnings.append("Less than half of the requirements were understood, so the match says little.")
    return warnings
