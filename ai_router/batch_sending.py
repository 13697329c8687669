"""Sends a collected batch to its provider, each request held in the ledger before, and none twice."""

import logging
from datetime import datetime, timedelta

from django.db.models.functions import Coalesce
from django.utils import timezone

from ai_router.batch_asking import ask, find_batch, fresh_key
from ai_router.batch_calls import plan_item, release_item, request_to_provider
from ai_router.batch_items import end_batch, give_back, items_of, let_go
from ai_router.errors import CancelledByUserError, ProviderError, RouterError
from ai_router.models import BatchItem, BatchState, ItemState, ProviderBatch, RequestStatus
from ai_router.types import ProviderRequest
from usage.errors import UsageError

logger = logging.getLogger(__name__)

HOLD = timedelta(hours=48)
# A batch that was sent is looked at after this time, and never sooner again.
SHORTEST_PAUSE = timedelta(seconds=15)
REFUSED_FROM, REFUSED_TO = 400, 500
PASSING_REFUSALS = frozenset({408, 409, 425, 429})


def send(batch: ProviderBatch) -> datetime | None:
    """Send a batch, unless a former attempt did; returns when to look at it."""
    now = timezone.now()
    if batch.attempted_at is not None:
        found = find_batch(batch)
        if found:
            return take_over(batch, found)
    if now >= batch.give_up_at:
        give_back(batch)
        return None
    requests = _plan(batch)
    if not requests:
        end_batch(batch)
        return None
    key_id = batch.key_id or fresh_key(batch.provider)
    ProviderBatch.objects.filter(pk=batch.pk).update(attempted_at=Coalesce("attempted_at", now), key_id=key_id)
    batch.refresh_from_db()
    window = batch.window_seconds
    try:
        made = ask(batch, lambda provider: provider.send_batch(str(batch.key), requests, window_seconds=window))
    except ProviderError as error:
        status = error.http_status or 0
        if REFUSED_FROM <= status < REFUSED_TO and status not in PASSING_REFUSALS:
            give_back(batch, error)
            return None
        raise
    return take_over(batch, made)


def _plan(batch: ProviderBatch) -> dict[str, ProviderRequest]:
    """Hold the cost of each request that is still wanted, and return what is sent; the others go the ordinary way."""
    expires_at = timezone.now() + HOLD
    requests = {}
    for item in items_of(batch).filter(state__in=(ItemState.WAITING, ItemState.HELD)):
        item.held_at = item.held_at or timezone.now()
        try:
            if not _is_waiting(item):
                raise CancelledByUserError
            plan = plan_item(item, expires_at=expires_at)
        except (RouterError, UsageError) as error:
            logger.info("request %s is not sent in a batch: %s", item.request_id, type(error).__name__)
            release_item(item)
            let_go(item, ItemState.LEFT)
            continue
        item.state = ItemState.HELD
        item.save(update_fields=["state", "held_at", "sent", "digest"])
        requests[str(item.call_id)] = request_to_provider(plan)
    return requests


def _is_waiting(item: BatchItem) -> bool:
    request = item.request
    return request is not None and request.status == RequestStatus.BATCHED and not request.is_forgotten


def take_over(batch: ProviderBatch, provider_batch_id: str) -> datetime:
    """Write down that the provider has the batch; returns when to look at it."""
    now = timezone.now()
    ProviderBatch.objects.filter(pk=batch.pk).update(
        state=BatchState.SENT, provider_batch_id=provider_batch_id, sent_at=now, error_message=""
    )
    return now + SHORTEST_PAUSE
