"""A page target for tailored CVs: smaller type, then a closer style, then lines to leave out, which the person decides."""

from collections.abc import Sequence

from django.db import transaction

from cv.export import Layout, Style
from cv.resume import Resume
from cv.services import resume_fits
from jobs.errors import NotFinishedError
from jobs.models import Change, ChangeKind, Decision, TailoredCV, WorkStatus
from jobs.services.material import material_of
from jobs.services.tailoring import accepted_resume
from jobs.tailoring import ProposedChange, apply_changes
from jobs.tailoring.fitting import spared_lines, to_fit, to_leave_out
from jobs.tailoring.relevance import Relevance

MOST_PAGES = 2


def fit_tailored(*, tailored: TailoredCV, pages: int) -> TailoredCV:
    """Set how many pages the file may take, and make what room is needed; 0 takes the target back.

    Type is made smaller first, within what can be read, then the compact style is taken. Where that is not enough, as few lines as
    suffice are proposed to be left out, or all that the posting asks nothing of. None is left out before the person accepts it; what
    was rejected is not proposed again, and proposals of an earlier target that nobody decided go.

    Raises:
        NotFinishedError: The changes are still being proposed.
    """
    if tailored.status != WorkStatus.DONE:
        raise NotFinishedError
    resume = accepted_resume(tailored)
    style = Style.CALM
    wanted: Sequence[ProposedChange] = []
    if pages and not resume_fits(resume, Layout(style=style, pages=pages)):
        style = Style.COMPACT
        if not resume_fits(resume, layout := Layout(style=style, pages=pages)):
            wanted = _enough(resume, _candidates(tailored, resume, pages), layout)
    with transaction.atomic():
        locked = TailoredCV.objects.select_for_update().get(pk=tailored.pk)
        _forget_earlier(locked)
        last = max(locked.changes.values_list("ordinal", flat=True), default=0)
        there = set(locked.changes.filter(kind=ChangeKind.DROP).values_list("target_id", flat=True))
        fresh = [change for change in wanted if change.target_id not in there]
        Change.objects.bulk_create(
            Change(tailored_cv=locked, ordinal=number, **change.model_dump())
            for number, change in enumerate(fresh, start=last + 1)
        )
        locked.pages, locked.style = pages, style
        locked.save(update_fields=["pages", "style"])
    return locked


def keeps_within(tailored: TailoredCV) -> bool:
    """Return whether the accepted state keeps within its page target."""
    return resume_fits(accepted_resume(tailored), layout_of(tailored))


def layout_of(tailored: TailoredCV) -> Layout:
    """Return how the file of a tailored CV is set."""
    return Layout(style=Style(tailored.style), pages=tailored.pages)


def _candidates(tailored: TailoredCV, resume: Resume, pages: int) -> list[ProposedChange]:
    """Return the changes that would leave out what answers nothing; lines that were decided about stay as decided."""
    material = material_of(tailored.resume_version, tailored.posting)
    relevance = Relevance(material.resume, material.analysis, material.report)
    decided = set(tailored.changes.exclude(decision=Decision.PROPOSED).values_list("target_id", flat=True))
    lines = [line for line in spared_lines(resume, relevance) if line.id not in decided]
    return [to_leave_out(line, pages=pages) for line in lines]


def _enough(resume: Resume, changes: Sequence[ProposedChange], layout: Layout) -> Sequence[ProposedChange]:
    """Return as few of the changes as suffice, in their order; all of them where even those do not."""
    least, most = 1, len(changes)
    while least < most:
        middle = (least + most) // 2
        if resume_fits(apply_changes(resume, changes[:middle]), layout):
            most = middle
        else:
            least = middle + 1
    return changes[:most]


def _forget_earlier(tailored: TailoredCV) -> None:
    beginnings = tuple(to_fit(pages) for pages in range(1, MOST_PAGES + 1))
    rows = tailored.changes.filter(kind=ChangeKind.DROP, decision=Decision.PROPOSED)
    rows.filter(pk__in=[row.pk for row in rows if row.reason.startswith(beginnings)]).delete()
