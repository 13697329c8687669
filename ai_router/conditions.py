"""What a rule may ask of a request."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ai_router.types import TaskType

HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")

Need = Literal["images", "documents", "tools", "schema"]
Priority = Literal["low", "normal", "high"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Conditions(BaseModel):
    """All that is given must hold; in a list, one is enough, but for `needs`. Nothing given holds for every request.

    Args:
        tasks: Names of task types, such as `cv_parsing`.
        users: Names of users.
        groups: Names of groups; the user is in one of them.
        min_input_tokens: The request has at least so many tokens.
        max_input_tokens: It has at most so many.
        needs: What the model must take: `images`, `documents`, `tools`, `schema`; the request needs all of them.
        languages: The language that the caller asks for, such as `de`.
        hours: A part of the day such as `22:00-06:00`: from the first minute to before the last.
        days: Days of the week, `mon` to `sun`; a night that began on a day belongs to it.
        time_zone: The time zone of both, such as `Europe/Warsaw`.
        latency_bound_seconds: The caller wants the answer within so many seconds, or fewer.
        cost_bound_usd: The caller wants to pay at most so many dollars, or less.
        priorities: What the caller says of urgency: `low`, `normal`, `high`.
        budget_used_percent: Of a budget that applies, at least so much is used.
        tags: Words that the caller has put on the request.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tasks: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    min_input_tokens: int | None = Field(None, ge=0)
    max_input_tokens: int | None = Field(None, ge=0)
    needs: tuple[Need, ...] = ()
    languages: tuple[str, ...] = ()
    hours: str = ""
    days: tuple[Day, ...] = ()
    time_zone: str = "UTC"
    latency_bound_seconds: float | None = Field(None, gt=0)
    cost_bound_usd: Decimal | None = Field(None, ge=0)
    priorities: tuple[Priority, ...] = ()
    budget_used_percent: int | None = Field(None, ge=0, le=100)
    tags: tuple[str, ...] = ()

    @field_validator("tasks")
    @classmethod
    def _tasks_exist(cls, tasks: tuple[str, ...]) -> tuple[str, ...]:
        for task in tasks:
            if task not in TaskType.values:
                message = f"there is no task {task!r}; known are {', '.join(TaskType.values)}"
                raise ValueError(message)
        return tasks

    @field_validator("hours")
    @classmethod
    def _hours_are_a_span(cls, hours: str) -> str:
        if hours and (not HOURS.fullmatch(hours) or hours[:5] == hours[6:]):
            message = f"write hours as 22:00-06:00, not {hours!r}"
            raise ValueError(message)
        return hours

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        if zone not in available_timezones():
            message = f"there is no time zone {zone!r}; write one such as Europe/Warsaw"
            raise ValueError(message)
        return zone

    @model_validator(mode="after")
    def _bounds_in_order(self) -> "Conditions":
        low, high = self.min_input_tokens, self.max_input_tokens
        if low is not None and high is not None and low > high:
            message = f"min_input_tokens {low} is above max_input_tokens {high}"
            raise ValueError(message)
        return self

    def given(self) -> dict[str, Any]:
        """Return what is given, as JSON and YAML keep it."""
        return self.model_dump(mode="json", exclude_defaults=True)


def conditions_problems(error: ValidationError) -> list[str]:
    """Return what is wrong, one sentence a field."""
    problems = []
    for part in error.errors(include_url=False, include_input=False):
        place = ".".join(str(step) for step in part["loc"])
        words = part["msg"].removeprefix("Value error, ")
        words = "there is no such condition" if part["type"] == "extra_forbidden" else words
        problems.append(f"{place}: {words}" if place else words)
    return problems


def read_conditions(raw: Mapping[str, Any]) -> Conditions:
    """Read conditions as they are kept.

    Raises:
        pydantic.ValidationError: They are no conditions.
    """
    return Conditions.model_validate(raw)
