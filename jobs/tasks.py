"""Background tasks of `jobs`."""

from celery import shared_task

from ai_router.scheduling import perform
from jobs.services import emails, letters, postings, tailoring


@shared_task(name=tailoring.TAILOR_TASK)  # type: ignore[untyped-decorator]
def tailor(task_id: str) -> None:
    """Propose the changes of a tailored CV."""
    perform(task_id, tailoring.do_tailoring)


@shared_task(name=letters.LETTER_TASK)  # type: ignore[untyped-decorator]
def write_letter(task_id: str) -> None:
    """Write a cover letter."""
    perform(task_id, letters.do_letter)


@shared_task(name=emails.EMAIL_TASK)  # type: ignore[untyped-decorator]
def write_email(task_id: str) -> None:
    """Draft an e-mail."""
    perform(task_id, emails.do_email)


@shared_task(name=postings.IMPORT_TASK)  # type: ignore[untyped-decorator]
def import_postings(task_id: str) -> None:
    """Read a file of postings."""
    perform(task_id, postings.do_import)
