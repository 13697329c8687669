"""Background work done in the calling process, for commands that are used without a worker."""

import logging
import time

from ai_router.models import BackgroundTask
from ai_router.scheduling import OPEN_STATES
from careerai.celery import app

POLL_SECONDS = 0.2


def finish(task: BackgroundTask | None) -> None:
    """Do a background task here, or wait for the worker that has it already; returns once its state is final."""
    if task is None:
        return
    # A worker's log has a line for each task; in a command it would stand between the lines of the answer.
    logging.getLogger("celery.app.trace").setLevel(logging.WARNING)
    app.loader.import_default_modules()
    task.refresh_from_db()
    while task.state in OPEN_STATES:
        app.tasks[task.name].apply(args=[str(task.pk)], throw=True)
        task.refresh_from_db()
        if task.state in OPEN_STATES:
            time.sleep(POLL_SECONDS)
