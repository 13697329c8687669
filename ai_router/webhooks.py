"""Messages that tell other programs how their requests ended, signed as Standard Webhooks 1.0 says.

The signature is HMAC-SHA256 over `id.timestamp.body` with the user's secret, which is shown once.
"""

import base64
import json
import secrets
import time
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ai_router.errors import NoWebhookSecretError, WebhookFailedError, WebhookGoneError
from ai_router.models import QueuedRequest, WebhookDelivery, WebhookSecret
from ai_router.scheduling import Work, enqueue
from ai_router.sealing import UnreadableSecretError, seal, sealed_anew
from usage import signatures
from usage.public_post import ForbiddenAddressError, UnreachableError, post

WEBHOOK_TASK = "ai_router.deliver_webhook"
SECRET_BYTES = 32
GONE = 410


def make_secret(*, owner_id: int) -> str:
    """Give the user a new secret in place of any old one, and return it, this once."""
    key = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    WebhookSecret.objects.update_or_create(owner_id=owner_id, defaults={"sealed": seal(key)})
    return signatures.SECRET_MARK + key


def signed_headers(*, message_id: str, body: bytes, owner_id: int, at: int | None = None) -> dict[str, str]:
    """Return the headers that say who sent a body and when.

    Raises:
        NoWebhookSecretError: The user has no secret, or one that no known `SECRET_KEY` opens.
    """
    secret = WebhookSecret.objects.filter(owner_id=owner_id).first()
    if secret is None:
        raise NoWebhookSecretError
    try:
        key = secret.key()
    except UnreadableSecretError as error:
        raise NoWebhookSecretError from error
    return signatures.signed_headers(message_id=message_id, body=body, key=key, at=at)


def announce(request: QueuedRequest) -> None:
    """Have the end of a request told to the address that it named; the message goes out with the surrounding commit."""
    delivery = WebhookDelivery.objects.create(request=request)
    delivery.background_task = enqueue(WEBHOOK_TASK, subject_id=delivery.pk, owner_id=request.owner_id)
    delivery.save(update_fields=["background_task"])


def deliver(work: Work) -> None:
    """Send one message; what another attempt may mend is tried again, over about eight hours.

    A message may arrive twice, with the same `webhook-id`: when the answer to the first was lost.

    Raises:
        WebhookFailedError: It did not arrive; another attempt may help.
        WebhookGoneError: The address is forbidden, or wants no more messages.
    """
    delivery = WebhookDelivery.objects.select_related("request").filter(pk=work.subject_id).first()
    if delivery is None:
        return
    request = delivery.request
    body = json.dumps(_message(request), separators=(",", ":")).encode()
    headers = signed_headers(message_id=f"msg_{work.task.pk.hex}", body=body, owner_id=request.owner_id)
    note = partial(_note, delivery, began=time.monotonic())
    try:
        status = post(request.webhook_url, body, headers, allow_private=settings.WEBHOOK_ALLOW_PRIVATE)
    except ForbiddenAddressError as error:
        note(error=str(error))
        raise WebhookGoneError(str(error)) from error
    except UnreachableError as error:
        note(error=str(error))
        raise WebhookFailedError(str(error)) from error
    note(status=status)
    if status == GONE:
        raise WebhookGoneError("The address answered 410: it wants no more messages.")
    if not 200 <= status < 300:
        raise WebhookFailedError(f"The address answered {status}.")


def _note(delivery: WebhookDelivery, *, began: float, status: int | None = None, error: str = "") -> None:
    """Add an attempt to the log."""
    line = {
        "at": timezone.now().isoformat(),
        "status": status,
        "error": error,
        "milliseconds": round((time.monotonic() - began) * 1000),
    }
    with transaction.atomic():
        row = WebhookDelivery.objects.select_for_update().filter(pk=delivery.pk).first()
        if row is not None:
            row.log = [*row.log, line]
            row.save(update_fields=["log"])


def _message(request: QueuedRequest) -> dict[str, Any]:
    """Return what a message says; the answer itself is fetched with the token, so that no text goes to a wrong address."""
    return {
        "type": f"ai.request.{request.status}",
        "timestamp": (request.finished_at or timezone.now()).isoformat(),
        "data": {"id": request.pk, "status": request.status, "error": request.error_code or None},
    }


def owner_has_secret(owner_id: int) -> bool:
    """Whether messages to this user can be signed."""
    return WebhookSecret.objects.filter(owner_id=owner_id).exists()


def seal_secrets_anew() -> int:
    """Seal what a former `SECRET_KEY` sealed with the present one, so that the former may go; returns how many those were."""
    renewed = 0
    for pk, sealed in WebhookSecret.objects.values_list("pk", "sealed"):
        anew = sealed_anew(sealed)
        if anew is not None:
            renewed += WebhookSecret.objects.filter(pk=pk, sealed=sealed).update(sealed=anew)
    return renewed
