"""The ledger's own statements: written once for each kind of database, as two of them run with every call.

Django's ORM composes each statement anew, which takes several times as long as the database needs for it. Here the text
is made once from the models' fields; values go through the same fields, so that every database gets what the ORM would
have sent.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Field, Model

from usage.models import Attempt, Budget, BudgetHold, Call
from usage.types import CallStatus

# What the reconciler writes as the class of error on a line that nobody settled.
EXPIRED = "Expired"


def insert_call(values: Mapping[str, Any], *, unless_budgeted: bool) -> bool:
    """Write a call's line; with `unless_budgeted` only where the site has no active budget, seen in the same moment.

    Returns:
        Whether it was written.
    """
    fields, plain, conditional = _insert_call(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(conditional if unless_budgeted else plain, _prepared(fields, values))
        return bool(cursor.rowcount > 0)


def settle_line(call_id: UUID, changes: Mapping[str, Any]) -> bool:
    """Write `changes` on a line that is open, or that was written off; False when it was settled before."""
    fields, update = _update_call(connection.vendor, tuple(changes))
    with connection.cursor() as cursor:
        key = Call._meta.pk.get_db_prep_save(call_id, connection)
        cursor.execute(update, [*_prepared(fields, changes), key])
        return bool(cursor.rowcount > 0)


def insert_attempts(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the lines of a call's attempts."""
    if not rows:
        return
    fields, head, places = _insert_attempts(connection.vendor)
    values = [value for row in rows for value in _prepared(fields, row)]
    with connection.cursor() as cursor:
        cursor.execute(f"{head} VALUES {', '.join([places] * len(rows))}", values)


def has_holds(call_id: UUID) -> bool:
    """Whether the call holds something in a budget."""
    with connection.cursor() as cursor:
        cursor.execute(_select_hold(connection.vendor), [Call._meta.pk.get_db_prep_save(call_id, connection)])
        return cursor.fetchone() is not None


def _prepared(fields: Sequence["Field[Any, Any]"], values: Mapping[str, Any]) -> list[Any]:
    """Return the values as the database takes them."""
    return [field.get_db_prep_save(values[field.attname], connection) for field in fields]


@lru_cache(maxsize=4)
def _insert_call(_vendor: str) -> tuple[list["Field[Any, Any]"], str, str]:
    """Return the columns of a line, the statement that writes one, and that which writes it where nothing is budgeted."""
    fields = list(Call._meta.concrete_fields)
    head, places = _head(Call, fields), ", ".join(["%s"] * len(fields))
    active = f"SELECT 1 FROM {_name(Budget)} WHERE {_column(Budget, 'is_active')}"  # noqa: S608 - names of our own columns
    return fields, f"{head} VALUES ({places})", f"{head} SELECT {places} WHERE NOT EXISTS ({active})"


@lru_cache(maxsize=16)
def _update_call(_vendor: str, names: tuple[str, ...]) -> tuple[list["Field[Any, Any]"], str]:
    by_name = {field.attname: field for field in Call._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    changes = ", ".join(f"{_quoted(field)} = %s" for field in fields)
    status = _column(Call, "status")
    written_off = f"{status} = '{CallStatus.UNKNOWN.value}' AND {_column(Call, 'error_class')} = '{EXPIRED}'"
    state = f"({status} = '{CallStatus.OPEN.value}' OR ({written_off}))"
    return fields, f"UPDATE {_name(Call)} SET {changes} WHERE {_column(Call, 'id')} = %s AND {state}"  # noqa: S608 - names of our own columns


@lru_cache(maxsize=4)
def _insert_attempts(_vendor: str) -> tuple[list["Field[Any, Any]"], str, str]:
    fields = [field for field in Attempt._meta.concrete_fields if not field.primary_key]
    return fields, _head(Attempt, fields), f"({', '.join(['%s'] * len(fields))})"


@lru_cache(maxsize=4)
def _select_hold(_vendor: str) -> str:
    return f"SELECT 1 FROM {_name(BudgetHold)} WHERE {_column(BudgetHold, 'call')} = %s LIMIT 1"  # noqa: S608 - names of our own columns


def _head(model: type[Model], fields: Sequence["Field[Any, Any]"]) -> str:
    columns = ", ".join(_quoted(field) for field in fields)
    return f"INSERT INTO {_name(model)} ({columns})"


def _name(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(model: type[Model], name: str) -> str:
    return next(_quoted(field) for field in model._meta.concrete_fields if field.name == name)


def _quoted(field: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))
