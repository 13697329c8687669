"""Experiments: arms of a task, tried on real calls or beside them, what came of them, and whether users took the answers."""

from django.conf import settings
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


class ExperimentKind(models.TextChoices):
    """Whose answers the arms give."""

    SPLIT = "split", "On real calls: each arm answers some of them"
    SHADOW = "shadow", "Beside real calls: nobody sees the arms' answers"


class ExperimentState(models.TextChoices):
    """Where an experiment is."""

    DRAFT = "draft", "Draft"
    RUNNING = "running", "Running"
    STOPPED = "stopped", "Stopped"


class Experiment(models.Model):
    """Two or more arms for one task. The first is the control; at most one experiment of a task runs at a time.

    In shadow traffic the control is the answer that the person got. The other arms are asked beside a share of the calls, in
    the background, from a budget of their own, and never shown.
    """

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField("how", max_length=10, choices=ExperimentKind, default=ExperimentKind.SPLIT)
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
    share_percent = models.PositiveSmallIntegerField(
        "share of calls",
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Shadow traffic only: of so many calls in a hundred another arm is asked as well.",
    )
    budget_nanousd = models.PositiveBigIntegerField(
        "budget in nano-dollars", null=True, blank=True, help_text="Shadow traffic only: then it ends."
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

    @property
    def is_shadow(self) -> bool:
        """Whether its arms are asked beside real calls."""
        return self.kind == ExperimentKind.SHADOW

    def clean(self) -> None:
        """Refuse shadow traffic that nobody could judge, or that nothing bounds."""
        if not self.is_shadow:
            return
        if self.goal == Goal.ACCEPTED:
            raise ValidationError({"goal": "Nobody sees these answers, so nobody can accept them."})
        if not self.budget_nanousd:
            raise ValidationError({"budget_nanousd": "Say what it may cost altogether."})

    def why_not_ready(self) -> str:
        """Return why it cannot be started; empty where it can."""
        arms = list(self.arms.all())
        if len(arms) < 2:
            return "An experiment needs two arms at least."
        if self.is_shadow and not arms[0].is_as_it_is:
            return (
                f"“{arms[0]}” comes first, so it stands for what people get: leave its provider, model and text empty."
            )
        if self.is_shadow and any(arm.is_as_it_is for arm in arms[1:]):
            return "Every arm but the first needs a provider, a model or a text of its own."
        return ""


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
    better = models.PositiveIntegerField(default=0, editable=False)
    worse = models.PositiveIntegerField(default=0, editable=False)
    compared = models.PositiveIntegerField(default=0, editable=False)
    agreement = models.FloatField(default=0.0, editable=False)
    agreement_squared = models.FloatField(default=0.0, editable=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["experiment", "name"], name="experiment_arm_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_as_it_is(self) -> bool:
        """Whether it changes nothing."""
        return not (self.provider or self.model or self.prompt_text_id)

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


class ShadowRequest(models.Model):
    """A call that is to be asked once more, of an arm of shadow traffic; deleted as soon as that has been done.

    `inputs` is the task's inputs and `served` what came of the call, both JSON. `asked_at` is set before the arm is asked: a
    request that has it is never asked again, whatever became of its worker.
    """

    call_id = models.UUIDField(unique=True)
    arm = models.ForeignKey(ExperimentArm, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    prompt = models.CharField(max_length=60)
    inputs = models.TextField()
    served = models.TextField()
    asked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"shadow of {self.call_id}"
