"""App config of `ai_router`."""

from typing import Any

from django.apps import AppConfig


class AIRouterConfig(AppConfig):
    """App config of `ai_router`."""

    name = "ai_router"
    verbose_name = "AI router"

    def ready(self) -> None:
        """Register the system checks, have what is set here written to the audit log, and people's limits shown to them."""
        from ai_router import checks
        from ai_router.audited import audit_settings
        from usage.own_limits import read_limits_by

        checks.register_checks()
        audit_settings()
        read_limits_by(_own_limits)


def _own_limits(user_id: int) -> Any:
    # On first use, as models are not loaded before.
    from ai_router.limits import read_own_limits

    return read_own_limits(user_id)
