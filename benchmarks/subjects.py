"""What is measured, each in a process of its own: the router, its adapter alone, and the bare SDK.

A subject reads one JSON line for each round of measurement on stdin (`calls`, `concurrency`, `stream`, `words`) and
writes one with `seconds` (a figure for each call; of a stream, until its first text), `own` where it is the router (the
same less the time inside the adapter's call), `cpu_seconds` of the whole process, its `rss_mb`, and `errors`. `benchmarks.rounds` runs several in turns, so that all of
them meet the same load of the machine.
"""

import argparse
import asyncio
import itertools
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

MODEL = "gpt-5.4-mini"
LINES = (
    "2019 – 2023 Head gardener, Rose Hill Nursery: led a team of four through the planting of a public garden.",
    "Pruned 1,200 roses each spring, and cut losses by 30 % with a plan for soil and water.",
    "Wrote the guide for visitors, taught a summer course, and spoke to schools about bees and/or trees.",
    "Education: Diploma in horticulture, 2016; certificate in arboriculture, 2017. Languages: English, Welsh.",
)
# What a process keeps of a text must not make the next call cheaper, so every line has a number of its own.
VISITORS = itertools.count(1_000)
MAX_OUTPUT_TOKENS = 50
Once = Callable[[str], Awaitable[tuple[float, float | None]]]


def prompt_of(words: int) -> str:
    """Return a prompt of about so many words, with figures and dates as a CV has them; no line of it has come before."""
    words_of_all = sum(len(line.split()) for line in LINES)
    return "\n".join(f"{line} {next(VISITORS):,} visitors." for line in LINES * max(1, words // words_of_all))


async def in_turns(once: Once, order: dict[str, Any]) -> dict[str, Any]:
    """Make the calls of one round from coroutines, so many at the same time."""
    waiting = iter(range(order["calls"]))
    found: list[tuple[float, float | None]] = []
    errors: dict[str, int] = {}

    async def caller() -> None:
        for _ in waiting:
            prompt = prompt_of(order["words"])
            begun = time.perf_counter()
            try:
                found.append(await once(prompt))
            except Exception as error:  # noqa: BLE001 - a failure is a figure here
                errors[type(error).__name__] = errors.get(type(error).__name__, 0) + 1
                found.append((time.perf_counter() - begun, None))

    begun, worked = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(order["concurrency"])))
    return figures(found, errors, seconds=time.perf_counter() - begun, cpu_seconds=time.process_time() - worked)


def in_threads(
    once: Callable[[str], tuple[float, float | None]], order: dict[str, Any], pool: ThreadPoolExecutor
) -> dict[str, Any]:
    """Make the calls of one round from threads, so many at the same time."""
    waiting, lock = iter(range(order["calls"])), threading.Lock()
    found: list[tuple[float, float | None]] = []
    errors: dict[str, int] = {}

    def caller() -> None:
        while True:
            with lock:
                if next(waiting, None) is None:
                    return
            prompt = prompt_of(order["words"])
            begun = time.perf_counter()
            try:
                found.append(once(prompt))
            except Exception as error:  # noqa: BLE001 - a failure is a figure here
                errors[type(error).__name__] = errors.get(type(error).__name__, 0) + 1
                found.append((time.perf_counter() - begun, None))

    begun, worked = time.perf_counter(), time.process_time()
    for caller_ended in [pool.submit(caller) for _ in range(order["concurrency"])]:
        caller_ended.result()
    return figures(found, errors, seconds=time.perf_counter() - begun, cpu_seconds=time.process_time() - worked)


def figures(
    found: list[tuple[float, float | None]], errors: dict[str, int], *, seconds: float, cpu_seconds: float
) -> dict[str, Any]:
    """Return one round's figures as they go to the driver."""
    return {
        "seconds": [total for total, _ in found],
        "own": [own for _, own in found if own is not None],
        "errors": errors,
        "calls_per_second": len(found) / seconds,
        "cpu_seconds": cpu_seconds / len(found),
        "rss_mb": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6,
    }


def bare_sdk(base_url: str, *, adapter: bool) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what measures the SDK with its default transport from coroutines, or our adapter around it."""
    runner = asyncio.Runner()
    sdk = runner.run(_adapter(base_url) if adapter else _async_sdk(base_url))
    return lambda order: runner.run(in_turns(sdk[order["stream"]], order))


async def _async_sdk(base_url: str) -> tuple[Once, Once]:
    import openai

    client = openai.AsyncOpenAI(api_key="k", base_url=base_url, max_retries=0)

    async def whole(prompt: str) -> tuple[float, None]:
        begun = time.perf_counter()
        await client.chat.completions.create(**_sdk_arguments(prompt))
        return time.perf_counter() - begun, None

    async def first_text(prompt: str) -> tuple[float, None]:
        begun, first = time.perf_counter(), 0.0
        stream = await client.chat.completions.create(
            **_sdk_arguments(prompt), stream=True, stream_options={"include_usage": True}
        )
        async with stream:
            async for chunk in stream:
                if not first and chunk.choices and chunk.choices[0].delta.content:
                    first = time.perf_counter() - begun
        return first, None

    return whole, first_text


def _sdk_arguments(prompt: str) -> dict[str, Any]:
    return {
        "model": MODEL,
        "messages": [{"role": "user", "content": prompt}],
        "max_completion_tokens": MAX_OUTPUT_TOKENS,
    }


async def _adapter(base_url: str) -> tuple[Once, Once]:
    import django

    django.setup()
    from ai_router.providers.openai import OpenAIProvider
    from ai_router.types import Message, ProviderRequest

    client = OpenAIProvider(api_key="k", base_url=base_url)

    def request(prompt: str) -> ProviderRequest:
        return ProviderRequest(MODEL, (Message("user", prompt),), max_output_tokens=MAX_OUTPUT_TOKENS)

    async def whole(prompt: str) -> tuple[float, None]:
        begun = time.perf_counter()
        await client.complete(request(prompt))
        return time.perf_counter() - begun, None

    async def first_text(prompt: str) -> tuple[float, None]:
        begun, first = time.perf_counter(), 0.0
        async for piece in client.stream(request(prompt)):
            if not first and piece:
                first = time.perf_counter() - begun
        return first, None

    return whole, first_text


def sync_sdk(base_url: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what measures the SDK's synchronous client from threads."""
    import openai

    client = openai.OpenAI(api_key="k", base_url=base_url, max_retries=0)
    pool = ThreadPoolExecutor(64)

    def once(prompt: str) -> tuple[float, None]:
        begun = time.perf_counter()
        client.chat.completions.create(**_sdk_arguments(prompt))
        return time.perf_counter() - begun, None

    return lambda order: in_threads(once, order, pool)


def router_itself(providers: dict[str, dict[str, str]], folder: Path) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what measures the router: whole answers from threads, as views and workers ask, streams from coroutines."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from ai_router import router
    from ai_router.types import TaskType
    from benchmarks.site import Subject, first_text_spec, inside_the_adapter

    call_command("migrate", verbosity=0)
    settings.AI_PROVIDERS = providers
    spec = first_text_spec(folder)
    inside = inside_the_adapter()
    pool, runner = ThreadPoolExecutor(64), asyncio.Runner()

    def whole(prompt: str, provider: str = "auto") -> tuple[float, float]:
        begun = time.perf_counter()
        result = router.generate(
            task_type=TaskType.COVER_LETTER, prompt=prompt, max_output_tokens=MAX_OUTPUT_TOKENS, provider=provider
        )
        total = time.perf_counter() - begun
        return total, total - inside.pop(str(result.call_id), 0.0)

    async def first_text(prompt: str) -> tuple[float, None]:
        begun, first = time.perf_counter(), 0.0
        events: AsyncIterator[Any] = router.stream(spec, Subject(text=prompt))
        async for event in events:
            if not first and getattr(event, "text", ""):
                first = time.perf_counter() - begun
        return first, None

    def round_of(order: dict[str, Any]) -> dict[str, Any]:
        if order["stream"]:
            return runner.run(in_turns(first_text, order))
        return in_threads(partial(whole, provider=order.get("provider", "auto")), order, pool)

    return round_of


def main() -> None:
    """Be one subject until stdin ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subject", choices=("router", "adapter", "sdk", "sync_sdk"))
    parser.add_argument("--providers", default="{}", help="rows of AI_PROVIDERS as JSON")
    options = parser.parse_args()
    providers = json.loads(options.providers)
    base_url = providers["openai"]["base_url"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careerai.settings")
        os.environ["CAREERAI_DATA_DIR"] = folder
        os.environ["LOG_LEVEL"] = "CRITICAL"
        os.environ.setdefault("AI_LEDGER_WAITING_USD", "1000")
        round_of = {
            "router": lambda: router_itself(providers, Path(folder)),
            "adapter": lambda: bare_sdk(base_url, adapter=True),
            "sdk": lambda: bare_sdk(base_url, adapter=False),
            "sync_sdk": lambda: sync_sdk(base_url),
        }[options.subject]()
        print("ready", flush=True)
        for line in sys.stdin:
            print(json.dumps(round_of(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
