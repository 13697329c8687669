"""Puts requests that can wait into batches that still collect, and takes them out again."""

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ai_router.batch_calls import cheaper_in_a_batch
from ai_router.batch_items import is_awaited
from ai_router.errors import RouterError
from ai_router.models import BatchItem, BatchState, ItemState, ProviderBatch, QueuedRequest, RequestStatus
from ai_router.scheduling import Work, enqueue, hasten
from ai_router.steps import Step

BATCH_TASK = "ai_router.tend_batch"
MOST_REQUESTS = 1_000
# An answer file is read whole, up to `transport.MAX_ANSWER_BYTES`.
MOST_BYTES = 48 * 2**20
BYTES_PER_TOKEN = 8
# So much of a request's time is kept for the ordinary way: a batch that is stopped ends some minutes later.
RESERVED_SHARE, MOST_RESERVED = 6, timedelta(hours=2)


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
    if item is not None and item.batch.state == BatchState.SENT and not is_awaited(item.batch):
        task = item.batch.background_task
        if task is not None:
            hasten(task)


def is_being_done(request: QueuedRequest) -> bool:
    """Whether the request is at a provider, in a batch whose cost is not known yet."""
    return BatchItem.objects.filter(request=request, state=ItemState.HELD).exists()


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
