"""Experiments: arms of a task that are tried on real calls, what came of them, and whether users accepted the answers."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from ai_router.models.prompts import PromptText
from ai_router.types import TaskType


class Goal(models.TextChoices):
    """What the arms are compared by."""

    PASSED = "passed", "More answers pass the verifier"
    ACCEPTED = "accepted", "More answers are accepted by users"
    COST = "cost", "Calls cost less"
    LATENCY = "latency", "Calls take less time"


class ExperimentState(models.TextChoices):
    """Where an experiment is."""

    DRAFT = "draft", "Draft"
    RUNNING = "running", "Running"
    STOPPED = "stopped", "Stopped"


class Experiment(models.Model):
    """Two or more arms for one task. The first is the control; at most one experiment of a task runs at a time."""

    name = models.CharField(max_length=60, unique=True)
    task_type = models.CharField("task", max_length=40, choices=TaskType.choices)
    prompt = models.CharField(
        max_length=60, blank=True, help_text="Only calls with this prompt take part, such as cover_letter/v1."
    )
    goal = models.CharField(max_length=10, choices=Goal, default=Goal.PASSED)
    alpha = models.FloatField(
        "chance of a wrong verdict",
        default=0.05,
        validators=[MinValueValidator(0.0001), MaxValueValidator(0.2)],
        help_text="At most so often a verdict is wrong, however often it is looked at.",
    )
    max_calls = models.PositiveIntegerField(
        "most calls", default=5_000, validators=[MinValueValidator(10)], help_text="Then it ends without a winner."
    )
    state = models.CharField(max_length=10, choices=ExperimentState, default=ExperimentState.DRAFT, editable=False)
    verdict = models.CharField(max_length=200, blank=True, editable=False)
    winner = models.ForeignKey(
        "ExperimentArm", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["task_type"], condition=models.Q(state="running"), name="experiment_one_runs_for_a_task"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExperimentArm(models.Model):
    """One way to do the task, and its figures, which `ai_router.trials` alone writes.

    What is left out stays as it is without the experiment. Sums are of US dollars and of seconds, with their squares.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="arms")
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0, help_text="The lowest is the control.")
    weight = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1)], help_text="Its share of the calls, among the weights of all."
    )
    provider = models.CharField(max_length=40, blank=True, help_text="Asked first; the route stands behind it.")
    model = models.CharField(max_length=120, blank=True, help_text="Empty: the provider's usual one.")
    prompt_text = models.ForeignKey(
        PromptText, on_delete=models.PROTECT, null=True, blank=True, help_text="Empty: the text in use."
    )
    is_on = models.BooleanField("takes part", default=True, editable=False)
    calls = models.PositiveIntegerField(default=0, editable=False)
    passed = models.PositiveIntegerField(default=0, editable=False)
    rejected = models.PositiveIntegerField(default=0, editable=False)
    accepted = models.PositiveIntegerField(default=0, editable=False)
    declined = models.PositiveIntegerField(default=0, editable=False)
    priced = models.PositiveIntegerField(default=0, editable=False)
    usd = models.FloatField(default=0.0, editable=False)
    usd_squared = models.FloatField(default=0.0, editable=False)
    timed = models.PositiveIntegerField(default=0, editable=False)
    seconds = models.FloatField(default=0.0, editable=False)
    seconds_squared = models.FloatField(default=0.0, editable=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["experiment", "name"], name="experiment_arm_name_once")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a model without its provider, and one that is not built in."""
        from ai_router.providers import PROVIDERS

        if self.model and not self.provider:
            raise ValidationError({"provider": "Name the provider of the model."})
        if self.provider and self.provider not in PROVIDERS:
            raise ValidationError({"provider": f"There is no provider {self.provider!r}."})


class CallAcceptance(models.Model):
    """Whether a user took the answer of a call, by the first thing that they did with it."""

    call_id = models.UUIDField(primary_key=True)
    is_accepted = models.BooleanField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    is_counted = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["is_counted", "recorded_at"])]

    def __str__(self) -> str:
        return f"{self.call_id} {'accepted' if self.is_accepted else 'declined'}"
