"""The whole site as `make run` starts it, web and worker, with a real Chromium in front of it."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, StorageState, expect, sync_playwright
from redis import Redis

from tests.databases import own_database

ROOT = Path(__file__).resolve().parents[2]
STAFF_PASSWORD = "correct-horse-battery"
PASSWORD = "seven-calm-otters"
# The browser reports a form that comes back with what is wrong in it.
REFUSED_FORM = re.compile(r"status of (400|413|415|422) ")
# Seconds that a step may take: a busy machine with two cores is slow, and never wrong for that.
PATIENCE = 300
expect.set_options(timeout=60_000)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Site:
    """A running site and its environment, for commands beside it."""

    url: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command on the site's data and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            if urllib.request.urlopen(f"{url}/readyz", timeout=5).status == 200:
                return
        time.sleep(0.2)
    pytest.fail(f"the site did not become ready:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, migrated: str) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    port = _free_port()
    with own_database(folder, template=migrated) as database_url:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "CAREERAI_DATA_DIR": str(folder),
            "FIRST_USER_EMAIL": "operator@example.org",
            "FIRST_USER_PASSWORD": STAFF_PASSWORD,
            "CELERY_QUEUE": f"e2e-{uuid4().hex[:12]}",
            "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
            # All these people sign up from one address.
            "RATELIMIT_ENABLE": "false",
            **({"DATABASE_URL": database_url} if database_url else {}),
        }
        if redis_url := environment.get("REDIS_URL"):
            # Counts of sign-ups by address would outlive this run.
            Redis.from_url(redis_url).flushdb()
        running = Site(f"http://127.0.0.1:{port}", environment)
        running.manage("setup_site")
        log = folder / "serve.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(port)],
                cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            _wait_until_ready(running.url, process, log)
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        message = "no Chromium was found; install the package 'chromium'"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


def sign_up(page: Page) -> None:
    """Make an account as a person does, which leads to the list of CVs."""
    name = f"person-{uuid4().hex[:8]}"
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name="Your CVs")).to_be_visible()


@pytest.fixture(scope="session")
def member(browser: Browser, site: Site) -> StorageState:
    """What the browser keeps of somebody who signed up, for tests that are about something else."""
    context = browser.new_context(base_url=site.url)
    sign_up(context.new_page())
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture(params=[1280, 390], ids=["desktop", "phone"])
def page(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a fresh browser profile; a script error or a missing resource fails the test.

    With the fixture `member` somebody is signed in on it.
    """
    member = request.getfixturevalue("member") if "member" in request.fixturenames else None
    context = browser.new_context(
        base_url=site.url, viewport={"width": request.param, "height": 900}, accept_downloads=True, storage_state=member
    )
    context.set_default_timeout(60_000)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"{message.text} {message.location}")

    opened.on("console", note)
    yield opened
    context.close()
    assert [problem for problem in problems if not REFUSED_FORM.search(problem)] == []
