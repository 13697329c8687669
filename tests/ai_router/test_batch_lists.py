"""Lists of batches, and of requests in them: what they say, with as many queries for many as for one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ai_router.models import BatchItem, ItemState, ProviderBatch, QueuedRequest
from usage.models import Call

pytestmark = pytest.mark.django_db


def make_batch(*owners, held_nanousd: int = 0) -> ProviderBatch:
    """Make a batch with a request of each owner, whose calls hold so much each."""
    now = timezone.now()
    batch = ProviderBatch.objects.create(provider="openai", model="m", window_seconds=86_400, give_up_at=now)
    for owner in owners:
        request = QueuedRequest.objects.create(owner=owner, body={}, status="batched")
        item = BatchItem.objects.create(batch=batch, request=request, state=ItemState.HELD)
        expires_at = now + timedelta(days=1)
        Call.objects.create(id=item.call_id, held_nanousd=held_nanousd, created_at=now, expires_at=expires_at)
    return batch


def test_each_request_says_its_place_among_its_owner_s(owner, stranger, client_for):
    client = client_for(owner)
    make_batch(owner, stranger, owner)
    client.get("/api/v1/ai/requests/")
    with CaptureQueriesContext(connection) as few:
        rows = client.get("/api/v1/ai/requests/").json()["results"]

    make_batch(owner, owner, owner)
    with CaptureQueriesContext(connection) as many:
        more = client.get("/api/v1/ai/requests/").json()["results"]

    places = [(row["batch"]["requests"], row["batch"]["position"]) for row in sorted(rows, key=lambda row: row["id"])]
    assert places == [(2, 1), (2, 2)]
    assert {(row["batch"]["requests"], row["batch"]["position"]) for row in more} == {
        (2, 1),
        (2, 2),
        (3, 1),
        (3, 2),
        (3, 3),
    }
    assert len(few) == len(many)


def test_the_list_of_batches_says_what_each_holds(owner, staff, client_for):
    client = client_for(staff)
    address = reverse("admin:ai_router_providerbatch_changelist")
    make_batch(owner, owner, held_nanousd=1_000_000_000)
    ended = make_batch(owner, held_nanousd=5_000_000_000)
    Call.objects.filter(held_nanousd=5_000_000_000).update(status="succeeded")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        page = client.get(address).content.decode()

    for _ in range(3):
        make_batch(owner)
    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert "$2.00" in page
    assert "$5.00" not in page
    assert f"/{ended.pk}/" in page
    assert len(few) == len(many)
