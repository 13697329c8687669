"""App config of `usage`."""

from django.apps import AppConfig


class UsageConfig(AppConfig):
    """App config of `usage`."""

    name = "usage"

    def ready(self) -> None:
        """Have changes of budgets, and of what is watched, written to the audit log."""
        from usage.audit import audit
        from usage.models import AlertChannel, AlertRule, Budget, BudgetRaise

        audit(Budget)
        audit(BudgetRaise)
        audit(AlertRule)
        # The address of Slack's webhook is its key.
        audit(AlertChannel, secret=("addresses", "nonce"))
