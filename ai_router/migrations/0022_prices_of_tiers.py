import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("ai_router", "0021_experiments"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="modelprice",
            options={"ordering": ["provider", "model", "service_tier", "-effective_from"]},
        ),
        migrations.RemoveConstraint(
            model_name="modelprice",
            name="model_price_once",
        ),
        migrations.AddField(
            model_name="modelprice",
            name="service_tier",
            field=models.CharField(blank=True, default="", help_text="Such as batch, flex or priority, as the provider's answers name it. Empty: the standard tier.", max_length=20, validators=[django.core.validators.RegexValidator("^[a-z][a-z0-9_-]*$", "A tier is a word of small letters, such as batch.")]),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="modelprice",
            constraint=models.UniqueConstraint(fields=("provider", "model", "service_tier", "effective_from"), name="model_price_once"),
        ),
    ]
