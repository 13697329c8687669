"""Who is a member when the site begins to write it down counts as one ever since."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import migrations

EVER = datetime(1970, 1, 1, tzinfo=UTC)


def note_members(apps, schema_editor):
    """Write down the members of today."""
    user = apps.get_model(*settings.AUTH_USER_MODEL.split("."))
    membership = apps.get_model("usage", "GroupMembership")
    pairs = user.groups.through.objects.order_by("pk").values_list("user_id", "group_id")
    membership.objects.bulk_create(
        (membership(user_id=user_id, group_id=group_id, since=EVER) for user_id, group_id in pairs.iterator()),
        batch_size=1_000,
    )


class Migration(migrations.Migration):
    dependencies = [("usage", "0026_who_belonged_to_a_group_when")]

    operations = [migrations.RunPython(note_members, migrations.RunPython.noop)]
