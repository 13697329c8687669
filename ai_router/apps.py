"""App config of `ai_router`."""

from django.apps import AppConfig


class AIRouterConfig(AppConfig):
    """App config of `ai_router`."""

    name = "ai_router"
    verbose_name = "AI router"

    def ready(self) -> None:
        """Register the system checks, and have what is set here written to the audit log."""
        from ai_router import checks
        from ai_router.audited import audit_settings

        checks.register_checks()
        audit_settings()
