"""Template tag of the bell: `{% unread_alerts user as unread %}`."""

from typing import Any

from django import template

from usage.alerts.book import unread

register = template.Library()


@register.simple_tag
def unread_alerts(user: Any) -> int:
    """Return how many alerts wait for a person, as it was half a minute ago at most."""
    return unread(user)
