"""Reading the files that commands are given; every failure is one plain line and exit code 1."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from ai_router.errors import RouterError
from cv.errors import CVError
from cv.resume import Resume
from cv.services import read_resume
from jobs.errors import JobsError
from jobs.importing import ImportedPosting, import_posting
from jobs.matching import MatchReport, match_resume
from jobs.posting import PostingAnalysis
from jobs.services.postings import analyse_imported

DOMAIN_ERRORS = (CVError, JobsError, RouterError)


def add_cv_argument(parser: ArgumentParser) -> None:
    """Add `--cv FILE`."""
    parser.add_argument("--cv", required=True, type=Path, metavar="FILE", help="PDF, DOCX, text or JSON Resume")


def add_pair_arguments(parser: ArgumentParser) -> None:
    """Add `--cv FILE`, `--job FILE` and `--provider`."""
    add_cv_argument(parser)
    parser.add_argument("--job", required=True, type=Path, metavar="FILE", help="a posting: text, HTML or JSON-LD")
    parser.add_argument(
        "--provider", choices=["embedded", "auto"], default="auto", help="rules alone, or the configured route"
    )


def read_cv(path: Path, *, provider: str) -> Resume:
    """Return the résumé in a file.

    Raises:
        CommandError: There is no such file, or it cannot be read; the message says what to do.
    """
    try:
        return read_resume(bytes_of(path), file_name=path.name, provider=provider).assign_ids()
    except DOMAIN_ERRORS as error:
        raise CommandError(f"{path}: {error.user_message}") from error


def read_job(path: Path, *, provider: str) -> tuple[ImportedPosting, PostingAnalysis]:
    """Return the posting in a file, with its analysis; raises as `read_cv` does."""
    try:
        posting = import_posting(text_of(path))
        return posting, analyse_imported(posting, provider=provider)
    except DOMAIN_ERRORS as error:
        raise CommandError(f"{path}: {error.user_message}") from error


def read_pair(cv: Path, job: Path, *, provider: str) -> tuple[Resume, ImportedPosting, PostingAnalysis, MatchReport]:
    """Return CV, posting, analysis and match of two files; raises as `read_cv` does."""
    resume = read_cv(cv, provider=provider)
    posting, analysis = read_job(job, provider=provider)
    return resume, posting, analysis, match_resume(resume, analysis)


def bytes_of(path: Path) -> bytes:
    """Return a file's bytes, or raise `CommandError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from error


def text_of(path: Path) -> str:
    """Return a file's text, or raise `CommandError`."""
    try:
        return bytes_of(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: this is not text in UTF-8.") from error
