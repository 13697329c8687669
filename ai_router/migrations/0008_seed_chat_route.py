"""The route of the calls that other programs make through the gateway; a site that has one keeps its own."""

from django.db import migrations

ORDER = ("openai", "gemini", "grok", "groq")


def add_route(apps, schema_editor):
    """List the providers as every other route does."""
    route, is_new = apps.get_model("ai_router", "Route").objects.get_or_create(task_type="chat")
    if is_new:
        candidate_model = apps.get_model("ai_router", "RouteCandidate")
        candidate_model.objects.bulk_create(
            candidate_model(route=route, provider=provider, position=position)
            for position, provider in enumerate((*ORDER, "embedded"), 1)
        )


class Migration(migrations.Migration):
    dependencies = [("ai_router", "0007_chat_task")]
    operations = [migrations.RunPython(add_route, migrations.RunPython.noop)]
