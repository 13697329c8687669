"""One unit of a posting cut into pieces, one a demand: `Python, Django and SQL; Docker is a plus` asks for four things."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from cv.skills import ConceptMention, category_of, concepts_in, related
from jobs.analysis.patterns import EXAMPLES

_AND = r"(?:,|;|/|&|\+|\band\b|\bund\b|\bsowie\b|\bet\b|\by\b|\be\b|\bi\b|\boraz\b|\bas well as\b|\bplus\b|\ben\b)"
_OR = re.compile(r"\b(?:or|oder|ou|o|lub|and/or|und/oder|et/ou|y/o)\b", re.IGNORECASE)
_SEPARATOR = re.compile(_AND, re.IGNORECASE)
_ONLY_SEPARATOR = re.compile(
    rf"[\s()]*(?:{_AND}|\b(?:or|oder|ou|o|lub|e\.g\.|etc\.?)\b)?[\s()]*(?:{_AND}|\b(?:or|oder|ou|o|lub)\b)?[\s()]*", re.IGNORECASE
)  # fmt: skip
# So general that beside a named skill they only describe it.
_BROAD = frozenset({
    "Software engineering", "Web development", "Back-end development", "Front-end development", "Full-stack development", "Open source",
    "Databases", "Database design", "Mobile development", "Cloud computing", "Research", "Production", "Consulting", "Law", "Sales",
    "API design", "Business administration", "Organisation", "Communication", "Construction", "Marketing", "Computer science", "Repair",
    "Software testing", "Data analysis", "Operations management",
})  # fmt: skip
# Categories of the lexicon that hold tools by their names, and what in them is a field.
_TOOLS = frozenset({
    "programming language", "web and mobile", "database", "cloud and operations", "software practice", "office", "data and machine learning",
})  # fmt: skip
_FIELDS = _BROAD | frozenset({
    "CMS", "Android development", "iOS development", "REST", "SOAP", "OAuth", "Web accessibility", "Responsive design", "E-commerce", "SEO",
    "Game development", "Blockchain", "AR/VR", "Web components", "NoSQL", "Caching", "Search", "Database administration", "Vector databases",
    "Serverless", "Infrastructure as code", "CI/CD", "DevOps", "SRE", "Observability", "Virtualisation", "Message queues", "Microservices",
    "Distributed systems", "System architecture", "High availability", "Performance optimisation", "Networking", "Firewalls", "VPN", "VoIP", "IT support",
    "ITIL", "System administration", "Incident management", "Backup and recovery", "Telecommunications", "Embedded systems", "IoT", "Robotics", "Agile",
    "Extreme programming", "Test-driven development", "Code review", "Clean code", "Object-oriented programming", "Functional programming", "Domain-driven design", "Algorithms", "Technical writing", "Requirements engineering", "Release management", "Low-code platforms", "RPA", "Microsoft Office",
    "Google Workspace", "Data science", "Machine learning", "Deep learning", "Natural language processing", "Large language models", "Computer vision",
    "Artificial intelligence", "Reinforcement learning", "Recommender systems", "Statistics", "Data visualisation", "Data engineering",
    "Data warehousing", "Big data", "Business intelligence", "MLOps", "Data governance", "A/B testing", "Data pipelines", "Data entry", "Data mining",
    "Web scraping", "Forecasting", "GIS", "Remote sensing", "Operations research", "Bioinformatics", "ERP", "CRM", "Document management", "Typing",
    "Office administration", "Calendar management", "Travel arrangements", "Minute taking", "Correspondence", "Reception", "Translation", "Interpreting",
    "Transcription",
})  # fmt: skip
_NAME = re.compile(r"[A-Z0-9][\w.+#-]*(?: [A-Z0-9][\w.+#-]*){0,3}")
_IMPLIES = 0.8


@dataclass(slots=True)
class Piece:
    """A stretch of a unit that asks for one thing: `start` and `end` within the unit, and any one of `concepts` answers it."""

    start: int
    end: int
    concepts: list[str] = field(default_factory=list)
    run: int = 0


def pieces_of(text: str) -> list[Piece]:
    """Return the pieces of a unit, which together cover it; a unit that names nothing known is one piece without a concept."""
    mentions = _told_apart(text)
    if not mentions:
        return [Piece(0, len(text))]
    pieces: list[Piece] = []
    run, begin = 0, 0
    groups = _groups(text, mentions)
    for number, group in enumerate(groups):
        end = len(text)
        if number + 1 < len(groups):
            gap_start, gap_end = group[-1].end, groups[number + 1][0].start
            separators = list(_SEPARATOR.finditer(text, gap_start, gap_end))
            end = separators[-1].start() if separators else gap_end
        pieces.append(_piece(text, begin, end, group, run))
        if number + 1 < len(groups):
            gap = text[group[-1].end : groups[number + 1][0].start]
            run += 0 if _ONLY_SEPARATOR.fullmatch(gap) else 1
            begin = _after_separator(text, end)
    return pieces


def _told_apart(text: str) -> list[ConceptMention]:
    """Drop repeated concepts, and soft skills that stand beside hard ones."""
    mentions = concepts_in(text)
    hard = [mention for mention in mentions if category_of(mention.concept) != "soft skill"]
    seen: set[str] = set()
    kept = []
    for mention in hard or mentions:
        if mention.concept not in seen:
            kept.append(mention)
            seen.add(mention.concept)
    return kept


def _groups(text: str, mentions: list[ConceptMention]) -> list[list[ConceptMention]]:
    """Put together what is one demand: alternatives, examples, and names with nothing but words between them."""
    groups = [[mentions[0]]]
    examples_from = next((match.start() for match in EXAMPLES.finditer(text)), len(text))
    alternatives = _alternative_pairs(text, mentions)
    for number, (left, right) in enumerate(pairwise(mentions)):
        gap = text[left.end : right.start]
        listed = bool(_SEPARATOR.search(gap)) or bool(_OR.search(gap))
        in_examples = left.end >= examples_from and bool(_ONLY_SEPARATOR.fullmatch(gap))
        starts_examples = bool(EXAMPLES.search(gap)) or text.count("(", 0, right.start) > text.count(
            ")", 0, right.start
        )
        if number in alternatives or in_examples or starts_examples or not listed:
            groups[-1].append(right)
        else:
            groups.append([right])
    return groups


def _alternative_pairs(text: str, mentions: list[ConceptMention]) -> set[int]:
    """Return the numbers of gaps that belong to a list joined by "or", such as `Java, Kotlin or Scala`."""
    gaps = [text[left.end : right.start] for left, right in pairwise(mentions)]
    found: set[int] = set()
    for number, gap in enumerate(gaps):
        if _OR.search(gap) and len(gap) < 25:
            found.add(number)
            back = number - 1
            while back >= 0 and gaps[back].strip() in {",", "/", ";"}:
                found.add(back)
                back -= 1
    return found


def _without_details(text: str, start: int, group: list[ConceptMention]) -> list[ConceptMention]:
    """Drop what only describes the tool that stands before a bracket: `Kubernetes (Helm, containers)` asks for Kubernetes.

    Where the bracket follows a general word it holds examples, any of which would do: `databases (PostgreSQL, MySQL)`.
    """
    bracket = text.find("(", start, group[-1].start)
    if bracket < 0 or _SEPARATOR.search(text, start, bracket):
        return group
    before = [mention for mention in group if mention.end <= bracket]
    inside = [mention for mention in group if mention.start > bracket]
    if not inside:
        return group
    if not before:
        is_name = bool(_NAME.fullmatch(text[start:bracket].strip()))
        return [] if is_name and any(_is_general(mention) for mention in inside) else group
    tool = before[-1]
    if _is_general(tool):
        return group
    return [*before, *(mention for mention in inside if related(mention.concept, tool.concept) >= _IMPLIES)]


def _is_general(mention: ConceptMention) -> bool:
    """Whether a concept names a field and no tool."""
    return mention.concept in _FIELDS or category_of(mention.concept) not in _TOOLS


def _piece(text: str, start: int, end: int, group: list[ConceptMention], run: int) -> Piece:
    group = _without_details(text, start, group)
    names = [mention.concept for mention in group]
    joined = any(
        _OR.search(text[left.end : right.start]) or EXAMPLES.search(text, 0, right.start) or _SEPARATOR.search(text, left.end, right.start)
        or "(" in text[left.end : right.start]
        for left, right in pairwise(group)
    )  # fmt: skip
    if not joined:
        # "backend services in Python": the named skill is meant, what stands beside it only describes it.
        narrow = [name for name in names if name not in _BROAD] or names
        names = [name for name in narrow if not any(other != name and related(other, name) >= 0.8 for other in narrow)][
            :1
        ]
    left = start + len(text[start:end]) - len(text[start:end].lstrip(" ,;/&+()"))
    right = start + len(text[start:end].rstrip(" ,;/&+("))
    return Piece(left, max(left, right), names, run)


def _after_separator(text: str, place: int) -> int:
    match = _SEPARATOR.match(text, place)
    return match.end() if match else place
