"""Rows that are made of other rows when a day or a week is over, so that booking a call does not write them.

Weeks of users say who spends most in a long period; days and weeks of users by task, provider and model say it of one of these.
Days of several users, those of a group as it is today, are read for a group; the sums of everything for figures that go back to
the first call. `RollUpSpan` says how far they are made. From then on, what is still booked of these hours (late settlements,
corrections) is added to them in its own transaction, so that a reader who takes them where they are, and what
they are made of elsewhere, finds the same sums at every moment.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Min
from django.utils import timezone

from usage.models import LaterRollUp, RollUp, RollUpGrain, RollUpMember, RollUpSpan
from usage.models.rollups import KEPT_NAMES
from usage.rollup_rows import insert_sums, keep_others_out, select_rows
from usage.rollup_writing import HOURS_PER_DAY, HOURS_PER_WEEK, LATE_HOURS, hour_of, week_of

# A day is made so many hours after its end: calls that are booked then know that they are late.
REST_HOURS = LATE_HOURS + 2
# Of so many users and more there are days; the hours of fewer are read as quickly.
FEWEST_USERS = 8
# As far as pages go.
MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class _Kind:
    """Rows of a grain: of which others they are made, how many hours belong to one of them, and by what they begin.

    Without a period, a row is for all hours that are made.
    """

    grain: RollUpGrain
    source: RollUpGrain
    period: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """What tells the rows apart."""
        own = () if self.grain in _SHARED else ("user_key",)
        names = (name for name in RollUp.NAMES if name in KEPT_NAMES[self.grain])
        return (*((self.period,) if self.period else ()), *own, *names)

    @property
    def hours(self) -> int:
        """How many hours are made at once."""
        return HOURS_PER_WEEK if self.period == "week" else HOURS_PER_DAY

    def begin_of(self, hour: int) -> int:
        """Return the first of the hours that are made at once with this one."""
        return week_of(hour) if self.period == "week" else hour - hour % HOURS_PER_DAY


# Rows of several users, whose key is that of their span, and all that are nobody's.
_OF_CROWDS = frozenset({RollUpGrain.CROWD_DAY, RollUpGrain.CROWD_WEEK})
_SHARED = _OF_CROWDS | {RollUpGrain.WEEK, RollUpGrain.EVER}
# Weeks by name are made of the days before them.
_OF_ALL = {
    RollUpSpan.EVER: _Kind(RollUpGrain.EVER, RollUpGrain.DAY),
    RollUpSpan.NAMED_DAYS: _Kind(RollUpGrain.NAMED_USER_DAY, RollUpGrain.USER_HOUR, "day"),
    RollUpSpan.NAMED_WEEKS: _Kind(RollUpGrain.NAMED_USER_WEEK, RollUpGrain.NAMED_USER_DAY, "week"),
    RollUpSpan.WEEKS: _Kind(RollUpGrain.USER_WEEK, RollUpGrain.USER_DAY, "week"),
    RollUpSpan.WEEKS_OF_ALL: _Kind(RollUpGrain.WEEK, RollUpGrain.DAY, "week"),
}
_CROWD = _Kind(RollUpGrain.CROWD_DAY, RollUpGrain.USER_HOUR, "day")
_CROWD_WEEKS = _Kind(RollUpGrain.CROWD_WEEK, RollUpGrain.USER_HOUR, "week")


def _kind_of(name: str) -> _Kind:
    """Return what the rows of a span are."""
    if name in _OF_ALL:
        return _OF_ALL[name]
    return _CROWD_WEEKS if name.startswith(RollUpSpan.WEEKS_OF_CROWD) else _CROWD


def crowd_name(users: Collection[int]) -> str:
    """Return the name of the span of these users, whatever their order; empty where there is none."""
    keys = sorted(set(users))
    if len(keys) < FEWEST_USERS:
        return ""
    return hashlib.sha256(",".join(map(str, keys)).encode()).hexdigest()


def crowd_weeks_name(name: str) -> str:
    """Return the name of the weeks of those whose days have a name."""
    return f"{RollUpSpan.WEEKS_OF_CROWD}{name}"[: RollUpSpan._meta.get_field("name").max_length]


def make_later_rows(*, now: datetime | None = None) -> int:
    """Make what is missing of the days and weeks that are over; return how many of them that were.

    Each day, and each week, is a transaction of its own. Days of users who make up no group any more are deleted.
    """
    over = (hour_of(now or timezone.now()) - REST_HOURS) // HOURS_PER_DAY * HOURS_PER_DAY
    groups = _groups()
    with transaction.atomic():
        keep_others_out()
        _begin(groups, over)
    # Weeks of groups after their days, so that they never reach further.
    return sum(sum(_extend(name, over)) for name in (*_OF_ALL, *groups, *map(crowd_weeks_name, groups)))


def _begin(groups: Mapping[str, Collection[int]], over: int) -> None:
    """Make the spans that are missing, with nothing in them, and delete those of former members."""
    gone = RollUpSpan.objects.exclude(name__in=[*_OF_ALL, *groups, *map(crowd_weeks_name, groups)])
    _forget(gone.values_list("pk", flat=True))
    first = RollUp.objects.filter(grain=RollUpGrain.USER_DAY).aggregate(first=Min("hour"))["first"]
    if first is None:
        return
    for name, kind in _OF_ALL.items():
        RollUpSpan.objects.get_or_create(name=name, defaults={"until_hour": kind.begin_of(first)})
    begin = min(max(first, over - MOST_DAYS * HOURS_PER_DAY), over)
    for name, users in groups.items():
        for own, first_hour in ((name, begin), (crowd_weeks_name(name), week_of(begin + HOURS_PER_WEEK - 1))):
            bounds = {"from_hour": first_hour, "until_hour": first_hour}
            span, is_new = RollUpSpan.objects.get_or_create(name=own, defaults=bounds)
            if is_new:
                RollUpMember.objects.bulk_create(RollUpMember(span=span, user_key=key) for key in users)


def _groups() -> dict[str, list[int]]:
    """Return the members of all groups that are large enough, by the name of their span."""
    membership = get_user_model().groups.through
    members = defaultdict(list)
    for group, user in membership._base_manager.values_list("group_id", "user_id"):
        members[group].append(user)
    return {name: users for users in members.values() if (name := crowd_name(users))}


def _extend(name: str, over: int) -> Iterator[int]:
    """Make the parts of a span that are missing, and yield 1 for each."""
    kind = _kind_of(name)
    while True:
        with transaction.atomic():
            keep_others_out()
            # Another worker may have made it, or deleted the span.
            span = RollUpSpan.objects.filter(name=name, until_hour__lt=kind.begin_of(over)).first()
            if span is None:
                return
            if kind.period:
                _make(span, span.until_hour)
            else:
                rows = select_rows(kind.source, kind.columns, span.until_hour)
                _insert(insert_sums(kind.grain, kind.columns, [rows]))
            RollUpSpan.objects.filter(pk=span.pk).update(until_hour=span.until_hour + kind.hours)
        yield 1


def _make(span: RollUpSpan, begin: int) -> None:
    """Make the rows that begin with an hour, in place of those that there are."""
    made = made_of(span, begin)
    kept = LaterRollUp.objects.filter(grain=made.grain, hour=begin)
    (kept.filter(user_key=made.user_key) if made.user_key else kept).delete()
    _insert(insert_sums(made.grain, made.columns, [made.source], user_key=made.user_key))


def _insert(statement: str) -> None:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement, [])


@dataclass(frozen=True, slots=True)
class Made:
    """Rows of a span that begin with one hour, and the statements over them and over what they are made of."""

    grain: RollUpGrain
    columns: tuple[str, ...]
    kept: str
    source: str
    user_key: int


def made_of(span: RollUpSpan, begin: int, *, sign: int = 1) -> Made:
    """Return what the rows of a span are that begin with an hour; `sign` -1 takes away what they are made of."""
    kind = _kind_of(span.name)
    first, hours = (begin, kind.hours) if kind.period else (0, span.until_hour)
    also = own = ""
    if kind.grain in _OF_CROWDS:
        members = RollUpMember._meta.db_table
        also = f" AND user_key IN (SELECT user_key FROM {members} WHERE span_id = {span.pk})"  # noqa: S608
        own = f" AND user_key = {span.pk}"
    return Made(
        kind.grain,
        kind.columns,
        select_rows(kind.grain, kind.columns, first, hours=hours, also=own),
        select_rows(kind.source, kind.columns, first, hours=hours, sign=sign, also=also),
        span.pk if kind.grain in _OF_CROWDS else 0,
    )


def spans_around(day: int) -> Iterator[tuple[RollUpSpan, int]]:
    """Return the spans that have the day which begins with this hour, each with the first hour of the rows that have it."""
    # By their names days come before weeks.
    for span in RollUpSpan.objects.filter(from_hour__lte=day, until_hour__gt=day).order_by("name"):
        kind = _kind_of(span.name)
        yield span, kind.begin_of(day) if kind.period else 0


def make_anew(day: int) -> None:
    """Make the rows anew that are made of those of a day, but for the sums of everything; whoever calls it keeps the others out."""
    for span, begin in spans_around(day):
        if span.name != RollUpSpan.EVER:
            _make(span, begin)


def make_ever_anew() -> None:
    """Make the sums of everything anew, as far as they are made."""
    with transaction.atomic():
        keep_others_out()
        for span in RollUpSpan.objects.filter(name=RollUpSpan.EVER):
            _make(span, 0)


def forget_crowds_of(user_key: int) -> None:
    """Delete the days of several users of whom this one is; whoever calls it keeps the others out."""
    _forget(RollUpMember.objects.filter(user_key=user_key).values_list("span_id", flat=True))


def _forget(spans: Collection[int]) -> None:
    keys = list(spans)
    if keys:
        LaterRollUp.objects.filter(grain__in=_OF_CROWDS, user_key__in=keys).delete()
        RollUpSpan.objects.filter(pk__in=keys).delete()
