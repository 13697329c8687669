"""`/healthz` tells that the process is alive, `/readyz` that it can do its work, `/metrics` how much that is."""

import logging
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from careerai.celery import app
from careerai.metrics import answer_scrape

logger = logging.getLogger(__name__)

BROKER_TIMEOUT_SECONDS = 2


class NotReadyError(Exception):
    """A part that the site needs does not work; the text may be shown to anybody."""


class HealthMiddleware:
    """Answers these addresses before hosts, sessions and redirects are looked at: probes come by IP address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a probe, or pass the request on."""
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path == "/readyz":
            return _ready()
        if request.path == "/metrics":
            return answer_scrape(request)
        return self.get_response(request)


def failing_checks() -> dict[str, str]:
    """Return what does not work, by the name of the check; empty when the site is ready."""
    failing = {}
    for name, check in CHECKS.items():
        try:
            check()
        except NotReadyError as error:
            failing[name] = str(error)
        except Exception as error:  # each store has errors of its own, and any of them means not ready
            logger.warning("Not ready: %s", name, exc_info=True)
            failing[name] = f"not reachable ({type(error).__name__})"
    return failing


def _ready() -> JsonResponse:
    failing = failing_checks()
    checks = {name: failing.get(name, "ok") for name in CHECKS}
    return JsonResponse(
        {"status": "unavailable" if failing else "ok", "checks": checks}, status=503 if failing else 200
    )


def database_problem() -> str:
    """Return in one line why no command can use the database, with what to do; empty where it is reachable and up to date."""
    try:
        _check_migrations()
    except NotReadyError:
        return "The database is not set up, or is of an older version. Run `manage.py migrate` first."
    except DatabaseError as error:
        return f"The database cannot be used ({str(error).splitlines()[0]}). Check DATABASE_URL."
    return ""


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _check_migrations() -> None:
    executor = MigrationExecutor(connection)
    if missing := len(executor.migration_plan(executor.loader.graph.leaf_nodes())):
        message = f"{missing} missing; run manage.py migrate"
        raise NotReadyError(message)


def _check_broker() -> None:
    folder: Any = (app.conf.broker_transport_options or {}).get("data_folder_out")
    if folder:
        if not os.access(Path(folder), os.W_OK):
            message = "the folder of messages cannot be written"
            raise NotReadyError(message)
        return
    with app.connection_for_write(connect_timeout=BROKER_TIMEOUT_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_SECONDS)


def _check_cache() -> None:
    key, value = f"readyz:{secrets.token_hex(4)}", secrets.token_hex(4)
    cache.set(key, value, timeout=10)
    if cache.get(key) != value:
        message = "does not keep what is written"
        raise NotReadyError(message)
    cache.delete(key)
    if getattr(cache, "is_away", False):
        message = "Redis does not answer; each process keeps a cache of its own"
        raise NotReadyError(message)


CHECKS: dict[str, Callable[[], None]] = {
    "database": _check_database,
    "migrations": _check_migrations,
    "broker": _check_broker,
    "cache": _check_cache,
}
