"""Calls are found by how they ended and when they were opened; those that run are few, whatever they are ordered by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("usage", "0030_weeks_of_everybody")]

    operations = [
        migrations.RemoveIndex("call", "usage_call_status_04d759_idx"),
        migrations.AddIndex(
            "call", models.Index(fields=["status", "created_at"], name="usage_call_status_7ca46d_idx")
        ),
    ]
