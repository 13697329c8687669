"""What the lines of an hour, or of a day, add up to."""

from collections.abc import Mapping

from django.db import models

# Upper edges of the latency counters in milliseconds, each larger than the last by the square root of two; a latency belongs to
# the first edge that it is below. Above the last one there is one counter more.
LATENCY_EDGES_MS = tuple(round(16 * 2 ** (step / 2)) for step in range(31))
LATENCY_COUNTERS = tuple(f"latency_{number}" for number in range(len(LATENCY_EDGES_MS) + 1))


class RollUpGrain(models.IntegerChoices):
    """What one row is for: how long, and whose calls."""

    HOUR = 1, "An hour of everybody"
    DAY = 2, "A day of everybody"
    USER_HOUR = 3, "An hour of one user"
    USER_DAY = 4, "A day of one user, all together"
    USER_WEEK = 5, "A week of one user, all together"
    CROWD_DAY = 6, "A day of several users"
    NAMED_USER_DAY = 7, "A day of one user, by task, provider and model"
    NAMED_USER_WEEK = 8, "A week of one user, by task, provider and model"
    EVER = 9, "Everything of everybody"
    WEEK = 10, "A week of everybody"
    CROWD_WEEK = 11, "A week of several users"


class RollUpRow(models.Model):
    """Sums over the settled calls of a time, in UTC, that are alike in all names.

    Each call is in one row of each grain, and each of its attempts too; where both have the same names, it is the same row.
    `status` is the call's for what is counted of calls, and the attempt's for what is counted of attempts; so are
    `provider`, `model` and `error_class`. Names that a grain does not keep are empty in its rows.
    """

    # What one row is for, in the order of its key.
    NAMES = (
        "task_type",
        "provider",
        "model",
        "status",
        "error_class",
        "prompt_version",
        "purpose",
        "experiment",
        "arm",
    )
    KEY = ("grain", "hour", "user_key", *NAMES, "slot")
    # What is counted of calls; what is counted of attempts and paid for them, written off amounts included.
    CALL_SUMS = (
        "calls",
        "cache_hits",
        "cache_misses",
        "saved_nanousd",
        "unpriced_calls",
        "latency_ms",
        "overhead_us",
        "overhead_calls",
    )
    ATTEMPT_SUMS = (
        "attempts",
        "unpriced_attempts",
        "free_attempts",
        "input_tokens",
        "cached_input_tokens",
        "cache_write_tokens",
        "output_tokens",
        "reasoning_tokens",
        "cost_nanousd",
    )
    SUMS = CALL_SUMS + ATTEMPT_SUMS

    grain = models.PositiveSmallIntegerField(choices=RollUpGrain)
    hour = models.IntegerField(
        help_text="Hours since 1970 in UTC; a row of a day or a week has its first, one of everything 0."
    )
    user_key = models.BigIntegerField(
        default=0, help_text="0 for everybody, and for calls of nobody; the span of a day of several users."
    )
    task_type = models.CharField(max_length=40, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=10, blank=True)
    error_class = models.CharField(max_length=60, blank=True)
    prompt_version = models.CharField(max_length=80, blank=True)
    purpose = models.CharField(max_length=60, blank=True, help_text="Empty for a person's own call.")
    experiment = models.CharField(max_length=60, blank=True)
    arm = models.CharField(max_length=40, blank=True)
    slot = models.SmallIntegerField(default=0)

    calls = models.BigIntegerField(default=0)
    cache_hits = models.BigIntegerField(default=0)
    cache_misses = models.BigIntegerField(default=0)
    saved_nanousd = models.BigIntegerField(default=0)
    unpriced_calls = models.BigIntegerField(default=0)
    latency_ms = models.BigIntegerField(default=0, help_text="Of calls that no cache answered.")
    overhead_us = models.BigIntegerField(default=0, db_default=0, help_text="The router's own time.")
    overhead_calls = models.BigIntegerField(default=0, db_default=0, help_text="Calls whose own time is known.")
    attempts = models.BigIntegerField(default=0)
    unpriced_attempts = models.BigIntegerField(default=0)
    free_attempts = models.BigIntegerField(default=0, help_text="Attempts that cost nothing.")
    input_tokens = models.BigIntegerField(default=0)
    cached_input_tokens = models.BigIntegerField(default=0)
    cache_write_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    cost_nanousd = models.BigIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["grain", "hour"]

    def __str__(self) -> str:
        return f"{self.get_grain_display()} {self.hour}: {self.calls} calls"


# Empty counters stay null: they take no room.
for _name in LATENCY_COUNTERS:
    RollUpRow.add_to_class(_name, models.IntegerField(null=True))


class RollUp(RollUpRow):
    """What is written in the transaction that settles a call, so that the rows are equal to the lines at every moment.

    Rows that differ only in `slot` belong together: processes that book at the same time write in slots of their own.
    """

    class Meta(RollUpRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=RollUpRow.KEY, name="roll_up_once"),
        ]
        indexes = [
            models.Index(
                fields=["user_key", "hour"],
                condition=models.Q(grain=RollUpGrain.USER_HOUR),
                name="roll_up_hours_of_a_user",
            ),
            models.Index(
                fields=["user_key", "hour"],
                condition=models.Q(grain=RollUpGrain.USER_DAY),
                name="roll_up_days_of_a_user",
            ),
            models.Index(fields=["hour"], condition=models.Q(slot__gt=0), name="roll_up_slots"),
        ]


class LaterRollUp(RollUpRow):
    """What a worker makes of the others when a day or a week is over, and as far as `RollUpSpan` says.

    In a table of its own, so that indexes that only these rows need cost nobody who books a call.
    """

    class Meta(RollUpRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=RollUpRow.KEY, name="later_roll_up_once"),
        ]
        # The sums are in the indexes, so that who spends most of one task is found without reading the rows.
        indexes = [
            models.Index(
                fields=["task_type", "grain", "hour", "user_key", "calls", "cost_nanousd"],
                name="later_roll_ups_of_a_task",
            ),
            models.Index(
                fields=["provider", "grain", "hour", "user_key", "calls", "cost_nanousd"],
                name="later_roll_ups_of_provider",
            ),
            models.Index(
                fields=["model", "grain", "hour", "user_key", "calls", "cost_nanousd"], name="later_roll_ups_of_a_model"
            ),
            models.Index(fields=["user_key", "grain", "hour"], name="later_roll_ups_of_a_user"),
        ]


# Which names the rows of a grain keep.
KEPT_NAMES: Mapping[int, frozenset[str]] = dict.fromkeys(RollUpGrain.values, frozenset(RollUpRow.NAMES)) | {
    RollUpGrain.USER_DAY.value: frozenset({"status"}),
    RollUpGrain.USER_WEEK.value: frozenset({"status"}),
    RollUpGrain.NAMED_USER_DAY.value: frozenset({"task_type", "provider", "model", "status", "error_class"}),
    RollUpGrain.NAMED_USER_WEEK.value: frozenset({"task_type", "provider", "model", "status", "error_class"}),
}


class RollUpSpan(models.Model):
    """How far there are rows that a worker makes of others, when a day or a week is over.

    Those of the hours from `from_hour` to just before `until_hour` are there. Whoever books a call of one of these hours from
    then on adds to them too, so they are equal to what they were made of at every moment. `name` is one of those here, or tells
    for which users there are days (`crowd_name`) or weeks (`crowd_weeks_name`), and those are its members.
    """

    EVER = "ever"
    NAMED_DAYS = "named days"
    NAMED_WEEKS = "named weeks"
    WEEKS = "weeks"
    WEEKS_OF_ALL = "weeks of all"
    # Before a part of the name of those who have days: the same people's weeks.
    WEEKS_OF_CROWD = "weeks "

    name = models.CharField(max_length=64, unique=True)
    from_hour = models.IntegerField(default=0)
    until_hour = models.IntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}: {self.from_hour} to {self.until_hour}"


class RollUpMember(models.Model):
    """A user whose calls are in the days of a span."""

    span = models.ForeignKey(RollUpSpan, on_delete=models.CASCADE, related_name="members")
    user_key = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["span", "user_key"], name="roll_up_member_once")]

    def __str__(self) -> str:
        return f"{self.user_key} in {self.span_id}"
