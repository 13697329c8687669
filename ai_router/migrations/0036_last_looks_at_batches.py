from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ai_router', '0035_batches_given_up'),
    ]

    operations = [
        migrations.AddField(
            model_name='providerbatch',
            name='last_looks',
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
    ]
