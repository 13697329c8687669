"""Statements that make rows of the roll-ups out of other rows, or set them side by side."""

from collections.abc import Sequence

from django.db import DEFAULT_DB_ALIAS, connections

from usage.models import RollUp, RollUpGrain
from usage.models.rollups import LATENCY_COUNTERS
from usage.rollup_writing import HOURS_PER_DAY, HOURS_PER_WEEK, LOCK, table, upsert_ending, upsert_head

FIGURES = (*RollUp.SUMS, *LATENCY_COUNTERS)
ADDED_UP = ", ".join(f"CAST(SUM({name}) AS BIGINT)" for name in FIGURES)
# From 1970 on, weeks begin with a Monday; the first day was a Thursday.
_STARTS = {
    "day": f"hour - hour %% {HOURS_PER_DAY} AS day",
    "week": f"hour - (hour + {3 * HOURS_PER_DAY}) %% {HOURS_PER_WEEK} AS week",
}


def keep_others_out() -> None:
    """Wait until nobody books a call of former hours, and let nobody begin to, until the transaction ends."""
    # A transaction of SQLite that writes is alone.
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def wait_for_makers() -> None:
    """Wait for whoever keeps others out, and let nobody begin to, until the transaction ends; several may do so at once."""
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])


def insert_sums(grain: RollUpGrain, columns: Sequence[str], parts: Sequence[str], *, user_key: int = 0) -> str:
    """Return the statement that adds parts up into rows of a grain.

    Args:
        grain: What is made.
        columns: The part of the key that the parts have: `hour`, `day` or `week` (0 without), perhaps `user_key`, and names. The other names are empty.
        parts: Statements with these columns and all figures.
        user_key: Whose rows they are, where the parts do not say it.
    """
    made = dict.fromkeys(RollUp.NAMES, "''")
    made |= {"grain": str(grain.value), "hour": "0", "user_key": str(int(user_key)), "slot": "0"}
    made |= {"hour" if name in _STARTS else name: name for name in columns}
    key = ", ".join(made[name] for name in RollUp.KEY)
    # The condition tells SQLite that what follows is not a join.
    chosen = f"SELECT {key}, {ADDED_UP} FROM ({' UNION ALL '.join(parts)}) AS parts WHERE 1 = 1 GROUP BY {', '.join(columns)}"  # noqa: S608
    return f"{upsert_head(grain=grain)} {chosen} {upsert_ending(grain=grain)}"


def select_rows(
    grain: RollUpGrain, columns: Sequence[str], first: int, *, hours: int = HOURS_PER_DAY, sign: int = 1, also: str = ""
) -> str:
    """Return the statement over the rows of a grain in so many hours; `sign` -1 takes them away, `also` is one more condition."""
    chosen = [_STARTS.get(name, name) for name in columns]
    chosen += [name if sign > 0 else f"-{name} AS {name}" for name in FIGURES]
    where = f"grain = {grain.value} AND hour >= {first} AND hour < {first + hours}{also}"
    return f"SELECT {', '.join(chosen)} FROM {table(grain)} WHERE {where}"  # noqa: S608 - our own names
