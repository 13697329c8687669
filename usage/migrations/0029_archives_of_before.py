"""Files that were written before it was kept what archived lines count for, are to be counted."""

from django.db import migrations
from django.db.migrations.recorder import MigrationRecorder

KEPT_SINCE = "0025_what_archived_lines_count_for"


def find_uncounted(apps, schema_editor):
    """Mark the archives that were made before it was kept."""
    recorder = MigrationRecorder(schema_editor.connection)
    applied = recorder.migration_qs.filter(app="usage", name=KEPT_SINCE).values_list("applied", flat=True).first()
    if applied is not None:
        apps.get_model("usage", "Archive").objects.filter(made_at__lt=applied, is_removed=True).update(is_counted=False)


class Migration(migrations.Migration):
    dependencies = [("usage", "0028_which_archives_are_counted")]

    operations = [migrations.RunPython(find_uncounted, migrations.RunPython.noop)]
