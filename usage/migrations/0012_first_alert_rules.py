"""The rules that a site begins with: they tell, and stop nobody."""

from django.db import migrations

UNUSUAL = ("cost", "volume", "tokens_per_call", "errors", "latency", "unpriced", "zero_cost")
NAMES = {
    "cost": "Unusual cost",
    "volume": "Unusual number of calls",
    "tokens_per_call": "Unusual length of texts",
    "errors": "Unusual share of failed requests",
    "latency": "Unusual latency",
    "unpriced": "Calls without a price",
    "zero_cost": "Free calls of priced models",
}
THRESHOLDS = (
    ("Latency above a second", "latency", 1_000),
    ("Failed requests above five percent", "errors", 5),
    ("A call costs more than a cent", "cost_per_call", 0.01),
    ("Cost has doubled", "cost_spike", 2),
)
RUNAWAYS = (
    ("Runaway API token", "token", "volume", 30),
    ("Runaway spending of an API token", "token", "cost", 1),
    ("Runaway user", "user", "volume", 30),
    ("Runaway spending of a user", "user", "cost", 1),
    ("Runaway spending of a task", "task", "cost", 5),
)
BUDGETS = (("Budget at 80 %", 80, "warning"), ("Budget used up", 100, "critical"))


def make_rules(apps, schema_editor):
    rule = apps.get_model("usage", "AlertRule")
    rows = [rule(name=NAMES[measure], kind="unusual", measure=measure, limit=4.6, fewest=20) for measure in UNUSUAL]
    rows += [
        rule(name=name, kind="threshold", measure=measure, limit=limit, fewest=20) for name, measure, limit in THRESHOLDS
    ]
    rows += [
        rule(name=name, kind="runaway", measure=measure, subject_kind=kind, limit=10, fewest=fewest, action_limit=30)
        for name, kind, measure, fewest in RUNAWAYS
    ]
    rows += [
        rule(name=name, kind="budget", measure="cost", limit=limit, level=level, cooldown_minutes=0)
        for name, limit, level in BUDGETS
    ]
    rule.objects.bulk_create(rows)


def forget_rules(apps, schema_editor):
    apps.get_model("usage", "AlertRule").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("usage", "0011_alerts")]

    operations = [migrations.RunPython(make_rules, forget_rules)]
