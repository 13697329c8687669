from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ai_router", "0024_models_of_the_site")]

    operations = [
        migrations.AddField("webhooksecret", "sealed", models.TextField(editable=False, default=""), preserve_default=False),
        migrations.AlterField("webhooksecret", "nonce", models.CharField(max_length=64, editable=False, default="")),
    ]
