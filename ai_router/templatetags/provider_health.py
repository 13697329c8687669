"""Template tag of the operator's first page: `{% provider_health as histories %}`."""

from datetime import timedelta

from django import template
from django.utils import timezone

from ai_router.health_history import History, read_history

register = template.Library()


@register.simple_tag
def provider_health() -> list[History]:
    """Return how the whole and each provider did in the last 24 hours, in one query."""
    return read_history(since=timezone.now() - timedelta(days=1), of_models=False)
