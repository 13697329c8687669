"""Weeks of users and days of groups have a table of their own now, and the worker makes them anew there."""

from django.db import migrations

MADE_LATER = (5, 6)


def forget(apps, schema_editor):
    """Delete what was made before; until it is made anew, pages read what it was made of."""
    apps.get_model("usage", "RollUpMember").objects.all().delete()
    apps.get_model("usage", "RollUpSpan").objects.all().delete()
    for name in ("RollUp", "LaterRollUp"):
        apps.get_model("usage", name).objects.filter(grain__in=MADE_LATER).delete()


class Migration(migrations.Migration):
    dependencies = [("usage", "0023_sums_by_name_and_of_everything")]

    operations = [migrations.RunPython(forget, forget)]
