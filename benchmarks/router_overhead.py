"""What the router adds to a bare call of the SDK, measured in pairs in one run against the simulator.

Run: `python -m benchmarks.router_overhead --calls 300`. Uses a database of its own in a temporary folder.
Each pair asks the simulator once through `router.generate` and once through the SDK alone, in turns, over one warm
connection each. The ratio of the medians says more than the milliseconds, which belong to the machine.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main() -> None:
    """Print the medians and their ratio as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300, help="pairs that are measured")
    parser.add_argument("--words", type=int, default=600, help="words of the prompt")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="careerai.settings", CAREERAI_DATA_DIR=folder, DATABASE_URL="", LOG_LEVEL="ERROR"
        )
        print(json.dumps(measure(calls=options.calls, words=options.words, folder=Path(folder)), indent=2))


def measure(*, calls: int, words: int, folder: Path) -> dict[str, Any]:
    """Return medians in milliseconds, and their ratio."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from ai_router import router
    from ai_router.loop import close_provider_loop, provider_loop
    from ai_router.providers.openai import OpenAIProvider
    from ai_router.types import Message, ProviderRequest, TaskType
    from tests.providers.simulator import Reply, Simulator
    from usage.models import Call

    call_command("migrate", verbosity=0)
    simulator = Simulator(defaults=Reply(text="Done."))
    simulator.start()
    settings.AI_PROVIDERS = {"openai": {"api_key": "k", "base_url": simulator.base_url, "model": "gpt-5.4-mini"}}
    prompt = "pruning roses in spring " * (words // 4)
    bare_client = OpenAIProvider(api_key="k", base_url=simulator.base_url)
    request = ProviderRequest("gpt-5.4-mini", (Message("user", prompt),), max_output_tokens=50)

    def bare() -> None:
        provider_loop().start(bare_client.complete(request)).wait()

    def routed() -> None:
        router.generate(task_type=TaskType.COVER_LETTER, prompt=prompt, max_output_tokens=50)

    for warm_up in (bare, routed) * 10:
        warm_up()
    pairs = [(timed(bare), timed(routed)) for _ in range(calls)]
    booked = Call.objects.filter(status="succeeded").count()
    provider_loop().start(bare_client.close()).wait()
    close_provider_loop()
    simulator.stop()
    return summary(pairs) | {
        "calls_booked": booked,
        "database": folder.name and settings.DATABASES["default"]["ENGINE"],
    }


def timed(work: Callable[[], None]) -> float:
    """Return how long the work took, in milliseconds."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def summary(pairs: list[tuple[float, float]]) -> dict[str, Any]:
    """Return what the pairs say."""
    bare, routed = zip(*pairs, strict=True)
    added = [there - here for here, there in pairs]
    return {
        "pairs": len(pairs),
        "bare_median_ms": round(statistics.median(bare), 2),
        "routed_median_ms": round(statistics.median(routed), 2),
        "added_median_ms": round(statistics.median(added), 2),
        "added_p95_ms": round(statistics.quantiles(added, n=20)[18], 2),
        "ratio_of_medians": round(statistics.median(routed) / statistics.median(bare), 2),
    }


if __name__ == "__main__":
    main()
