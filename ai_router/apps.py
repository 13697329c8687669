"""App config of `ai_router`."""

from django.apps import AppConfig


class AIRouterConfig(AppConfig):
    """App config of `ai_router`."""

    name = "ai_router"
    verbose_name = "AI router"

    def ready(self) -> None:
        """Register the system checks."""
        from ai_router import checks

        checks.register_checks()
