"""Messages about alerts: queued with what they tell, gathered for a minute, sent by the worker, tried again for hours."""

import base64
import json
import logging
import secrets
import smtplib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.crypto import salted_hmac

from usage.alerts.messages import entry_of, mail_of, slack_of, subject_of
from usage.models import Alert, AlertChannel, AlertDelivery
from usage.public_post import ForbiddenAddressError, UnreachableError, post
from usage.signatures import SECRET_MARK, signed_headers
from usage.types import AlertEvent, AlertLevel, ChannelKind, DeliveryStatus

logger = logging.getLogger(__name__)

# A channel gets one message in this time; what happens meanwhile goes into the next one.
GATHERING = timedelta(seconds=60)
# How long a message that is being sent is left alone, and when it is tried again.
LEASE = timedelta(seconds=90)
DELAYS_SECONDS = (5, 60, 300, 1_800, 7_200, 18_000)
GONE = 410
LEVELS = list(AlertLevel.values)


class _RefusedError(Exception):
    """A message did not arrive; `is_final` where no other attempt will help."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        """Keep the words for the operator."""
        self.is_final = is_final
        super().__init__(message)


def queue_messages(events: Sequence[tuple[Alert, AlertEvent]], *, now: datetime | None = None) -> None:
    """Have events told on every channel that is on for their level; belongs in the transaction that writes them.

    The end of an alert is told where its beginning was.
    """
    events = [(alert, event) for alert, event in events if not alert.is_for_user_only]
    if not events:
        return
    now = now or timezone.now()
    for channel in AlertChannel.objects.filter(is_on=True):
        least = LEVELS.index(channel.least_level)
        told = [(alert, event) for alert, event in events if LEVELS.index(alert.level) >= least]
        told = [(alert, event) for alert, event in told if event != AlertEvent.OVER or _was_told(channel, alert)]
        if told:
            _queue(channel, told, now)


def _was_told(channel: AlertChannel, alert: Alert) -> bool:
    return channel.deliveries.filter(alerts=alert).exists()


def _queue(channel: AlertChannel, told: Sequence[tuple[Alert, AlertEvent]], now: datetime) -> None:
    """Add to the message that is being gathered, or begin one."""
    entries = [entry_of(alert, event) for alert, event in told]
    waiting = channel.deliveries.select_for_update().filter(status=DeliveryStatus.WAITING, attempts=0).first()
    if waiting is not None:
        waiting.body = [*waiting.body, *entries]
        waiting.save(update_fields=["body"])
    else:
        last = channel.deliveries.order_by("-made_at").values_list("made_at", flat=True).first()
        due = now if last is None else max(now, last + GATHERING)
        waiting = AlertDelivery.objects.create(channel=channel, body=entries, next_at=due)
    waiting.alerts.add(*(alert for alert, _ in told))


def deliver_due(*, now: datetime | None = None) -> int:
    """Send what is due, and return how many messages arrived; several workers may do so at once."""
    now = now or timezone.now()
    due = AlertDelivery.objects.filter(status=DeliveryStatus.WAITING, next_at__lte=now).order_by("next_at")
    sent = 0
    for row in due.select_related("channel")[:100]:
        # Conditional, so that of several workers one sends.
        mine = AlertDelivery.objects.filter(pk=row.pk, next_at=row.next_at, status=DeliveryStatus.WAITING)
        if mine.update(next_at=now + LEASE, attempts=row.attempts + 1):
            row.refresh_from_db()
            sent += _deliver(row)
    return sent


def _deliver(row: AlertDelivery) -> bool:
    """Send one message, and write how that went."""
    try:
        SENDERS[ChannelKind(row.channel.kind)](row)
    except _RefusedError as error:
        row.error = str(error)[:300]
        if error.is_final or row.attempts > len(DELAYS_SECONDS):
            row.status, row.ended_at = DeliveryStatus.FAILED, timezone.now()
            logger.error("alert_not_delivered: channel %r: %s", row.channel.name, row.error)
        else:
            row.next_at = timezone.now() + timedelta(seconds=DELAYS_SECONDS[row.attempts - 1])
    else:
        row.status, row.ended_at, row.error = DeliveryStatus.SENT, timezone.now(), ""
    row.save(update_fields=["status", "ended_at", "next_at", "error"])
    return row.status == DeliveryStatus.SENT


def send_trial(channel: AlertChannel) -> str:
    """Send a message that says that it is none, at once; returns what went wrong, empty where nothing did."""
    now = timezone.now()
    alert = Alert(title="A trial message", text="Alerts arrive here.", level=AlertLevel.INFO, began_at=now, seen_at=now)
    alert.pk = 0
    row = AlertDelivery(channel=channel, body=[entry_of(alert, AlertEvent.OPENED)], pk=0)
    try:
        SENDERS[ChannelKind(channel.kind)](row)
    except _RefusedError as error:
        return str(error)
    return ""


def _mail(row: AlertDelivery) -> None:
    message = EmailMessage(subject_of(row.body), mail_of(row.body), to=row.channel.addresses.split())
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        message_text = f"The mail server did not take it ({type(error).__name__})."
        raise _RefusedError(message_text) from error


def _signed_webhook(row: AlertDelivery) -> None:
    body = json.dumps(
        {"type": "alerts", "timestamp": timezone.now().isoformat(), "data": {"alerts": row.body}}, separators=(",", ":")
    ).encode()
    key = _key(row.channel)
    _post(row, body, signed_headers(message_id=f"msg_alert_{row.pk}", body=body, key=key))


def _slack(row: AlertDelivery) -> None:
    body = json.dumps(slack_of(row.body), separators=(",", ":")).encode()
    _post(row, body, {"Content-Type": "application/json", "User-Agent": "CareerAI"})


def _post(row: AlertDelivery, body: bytes, headers: dict[str, str]) -> None:
    try:
        status = post(row.channel.addresses.strip(), body, headers, allow_private=settings.WEBHOOK_ALLOW_PRIVATE)
    except ForbiddenAddressError as error:
        raise _RefusedError(str(error), is_final=True) from error
    except UnreachableError as error:
        raise _RefusedError(str(error)) from error
    if not 200 <= status < 300:
        message = f"The address answered {status}."
        raise _RefusedError(message, is_final=status == GONE)


SENDERS = {ChannelKind.EMAIL: _mail, ChannelKind.WEBHOOK: _signed_webhook, ChannelKind.SLACK: _slack}


def make_secret(channel: AlertChannel) -> str:
    """Give a channel a new secret in place of any old one, and return it, this once; messages are signed with it."""
    channel.nonce = secrets.token_urlsafe(32)
    channel.save(update_fields=["nonce"])
    return SECRET_MARK + base64.b64encode(_key(channel)).decode()


def _key(channel: AlertChannel) -> bytes:
    return salted_hmac("usage.alerts", channel.nonce, algorithm="sha256").digest()
