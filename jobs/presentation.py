"""Postings and matches as the pages show them: marked text, and ledgers by group."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jobs.matching import Coverage, MatchReport, RequirementMatch
from jobs.models import Application, CoverLetter, Email, Posting, Stage, StageEntry, TailoredCV
from jobs.posting import PostingAnalysis, Requirement, RequirementCategory, RequirementKind

LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pl": "Polish", "nl": "Dutch", "pt": "Portuguese",
}  # fmt: skip
COVERAGE_WORDS = {Coverage.SHOWN: "Shown", Coverage.SUPPORTABLE: "Close", Coverage.MISSING: "No evidence"}
COVERAGE_BADGES = {Coverage.SHOWN: "ok", Coverage.SUPPORTABLE: "warn", Coverage.MISSING: "bad"}
_GROUPS: tuple[tuple[str, str, Callable[[Requirement | RequirementMatch], bool]], ...] = (
    ("knock-out", "Conditions", lambda line: line.kind is RequirementKind.KNOCK_OUT),
    ("must", "Must have", lambda line: line.kind is RequirementKind.MUST and line.category is not RequirementCategory.DUTY),
    ("nice", "Nice to have", lambda line: line.kind is RequirementKind.NICE),
    ("duty", "Tasks of the job", lambda line: line.kind is RequirementKind.MUST and line.category is RequirementCategory.DUTY),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MadeText:
    """Something that was made for a posting: its kind in words, the name of its page, its row."""

    kind: str
    page: str
    row: TailoredCV | CoverLetter | Email


@dataclass(frozen=True, slots=True)
class BoardCard:
    """An application on the board, with the entry that brought it to its stage and the stages that follow."""

    application: Application
    entry: StageEntry | None
    onward: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A stage of the board."""

    key: str
    title: str
    cards: list[BoardCard]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A stretch of a posting; `requirement` is empty between the marks, `key` names the mark's group."""

    text: str
    requirement: Requirement | None = None
    key: str = ""


@dataclass(slots=True)
class Group:
    """Requirements, or lines of a ledger, under one heading."""

    key: str
    title: str
    lines: list[Requirement] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Quotation:
    """A line of the CV that answers a requirement; `item_id` addresses it on the CV's page."""

    text: str
    item_id: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of a match's ledger as it is shown; `percent` is its strength."""

    requirement_id: str
    text: str
    verdict: str
    badge: str
    percent: int
    explanation: str
    quotations: list[Quotation]


@dataclass(slots=True)
class LedgerGroup:
    """Lines of a ledger under one heading."""

    key: str
    title: str
    lines: list[LedgerLine] = field(default_factory=list)


COLUMNS: tuple[tuple[str, str, tuple[Stage, ...]], ...] = (
    ("saved", "Saved", (Stage.SAVED,)),
    ("applied", "Applied", (Stage.APPLIED,)),
    ("interview", "Interview", (Stage.INTERVIEW,)),
    ("offer", "Offer", (Stage.OFFER, Stage.ACCEPTED)),
    ("closed", "Closed", (Stage.REJECTED, Stage.WITHDRAWN)),
)
ONWARD: dict[str, tuple[tuple[Stage, str], ...]] = {
    Stage.SAVED: ((Stage.APPLIED, "I applied"),),
    Stage.APPLIED: ((Stage.INTERVIEW, "Interview"), (Stage.REJECTED, "Turned down")),
    Stage.INTERVIEW: ((Stage.OFFER, "Offer"), (Stage.REJECTED, "Turned down")),
    Stage.OFFER: ((Stage.ACCEPTED, "Accept"), (Stage.WITHDRAWN, "Decline")),
}


def board_of(applications: Iterable[Application]) -> list[BoardColumn]:
    """Return the columns of the board; applications come with `history` at hand."""
    rows = list(applications)
    return [
        BoardColumn(key, title, [_board_card(row) for row in rows if row.stage in stages])
        for key, title, stages in COLUMNS
    ]


def _board_card(row: Application) -> BoardCard:
    entry = next((entry for entry in reversed(list(row.history.all())) if entry.stage == row.stage), None)
    return BoardCard(row, entry, [(stage.value, label) for stage, label in ONWARD.get(row.stage, ())])


def made_for(posting: Posting) -> list[MadeText]:
    """Return what was made for a posting apart from matches, the latest first."""
    made = [
        *(
            MadeText("Tailored CV", "jobs:tailored", row)
            for row in posting.tailored_cvs.select_related("resume_version__cv")
        ),
        *(
            MadeText("Cover letter", "jobs:letter", row)
            for row in posting.cover_letters.select_related("resume_version__cv")
        ),
        *(
            MadeText(f"E-mail: {row.get_kind_display().lower()}", "jobs:email", row)
            for row in posting.email_drafts.select_related("resume_version__cv")
        ),
    ]
    return sorted(made, key=lambda text: text.row.created_at, reverse=True)


def marked_text(text: str, analysis: PostingAnalysis) -> list[TextPart]:
    """Cut a posting's text at its requirements, so that a page can mark them; where two overlap the first stays."""
    parts: list[TextPart] = []
    position = 0
    for requirement in sorted(analysis.requirements, key=lambda line: (line.start, -line.end)):
        if requirement.start < position or requirement.end > len(text):
            continue
        if requirement.start > position:
            parts.append(TextPart(text[position : requirement.start]))
        parts.append(TextPart(text[requirement.start : requirement.end], requirement, _key_of(requirement)))
        position = requirement.end
    return [*parts, TextPart(text[position:])] if position < len(text) else parts


def requirement_groups(analysis: PostingAnalysis) -> list[Group]:
    """Return the requirements by how much they weigh; empty groups are left out."""
    groups = [
        Group(key, title, [line for line in analysis.requirements if belongs(line)]) for key, title, belongs in _GROUPS
    ]
    return [group for group in groups if group.lines]


def ledger_groups(report: MatchReport) -> list[LedgerGroup]:
    """Return the lines of a ledger by how much they weigh, knock-outs first; empty groups are left out."""
    lines = [*report.knock_outs, *report.requirements]
    groups = [
        LedgerGroup(key, title, _shown(line for line in lines if belongs(line))) for key, title, belongs in _GROUPS
    ]
    return [group for group in groups if group.lines]


def _shown(lines: Iterable[RequirementMatch]) -> list[LedgerLine]:
    return [
        LedgerLine(
            requirement_id=line.requirement_id,
            text=" ".join(line.text.split()),
            verdict="Check yourself" if _is_open_question(line) else COVERAGE_WORDS[line.coverage],
            badge="info" if _is_open_question(line) else COVERAGE_BADGES[line.coverage],
            percent=round(line.strength * 100),
            explanation=line.explanation,
            quotations=[
                Quotation(text, line.fact_ids[min(number, len(line.fact_ids) - 1)])
                for number, text in enumerate(line.quotations)
            ],
        )
        for line in lines
    ]


def _is_open_question(line: RequirementMatch) -> bool:
    return line.category is RequirementCategory.ELIGIBILITY and line.coverage is Coverage.MISSING


def _key_of(requirement: Requirement) -> str:
    return next((key for key, _, belongs in _GROUPS if belongs(requirement)), "must")
