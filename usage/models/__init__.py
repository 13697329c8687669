"""Tables of the ledger, a file for each thing."""

from usage.models.budgets import (
    MOST_HOURS,
    Budget,
    BudgetHold,
    BudgetRaise,
    BudgetSlice,
    BudgetWindow,
    validate_zone,
)
from usage.models.calls import Attempt, Call, OutboundText
from usage.models.rollups import RollUp, RollUpGrain

__all__ = [
    "MOST_HOURS",
    "Attempt",
    "Budget",
    "BudgetHold",
    "BudgetRaise",
    "BudgetSlice",
    "BudgetWindow",
    "Call",
    "OutboundText",
    "RollUp",
    "RollUpGrain",
    "validate_zone",
]
