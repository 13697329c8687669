"""What the router costs before and beside its calls: the time of its import, memory, and whether memory stays flat.

Run: `python -m benchmarks.memory --calls 100000` for the whole of it; the default makes fewer calls, in about two
minutes. The import is measured in fresh processes: Django with and without the router's two apps. Memory is the resident set of a process: of a
fresh one before and after a first call of each of two providers, and of one that makes many after each tenth of them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from typing import Any

from benchmarks.rounds import load_of_the_machine, subjects
from benchmarks.upstream import upstream

SDKS = ("openai", "anthropic", "groq", "google.genai", "litellm", "tiktoken", "genai_prices")
# Django with what it needs for users, and, after the first argument, with the router's two apps beside it.
IMPORT = f"""
import json, os, sys, tempfile, time
from pathlib import Path
rss = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
begun, worked = time.perf_counter(), time.process_time()
import django
from django.conf import settings
own = ["usage", "ai_router"] if sys.argv[1:] else []
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *own],
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    AI_STRATEGIES={{}},
    AI_CACHE_MEMORY_MB=32,
)
django.setup()
if own:
    import ai_router.router
loaded = [name for name in {SDKS} if name in sys.modules]
print(json.dumps({{"seconds": time.perf_counter() - begun, "cpu": time.process_time() - worked, "mb": rss(), "loaded": loaded}}))
"""
# The whole application with an empty database, and a first call of each of two providers, which loads their SDKs.
FIRST_CALLS = """
import json, os, subprocess, sys, tempfile
from pathlib import Path
rss = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
folder = tempfile.TemporaryDirectory()
os.environ |= {"DJANGO_SETTINGS_MODULE": "careerai.settings", "CAREERAI_DATA_DIR": folder.name, "LOG_LEVEL": "CRITICAL"}
# In a process of its own: what it has freed would hide what the calls take.
subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], check=True)
import django
django.setup()
from django.conf import settings
from ai_router import router
row = {"api_key": "k", "base_url": sys.argv[1], "model": "gpt-5.4-mini"}
settings.AI_PROVIDERS = {"openai": row, "groq": row}
found = [rss()]
for provider in settings.AI_PROVIDERS:
    prompt = "A gardener who led a team of five looks for work by the sea. " * 40
    assert router.generate(task_type="cover_letter", prompt=prompt, provider=provider).provider == provider
    found.append(rss())
print(json.dumps(found))
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
        found |= measure_first_calls(base_url, 3) | measure_memory(base_url, options)
    print(json.dumps({**found, "machine after": load_of_the_machine()}, indent=2))


def measure_import(times: int) -> dict[str, Any]:
    """Return what the router adds to a start of Django, and which SDKs it loaded; the two kinds of start take turns."""
    runs = [(_start_django(), _start_django("with the router")) for _ in range(times)]
    return {
        "django_seconds": round(statistics.median(alone["seconds"] for alone, _ in runs), 3),
        "added_seconds": round(statistics.median(both["seconds"] - alone["seconds"] for alone, both in runs), 3),
        "least_added_seconds": round(
            min(both["seconds"] for _, both in runs) - min(one["seconds"] for one, _ in runs), 3
        ),
        "added_cpu_seconds": round(statistics.median(both["cpu"] - alone["cpu"] for alone, both in runs), 3),
        "added_mb": round(statistics.median(both["mb"] - alone["mb"] for alone, both in runs), 1),
        "sdks_loaded": runs[0][1]["loaded"],
    }


def _start_django(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-c", IMPORT, *arguments]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603
    return found


def measure_first_calls(base_url: str, times: int) -> dict[str, Any]:
    """Return what the first call of a provider adds to a fresh process, and what both together do, in megabytes."""
    environment = {**os.environ, "DATABASE_URL": "", "REDIS_URL": ""}
    command = [sys.executable, "-c", FIRST_CALLS, base_url]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, env=environment).stdout)  # noqa: S603
        for _ in range(times)
    ]
    return {
        "before_the_first_call_mb": round(statistics.median(before for before, _, _ in runs), 1),
        "added_with_one_provider_mb": round(statistics.median(one - before for before, one, _ in runs), 1),
        "added_with_two_providers_mb": round(statistics.median(two - before for before, _, two in runs), 1),
    }


def measure_memory(base_url: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return the memory of a process that makes many calls, in megabytes."""
    row = {"api_key": "k", "base_url": base_url, "model": "gpt-5.4-mini"}
    order = {"concurrency": options.concurrency, "stream": False, "words": 150}
    with subjects(
        {"router": "router"}, {"openai": row, "groq": row}, environment={"router": {"AI_LEDGER": options.ledger}}
    ) as (router,):
        for provider in ("openai", "groq"):
            router.measure("first", calls=1, provider=provider, **order)
        for _ in range(10):
            router.measure("calls", calls=options.calls // 10, **order)
    series = [round(one["rss_mb"], 1) for one in router.figures["calls"]]
    return {
        "calls": options.calls,
        "errors": router.summary("calls").get("errors", {}),
        "after_each_tenth_mb": series,
        "grown_over_the_last_half_mb": round(series[-1] - series[4], 1),
    }


if __name__ == "__main__":
    main()
