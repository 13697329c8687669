"""`manage.py serve` as a real process tree on a data folder of its own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from careerai import serving
from careerai.serving import Child, ChildGaveUpError, Supervisor, bind

TIMEOUT_SECONDS = 120


def eventually(true: Callable[[], object], what: str, logs: Sequence[Path] = ()) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not true():
        said = "\n".join(log.read_text() for log in logs)
        assert time.monotonic() < deadline, f"waited in vain for {what}\n{said}"
        time.sleep(0.05)


def manage(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment(data_dir), capture_output=True, text=True, check=False
    )


def environment(data_dir: Path) -> dict[str, str]:
    ours = {"CAREERAI_DATA_DIR": str(data_dir), "DATABASE_URL": "", "REDIS_URL": "", "CELERY_BROKER_URL": ""}
    return {**os.environ, **ours}


@contextmanager
def serve(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "manage.py", "serve", "--port", "0", "--concurrency", "1"]
    with (
        (data_dir / "log").open("w") as log,
        subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment(data_dir), stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            assert process.stdout
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, (data_dir / "log").read_text()
            yield process, found.group()
        finally:
            process.kill()


def children(process_id: int) -> dict[str, int]:
    """Return the process numbers of web server and worker by role."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            words = (stat.parent / "cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError, ValueError):
            continue
        if parent == process_id and b"careerai.serving" in words:
            found[words[words.index(b"careerai.serving") + 1].decode()] = int(stat.parent.name)
    return found


def is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def answer(address: str) -> str:
    try:
        with urlopen(f"{address}/healthz", timeout=5) as response:
            return str(response.read().decode())
    except OSError:
        return ""


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the process table from /proc")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, migrated) -> Path:
    """A data folder whose database, of the embedded kind, is up to date."""
    data_dir = tmp_path_factory.mktemp("site")
    if Path(migrated).is_file():
        shutil.copyfile(migrated, data_dir / "careerai.sqlite3")
    else:
        done = manage(data_dir, "migrate", "--verbosity", "0")
        assert done.returncode == 0, done.stderr
    return data_dir


@needs_proc
def test_web_and_worker_live_and_end_together(prepared):
    with serve(prepared) as (process, address):
        eventually(lambda: answer(address) == "ok\n", "the web server")
        eventually(lambda: len(children(process.pid)) == 2, "both children")
        first = children(process.pid)

        os.kill(first["worker"], signal.SIGKILL)
        eventually(lambda: children(process.pid).get("worker", first["worker"]) != first["worker"], "a new worker")
        second = children(process.pid)
        assert second["web"] == first["web"]

        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=TIMEOUT_SECONDS) == 0
        assert not any(map(is_alive, second.values()))
        log = (prepared / "log").read_text()
        assert "The worker ended (signal 9); it is started again." in log
        # Addresses of pages may be secrets: no line says which were asked for.
        assert "healthz" not in log


@needs_proc
def test_nothing_is_left_when_the_supervisor_is_killed(prepared):
    with serve(prepared) as (process, address):
        eventually(lambda: answer(address) == "ok\n", "the web server")
        eventually(lambda: len(children(process.pid)) == 2, "both children")
        family = children(process.pid)

        process.kill()

        eventually(lambda: not any(map(is_alive, family.values())), "the children's end")


def test_a_site_without_its_tables_is_not_served(tmp_path):
    done = manage(tmp_path, "serve", "--port", "0")

    assert done.returncode == 1
    assert "setup_site" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.django_db
def test_a_port_in_use_is_named():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(CommandError, match=f"Port {port} of 127.0.0.1 is in use.*--port"):
            call_command("serve", port=port)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"port": 70000}, "between 0"),
        ({"concurrency": 0}, "at least 1"),
        ({"host": "nowhere.invalid"}, "Cannot listen at"),
    ],
)
def test_impossible_options_are_refused(options, said):
    with pytest.raises(CommandError, match=said):
        call_command("serve", **{"port": 0, **options})


def test_a_child_that_dies_over_and_over_ends_the_other_too(monkeypatch):
    said = []
    with bind("127.0.0.1", 0) as listener:
        supervisor = Supervisor(listener, concurrency=1, say=said.append)
    monkeypatch.setattr(serving, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def start(child: Child) -> None:
        child.starts.append(time.monotonic())
        script = "pass" if child.name == "worker" else "import time; time.sleep(600)"
        child.process = subprocess.Popen([sys.executable, "-c", script])

    monkeypatch.setattr(Child, "start", start)

    with pytest.raises(ChildGaveUpError, match="The worker ended 6 times"):
        supervisor.run()

    assert len(said) == 5
    assert all(child.process and child.process.poll() is not None for child in supervisor.children)


def test_a_child_that_does_not_listen_is_killed_in_the_end(monkeypatch):
    with bind("127.0.0.1", 0) as listener:
        supervisor = Supervisor(listener, concurrency=1, say=print)
    monkeypatch.setattr(serving, "TERM_SECONDS", 0.01)
    monkeypatch.setattr(serving, "QUIT_SECONDS", 0.01)
    deaf = (
        "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (15, 3)]; print(flush=True); time.sleep(600)"
    )
    for child in supervisor.children:
        child.process = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
        assert child.process.stdout
        child.process.stdout.readline()

    supervisor._end_children()

    for child in supervisor.children:
        assert child.process
        child.process.communicate()
        assert child.process.returncode == -signal.SIGKILL


def test_a_child_that_cannot_end_in_good_order_ends_all_the_same():
    lifeline, end = os.pipe()
    stuck = (
        "import billiard, signal, threading, time; from careerai import serving; serving.QUIT_SECONDS = 0.1\n"
        "signal.signal(signal.SIGQUIT, signal.SIG_IGN)\n"
        "billiard.Process(target=time.sleep, args=[600]).start()\n"
        f"threading.Thread(target=serving._end_with_supervisor, args=[{lifeline}], daemon=True).start()\n"
        "print(flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", stuck], pass_fds=[lifeline], stdout=subprocess.PIPE) as process:
        os.close(lifeline)
        assert process.stdout
        process.stdout.readline()

        os.close(end)

        assert process.wait(timeout=TIMEOUT_SECONDS) == 1


@pytest.mark.services
@pytest.mark.skipif(not settings.CELERY_BROKER_URL.startswith("amqp"), reason="needs RabbitMQ")
def test_workers_of_one_machine_share_a_broker(prepared, tmp_path):
    lifeline, end = os.pipe()
    command = [sys.executable, "-m", "careerai.serving", "worker", "--lifeline", str(lifeline), "--concurrency", "1"]
    shared = {"CELERY_BROKER_URL": settings.CELERY_BROKER_URL, "CELERY_QUEUE": f"test-{os.getpid()}"}
    logs = [tmp_path / "one.log", tmp_path / "two.log"]
    workers = []
    try:
        for log in logs:
            with log.open("w") as output:
                workers.append(
                    subprocess.Popen(
                        command, cwd=settings.BASE_DIR, env=environment(prepared) | shared, pass_fds=[lifeline],
                        stdout=output, stderr=output,
                    )
                )  # fmt: skip
        eventually(lambda: all(" ready." in log.read_text() for log in logs), "two workers", logs)
    finally:
        os.close(end)
        for worker in workers:
            worker.wait(timeout=TIMEOUT_SECONDS)
        os.close(lifeline)
