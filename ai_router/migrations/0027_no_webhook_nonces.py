from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ai_router", "0026_seal_webhook_secrets")]

    operations = [migrations.RemoveField("webhooksecret", "nonce")]
