import base64

from django.db import migrations
from django.utils.crypto import salted_hmac

from ai_router.sealing import seal


def seal_secrets(apps, _editor):
    """Keep the secrets that were derived from SECRET_KEY until now: they stay as their owners know them."""
    for row in apps.get_model("ai_router", "WebhookSecret").objects.all():
        key = salted_hmac("ai_router.webhooks", row.nonce, algorithm="sha256").digest()
        row.sealed = seal(base64.b64encode(key).decode())
        row.save(update_fields=["sealed"])


class Migration(migrations.Migration):
    dependencies = [("ai_router", "0025_sealed_webhook_secrets")]

    operations = [migrations.RunPython(seal_secrets, migrations.RunPython.noop)]
