"""Documents are read by processes of their own, forked by one that has the readers loaded."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cv.extraction import extract, processes
from cv.extraction.limits import ExtractionLimits
from tests.cv.pdf_files import make_pdf, text_at

ONE, TWO = (make_pdf([text_at(50, 780, name)]) for name in ("Robin Vale", "Kim Ash"))
LONG = make_pdf([text_at(50, 700, "Robin Vale")] * 60_000)
LIMITS = ExtractionLimits(max_characters=10**9)


def nursery() -> int:
    """Return the number of the process that forks the readers."""
    extract(ONE)
    return processes._nursery._pid


def readers() -> list[int]:
    """Return the numbers of the processes that read at the moment."""
    own = nursery()
    return [int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split()]


def wait_until(is_true) -> None:
    """Wait for something that another process does."""
    for _ in range(600):
        if is_true():
            return
        time.sleep(0.05)
    pytest.fail("It never came to this.")


def run_program(text: str) -> str:
    """Run a program in an interpreter of its own, and return what it prints."""
    start = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'careerai.settings'\nfrom cv.extraction import extract, processes\n"
    return subprocess.run([sys.executable, "-c", start + text], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def reader():
    """The number of a process that reads a long document, meanwhile."""
    thread = threading.Thread(
        target=lambda: processes.run_child(LONG, limits=LIMITS, wait_seconds=60, action="extract", file_name="")
    )
    thread.start()
    found: list[int] = []
    wait_until(lambda: found.extend(readers()) or found)
    yield found[0]
    os.kill(found[0], signal.SIGKILL)
    thread.join()


def test_documents_side_by_side_each_come_back_to_who_sent_them():
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda data: extract(data).text, [ONE, TWO] * 6))

    assert texts == ["Robin Vale", "Kim Ash"] * 6


def test_a_reader_has_no_file_open_but_its_own_document_and_answer(reader):
    open_files = {int(path.name) for path in Path(f"/proc/{reader}/fd").iterdir()}

    assert open_files == {0, 1, 2}


def test_a_reader_has_none_of_the_callers_variables(reader):
    variables = Path(f"/proc/{reader}/environ").read_bytes().split(b"\0")

    names = {variable.partition(b"=")[0] for variable in variables if variable}
    assert names == {name.encode() for name in processes.ENVIRONMENT}


def test_a_reader_is_bound_in_memory_time_and_what_it_writes(reader):
    limits = Path(f"/proc/{reader}/limits").read_text().splitlines()

    bounds = {line[:26].strip(): line[26:].split()[:2] for line in limits}
    assert bounds["Max address space"] == [str(LIMITS.memory_bytes)] * 2
    assert bounds["Max cpu time"] == [str(LIMITS.timeout_seconds)] * 2
    assert bounds["Max open files"] == ["64", "64"]


def test_a_reader_that_nobody_waits_for_any_more_is_ended():
    with pytest.raises(TimeoutError):
        processes.run_child(LONG, limits=LIMITS, wait_seconds=0.5, action="extract", file_name="")

    wait_until(lambda: not readers())


def test_reading_goes_on_when_the_process_that_forks_is_gone():
    gone = nursery()
    os.kill(gone, signal.SIGKILL)

    assert extract(TWO).text == "Kim Ash"
    assert nursery() != gone


def test_a_forked_process_has_readers_of_its_own():
    done = run_program(
        f"assert extract({ONE!r}).text == 'Robin Vale'; mine = processes._nursery._pid\n"
        f"if not os.fork():\n    print(extract({TWO!r}).text, processes._nursery._pid != mine, flush=True); os._exit(0)\n"
        "os.wait()\n"
        f"extract({ONE!r}); print(processes._nursery._pid == mine)"
    )

    assert done.split() == ["Kim", "Ash", "True", "True"]


def test_the_process_that_forks_ends_with_the_last_caller():
    pid = int(run_program(f"assert extract({TWO!r}).text == 'Kim Ash'; print(processes._nursery._pid)"))

    wait_until(lambda: not Path(f"/proc/{pid}").exists())


def test_processes_that_can_not_be_started_are_no_fault_of_the_document(monkeypatch):
    monkeypatch.setattr(processes, "COMMAND", [sys.executable, "-c", "pass"])
    monkeypatch.setattr(processes, "_nursery", processes._NurseryProcess())

    with pytest.raises(ChildProcessError):
        extract(ONE)


def test_the_process_that_forks_loads_nothing_of_django():
    assert (
        run_program("import sys; from cv.extraction import nursery; print('django' in sys.modules)").strip() == "False"
    )
