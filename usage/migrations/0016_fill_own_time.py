"""Adds the router's own time of the lines that are there to their roll-ups."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from django.db import migrations
from django.db.models import F, Max, Min

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = ("task_type", "provider", "model", "status", "error_class", "prompt_version", "purpose", "experiment", "arm")
BATCH = 2_000


def fill(apps, schema_editor):
    """Go through the lines day by day."""
    alias = schema_editor.connection.alias
    Call = apps.get_model("usage", "Call")
    RollUp = apps.get_model("usage", "RollUp")
    timed = Call.objects.using(alias).exclude(status="open").filter(overhead_us__isnull=False).order_by()
    span = timed.aggregate(first=Min("created_at"), last=Max("created_at"))
    if span["first"] is None:
        return
    day = span["first"].astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= span["last"]:
        rows = defaultdict(lambda: [0, 0])
        for call in timed.filter(created_at__gte=day, created_at__lt=day + timedelta(days=1)).iterator(BATCH):
            for key in _keys(call):
                rows[key][0] += call.overhead_us
                rows[key][1] += 1
        for (grain, hour, user_key, *names), (microseconds, calls) in rows.items():
            found = RollUp.objects.using(alias).filter(
                grain=grain, hour=hour, user_key=user_key, **dict(zip(NAMES, names, strict=True))
            )
            # Of rows that differ in their slot alone, one gets all of it.
            if row := found.order_by("slot").first():
                RollUp.objects.using(alias).filter(pk=row.pk).update(
                    overhead_us=F("overhead_us") + microseconds, overhead_calls=F("overhead_calls") + calls
                )
        day += timedelta(days=1)


def _keys(call):
    hour = (call.created_at - EPOCH) // timedelta(hours=1)
    day, user = hour - hour % 24, call.user_id or 0
    trial = call.decision.get("experiment") or {}
    names = (call.task_type, call.provider, call.model, call.status, call.error_class, call.prompt_version, call.purpose)
    named = (*names, trial.get("name", "")[:60], trial.get("arm", "")[:40])
    return (
        (1, hour, 0, *named),
        (2, day, 0, *named),
        (3, hour, user, *named),
        (4, day, user, "", "", "", call.status, "", "", "", "", ""),
    )


def empty(apps, schema_editor):
    """Forget it; the lines still have it."""
    rows = apps.get_model("usage", "RollUp").objects.using(schema_editor.connection.alias)
    rows.filter(overhead_calls__gt=0).update(overhead_us=0, overhead_calls=0)


class Migration(migrations.Migration):
    dependencies = [("usage", "0015_own_time_in_roll_ups")]

    operations = [migrations.RunPython(fill, empty)]
