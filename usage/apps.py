"""App config of `usage`."""

from django.apps import AppConfig


class UsageConfig(AppConfig):
    """App config of `usage`."""

    name = "usage"
