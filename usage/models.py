"""The ledger: one line a call, one line an attempt, and the budgets that calls are held against."""

from uuid import uuid4

from django.conf import settings
from django.db import models

from usage.types import EMBEDDED_PROVIDER, AttemptStatus, BudgetPeriod, CallStatus


class Call(models.Model):
    """One logical request to the router. The line is written with the hold, and settled exactly once.

    `task_type` and provider names are plain words, so that the ledger knows nothing of the floors above.
    `decision` says why this candidate: what was considered, tried, expected and paid.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    task_type = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=CallStatus, default=CallStatus.OPEN)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True)
    prompt_version = models.CharField(max_length=80, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    held_nanousd = models.BigIntegerField(default=0)
    cost_nanousd = models.BigIntegerField(null=True, blank=True, help_text="Null where a price is unknown.")
    input_tokens = models.PositiveIntegerField(default=0)
    cached_input_tokens = models.PositiveIntegerField(default=0)
    cache_write_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    is_estimated = models.BooleanField(default=False)
    is_cached = models.BooleanField(default=False)
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    error_class = models.CharField(max_length=60, blank=True)
    decision = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["created_at"]),
            models.Index(fields=["user", "created_at"]),
            models.Index(fields=["status", "expires_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.task_type} {self.id}"

    @property
    def total_input_tokens(self) -> int:
        """Everything that was sent."""
        return self.input_tokens + self.cached_input_tokens + self.cache_write_tokens

    @property
    def total_output_tokens(self) -> int:
        """Everything that was written, seen or not."""
        return self.output_tokens + self.reasoning_tokens

    @property
    def receivers(self) -> list[str]:
        """Return `provider/model` of everybody that text was sent to, in order; the embedded engine is this server.

        Uses the attempts as they are prefetched. A call that is running or was written off has no attempts yet: ask
        `is_whereabouts_unknown`.
        """
        sent = [f"{attempt.provider}/{attempt.model}" for attempt in self.attempts.all() if not attempt.is_embedded]
        return list(dict.fromkeys(sent))

    @property
    def is_whereabouts_unknown(self) -> bool:
        """Whether the line cannot say yet, or ever, what was sent: it is running, or its process died."""
        return self.status in {CallStatus.OPEN, CallStatus.UNKNOWN} and not self.attempts.all()


class Attempt(models.Model):
    """One attempt at one provider; prices are kept as they were applied."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="attempts")
    ordinal = models.PositiveSmallIntegerField()
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=120)
    status = models.CharField(max_length=10, choices=AttemptStatus)
    input_tokens = models.PositiveIntegerField(default=0)
    cached_input_tokens = models.PositiveIntegerField(default=0)
    cache_write_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    is_estimated = models.BooleanField(default=False)
    cost_nanousd = models.BigIntegerField(null=True, blank=True)
    unit_prices = models.JSONField(default=dict, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)
    first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    error_class = models.CharField(max_length=60, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    provider_request_id = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField()

    class Meta:
        ordering = ["call", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["call", "ordinal"], name="attempt_ordinal_once")]

    def __str__(self) -> str:
        return f"{self.provider}/{self.model} {self.status}"

    @property
    def total_input_tokens(self) -> int:
        """Everything that was sent."""
        return self.input_tokens + self.cached_input_tokens + self.cache_write_tokens

    @property
    def total_output_tokens(self) -> int:
        """Everything that was written, seen or not."""
        return self.output_tokens + self.reasoning_tokens

    @property
    def is_embedded(self) -> bool:
        """Whether it was answered by rules on this server, so that nothing left it."""
        return self.provider == EMBEDDED_PROVIDER


class Budget(models.Model):
    """A limit on what calls may cost. What is left blank does not narrow it: with nothing chosen it is the whole site's.

    A hard budget refuses a call whose worst case has no room in it; a soft one only says that it was passed.
    """

    # A change of one of these makes what was counted so far meaningless.
    COUNTING_FIELDS = frozenset({"user", "is_per_user", "task_type", "provider", "period", "is_active"})

    name = models.CharField(max_length=80, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Only this person's calls.",
    )
    is_per_user = models.BooleanField(
        "for each user", default=False, help_text="Each person has this much for themselves."
    )
    task_type = models.CharField(max_length=40, blank=True, help_text="Only calls of this task, such as cover_letter.")
    provider = models.CharField(max_length=40, blank=True, help_text="Only what this provider bills, such as openai.")
    period = models.CharField("starts anew", max_length=5, choices=BudgetPeriod, default=BudgetPeriod.MONTH)
    limit_nanousd = models.PositiveBigIntegerField("limit in nano-dollars")
    is_hard = models.BooleanField(
        "hard", default=True, help_text="Refuse calls that have no room; otherwise only warn."
    )
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user=None) | models.Q(is_per_user=False),
                name="budget_one_user_or_each",
                violation_error_message="Choose one user, or each user, not both.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> str:
        """What it counts, in words."""
        whose = f"{self.user}" if self.user_id else "each user" if self.is_per_user else ""
        parts = [part for part in (whose, self.task_type, self.provider) if part]
        return ", ".join(parts) or "the whole site"


class BudgetWindow(models.Model):
    """What is held and spent of a budget between two instants: for everybody (`user_key` 0), or for one user of many."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="windows")
    user_key = models.PositiveBigIntegerField(default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    held_nanousd = models.BigIntegerField(default=0)
    spent_nanousd = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["budget_id", "user_key", "starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["budget", "user_key", "starts_at"], name="budget_window_once"),
            models.CheckConstraint(condition=models.Q(held_nanousd__gte=0), name="budget_window_held_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} from {self.starts_at:%Y-%m-%d}"


class BudgetHold(models.Model):
    """What an open call holds in a window; the row is gone as soon as the call is settled.

    `paid_nanousd` is set when the call was written off: the amount is spent then, until a late settlement corrects it.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="holds")
    window = models.ForeignKey(BudgetWindow, on_delete=models.CASCADE, related_name="holds")
    held_nanousd = models.BigIntegerField()
    paid_nanousd = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["window__budget_id", "window__user_key", "window__starts_at"]
        constraints = [models.UniqueConstraint(fields=["call", "window"], name="budget_hold_once")]

    def __str__(self) -> str:
        return f"{self.call_id} holds {self.held_nanousd}"
