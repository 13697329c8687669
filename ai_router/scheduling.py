"""Durable background work: enqueue, claim, renew, finish, cancel, and pick up what was lost.

Rows are the truth; the broker's message only wakes a worker. Every model that points to its task by a foreign key and
has a `status` follows: `queued`, `running`, `done`, `failed` and `cancelled` (with `error_code`, `error_message` and
`finished_at`) are written to it in the same transaction, unless the work has already given it a final status itself.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from celery import current_app
from django.db import models, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import KombuError

from ai_router.errors import CancelledByUserError
from ai_router.leases import LEASE, Lease, is_known_dead, new_owner
from ai_router.models import BackgroundTask, RequestStatus, TaskState
from usage import tracing
from usage.context import Context, current_request_id, working_for

logger = logging.getLogger(__name__)

MAX_INTERRUPTIONS = 8
RETRY_DELAYS_SECONDS = (5, 30)
MAX_HINT_SECONDS = 300
# A longer wait is left to the reconciler: brokers keep delayed messages in a worker's memory.
MAX_RING_DELAY_SECONDS = 60
DEFAULT_PRIORITY = 5
OPEN_STATES = (TaskState.QUEUED, TaskState.RUNNING)
# What the subject of an open task may say of itself.
OPEN_STATUSES = (*OPEN_STATES, RequestStatus.BATCHED)
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

    def wait_until(self, moment: datetime) -> None:
        """Put the task back until then: neither a failure nor an interruption. Raises as `progress` and `finishing` do."""


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

    def wait_until(self, moment: datetime) -> None:
        with transaction.atomic():
            self._check(self._held.select_for_update().first())
            self.end(TaskState.QUEUED, run_after=moment, rung_at=None, attempts=F("attempts") - 1)

    def end(self, state: TaskState, **values: Any) -> None:
        """Move the task on from running; raises `LeaseLostError` where it is not ours any more."""
        with transaction.atomic():
            now = None if state == TaskState.QUEUED else timezone.now()
            values = {"error_code": "", "error_message": "", **values, "finished_at": now}
            if not self._held.update(state=state, lease_owner="", lease_until=None, **values):
                raise LeaseLostError
            _move_subjects(self.task.pk, state, values)
            if state not in OPEN_STATES:
                _tell(self.task)

    def _check(self, row: BackgroundTask | None) -> None:
        if row is None:
            raise LeaseLostError
        if row.is_cancel_requested:
            raise CancelledByUserError


_endings: dict[str, Callable[[BackgroundTask], None]] = {}


def when_ended(name: str, tell: Callable[[BackgroundTask], None]) -> None:
    """Have `tell` called when a task of this name is done, failed or cancelled, in the transaction that writes so."""
    _endings[name] = tell


def enqueue(
    name: str,
    *,
    subject_id: int,
    owner_id: int | None,
    priority: int = DEFAULT_PRIORITY,
    run_after: datetime | None = None,
) -> BackgroundTask:
    """Write the row, and wake a worker once the surrounding transaction is committed.

    `name` is a Celery task that takes the row's id as a string and hands it to `perform`. Keep the returned row in the
    subject's foreign key, so that the subject's `status` follows the task. Work for later (`run_after`) is rung for by the
    reconciler when its time has come.
    """
    now = timezone.now()
    is_for_later = run_after is not None and run_after > now
    task = BackgroundTask.objects.create(
        name=name,
        subject_id=subject_id,
        owner_id=owner_id,
        priority=priority,
        run_after=run_after,
        rung_at=None if is_for_later else now,
        request_id=current_request_id(),
        trace_parent=tracing.header(),
    )
    if not is_for_later:
        transaction.on_commit(partial(_ring, name, task.pk))
    return task


def perform(task_id: str | UUID, work: Callable[[Work], None]) -> None:
    """Claim the row and run `work`; returns at once when somebody else has it or it is finished.

    An error whose class says `retryable` puts the row back with a delay, up to 3 attempts (or as often as its
    `retry_delays_seconds` says); any other fails it with the error's `code` and `user_message`. An error without them is
    a bug: it fails the row and is raised again. Work that returns without `finishing` counts as done.
    """
    _perform(_claim(UUID(str(task_id))), work)


def perform_most_urgent(task_id: str | UUID, work: Callable[[Work], None]) -> None:
    """Do as `perform` does, with the most urgent of the tasks that have the same name and are due.

    Each message wakes a worker for one row, whichever it names; so a queue has an order although brokers have none. Users
    take turns: who has the fewest tasks running comes first, then the priority decides, then the age.
    """
    name = BackgroundTask.objects.filter(pk=task_id).values_list("name", flat=True).first()
    while name is not None:
        best = _by_urgency(name).first()
        if best is None:
            return
        claimed = _claim(best)
        if claimed is not None:
            _perform(claimed, work)
            return


def _by_urgency(name: str) -> "models.QuerySet[BackgroundTask, UUID]":
    """Return the ids of what waits under a name, the next one first."""
    running = BackgroundTask.objects.filter(name=name, state=TaskState.RUNNING, owner=OuterRef("owner")).order_by()
    busy = Subquery(running.values("owner").annotate(number=Count("pk")).values("number"))
    rows = BackgroundTask.objects.filter(_is_due(), name=name).annotate(busy=Coalesce(busy, 0))
    return rows.order_by("busy", "-priority", "created_at").values_list("pk", flat=True)


def _perform(task: BackgroundTask | None, work: Callable[[Work], None]) -> None:
    if task is None:
        return
    running = _RunningWork(task)
    try:
        context = Context(task.request_id or task.pk.hex, task.owner_id)
        with working_for(context), _traced(task), Lease(task.pk, task.lease_owner):
            _do(running, work)
    except LeaseLostError:
        logger.warning("Task %s (%s) was taken over; this attempt does not count", task.pk, task.name)


@contextmanager
def _traced(task: BackgroundTask) -> Iterator[None]:
    """Make the work a part of the trace of what began it."""
    attributes = {"careerai.task_id": str(task.pk), "careerai.request_id": task.request_id}
    span = tracing.start(f"task {task.name}", kind="CONSUMER", parent=task.trace_parent, attributes=attributes)
    with tracing.at_work(span):
        try:
            yield
        except BaseException as error:
            tracing.end(span, error=type(error).__name__)
            raise
    tracing.end(span)


def cancel(task: BackgroundTask) -> None:
    """Cancel queued work at once, and ask running work to stop at its next progress report."""
    with transaction.atomic():
        row = BackgroundTask.objects.filter(pk=task.pk)
        now = timezone.now()
        if row.filter(state=TaskState.QUEUED).update(
            state=TaskState.CANCELLED, is_cancel_requested=True, finished_at=now
        ):
            _move_subjects(task.pk, TaskState.CANCELLED, {"finished_at": now})
            _tell(task)
        else:
            row.filter(state=TaskState.RUNNING).update(is_cancel_requested=True)
    task.refresh_from_db()


def complete(task: BackgroundTask, save: Callable[[], object]) -> bool:
    """End work that waits, as it was done elsewhere, with what `save` writes; False, and nothing saved, where it does not wait."""
    said = {"error_code": "", "error_message": "", "finished_at": timezone.now()}
    with transaction.atomic():
        waiting = BackgroundTask.objects.filter(pk=task.pk, state=TaskState.QUEUED)
        if not waiting.update(state=TaskState.DONE, **said):
            return False
        save()
        _move_subjects(task.pk, TaskState.DONE, said)
        _tell(task)
    return True


def hasten(task: BackgroundTask) -> bool:
    """Have work that waits for its moment done now; False where it does not wait."""
    with transaction.atomic():
        waiting = BackgroundTask.objects.filter(pk=task.pk, state=TaskState.QUEUED)
        if not waiting.update(run_after=None, rung_at=timezone.now()):
            return False
        _move_subjects(task.pk, TaskState.QUEUED, {})
        transaction.on_commit(partial(_ring, task.name, task.pk))
    return True


def reconcile(*, quiet_seconds: float = 0) -> int:
    """Wake workers for every row that is queued, or running with an expired lease; returns how many.

    A lease whose process is known to be dead counts as expired. Rows whose worker was woken less than `quiet_seconds`
    ago are left alone, so that a long queue is not rung for over and over.
    """
    _expire_dead_leases()
    now = timezone.now()
    unheard = Q(rung_at=None) | Q(rung_at__lte=now - timedelta(seconds=quiet_seconds))
    rows = BackgroundTask.objects.filter(_is_due(), unheard).order_by("-priority", "created_at")
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
    """Put the task back with a delay where another attempt may help, and fail it where not.

    An error that `is_postponed`, such as a limit of this site, is no failure: the task waits until there is room.
    """
    is_postponed = getattr(error, "is_postponed", False)
    failures = running.task.failures + (not is_postponed)
    said = {
        "error_code": getattr(error, "code", "internal_error"),
        "error_message": getattr(error, "user_message", "Something went wrong on our side. Try again later."),
        "failures": failures,
    }
    delays: tuple[int, ...] = getattr(error, "retry_delays_seconds", RETRY_DELAYS_SECONDS)
    if not is_postponed and (not getattr(error, "retryable", False) or failures > len(delays)):
        running.end(TaskState.FAILED, **said)
        return
    # At least the usual time, and the provider's hint where that is longer.
    delay = max(delays[max(1, failures) - 1], min(getattr(error, "retry_after", None) or 0, MAX_HINT_SECONDS))
    is_soon = delay <= MAX_RING_DELAY_SECONDS
    now = timezone.now()
    # Who waits for room was not interrupted: it may wait as often as it must.
    counted = {"attempts": F("attempts") - 1} if is_postponed else {}
    running.end(
        TaskState.QUEUED, **said, **counted, run_after=now + timedelta(seconds=delay), rung_at=now if is_soon else None
    )
    if is_soon:
        _ring(running.task.name, running.task.pk, countdown=delay)


def _claim(task_id: UUID) -> BackgroundTask | None:
    """Take the row in one conditional update, and return it; None where it is not to be had."""
    now = timezone.now()
    owner = new_owner()
    with transaction.atomic():
        claimed = BackgroundTask.objects.filter(_is_due(), pk=task_id).update(
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


def _is_due() -> Q:
    """Say which rows may be claimed now: those that wait and whose time has come, and those whose worker was lost."""
    now = timezone.now()
    waiting = Q(state=TaskState.QUEUED) & (Q(run_after=None) | Q(run_after__lte=now))
    return waiting | Q(state=TaskState.RUNNING, lease_until__lt=now)


def _tell(task: BackgroundTask) -> None:
    """Tell whoever wants to know that a task has ended."""
    tell = _endings.get(task.name)
    if tell is not None:
        tell(task)


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
            open_rows = model._base_manager.filter(**{relation.field.name: task_id}, status__in=OPEN_STATUSES)
            open_rows.update(status=state, **{name: values[name] for name in FOLLOWED & fields & values.keys()})


def _ring(name: str, task_id: UUID, *, countdown: float | None = None) -> bool:
    """Send the message that wakes a worker; False, and a line in the log, where no broker can be reached."""
    try:
        current_app.send_task(name, args=[str(task_id)], countdown=countdown, retry=False)
    except (KombuError, OSError):
        logger.warning("The broker did not take the message for task %s; it waits in the database", task_id)
        return False
    return True
