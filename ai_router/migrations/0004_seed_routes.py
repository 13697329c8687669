"""The routes that a fresh site begins with; a site that has routes keeps its own."""

from django.db import migrations

FIRST_CHOICES = {
    "cv_parsing": "openai",
    "cv_tailoring": "openai",
    "cover_letter": "openai",
    "email_drafting": "grok",
    "fast_summary": "groq",
    "job_analysis": "gemini",
    "job_matching": "gemini",
}
ORDER = ("openai", "gemini", "grok", "groq")


def add_routes(apps, schema_editor):
    """Give each task its first choice, then the other providers, and the embedded engine last."""
    route_model = apps.get_model("ai_router", "Route")
    candidate_model = apps.get_model("ai_router", "RouteCandidate")
    for task_type, first in FIRST_CHOICES.items():
        route, is_new = route_model.objects.get_or_create(task_type=task_type)
        if not is_new:
            continue
        providers = [first, *(name for name in ORDER if name != first), "embedded"]
        candidate_model.objects.bulk_create(
            candidate_model(route=route, provider=provider, position=position)
            for position, provider in enumerate(providers, 1)
        )


class Migration(migrations.Migration):
    dependencies = [("ai_router", "0003_routes")]
    operations = [migrations.RunPython(add_routes, migrations.RunPython.noop)]
