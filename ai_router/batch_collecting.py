"""Fetches what has become of a batch from its provider, and hands it out."""

import logging
from datetime import datetime

from django.utils import timezone

from ai_router.batch_asking import ask
from ai_router.batch_items import end_batch, items_of, settle_result
from ai_router.batch_types import BatchResult
from ai_router.errors import ProviderError
from ai_router.models import BatchState, ItemState, ProviderBatch

logger = logging.getLogger(__name__)


def collect(batch: ProviderBatch) -> datetime | None:
    """Settle each request of a batch that has ended, and hand out the answers; what was not done goes the ordinary way."""
    provider_batch_id, model = batch.provider_batch_id, batch.model
    found = ask(batch, lambda provider: provider.read_batch(provider_batch_id, model=model))
    results = {result.name: result for result in found}
    items = list(items_of(batch).filter(state=ItemState.HELD))
    names = {str(call_id) for call_id in batch.items.values_list("call_id", flat=True)}
    if results and not names & results.keys():
        # It was taken for ours by its size and its time: somebody else uses the same account.
        ProviderBatch.objects.filter(pk=batch.pk).update(
            state=BatchState.SENDING, provider_batch_id="", not_ours=[*batch.not_ours, provider_batch_id]
        )
        return timezone.now()
    for item in items:
        settle_result(item, results.get(str(item.call_id), BatchResult(str(item.call_id))))
    try:
        ask(batch, lambda provider: provider.forget_batch(provider_batch_id))
    except ProviderError as error:
        logger.warning("%s keeps its batch %s: %s", batch.provider, provider_batch_id, error)
    end_batch(batch)
    return None


def take_what_is_there(batch: ProviderBatch) -> None:
    """Settle what is done of a batch that has not ended, and hand out the answers; where its provider shows none yet, nothing."""
    provider_batch_id, model = batch.provider_batch_id, batch.model
    try:
        found = ask(batch, lambda provider: provider.read_batch(provider_batch_id, model=model))
    except ProviderError as error:
        logger.info("%s shows nothing of its batch %s yet: %s", batch.provider, provider_batch_id, error)
        return
    results = {result.name: result for result in found if result.answer is not None or result.error is not None}
    for item in items_of(batch).filter(state=ItemState.HELD):
        if result := results.get(str(item.call_id)):
            settle_result(item, result)
