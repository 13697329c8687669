"""Changing budgets, from wherever that is done: checked, saved, and counted anew where they count something else."""

from collections.abc import Collection

from django.db import transaction

from usage.budget_windows import reset_windows
from usage.models import Budget


def save_budget(budget: Budget, *, changed: Collection[str] = ()) -> None:
    """Check and save a budget; where `changed` names a field of what it counts, it counts anew from the ledger.

    The audit log is written with it.

    Raises:
        ValidationError: A value is not valid, or two do not fit.
    """
    budget.full_clean()
    with transaction.atomic():
        budget.save()
        if Budget.COUNTING_FIELDS.intersection(changed):
            reset_windows(budget)
