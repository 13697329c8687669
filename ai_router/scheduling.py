"""Durable background work: enqueue, claim, renew, finish, cancel, and pick up what was lost.

Rows are the truth; the broker's message only wakes a worker. Every model that points to its task by a foreign key and
has a `status` follows: `queued`, `running`, `done`, `failed` and `cancelled` (with `error_code`, `error_message` and
`finished_at`) are written to it in the same transaction, unless the work has already given it a final status itself.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from celery import current_app
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import KombuError

from ai_router.errors import CancelledByUserError
from ai_router.leases import LEASE, Lease, is_known_dead, new_owner
from ai_router.models import BackgroundTask, TaskState

logger = logging.getLogger(__name__)

MAX_FAILURES = 3
MAX_INTERRUPTIONS = 8
RETRY_DELAYS_SECONDS = (5, 30)
MAX_RETRY_DELAY_SECONDS = 300
OPEN_STATES = (TaskState.QUEUED, TaskState.RUNNING)
FOLLOWED = frozenset({"error_code", "error_message", "finished_at"})


class LeaseLostError(Exception):
    """Another worker has taken the task over, or it is finished; whatever this one did must not count."""


class Work(Protocol):
    """What a running background task may do."""

    task: BackgroundTask

    @property
    def subject_id(self) -> int:
        """Key of the row to work on."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Show how far the work is; raises `CancelledByUserError` once the person has asked to stop."""

    def finishing(self) -> AbstractContextManager[None]:
        """Save the effect inside this transaction; it is rolled back if the task was meanwhile taken over."""


class _RunningWork:
    """A claimed task, as the work sees it."""

    def __init__(self, task: BackgroundTask) -> None:
        self.task = task
        self._held = BackgroundTask.objects.filter(pk=task.pk, lease_owner=task.lease_owner, state=TaskState.RUNNING)

    @property
    def subject_id(self) -> int:
        return self.task.subject_id

    def progress(self, done: int, total: int, message: str = "") -> None:
        self._held.update(
            progress_done=done,
            progress_total=total,
            progress_message=message[:200],
            lease_until=timezone.now() + LEASE,
        )
        self._check(self._held.first())

    @contextmanager
    def finishing(self) -> Iterator[None]:
        with transaction.atomic():
            self._check(self._held.select_for_update().first())
            yield
            self.end(TaskState.DONE)

    def end(self, state: TaskState, **values: Any) -> None:
        """Move the task on from running; raises `LeaseLostError` where it is not ours any more."""
        with transaction.atomic():
            now = None if state == TaskState.QUEUED else timezone.now()
            values = {"error_code": "", "error_message": "", **values, "finished_at": now}
            if not self._held.update(state=state, lease_owner="", lease_until=None, **values):
                raise LeaseLostError
            _move_subjects(self.task.pk, state, values)

    def _check(self, row: BackgroundTask | None) -> None:
        if row is None:
            raise LeaseLostError
        if row.is_cancel_requested:
            raise CancelledByUserError


def enqueue(name: str, *, subject_id: int, owner_id: int | None) -> BackgroundTask:
    """Write the row, and wake a worker once the surrounding transaction is committed.

    `name` is a Celery task that takes the row's id as a string and hands it to `perform`. Keep the returned row in the
    subject's foreign key, so that the subject's `status` follows the task.
    """
    task = BackgroundTask.objects.create(name=name, subject_id=subject_id, owner_id=owner_id, rung_at=timezone.now())
    transaction.on_commit(partial(_ring, name, task.pk))
    return task


def perform(task_id: str | UUID, work: Callable[[Work], None]) -> None:
    """Claim the row and run `work`; returns at once when somebody else has it or it is finished.

    An error whose class says `retryable` puts the row back with a delay, up to 3 attempts; any other fails it with
    the error's `code` and `user_message`. An error without them is a bug: it fails the row and is raised again.
    Work that returns without `finishing` counts as done.
    """
    task = _claim(UUID(str(task_id)))
    if task is None:
        return
    running = _RunningWork(task)
    try:
        with Lease(task.pk, task.lease_owner):
            _do(running, work)
    except LeaseLostError:
        logger.warning("Task %s (%s) was taken over; this attempt does not count", task.pk, task.name)


def cancel(task: BackgroundTask) -> None:
    """Cancel queued work at once, and ask running work to stop at its next progress report."""
    with transaction.atomic():
        row = BackgroundTask.objects.filter(pk=task.pk)
        now = timezone.now()
        if row.filter(state=TaskState.QUEUED).update(
            state=TaskState.CANCELLED, is_cancel_requested=True, finished_at=now
        ):
            _move_subjects(task.pk, TaskState.CANCELLED, {"finished_at": now})
        else:
            row.filter(state=TaskState.RUNNING).update(is_cancel_requested=True)
    task.refresh_from_db()


def reconcile(*, quiet_seconds: float = 0) -> int:
    """Wake workers for every row that is queued, or running with an expired lease; returns how many.

    A lease whose process is known to be dead counts as expired. Rows whose worker was woken less than `quiet_seconds`
    ago are left alone, so that a long queue is not rung for over and over.
    """
    _expire_dead_leases()
    now = timezone.now()
    lost = Q(state=TaskState.RUNNING, lease_until__lt=now)
    waiting = Q(state=TaskState.QUEUED) & (Q(run_after=None) | Q(run_after__lte=now))
    unheard = Q(rung_at=None) | Q(rung_at__lte=now - timedelta(seconds=quiet_seconds))
    rows = BackgroundTask.objects.filter(lost | waiting, unheard).order_by("created_at")
    rung = 0
    for pk, name in list(rows.values_list("pk", "name")):
        # Conditional, so that of several workers that look at the same time only one rings.
        if rows.filter(pk=pk).order_by().update(rung_at=now):
            if not _ring(name, pk):
                break
            rung += 1
    return rung


def _do(running: _RunningWork, work: Callable[[Work], None]) -> None:
    """Run the work and write down how it ended."""
    try:
        work(running)
        if BackgroundTask.objects.filter(pk=running.task.pk, lease_owner=running.task.lease_owner).exists():
            running.end(TaskState.DONE)
    except LeaseLostError:
        raise
    except CancelledByUserError as error:
        running.end(TaskState.CANCELLED, error_code=error.code, error_message=error.user_message)
    except Exception as error:
        _fail(running, error)
        if not hasattr(error, "user_message"):
            raise
    except BaseException:
        with suppress(LeaseLostError):
            running.end(TaskState.QUEUED, rung_at=timezone.now())
            _ring(running.task.name, running.task.pk)
        raise


def _fail(running: _RunningWork, error: Exception) -> None:
    """Put the task back with a delay where another attempt may help, and fail it where not."""
    failures = running.task.failures + 1
    said = {
        "error_code": getattr(error, "code", "internal_error"),
        "error_message": getattr(error, "user_message", "Something went wrong on our side. Try again later."),
        "failures": failures,
    }
    if not getattr(error, "retryable", False) or failures >= MAX_FAILURES:
        running.end(TaskState.FAILED, **said)
        return
    delay = _retry_delay(failures, getattr(error, "retry_after", None))
    running.end(TaskState.QUEUED, **said, run_after=timezone.now() + timedelta(seconds=delay), rung_at=timezone.now())
    _ring(running.task.name, running.task.pk, countdown=delay)


def _retry_delay(failures: int, hint: float | None) -> float:
    """Return seconds to wait after the given number of failures, at least the provider's hint."""
    usual = RETRY_DELAYS_SECONDS[min(failures, len(RETRY_DELAYS_SECONDS)) - 1]
    return min(max(usual, hint or 0), MAX_RETRY_DELAY_SECONDS)


def _claim(task_id: UUID) -> BackgroundTask | None:
    """Take the row in one conditional update, and return it; None where it is not to be had."""
    now = timezone.now()
    owner = new_owner()
    free = Q(state=TaskState.QUEUED) & (Q(run_after=None) | Q(run_after__lte=now))
    lost = Q(state=TaskState.RUNNING, lease_until__lt=now)
    with transaction.atomic():
        claimed = BackgroundTask.objects.filter(free | lost, pk=task_id).update(
            state=TaskState.RUNNING,
            lease_owner=owner,
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
            started_at=Coalesce("started_at", now),
        )
        if not claimed:
            return None
        task = BackgroundTask.objects.get(pk=task_id)
        if not _is_worth_another_attempt(task):
            return None
        _move_subjects(task.pk, TaskState.RUNNING, {})
    return task


def _is_worth_another_attempt(task: BackgroundTask) -> bool:
    """End a claimed task that was cancelled while its worker was lost, or that has cost too many workers."""
    running = _RunningWork(task)
    if task.is_cancel_requested:
        running.end(TaskState.CANCELLED)
        return False
    if task.attempts - task.failures > MAX_INTERRUPTIONS:
        running.end(
            TaskState.FAILED,
            error_code="interrupted",
            error_message=f"This was interrupted {MAX_INTERRUPTIONS} times and was given up. Start it again.",
        )
        return False
    return True


def _expire_dead_leases() -> None:
    """End the leases of processes of this machine that are gone."""
    running = BackgroundTask.objects.filter(state=TaskState.RUNNING, lease_until__gte=timezone.now())
    dead = [owner for owner in running.order_by().values_list("lease_owner", flat=True) if is_known_dead(owner)]
    if dead:
        running.filter(lease_owner__in=dead).update(lease_until=timezone.now() - timedelta(seconds=1), rung_at=None)


def _move_subjects(task_id: UUID, state: TaskState, values: dict[str, Any]) -> None:
    """Let the rows that point to a task follow it, where their own status is not final yet."""
    for relation in BackgroundTask._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        model = relation.related_model
        fields = {field.name for field in model._meta.get_fields()}
        if "status" in fields:
            open_rows = model._base_manager.filter(**{relation.field.name: task_id}, status__in=OPEN_STATES)
            open_rows.update(status=state, **{name: values[name] for name in FOLLOWED & fields & values.keys()})


def _ring(name: str, task_id: UUID, *, countdown: float | None = None) -> bool:
    """Send the message that wakes a worker; False, and a line in the log, where no broker can be reached."""
    try:
        current_app.send_task(name, args=[str(task_id)], countdown=countdown, retry=False)
    except (KombuError, OSError):
        logger.warning("The broker did not take the message for task %s; it waits in the database", task_id)
        return False
    return True
