"""Asks the provider of a batch, with the key that the batch belongs to."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar, cast

from django.utils import timezone

from ai_router.errors import AuthenticationError
from ai_router.keys import keys_of
from ai_router.loop import provider_loop
from ai_router.models import ItemState, ProviderBatch
from ai_router.providers.base import BatchProvider

T = TypeVar("T")

# Clocks differ.
CLOCK_SKEW = timedelta(minutes=2)


def ask(batch: ProviderBatch, question: Callable[[BatchProvider], Coroutine[Any, Any, T]]) -> T:
    """Ask the batch's provider, with the key that the batch belongs to.

    Raises:
        AuthenticationError: The key is not there any more.
    """
    key = next((key for key in keys_of(batch.provider) if key.id == batch.key_id), None)
    if key is None:
        message = "the key that the batch was sent with is gone"
        raise AuthenticationError(message, provider=batch.provider, model=batch.model)
    loop = provider_loop()

    async def put() -> T:
        provider = loop.upstream.connections.to(batch.provider, api_key=key.secret)
        return await question(cast("BatchProvider", provider))

    return loop.start(put()).wait()


def fresh_key(provider: str) -> str:
    """Return the id of a key of the provider's that does not rest; empty where there is none at all."""
    ring = provider_loop().upstream.keys
    keys = keys_of(provider)
    rested = [key for key in keys if not ring.rests_of(key)]
    return next((key.id for key in (*rested, *keys)), "")


def find_batch(batch: ProviderBatch) -> str:
    """Look for the batch at its provider: it may have been made by a process that died before it could write that down."""
    others = ProviderBatch.objects.filter(provider=batch.provider).exclude(provider_batch_id="").exclude(pk=batch.pk)
    known = {*others.values_list("provider_batch_id", flat=True), *batch.not_ours}
    size = batch.items.filter(state=ItemState.HELD).count()
    since = (batch.attempted_at or timezone.now()) - CLOCK_SKEW
    return ask(batch, lambda provider: provider.find_batch(str(batch.key), size=size, since=since, others=known))
