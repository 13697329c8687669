"""The site's own app: static files and commands that belong to no floor."""

from django.apps import AppConfig


class CareerAIConfig(AppConfig):
    """App config of the site."""

    name = "careerai"
    verbose_name = "CareerAI"

    def ready(self) -> None:
        """Register the system checks."""
        from careerai import checks

        checks.register_checks()
