"""How long the caches take to look up an answer: in memory, in the shared store, among 10,000 vectors, and in vain.

Run: `python -m benchmarks.caches`, with `REDIS_URL` set to measure Redis as the shared store, with `DATABASE_URL` set to a
PostgreSQL server for a database of its own there; else it uses SQLite in a temporary folder. Nothing is asked of a provider.
The look-up includes the key (a digest of the whole request) and the task's check of the kept answer.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks.ledger import own_database


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1_000, help="look-ups of each kind")
    parser.add_argument("--words", type=int, default=600, help="words of the prompt")
    parser.add_argument("--entries", type=int, default=10_000, help="vectors in the semantic cache")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DJANGO_SETTINGS_MODULE="careerai.settings", CAREERAI_DATA_DIR=folder, LOG_LEVEL="ERROR")
        with own_database():
            print(json.dumps(measure(options), indent=2))


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Set up a site, and measure each kind of look-up."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection

    from ai_router.cache_stores import shared_store

    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_user(username="bench", email="bench@example.org")
    figures: dict[str, Any] = {"database": connection.vendor, "shared store": type(shared_store()).__name__}
    return figures | exact(user, options) | semantic(user, options)


def exact(user: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Measure the exact cache."""
    from ai_router.cache import MEMORY, look_up

    question, choice, outcome = request("pruning roses in spring " * (options.words // 4))
    other, _, _ = request("nobody has asked this " * (options.words // 4))
    look_up(question, choice, user=user).keep(outcome, cost_nanousd=1, is_first=True)

    def from_memory() -> None:
        assert look_up(question, choice, user=user).hit

    def from_shared() -> None:
        MEMORY.clear()
        assert look_up(question, choice, user=user).hit

    def in_vain() -> None:
        assert not look_up(other, choice, user=user).hit

    return {
        "exact hit, memory": timed(from_memory, options.rounds),
        "exact hit, shared": timed(from_shared, options.rounds),
        "exact miss": timed(in_vain, options.rounds),
    }


def semantic(user: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Measure the semantic cache, with the engine that is installed and, apart from it, the search alone."""
    import numpy as np
    from django.conf import settings

    from ai_router.cache import look_up
    from ai_router.calibration import THRESHOLDS
    from ai_router.models import SemanticEntry, SemanticOutcome
    from ai_router.offline_embeddings import offline_engine
    from ai_router.semantic_cache import PARTITIONS, SHADOW_SHARE

    settings.AI_SEMANTIC_CACHE_TASKS = ["fast_summary"]
    kept, choice, outcome = request("how are roses pruned in spring")
    asked, _, _ = request("how are the roses pruned in spring")
    look_up(kept, choice, user=user).keep(outcome, cost_nanousd=1, is_first=True)
    look_up(asked, choice, user=user).keep(outcome, cost_nanousd=1, is_first=True)
    first = SemanticEntry.objects.order_by("id")[0]
    SemanticOutcome.objects.filter(band__lt=len(THRESHOLDS)).update(right=10_000)
    random = np.random.default_rng(1).normal(size=(options.entries - 2, first.dimensions)).astype(np.float32)
    random /= np.linalg.norm(random, axis=1, keepdims=True)
    names = ("partition", "user_id", "task_type", "engine", "dimensions", "guard", "sealed", "expires_at")
    shared = {name: getattr(first, name) for name in names}
    SemanticEntry.objects.bulk_create((SemanticEntry(vector=row.tobytes(), **shared) for row in random), batch_size=500)
    PARTITIONS.clear()
    variants = [request(f"how are {'my ' * number}roses pruned in spring")[0] for number in range(1, 4)]
    hits = [bool(look_up(variants[0], choice, user=user).hit) for _ in range(200)]
    vector = offline_engine().encode(["how are roses pruned in spring"])[0]

    def nearby() -> None:
        look_up(variants[0], choice, user=user)

    def search() -> None:
        PARTITIONS.search(first.partition, vector, first.guard)

    return {
        "engine": offline_engine().name,
        "entries": SemanticEntry.objects.filter(partition=first.partition).count(),
        "share of hits (5 % are answered for real)": sum(hits) / len(hits),
        "share that is answered for real": SHADOW_SHARE,
        "semantic look-up, vector included": timed(nearby, options.rounds // 5),
        "search among the vectors alone": timed(search, options.rounds // 5),
        "one vector": timed(lambda: offline_engine().encode(["how are roses pruned in spring"]), options.rounds // 5),
    }


def request(prompt: str) -> tuple[Any, Any, Any]:
    """Return a question, who may answer it, and an answer."""
    from ai_router.planning import Question
    from ai_router.routing import Choice
    from ai_router.steps import Outcome
    from ai_router.types import CacheScope, Candidate, Message, ProviderAnswer, TaskType

    candidate = Candidate("openai", "gpt-5.4-mini")
    answer = ProviderAnswer("In March, above an eye. " * 40, candidate.model, None)
    question: Question[str] = Question(
        TaskType.FAST_SUMMARY,
        messages=lambda: (Message("system", "Be brief."), Message("user", prompt)),
        accept=lambda answer, _candidate, _journal: answer.text,
        max_output_tokens=200,
        cache_scope=CacheScope.USER,
    )
    return question, Choice((candidate,)), Outcome(answer.text, candidate, answer=answer)


def timed(work: Callable[[], object], rounds: int) -> dict[str, float]:
    """Return percentiles in milliseconds, after a warm-up."""
    for _ in range(20):
        work()
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": round(cuts[49], 4), "p99_ms": round(cuts[98], 4)}


if __name__ == "__main__":
    main()
