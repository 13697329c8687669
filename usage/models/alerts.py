"""What is watched, what was found, who is told, and what was stopped because of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from usage.types import (
    AlertKind,
    AlertLevel,
    ChannelKind,
    DeliveryStatus,
    FreezeLevel,
    RuleAction,
    SubjectKind,
    Watched,
)


class AlertRule(models.Model):
    """What is watched, from when on it is an alert, and whether the site acts by itself.

    What `limit` counts depends on what is watched (see `UNITS`). A rule for a task or a provider looks at its calls alone.
    """

    # What `limit` is, for each kind or measure.
    UNITS: Mapping[str, str] = {
        AlertKind.UNUSUAL: "standard deviations",
        AlertKind.RUNAWAY: "times what is usual",
        AlertKind.BUDGET: "percent of the budget",
        Watched.LATENCY: "milliseconds",
        Watched.ERRORS: "percent",
        Watched.COST_PER_CALL: "US dollars",
        Watched.COST_SPIKE: "times what is usual",
    }
    # What may be watched by each kind.
    MEASURES: Mapping[str, tuple[Watched, ...]] = {
        AlertKind.UNUSUAL: (
            Watched.COST,
            Watched.VOLUME,
            Watched.TOKENS_PER_CALL,
            Watched.ERRORS,
            Watched.LATENCY,
            Watched.UNPRICED,
            Watched.ZERO_COST,
        ),
        AlertKind.THRESHOLD: (Watched.LATENCY, Watched.ERRORS, Watched.COST_PER_CALL, Watched.COST_SPIKE),
        AlertKind.RUNAWAY: (Watched.VOLUME, Watched.TOKENS, Watched.COST),
        AlertKind.BUDGET: (Watched.COST,),
    }

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField("looks for", max_length=10, choices=AlertKind)
    measure = models.CharField("watches", max_length=20, choices=Watched)
    subject_kind = models.CharField(
        "of each", max_length=10, choices=SubjectKind, blank=True, help_text="Only where something runs away."
    )
    task_type = models.CharField(max_length=40, blank=True, help_text="Only calls of this task, such as cover_letter.")
    provider = models.CharField(max_length=40, blank=True, help_text="Only requests to this provider, such as openai.")
    limit = models.FloatField(
        validators=[MinValueValidator(0)],
        help_text=(
            "Standard deviations for what is unusual; times what is usual for what runs away and for a spike; percent for "
            "budgets and failed requests; milliseconds for latency; US dollars for the cost of a call."
        ),
    )
    fewest = models.FloatField(
        "not below",
        default=0,
        validators=[MinValueValidator(0)],
        help_text="Calls in the hour; where something runs away, calls or tokens in a minute, or dollars in five.",
    )
    level = models.CharField(max_length=10, choices=AlertLevel, default=AlertLevel.WARNING)
    cooldown_minutes = models.PositiveIntegerField(
        "quiet for minutes", default=60, help_text="What comes back within so many minutes is not told again."
    )
    action = models.CharField(
        max_length=10,
        choices=RuleAction,
        default=RuleAction.NOTIFY,
        help_text="What is done by itself where something runs away; each action can be undone with one click.",
    )
    action_limit = models.FloatField(
        "acts from",
        null=True,
        blank=True,
        help_text="Times what is usual, from which on it acts. Far above the limit, as it stops people's work.",
    )
    action_minutes = models.PositiveIntegerField(
        "acts for minutes", null=True, blank=True, default=60, help_text="Empty: until somebody undoes it."
    )
    is_on = models.BooleanField("on", default=True)

    class Meta:
        ordering = ["kind", "name"]
        verbose_name = "alert rule"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(action=RuleAction.NOTIFY) | models.Q(kind=AlertKind.RUNAWAY),
                name="alert_rule_acts_on_what_runs_away",
                violation_error_message="Only what runs away is stopped; choose “only tell” here.",
            ),
            models.CheckConstraint(
                condition=models.Q(action=RuleAction.NOTIFY) | models.Q(action_limit__isnull=False),
                name="alert_rule_says_when_it_acts",
                violation_error_message="Say from how many times what is usual the rule acts.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def unit(self) -> str:
        """What `limit` counts."""
        return self.UNITS.get(self.kind) or self.UNITS.get(self.measure, "")

    def clean(self) -> None:
        """Refuse what cannot be watched that way."""
        possible = self.MEASURES.get(self.kind, ())
        if self.kind and self.measure not in possible:
            words = ", ".join(str(one.label).lower() for one in possible)
            raise ValidationError({"measure": f"Such a rule can watch: {words}."})
        if (self.kind == AlertKind.RUNAWAY) != bool(self.subject_kind):
            message = "Say whose calls are counted." if self.kind == AlertKind.RUNAWAY else "Leave this empty here."
            raise ValidationError({"subject_kind": message})
        if self.action != RuleAction.NOTIFY and self.action_limit is not None and self.action_limit < self.limit:
            raise ValidationError({"action_limit": "It cannot act before it tells: give at least the limit."})


class FreezeQuerySet(models.QuerySet["Freeze"]):
    """Questions about many freezes."""

    def in_force(self, now: datetime | None = None) -> Self:
        """Return those that hold now."""
        now = now or timezone.now()
        return self.filter(models.Q(until=None) | models.Q(until__gt=now), lifted_at=None)


class Freeze(models.Model):
    """Somebody, or something, that may not spend: a token, a user or a task. Stopped, or left to free candidates only.

    `subject_key` is the number of the token or the user, or the task's name. `message` is what the person is told.
    """

    subject_kind = models.CharField("what", max_length=10, choices=SubjectKind)
    subject_key = models.CharField("which", max_length=80)
    subject_name = models.CharField("name", max_length=200, blank=True)
    level = models.CharField("how", max_length=10, choices=FreezeLevel, default=FreezeLevel.FREEZE)
    message = models.CharField(max_length=500, help_text="What the person is told, and what they can do.")
    rule = models.ForeignKey(AlertRule, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True, help_text="Empty: until somebody undoes it.")
    lifted_at = models.DateTimeField(null=True, blank=True, editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = FreezeQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["until"], condition=models.Q(lifted_at=None), name="freezes_in_force")]

    def __str__(self) -> str:
        return f"{self.get_subject_kind_display()} {self.subject_name or self.subject_key}"

    @property
    def is_in_force(self) -> bool:
        """Whether it holds now."""
        return self.lifted_at is None and (self.until is None or self.until > timezone.now())


class AlertQuerySet(models.QuerySet["Alert"]):
    """Questions about many alerts."""

    def open(self) -> Self:
        """Return those whose reason is not gone."""
        return self.filter(resolved_at=None)

    def for_operators(self) -> Self:
        """Return what the staff is told."""
        return self.filter(is_for_user_only=False)

    def for_user(self, user: Any) -> Self:
        """Return what concerns a person's own calls, and what they are told of."""
        return self.filter(user_id=user.pk)


class Alert(models.Model):
    """Something that somebody should know: one row from when it was found until it is over.

    What is found again under the same `key` while it is open is the same alert, seen once more. `facts` are figures for
    programs: what was seen, what is usual, the cause.
    """

    key = models.CharField(max_length=200, editable=False)
    rule = models.ForeignKey(AlertRule, on_delete=models.SET_NULL, null=True, blank=True, related_name="alerts")
    level = models.CharField(max_length=10, choices=AlertLevel, default=AlertLevel.WARNING)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    facts = models.JSONField(default=dict, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose calls it is about; they see it as well.",
    )
    is_for_user_only = models.BooleanField(default=False, editable=False)
    freeze = models.ForeignKey(Freeze, on_delete=models.SET_NULL, null=True, blank=True, related_name="alerts")
    began_at = models.DateTimeField("since", default=timezone.now)
    seen_at = models.DateTimeField("last seen", default=timezone.now)
    times = models.PositiveIntegerField("times seen", default=1)
    acknowledged_at = models.DateTimeField(null=True, blank=True, editable=False)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    read_at = models.DateTimeField("read by the user", null=True, blank=True, editable=False)
    resolved_at = models.DateTimeField("over", null=True, blank=True, editable=False)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(resolved_at=None), name="alert_open_once")
        ]
        indexes = [
            models.Index(fields=["key", "-resolved_at"]),
            models.Index(fields=["user", "-began_at"]),
            models.Index(fields=["-began_at"]),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """`over`, `acknowledged` or `open`."""
        if self.resolved_at:
            return "over"
        return "acknowledged" if self.acknowledged_at else "open"


class AlertChannel(models.Model):
    """A way on which the staff is told."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=ChannelKind)
    addresses = models.TextField(
        help_text="E-mail addresses, one a line; or the https address of a webhook, or of Slack's incoming webhook."
    )
    least_level = models.CharField("from", max_length=10, choices=AlertLevel, default=AlertLevel.WARNING)
    nonce = models.CharField(max_length=64, blank=True, editable=False)
    is_on = models.BooleanField("on", default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AlertDelivery(models.Model):
    """A message that is to go out, or went out: what happened in one look, on one channel.

    `body` is what is sent: a list of alerts, each with what happened to it (`opened`, `worse` or `over`).
    """

    channel = models.ForeignKey(AlertChannel, on_delete=models.CASCADE, related_name="deliveries")
    alerts = models.ManyToManyField(Alert, related_name="deliveries")
    body = models.JSONField()
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name_plural = "alert deliveries"
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(status="waiting"), name="alert_deliveries_that_wait")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.get_status_display()}"


class WatchTurn(models.Model):
    """When a look is due next, so that of several workers one takes it."""

    name = models.CharField(max_length=40, primary_key=True)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
