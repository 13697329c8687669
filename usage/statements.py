"""The ledger's own statements: written once for each kind of database, as some of them run with every call.

Django's ORM composes each statement anew, which takes several times as long as the database needs for it. Here the text
is made once from the models' fields; values go through the same fields, so that every database gets what the ORM would
have sent.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, CharField, Field, IntegerField, Model

from usage.models import Attempt, Budget, Call, OutboundText
from usage.prepared import run
from usage.rollup_writing import BookedLine, hour_of
from usage.types import EXPIRED, CallStatus, Outbound

# Fields whose values every database takes as they are.
PLAIN_FIELDS = (BooleanField, CharField, IntegerField)

Prepare = Callable[[Any, BaseDatabaseWrapper], Any]
# A column: the attribute of its field, what prepares a value (None: nothing needs to), and the field's default.
Column = tuple[str, Prepare | None, Callable[[], Any]]


def insert_call(values: Mapping[str, Any], *, unless_budgeted: bool = False, unless_known: bool = False) -> bool:
    """Write a call's line; what `values` does not name is written as it is by default.

    Args:
        values: The line.
        unless_budgeted: Only where the site has no active budget, seen in the same moment.
        unless_known: Only where there is no line of this call yet.

    Returns:
        Whether it was written.
    """
    database = connections[DEFAULT_DB_ALIAS]
    columns, statement = _insert_call(database.vendor, unless_budgeted=unless_budgeted, unless_known=unless_known)
    return run(statement, prepared(columns, values, database))[0] > 0


def insert_new_calls(lines: Sequence[Mapping[str, Any]]) -> int:
    """Write the lines of calls that are not known yet, where the site has no active budget; return how many were written."""
    database = connections[DEFAULT_DB_ALIAS]
    columns, statement = _insert_call(database.vendor, unless_budgeted=True, unless_known=True)
    with database.cursor() as cursor:
        cursor.executemany(statement, [prepared(columns, line, database) for line in lines])
        return int(cursor.rowcount)


def settle_line(call_id: UUID, changes: Mapping[str, Any], *, was_written_off: bool = False) -> BookedLine | None:
    """Write `changes` on a line that is open, or on one that was written off; None where there is no such line (any more).

    Returns:
        What the roll-ups need of the line.
    """
    database = connections[DEFAULT_DB_ALIAS]
    columns, statement = _update_call(database.vendor, tuple(changes), was_written_off)
    values = [*prepared(columns, changes, database), id_of(call_id, database)]
    return _booked(run(statement, values, returns=True)[1])


def find_written_off(call_id: UUID) -> BookedLine | None:
    """Lock the line of a call that was written off, and return it as it was counted then; None where there is none."""
    database = connections[DEFAULT_DB_ALIAS]
    return _booked(run(_select_written_off(database.vendor), [id_of(call_id, database)], returns=True)[1])


def _booked(rows: Sequence[tuple[Any, ...]]) -> BookedLine | None:
    return BookedLine(hour_of(rows[0][0]), *rows[0][1:]) if rows else None


def insert_attempts(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the lines of a call's attempts."""
    if not rows:
        return
    database = connections[DEFAULT_DB_ALIAS]
    columns, head, places = _insert_attempts(database.vendor)
    values = [value for row in rows for value in prepared(columns, row, database)]
    run(f"{head} VALUES {', '.join([places] * len(rows))}", values)


def insert_outbound(call_id: UUID, outbound: Outbound, sent_at: datetime) -> None:
    """Write what left for a call, where the call is a person's, or was made beside a person's."""
    database = connections[DEFAULT_DB_ALIAS]
    columns, statement = _insert_outbound(database.vendor)
    values = {"messages": outbound.messages, "hidden": outbound.hidden, "sent_at": sent_at}
    run(statement, [*prepared(columns, values, database), id_of(call_id, database)])


def prepared(columns: Sequence[Column], values: Mapping[str, Any], database: BaseDatabaseWrapper) -> list[Any]:
    """Return the values as the database takes them."""
    return [
        (values[name] if prepare is None else prepare(values[name], database)) if name in values else default()
        for name, prepare, default in columns
    ]


def id_of(call_id: UUID, database: BaseDatabaseWrapper) -> Any:
    """Return a call's id as the database takes it."""
    return Call._meta.pk.get_db_prep_save(call_id, database)


@lru_cache(maxsize=16)
def _insert_call(vendor: str, *, unless_budgeted: bool, unless_known: bool) -> tuple[list[Column], str]:
    fields = list(Call._meta.concrete_fields)
    places = ", ".join(typed_places(fields, vendor) if unless_budgeted else ["%s"] * len(fields))
    rest = f"SELECT {places} WHERE NOT EXISTS ({_active_budgets(vendor)})" if unless_budgeted else f"VALUES ({places})"
    ending = f" ON CONFLICT ({column_of(Call, 'id')}) DO NOTHING" if unless_known else ""
    return columns_of(fields), f"{insert_head(Call, fields)} {rest}{ending}"


@lru_cache(maxsize=4)
def _active_budgets(_vendor: str) -> str:
    return f"SELECT 1 FROM {table_of(Budget)} WHERE {column_of(Budget, 'is_active')}"  # noqa: S608 - our own names


@lru_cache(maxsize=16)
def _update_call(vendor: str, names: tuple[str, ...], was_written_off: bool) -> tuple[list[Column], str]:  # noqa: FBT001 - part of the key
    by_name = {field.attname: field for field in Call._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    changes = ", ".join(f"{quoted_column(field)} = %s" for field in fields)
    state = _is_written_off() if was_written_off else f"{column_of(Call, 'status')} = '{CallStatus.OPEN.value}'"
    statement = f"UPDATE {table_of(Call)} SET {changes} WHERE {column_of(Call, 'id')} = %s AND {state}"  # noqa: S608
    return columns_of(fields), f"{statement} RETURNING {booked_columns(vendor)}"


@lru_cache(maxsize=4)
def _select_written_off(vendor: str) -> str:
    where = f"{column_of(Call, 'id')} = %s AND {_is_written_off()}"
    lock = " FOR UPDATE" if vendor == "postgresql" else ""
    return f"SELECT {booked_columns(vendor)} FROM {table_of(Call)} WHERE {where}{lock}"  # noqa: S608


def _is_written_off() -> str:
    status, error_class = column_of(Call, "status"), column_of(Call, "error_class")
    return f"{status} = '{CallStatus.UNKNOWN.value}' AND {error_class} = '{EXPIRED}'"


def booked_columns(vendor: str) -> str:
    """Return the columns that make a `BookedLine`."""
    plain = [column_of(Call, name) for name in ("created_at", "user", "task_type", "prompt_version", "purpose")]
    told = [
        told_of(column_of(Call, "decision"), path, vendor) for path in (("experiment", "name"), ("experiment", "arm"))
    ]
    cache = told_of(column_of(Call, "decision"), ("cache",), vendor)
    return ", ".join([*plain, *told, cache, column_of(Call, "held_nanousd")])


def told_of(column: str, path: Sequence[str], vendor: str) -> str:
    """Return an expression for a text in a column of JSON; empty where there is none."""
    if vendor == "postgresql":
        return f"COALESCE({column} #>> '{{{','.join(path)}}}', '')"
    return f"COALESCE(json_extract({column}, '$.{'.'.join(path)}'), '')"


@lru_cache(maxsize=4)
def _insert_attempts(_vendor: str) -> tuple[list[Column], str, str]:
    fields = [field for field in Attempt._meta.concrete_fields if not field.primary_key]
    return columns_of(fields), insert_head(Attempt, fields), f"({', '.join(['%s'] * len(fields))})"


@lru_cache(maxsize=4)
def _insert_outbound(vendor: str) -> tuple[list[Column], str]:
    by_name = {field.name: field for field in OutboundText._meta.concrete_fields}
    own = [by_name[name] for name in ("messages", "hidden", "sent_at")]
    head = insert_head(OutboundText, [*own, by_name["call"], by_name["user"]])
    identity, user, beside = column_of(Call, "id"), column_of(Call, "user"), column_of(Call, "shadow_of")
    places = ", ".join(typed_places(own, vendor))
    whose = f"COALESCE(own.{user}, served.{user})"
    chosen = f"SELECT {places}, own.{identity}, {whose} FROM {table_of(Call)} own"  # noqa: S608
    joined = f"LEFT JOIN {table_of(Call)} served ON served.{identity} = own.{beside}"
    return columns_of(own), f"{head} {chosen} {joined} WHERE own.{identity} = %s AND {whose} IS NOT NULL"


def columns_of(fields: "Sequence[Field[Any, Any]]") -> list[Column]:
    """Return what prepares the values of some fields."""
    return [
        (
            field.attname,
            None if isinstance(field, PLAIN_FIELDS) else field.get_db_prep_save,
            _default_of(field),
        )
        for field in fields
    ]


def _default_of(field: "Field[Any, Any]") -> Callable[[], Any]:
    """Return what gives the field's default as databases take it."""
    if isinstance(field, PLAIN_FIELDS):
        value = field.get_default()
        return lambda: value
    return lambda: field.get_db_prep_save(field.get_default(), connections[DEFAULT_DB_ALIAS])


def typed_places(fields: "Sequence[Field[Any, Any]]", vendor: str) -> list[str]:
    """Return the places of a list of values; PostgreSQL cannot see their types there, SQLite would make numbers of dates."""
    if vendor != "postgresql":
        return ["%s"] * len(fields)
    types = [str(field.db_type(connections[DEFAULT_DB_ALIAS])) for field in fields]
    # A cast to a text of some length would cut what is longer.
    return [f"CAST(%s AS {name.partition('(')[0]})" for name in types]


def insert_head(model: type[Model], fields: "Sequence[Field[Any, Any]]") -> str:
    """Return `INSERT INTO …` with the columns of some fields."""
    return f"INSERT INTO {table_of(model)} ({', '.join(quoted_column(field) for field in fields)})"


def table_of(model: type[Model]) -> str:
    """Return a model's table, quoted."""
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(model._meta.db_table)


def column_of(model: type[Model], name: str) -> str:
    """Return the column of a model's field, quoted."""
    return next(quoted_column(field) for field in model._meta.concrete_fields if field.name == name)


def quoted_column(field: "Field[Any, Any]") -> str:
    """Return a field's column, quoted."""
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(str(field.column))
