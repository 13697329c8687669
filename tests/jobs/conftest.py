"""Fixtures of postings and CVs that are in the database."""

from collections.abc import Callable

import pytest

from ai_router.scheduling import Work, perform
from careerai.accounts.models import User
from cv.models import CV, ResumeVersion, VersionOrigin
from cv.services import save_version
from jobs.models import CoverLetter, Email, Posting, TailoredCV
from jobs.services.postings import create_posting
from tests.jobs.match_samples import POSTING, backend_resume
from tests.jobs.samples import POSTING_TEXT, posting_analysis, resume_of_ada


def make_version(owner: User, title: str = "Backend CV") -> ResumeVersion:
    cv = CV.objects.create(owner=owner, title=title)
    version = ResumeVersion.objects.create(
        cv=cv, number=1, origin=VersionOrigin.PARSED, data=backend_resume().model_dump(mode="json")
    )
    cv.current_version = version
    cv.save()
    return version


@pytest.fixture
def version(owner: User) -> ResumeVersion:
    return make_version(owner)


@pytest.fixture
def posting(owner: User) -> Posting:
    return create_posting(owner=owner, text=POSTING)


@pytest.fixture
def cv(owner: User) -> CV:
    row = CV.objects.create(owner=owner, title="Ada Quill")
    save_version(cv=row, resume=resume_of_ada(), origin=VersionOrigin.IMPORTED)
    return row


@pytest.fixture
def globex(owner: User) -> Posting:
    analysis = posting_analysis()
    return Posting.objects.create(
        owner=owner,
        title=analysis.title,
        employer=analysis.employer,
        location=analysis.location,
        language="en",
        original=POSTING_TEXT,
        text=POSTING_TEXT,
        analysis=analysis.model_dump(mode="json"),
    )


@pytest.fixture
def worker() -> Callable[[TailoredCV | CoverLetter | Email, Callable[[Work], None]], None]:
    """Do a row's background task as a worker would, and bring the row up to date."""

    def do(row: TailoredCV | CoverLetter | Email, work: Callable[[Work], None]) -> None:
        assert row.background_task is not None
        perform(row.background_task.pk, work)
        row.refresh_from_db()

    return do
