"""Databases of sites that tests start: copies of the test database as its migrations left it, which take seconds to run."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import dj_database_url
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections, transaction


@contextlib.contextmanager
def own_database(folder: Path, *, template: str = "") -> Iterator[str]:
    """Yield the address of a database of the tested kind that nothing else uses; empty for the embedded default.

    The embedded default lies in `folder`, the site's `CAREERAI_DATA_DIR`. With a `template` (see `keep_migrated`) the
    database is a copy of it.
    """
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        if template:
            shutil.copyfile(template, folder / "careerai.sqlite3")
        yield ""
        return
    import psycopg

    name = f"e2e_{uuid4().hex[:12]}"
    server = dj_database_url.parse(address)
    dsn = {
        key: server[source]
        for key, source in {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}.items()
        if server[source]
    }
    with psycopg.connect(dbname="postgres", autocommit=True, **dsn) as server_connection:
        server_connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template1"}"')
        try:
            yield address.rpartition("/")[0] + f"/{name}"
        finally:
            server_connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextlib.contextmanager
def keep_migrated(folder: Path) -> Iterator[str]:
    """Copy the test database, just made, for `own_database`; yields nothing where no test of the run has one."""
    name = str(connection.settings_dict["NAME"])
    if name != str(connection.creation._get_test_db_name()):
        yield ""
    elif connection.vendor == "sqlite":
        copy = folder / "migrated.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        yield str(copy)
    else:
        # Nobody may be connected with a database that is copied.
        connection.close()
        connection.close_pool()
        with own_database(folder, template=name) as address:
            yield address.rpartition("/")[2]


def empty_tables(database: str) -> None:
    """Delete the rows that tests have committed, but content types and permissions, which always are the same.

    What Django's `flush` does otherwise takes longer than most tests: on PostgreSQL it truncates each table, whether it has
    rows or not, and everywhere it makes content types and permissions anew.
    """
    connection = connections[database]
    quote = connection.ops.quote_name
    kept = {model._meta.db_table for model in (ContentType, Permission)}
    tables = sorted(set(connection.introspection.django_table_names(include_views=False)) - kept)
    with transaction.atomic(database), connection.cursor() as cursor:
        filled = " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quote(table)})"  # noqa: S608 - names of our models' tables
            for table in tables
        )
        cursor.execute(filled)
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {quote(table)}")  # noqa: S608 - the same
