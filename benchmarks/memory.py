"""What the router costs before and beside its calls: the time of its import, memory, and whether memory stays flat.

Run: `python -m benchmarks.memory --calls 100000` for the whole of it; the default makes fewer calls, in about two
minutes. The import is measured in fresh processes, after `django.setup()`. Memory is the resident set of the subject's
process: before the first call, with two providers used, and after each tenth of the calls.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.rounds import load_of_the_machine, subjects
from benchmarks.upstream import upstream

SDKS = ("openai", "anthropic", "groq", "google.genai", "litellm", "tiktoken", "genai_prices")
IMPORT = f"""
import os, sys, tempfile, time
from pathlib import Path
os.environ.update(DJANGO_SETTINGS_MODULE="careerai.settings", CAREERAI_DATA_DIR=tempfile.mkdtemp(), DATABASE_URL="")
rss = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
import django
django.setup()
before, memory = time.perf_counter(), rss()
import ai_router.router
seconds = time.perf_counter() - before
loaded = [name for name in {SDKS} if name in sys.modules]
print(__import__("json").dumps({{"seconds": seconds, "added_mb": rss() - memory, "loaded": loaded}}))
"""


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20_000, help="calls over which memory is watched")
    parser.add_argument("--concurrency", type=int, default=4, help="calls at the same time")
    parser.add_argument("--ledger", default="durable", choices=("durable", "available", "fast"))
    options = parser.parse_args()
    found: dict[str, Any] = {"machine before": load_of_the_machine(), "import": measure_import(7)}
    with upstream() as base_url:
        found |= measure_memory(base_url, options)
    print(json.dumps({**found, "machine after": load_of_the_machine()}, indent=2))


def measure_import(times: int) -> dict[str, Any]:
    """Return the median time and memory of the import, and which SDKs it loaded."""
    runs = [
        json.loads(subprocess.run([sys.executable, "-c", IMPORT], check=True, capture_output=True).stdout)  # noqa: S603
        for _ in range(times)
    ]
    return {
        "median_seconds": round(statistics.median(run["seconds"] for run in runs), 3),
        "least_seconds": round(min(run["seconds"] for run in runs), 3),
        "added_mb": round(statistics.median(run["added_mb"] for run in runs), 1),
        "sdks_loaded": runs[0]["loaded"],
    }


def measure_memory(base_url: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return the memory of a process before, with and after its calls, in megabytes."""
    row = {"api_key": "k", "base_url": base_url, "model": "gpt-5.4-mini"}
    order = {"concurrency": options.concurrency, "stream": False, "words": 150}
    with subjects(
        {"router": "router"}, {"openai": row, "groq": row}, environment={"router": {"AI_LEDGER": options.ledger}}
    ) as (router,):
        before = int(Path(f"/proc/{router.process.pid}/statm").read_text().split()[1]) * 4_096 / 1e6
        for provider in ("openai", "groq"):
            router.measure("first", calls=1, provider=provider, **order)
        with_two = router.figures["first"][-1]["rss_mb"]
        for _ in range(10):
            router.measure("calls", calls=options.calls // 10, **order)
    series = [round(one["rss_mb"], 1) for one in router.figures["calls"]]
    return {
        "before_the_first_call_mb": round(before, 1),
        "added_with_two_providers_mb": round(with_two - before, 1),
        "calls": options.calls,
        "errors": router.summary("calls").get("errors", {}),
        "after_each_tenth_mb": series,
        "grown_over_the_last_half_mb": round(series[-1] - series[4], 1),
    }


if __name__ == "__main__":
    main()
