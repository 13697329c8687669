"""Rows that are made of other rows when a day or a week is over, so that booking a call does not write them.

Weeks of users say who spends most in a long period; days of several users, those of a group as it is today, are read
for a group. `RollUpSpan` says how far they are made. From then on, what is still booked of these hours (late settlements,
corrections) is added to them in its own transaction, so that a reader who takes them where they are, and what
they are made of elsewhere, finds the same sums at every moment.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Min
from django.utils import timezone

from usage.models import RollUp, RollUpGrain, RollUpMember, RollUpSpan
from usage.rollup_rows import insert_sums, keep_others_out, select_rows
from usage.rollup_writing import HOURS_PER_DAY, HOURS_PER_WEEK, LATE_HOURS, hour_of, week_of

# A day is made so many hours after its end: calls that are booked then know that they are late.
REST_HOURS = LATE_HOURS + 2
# Of so many users and more there are days; the hours of fewer are read as quickly.
FEWEST_USERS = 8
# As far as pages go.
MOST_DAYS = 400
_Made = tuple[RollUpGrain, tuple[str, ...]]
_USER_WEEKS: _Made = (RollUpGrain.USER_DAY, ("week", "user_key", "status"))
_CROWD_DAYS: _Made = (RollUpGrain.USER_HOUR, ("day", *RollUp.NAMES))


def crowd_name(users: Collection[int]) -> str:
    """Return the name of the span of these users, whatever their order; empty where there is none."""
    keys = sorted(set(users))
    if len(keys) < FEWEST_USERS:
        return ""
    return hashlib.sha256(",".join(map(str, keys)).encode()).hexdigest()


def make_later_rows(*, now: datetime | None = None) -> int:
    """Make what is missing of the days and weeks that are over; return how many of them that were.

    Each day, and each week, is a transaction of its own. Days of users who make up no group any more are deleted.
    """
    over = (hour_of(now or timezone.now()) - REST_HOURS) // HOURS_PER_DAY * HOURS_PER_DAY
    groups = _groups()
    with transaction.atomic():
        keep_others_out()
        _begin(groups, over)
    ends = {RollUpSpan.WEEKS: (week_of(over), HOURS_PER_WEEK)} | dict.fromkeys(groups, (over, HOURS_PER_DAY))
    return sum(sum(_extend(name, until, hours)) for name, (until, hours) in ends.items())


def _begin(groups: Mapping[str, Collection[int]], over: int) -> None:
    """Make the spans that are missing, with nothing in them, and delete those of former members."""
    gone = RollUpSpan.objects.exclude(name__in=[RollUpSpan.WEEKS, *groups])
    _forget(gone.values_list("pk", flat=True))
    first = RollUp.objects.filter(grain=RollUpGrain.USER_DAY).aggregate(first=Min("hour"))["first"]
    if first is None:
        return
    RollUpSpan.objects.get_or_create(name=RollUpSpan.WEEKS, defaults={"until_hour": week_of(first)})
    begin = min(max(first, over - MOST_DAYS * HOURS_PER_DAY), over)
    for name, users in groups.items():
        bounds = {"from_hour": begin, "until_hour": begin}
        span, is_new = RollUpSpan.objects.get_or_create(name=name, defaults=bounds)
        if is_new:
            RollUpMember.objects.bulk_create(RollUpMember(span=span, user_key=key) for key in users)


def _groups() -> dict[str, list[int]]:
    """Return the members of all groups that are large enough, by the name of their span."""
    membership = get_user_model().groups.through
    members = defaultdict(list)
    for group, user in membership._base_manager.values_list("group_id", "user_id"):
        members[group].append(user)
    return {name: users for users in members.values() if (name := crowd_name(users))}


def _extend(name: str, until: int, hours: int) -> Iterator[int]:
    """Make the parts of a span that are missing, and yield 1 for each."""
    while True:
        with transaction.atomic():
            keep_others_out()
            # Another worker may have made it, or deleted the span.
            span = RollUpSpan.objects.filter(name=name, until_hour__lt=until).first()
            if span is None:
                return
            _make(span, span.until_hour)
            RollUpSpan.objects.filter(pk=span.pk).update(until_hour=span.until_hour + hours)
        yield 1


def _make(span: RollUpSpan, begin: int) -> None:
    """Make the rows of a day or a week, in place of those that there are."""
    grain, columns, parts = made_of(span, begin)
    kept = RollUp.objects.filter(grain=grain, hour=begin)
    (kept.filter(user_key=span.pk) if grain == RollUpGrain.CROWD_DAY else kept).delete()
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(insert_sums(grain, columns, parts, user_key=span.pk), [])


def made_of(span: RollUpSpan, begin: int, *, sign: int = 1) -> tuple[RollUpGrain, tuple[str, ...], list[str]]:
    """Return what a span's rows are, what tells them apart, and the statement over what those of a day or week are made of."""
    if span.name == RollUpSpan.WEEKS:
        source, columns = _USER_WEEKS
        return RollUpGrain.USER_WEEK, columns, [select_rows(source, columns, begin, hours=HOURS_PER_WEEK, sign=sign)]
    source, columns = _CROWD_DAYS
    members = RollUpMember._meta.db_table
    whose = f" AND user_key IN (SELECT user_key FROM {members} WHERE span_id = {span.pk})"  # noqa: S608 - our own names
    return RollUpGrain.CROWD_DAY, columns, [select_rows(source, columns, begin, sign=sign, also=whose)]


def spans_around(day: int) -> Iterator[tuple[RollUpSpan, int]]:
    """Return the spans that have the day which begins with this hour, each with the beginning of its day or week."""
    for span in RollUpSpan.objects.filter(from_hour__lte=day, until_hour__gt=day):
        yield span, week_of(day) if span.name == RollUpSpan.WEEKS else day


def make_anew(day: int) -> None:
    """Make the rows anew that are made of those of a day; whoever calls it keeps the others out."""
    for span, begin in spans_around(day):
        _make(span, begin)


def forget_crowds_of(user_key: int) -> None:
    """Delete the days of several users of whom this one is; whoever calls it keeps the others out."""
    _forget(RollUpMember.objects.filter(user_key=user_key).values_list("span_id", flat=True))


def _forget(spans: Collection[int]) -> None:
    keys = list(spans)
    if keys:
        RollUp.objects.filter(grain=RollUpGrain.CROWD_DAY, user_key__in=keys).delete()
        RollUpSpan.objects.filter(pk__in=keys).delete()
