"""Queued requests: prompts that are answered in the background, in order of urgency, now or later.

The row is the truth and nothing is lost with a process: a request whose worker dies is claimed by another. The answer is
written once, in the transaction that ends the task; what each provider was asked stands in the ledger.
"""

import hashlib
import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, Model, OuterRef
from django.utils import timezone

from ai_router.batch_joining import BATCH_TASK, is_being_done, join, leave, notice_cancelled
from ai_router.conversations import converse
from ai_router.errors import (
    AllProvidersFailedError,
    IdempotencyConflictError,
    LaterError,
    NoWebhookSecretError,
    ProviderConnectionError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    QueueFullError,
    RateLimitError,
    StreamInterruptedError,
)
from ai_router.models import BackgroundTask, BatchState, ProviderBatch, QueuedRequest, TaskState, WebhookDelivery
from ai_router.scheduling import OPEN_STATES, Work, cancel, enqueue, when_ended
from ai_router.speech import answer_of, conversation_of, target_of
from ai_router.webhooks import WEBHOOK_TASK, announce, owner_has_secret

REQUEST_TASK = "ai_router.answer_request"
MAX_WAITING = 1_000
# What the tasks of this module and of the messages work on.
SUBJECTS: dict[str, type[Model]] = {
    REQUEST_TASK: QueuedRequest,
    WEBHOOK_TASK: WebhookDelivery,
    BATCH_TASK: ProviderBatch,
}
# Failures of providers that pass by themselves.
PASSING = (
    ProviderConnectionError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
    StreamInterruptedError,
)


def accept_request(
    *,
    owner_id: int,
    body: dict[str, Any],
    token_id: int | None = None,
    priority: int,
    scheduled_at: datetime | None = None,
    window_seconds: int | None = None,
    webhook_url: str = "",
    idempotency_key: str = "",
) -> tuple[QueuedRequest, bool]:
    """Put a request into the queue, and return it with whether it is new.

    A second request with the same key and content is the first one, however that stands by now. With `window_seconds` the
    answer may take so long, counted from now or from `scheduled_at`, and go through a provider's batch where that is cheaper.

    Raises:
        IdempotencyConflictError: The key was used for another request.
        QueueFullError: Too many requests of this user wait already.
        NoWebhookSecretError: There is an address to tell, and no secret to sign with.
    """
    digest = _digest([body, priority, scheduled_at and scheduled_at.isoformat(), webhook_url, window_seconds or 0])
    known = _known(owner_id, idempotency_key, digest)
    if known is not None:
        return known, False
    if webhook_url and not owner_has_secret(owner_id):
        raise NoWebhookSecretError
    if QueuedRequest.objects.filter(owner_id=owner_id).waiting().count() >= MAX_WAITING:
        raise QueueFullError
    try:
        with transaction.atomic():
            row = QueuedRequest.objects.create(
                owner_id=owner_id,
                token_id=token_id,
                body=body,
                priority=priority,
                scheduled_at=scheduled_at,
                window_seconds=window_seconds,
                complete_by=_complete_by(scheduled_at, window_seconds),
                webhook_url=webhook_url,
                idempotency_key=idempotency_key,
                digest=digest,
            )
            row.background_task = enqueue(
                REQUEST_TASK, subject_id=row.pk, owner_id=owner_id, priority=priority, run_after=scheduled_at
            )
            row.save(update_fields=["background_task"])
    except IntegrityError:
        # Somebody sent the same at the same moment.
        known = _known(owner_id, idempotency_key, digest)
        if known is None:
            raise
        return known, False
    return row, True


def answer_request(work: Work) -> None:
    """Ask for the answer of a request and keep it.

    Raises:
        LaterError: Nobody can answer just now; the request waits for another attempt.
        CancelledByUserError: The person stopped it; the provider was stopped too.
    """
    row = QueuedRequest.objects.select_related("owner").filter(pk=work.subject_id).first()
    if row is None or join(work, row):
        return
    leave(row)
    watch = partial(work.progress, 0, 1, "Asking")
    try:
        result = converse(
            conversation_of(row.body), target_of(row.body), user=row.asker, request_id=work.task.pk.hex, watch=watch
        )
    except AllProvidersFailedError as error:
        if isinstance(error.last, PASSING):
            raise LaterError(error) from error
        raise
    with work.finishing():
        QueuedRequest.objects.filter(pk=row.pk).update(answer=answer_of(result))


def cancel_request(request: QueuedRequest) -> None:
    """Stop a request that has not ended; a running one stops within about a second.

    One in a batch ends at once; the provider is told when nobody waits for anything of the batch any more.
    """
    if request.background_task is not None:
        cancel(request.background_task)
        notice_cancelled(request)


def forget_request(request: QueuedRequest) -> None:
    """Stop a request, and delete it and its answer; what a provider is just working on is deleted once that is booked."""
    cancel_request(request)
    with transaction.atomic():
        if is_being_done(request):
            QueuedRequest.objects.filter(pk=request.pk).update(is_forgotten=True, idempotency_key="", webhook_url="")
        else:
            request.delete()


def forget_requests(*, now: datetime | None = None) -> int:
    """Delete requests, with their answers and messages, that ended longer ago than the site keeps them (`AI_REQUESTS_DAYS`).

    One whose end is still being told stays. With them go the tasks whose request or message is gone. Returns how many
    requests those were.
    """
    forgotten = _forget_ended(now) if settings.AI_REQUESTS_DAYS else 0
    _forget_tasks()
    return forgotten


def _forget_ended(now: datetime | None) -> int:
    before = (now or timezone.now()) - timedelta(days=settings.AI_REQUESTS_DAYS)
    ProviderBatch.objects.filter(state=BatchState.ENDED, ended_at__lt=before).delete()
    untold = WebhookDelivery.objects.filter(status__in=(TaskState.QUEUED, TaskState.RUNNING)).values("request")
    ended = QueuedRequest.objects.filter(finished_at__lt=before).exclude(pk__in=untold)
    return ended.delete()[1].get(QueuedRequest._meta.label, 0)


def _forget_tasks() -> None:
    """Delete the ended tasks that nothing points to any more."""
    ended = BackgroundTask.objects.exclude(state__in=OPEN_STATES)
    for name, model in SUBJECTS.items():
        kept = model._base_manager.filter(background_task=OuterRef("pk"))
        ended.filter(~Exists(kept), name=name).delete()


def tell_of_end(task: BackgroundTask) -> None:
    """Announce the end of a request to the address that it named."""
    for row in QueuedRequest.objects.filter(background_task=task).exclude(webhook_url=""):
        announce(row)


def _complete_by(scheduled_at: datetime | None, window_seconds: int | None) -> datetime | None:
    if window_seconds is None:
        return None
    now = timezone.now()
    return max(scheduled_at or now, now) + timedelta(seconds=window_seconds)


def _known(owner_id: int, key: str, digest: str) -> QueuedRequest | None:
    """Return the request that was made with the key."""
    row = QueuedRequest.objects.filter(owner_id=owner_id, idempotency_key=key).first() if key else None
    if row is not None and row.digest != digest:
        raise IdempotencyConflictError
    return row


def _digest(asked: list[Any]) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


when_ended(REQUEST_TASK, tell_of_end)
