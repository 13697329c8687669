"""LiteLLM's Router as a subject of `benchmarks.rounds`; runs with the Python of an environment that has LiteLLM.

It imports nothing of this project, so that it can stand in an environment of its own.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

LINES = (
    "2019 – 2023 Head gardener, Rose Hill Nursery: led a team of four through the planting of a public garden.",
    "Pruned 1,200 roses each spring, and cut losses by 30 % with a plan for soil and water.",
    "Wrote the guide for visitors, taught a summer course, and spoke to schools about bees and/or trees.",
    "Education: Diploma in horticulture, 2016; certificate in arboriculture, 2017. Languages: English, Welsh.",
)
VISITORS = itertools.count(1_000)


async def serve(providers: dict[str, dict[str, str]], timeout_seconds: float) -> None:
    """Answer one round after the other; the second provider, where there is one, is the fallback."""
    import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    models = [
        {
            "model_name": name,
            "litellm_params": {"model": "openai/gpt-5.4-mini", "api_base": row["base_url"], "api_key": "k"},
        }
        for name, row in providers.items()
    ]
    first, *others = providers
    router = litellm.Router(
        model_list=models, fallbacks=[{first: others}] if others else [], timeout=timeout_seconds or None
    )

    async def once(prompt: str, *, stream: bool) -> float:
        begun, first_text = time.perf_counter(), 0.0
        messages = [{"role": "user", "content": prompt}]
        if not stream:
            await router.acompletion(model=first, messages=messages, max_completion_tokens=50)
            return time.perf_counter() - begun
        answer = await router.acompletion(
            model=first,
            messages=messages,
            max_completion_tokens=50,
            stream=True,
            stream_options={"include_usage": True},
        )
        async for chunk in answer:
            if not first_text and chunk.choices and chunk.choices[0].delta.content:
                first_text = time.perf_counter() - begun
        return first_text

    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        order: dict[str, Any] = json.loads(line)
        lines = LINES * max(1, order["words"] // sum(len(line.split()) for line in LINES))
        waiting = iter(range(order["calls"]))
        seconds: list[float] = []
        errors: dict[str, int] = {}

        async def caller() -> None:
            for _ in waiting:  # noqa: B023 - awaited within the round
                prompt = "\n".join(f"{line} {next(VISITORS):,} visitors." for line in lines)  # noqa: B023
                begun = time.perf_counter()
                try:
                    seconds.append(await once(prompt, stream=order["stream"]))  # noqa: B023
                except Exception as error:  # noqa: BLE001 - a failure is a figure here
                    errors[type(error).__name__] = errors.get(type(error).__name__, 0) + 1  # noqa: B023
                    seconds.append(time.perf_counter() - begun)  # noqa: B023

        begun, worked = time.perf_counter(), time.process_time()
        await asyncio.gather(*(caller() for _ in range(order["concurrency"])))
        figures = {
            "seconds": seconds,
            "own": [],
            "errors": errors,
            "calls_per_second": len(seconds) / (time.perf_counter() - begun),
            "cpu_seconds": (time.process_time() - worked) / len(seconds),
            "rss_mb": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6,
        }
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1]), float(sys.argv[2])))
