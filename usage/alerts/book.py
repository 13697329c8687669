"""The book of alerts: one line from when something is found until it is over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from usage.alerts.delivery import queue_messages
from usage.audit import record
from usage.models import Alert, AlertRule, Freeze
from usage.types import AlertEvent, AlertLevel, AuditAction

LEVELS = list(AlertLevel.values)
# How old the number beside the bell may be.
BELL_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look found. `key` names it among all that the look can find, so that it is found again as the same.

    `user_id` is whose calls it is about; with `is_for_user_only` nobody else is told. What was over after `quiet_since` and comes
    back is not told again, however short the quiet time of its rule.
    """

    key: str
    title: str
    text: str = ""
    level: str = AlertLevel.WARNING
    rule: AlertRule | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    user_id: int | None = None
    is_for_user_only: bool = False
    freeze: Freeze | None = None
    began_at: datetime | None = None
    quiet_since: datetime | None = None


def take_stock(
    look: str, findings: Iterable[Finding], *, patience: timedelta = timedelta(), now: datetime | None = None
) -> list[tuple[Alert, AlertEvent]]:
    """Write what a look has found, end what it has not found again, and have what is new told.

    What is open already is only seen once more. What came back soon after it was over (`cooldown_minutes` of its rule) is
    opened again without a word, and so is what was acknowledged, unless it has become worse.

    Args:
        look: The look's name; its alerts are those whose keys begin with it.
        findings: All that it found.
        patience: For how long something may not be seen before it is over.
        now: The time of the look.

    Returns:
        The alerts that are told, each with what happened to it.
    """
    now = now or timezone.now()
    found = {f"{look}:{finding.key}"[:200]: finding for finding in findings}
    with transaction.atomic():
        known = {alert.key: alert for alert in Alert.objects.open().filter(key__startswith=f"{look}:")}
        events = [
            event for key, finding in found.items() if (event := _see(key, finding, known.get(key), now)) is not None
        ]
        for key, alert in known.items():
            if key not in found and alert.seen_at <= now - patience and not _is_held(alert):
                end_alert(alert, now=now)
                events.append((alert, AlertEvent.OVER))
        queue_messages(events, now=now)
    return events


def _see(key: str, finding: Finding, alert: Alert | None, now: datetime) -> tuple[Alert, AlertEvent] | None:
    """Write one finding; returns what is to be told of it."""
    if alert is None:
        return _open(key, finding, now)
    is_worse = LEVELS.index(finding.level) > LEVELS.index(alert.level)
    alert.title, alert.text, alert.facts = finding.title[:200], finding.text, dict(finding.facts)
    alert.seen_at, alert.times = now, alert.times + 1
    alert.freeze = finding.freeze or alert.freeze
    if is_worse:
        alert.level, alert.acknowledged_at, alert.acknowledged_by, alert.read_at = finding.level, None, None, None
    alert.save()
    return (alert, AlertEvent.WORSE) if is_worse else None


def _open(key: str, finding: Finding, now: datetime) -> tuple[Alert, AlertEvent] | None:
    quiet_minutes = finding.rule.cooldown_minutes if finding.rule else 0
    values: dict[str, Any] = {
        "title": finding.title[:200],
        "text": finding.text,
        "level": finding.level,
        "facts": dict(finding.facts),
        "seen_at": now,
    }
    since = now - timedelta(minutes=quiet_minutes)
    since = min(since, finding.quiet_since) if finding.quiet_since else since
    recent = Alert.objects.filter(key=key, resolved_at__gt=since).first()
    if recent is not None and LEVELS.index(finding.level) <= LEVELS.index(recent.level):
        if finding.quiet_since:
            # What was told of it has been told.
            values["level"] = recent.level
        for name, value in values.items():
            setattr(recent, name, value)
        recent.resolved_at, recent.times, recent.freeze = None, recent.times + 1, finding.freeze or recent.freeze
        recent.save()
        return None
    alert = Alert.objects.create(
        key=key,
        rule=finding.rule,
        user_id=finding.user_id,
        is_for_user_only=finding.is_for_user_only,
        freeze=finding.freeze,
        began_at=finding.began_at or now,
        **values,
    )
    return alert, AlertEvent.OPENED


def _is_held(alert: Alert) -> bool:
    """Whether what was done because of it still holds: then it is not over, although nothing is seen any more."""
    return alert.freeze is not None and alert.freeze.is_in_force


def end_alert(alert: Alert, *, now: datetime | None = None) -> None:
    """Write that its reason is gone."""
    alert.resolved_at = now or timezone.now()
    alert.save(update_fields=["resolved_at"])


def acknowledge(alert: Alert, *, by: Any) -> bool:
    """Write that somebody sees to it: it is not told again unless it becomes worse. False where somebody did before."""
    with transaction.atomic():
        rows = Alert.objects.filter(pk=alert.pk, acknowledged_at=None)
        is_first = bool(rows.update(acknowledged_at=timezone.now(), acknowledged_by=by))
        if is_first:
            record(AuditAction.ACKNOWLEDGED, alert, actor=by)
    cache.delete(_bell_key(by))
    alert.refresh_from_db()
    return is_first


def mark_read(user: Any) -> None:
    """Write that a person has seen the alerts about their own calls."""
    Alert.objects.for_user(user).filter(read_at=None).update(read_at=timezone.now())
    cache.delete(_bell_key(user))


def unread(user: Any) -> int:
    """Return how many alerts wait for a person, as it was half a minute ago at most.

    Those are their own that they have not read, and for staff the open ones that nobody has acknowledged.
    """
    return int(cache.get_or_set(_bell_key(user), partial(count_unread, user), BELL_SECONDS) or 0)


def count_unread(user: Any) -> int:
    """Return how many alerts wait for a person now."""
    own = Alert.objects.for_user(user).filter(read_at=None)
    if not (user.is_staff and user.has_perm("usage.view_alert")):
        return own.count()
    waiting = Q(resolved_at=None, is_for_user_only=False, acknowledged_at=None)
    return Alert.objects.filter(waiting | Q(user_id=user.pk, read_at=None)).count()


def _bell_key(user: Any) -> str:
    return f"alerts:{user.pk}"
