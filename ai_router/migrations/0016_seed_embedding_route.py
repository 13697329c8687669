"""The route of embeddings; a site that has one keeps its own."""

from django.db import migrations

ORDER = ("openai", "gemini", "embedded")


def add_route(apps, schema_editor):
    """List the providers that have embeddings, and the offline engine behind them."""
    route, is_new = apps.get_model("ai_router", "Route").objects.get_or_create(task_type="embedding")
    if is_new:
        candidate_model = apps.get_model("ai_router", "RouteCandidate")
        candidate_model.objects.bulk_create(
            candidate_model(route=route, provider=provider, position=position)
            for position, provider in enumerate(ORDER, 1)
        )


class Migration(migrations.Migration):
    dependencies = [("ai_router", "0015_embedding_task")]
    operations = [migrations.RunPython(add_route, migrations.RunPython.noop)]
