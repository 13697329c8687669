"""The statements of budgets that run with every call: which windows apply, what is taken of them, held and paid.

As in `usage.statements`, the texts are made once from the models' fields; rows come back as the ORM would make them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateTimeField, Model
from django.db.models.expressions import Col

from usage.models import Budget, BudgetHold, BudgetRaise, BudgetSlice, BudgetWindow, Call
from usage.prepared import run
from usage.statements import column_of, table_of

M = TypeVar("M", bound=Model)
Converter = Callable[[Any], Any]
_MOMENT = DateTimeField()


def read_windows(
    *, user_id: int | None, task_type: str, purpose: str, now: datetime
) -> list[tuple[Budget, list[BudgetWindow]]]:
    """Return the active budgets that count such a call, with their windows around `now`, in the order of their keys.

    Each budget has `raised_nanousd`, what raises add to it for this person now. Calls of nobody are only in the budgets
    of all. Budgets of single providers are all among them.
    """
    moment = _moment(now)
    whose = [] if user_id is None else [user_id]
    values = [moment, moment, *whose, *whose, moment, moment, task_type, purpose, *whose, *whose]
    rows = run(_select_windows(_vendor(), is_somebody=user_id is not None), values, returns=True)[1]
    found: dict[int, tuple[Budget, list[BudgetWindow]]] = {}
    for row in rows:
        budget, rest = _instance(Budget, row)
        if budget.pk not in found:
            budget.raised_nanousd = int(rest[0])  # type: ignore[attr-defined]  # as the ORM annotates it
            found[budget.pk] = budget, []
        if rest[1] is not None:
            found[budget.pk][1].append(_instance(BudgetWindow, rest[1:])[0])
    return list(found.values())


def take(window_id: int, amount: int, *, most: int | None) -> bool:
    """Hold the amount in a window, on condition that no more than `most` is spent and held there (None: without one)."""
    if most is None:
        return run(_take(_vendor(), is_bound=False), [amount, window_id])[0] > 0
    return run(_take(_vendor(), is_bound=True), [amount, window_id, most])[0] > 0


def insert_holds(call_id: UUID, shares: Sequence[tuple[int, int]]) -> None:
    """Note what the call holds: pairs of a window's key and an amount."""
    if shares:
        own = _identity(call_id)
        run(_insert_holds(_vendor(), len(shares)), [value for share in shares for value in (own, *share)])


def read_holds(call_id: UUID) -> list[BudgetHold]:
    """Return what the call holds, in the order in which windows are taken, each with its window, its budget and `opened_at`."""
    found = []
    for row in run(_select_holds(_vendor()), [_identity(call_id)], returns=True)[1]:
        held, rest = _instance(BudgetHold, row)
        window, rest = _instance(BudgetWindow, rest)
        budget, rest = _instance(Budget, rest)
        held.window, window.budget = window, budget
        held.opened_at = _instance(Call, rest, ("created_at",))[0].created_at  # type: ignore[attr-defined]
        found.append(held)
    return found


def delete_holds(call_id: UUID) -> None:
    """Forget what the call held."""
    run(_delete_holds(_vendor()), [_identity(call_id)])


def pay(window_id: int, given_back: int, more: int) -> None:
    """Give back what was held in a window, and spend more there."""
    run(_pay(_vendor(), is_rolling=False), [given_back, more, window_id])


def pay_slice(window_id: int, given_back: int, more: int, *, starts_at: datetime, ends_to_count: datetime) -> None:
    """Give back what was held in a rolling window, and spend more there, in the slice that begins then."""
    ends = _moment(ends_to_count)
    run(_pay(_vendor(), is_rolling=True), [given_back, more, ends, ends, window_id])
    run(_pay_slice(_vendor()), [window_id, _moment(starts_at), more])


def _vendor() -> str:
    return connections[DEFAULT_DB_ALIAS].vendor


def _moment(moment: datetime) -> Any:
    return _MOMENT.get_db_prep_value(moment, connections[DEFAULT_DB_ALIAS])


def _identity(call_id: UUID) -> Any:
    return Call._meta.pk.get_db_prep_value(call_id, connections[DEFAULT_DB_ALIAS])


def _instance(model: type[M], row: Sequence[Any], names: tuple[str, ...] = ()) -> tuple[M, Sequence[Any]]:
    """Return the row that the first values make, and the values behind them."""
    attributes, converters = _fields(_vendor(), model, names)
    values = list(row[: len(attributes)])
    for place, convert in converters:
        values[place] = convert(values[place])
    return model.from_db(DEFAULT_DB_ALIAS, attributes, values), row[len(attributes) :]


@lru_cache(maxsize=16)
def _fields(_vendor: str, model: type[Model], names: tuple[str, ...]) -> tuple[list[str], list[tuple[int, Converter]]]:
    """Return a row's attributes, and what makes a value of it from what the database gives, where something has to."""
    database = connections[DEFAULT_DB_ALIAS]
    fields = [field for field in model._meta.concrete_fields if not names or field.name in names]
    converters = []
    for place, field in enumerate(fields):
        expression = Col(model._meta.db_table, field)
        own = [*database.ops.get_db_converters(expression), *expression.get_db_converters(database)]
        converters += [(place, _converter(one, expression)) for one in own]
    return [field.attname for field in fields], converters


def _converter(convert: Callable[..., Any], expression: Col) -> Converter:
    return lambda value: convert(value, expression, connections[DEFAULT_DB_ALIAS])


def _columns(model: type[Model], alias: str) -> str:
    return ", ".join(f"{alias}.{column_of(model, field.name)}" for field in model._meta.concrete_fields)


@lru_cache(maxsize=4)
def _select_windows(_vendor: str, *, is_somebody: bool) -> str:
    budget, raised, window = (
        _of(model, alias) for model, alias in ((Budget, "b"), (BudgetRaise, "r"), (BudgetWindow, "w"))
    )
    if is_somebody:
        membership = get_user_model().groups.through
        groups = f"SELECT m.{column_of(membership, 'group')} FROM {table_of(membership)} m WHERE m.{column_of(membership, 'user')} = %s"  # noqa: S608
        whose_raise = f"({raised('user')} IS NULL OR {raised('user')} = %s)"
        whose_window = f"{window('user_key')} IN (0, %s)"
        reach = (
            f"({budget('user')} IS NULL OR {budget('user')} = %s)"
            f" AND ({budget('group')} IS NULL OR {budget('group')} IN ({groups}))"
        )
    else:
        whose_raise, whose_window = f"{raised('user')} IS NULL", f"{window('user_key')} = 0"
        reach = f"{budget('user')} IS NULL AND {budget('group')} IS NULL AND NOT {budget('is_per_user')}"
    raises = (
        f"SELECT COALESCE(SUM({raised('amount_nanousd')}), 0) FROM {table_of(BudgetRaise)} r WHERE {raised('budget')} = {budget('id')}"  # noqa: S608
        f" AND {raised('starts_at')} <= %s AND {raised('until')} > %s AND {whose_raise}"
    )
    return (
        f"SELECT {_columns(Budget, 'b')}, ({raises}), {_columns(BudgetWindow, 'w')} FROM {table_of(Budget)} b"  # noqa: S608
        f" LEFT JOIN {table_of(BudgetWindow)} w ON {window('budget')} = {budget('id')} AND {whose_window}"
        f" AND {window('starts_at')} <= %s AND ({window('ends_at')} IS NULL OR {window('ends_at')} > %s)"
        f" WHERE {budget('is_active')} AND {budget('task_type')} IN ('', %s) AND {budget('purpose')} IN ('', %s)"
        f" AND {reach} ORDER BY {budget('id')}"
    )


@lru_cache(maxsize=4)
def _take(_vendor: str, *, is_bound: bool) -> str:
    held, spent = column_of(BudgetWindow, "held_nanousd"), column_of(BudgetWindow, "spent_nanousd")
    bound = f" AND {spent} + {held} <= %s" if is_bound else ""
    return f"UPDATE {table_of(BudgetWindow)} SET {held} = {held} + %s WHERE {column_of(BudgetWindow, 'id')} = %s{bound}"  # noqa: S608


@lru_cache(maxsize=32)
def _insert_holds(_vendor: str, number: int) -> str:
    columns = ", ".join(column_of(BudgetHold, name) for name in ("call", "window", "held_nanousd"))
    return f"INSERT INTO {table_of(BudgetHold)} ({columns}) VALUES {', '.join(['(%s, %s, %s)'] * number)}"  # noqa: S608


@lru_cache(maxsize=4)
def _select_holds(_vendor: str) -> str:
    hold, window, budget, call = (
        _of(model, alias) for model, alias in ((BudgetHold, "h"), (BudgetWindow, "w"), (Budget, "b"), (Call, "c"))
    )
    return (
        f"SELECT {_columns(BudgetHold, 'h')}, {_columns(BudgetWindow, 'w')}, {_columns(Budget, 'b')}, {call('created_at')}"  # noqa: S608
        f" FROM {table_of(BudgetHold)} h JOIN {table_of(BudgetWindow)} w ON {window('id')} = {hold('window')}"
        f" JOIN {table_of(Budget)} b ON {budget('id')} = {window('budget')}"
        f" JOIN {table_of(Call)} c ON {call('id')} = {hold('call')} WHERE {hold('call')} = %s"
        f" ORDER BY {window('budget')}, {window('user_key')}, {window('starts_at')}"
    )


@lru_cache(maxsize=4)
def _delete_holds(_vendor: str) -> str:
    return f"DELETE FROM {table_of(BudgetHold)} WHERE {column_of(BudgetHold, 'call')} = %s"  # noqa: S608


@lru_cache(maxsize=4)
def _pay(_vendor: str, *, is_rolling: bool) -> str:
    held, spent, stale = (column_of(BudgetWindow, name) for name in ("held_nanousd", "spent_nanousd", "stale_at"))
    # The slice that is too old first says when the window has to be looked at.
    also = f", {stale} = CASE WHEN {stale} < %s THEN {stale} ELSE %s END" if is_rolling else ""
    return (
        f"UPDATE {table_of(BudgetWindow)} SET {held} = {held} - %s, {spent} = {spent} + %s{also}"  # noqa: S608
        f" WHERE {column_of(BudgetWindow, 'id')} = %s"
    )


@lru_cache(maxsize=4)
def _pay_slice(_vendor: str) -> str:
    window, starts_at, spent = (column_of(BudgetSlice, name) for name in ("window", "starts_at", "spent_nanousd"))
    table = table_of(BudgetSlice)
    return (
        f"INSERT INTO {table} ({window}, {starts_at}, {spent}) VALUES (%s, %s, %s)"  # noqa: S608
        f" ON CONFLICT ({window}, {starts_at}) DO UPDATE SET {spent} = {table}.{spent} + excluded.{spent}"
    )


def _of(_model: type[Model], alias: str) -> Callable[[str], str]:
    return lambda name: f"{alias}.{column_of(_model, name)}"
