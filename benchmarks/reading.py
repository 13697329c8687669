"""What reading CVs costs: time on the clock and of the processor for each document, memory, documents a core.

Each file of a folder is read one at a time as an upload is, from its bytes to the résumé by rules, by way of the child
process. Its processor time is that of this process and of the child, which the process that forks it has in its books in
hundredths of a second; the sum over all is exact enough. Peak memory is that of a process with nothing but the readers
loaded that reads the document first.

    python -m benchmarks.reading tests/data/cvs --pattern '*.pdf'
"""

import argparse
import json
import logging
import os
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


def read(data: bytes, name: str) -> dict[str, float]:
    """Read one document; return its seconds, also those of extraction, and its pages, 0 where it can't be read."""
    from cv.errors import CVError
    from cv.extraction import extract
    from cv.parsing.rules import parse_with_rules

    began, worked, others = time.perf_counter(), time.process_time(), readers_seconds()
    extracted, pages = began, 0
    try:
        document = extract(data, file_name=name)
        extracted, pages = time.perf_counter(), max(1, len(document.pages))
        parse_with_rules(document)
    except CVError:
        extracted = extracted if pages else time.perf_counter()
    ended = time.perf_counter()
    return {
        "seconds": ended - began,
        "extraction_seconds": extracted - began,
        "own_cpu": time.process_time() - worked,
        "reader_cpu": readers_seconds() - others,
        "pages": pages,
    }


def readers_seconds() -> float:
    """Return the processor time of all readers that have ended."""
    from cv.extraction import processes

    nursery = processes._nursery._pid  # noqa: SLF001 - nobody else asks for it
    if not nursery:
        return 0.0
    fields = Path(f"/proc/{nursery}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / TICKS


def peak_megabytes(data: bytes, name: str) -> float:
    """Return the largest resident set of a process that reads a document, with all that it has loaded."""
    from cv.errors import CVError
    from cv.extraction.child import limit_process
    from cv.extraction.limits import ExtractionLimits
    from cv.extraction.readers import read_document

    inlet, outlet = os.pipe()
    if not os.fork():
        limit_process(ExtractionLimits())
        try:
            read_document(data, limits=ExtractionLimits(), file_name=name)
        except (CVError, MemoryError):
            sys.exc_info()
        os.write(outlet, str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss).encode())
        os._exit(0)
    os.close(outlet)
    with os.fdopen(inlet) as answer:
        kilobytes = answer.read()
    os.wait()
    return int(kilobytes or 0) / 1024


def quantile(values: list[float], share: float) -> float:
    """Return the value that so large a share of all does not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def summary(readings: list[dict[str, float]], peaks: list[float]) -> dict[str, Any]:
    """Return the figures over all documents."""
    cpu = [reading["own_cpu"] + reading["reader_cpu"] for reading in readings]
    pages = sum(reading["pages"] for reading in readings)
    clock = [reading["seconds"] for reading in readings]
    return {
        "documents": len(readings),
        "pages": pages,
        "seconds_p50": round(statistics.median(clock), 3),
        "seconds_p95": round(quantile(clock, 0.95), 3),
        "extraction_seconds_p50": round(statistics.median(reading["extraction_seconds"] for reading in readings), 3),
        "cpu_p50": round(statistics.median(cpu), 3),
        "cpu_p95": round(quantile(cpu, 0.95), 3),
        "cpu_a_page": round(sum(cpu) / max(pages, 1), 3),
        "documents_a_core_minute": round(60 * len(readings) / sum(cpu), 1),
        "peak_mb_p50": round(statistics.median(peaks)),
        "peak_mb_max": round(max(peaks)),
    }


def main() -> None:
    """Measure the files of a folder, and print the figures as JSON."""
    options = argparse.ArgumentParser(description="What reading CVs costs.")
    options.add_argument("folder", type=Path)
    options.add_argument("--pattern", default="*.pdf")
    options.add_argument(
        "--list", type=Path, help="a file with a name of the folder on each line, in place of a pattern"
    )
    chosen = options.parse_args()
    logging.disable(logging.CRITICAL)
    names = chosen.list.read_text(encoding="utf-8").split() if chosen.list else []
    files = [chosen.folder / name for name in names] or sorted(chosen.folder.glob(chosen.pattern))
    # Before anything of Django is loaded, which the readers go without.
    peaks = [peak_megabytes(path.read_bytes(), path.name) for path in files]
    import django

    from benchmarks.rounds import load_of_the_machine

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careerai.settings")
    django.setup()
    # The first document waits for libraries and tables of words; it is told apart.
    first = read(files[0].read_bytes(), files[0].name)["seconds"]
    loads = [load_of_the_machine()]
    readings = [read(path.read_bytes(), path.name) for path in files]
    loads.append(load_of_the_machine())
    print(json.dumps({"first_seconds": round(first, 2), **summary(readings, peaks), "load": loads}, indent=2))


if __name__ == "__main__":
    main()
