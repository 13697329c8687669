"""Opening, and settling, a call by one statement each, where the database takes several changes in one: PostgreSQL.

A statement outside of a transaction is one by itself, so it costs one way to the server and back, and rows that others wait for
are locked for no longer than the server works on them. All of it is done, or nothing; what it leaves undone `usage.booking`
does step by step, as on SQLite. Locks are taken in the same order as there: the line, windows of budgets in the order of
their key, roll-ups in the order of theirs.

A line says in how many windows it is held (`windows_held`). Where a budget's window is made and takes open calls over, it says
one more. So a settlement that began before that, and waited for the line, finds another number than holds, and does nothing.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from usage import rollup_writing
from usage.models import Attempt, Budget, BudgetHold, BudgetWindow, Call, OutboundText, RollUp, RollUpGrain
from usage.models.rollups import LATENCY_COUNTERS
from usage.prepared import run
from usage.records import SettledCall
from usage.rollup_writing import HOURS_PER_DAY, SECONDS_PER_HOUR, SLOTS, Figures, not_late_since
from usage.statements import (
    column_of,
    columns_of,
    id_of,
    insert_head,
    prepared,
    quoted_column,
    table_of,
    told_of,
    typed_places,
)
from usage.types import EMBEDDED_PROVIDER, AttemptRecord, BudgetUnit, CallStatus, Outbound

logger = logging.getLogger(__name__)

VENDOR = "postgresql"
# What the roll-ups need of a line, and the texts that a name of theirs is made of.
_TEXT_NAMES = ("provider", "model", "status", "error_class")
_GRAINS = ", ".join(
    f"({grain.value})" for grain in (RollUpGrain.HOUR, RollUpGrain.DAY, RollUpGrain.USER_HOUR, RollUpGrain.USER_DAY)
)
_DAYS = f"({RollUpGrain.DAY.value}, {RollUpGrain.USER_DAY.value})"
_AFTER_PAYING = "(SELECT COUNT(*) FROM paid) >= 0"
_USERS = f"({RollUpGrain.USER_HOUR.value}, {RollUpGrain.USER_DAY.value})"


@dataclass(slots=True)
class Seen:
    """What the last call of this process met, which says what to try first with the next; whether it is right shows there."""

    budgets: bool = False


SEEN = Seen()


@dataclass(frozen=True, slots=True)
class _Form:
    """What makes one text of a settlement different from another."""

    changes: tuple[str, ...]
    attempts: int
    figures: int
    counters: tuple[int, ...]
    has_outbound: bool
    payers: int


def is_possible() -> bool:
    """Whether the database takes several changes in one statement."""
    return connections[DEFAULT_DB_ALIAS].vendor == VENDOR


def open_held(line: Mapping[str, Any], shares: Sequence[tuple[int, int, int | None]]) -> bool:
    """Write a call's line, and hold its shares in the windows of budgets; False, with nothing written, where one has no room.

    Args:
        line: The line.
        shares: Of each window its key, the amount, and how much may be spent and held there at most before it (None: as much as there is).
    """
    database = connections[DEFAULT_DB_ALIAS]
    columns, statement = _open_text(len(shares))
    values = [value for share in shares for value in share]
    values += prepared(columns, {**line, "windows_held": len(shares)}, database)
    return bool(run(statement, values, returns=True)[1])


def settle(
    call: SettledCall,
    changes: Mapping[str, Any],
    attempts: Sequence[Mapping[str, Any]],
    outbound: Outbound | None,
    *,
    is_held: bool,
) -> bool:
    """Book a call whose line is open; False, with nothing written, where that cannot be done at once.

    That is also so where the call began so long ago that it may be in rows that are made when a day is over.

    Args:
        call: How it ended; with its decision record.
        changes: What is written on the line.
        attempts: The lines of its attempts.
        outbound: What left the site for it, as it is kept.
        is_held: Whether it may be held in windows of budgets; without, one that is held is left alone.
    """
    database = connections[DEFAULT_DB_ALIAS]
    figures, counters = rollup_writing.figures_of(call, cache=(call.decision or {}).get("cache", ""))
    payers = _payers(call.attempts) if is_held else []
    form = _Form(tuple(changes), len(attempts), len(figures), counters, outbound is not None, len(payers))
    text = _settle_text(form)
    own = id_of(call.call_id, database)
    values = [*prepared(text.changes, changes, database), own, not_late_since(timezone.now()), own]
    for row in attempts:
        values += prepared(text.attempts, row, database)
    if outbound is not None:
        sent = {"messages": outbound.messages, "hidden": outbound.hidden, "sent_at": call.settled_at}
        values += prepared(text.outbound, sent, database)
    for payer in payers:
        values += payer
    values += _values_of(figures, counters)
    rows = run(text.statement, values, returns=True)[1]
    for name in rows[0][0] if rows else ():
        logger.warning("Soft budget %r is used up.", name)
    return bool(rows)


def _payers(attempts: Sequence[AttemptRecord]) -> list[tuple[str, int, bool, bool]]:
    """Return for each provider that was asked what is known to be paid, whether something is not, and whether that is a call."""
    found: dict[str, tuple[int, bool]] = {"": (0, False)}
    for one in attempts:
        known, is_unpriced = found.get(one.provider, (0, False))
        found[one.provider] = (known + (one.cost_nanousd or 0), is_unpriced or one.cost_nanousd is None)
    return [(name, *paid, name not in {"", EMBEDDED_PROVIDER}) for name, paid in found.items()]


def _values_of(figures: Figures, counters: Sequence[int]) -> list[Any]:
    values: list[Any] = []
    for names, sums, timed in figures:
        values += names
        values += sums
        values += map(timed.get, counters)
    return values


@dataclass(frozen=True, slots=True)
class _Text:
    """A settlement's statement, and what prepares its values, in their order."""

    changes: list[Any]
    attempts: list[Any]
    outbound: list[Any]
    statement: str


@lru_cache(maxsize=256)
def _settle_text(form: _Form) -> _Text:
    by_name = {field.attname: field for field in Call._meta.concrete_fields}
    changed = [by_name[name] for name in form.changes]
    kept = [field for field in Attempt._meta.concrete_fields if not field.primary_key]
    sent = [field for field in OutboundText._meta.concrete_fields if field.name in {"messages", "hidden", "sent_at"}]
    changes = ", ".join(f"{quoted_column(field)} = %s" for field in changed)
    none = f"0 AND NOT EXISTS (SELECT 1 FROM {_of(BudgetHold)} WHERE call_id = %s)"  # noqa: S608 - our own names
    is_open = f"id = %s AND status = '{CallStatus.OPEN.value}' AND created_at >= %s"
    is_open += f" AND windows_held = {_counted() if form.payers else none}"
    parts = [f"line AS (UPDATE {_of(Call)} SET {changes} WHERE {is_open} RETURNING {_line_columns()})"]  # noqa: S608
    if form.attempts:
        row = f"({', '.join(typed_places(kept, VENDOR))})"
        rows = f"(VALUES {', '.join([row] * form.attempts)}) new"
        parts.append(f"attempt AS ({insert_head(Attempt, kept)} SELECT new.* FROM line, {rows})")  # noqa: S608
    if form.has_outbound:
        parts.append(f"sent AS ({_outbound_text(sent)})")
    if form.payers:
        parts += _paying(form.payers)
    parts.append(f"rolled AS ({_rolling(form)})")
    used_up = "ARRAY(SELECT name FROM paid WHERE is_used_up)" if form.payers else "CAST('{}' AS text[])"
    statement = f"WITH {', '.join(parts)} SELECT {used_up} FROM line"  # noqa: S608
    return _Text(columns_of(changed), columns_of(kept), columns_of(sent), statement)


def _counted() -> str:
    """Return the number of windows that hold for the call; those of the last hours, which are paid in slices, are not among them."""
    return (
        f"(SELECT COUNT(*) FROM {_of(BudgetHold)} h JOIN {_of(BudgetWindow)} w ON w.id = h.window_id JOIN {_of(Budget)} b ON b.id = w.budget_id"  # noqa: S608
        " WHERE h.call_id = %s AND h.paid_nanousd IS NULL AND b.rolling_hours IS NULL)"
    )


def _line_columns() -> str:
    decision = column_of(Call, "decision")
    experiment, arm = (told_of(decision, ("experiment", name), VENDOR) for name in ("name", "arm"))
    hour = f"CAST(FLOOR(EXTRACT(EPOCH FROM created_at) / {SECONDS_PER_HOUR}) AS integer)"
    return f"id, user_id, shadow_of_id, task_type, prompt_version, purpose, {experiment} AS experiment, {arm} AS arm, {hour} AS hour"


def _outbound_text(sent: Sequence[Any]) -> str:
    fields = {field.name: field for field in OutboundText._meta.concrete_fields}
    head = insert_head(OutboundText, [*sent, fields["call"], fields["user"]])
    whose = "COALESCE(line.user_id, served.user_id)"
    chosen = f"SELECT {', '.join(typed_places(sent, VENDOR))}, line.id, {whose} FROM line"  # noqa: S608
    return f"{head} {chosen} LEFT JOIN {_of(Call)} served ON served.id = line.shadow_of_id WHERE {whose} IS NOT NULL"


def _paying(payers: int) -> list[str]:
    """Return the parts that turn holds into what was paid, as `budgets.settle` does."""
    window, row = _of(BudgetWindow), "(CAST(%s AS text), CAST(%s AS bigint), CAST(%s AS boolean), CAST(%s AS boolean))"
    asked = "MAX(CASE WHEN payer.is_asked THEN 1 ELSE 0 END)"
    known = "SUM(payer.known)"
    money = f"CASE WHEN bool_or(payer.is_unpriced) THEN GREATEST({known}, h.held_nanousd) ELSE {known} END"
    holds, owed = _of(BudgetHold), f"CASE WHEN b.unit = '{BudgetUnit.CALLS.value}' THEN {asked} ELSE {money} END"
    joined = (
        f"line JOIN {holds} h ON h.call_id = line.id JOIN {window} w ON w.id = h.window_id"
        # The payer without a name has paid nothing, and is there for budgets whose provider was not asked.
        f" JOIN {_of(Budget)} b ON b.id = w.budget_id JOIN payer ON b.provider = '' OR payer.name IN ('', b.provider)"
    )
    due = f"h.window_id, h.held_nanousd AS back, CAST({owed} AS bigint) AS more, b.name, b.limit_nanousd, b.is_hard"
    spent = "held_nanousd = w.held_nanousd - due.back, spent_nanousd = w.spent_nanousd + due.more"
    is_used_up = "NOT is_hard AND w.spent_nanousd - more < limit_nanousd AND limit_nanousd <= w.spent_nanousd"
    in_order = (
        f"SELECT id FROM {window} WHERE id IN (SELECT window_id FROM due) ORDER BY budget_id, user_key, starts_at"  # noqa: S608
    )
    paid = f"UPDATE {window} w SET {spent} FROM due JOIN locked ON locked.id = window_id WHERE w.id = window_id"  # noqa: S608
    return [
        f"payer (name, known, is_unpriced, is_asked) AS (VALUES {', '.join([row] * payers)})",
        f"due AS (SELECT {due} FROM {joined} GROUP BY h.id, b.id)",  # noqa: S608
        f"locked AS ({in_order} FOR UPDATE)",
        f"paid AS ({paid} RETURNING name, {is_used_up} AS is_used_up)",
        # After the windows, as whoever deletes those does.
        f"gone AS (DELETE FROM {holds} USING line WHERE call_id = line.id AND {_AFTER_PAYING})",  # noqa: S608
    ]


def _rolling(form: _Form) -> str:
    """Return what adds the figures to the rows of every grain, in the order of their key, as `rollup_writing` does."""
    counters = [LATENCY_COUNTERS[number] for number in form.counters]
    types = ["text"] * len(_TEXT_NAMES) + ["bigint"] * len(RollUp.SUMS) + ["integer"] * len(counters)
    row = f"({', '.join(f'CAST(%s AS {kind})' for kind in types)})"
    names = ", ".join((*_TEXT_NAMES, *RollUp.SUMS, *counters))
    day = f"hour - hour %% {HOURS_PER_DAY}"
    of_days = RollUpGrain.USER_DAY.value
    named = {name: f"CASE WHEN grain = {of_days} THEN '' ELSE {name} END" for name in RollUp.NAMES} | {
        "status": "status"
    }
    key = {
        "grain": "grain",
        "hour": f"CASE WHEN grain IN {_DAYS} THEN {day} ELSE hour END",
        "user_key": f"CASE WHEN grain IN {_USERS} THEN COALESCE(user_id, 0) ELSE 0 END",
        **named,
        "slot": f"pg_backend_pid() %% {SLOTS} + 1",
    }
    keys = ", ".join(f"{text} AS k_{name}" for name, text in key.items())
    # Numbers first; texts by their bytes, which is the order of Python's.
    order = ", ".join(f'k_{name} COLLATE "C"' if name in named else f"k_{name}" for name in key)
    chosen = f"FROM line, (VALUES {', '.join([row] * form.figures)}) figure ({names}), (VALUES {_GRAINS}) each (grain)"
    # All figures of a call may be in one row of a person's day.
    sums = [f"SUM({name}) AS {name}" if form.figures > 1 else name for name in (*RollUp.SUMS, *counters)]
    grouped = f" GROUP BY {', '.join(f'k_{name}' for name in key)}" if form.figures > 1 else ""
    waits = f" WHERE {_AFTER_PAYING}" if form.payers else ""
    inner = f"SELECT {keys}, {', '.join((*RollUp.SUMS, *counters))} {chosen}{waits}"
    outer = f"SELECT {', '.join(f'k_{name}' for name in key)}, {', '.join(sums)} FROM ({inner}) row_of{grouped} ORDER BY {order}"  # noqa: S608
    return f"{rollup_writing.upsert_head(counters)} {outer} {rollup_writing.upsert_ending(counters)}"


@lru_cache(maxsize=32)
def _open_text(shares: int) -> tuple[list[Any], str]:
    fields = list(Call._meta.concrete_fields)
    window = _of(BudgetWindow)
    wanted = ", ".join(["(CAST(%s AS bigint), CAST(%s AS bigint), CAST(%s AS bigint))"] * shares)
    places = ", ".join(typed_places(fields, VENDOR))
    statement = (
        f"WITH wanted (id, amount, most) AS (VALUES {wanted}),"  # noqa: S608 - our own names
        f" locked AS (SELECT id, spent_nanousd + held_nanousd AS used FROM {window} WHERE id IN (SELECT id FROM wanted)"
        " ORDER BY budget_id, user_key, starts_at FOR UPDATE),"
        f" room AS (SELECT COUNT(*) = {shares} AND bool_and(most IS NULL OR used <= most) AS is_left FROM locked JOIN wanted USING (id)),"
        f" line AS ({insert_head(Call, fields)} SELECT {places} FROM room WHERE is_left RETURNING id),"
        f" taken AS (UPDATE {window} w SET held_nanousd = held_nanousd + amount FROM wanted, line WHERE w.id = wanted.id),"
        f" held AS (INSERT INTO {_of(BudgetHold)} (call_id, window_id, held_nanousd) SELECT line.id, wanted.id, amount FROM line, wanted)"
        " SELECT 1 FROM line"
    )
    return columns_of(fields), statement


def _of(model: Any) -> str:
    return table_of(model)
