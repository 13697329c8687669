"""Fixtures that every test may use."""

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from uuid import uuid4

import hypothesis
import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings as django_settings
from django.core.cache import cache, caches
from django.db import DEFAULT_DB_ALIAS, connections
from django.test import Client, TransactionTestCase
from django.utils import timezone

from ai_router.cache import MEMORY
from ai_router.copies import forget_copies
from ai_router.latency import LATENCIES
from ai_router.limits import forget_counts
from ai_router.models import BackgroundTask, TaskState
from ai_router.sticky import BEGINNINGS
from careerai.accounts.models import User
from careerai.celery import app as celery_app
from tests.databases import empty_tables, keep_migrated
from tests.providers.fixtures import only_loopback, simulator
from usage import at_once

__all__ = ["only_loopback", "simulator"]

# Timings belong to benchmarks: the first example of a test may load a vocabulary. In CI hypothesis has no deadlines anyway.
if not os.environ.get("CI"):
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")

# Playwright drives Chromium from an event loop of its own in the test's thread; Django only objects to its presence.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


# Where tests start the site's processes or commands, which open the servers themselves.
STARTS_PROCESSES = ("tests/careerai/", "tests/e2e/", "tests/usage/")
TOUCHES_DATABASE = frozenset(["db", "transactional_db", "live_server", "django_db_setup"])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-servers",
        action="store_true",
        help="Only what another database, cache or broker can change: not what is computed without any of them.",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--only-servers"):
        # The examples of the other run again, the first of them: they find what a server does otherwise.
        hypothesis.settings.register_profile("servers", parent=hypothesis.settings.default, max_examples=25)
        hypothesis.settings.load_profile("servers")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--only-servers"):
        return

    def is_changed(item: pytest.Item) -> bool:
        if item.nodeid.startswith("tests/e2e/") and "phone" in item.nodeid:
            # The width of a window changes nothing on a server.
            return False
        return (
            item.nodeid.startswith(STARTS_PROCESSES)
            or item.get_closest_marker("django_db") is not None
            or not TOUCHES_DATABASE.isdisjoint(getattr(item, "fixturenames", ()))
        )

    config.hook.pytest_deselected(items=[item for item in items if not is_changed(item)])
    items[:] = [item for item in items if is_changed(item)]


@pytest.fixture(autouse=True, scope="session")
def _a_queue_of_its_own(tmp_path_factory):
    """Keep the messages of committed work apart from the site's, and from those of tests that run beside these."""
    options = dict(celery_app.conf.broker_transport_options or {})
    folders = {key: str(tmp_path_factory.mktemp("queue")) for key in options if "folder" in key}
    celery_app.conf.broker_transport_options = {**options, **folders}
    queue = celery_app.conf.task_default_queue = f"test-{uuid4().hex[:12]}"
    celery_app.loader.import_default_modules()
    yield
    if not folders:
        with celery_app.connection_for_write() as connection, connection.channel() as channel:
            channel.queue_delete(queue)


@pytest.fixture(autouse=True, scope="session")
def _a_cache_of_its_own(worker_id):
    """Give each process of tests a Redis database below that of the sites it starts: clearing a cache empties all of it."""
    if django_settings.REDIS_URL:
        server, _, database = django_settings.REDIS_URL.rpartition("/")
        number = int(database) - 1 - (0 if worker_id == "master" else int(worker_id.removeprefix("gw")))
        django_settings.CACHES["default"]["LOCATION"] = f"{server}/{number}"
        caches.settings = caches.configure_settings(None)
        with suppress(AttributeError):
            del caches["default"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, request, tmp_path_factory):
    """The plugin's own, which cannot drop a database while the thread behind `sync_to_async` keeps a connection to it.

    Its value is a copy of the database for the fixture `migrated`, made before a test can write to the original.
    """
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_tables(DEFAULT_DB_ALIAS))
        kept = ""
        if any("migrated" in getattr(item, "fixturenames", ()) for item in request.session.items):
            with django_db_blocker.unblock():
                kept = stack.enter_context(keep_migrated(tmp_path_factory.mktemp("migrated")))
        yield kept
        SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture(scope="session")
def migrated(django_db_setup) -> str:
    """A template for `own_database`, empty where the run has no test database to copy."""
    return django_db_setup


@pytest.fixture(autouse=True)
def _a_fresh_site(settings, tmp_path):
    """Give each test an empty cache, its own files, no key and fast passwords."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.AI_LEDGER_SPOOL_DIR = tmp_path / "ledger"
    at_once.SEEN.budgets = False
    settings.AI_LEFT_ALONE_FILE = tmp_path / "left_alone.json"
    # Static files are looked up when asked for, not all listed for every new client.
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.RATELIMIT_ENABLE = False
    settings.AI_PROVIDERS = {
        name: {**row, "api_key": "", "base_url": ""} for name, row in settings.AI_PROVIDERS.items()
    }
    settings.AI_PROVIDER_KEYS = {}
    # On a busy machine any answer may be slow: only the tests of hedging ask twice.
    settings.AI_HEDGE_SECONDS = None
    cache.clear()
    forget_copies()
    forget_counts()
    LATENCIES.forget()
    BEGINNINGS.forget()
    MEMORY.clear()


def _user(name: str, **more: object) -> User:
    return User.objects.create_user(
        username=name, email=f"{name}@example.org", password="correct-horse-battery", **more
    )


@pytest.fixture
def owner(db: None) -> User:
    return _user("owner")


@pytest.fixture
def stranger(db: None) -> User:
    return _user("stranger")


@pytest.fixture
def staff(db: None) -> User:
    return _user("staff", is_staff=True, is_superuser=True)


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def run_tasks(db: None) -> Callable[..., int]:
    """Perform queued background tasks in this process, by the Celery tasks that a worker would run; return how many.

    Work that the tasks enqueue is performed too. A delay before the next attempt is respected unless `skip_delays`.
    """

    def run(*, skip_delays: bool = False) -> int:
        performed = 0
        while True:
            queued = BackgroundTask.objects.filter(state=TaskState.QUEUED).order_by("created_at")
            if skip_delays:
                queued.order_by().update(run_after=None)
            due = queued.exclude(run_after__gt=timezone.now()).first()
            if due is None:
                return performed
            celery_app.tasks[due.name].apply(args=[str(due.pk)], throw=True)
            performed += 1

    return run
