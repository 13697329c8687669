"""Batches of requests that can wait: sent to providers, looked at, and taken apart again.

A request that is in a batch keeps its own background task, which waits for the last moment in which the ordinary way still
answers in time: whatever becomes of the batch, the request is answered. The batch has a task too; each time it is done, the
batch goes on as far as it can, and the task waits for the next moment. All of it stands in rows, so a process may end at
any line.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ai_router.batch_asking import ask, find_batch
from ai_router.batch_collecting import collect, take_what_is_there
from ai_router.batch_items import free_items, give_back, is_awaited, write_off
from ai_router.batch_joining import BATCH_TASK
from ai_router.batch_sending import HOLD, SHORTEST_PAUSE, send, take_over
from ai_router.errors import ModelNotFoundError, ProviderError
from ai_router.kept_keys import refresh_keys
from ai_router.models import BatchState, ItemState, ProviderBatch, TaskState
from ai_router.providers import load_adapter
from ai_router.scheduling import Work, enqueue, hasten
from usage.ledger import renew_calls

logger = logging.getLogger(__name__)

# A batch is looked at again after a tenth of the time that it has taken so far, within these bounds.
PAUSE_SHARE, LONGEST_PAUSE = 10, timedelta(minutes=10)
# For so long after it was stopped a batch is still asked for what it has cost, and no longer than this after its provider
# ended it.
LOST_AFTER, LOST_AFTER_EXPIRY = timedelta(hours=48), timedelta(hours=2)
# Nothing is given up before so many looks in a row, each twice as long after the one before: together a quarter of an hour,
# in which a provider that was told to stop has stopped, and a worker that was away is back at the network. Longer than
# this after the moment of a look, a worker was away, and looks anew.
LAST_LOOKS, AWAY = 7, timedelta(minutes=30)


def tend(work: Work) -> None:
    """Take a batch as far as it goes now, and come back when there may be more to do."""
    batch = ProviderBatch.objects.filter(pk=work.subject_id).first()
    if batch is None or batch.state == BatchState.ENDED:
        return
    refresh_keys()
    load_adapter(batch.provider)
    due = work.task.run_after
    if batch.last_looks and due is not None and timezone.now() - due > AWAY:
        _count_looks(batch, 0)
    is_given_up = batch.given_up_at is not None
    if batch.state == BatchState.COLLECTING and not is_given_up:
        # From here on nobody joins.
        ProviderBatch.objects.filter(pk=batch.pk).update(state=BatchState.SENDING)
        batch.refresh_from_db()
    try:
        go_on = _give_up if is_given_up else send if batch.state == BatchState.SENDING else _look
        moment = go_on(batch)
    except ProviderError as error:
        moment = _after_failure(batch, error)
    if moment is not None:
        given_up = ProviderBatch.objects.filter(pk=batch.pk, given_up_at__isnull=False).exists()
        work.wait_until(moment if given_up == is_given_up else timezone.now())


def give_up(batch: ProviderBatch) -> bool:
    """Have a worker stop a batch now, whatever its provider says; False where it has ended.

    What its provider has done already is collected and booked, all other requests go the ordinary way at once. What has
    become of those is asked for some minutes longer; what nobody knows then is settled as a call that nobody has settled:
    `unknown`, at what it held. Whoever calls this writes it into the audit log.
    """
    with transaction.atomic():
        lasting = ProviderBatch.objects.filter(pk=batch.pk).exclude(state=BatchState.ENDED)
        if not lasting.update(given_up_at=timezone.now(), last_looks=0):
            return False
        task = batch.background_task
        is_looked_after = task is not None and task.state in {TaskState.QUEUED, TaskState.RUNNING}
        if not is_looked_after or task is None:
            task = enqueue(BATCH_TASK, subject_id=batch.pk, owner_id=None)
            lasting.update(background_task=task)
        hasten(task)
    return True


def _look(batch: ProviderBatch) -> datetime | None:
    """Look at a batch that was sent, and take what has come of it; returns when to look again."""
    now = timezone.now()
    provider_batch_id = batch.provider_batch_id
    progress = ask(batch, lambda provider: provider.look_at_batch(provider_batch_id))
    ProviderBatch.objects.filter(pk=batch.pk).update(
        provider_state=progress.state[:40],
        provider_finished=progress.finished,
        expires_at=progress.expires_at or batch.expires_at,
        error_message="",
    )
    if progress.is_ended:
        return collect(batch)
    batch.expires_at = progress.expires_at or batch.expires_at
    held = batch.items.filter(state=ItemState.HELD).values_list("call_id", flat=True)
    renew_calls(list(held), expires_at=now + HOLD)
    if batch.cancelled_at is None and (now >= batch.give_up_at or not is_awaited(batch)):
        _stop(batch)
        return now + SHORTEST_PAUSE
    if now >= _lost_at(batch):
        take_what_is_there(batch)
        return _after_last_look(batch)
    _count_looks(batch, 0)
    return now + _pause(batch)


def _stop(batch: ProviderBatch) -> None:
    """Have the provider stop a batch; it ends some minutes later."""
    provider_batch_id = batch.provider_batch_id
    ask(batch, lambda provider: provider.cancel_batch(provider_batch_id))
    batch.cancelled_at = timezone.now()
    ProviderBatch.objects.filter(pk=batch.pk).update(cancelled_at=batch.cancelled_at)


def _pause(batch: ProviderBatch) -> timedelta:
    since = batch.cancelled_at or batch.sent_at or batch.attempted_at or batch.created_at
    return min(LONGEST_PAUSE, max(SHORTEST_PAUSE, (timezone.now() - since) / PAUSE_SHARE))


def _after_failure(batch: ProviderBatch, error: ProviderError) -> datetime | None:
    """Come back later where the provider does not answer; a batch that stays gone, or cannot be asked for, is written off."""
    now = timezone.now()
    logger.warning("batch %s of %s: %s", batch.pk, batch.provider, error)
    ProviderBatch.objects.filter(pk=batch.pk).update(error_message=str(error)[:500])
    is_gone = batch.state == BatchState.SENT and isinstance(error, ModelNotFoundError)
    if is_gone or batch.given_up_at is not None or now >= _lost_at(batch):
        return _after_last_look(batch)
    _count_looks(batch, 0)
    return now + _pause(batch)


def _after_last_look(batch: ProviderBatch) -> datetime | None:
    """Return when to look once more at a batch whose time is over; it is written off where that was done often enough."""
    looks = batch.last_looks + 1
    if looks >= LAST_LOOKS:
        write_off(batch)
        return None
    _count_looks(batch, looks)
    return timezone.now() + min(LONGEST_PAUSE, SHORTEST_PAUSE * (1 << (looks - 1)))


def _count_looks(batch: ProviderBatch, looks: int) -> None:
    if batch.last_looks != looks:
        batch.last_looks = looks
        ProviderBatch.objects.filter(pk=batch.pk).update(last_looks=looks)


def _lost_at(batch: ProviderBatch) -> datetime:
    """Return from when on nobody expects to learn any more what a batch has cost."""
    stopped_at = max(batch.give_up_at, batch.cancelled_at or batch.give_up_at)
    latest = stopped_at + LOST_AFTER
    if batch.expires_at is None:
        return latest
    return min(latest, max(batch.expires_at, batch.cancelled_at or batch.expires_at) + LOST_AFTER_EXPIRY)


def _give_up(batch: ProviderBatch) -> datetime | None:
    """Stop a batch that an operator gave up, and take what is done of it; nobody waits for the rest. Returns when to look again."""
    if batch.attempted_at is None:
        write_off(batch)
        return None
    try:
        is_over = _look_after_given_up(batch)
    finally:
        # Whatever the provider says, or nobody does.
        free_items(batch)
    return None if is_over else _after_last_look(batch)


def _look_after_given_up(batch: ProviderBatch) -> bool:
    """Stop a batch, and take what is done; whether it has ended with that."""
    if not batch.provider_batch_id:
        found = find_batch(batch)
        if not found:
            give_back(batch)
            return True
        take_over(batch, found)
        batch.refresh_from_db()
    if batch.cancelled_at is None:
        try:
            _stop(batch)
        except ProviderError as error:
            logger.warning("batch %s of %s was given up and could not be stopped: %s", batch.pk, batch.provider, error)
    provider_batch_id = batch.provider_batch_id
    progress = ask(batch, lambda provider: provider.look_at_batch(provider_batch_id))
    ProviderBatch.objects.filter(pk=batch.pk).update(
        provider_state=progress.state[:40], provider_finished=progress.finished, error_message=""
    )
    if progress.is_ended:
        return collect(batch) is None
    take_what_is_there(batch)
    return False
