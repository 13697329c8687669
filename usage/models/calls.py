"""The ledger: one line a call, one line an attempt."""

from uuid import uuid4

from django.conf import settings
from django.db import models

from usage.types import CORRECTION, EMBEDDED_PROVIDER, EXPIRED, AttemptStatus, CallStatus


class Call(models.Model):
    """One logical request to the router. The line is written with the hold, and settled exactly once.

    `task_type` and provider names are plain words, so that the ledger knows nothing of the floors above.
    `decision` says why this candidate: what was considered, tried, expected and paid.

    A person's own call has no `purpose`. What the site asks for itself beside it has one, such as `shadow:3`, and no user:
    it is in nobody's figures and limits. `shadow_of` is then the call whose text was sent once more; it may be written later.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    token_id = models.PositiveBigIntegerField(
        "API token", null=True, blank=True, help_text="With which it was asked for."
    )
    task_type = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=CallStatus, default=CallStatus.OPEN)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True)
    prompt_version = models.CharField(max_length=80, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    purpose = models.CharField(max_length=60, blank=True, help_text="Empty for a person's own call.")
    shadow_of = models.ForeignKey(
        "self",
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="shadows",
    )
    held_nanousd = models.BigIntegerField(default=0)
    windows_held = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="In how many windows of budgets it was held when it was open."
    )
    cost_nanousd = models.BigIntegerField(null=True, blank=True, help_text="Null where a price is unknown.")
    input_tokens = models.PositiveIntegerField(default=0)
    cached_input_tokens = models.PositiveIntegerField(default=0)
    cache_write_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    is_estimated = models.BooleanField(default=False)
    is_cached = models.BooleanField(default=False)
    saved_nanousd = models.BigIntegerField(default=0, help_text="What the answer cost when it was first given.")
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    overhead_us = models.PositiveIntegerField(
        "router's own time", null=True, blank=True, help_text="Microseconds until it was settled, without the waiting."
    )
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
            models.Index(fields=["status", "created_at"]),
            models.Index(fields=["shadow_of"], condition=models.Q(shadow_of__isnull=False), name="usage_call_shadows"),
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
        sent = [f"{one.provider}/{one.model}" for one in self.attempts.all() if not one.is_embedded and one.is_request]
        return list(dict.fromkeys(sent))

    @property
    def shadow_receivers(self) -> list[str]:
        """Return whom the site sent the text as well, to compare models; uses shadows and attempts as they are prefetched."""
        return list(dict.fromkeys(name for shadow in self.shadows.all() for name in shadow.receivers))

    @property
    def is_written_off(self) -> bool:
        """Whether nobody settled it, so that it costs what it held."""
        return self.status == CallStatus.UNKNOWN and self.error_class == EXPIRED

    @property
    def is_whereabouts_unknown(self) -> bool:
        """Whether the line cannot say yet, or ever, what was sent: it is running, or its process died."""
        return self.status in {CallStatus.OPEN, CallStatus.UNKNOWN} and not self.attempts.all()


class OutboundText(models.Model):
    """The text that left the site for a call of a person, word for word, as their own page shows it.

    `messages` are pairs of role and text, with the placeholders that stood for personal data; what went out beside the
    messages (the answer's form, definitions of tools) has a role of its own. `hidden` says how many values
    of each kind those stand for. Who received it is told by the call's attempts. The text of a shadow call belongs to the
    person whose call it was sent beside.
    """

    call = models.OneToOneField(Call, on_delete=models.CASCADE, primary_key=True, related_name="outbound")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    messages = models.JSONField()
    hidden = models.JSONField(default=dict)
    sent_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"what left for {self.call_id}"


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
    def is_request(self) -> bool:
        """Whether somebody was asked; a line that sets the cost right is none."""
        return self.error_class != CORRECTION

    @property
    def is_embedded(self) -> bool:
        """Whether it was answered by rules on this server, so that nothing left it."""
        return self.provider == EMBEDDED_PROVIDER
