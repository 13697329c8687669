"""System checks: settings that contradict each other, or that a public site should not have.

Those with `deploy=True` run with `manage.py check --deploy` only.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
SERVER_BROKERS = ("amqp:", "amqps:", "pyamqp:", "redis:", "rediss:")


def register_checks() -> None:
    """Register all of them."""
    checks.register(check_data_folder, "careerai")
    checks.register(check_first_user, "careerai")
    checks.register(check_traces, "careerai")
    for check in (check_scale, check_shared_cache, check_transport, check_mail):
        checks.register(check, "careerai", deploy=True)


def check_data_folder(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """The folder for uploads, messages and SQLite must be writable."""
    folder = Path(settings.DATA_DIR)
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return []
    hint = "Give this account the right to write there, or set CAREERAI_DATA_DIR to another folder."
    return [checks.Error(f"The data folder {str(folder)!r} cannot be written.", hint=hint, id="careerai.E001")]


def check_first_user(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """A password for the first user should be none that anybody would try."""
    password = settings.FIRST_USER_PASSWORD
    if not password or len(password) >= 10:
        return []
    hint = "Take at least 10 characters; the first user may enter the administration."
    return [checks.Warning("FIRST_USER_PASSWORD is short.", hint=hint, id="careerai.W001")]


def check_traces(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Traces need the SDK of OpenTelemetry, which is an extra."""
    if not settings.OTEL_ENDPOINT or find_spec("opentelemetry.exporter.otlp.proto.http"):
        return []
    hint = "Install the extra `otel`, or take OTEL_EXPORTER_OTLP_ENDPOINT away. Until then there are no traces."
    return [
        checks.Warning(
            "An exporter of traces is set, but OpenTelemetry is not installed.", hint=hint, id="careerai.W006"
        )
    ]


def check_scale(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Workers on other machines cannot reach a database that is a file, nor messages that are files."""
    is_server_broker = settings.CELERY_BROKER_URL.startswith(SERVER_BROKERS)
    if is_server_broker and settings.IS_SQLITE:
        hint = "That works on one machine. For workers on others set DATABASE_URL to a PostgreSQL server."
        return [checks.Info("The broker is a server, the database is a file.", hint=hint, id="careerai.I001")]
    if not is_server_broker and not settings.IS_SQLITE:
        hint = "Workers on other machines are not woken, and find their work only after a while. Set CELERY_BROKER_URL or REDIS_URL."
        return [checks.Info("The database is a server, the broker is a folder.", hint=hint, id="careerai.I002")]
    return []


def check_shared_cache(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Several processes count rate limits together only in a cache that they share."""
    if settings.REDIS_URL or settings.IS_SQLITE:
        return []
    hint = "With more than one web process each counts rate limits for itself. Set REDIS_URL."
    return [checks.Warning("The cache is local to each process.", hint=hint, id="careerai.W002")]


def check_transport(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Passwords must not travel in clear text, and a public site needs its own name."""
    is_public = not LOCAL_HOSTS.issuperset(settings.ALLOWED_HOSTS)
    if is_public and not settings.HTTPS:
        hint = "Put a proxy with TLS in front and set HTTPS=true."
        return [checks.Warning("The site is public, and HTTPS is off.", hint=hint, id="careerai.W003")]
    if settings.HTTPS and not is_public:
        hint = "Add the site's name to ALLOWED_HOSTS, else every request for it is refused."
        return [checks.Info("HTTPS is on, but only local names are allowed.", hint=hint, id="careerai.I003")]
    return []


def check_mail(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Without a mail server nobody gets the link that resets a password."""
    if not settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return []
    hint = "Set EMAIL_HOST; until then links to reset a password are written to the server's output."
    return [checks.Info("Mails are not sent.", hint=hint, id="careerai.I004")]
