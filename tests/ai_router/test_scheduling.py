import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from ai_router.errors import CancelledByUserError, RouterError, UserRateLimitedError
from ai_router.leases import LEASE, Lease, is_known_dead, new_owner
from ai_router.models import BackgroundTask, TaskState
from ai_router.scheduling import (
    MAX_INTERRUPTIONS,
    LeaseLostError,
    Work,
    cancel,
    enqueue,
    perform,
    reconcile,
)
from ai_router.tasks import Reconciler, start_reconciler, stop_reconciler
from careerai.celery import app
from cv.errors import NoTextError
from cv.models import CV, Document, ParseRun, ParseStatus

NAME = "tests.write_title"


class BusyError(RouterError):
    """Says that another attempt may help."""

    code = "busy"
    retryable = True
    user_message = "Busy just now."

    def __init__(self, retry_after: float | None = None) -> None:
        self.retry_after = retry_after


@app.task(name=NAME)
def write_title(task_id: str) -> None:
    perform(task_id, _write)


def _write(work: Work) -> None:
    with work.finishing():
        Document.objects.filter(parse_runs=work.subject_id).update(original_name="read.pdf")


@pytest.fixture
def run(owner):
    """A parse run with its task, as a service makes them."""
    cv = CV.objects.create(owner=owner, title="CV")
    document = Document.objects.create(cv=cv, original_name="a.pdf", sha256="0" * 64, size_bytes=1)
    run = ParseRun.objects.create(document=document)
    run.background_task = enqueue(NAME, subject_id=run.pk, owner_id=owner.pk)
    run.save()
    return run


def reread(run: ParseRun) -> tuple[BackgroundTask, ParseRun]:
    run = ParseRun.objects.select_related("background_task").get(pk=run.pk)
    assert run.background_task
    return run.background_task, run


def taken_over(task_id: object) -> None:
    """Let another worker claim the row, as after a lease that ran out."""
    BackgroundTask.objects.filter(pk=task_id).update(lease_until=timezone.now() - timedelta(seconds=1))
    perform(str(task_id), _write)


def messages() -> list[Path]:
    return sorted(Path(app.conf.broker_transport_options["data_folder_out"]).glob("*.msg"))


needs_the_folder = pytest.mark.skipif(
    not str(app.conf.broker_url).startswith("filesystem"), reason="looks into the folder that is the default broker"
)


def test_a_task_runs_once_and_its_subject_follows(run, run_tasks):
    assert run_tasks() == 1

    perform(run.background_task_id, lambda _: pytest.fail("ran a finished task"))
    task, run = reread(run)
    assert (task.state, task.attempts, task.lease_owner, task.lease_until) == (TaskState.DONE, 1, "", None)
    assert task.started_at
    assert task.finished_at
    assert run.status == ParseStatus.DONE
    assert run.finished_at == task.finished_at
    assert run.document.original_name == "read.pdf"


def test_the_subject_is_running_while_the_work_runs(run):
    seen = []

    perform(run.background_task_id, lambda work: seen.append(ParseRun.objects.get(pk=work.subject_id).status))

    assert seen == [ParseStatus.RUNNING]
    assert reread(run)[0].state == TaskState.DONE


def test_a_final_status_that_the_work_writes_itself_is_kept(run):
    def work(work: Work) -> None:
        with work.finishing():
            ParseRun.objects.filter(pk=work.subject_id).update(status=ParseStatus.CANCELLED)

    perform(run.background_task_id, work)

    task, run = reread(run)
    assert task.state == TaskState.DONE
    assert run.status == ParseStatus.CANCELLED


def test_a_second_worker_does_not_get_a_running_task(run):
    def work(work: Work) -> None:
        perform(run.background_task_id, lambda _: pytest.fail("claimed twice"))
        _write(work)

    perform(run.background_task_id, work)

    assert reread(run)[0].attempts == 1


def test_the_effect_of_a_worker_that_lost_its_lease_is_rolled_back(run):
    def work(work: Work) -> None:
        taken_over(run.background_task_id)
        with work.finishing():
            pytest.fail("the effect of the lost attempt began")

    perform(run.background_task_id, work)

    task, run = reread(run)
    assert (task.state, task.attempts) == (TaskState.DONE, 2)
    assert run.document.original_name == "read.pdf"


def test_a_takeover_inside_the_finishing_transaction_undoes_the_effect(run):
    def work(work: Work) -> None:
        with work.finishing():
            Document.objects.filter(pk=run.document_id).update(original_name="twice.pdf")
            BackgroundTask.objects.filter(pk=work.task.pk).update(lease_owner="somebody else")

    perform(run.background_task_id, work)

    assert reread(run)[1].document.original_name == "a.pdf"


def test_a_lost_worker_neither_fails_nor_finishes_what_another_has(run):
    def work(work: Work) -> None:
        taken_over(run.background_task_id)
        raise NoTextError

    perform(run.background_task_id, work)

    assert reread(run)[0].state == TaskState.DONE


def test_progress_is_written_and_tells_a_lost_worker_to_stop(run):
    seen = []

    def work(work: Work) -> None:
        work.progress(1, 4, "Reading page 1")
        seen.append(reread(run)[0])
        taken_over(run.background_task_id)
        with pytest.raises(LeaseLostError):
            work.progress(2, 4)

    perform(run.background_task_id, work)

    assert (seen[0].progress_done, seen[0].progress_total, seen[0].progress_message) == (1, 4, "Reading page 1")


def test_an_error_of_a_domain_fails_the_task_with_its_words(run):
    def work(_: Work) -> None:
        raise NoTextError

    perform(run.background_task_id, work)

    task, run = reread(run)
    assert (task.state, task.error_code, task.error_message) == (
        TaskState.FAILED,
        NoTextError.code,
        NoTextError.user_message,
    )
    assert (run.status, run.error_code, run.error_message) == (
        ParseStatus.FAILED,
        NoTextError.code,
        NoTextError.user_message,
    )


def test_a_bug_fails_the_task_without_its_text_and_surfaces(run):
    def work(_: Work) -> None:
        message = "a line of somebody's CV"
        raise KeyError(message)

    with pytest.raises(KeyError):
        perform(run.background_task_id, work)

    task, run = reread(run)
    assert (task.state, run.status, task.error_code) == (TaskState.FAILED, ParseStatus.FAILED, "internal_error")
    assert "CV" not in task.error_message


def test_a_retryable_error_is_tried_three_times_with_a_growing_delay(run, run_tasks):
    delays = []

    def work(_: Work) -> None:
        raise BusyError

    for _ in range(3):
        before = timezone.now()
        perform(run.background_task_id, work)
        task, run = reread(run)
        delays.append((task.run_after - before).total_seconds() if task.state == TaskState.QUEUED else None)
        perform(run.background_task_id, lambda _: pytest.fail("did not wait"))
        BackgroundTask.objects.update(run_after=timezone.now() - timedelta(days=1))

    assert [delay and round(delay) for delay in delays] == [5, 30, None]
    assert (task.state, task.failures, task.error_code) == (TaskState.FAILED, 3, "busy")
    assert run.status == ParseStatus.FAILED


def test_a_limit_of_this_site_postpones_a_task_as_often_as_it_takes(run):
    def work(_: Work) -> None:
        raise UserRateLimitedError(whose="user", measure="requests", most=60, retry_after=40.5)

    for _ in range(MAX_INTERRUPTIONS + 2):
        before = timezone.now()
        perform(run.background_task_id, work)
        task, run = reread(run)
        assert task.run_after >= before + timedelta(seconds=40)
        BackgroundTask.objects.update(run_after=timezone.now() - timedelta(days=1))

    assert (task.state, task.failures, task.error_code) == (TaskState.QUEUED, 0, "rate_limited")
    assert "Try again in 41 seconds." in task.error_message


def test_work_may_wait_for_its_moment_as_often_as_it_must(run, run_tasks):
    moment = timezone.now() + timedelta(hours=1)

    for _ in range(MAX_INTERRUPTIONS + 2):
        perform(run.background_task_id, lambda work: work.wait_until(moment))
        task, run = reread(run)
        assert (task.state, task.run_after, task.rung_at, run.status) == (
            TaskState.QUEUED, moment, None, ParseStatus.QUEUED,
        )  # fmt: skip
        BackgroundTask.objects.update(run_after=timezone.now() - timedelta(days=1))

    assert run_tasks() == 1


def test_a_task_that_is_put_back_shows_as_waiting_and_then_succeeds(run, run_tasks):
    def work(_: Work) -> None:
        raise BusyError(retry_after=60)

    before = timezone.now()
    perform(run.background_task_id, work)
    task, run = reread(run)
    assert (run.status, run.finished_at) == (ParseStatus.QUEUED, None)
    assert task.run_after >= before + timedelta(seconds=60)
    assert run_tasks() == 0

    assert run_tasks(skip_delays=True) == 1

    task, run = reread(run)
    assert (task.state, task.error_code, run.status, run.error_code) == (TaskState.DONE, "", ParseStatus.DONE, "")


def test_queued_work_is_cancelled_at_once(run, run_tasks):
    task, _ = reread(run)

    cancel(task)

    assert task.state == TaskState.CANCELLED
    assert run_tasks() == 0
    assert reread(run)[1].status == ParseStatus.CANCELLED


def test_running_work_stops_at_its_next_progress_report(run):
    def work(work: Work) -> None:
        cancel(work.task)
        work.progress(1, 2)
        pytest.fail("went on")

    perform(run.background_task_id, work)

    task, run = reread(run)
    assert (task.state, run.status, run.error_code) == (
        TaskState.CANCELLED,
        ParseStatus.CANCELLED,
        CancelledByUserError.code,
    )


def test_cancelled_work_does_not_take_effect_at_its_end(run):
    def work(work: Work) -> None:
        cancel(work.task)
        _write(work)

    perform(run.background_task_id, work)

    task, run = reread(run)
    assert task.state == TaskState.CANCELLED
    assert run.document.original_name == "a.pdf"


def test_finished_work_cannot_be_cancelled(run, run_tasks):
    run_tasks()
    task, _ = reread(run)

    cancel(task)

    assert task.state == TaskState.DONE


def test_work_cancelled_while_its_worker_was_lost_ends_cancelled(run):
    _leave_running(run, lease_until=timezone.now() - timedelta(seconds=1), is_cancel_requested=True)

    perform(run.background_task_id, lambda _: pytest.fail("ran cancelled work"))

    assert reread(run)[0].state == TaskState.CANCELLED


def test_work_that_costs_worker_after_worker_is_given_up(run):
    _leave_running(run, lease_until=timezone.now() - timedelta(seconds=1), attempts=MAX_INTERRUPTIONS)

    perform(run.background_task_id, lambda _: pytest.fail("ran once too often"))

    task, run = reread(run)
    assert (task.state, task.error_code, run.status) == (TaskState.FAILED, "interrupted", ParseStatus.FAILED)


def test_a_worker_that_is_told_to_exit_puts_its_task_back(run):
    def work(_: Work) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        perform(run.background_task_id, work)

    task, run = reread(run)
    assert (task.state, task.failures, run.status) == (TaskState.QUEUED, 0, ParseStatus.QUEUED)


def _leave_running(run: ParseRun, **values: object) -> None:
    """Write the row as a worker leaves it that was killed."""
    fields = {"state": TaskState.RUNNING, "lease_owner": "elsewhere:1:2:3", "lease_until": timezone.now() + LEASE}
    BackgroundTask.objects.filter(pk=run.background_task_id).update(**{**fields, **values})


@needs_the_folder
def test_a_worker_is_woken_when_the_transaction_is_committed(run, django_capture_on_commit_callbacks):
    before = set(messages())

    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        task = enqueue(NAME, subject_id=run.pk, owner_id=None)
        assert set(messages()) == before

    new = set(messages()) - before
    assert len(new) == 1
    headers = json.loads(new.pop().read_text())["headers"]
    assert headers["task"] == NAME
    assert str(task.pk) in headers["argsrepr"]


def test_reconciling_rings_for_waiting_and_lost_work_only(run, owner):
    done, lost, delayed, busy = (enqueue(NAME, subject_id=run.pk, owner_id=owner.pk) for _ in range(4))
    now = timezone.now()
    BackgroundTask.objects.filter(pk=done.pk).update(state=TaskState.DONE)
    BackgroundTask.objects.filter(pk=lost.pk).update(state=TaskState.RUNNING, lease_until=now - timedelta(seconds=1))
    BackgroundTask.objects.filter(pk=delayed.pk).update(run_after=now + timedelta(minutes=1))
    BackgroundTask.objects.filter(pk=busy.pk).update(state=TaskState.RUNNING, lease_until=now + LEASE)

    assert reconcile() == 2
    assert reconcile(quiet_seconds=60) == 0


def test_the_task_of_a_dead_process_of_this_machine_is_free_at_once(run):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        process_id = process.pid
        machine, _, _, random = new_owner().split(":")
        stat = Path(f"/proc/{process_id}/stat")
        started = stat.read_text().rpartition(")")[2].split()[19] if stat.exists() else ""
        dead = f"{machine}:{process_id}:{started}:{random}"
        assert not is_known_dead(dead)
        os.kill(process_id, signal.SIGKILL)
    _leave_running(run, lease_owner=dead)

    assert is_known_dead(dead)
    assert reconcile(quiet_seconds=60) == 1
    perform(run.background_task_id, _write)
    assert reread(run)[0].state == TaskState.DONE


@pytest.mark.parametrize("owner", ["", "elsewhere:1:2:3", "nonsense"])
def test_nothing_is_said_about_processes_of_other_machines(owner):
    assert not is_known_dead(owner)


def test_this_process_is_alive_and_a_reused_number_is_not():
    owner = new_owner()
    machine, process_id, started, random = owner.split(":")

    assert not is_known_dead(owner)
    if started:
        assert is_known_dead(f"{machine}:{process_id}:{int(started) + 1}:{random}")


def test_a_broker_that_is_down_loses_nothing(run, monkeypatch, caplog):
    def refuse(*_: object, **__: object) -> None:
        message = "connection refused"
        raise ConnectionRefusedError(message)

    monkeypatch.setattr(app, "send_task", refuse)

    assert reconcile() == 0
    assert "waits in the database" in caplog.text
    assert reread(run)[0].state == TaskState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_renewed_while_the_work_runs(run):
    _leave_running(run, lease_owner="me", lease_until=timezone.now())
    before = reread(run)[0].lease_until

    with Lease(run.background_task_id, "me", renewal_seconds=0.01):
        deadline = timezone.now() + timedelta(seconds=10)
        while reread(run)[0].lease_until <= before and timezone.now() < deadline:
            pass

    assert reread(run)[0].lease_until > before


@pytest.mark.django_db(transaction=True)
def test_a_worker_reconciles_when_it_is_ready(run):
    BackgroundTask.objects.update(rung_at=None)

    start_reconciler()
    deadline = timezone.now() + timedelta(seconds=10)
    while reread(run)[0].rung_at is None and timezone.now() < deadline:
        pass
    stop_reconciler()

    assert reread(run)[0].rung_at is not None


def test_a_reconciler_goes_on_after_the_database_was_away(monkeypatch, caplog):
    from django.db import OperationalError

    rounds = []

    def look(*, quiet_seconds: float) -> int:
        rounds.append(quiet_seconds)
        if len(rounds) == 1:
            raise OperationalError
        reconciler._stopping.set()
        return 0

    monkeypatch.setattr("ai_router.tasks.reconcile", look)
    monkeypatch.setattr("ai_router.tasks.reconcile_expired_calls", lambda: 0)
    monkeypatch.setattr("ai_router.tasks.learn_outcomes", lambda: 0)
    monkeypatch.setattr("ai_router.tasks.trials.look", lambda: None)
    monkeypatch.setattr("ai_router.tasks.clean", lambda: None)
    monkeypatch.setattr("ai_router.tasks.note_health_in_turn", lambda: None)
    reconciler = Reconciler(round_seconds=0)

    reconciler.start()
    reconciler._thread.join()

    assert rounds == [0.0, 0.0]
    assert "could not be looked through" in caplog.text


def test_a_lease_outlives_a_database_that_is_away_for_a_moment(run, monkeypatch, caplog):
    from django.db import OperationalError

    answers = [OperationalError(), True, False]

    def renew(_: Lease) -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    monkeypatch.setattr(Lease, "renew", renew)

    with Lease(run.background_task_id, "me", renewal_seconds=0.001) as lease:
        lease._thread.join(timeout=10)

    assert answers == []
    assert "could not be renewed" in caplog.text


def test_a_process_of_another_account_is_alive(monkeypatch):
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)

    assert not is_known_dead(new_owner())
