"""What may be asked of the usage resources: which period, whose calls, which of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from usage.filters import LAST_YEAR, is_plain
from usage.owned_groups import groups_owned_by, members_of
from usage.reports import UNKNOWN_PROVIDER
from usage.rollups import Dimension, Only, Step
from usage.types import CallStatus

# Ten years: longer periods are typing errors, or ask for what `total_cost_all_time` says already.
MAX_HOURS = 24 * 366 * 10
DIMENSIONS: dict[str, Dimension] = {
    "user": "user",
    "group": "user",
    "provider": "provider",
    "model": "model",
    "task": "task_type",
    "status": "status",
    "error": "error_class",
    "prompt_version": "prompt_version",
    "purpose": "purpose",
    "experiment": "experiment",
    "arm": "arm",
}
NAMED = ("provider", "model", "prompt_version", "purpose", "experiment", "arm")
NOT_PLAIN = "Write it with the digits 0 to 9."
NOT_YOURS = "You may ask for your own calls only."


@dataclass(frozen=True, slots=True)
class Asked:
    """A period and what of it; `hours` is its length, rounded up."""

    since: datetime
    until: datetime | None
    hours: int
    only: Only


class _PlainDigits:
    """Refuses what Python reads as figures as well."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and not is_plain(data):
            raise serializers.ValidationError(NOT_PLAIN)
        return super().to_internal_value(data)  # type: ignore[misc]  # the field's


class PlainIntegerField(_PlainDigits, serializers.IntegerField):
    """A whole number as it is usually written."""


class PlainDateField(_PlainDigits, serializers.DateField):
    """A day as it is usually written."""


class UsageQuerySerializer(serializers.Serializer[Any]):
    """The query of a usage resource: the last hours, or whole days; all that it names has to be met."""

    hours = PlainIntegerField(
        min_value=1,
        max_value=MAX_HOURS,
        required=False,
        help_text="Length of the period, which ends now. 24 by default.",
    )
    since = PlainDateField(required=False, help_text="First day in UTC, such as 2026-11-01, in place of `hours`.")
    until = PlainDateField(required=False, help_text="Last day in UTC; today by default.")
    user = serializers.CharField(
        required=False, max_length=150, help_text="Whose calls, by name; others' for staff only."
    )
    group = serializers.CharField(
        required=False, max_length=150, help_text="Calls of a group's members; for staff and the group's owners."
    )
    task = serializers.CharField(required=False, max_length=40)
    status = serializers.ChoiceField(CallStatus.choices, required=False)
    provider = serializers.CharField(required=False, max_length=40)
    model = serializers.CharField(required=False, max_length=120)
    prompt_version = serializers.CharField(required=False, max_length=80)
    purpose = serializers.CharField(required=False, max_length=60)
    experiment = serializers.CharField(required=False, max_length=60)
    arm = serializers.CharField(required=False, max_length=40)
    error = serializers.CharField(
        required=False, max_length=60, help_text="Class of error, such as RateLimitError, of calls and of requests."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a period that is told twice, that ends before it begins, or in a time to which none can be added."""
        if "hours" in attrs and ("since" in attrs or "until" in attrs):
            raise serializers.ValidationError({"hours": "Give hours, or days, not both."})
        if "until" in attrs and "since" not in attrs:
            raise serializers.ValidationError({"since": "Give the first day as well."})
        for name in ("since", "until"):
            if name in attrs and attrs[name].year >= LAST_YEAR:
                raise serializers.ValidationError({name: f"Give a day before the year {LAST_YEAR}."})
        if "since" in attrs and attrs["since"] > attrs.get("until", timezone.now().astimezone(UTC).date()):
            raise serializers.ValidationError({"since": "The period ends before it begins."})
        return attrs

    def asked(self, asker: Any, *, provider: str = "", now: datetime | None = None) -> Asked:
        """Return what is asked for; somebody who is not staff gets their own calls, whatever else they narrow.

        Args:
            asker: Who asks; None for the operator, at a terminal.
            provider: Of the address, in place of the query's.
            now: When the period of the last hours ends.

        Raises:
            PermissionDenied: They ask for calls of others.
            ValidationError: There is no such user, or no such group.
        """
        query = self.validated_data
        names = {name: query[name] for name in NAMED if name in query}
        if provider:
            names["provider"] = provider
        if names.get("provider") == UNKNOWN_PROVIDER:
            names["provider"] = ""
        only = Only(
            users=_users(query, asker),
            task_type=query.get("task"),
            status=query.get("status"),
            error_class=query.get("error"),
            **names,
        )
        now = now or timezone.now()
        if "since" not in query:
            hours = query.get("hours", 24)
            return Asked(now - timedelta(hours=hours), None, hours, only)
        since, until = _midnight(query["since"]), None
        if "until" in query:
            until = _midnight(query["until"]) + timedelta(days=1)
        length = min(now, until or now) - since
        return Asked(since, until, max(1, -(-length // timedelta(hours=1))), only)


class OwnCallsQuerySerializer(UsageQuerySerializer):
    """The query of one's own calls."""

    user = group = provider = model = prompt_version = purpose = experiment = arm = error = None  # type: ignore[assignment]
    type = serializers.ChoiceField(["json", "csv"], default="json")


class UsageReportQuerySerializer(UsageQuerySerializer):
    """The query of a report."""

    by = serializers.CharField(
        required=False, help_text=f"Names to tell apart, with commas between: {', '.join(DIMENSIONS)}."
    )
    step = serializers.ChoiceField(["hour", "day"], required=False, help_text="Whether to tell hours or days apart.")
    type = serializers.ChoiceField(["json", "csv"], default="json")

    def validate_by(self, value: str) -> list[str]:
        """Read the names."""
        names = [name.strip() for name in value.split(",") if name.strip()]
        if unknown := [name for name in names if name not in DIMENSIONS]:
            message = f"{unknown[0]!r} is none of {', '.join(DIMENSIONS)}."
            raise serializers.ValidationError(message)
        if {"user", "group"} <= set(names):
            message = "Tell users or groups apart, not both."
            raise serializers.ValidationError(message)
        return list(dict.fromkeys(names))

    @property
    def step_asked(self) -> Step | None:
        """Hours, days, or neither."""
        step: Step | None = self.validated_data.get("step")
        return step


def _users(query: dict[str, Any], asker: Any) -> tuple[int, ...] | None:
    """Return the accounts whose calls are asked for; None for everybody's."""
    if asker is not None and not asker.is_staff:
        if "group" in query:
            return _members(query, asker)
        if query.get("user", asker.get_username()) != asker.get_username():
            raise PermissionDenied(NOT_YOURS)
        return (asker.pk,)
    found: set[int] | None = None
    if "user" in query:
        found = set(get_user_model().objects.filter(username=query["user"]).values_list("pk", flat=True))
        if not found:
            raise serializers.ValidationError({"user": f"There is no user {query['user']!r}."})
    if "group" in query:
        group = Group.objects.filter(name=query["group"]).first()
        if group is None:
            raise serializers.ValidationError({"group": f"There is no group {query['group']!r}."})
        members = set(group.user_set.values_list("pk", flat=True))
        found = members if found is None else found & members
    return None if found is None else tuple(sorted(found))


def _members(query: dict[str, Any], asker: Any) -> tuple[int, ...]:
    """Return the members of a group that the asker owns, or the one that they name; of no other group is it told if it exists."""
    group = groups_owned_by(asker).filter(name=query["group"]).first()
    if group is None:
        raise PermissionDenied(NOT_YOURS)
    members = members_of(group)
    if "user" in query:
        members = {key: name for key, name in members.items() if name == query["user"]}
        if not members:
            raise PermissionDenied(NOT_YOURS)
    return tuple(members)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
