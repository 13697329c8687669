"""Parts requests from their batch: with the answer, on the ordinary way, or written off; what each has cost is booked."""

import logging
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from ai_router.batch_calls import release_item, settle_item
from ai_router.batch_types import BatchResult
from ai_router.errors import ProviderError
from ai_router.models import BatchItem, BatchState, ItemState, ProviderBatch, QueuedRequest, RequestStatus
from ai_router.scheduling import complete, hasten
from usage.ledger import write_off_calls

logger = logging.getLogger(__name__)


def items_of(batch: ProviderBatch) -> Any:
    """Return the items of a batch, each with its request and that one's task."""
    return batch.items.select_related("batch", "request__owner", "request__background_task")


def is_awaited(batch: ProviderBatch) -> bool:
    """Whether somebody still waits for something of the batch."""
    waiting = (RequestStatus.QUEUED, RequestStatus.BATCHED)
    held = batch.items.filter(state__in=(ItemState.WAITING, ItemState.HELD))
    return held.filter(request__status__in=waiting, request__is_forgotten=False).exists()


def settle_result(item: BatchItem, result: BatchResult) -> None:
    """Book what came of a request, and hand out its answer where there is one."""
    let_go(item, ItemState.SETTLED, settle_item(item, result))


def let_go(item: BatchItem, state: ItemState, answer: dict[str, Any] | None = None) -> None:
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


def give_back(batch: ProviderBatch, error: ProviderError | None = None) -> None:
    """Release what is held for a batch that was never made; its requests go the ordinary way."""
    for item in items_of(batch).filter(state__in=(ItemState.WAITING, ItemState.HELD)):
        if batch.attempted_at is not None and item.state == ItemState.HELD:
            # It may have been uploaded, although no batch came of it.
            settle_item(item, BatchResult(str(item.call_id), error=error))
        release_item(item)
        let_go(item, ItemState.LEFT)
    if error is not None:
        logger.warning("%s takes no batch of %s: %s", batch.provider, batch.model, error)
        ProviderBatch.objects.filter(pk=batch.pk).update(error_message=str(error)[:500])
    end_batch(batch)


def free_items(batch: ProviderBatch) -> None:
    """Have all requests of a batch that wait for it go the ordinary way now; what they have cost in it is booked once it is known."""
    for item in items_of(batch).filter(state=ItemState.WAITING):
        release_item(item)
        let_go(item, ItemState.LEFT)
    for item in items_of(batch).filter(state=ItemState.HELD, request__status=RequestStatus.BATCHED):
        if item.request.background_task is not None:
            hasten(item.request.background_task)


def write_off(batch: ProviderBatch) -> None:
    """End a batch of which nobody will learn what it cost: what may have been sent costs what it held, the rest nothing."""
    for item in items_of(batch).filter(state__in=(ItemState.WAITING, ItemState.HELD)):
        may_have_left = batch.attempted_at is not None and item.state == ItemState.HELD
        if may_have_left:
            write_off_calls([item.call_id])
        else:
            release_item(item)
        let_go(item, ItemState.SETTLED if may_have_left else ItemState.LEFT)
    end_batch(batch)


def end_batch(batch: ProviderBatch) -> None:
    """Write down that nothing more is to come of a batch."""
    ProviderBatch.objects.filter(pk=batch.pk).update(state=BatchState.ENDED, ended_at=timezone.now())
