"""Changes and sentences as the pages show them: differences computed from the documents, and evidence in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cv.facts import Fact, facts_of
from cv.resume import Resume
from jobs.comparing import Piece, difference
from jobs.grounding import Sentence
from jobs.models import Change, ChangeKind, CoverLetter, Email, TailoredCV
from jobs.posting import PostingAnalysis
from jobs.services.letters import sentences_of
from jobs.tailoring.types import WHOLE

SECTION_NAMES = {
    "summary": "Summary", "employers": "Experience", "projects": "Projects", "education": "Education", "skills": "Skills",
    "languages": "Languages", "certificates": "Certificates", "publications": "Publications", "awards": "Awards",
    "volunteering": "Volunteering", "interests": "Interests", "references": "References", "custom": "Other sections",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quotation:
    """A line of the CV that a text rests on, and where it stands."""

    id: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a reordered list, and whether it moves up."""

    text: str
    moves_up: bool


@dataclass(frozen=True, slots=True)
class ChangeCard:
    """A change with all that its card shows."""

    change: Change
    place: str
    pieces: list[Piece]
    entries: list[Entry]
    evidence: list[Quotation]
    requirements: list[str]


@dataclass(frozen=True, slots=True)
class SentenceView:
    """A sentence with its evidence in words."""

    number: int
    sentence: Sentence
    evidence: list[Quotation]
    requirements: list[str]
    problems: list[str]

    @property
    def is_open(self) -> bool:
        """Whether there is something to show beside it."""
        return bool(self.evidence or self.requirements or self.problems)


class Library:
    """The lines of a résumé and the requirements of a posting, by id."""

    def __init__(self, resume: Resume, analysis: PostingAnalysis) -> None:
        """Index both."""
        self.resume = resume
        self.facts: dict[str, Fact] = {}
        for fact in facts_of(resume):
            self.facts.setdefault(fact.id, fact)
        self.requirements = {item.id: " ".join(item.text.split()) for item in analysis.requirements}

    def quotations(self, ids: Iterable[str]) -> list[Quotation]:
        """Return the cited lines that exist."""
        found = [self.facts[number] for number in ids if number in self.facts]
        return [Quotation(fact.id, fact.text, place_of(fact)) for fact in found]

    def wanted(self, ids: Iterable[str]) -> list[str]:
        """Return the named requirements that exist."""
        return list(dict.fromkeys(self.requirements[number] for number in ids if number in self.requirements))

    def name_of(self, item_id: str) -> str:
        """Return an entry of a list in words."""
        if item_id in SECTION_NAMES:
            return SECTION_NAMES[item_id]
        item = self.resume.item(item_id)
        skills = ", ".join(skill.name for skill in getattr(item, "skills", [])[:4])
        return getattr(item, "text", "") or getattr(item, "name", "") or skills or item_id


def place_of(fact: Fact) -> str:
    """Return where a line stands: title and employer, or the kind of entry."""
    if fact.scope_id:
        return ", ".join(part for part in (fact.title, fact.employer) if part)
    return fact.kind.value.capitalize()


def cards_of(tailored: TailoredCV) -> list[ChangeCard]:
    """Return the cards of a tailored CV, in the order of its changes."""
    resume = tailored.resume_version.resume.assign_ids()
    library = Library(resume, PostingAnalysis.model_validate(tailored.posting.analysis))
    return [_card(change, library) for change in tailored.changes.all()]


def paragraphs_of(row: CoverLetter | Email) -> list[list[SentenceView]]:
    """Return a letter's or an e-mail's sentences by paragraph, with their evidence."""
    resume = row.resume_version.resume.assign_ids()
    library = Library(resume, PostingAnalysis.model_validate(row.posting.analysis))
    faults = {item["text"]: item["problems"] for item in getattr(row, "problems", [])}
    paragraphs: dict[int, list[SentenceView]] = {}
    for number, sentence in enumerate(sentences_of(row)):
        view = SentenceView(
            number,
            sentence,
            library.quotations(sentence.evidence_ids),
            library.wanted(sentence.requirement_ids),
            faults.get(sentence.text, []),
        )
        paragraphs.setdefault(sentence.paragraph, []).append(view)
    return [paragraphs[number] for number in sorted(paragraphs)]


def _card(change: Change, library: Library) -> ChangeCard:
    is_order = change.kind == ChangeKind.REORDER
    before, after = change.before.splitlines(), change.after.splitlines()
    moved = {*change.evidence_ids, *(name for name in after if name in SECTION_NAMES)}
    if (change.target_id, change.field) == (WHOLE, "skills"):
        # The evidence is the skills, what moves is their group.
        moved.update(after[:1])
    entries = _entries(before, after, moved, library) if is_order else []
    return ChangeCard(
        change,
        _place(change, library),
        [] if is_order else difference(change.before, change.after),
        entries,
        library.quotations(change.evidence_ids),
        library.wanted(change.requirement_ids),
    )


def _entries(before: Sequence[str], after: Sequence[str], evidence: set[str], library: Library) -> list[Entry]:
    """Return the new order; of the entries that the change is about, those that move up are marked."""
    places = {name: number for number, name in enumerate(before)}
    return [
        Entry(library.name_of(name), name in evidence and number < places[name])
        for number, name in enumerate(after)
        if name in places and (name not in SECTION_NAMES or _is_filled(name, library.resume))
    ]


def _is_filled(section: str, resume: Resume) -> bool:
    return bool(resume.person.summary) if section == "summary" else bool(getattr(resume, section, None))


def _place(change: Change, library: Library) -> str:
    if change.field == "section_order":
        return "Order of the sections"
    if change.field == "skills":
        group = library.resume.item(change.target_id)
        name = getattr(group, "name", "")
        return f"Skills: {name}" if name else "Skills"
    fact = library.facts.get(change.target_id)
    return place_of(fact) if fact else ""
