"""Adds the lines that are there up into roll-ups; the meaning of every figure is that of this moment."""

from bisect import bisect_right
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from django.db import migrations
from django.db.models import Max, Min

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EDGES_MS = [round(16 * 2 ** (step / 2)) for step in range(31)]
TOKENS = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
NAMES = ("task_type", "provider", "model", "status", "error_class", "prompt_version", "purpose", "experiment", "arm")
BATCH = 500


def fill(apps, schema_editor):
    """Go through the lines day by day."""
    Call = apps.get_model("usage", "Call")
    RollUp = apps.get_model("usage", "RollUp")
    settled = Call.objects.using(schema_editor.connection.alias).exclude(status="open").order_by()
    span = settled.aggregate(first=Min("created_at"), last=Max("created_at"))
    if span["first"] is None:
        return
    day = span["first"].astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= span["last"]:
        rows = defaultdict(lambda: defaultdict(int))
        lines = settled.filter(created_at__gte=day, created_at__lt=day + timedelta(days=1))
        for call in lines.prefetch_related("attempts").iterator(chunk_size=BATCH):
            _add_call(rows, call)
        made = [_row(RollUp, key, figures) for key, figures in rows.items()]
        RollUp.objects.using(schema_editor.connection.alias).bulk_create(made, batch_size=BATCH)
        day += timedelta(days=1)


def _row(model, key, figures):
    grain, hour, user_key, *names = key
    return model(grain=grain, hour=hour, user_key=user_key, **dict(zip(NAMES, names, strict=True)), **figures)


def _add_call(rows, call):
    is_written_off = call.status == "unknown" and call.error_class == "Expired"
    own = {
        "calls": 1,
        "cache_hits": int(call.is_cached),
        "cache_misses": int(call.decision.get("cache") == "miss"),
        "saved_nanousd": call.saved_nanousd,
        "unpriced_calls": int(call.cost_nanousd is None),
        "cost_nanousd": (call.cost_nanousd or 0) if is_written_off else 0,
    }
    if not call.is_cached and call.latency_ms is not None:
        own |= {"latency_ms": call.latency_ms, f"latency_{bisect_right(EDGES_MS, call.latency_ms)}": 1}
    _add(rows, call, call, own)
    for attempt in call.attempts.all():
        figures = {
            "attempts": 1,
            "unpriced_attempts": int(attempt.cost_nanousd is None),
            "free_attempts": int(attempt.cost_nanousd == 0),
            "cost_nanousd": attempt.cost_nanousd or 0,
        }
        _add(rows, call, attempt, figures | {name: getattr(attempt, name) for name in TOKENS})


def _add(rows, call, line, figures):
    hour = (call.created_at - EPOCH) // timedelta(hours=1)
    day, user = hour - hour % 24, call.user_id or 0
    trial = call.decision.get("experiment") or {}
    names = (line.provider, line.model, line.status, line.error_class)
    rest = (call.prompt_version, call.purpose, trial.get("name", "")[:60], trial.get("arm", "")[:40])
    named = (call.task_type, *names, *rest)
    for key in (
        (1, hour, 0, *named),
        (2, day, 0, *named),
        (3, hour, user, *named),
        (4, day, user, "", "", "", line.status, "", "", "", "", ""),
    ):
        for name, figure in figures.items():
            rows[key][name] += figure


def empty(apps, schema_editor):
    """Forget them; the lines are still there."""
    apps.get_model("usage", "RollUp").objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [("usage", "0009_roll_ups")]

    operations = [migrations.RunPython(fill, empty)]
