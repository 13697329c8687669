"""App config of `cv`."""

from django.apps import AppConfig


class CVConfig(AppConfig):
    """App config of `cv`."""

    name = "cv"
    verbose_name = "CVs"
