"""Making room: which lines of a CV a posting asks nothing of, those to be spared first."""

from collections.abc import Sequence

from cv.resume import Line, Resume
from jobs.models import ChangeKind
from jobs.tailoring.relevance import Relevance
from jobs.tailoring.types import ProposedChange


def spared_lines(resume: Resume, relevance: Relevance) -> list[Line]:
    """Return the lines that answer nothing: voluntary work and projects first, then the oldest positions, and never all of one entry.

    Of an entry the last line goes before the first.
    """
    positions = [position for employer in resume.employers for position in employer.positions]
    lists = [item.highlights for item in resume.volunteering]
    lists += [project.highlights for project in resume.projects]
    lists += [position.highlights for position in reversed(positions)]
    return [line for lines in lists for line in _spared(lines, relevance)]


def _spared(lines: Sequence[Line], relevance: Relevance) -> list[Line]:
    spared = [line for line in lines if not relevance.of(line.id)]
    if len(spared) == len(lines):
        spared = spared[1:]
    return spared[::-1]


def to_leave_out(line: Line, *, pages: int) -> ProposedChange:
    """Return the change that leaves a line out to make room."""
    return ProposedChange(
        kind=ChangeKind.DROP,
        target_id=line.id,
        field="text",
        before=line.text,
        reason=f"{to_fit(pages)}: the posting asks for nothing that this line shows.",
    )


def to_fit(pages: int) -> str:
    """Return how the reason of such a change begins."""
    return "To fit on one page" if pages == 1 else f"To fit on {pages} pages"
