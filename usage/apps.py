"""App config of `usage`."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.db.models.signals import post_delete


class UsageConfig(AppConfig):
    """App config of `usage`."""

    name = "usage"

    def ready(self) -> None:
        """Have changes of budgets, and of what is watched, written to the audit log; and what deleted accounts used, counted.

        What an account has used is nobody's from the transaction on that deletes it.
        """
        from usage import memberships
        from usage.audit import audit
        from usage.models import AlertChannel, AlertRule, Budget, BudgetRaise, GroupOwner, ProviderInvoice

        audit(Budget)
        audit(BudgetRaise)
        audit(GroupOwner)
        audit(AlertRule)
        audit(ProviderInvoice)
        # The address of Slack's webhook is its key.
        audit(AlertChannel, secret=("addresses", "nonce"))
        memberships.watch()
        post_delete.connect(_forget_account, sender=get_user_model(), dispatch_uid="usage.forget_account")


def _forget_account(instance: Any, **_: Any) -> None:
    # After the deletion, so that calls that were being settled for the account meanwhile are counted.
    from usage import archived_spending, rollup_repair

    rollup_repair.give_to_nobody(instance.pk)
    archived_spending.give_to_nobody(instance.pk)
