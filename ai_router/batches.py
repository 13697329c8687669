"""Requests that can wait, collected for the batches of providers: joined, sent, looked at, and taken apart again.

A request that is in a batch keeps its own background task, which waits for the last moment in which the ordinary way still
answers in time: whatever becomes of the batch, the request is answered. The batch has a task too; each time it is done, the
batch goes on as far as it can, and the task waits for the next moment. All of it stands in rows, so a process may end at
any line.
"""

import json
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from ai_router.batch_calls import cheaper_in_a_batch, plan_item, release_item, request_to_provider, settle_item
from ai_router.batch_types import BatchResult
from ai_router.errors import AuthenticationError, CancelledByUserError, ModelNotFoundError, ProviderError, RouterError
from ai_router.kept_keys import refresh_keys
from ai_router.keys import keys_of
from ai_router.loop import provider_loop
from ai_router.models import (
    BatchItem,
    BatchState,
    ItemState,
    ProviderBatch,
    QueuedRequest,
    RequestStatus,
    TaskState,
)
from ai_router.providers import load_adapter
from ai_router.providers.base import BatchProvider
from ai_router.scheduling import Work, complete, enqueue, hasten
from ai_router.steps import Step
from ai_router.types import ProviderRequest
from usage.errors import UsageError
from usage.ledger import renew_calls, write_off_calls

logger = logging.getLogger(__name__)

T = TypeVar("T")

BATCH_TASK = "ai_router.tend_batch"
MOST_REQUESTS = 1_000
# An answer file is read whole, up to `transport.MAX_ANSWER_BYTES`.
MOST_BYTES = 48 * 2**20
BYTES_PER_TOKEN = 8
# So much of a request's time is kept for the ordinary way: a batch that is stopped ends some minutes later.
RESERVED_SHARE, MOST_RESERVED = 6, timedelta(hours=2)
# A batch is looked at again after a tenth of the time that it has taken so far, within these bounds.
PAUSE_SHARE, SHORTEST_PAUSE, LONGEST_PAUSE = 10, timedelta(seconds=15), timedelta(minutes=10)
HOLD = timedelta(hours=48)
# For so long after it was stopped a batch is still asked for what it has cost, and no longer than this after its provider
# ended it.
LOST_AFTER, LOST_AFTER_EXPIRY = timedelta(hours=48), timedelta(hours=2)
# Nothing is given up before so many looks in a row, each twice as long after the one before: together a quarter of an hour,
# in which a provider that was told to stop has stopped, and a worker that was away is back at the network. Longer than
# this after the moment of a look, a worker was away, and looks anew.
LAST_LOOKS, AWAY = 7, timedelta(minutes=30)
# Clocks differ.
CLOCK_SKEW = timedelta(minutes=2)
REFUSED_FROM, REFUSED_TO = 400, 500
PASSING_REFUSALS = frozenset({408, 409, 425, 429})


def join(work: Work, request: QueuedRequest) -> bool:
    """Put a request that can wait into a batch where that is cheaper; its task then waits. False where it goes the ordinary way.

    A request is in a batch once at most.
    """
    now = timezone.now()
    complete_by = request.complete_by
    if complete_by is None or not settings.AI_BATCHES or BatchItem.objects.filter(request=request).exists():
        return False
    reserved = min(MOST_RESERVED, timedelta(seconds=request.window_seconds or 0) / RESERVED_SHARE)
    collecting = timedelta(seconds=settings.AI_BATCH_COLLECT_SECONDS)
    if now + collecting >= complete_by - reserved:
        return False
    try:
        step = cheaper_in_a_batch(request)
    except RouterError:
        # The ordinary way says it to whoever asked.
        return False
    if step is None:
        return False
    weight = _weight(request, step)
    with transaction.atomic():
        batch = _batch_with_room(step, request, weight, give_up_at=complete_by - reserved, close_at=now + collecting)
        BatchItem.objects.create(batch=batch, request=request)
        work.wait_until(complete_by - reserved / 2)
        QueuedRequest.objects.filter(pk=request.pk).update(status=RequestStatus.BATCHED)
    return True


def leave(request: QueuedRequest) -> None:
    """Take a request out of its batch as it goes the ordinary way now, where it was not sent yet."""
    BatchItem.objects.filter(request=request, state=ItemState.WAITING).update(state=ItemState.LEFT)


def notice_cancelled(request: QueuedRequest) -> None:
    """Have a batch looked after now in which nobody waits for anything any more."""
    item = BatchItem.objects.filter(request=request).select_related("batch__background_task").first()
    if item is not None and item.batch.state == BatchState.SENT and not _waiting(item.batch):
        task = item.batch.background_task
        if task is not None:
            hasten(task)


def is_being_done(request: QueuedRequest) -> bool:
    """Whether the request is at a provider, in a batch whose cost is not known yet."""
    return BatchItem.objects.filter(request=request, state=ItemState.HELD).exists()


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
        go_on = _give_up if is_given_up else _send if batch.state == BatchState.SENDING else _look
        moment = go_on(batch)
    except ProviderError as error:
        moment = _after_failure(batch, error)
    if moment is not None:
        given_up = ProviderBatch.objects.filter(pk=batch.pk, given_up_at__isnull=False).exists()
        work.wait_until(moment if given_up == is_given_up else timezone.now())


def _batch_with_room(
    step: Step, request: QueuedRequest, weight: int, *, give_up_at: datetime, close_at: datetime
) -> ProviderBatch:
    """Return a batch that still collects such requests, a new one where there is none, with the request counted in."""
    candidate = step.candidate
    window = request.window_seconds or 0
    same = ProviderBatch.objects.filter(provider=candidate.provider, model=candidate.model, window_seconds=window)
    for known in same.filter(state=BatchState.COLLECTING):
        with_room = same.filter(
            pk=known.pk,
            state=BatchState.COLLECTING,
            size__lt=MOST_REQUESTS,
            weight_bytes__lte=MOST_BYTES - weight,
        )
        if with_room.update(size=F("size") + 1, weight_bytes=F("weight_bytes") + weight):
            known.refresh_from_db()
            ProviderBatch.objects.filter(pk=known.pk, give_up_at__gt=give_up_at).update(give_up_at=give_up_at)
            if known.size >= MOST_REQUESTS and known.background_task is not None:
                hasten(known.background_task)
            return known
    batch = ProviderBatch.objects.create(
        provider=candidate.provider,
        model=candidate.model,
        window_seconds=window,
        size=1,
        weight_bytes=weight,
        give_up_at=give_up_at,
    )
    batch.background_task = enqueue(BATCH_TASK, subject_id=batch.pk, owner_id=None, run_after=close_at)
    batch.save(update_fields=["background_task"])
    return batch


def _weight(request: QueuedRequest, step: Step) -> int:
    """Return about how many bytes go up and come down at most."""
    # As a line of the file that goes up has it: what is not ASCII takes six bytes there, or twelve.
    return len(json.dumps(request.body)) + BYTES_PER_TOKEN * step.max_output_tokens


def _waiting(batch: ProviderBatch) -> bool:
    """Whether somebody still waits for something of the batch."""
    waiting = (RequestStatus.QUEUED, RequestStatus.BATCHED)
    held = batch.items.filter(state__in=(ItemState.WAITING, ItemState.HELD))
    return held.filter(request__status__in=waiting, request__is_forgotten=False).exists()


def _send(batch: ProviderBatch) -> datetime | None:
    """Send a batch, unless a former attempt did; returns when to look at it."""
    now = timezone.now()
    if batch.attempted_at is not None:
        found = _find(batch)
        if found:
            return _take_over(batch, found)
    if now >= batch.give_up_at:
        return _give_back(batch)
    requests = _plan(batch)
    if not requests:
        _end(batch)
        return None
    key_id = batch.key_id or _fresh_key(batch.provider)
    ProviderBatch.objects.filter(pk=batch.pk).update(attempted_at=Coalesce("attempted_at", now), key_id=key_id)
    batch.refresh_from_db()
    window = batch.window_seconds
    try:
        made = _ask(batch, lambda provider: provider.send_batch(str(batch.key), requests, window_seconds=window))
    except ProviderError as error:
        status = error.http_status or 0
        if REFUSED_FROM <= status < REFUSED_TO and status not in PASSING_REFUSALS:
            return _give_back(batch, error)
        raise
    return _take_over(batch, made)


def _find(batch: ProviderBatch) -> str:
    """Look for the batch at its provider: it may have been made by a process that died before it could write that down."""
    others = ProviderBatch.objects.filter(provider=batch.provider).exclude(provider_batch_id="").exclude(pk=batch.pk)
    known = {*others.values_list("provider_batch_id", flat=True), *batch.not_ours}
    size = batch.items.filter(state=ItemState.HELD).count()
    since = (batch.attempted_at or timezone.now()) - CLOCK_SKEW
    return _ask(batch, lambda provider: provider.find_batch(str(batch.key), size=size, since=since, others=known))


def _plan(batch: ProviderBatch) -> dict[str, ProviderRequest]:
    """Hold the cost of each request that is still wanted, and return what is sent; the others go the ordinary way."""
    expires_at = timezone.now() + HOLD
    requests = {}
    for item in _items(batch).filter(state__in=(ItemState.WAITING, ItemState.HELD)):
        item.held_at = item.held_at or timezone.now()
        try:
            if not _is_waiting(item):
                raise CancelledByUserError
            plan = plan_item(item, expires_at=expires_at)
        except (RouterError, UsageError) as error:
            logger.info("request %s is not sent in a batch: %s", item.request_id, type(error).__name__)
            release_item(item)
            _let_go(item, ItemState.LEFT)
            continue
        item.state = ItemState.HELD
        item.save(update_fields=["state", "held_at", "sent", "digest"])
        requests[str(item.call_id)] = request_to_provider(plan)
    return requests


def _is_waiting(item: BatchItem) -> bool:
    request = item.request
    return request is not None and request.status == RequestStatus.BATCHED and not request.is_forgotten


def _take_over(batch: ProviderBatch, provider_batch_id: str) -> datetime:
    """Write down that the provider has the batch; returns when to look at it."""
    now = timezone.now()
    ProviderBatch.objects.filter(pk=batch.pk).update(
        state=BatchState.SENT, provider_batch_id=provider_batch_id, sent_at=now, error_message=""
    )
    return now + SHORTEST_PAUSE


def _look(batch: ProviderBatch) -> datetime | None:
    """Look at a batch that was sent, and take what has come of it; returns when to look again."""
    now = timezone.now()
    provider_batch_id = batch.provider_batch_id
    progress = _ask(batch, lambda provider: provider.look_at_batch(provider_batch_id))
    ProviderBatch.objects.filter(pk=batch.pk).update(
        provider_state=progress.state[:40],
        provider_finished=progress.finished,
        expires_at=progress.expires_at or batch.expires_at,
        error_message="",
    )
    if progress.is_ended:
        return _collect(batch)
    batch.expires_at = progress.expires_at or batch.expires_at
    held = batch.items.filter(state=ItemState.HELD).values_list("call_id", flat=True)
    renew_calls(list(held), expires_at=now + HOLD)
    if batch.cancelled_at is None and (now >= batch.give_up_at or not _waiting(batch)):
        _stop(batch)
        return now + SHORTEST_PAUSE
    if now >= _lost_at(batch):
        _take_what_is_there(batch)
        return _after_last_look(batch)
    _count_looks(batch, 0)
    return now + _pause(batch)


def _stop(batch: ProviderBatch) -> None:
    """Have the provider stop a batch; it ends some minutes later."""
    provider_batch_id = batch.provider_batch_id
    _ask(batch, lambda provider: provider.cancel_batch(provider_batch_id))
    batch.cancelled_at = timezone.now()
    ProviderBatch.objects.filter(pk=batch.pk).update(cancelled_at=batch.cancelled_at)


def _pause(batch: ProviderBatch) -> timedelta:
    since = batch.cancelled_at or batch.sent_at or batch.attempted_at or batch.created_at
    return min(LONGEST_PAUSE, max(SHORTEST_PAUSE, (timezone.now() - since) / PAUSE_SHARE))


def _collect(batch: ProviderBatch) -> datetime | None:
    """Settle each request of a batch that has ended, and hand out the answers; what was not done goes the ordinary way."""
    provider_batch_id, model = batch.provider_batch_id, batch.model
    found = _ask(batch, lambda provider: provider.read_batch(provider_batch_id, model=model))
    results = {result.name: result for result in found}
    items = list(_items(batch).filter(state=ItemState.HELD))
    names = {str(call_id) for call_id in batch.items.values_list("call_id", flat=True)}
    if results and not names & results.keys():
        # It was taken for ours by its size and its time: somebody else uses the same account.
        ProviderBatch.objects.filter(pk=batch.pk).update(
            state=BatchState.SENDING, provider_batch_id="", not_ours=[*batch.not_ours, provider_batch_id]
        )
        return timezone.now()
    for item in items:
        _settle(item, results.get(str(item.call_id), BatchResult(str(item.call_id))))
    try:
        _ask(batch, lambda provider: provider.forget_batch(provider_batch_id))
    except ProviderError as error:
        logger.warning("%s keeps its batch %s: %s", batch.provider, provider_batch_id, error)
    _end(batch)
    return None


def _take_what_is_there(batch: ProviderBatch) -> None:
    """Settle what is done of a batch that has not ended, and hand out the answers; where its provider shows none yet, nothing."""
    provider_batch_id, model = batch.provider_batch_id, batch.model
    try:
        found = _ask(batch, lambda provider: provider.read_batch(provider_batch_id, model=model))
    except ProviderError as error:
        logger.info("%s shows nothing of its batch %s yet: %s", batch.provider, provider_batch_id, error)
        return
    results = {result.name: result for result in found if result.answer is not None or result.error is not None}
    for item in _items(batch).filter(state=ItemState.HELD):
        if result := results.get(str(item.call_id)):
            _settle(item, result)


def _settle(item: BatchItem, result: BatchResult) -> None:
    """Book what came of a request, and hand out its answer where there is one."""
    _let_go(item, ItemState.SETTLED, settle_item(item, result))


def _let_go(item: BatchItem, state: ItemState, answer: dict[str, Any] | None = None) -> None:
    """Part a request from its batch: with its answer, or on the ordinary way."""
    with transaction.atomic():
        BatchItem.objects.filter(pk=item.pk).update(state=state, sent=[])
        request = item.request
        if request is None:
            return
        if request.background_task is not None:
            if answer is None:
                hasten(request.background_task)
            else:
                save = partial(QueuedRequest.objects.filter(pk=request.pk).update, answer=answer)
                complete(request.background_task, save)
        QueuedRequest.objects.filter(pk=request.pk, is_forgotten=True).delete()


def _give_back(batch: ProviderBatch, error: ProviderError | None = None) -> datetime | None:
    """Release what is held for a batch that was never made; its requests go the ordinary way."""
    for item in _items(batch).filter(state__in=(ItemState.WAITING, ItemState.HELD)):
        if batch.attempted_at is not None and item.state == ItemState.HELD:
            # It may have been uploaded, although no batch came of it.
            settle_item(item, BatchResult(str(item.call_id), error=error))
        release_item(item)
        _let_go(item, ItemState.LEFT)
    if error is not None:
        logger.warning("%s takes no batch of %s: %s", batch.provider, batch.model, error)
        ProviderBatch.objects.filter(pk=batch.pk).update(error_message=str(error)[:500])
    _end(batch)
    return None


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
        _write_off(batch)
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
        _write_off(batch)
        return None
    try:
        is_over = _look_after_given_up(batch)
    finally:
        # Whatever the provider says, or nobody does.
        _free(batch)
    return None if is_over else _after_last_look(batch)


def _look_after_given_up(batch: ProviderBatch) -> bool:
    """Stop a batch, and take what is done; whether it has ended with that."""
    if not batch.provider_batch_id:
        found = _find(batch)
        if not found:
            _give_back(batch)
            return True
        _take_over(batch, found)
        batch.refresh_from_db()
    if batch.cancelled_at is None:
        try:
            _stop(batch)
        except ProviderError as error:
            logger.warning("batch %s of %s was given up and could not be stopped: %s", batch.pk, batch.provider, error)
    provider_batch_id = batch.provider_batch_id
    progress = _ask(batch, lambda provider: provider.look_at_batch(provider_batch_id))
    ProviderBatch.objects.filter(pk=batch.pk).update(
        provider_state=progress.state[:40], provider_finished=progress.finished, error_message=""
    )
    if progress.is_ended:
        return _collect(batch) is None
    _take_what_is_there(batch)
    return False


def _free(batch: ProviderBatch) -> None:
    """Have all requests of a batch that wait for it go the ordinary way now; what they have cost in it is booked once it is known."""
    for item in _items(batch).filter(state=ItemState.WAITING):
        release_item(item)
        _let_go(item, ItemState.LEFT)
    for item in _items(batch).filter(state=ItemState.HELD, request__status=RequestStatus.BATCHED):
        if item.request.background_task is not None:
            hasten(item.request.background_task)


def _write_off(batch: ProviderBatch) -> None:
    """End a batch of which nobody will learn what it cost: what may have been sent costs what it held, the rest nothing."""
    for item in _items(batch).filter(state__in=(ItemState.WAITING, ItemState.HELD)):
        may_have_left = batch.attempted_at is not None and item.state == ItemState.HELD
        if may_have_left:
            write_off_calls([item.call_id])
        else:
            release_item(item)
        _let_go(item, ItemState.SETTLED if may_have_left else ItemState.LEFT)
    _end(batch)


def _end(batch: ProviderBatch) -> None:
    ProviderBatch.objects.filter(pk=batch.pk).update(state=BatchState.ENDED, ended_at=timezone.now())


def _items(batch: ProviderBatch) -> Any:
    return batch.items.select_related("batch", "request__owner", "request__background_task")


def _fresh_key(provider: str) -> str:
    """Return the id of a key of the provider's that does not rest; empty where there is none at all."""
    ring = provider_loop().upstream.keys
    keys = keys_of(provider)
    rested = [key for key in keys if not ring.rests_of(key)]
    return next((key.id for key in (*rested, *keys)), "")


def _ask(batch: ProviderBatch, question: Callable[[BatchProvider], Coroutine[Any, Any, T]]) -> T:
    """Ask the batch's provider, with the key that the batch belongs to.

    Raises:
        AuthenticationError: The key is not there any more.
    """
    key = next((key for key in keys_of(batch.provider) if key.id == batch.key_id), None)
    if key is None:
        message = "the key that the batch was sent with is gone"
        raise AuthenticationError(message, provider=batch.provider, model=batch.model)
    loop = provider_loop()

    async def ask() -> T:
        provider = loop.upstream.connections.to(batch.provider, api_key=key.secret)
        return await question(cast("BatchProvider", provider))

    return loop.start(ask()).wait()
