"""Rules of routing, and the pools of candidates that they name."""

from django.core.exceptions import ValidationError
from django.db import models

from ai_router.models.routes import ListedCandidate


class Pool(models.Model):
    """Candidates with a name, in order; rules send requests to them."""

    name = models.SlugField(max_length=60, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PoolCandidate(ListedCandidate):
    """One candidate of a pool."""

    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="candidates")

    class Meta:
        ordering = ["pool", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["pool", "provider", "model"], name="pool_candidate_once")]


class RuleAction(models.TextChoices):
    """What a rule does with a request."""

    ROUTE = "route", "Ask a pool, or by another strategy"
    PIN = "pin", "Ask one model"
    DENY = "deny", "Refuse"


class RoutingRule(models.Model):
    """What is done with requests that meet its conditions; of several, the one of the lowest priority number decides."""

    name = models.CharField(max_length=80, unique=True)
    priority = models.PositiveSmallIntegerField(default=100, help_text="Rules are tried from the lowest number up.")
    is_enabled = models.BooleanField("on", default=True)
    conditions = models.JSONField(default=dict, blank=True)
    action = models.CharField(max_length=10, choices=RuleAction, default=RuleAction.ROUTE)
    pool = models.ForeignKey(
        Pool, on_delete=models.PROTECT, null=True, blank=True, help_text="Empty: the candidates of the task's route."
    )
    strategy = models.CharField(max_length=40, blank=True, help_text="Empty: the strategy of the task's route.")
    provider = models.CharField("pinned provider", max_length=40, blank=True)
    model = models.CharField(
        "pinned model", max_length=120, blank=True, help_text="Empty: the provider's default model."
    )
    message = models.CharField(max_length=300, blank=True, help_text="What a person reads whose request is refused.")

    class Meta:
        ordering = ["priority", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse conditions that cannot be met, and an action without what it needs."""
        from pydantic import ValidationError as InvalidConditions

        from ai_router.conditions import Conditions, conditions_problems

        problems: dict[str, list[str]] = {}
        try:
            Conditions.model_validate(self.conditions)
        except InvalidConditions as error:
            problems["conditions"] = conditions_problems(error)
        if self.action == RuleAction.ROUTE and self.pool is None and not self.strategy:
            problems["pool"] = ["Choose a pool or a strategy: otherwise the rule changes nothing."]
        if self.action == RuleAction.PIN and not self.provider:
            problems["provider"] = ["Say which provider is asked."]
        if self.action == RuleAction.DENY and not self.message:
            problems["message"] = ["Say why, for the person whose request is refused."]
        if problems:
            raise ValidationError(problems)
