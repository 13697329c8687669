"""Statements that run with every call, sent by the database's own driver: prepared once, then only their values.

Django's cursor writes the values into the text for PostgreSQL, which then reads and plans it anew, and rewrites the places
of every text for SQLite. Here PostgreSQL gets a prepared statement, and SQLite a text that it has seen before. All else is
Django's: its connection, its transactions, its exceptions; where something watches the statements (tests, logs), Django's
cursor is taken, and sends the same.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


def run(statement: str, values: Sequence[Any], *, returns: bool = False) -> tuple[int, list[tuple[Any, ...]]]:
    """Run a statement with `%s` as places; return how many rows it changed, and, where it `returns` some, those.

    Values are as the database takes them (`Field.get_db_prep_save`).

    Raises:
        DatabaseError: As Django's cursor does.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.execute_wrappers or database.queries_logged:
        with database.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.rowcount, cursor.fetchall() if returns else []
    database.ensure_connection()
    database.close_if_health_check_failed()
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        cursor = _execute(database, statement, values)
        rows = cursor.fetchall() if returns else []
        return cursor.rowcount, rows


def _execute(database: BaseDatabaseWrapper, statement: str, values: Sequence[Any]) -> Any:
    if database.vendor == "sqlite":
        return database.connection.execute(_with_marks(statement), values)
    cursor, whole_number = _postgresql()
    # The driver reads long texts with `%s` anew each time.
    # A number's size would be part of the statement that is prepared.
    sent = [whole_number(value) if type(value) is int else value for value in values]
    # Behind a pooler that hands out connections by transaction, what one has prepared is not there for the next.
    may_prepare = not database.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
    return cursor(database.connection).execute(_with_numbers(statement), sent, prepare=may_prepare)


@lru_cache(maxsize=512)
def _with_marks(statement: str) -> str:
    return statement.replace("%s", "?").replace("%%", "%")


@lru_cache(maxsize=512)
def _with_numbers(statement: str) -> str:
    texts = statement.split("%s")
    numbered = [f"{text}${number}" for number, text in enumerate(texts[:-1], 1)]
    return "".join([*numbered, texts[-1]]).replace("%%", "%")


@lru_cache(maxsize=1)
def _postgresql() -> tuple[Any, Any]:
    """Return the driver's cursor that leaves values to the server, and its type of a number of 64 bits."""
    from psycopg import RawCursor
    from psycopg.types.numeric import Int8

    return RawCursor, Int8
