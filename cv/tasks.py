"""Background tasks of `cv`."""

from celery import shared_task

from ai_router.scheduling import perform
from cv.services import perform_parse


@shared_task(name="cv.parse")  # type: ignore[untyped-decorator]
def parse(task_id: str) -> None:
    """Read the document of a `ParseRun`."""
    perform(task_id, perform_parse)
