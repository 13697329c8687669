"""How calls get into the roll-ups: in the transaction that books them, by the last statement before it ends.

Roll-up rows are locked from that statement until the transaction ends, always in the order of their key and after the
windows of budgets, so calls never wait for each other in a circle. On PostgreSQL each connection writes in a slot of its own,
so that calls that are settled at the same time do not wait for each other's commit either; `merge_slots` puts together
what is over. SQLite has one writer at a time, and one slot.

Rows that a worker makes when days and weeks are over (`usage.rollup_later`) are written by calls that are booked later than that only.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from usage.models import LaterRollUp, RollUp, RollUpGrain, RollUpMember, RollUpSpan
from usage.models.rollups import KEPT_NAMES, LATENCY_COUNTERS, LATENCY_EDGES_MS
from usage.prepared import run
from usage.records import SettledCall
from usage.types import EXPIRED, CallStatus

# A prime, so that connections whose process ids lie evenly apart still have different slots.
SLOTS = 61
# SQLite takes 32,766 values in a statement; a row has less than 70.
ROWS_A_STATEMENT = 400
SECONDS_PER_HOUR = 3_600
HOURS_PER_DAY = 24
HOURS_PER_WEEK = 7 * HOURS_PER_DAY
# What is booked so many hours after it began may be in rows that are made when a day is over; before, it cannot be.
LATE_HOURS = 2

# Any number, the same in all processes: who makes rows of others holds this lock of PostgreSQL alone, who books a call of former
# hours shares it.
LOCK = 7_026_301
# Grains whose rows a worker makes.
MADE_LATER = frozenset(grain.value for grain in RollUpGrain if grain >= RollUpGrain.USER_WEEK)

_INDEX = {name: number for number, name in enumerate(RollUp.SUMS)}
_CALLS, _HITS, _MISSES, _SAVED, _UNPRICED_CALLS, _LATENCY, _OVERHEAD, _OVERHEAD_CALLS = (
    _INDEX[name] for name in RollUp.CALL_SUMS
)
_ATTEMPTS, _UNPRICED, _FREE, _INPUT, _CACHED, _CACHE_WRITE, _OUTPUT, _REASONING, _COST = (
    _INDEX[name] for name in RollUp.ATTEMPT_SUMS
)
_NOTHING = [0] * len(RollUp.SUMS)
# Of grains that do not keep all names of a row, which they keep.
_IS_KEPT = {
    grain: [name in kept for name in RollUp.NAMES]
    for grain, kept in KEPT_NAMES.items()
    if not kept.issuperset(RollUp.NAMES)
}

# Provider, model, status, class of error.
Names = tuple[str, str, str, str]
WRITTEN_OFF: Names = ("", "", CallStatus.UNKNOWN.value, EXPIRED)
# Figures by the key of a row without its slot, and how many calls there belong to which counter of latencies.
Rows = dict[tuple[int | str, ...], tuple[list[int], dict[int, int]]]
# Names, figures by `RollUp.SUMS`, and how many calls belong to which counter of latencies.
Figures = list[tuple[Names, list[int], dict[int, int]]]


@dataclass(frozen=True, slots=True)
class BookedLine:
    """What the roll-ups need of a call's line beside how it ended; `cache` is `miss` where a cache was asked in vain."""

    hour: int
    user_id: int | None
    task_type: str
    prompt_version: str
    purpose: str
    experiment: str
    arm: str
    cache: str
    held_nanousd: int


def hour_of(moment: datetime | str) -> int:
    """Return the number of the hour, since 1970 in UTC, in which a moment lies; texts are as SQLite keeps them."""
    if isinstance(moment, str):
        return _hour_of_text(moment[:13])
    return int(moment.timestamp() // SECONDS_PER_HOUR)


@lru_cache(maxsize=1024)
def _hour_of_text(text: str) -> int:
    return hour_of(datetime.fromisoformat(f"{text}:00:00").replace(tzinfo=UTC))


def week_of(hour: int) -> int:
    """Return the first hour of the week, from Monday on, in which an hour lies."""
    # 1970 began with a Thursday.
    return hour - (hour + 3 * HOURS_PER_DAY) % HOURS_PER_WEEK


def not_late_since(now: datetime) -> datetime:
    """Return since when calls began that are in no rows yet that are made when a day is over."""
    return datetime.fromtimestamp((hour_of(now) - LATE_HOURS + 1) * SECONDS_PER_HOUR, UTC)


def latency_counter(latency_ms: int) -> int:
    """Return the number of the counter that a latency belongs to."""
    return bisect_right(LATENCY_EDGES_MS, latency_ms)


def add_settled(*calls: tuple[BookedLine, SettledCall], written_off: BookedLine | None = None) -> None:
    """Count calls that are settled now, in place of what was written off for them, if that was; the last statement."""
    rows: Rows = {}
    for line, call in calls:
        later = _made_later(line)
        for names, figures, timed in figures_of(call, cache=line.cache)[0]:
            _add(rows, line, names, figures, timed, later=later)
    if written_off:
        figures = [-figure for figure in _written_off(written_off)]
        _add(rows, written_off, WRITTEN_OFF, figures, {}, later=_made_later(written_off))
    _write(rows)


def add_written_off(line: BookedLine) -> None:
    """Count a call that is written off now; the last statement."""
    rows: Rows = {}
    _add(rows, line, WRITTEN_OFF, _written_off(line), {}, later=_made_later(line))
    _write(rows)


def add_correction(line: BookedLine, *, call: Names, attempt: Names, more_nanousd: int, was_unpriced: bool) -> None:
    """Count that a call costs more, or less, than it said, and has a price; the last statement.

    `call` and `attempt` are the names of the call's line, and of the one that sets it right.
    """
    rows: Rows = {}
    own, corrected = _NOTHING.copy(), _NOTHING.copy()
    own[_UNPRICED_CALLS] = -int(was_unpriced)
    corrected[_COST] = more_nanousd
    later = _made_later(line)
    _add(rows, line, call, own, {}, later=later)
    _add(rows, line, attempt, corrected, {}, later=later)
    _write(rows)


def figures_of(call: SettledCall, *, cache: str) -> tuple[Figures, tuple[int, ...]]:
    """Return the figures of a call and of its attempts, those of the call first, and which counter its latency belongs to."""
    counted = _count(call, cache=cache)
    counters = () if call.is_cached else (latency_counter(call.latency_ms),)
    timed: list[dict[int, int]] = [dict.fromkeys(counters, 1)] + [{}] * (len(counted) - 1)
    return [(names, figures, times) for (names, figures), times in zip(counted.items(), timed, strict=True)], counters


def _written_off(line: BookedLine) -> list[int]:
    """Return the figures of a line that costs what it held."""
    figures = _NOTHING.copy()
    figures[_CALLS], figures[_COST] = 1, line.held_nanousd
    figures[_MISSES] = int(line.cache == "miss")
    return figures


def _count(call: SettledCall, *, cache: str) -> dict[Names, list[int]]:
    """Return the figures of a call and of its attempts, by their names; those of the call come first."""
    own = _NOTHING.copy()
    counted: dict[Names, list[int]] = {
        (call.provider, call.model[:120], str(call.status), call.error_class[:60]): own,
    }
    own[_CALLS] = 1
    own[_HITS] = int(call.is_cached)
    own[_MISSES] = int(cache == "miss")
    own[_SAVED] = call.saved_nanousd
    own[_LATENCY] = 0 if call.is_cached else call.latency_ms
    if call.overhead_us is not None:
        own[_OVERHEAD], own[_OVERHEAD_CALLS] = call.overhead_us, 1
    for attempt in call.attempts:
        names = (attempt.provider, attempt.model[:120], str(attempt.status), attempt.error_class[:60])
        figures = counted.setdefault(names, _NOTHING.copy())
        figures[_ATTEMPTS] += 1
        if attempt.cost_nanousd is None:
            figures[_UNPRICED] += 1
            own[_UNPRICED_CALLS] = 1
        else:
            figures[_FREE] += attempt.cost_nanousd == 0
            figures[_COST] += attempt.cost_nanousd
        used = attempt.usage
        figures[_INPUT] += used.input_tokens
        figures[_CACHED] += used.cached_input_tokens
        figures[_CACHE_WRITE] += used.cache_write_tokens
        figures[_OUTPUT] += used.output_tokens
        figures[_REASONING] += used.reasoning_tokens
    return counted


def _made_later(line: BookedLine) -> list[tuple[int, int, int]]:
    """Return grain, hour and user of the rows that were made when the call's day was over, and that it belongs in.

    Nothing, and no query, for a call that was opened lately. Else it stays as it is until the transaction ends.
    """
    if line.hour >= hour_of(not_late_since(timezone.now())):
        return []
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        run("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK], returns=True)
    user, day, week = line.user_id or 0, line.hour - line.hour % HOURS_PER_DAY, week_of(line.hour)
    rows = {
        RollUpSpan.EVER: (RollUpGrain.EVER.value, 0, 0),
        RollUpSpan.NAMED_DAYS: (RollUpGrain.NAMED_USER_DAY.value, day, user),
        RollUpSpan.NAMED_WEEKS: (RollUpGrain.NAMED_USER_WEEK.value, week, user),
        RollUpSpan.WEEKS: (RollUpGrain.USER_WEEK.value, week, user),
        RollUpSpan.WEEKS_OF_ALL: (RollUpGrain.WEEK.value, week, 0),
    }
    spans = run(_spans_of(), [user, line.hour, line.hour], returns=True)[1]
    found = []
    for span, name in spans:
        is_week = name.startswith(RollUpSpan.WEEKS_OF_CROWD)
        crowd = (RollUpGrain.CROWD_WEEK.value, week, span) if is_week else (RollUpGrain.CROWD_DAY.value, day, span)
        found.append(rows.get(name, crowd))
    return found


@lru_cache(maxsize=1)
def _spans_of() -> str:
    spans, members = quoted(RollUpSpan._meta.db_table), quoted(RollUpMember._meta.db_table)
    own = f"SELECT span_id FROM {members} WHERE user_key = %s"  # noqa: S608 - our own names
    of_all = f"id NOT IN (SELECT span_id FROM {members})"  # noqa: S608
    return f"SELECT id, name FROM {spans} WHERE ({of_all} OR id IN ({own})) AND from_hour <= %s AND until_hour > %s"  # noqa: S608


def _add(
    rows: Rows,
    line: BookedLine,
    names: Names,
    figures: list[int],
    timed: dict[int, int],
    *,
    later: Sequence[tuple[int, int, int]],
) -> None:
    """Add figures to the rows of every grain; `timed` says how many of their latencies belong to which counter."""
    day, user = line.hour - line.hour % HOURS_PER_DAY, line.user_id or 0
    named = (line.task_type, *names, line.prompt_version, line.purpose, line.experiment, line.arm)
    own = (
        (RollUpGrain.HOUR.value, line.hour, 0),
        (RollUpGrain.DAY.value, day, 0),
        (RollUpGrain.USER_HOUR.value, line.hour, user),
        (RollUpGrain.USER_DAY.value, day, user),
    )
    for place in (*own, *later):
        key: tuple[int | str, ...] = (*place, *_kept(place[0], named))
        before = rows.get(key)
        if before is None:
            rows[key] = (figures, timed)
        else:
            sums = [one + other for one, other in zip(before[0], figures, strict=True)]
            rows[key] = (
                sums,
                {counter: before[1].get(counter, 0) + timed.get(counter, 0) for counter in before[1] | timed},
            )


def _kept(grain: int, names: tuple[str, ...]) -> Iterable[str]:
    """Return the names of a row as a grain keeps them: the others are empty."""
    if grain not in _IS_KEPT:
        return names
    return [name if is_kept else "" for name, is_kept in zip(names, _IS_KEPT[grain], strict=True)]


def _write(rows: Rows) -> None:
    """Add figures to the tables in the order of the key; a row of which nothing is timed has no latencies."""
    counters = tuple(sorted({counter for _, timed in rows.values() for counter in timed}))
    database = connections[DEFAULT_DB_ALIAS]
    keys = sorted(rows)
    # What is made later has the larger grains.
    first_later = next((place for place, key in enumerate(keys) if key[0] in MADE_LATER), len(keys))
    for grain, own in ((RollUpGrain.HOUR, keys[:first_later]), (RollUpGrain.EVER, keys[first_later:])):
        head, row, ending = _upsert(database.vendor, counters, grain)
        for start in range(0, len(own), ROWS_A_STATEMENT):
            part = own[start : start + ROWS_A_STATEMENT]
            values: list[Any] = []
            for key in part:
                figures, timed = rows[key]
                values += key
                values += figures
                values += map(timed.get, counters)
            run(f"{head} VALUES {', '.join([row] * len(part))} {ending}", values)


@lru_cache(maxsize=128)
def _upsert(vendor: str, numbers: tuple[int, ...], grain: int) -> tuple[str, str, str]:
    """Return the beginning of the statement, the places of one row, and what is done where there is a row already."""
    counters = [LATENCY_COUNTERS[number] for number in numbers]
    places = ", ".join(["%s"] * (len(RollUp.KEY) - 1))
    slot = f"pg_backend_pid() %% {SLOTS} + 1" if vendor == "postgresql" and grain not in MADE_LATER else "0"
    sums = ", ".join(["%s"] * (len(RollUp.SUMS) + len(counters)))
    return upsert_head(counters, grain), f"({places}, {slot}, {sums})", upsert_ending(counters, grain)


def upsert_head(counters: Sequence[str] = LATENCY_COUNTERS, grain: int = RollUpGrain.HOUR) -> str:
    """Return `INSERT INTO …` with the columns of the key, the sums, and these latency counters, for rows of a grain."""
    return f"INSERT INTO {table(grain)} ({', '.join(map(quoted, (*RollUp.KEY, *RollUp.SUMS, *counters)))})"


def upsert_ending(counters: Sequence[str] = LATENCY_COUNTERS, grain: int = RollUpGrain.HOUR) -> str:
    """Return `ON CONFLICT …`, which adds to the row of a grain that is there."""
    old, key = table(grain), ", ".join(map(quoted, RollUp.KEY))
    sums = [f"{quoted(name)} = {old}.{quoted(name)} + excluded.{quoted(name)}" for name in RollUp.SUMS]
    sums += [
        f"{quoted(name)} = COALESCE({old}.{quoted(name)} + COALESCE(excluded.{quoted(name)}, 0), excluded.{quoted(name)})"
        for name in counters
    ]
    return f"ON CONFLICT ({key}) DO UPDATE SET {', '.join(sums)}"


def table(grain: int = RollUpGrain.HOUR) -> str:
    """Return the table that has the rows of a grain, quoted."""
    return quoted((LaterRollUp if grain in MADE_LATER else RollUp)._meta.db_table)


def quoted(name: str) -> str:
    """Return the name of a column or table, quoted."""
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(name)
