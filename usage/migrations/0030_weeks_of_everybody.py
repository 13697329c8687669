"""Weeks of everybody and of groups, and classes of errors in what users used by name; the worker makes these rows anew."""

from django.db import migrations, models

GRAINS = [
    (1, "An hour of everybody"),
    (2, "A day of everybody"),
    (3, "An hour of one user"),
    (4, "A day of one user, all together"),
    (5, "A week of one user, all together"),
    (6, "A day of several users"),
    (7, "A day of one user, by task, provider and model"),
    (8, "A week of one user, by task, provider and model"),
    (9, "Everything of everybody"),
    (10, "A week of everybody"),
    (11, "A week of several users"),
]
MADE_ANEW = {"named days": 7, "named weeks": 8}


def forget(apps, schema_editor):
    """Delete what tells no errors apart; until it is made anew, pages read what it was made of."""
    apps.get_model("usage", "RollUpSpan").objects.filter(name__in=MADE_ANEW).delete()
    apps.get_model("usage", "LaterRollUp").objects.filter(grain__in=MADE_ANEW.values()).delete()


def forget_weeks(apps, schema_editor):
    """Delete what former versions do not know."""
    forget(apps, schema_editor)
    spans = apps.get_model("usage", "RollUpSpan").objects
    spans.filter(name__startswith="week").delete()
    apps.get_model("usage", "LaterRollUp").objects.filter(grain__in=(10, 11)).delete()


class Migration(migrations.Migration):
    dependencies = [("usage", "0029_archives_of_before")]

    operations = [
        migrations.AlterField("rollup", "grain", models.PositiveSmallIntegerField(choices=GRAINS)),
        migrations.AlterField("laterrollup", "grain", models.PositiveSmallIntegerField(choices=GRAINS)),
        migrations.RunPython(forget, forget_weeks),
    ]
