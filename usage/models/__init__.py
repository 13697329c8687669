"""Tables of the ledger, a file for each thing."""

from usage.models.alerts import Alert, AlertChannel, AlertDelivery, AlertRule, Freeze, WatchTurn
from usage.models.archives import Archive, ArchivedSpending, Correction
from usage.models.audit import AuditEntry
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
from usage.models.invoices import BilledAmount, ProviderInvoice
from usage.models.owners import GroupMembership, GroupOwner
from usage.models.rollups import LaterRollUp, RollUp, RollUpGrain, RollUpMember, RollUpSpan

__all__ = [
    "MOST_HOURS",
    "Alert",
    "AlertChannel",
    "AlertDelivery",
    "AlertRule",
    "Archive",
    "ArchivedSpending",
    "Attempt",
    "AuditEntry",
    "BilledAmount",
    "Budget",
    "BudgetHold",
    "BudgetRaise",
    "BudgetSlice",
    "BudgetWindow",
    "Call",
    "Correction",
    "Freeze",
    "GroupMembership",
    "GroupOwner",
    "LaterRollUp",
    "OutboundText",
    "ProviderInvoice",
    "RollUp",
    "RollUpGrain",
    "RollUpMember",
    "RollUpSpan",
    "WatchTurn",
    "validate_zone",
]
