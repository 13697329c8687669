"""Values of the ledger. Money is integer nano-dollars: 1 USD = 1,000,000,000."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

NANOUSD_PER_USD = 1_000_000_000
# The provider that is this server itself: what it answers has not left the machine.
EMBEDDED_PROVIDER = "embedded"
# The class of error on a line that is no request, but sets right what the others of its call say of cost.
CORRECTION = "Correction"
# What the reconciler writes as the class of error on a line that nobody settled.
EXPIRED = "Expired"
# How a decision record says why somebody is not asked for whom a budget has no room; then nothing is held for them.
BY_BUDGET = "budget "


class CallStatus(models.TextChoices):
    """How a call stands. `open` has a hold; everything else is settled."""

    OPEN = "open", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    INCOMPLETE = "incomplete", "Incomplete"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    UNKNOWN = "unknown", "Unknown"


class AttemptStatus(models.TextChoices):
    """How one attempt at one provider ended."""

    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    REJECTED = "rejected", "Answer rejected"


class BudgetPeriod(models.TextChoices):
    """When a budget starts anew; days and months are those of its time zone."""

    DAY = "day", "Each day"
    MONTH = "month", "Each month"
    ROLLING = "rolling", "Never: the last hours count"
    TOTAL = "total", "Never"


class BudgetUnit(models.TextChoices):
    """What a budget counts. One that counts calls is a quota: calls for which a provider is asked."""

    MONEY = "money", "US dollars"
    CALLS = "calls", "Calls"


class BudgetAction(models.TextChoices):
    """What happens to calls when a point of a budget is reached (see `usage.thresholds`)."""

    NOTIFY = "notify", "Only tell"
    DOWNGRADE = "downgrade", "Ask the cheapest first"
    FREE = "free", "Leave only free candidates"
    STOP = "stop", "Refuse what is not free"


class LedgerMode(models.TextChoices):
    """When a call's line is written, and what happens while the database does not answer."""

    DURABLE = "durable", "Before the call, or there is none"
    AVAILABLE = "available", "Before the call if the database answers"
    FAST = "fast", "Behind the call"


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens of one answer, each counted once: input excludes the cached ones, output excludes reasoning."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    is_estimated: bool = False

    @property
    def total_input_tokens(self) -> int:
        """Everything that was sent."""
        return self.input_tokens + self.cached_input_tokens + self.cache_write_tokens

    @property
    def total_output_tokens(self) -> int:
        """Everything that was written, seen or not."""
        return self.output_tokens + self.reasoning_tokens


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt as it goes into the ledger. `cost_nanousd` is None where the price is unknown."""

    provider: str
    model: str
    status: AttemptStatus
    started_at: datetime
    duration_ms: int
    usage: TokenUsage = field(default_factory=TokenUsage)
    cost_nanousd: int | None = 0
    unit_prices: dict[str, Any] = field(default_factory=dict)
    first_token_ms: int | None = None
    error_class: str = ""
    error_message: str = ""
    http_status: int | None = None
    provider_request_id: str = ""


@dataclass(frozen=True, slots=True)
class Outbound:
    """What left the site for a call: role and text of each message, and how many values of each kind were hidden."""

    messages: list[list[str]]
    hidden: dict[str, int] = field(default_factory=dict)


class Watched(models.TextChoices):
    """What is watched."""

    COST = "cost", "Cost"
    VOLUME = "volume", "Calls"
    TOKENS = "tokens", "Tokens"
    TOKENS_PER_CALL = "tokens_per_call", "Tokens per call"
    ERRORS = "errors", "Failed requests"
    LATENCY = "latency", "Latency"
    UNPRICED = "unpriced", "Calls without a price"
    ZERO_COST = "zero_cost", "Free calls of priced models"
    COST_PER_CALL = "cost_per_call", "Cost per call"
    COST_SPIKE = "cost_spike", "Cost against the usual"


class AlertKind(models.TextChoices):
    """How a rule looks."""

    UNUSUAL = "unusual", "What is unusual at this hour of the week"
    THRESHOLD = "threshold", "A limit that is passed in an hour"
    RUNAWAY = "runaway", "A token, user or task that runs away"
    BUDGET = "budget", "A budget that is nearly used up"


class AlertLevel(models.TextChoices):
    """How much an alert matters."""

    INFO = "info", "Note"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class SubjectKind(models.TextChoices):
    """What may be stopped."""

    TOKEN = "token", "API token"
    USER = "user", "User"
    TASK = "task", "Task"


class FreezeLevel(models.TextChoices):
    """How something is stopped."""

    DOWNGRADE = "downgrade", "Free candidates only"
    FREEZE = "freeze", "No calls"


class RuleAction(models.TextChoices):
    """What the site does by itself."""

    NOTIFY = "notify", "Only tell"
    DOWNGRADE = "downgrade", "Leave only free candidates"
    FREEZE = "freeze", "Stop the calls"


class ChannelKind(models.TextChoices):
    """On which way somebody is told."""

    EMAIL = "email", "E-mail"
    WEBHOOK = "webhook", "Webhook, signed"
    SLACK = "slack", "Slack, or what takes its messages"


class DeliveryStatus(models.TextChoices):
    """How a message stands."""

    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    FAILED = "failed", "Given up"


class InvoiceKind(models.TextChoices):
    """What a provider's file says."""

    COST = "cost", "What is billed"
    USAGE = "usage", "What was used"


class AuditAction(models.TextChoices):
    """What was done to something."""

    CREATED = "created", "Added"
    CHANGED = "changed", "Changed"
    DELETED = "deleted", "Deleted"
    FROZE = "froze", "Stopped"
    LIFTED = "lifted", "Undid the stop of"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"


class AlertEvent(models.TextChoices):
    """What happened to an alert."""

    OPENED = "opened", "Found"
    WORSE = "worse", "Worse"
    OVER = "over", "Over"
