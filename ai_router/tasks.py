"""Picks up, at the start of a worker and every few seconds, what was queued or running when a worker was lost.

The same round settles the calls whose process died before it could book them, and learns from those that
were settled, experiments too; every quarter of an hour it keeps how well the providers do.
Every ten minutes it throws away the kept answers, texts and requests whose time is over, puts roll-ups together, and
seals anew what a former `SECRET_KEY` sealed.
"""

import logging
import threading
import time
from typing import Any

from celery import shared_task
from celery.signals import worker_process_shutdown, worker_ready, worker_shutdown
from django.db import DatabaseError, connections

from ai_router import batches, kept_keys, requests, shadow_runs, trials, webhooks
from ai_router.batch_joining import BATCH_TASK
from ai_router.cache_stores import DATABASE_STORE
from ai_router.health_history import note_health_in_turn
from ai_router.loop import close_provider_loop
from ai_router.outcomes import learn_outcomes
from ai_router.scheduling import perform, perform_most_urgent, reconcile
from ai_router.shadows import SHADOW_TASK
from usage.behind import close_behind
from usage.ledger import forget_outbound_texts, reconcile_expired_calls
from usage.rollup_repair import merge_slots

logger = logging.getLogger(__name__)

ROUND_SECONDS = 5.0
QUIET_SECONDS = 60.0
CLEANING_SECONDS = 600.0


@shared_task(name=requests.REQUEST_TASK)  # type: ignore[untyped-decorator]
def answer_request(task_id: str) -> None:
    """Answer the most urgent of the queued requests."""
    perform_most_urgent(task_id, requests.answer_request)


@shared_task(name=BATCH_TASK)  # type: ignore[untyped-decorator]
def tend_batch(task_id: str) -> None:
    """Send, look at or take apart a batch."""
    perform(task_id, batches.tend)


@shared_task(name=webhooks.WEBHOOK_TASK)  # type: ignore[untyped-decorator]
def deliver_webhook(task_id: str) -> None:
    """Tell an address how a request ended."""
    perform(task_id, webhooks.deliver)


@shared_task(name=SHADOW_TASK)  # type: ignore[untyped-decorator]
def ask_beside(task_id: str) -> None:
    """Ask an arm of shadow traffic what a person's call has asked."""
    perform(task_id, shadow_runs.ask_beside)


def clean() -> None:
    """Throw away what is kept for too long, put together what may be, and seal anew what a former key sealed."""
    DATABASE_STORE.drop_expired()
    forget_outbound_texts()
    requests.forget_requests()
    shadow_runs.forget_shadows()
    merge_slots()
    kept_keys.seal_keys_anew()
    webhooks.seal_secrets_anew()


class Reconciler:
    """A thread of the worker's main process that wakes workers for rows whose message or worker was lost."""

    def __init__(self, *, round_seconds: float = ROUND_SECONDS) -> None:
        """Make the thread; `start` starts it."""
        self.round_seconds = round_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)

    def start(self) -> None:
        """Begin with everything that waits, then look every few seconds."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread after its current round."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        quiet_seconds, clean_at = 0.0, time.monotonic()
        while True:
            try:
                reconcile(quiet_seconds=quiet_seconds)
                reconcile_expired_calls()
                learn_outcomes()
                trials.look()
                note_health_in_turn()
                quiet_seconds = QUIET_SECONDS
                if time.monotonic() >= clean_at:
                    clean()
                    clean_at = time.monotonic() + CLEANING_SECONDS
            except DatabaseError:
                logger.warning("Background tasks could not be looked through", exc_info=True)
            finally:
                # The pool forks new children at any time; none may inherit an open connection.
                connections.close_all()
            if self._stopping.wait(self.round_seconds):
                return


_reconcilers: list[Reconciler] = []


def start_reconciler(**_: Any) -> None:
    """Start to reconcile as soon as the worker takes messages."""
    reconciler = Reconciler()
    _reconcilers.append(reconciler)
    reconciler.start()


def stop_reconciler(**_: Any) -> None:
    """Stop when the worker does."""
    while _reconcilers:
        _reconcilers.pop().stop()


def end_calls(**_: Any) -> None:
    """Book what is still under way in a child of the worker, which ends without what is registered for its exit."""
    close_provider_loop()
    close_behind()


worker_ready.connect(start_reconciler)
worker_shutdown.connect(stop_reconciler)
worker_process_shutdown.connect(end_calls)
