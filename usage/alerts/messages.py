"""Alerts in words: for e-mail, for webhooks, and in the form that Slack takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from usage.models import Alert
from usage.types import AlertEvent, AlertLevel

EVENT_WORDS = {AlertEvent.OPENED: "", AlertEvent.WORSE: "Worse: ", AlertEvent.OVER: "Over: "}


def entry_of(alert: Alert, event: AlertEvent) -> dict[str, Any]:
    """Return what a message says of an alert; figures and names, no text of a person."""
    freeze = alert.freeze if event != AlertEvent.OVER and alert.freeze_id else None
    return {
        "id": alert.pk,
        "event": event.value,
        "level": alert.level,
        "title": alert.title,
        "text": alert.text,
        "facts": alert.facts,
        "began_at": alert.began_at.isoformat(),
        "seen_at": alert.seen_at.isoformat(),
        "url": site_url(reverse("admin:usage_alert_change", args=[alert.pk])),
        "undo_url": site_url(reverse("usage:undo", args=[freeze.pk])) if freeze else None,
    }


def site_url(path: str) -> str:
    """Return the address of a page for people outside of it; only its path where the site does not know its own."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def subject_of(entries: Sequence[Mapping[str, Any]]) -> str:
    """Return one line for several alerts: the gravest, and how many more."""
    worst = max(entries, key=_gravity)
    more = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
    level = "" if worst["event"] == AlertEvent.OVER else f"{AlertLevel(worst['level']).label}: "
    return f"[CareerAI] {_headline(worst, level)}{more}"[:200].replace("\n", " ")


def mail_of(entries: Sequence[Mapping[str, Any]]) -> str:
    """Return several alerts as plain text."""
    return "\n\n".join("\n".join(_lines(entry)) for entry in entries) + "\n"


def slack_of(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return several alerts as a message to an incoming webhook of Slack; Mattermost and others take the same."""
    parts = []
    for entry in entries:
        lines = [f"*{_escaped(_headline(entry, AlertLevel(entry['level']).label + ': '))}*", _escaped(entry["text"])]
        links = [("Look", entry["url"]), ("Undo", entry["undo_url"])]
        lines.append(" · ".join(f"<{url}|{word}>" for word, url in links if url and url.startswith("http")))
        parts.append("\n".join(line for line in lines if line))
    return {"text": "\n\n".join(parts)}


def _headline(entry: Mapping[str, Any], level: str) -> str:
    word = EVENT_WORDS[AlertEvent(entry["event"])]
    return f"{word or level}{entry['title']}"


def _lines(entry: Mapping[str, Any]) -> list[str]:
    lines = [_headline(entry, f"{AlertLevel(entry['level']).label}: "), entry["text"], f"Look: {entry['url']}"]
    if entry["undo_url"]:
        lines.append(f"Undo: {entry['undo_url']}")
    return [line for line in lines if line]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _gravity(entry: Mapping[str, Any]) -> tuple[bool, int]:
    return entry["event"] != AlertEvent.OVER, list(AlertLevel.values).index(entry["level"])
