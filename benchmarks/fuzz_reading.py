"""Whether damaged files of each kind end in a document or a clear error, within their bounds.

Seeds are the CVs of `tests/data/cvs` and small files of the other kinds. The engine `coverage` cuts, doubles, overwrites and
splices them, and what reaches lines of `cv.extraction` or `cv.structured` that no file reached before becomes a seed itself;
the engine `hypothesis` writes files of a kind by its grammar (`benchmarks.fuzz_written`). Each file is read and parsed in a
process with the bounds of memory and time of the site; anything but a document or a `CVError` is a finding, and is kept.

    python -m benchmarks.fuzz_reading --kind pdf --seconds 600
    python -m benchmarks.fuzz_reading --engine hypothesis --kind pdf --seconds 600
"""

import argparse
import io
import logging
import os
import random
import signal
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import django

from cv.errors import CVError
from cv.extraction import sniffing
from cv.extraction.child import limit_process
from cv.extraction.limits import ExtractionLimits
from cv.extraction.readers import read_document
from cv.structured import may_hold_data, to_json_resume_form

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "tests" / "data" / "cvs"
WATCHED = (str(ROOT / "cv" / "extraction"), str(ROOT / "cv" / "structured"))
LIMITS = ExtractionLimits()
FILE_SECONDS = 20
# In bytes: larger files are read too slowly to be damaged often.
LARGEST_SEED = 200_000
RTF = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0\fs36\b Robin Vale\b0\par\fs20 robin.vale@example.org | +1 202-555-0143\par"
    rb"\fs28\b Experience\b0\fs20\par Engineer, Northlight Inc\tab Mar 2019 - Present\par\bullet\tab Built the parser\par"
    rb"\fs28\b Education\b0\fs20\par BSc Physics, Example University\tab 2011 - 2015\par\fs28\b Skills\b0\fs20\par Python, Maps\par}"
)

EUROPASS = (
    b"<SkillsPassport xmlns='europass'><LearnerInfo><Identification><PersonName><FirstName>A</FirstName></PersonName>"
    b"</Identification></LearnerInfo></SkillsPassport>"
)


class TooSlowError(Exception):
    """A file took longer than the child process may."""


def seeds(kind: str) -> list[bytes]:
    """Return the first files of a kind."""
    if kind == "rtf":
        return [RTF, RTF.replace(b"Robin", rb"R\'f6b\u8217?in"), RTF.replace(rb"\par", rb"\trowd\cellx900 a\cell\row")]
    if kind == "xml":
        return [EUROPASS]
    if kind == "zip":
        return [_zipped({"Profile.csv": b"First Name,Last Name\nRobin,Vale\n", "Skills.csv": b"Name\nMaps\n"})]
    endings = {"picture": "jpg"}
    return [path.read_bytes() for path in sorted(SEEDS.glob(f"*.{endings.get(kind, kind)}"))]


def mutate(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Return a damaged copy; members of a zip are damaged inside, so that the container stays whole."""
    if data.startswith(b"PK") and chance.random() < 0.7:
        return _mutate_member(data, chance, others)
    file = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = chance.randrange(len(file) + 1)
        size = min(chance.choice((1, 2, 8, 64, 1024)), len(file) - place)
        step = chance.randrange(6)
        if step == 0:
            file[place : place + size] = chance.randbytes(size)
        elif step == 1:
            del file[place : place + size]
        elif step == 2:
            file[place:place] = file[place : place + size] * chance.choice((1, 2, 50))
        elif step == 3:
            other = chance.choice(others)
            start = chance.randrange(len(other) or 1)
            file[place : place + size] = other[start : start + size]
        elif step == 4:
            file[place : place + 1] = chance.choice(
                (b"0", b"-1", b"99999999", b"\x00", b"\xff", b"<", b">", b"\\", b"{", b"(")
            )
        else:
            del file[place:]
    return bytes(file[: LIMITS.max_bytes]) or b"x"


def _mutate_member(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zipfile.zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return data[: chance.randrange(len(data))]
    name = chance.choice(sorted(members) or ["a"])
    members[name] = mutate(members.get(name, b"a").removeprefix(b"PK") or b"a", chance, others)
    return _zipped(members)


def _zipped(members: dict[str, bytes]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return output.getvalue()


def read(data: bytes) -> str:
    """Read a file as an upload is read; return what came of it."""
    from cv.parsing.rules import parse_with_rules

    try:
        media_type = sniffing.sniff_media_type(data)
        form = b"null"
        if may_hold_data(data, media_type):
            form = to_json_resume_form(data, media_type=media_type, limits=LIMITS)
        if form == b"null":
            parse_with_rules(read_document(data, limits=LIMITS))
    except CVError as error:
        return error.code
    except (MemoryError, RecursionError):
        # The child process answers these with an error of its own.
        return "too much"
    return "read"


def traced(data: bytes, seen: set[tuple[str, int]]) -> tuple[str, bool]:
    """Return what came of a file, and whether it reached lines that none reached before."""
    known = len(seen)

    def lines(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
        return lines

    def calls(frame: FrameType, event: str, argument: Any) -> Any:
        return lines if frame.f_code.co_filename.startswith(WATCHED) else None

    sys.settrace(calls)
    try:
        return read(data), len(seen) > known
    finally:
        sys.settrace(None)


class Run:
    """What came of the files read so far."""

    def __init__(self, kind: str, findings: Path) -> None:
        self.kind, self.findings = kind, findings
        self.results: Counter[str] = Counter()
        self.slowest = 0.0

    def one(self, data: bytes, reading: Callable[[bytes], tuple[str, bool]]) -> bool:
        """Read one file, count what came of it, and return whether it reached new lines."""
        began = time.process_time()
        # Processor time, so that a busy machine makes no file slow.
        signal.setitimer(signal.ITIMER_PROF, FILE_SECONDS)
        try:
            result, is_new = reading(data)
        except Exception as error:  # noqa: BLE001 - any exception at all is a finding
            self.findings.mkdir(parents=True, exist_ok=True)
            (self.findings / f"{self.kind}-{self.results.total()}").write_bytes(data)
            result, is_new = f"FINDING {type(error).__name__}: {str(error)[:80]}", False
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        self.slowest = max(self.slowest, time.process_time() - began)
        self.results[result] += 1
        return is_new


def fuzz_by_coverage(run: Run, pool: list[bytes], *, until: float, chance: random.Random) -> str:
    """Damage files of the pool until a time, and keep in it what reaches new lines."""
    seen: set[tuple[str, int]] = set()
    for data in pool:
        traced(data, seen)
    while time.monotonic() < until:
        data = mutate(chance.choice(pool), chance, pool)
        if run.one(data, lambda file: traced(file, seen)) and len(data) < LARGEST_SEED:
            pool.append(data)
    return f"{len(pool)} seeds, {len(seen)} lines"


def fuzz_by_grammar(run: Run, pool: list[bytes], *, until: float, chance: random.Random) -> str:
    """Let `hypothesis` write and change files until a time."""
    import hypothesis

    from benchmarks import fuzz_written

    files = fuzz_written.changed(pool)
    if run.kind in fuzz_written.WRITTEN:
        files = fuzz_written.WRITTEN[run.kind]() | files

    @hypothesis.settings(
        max_examples=500, deadline=None, database=None, phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(files)
    def read_one(data: bytes) -> None:
        if time.monotonic() < until:
            run.one(data, lambda file: (read(file), False))

    rounds = 0
    while time.monotonic() < until:
        hypothesis.seed(chance.randrange(2**32))(read_one)()
        rounds += 1
    return f"{rounds} rounds"


ENGINES = {"coverage": fuzz_by_coverage, "hypothesis": fuzz_by_grammar}


def main() -> None:
    """Fuzz one kind of file for a time, and print what came of it."""
    options = argparse.ArgumentParser()
    options.add_argument("--kind", required=True, choices=["pdf", "docx", "rtf", "html", "xml", "zip", "picture"])
    options.add_argument("--engine", default="coverage", choices=list(ENGINES))
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--findings", type=Path, default=Path("build/fuzz"))
    chosen = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careerai.settings")
    django.setup()
    # Libraries log what they meet in a file, as they do not in the child process.
    logging.disable(logging.CRITICAL)

    def stop(*_: object) -> None:
        raise TooSlowError

    signal.signal(signal.SIGPROF, stop)
    until = time.monotonic() + chosen.seconds
    pool = seeds(chosen.kind)
    for data in [*pool, RTF]:
        read(data)
    # From here on: the tables of words are loaded, and need larger files than a reader may write.
    limit_process(ExtractionLimits(timeout_seconds=int(chosen.seconds) + 600, memory_bytes=1024 * 1024 * 1024))
    run = Run(chosen.kind, chosen.findings)
    reached = ENGINES[chosen.engine](run, pool, until=until, chance=random.Random(chosen.seed))  # noqa: S311 - no secret
    print(
        f"{chosen.kind}, {chosen.engine}: {run.results.total()} files, {reached}, slowest {run.slowest:.1f} s of processor time"
    )
    for result, count in run.results.most_common():
        print(f"  {count:6} {result}")


if __name__ == "__main__":
    main()
