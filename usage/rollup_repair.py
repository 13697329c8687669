"""Whether the roll-ups are equal to the lines, and how they are made from them anew.

Both go day by day. A comparison is one statement, so calls may be settled meanwhile; while a day is made anew, settlements
wait.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Min, Sum
from django.utils import timezone

from usage.models import Archive, Attempt, Call, RollUp, RollUpGrain
from usage.periods import EVER
from usage.rollup_later import forget_crowds_of, made_of, make_anew, make_ever_anew, spans_around
from usage.rollup_lines import select_lines
from usage.rollup_rows import ADDED_UP, FIGURES, insert_sums, keep_others_out, select_rows
from usage.rollup_writing import HOURS_PER_DAY, MADE_LATER, hour_of, table, upsert_ending, upsert_head
from usage.rollups import Only, read
from usage.types import CORRECTION, EXPIRED, CallStatus

# So many rows are merged at once.
MOST_MERGED = 20_000
# From which rows those of a grain are made, and the columns that they keep of them; the rest of their key is empty.
_MADE_FROM = {
    RollUpGrain.HOUR: (RollUpGrain.USER_HOUR, ("hour", *RollUp.NAMES)),
    RollUpGrain.DAY: (RollUpGrain.HOUR, ("day", *RollUp.NAMES)),
    RollUpGrain.USER_DAY: (RollUpGrain.USER_HOUR, ("day", "user_key", "status")),
}
# Grains whose rows have the key of an account.
_OF_USERS = frozenset(
    grain.value
    for grain in (
        RollUpGrain.USER_HOUR,
        RollUpGrain.USER_DAY,
        RollUpGrain.USER_WEEK,
        RollUpGrain.NAMED_USER_DAY,
        RollUpGrain.NAMED_USER_WEEK,
    )
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A day on which the rows of a grain differ from what they are made of; `by` says how much, by figure."""

    day: datetime
    grain: RollUpGrain
    by: dict[str, int]

    def __str__(self) -> str:
        """Say it for people."""
        figures = ", ".join(f"{name} {figure:,}" for name, figure in self.by.items())
        return f"{self.day:%Y-%m-%d}, {self.grain.label.lower()}: {figures}"


def find_differences(days: Sequence[datetime] | None = None) -> Iterator[Difference]:
    """Compare the roll-ups of some days, or of all there are, with the lines, to the last nano-dollar.

    Of days whose lines have left for files the totals are compared: those of the files and of the lines that are here.
    What is missing in some rows and too much in others is added up without a sign, as one must not hide the other.
    """
    compared: set[tuple[int, int]] = set()
    for day in all_days() if days is None else days:
        yield from _compare_later(day, compared)
        if archives := list(Archive.objects.filter(day=day.date())):
            yield from _compare_archived(day, archives)
            continue
        first = hour_of(day)
        names = ("hour", "user_key", *RollUp.NAMES)
        lines, values = _lines_of(day, names, sign=-1)
        kept = select_rows(RollUpGrain.USER_HOUR, names, first)
        yield from _compare(RollUpGrain.USER_HOUR, day, names, [kept, *lines], values)
        for grain, (source, columns) in _MADE_FROM.items():
            parts = [select_rows(grain, columns, first), select_rows(source, columns, first, sign=-1)]
            yield from _compare(grain, day, columns, parts, [])


def rebuild(days: Sequence[datetime] | None = None) -> int:
    """Make the roll-ups of some days, or of all there are, anew from the lines, and return how many days those were.

    Days whose lines have left for files stay as they are.
    """
    made = 0
    for day in all_days() if days is None else days:
        if not Archive.objects.filter(day=day.date()).exists():
            with transaction.atomic():
                _rebuild_day(day)
            made += 1
    if made:
        make_ever_anew()
    return made


def merge_slots(*, now: datetime | None = None) -> int:
    """Put together what connections of PostgreSQL wrote in slots of their own in hours and days that are over.

    Rows that somebody is just writing are left for the next time, so nobody waits. Returns how many rows are gone.
    """
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return 0
    hour = hour_of(now or timezone.now())
    days = f"({RollUpGrain.DAY.value}, {RollUpGrain.USER_DAY.value})"
    is_over = f"hour < CASE WHEN grain IN {days} THEN {hour - hour % HOURS_PER_DAY} ELSE {hour} END"
    chosen = f"SELECT id FROM {table()} WHERE slot > 0 AND {is_over} LIMIT {MOST_MERGED} FOR UPDATE SKIP LOCKED"  # noqa: S608
    gone = f"DELETE FROM {table()} WHERE id IN ({chosen}) RETURNING *"  # noqa: S608 - our own names
    key = RollUp.KEY[:-1]
    merged = f"SELECT {', '.join(key)}, 0, {ADDED_UP} FROM gone GROUP BY {', '.join(key)} ORDER BY {', '.join(key)}"  # noqa: S608
    statement = (
        f"WITH gone AS ({gone}), merged AS ({upsert_head()} {merged} {upsert_ending()}) SELECT COUNT(*) FROM gone"  # noqa: S608
    )
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def all_days() -> Iterator[datetime]:
    """Return each day, in UTC, that has lines or roll-ups."""
    hours = (
        RollUp.objects.filter(grain__in=[RollUpGrain.DAY, RollUpGrain.USER_DAY])
        .order_by()
        .values_list("hour", flat=True)
    )
    numbers = {hour // HOURS_PER_DAY for hour in hours.distinct()}
    after = EVER
    while found := Call.objects.filter(created_at__gte=after).aggregate(first=Min("created_at"))["first"]:
        number = hour_of(found) // HOURS_PER_DAY
        numbers.add(number)
        after = EVER + timedelta(days=number + 1)
    for number in sorted(numbers):
        yield EVER + timedelta(days=number)


def _rebuild_day(day: datetime) -> None:
    database = connections[DEFAULT_DB_ALIAS]
    first = hour_of(day)
    keep_others_out()
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            # Whoever has booked a call and not its roll-up yet waits here, and adds to the new rows afterwards.
            cursor.execute(f"LOCK TABLE {table()} IN SHARE ROW EXCLUSIVE MODE")
        made = [RollUpGrain.USER_HOUR, *_MADE_FROM]
        RollUp.objects.filter(hour__gte=first, hour__lt=first + HOURS_PER_DAY, grain__in=made).delete()
        names = ("hour", "user_key", *RollUp.NAMES)
        lines, values = _lines_of(day, names, sign=1)
        cursor.execute(insert_sums(RollUpGrain.USER_HOUR, names, lines), values)
        for grain, (source, columns) in _MADE_FROM.items():
            cursor.execute(insert_sums(grain, columns, [select_rows(source, columns, first)]), [])
    make_anew(first)


def _compare(
    grain: RollUpGrain, day: datetime, columns: Sequence[str], parts: Sequence[str], values: Sequence[Any]
) -> Iterator[Difference]:
    """Compare rows of a grain with what they are made of, which `parts` take away from them."""
    sums = ", ".join(f"COALESCE(SUM({name}), 0) AS {name}" for name in FIGURES)
    together = " UNION ALL ".join(parts)
    alike = f"SELECT {sums} FROM ({together}) AS parts GROUP BY {', '.join(columns)}"  # noqa: S608 - our own names
    differing = ", ".join(f"COALESCE(SUM(ABS({name})), 0)" for name in FIGURES)
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(f"SELECT {differing} FROM ({alike}) AS sums", list(values))  # noqa: S608 - our own names
        found = {name: int(figure) for name, figure in zip(FIGURES, cursor.fetchone(), strict=True) if figure}
    if found:
        yield Difference(day, grain, found)


def _compare_later(day: datetime, compared: set[tuple[int, int]]) -> Iterator[Difference]:
    """Compare rows that a worker makes, and that have the day, with what they were made of; what was compared is left out."""
    for span, begin in spans_around(hour_of(day)):
        if (span.pk, begin) in compared:
            continue
        compared.add((span.pk, begin))
        made = made_of(span, begin, sign=-1)
        yield from _compare(made.grain, EVER + timedelta(hours=begin), made.columns, [made.kept, made.source], [])


def _compare_archived(day: datetime, archives: Sequence[Archive]) -> Iterator[Difference]:
    """Compare the totals of a day, its cost among them, with those of its files and of its lines; nothing while lines are being deleted."""
    if not all(archive.is_removed for archive in archives):
        return
    kept = read(since=day, until=day + timedelta(days=1), only=Only())
    here = Call.objects.exclude(status=CallStatus.OPEN).filter(
        created_at__gte=day, created_at__lt=day + timedelta(days=1)
    )
    attempts = Attempt.objects.order_by().filter(call__in=here.order_by())
    totals = {
        "calls": here.count(),
        "attempts": attempts.exclude(error_class=CORRECTION).count(),
        "cost_nanousd": (attempts.aggregate(sum=Sum("cost_nanousd"))["sum"] or 0)
        + (here.filter(status=CallStatus.UNKNOWN, error_class=EXPIRED).aggregate(sum=Sum("cost_nanousd"))["sum"] or 0),
    }
    by = {}
    for name, count in totals.items():
        archived = sum(getattr(archive, name) for archive in archives)
        by[name] = abs(sum(getattr(cell.sums, name) for cell in kept) - archived - count)
    if any(by.values()):
        yield Difference(day, RollUpGrain.DAY, {name: figure for name, figure in by.items() if figure})


def give_to_nobody(user_id: int) -> None:
    """Count what belongs to an account that is deleted as that of nobody, as its lines are from then on."""
    key = ["grain", "hour", "0", *RollUp.NAMES]
    names = ", ".join(["grain", "hour", *RollUp.NAMES])
    with transaction.atomic(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        keep_others_out()
        forget_crowds_of(user_id)
        for grains in (_OF_USERS - MADE_LATER, _OF_USERS & MADE_LATER):
            grain = min(grains)
            own = f"FROM {table(grain)} WHERE user_key = %s AND grain IN ({', '.join(map(str, sorted(grains)))})"
            moved = f"SELECT {', '.join(key)}, 0, {ADDED_UP} {own} GROUP BY {names} ORDER BY {names}"
            cursor.execute(f"{upsert_head(grain=grain)} {moved} {upsert_ending(grain=grain)}", [user_id])
            cursor.execute(f"DELETE {own}", [user_id])


def _lines_of(day: datetime, names: Sequence[str], *, sign: int) -> tuple[list[str], list[Any]]:
    """Return the statements over the lines of a day, and their values."""
    adapt = connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value
    bounds = [adapt(day), adapt(day + timedelta(days=1))]
    condition = "c.created_at >= %s AND c.created_at < %s"
    return select_lines(names, condition, figures=FIGURES, sign=sign), bounds * 2
