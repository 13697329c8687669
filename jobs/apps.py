"""App config of `jobs`."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """App config of `jobs`."""

    name = "jobs"
