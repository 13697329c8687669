"""How far hedging cuts the slow answers of heavy-tailed providers, and what it costs.

Run: `python -m benchmarks.hedging`. Two upstreams answer alike and independently: one answer in 25 takes eight times as
long. Streams go through the call act (no database), first with hedging off, then with learned delays, in blocks by turns, so
that a busy moment of the machine hits both. The figures are the time until the first text, and what all attempts cost
together with those that lost.
"""

import argparse
import asyncio
import json
import os
import time
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import django
from django.conf import settings

from benchmarks.upstream import upstream


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1_200, help="calls of each way")
    parser.add_argument("--concurrency", type=int, default=8, help="calls at the same time")
    parser.add_argument("--delay", type=float, default=0.12, help="seconds until the first text, as a rule")
    parser.add_argument("--tail", type=float, default=0.04, help="share of slow answers")
    parser.add_argument("--slower", type=float, default=8.0, help="how many times slower they are")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careerai.settings")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    django.setup()
    with ExitStack() as stack:
        tail = ("--delay", str(options.delay), "--tail", str(options.tail))
        arguments = (*tail, "--tail-seconds", str(options.delay * options.slower))
        addresses = {name: stack.enter_context(upstream(*arguments)) for name in ("openai", "grok")}
        settings.AI_PROVIDERS = {
            name: {"api_key": "k", "base_url": address, "model": "gpt-5.4-mini"} for name, address in addresses.items()
        }
        print(json.dumps(asyncio.run(compare(options)), indent=2))


async def compare(options: argparse.Namespace) -> dict[str, Any]:
    """Measure both ways in blocks by turns."""
    from ai_router.upstream import Upstream

    plain, hedged = Upstream(), Upstream()
    ways: dict[str, tuple[Upstream, float | None]] = {"hedging off": (plain, None), "hedging on": (hedged, 0.0)}
    found: dict[str, list[tuple[float, int, int]]] = {name: [] for name in ways}
    for state, hedge in ways.values():
        # What is usual is learned from these, which are not counted.
        await run_block(state, hedge, 60, options.concurrency)
    blocks = 6
    for _ in range(blocks):
        for name, (state, hedge) in ways.items():
            found[name] += await run_block(state, hedge, options.calls // blocks, options.concurrency)
    await plain.close()
    await hedged.close()
    summaries = {name: summarise(calls) for name, calls in found.items()}
    off, on = summaries["hedging off"], summaries["hedging on"]
    return {
        **summaries,
        "p99_cut_percent": round(100 * (1 - on["p99_ms"] / off["p99_ms"]), 1),
        "extra_requests_percent": round(100 * (on["requests"] / off["requests"] - 1), 2),
        "extra_spend_percent": round(100 * (on["cost_nanousd"] / off["cost_nanousd"] - 1), 2),
    }


async def run_block(state: Any, hedge: float | None, calls: int, concurrency: int) -> list[tuple[float, int, int]]:
    """Make so many calls; returns seconds until the first text, requests and cost of each."""
    waiting = iter(range(calls))
    found: list[tuple[float, int, int]] = []

    async def work() -> None:
        for _ in waiting:
            found.append(await call(state, hedge))  # noqa: PERF401 - others append meanwhile

    await asyncio.gather(*(work() for _ in range(concurrency)))
    return found


async def call(state: Any, hedge: float | None) -> tuple[float, int, int]:
    """Stream one answer."""
    from ai_router.calling import ask_candidates
    from ai_router.privacy import Veil
    from ai_router.steps import CallRequest, Journal, Limits
    from ai_router.types import Message, TextDelta

    first: list[float] = []
    begun = time.perf_counter()

    def show(event: object) -> None:
        if isinstance(event, TextDelta) and not first:
            first.append(time.perf_counter() - begun)

    messages = (Message("user", "Write about gardens."),)
    request = CallRequest(
        call_id=str(uuid4()),
        task_type="cover_letter",
        messages=messages,
        veil=Veil(),
        veiled_messages=messages,
        steps=make_steps(),
        ends_offline=False,
        accept=lambda answer, _candidate, _journal: answer.text,
        preview=lambda raw: raw,
        limits=Limits(hedge=hedge),
    )
    journal = Journal()
    await ask_candidates(request, journal, upstream=state, show=show)
    return first[0], len(journal.attempts), sum(attempt.cost_nanousd or 0 for attempt in journal.attempts)


def make_steps() -> Any:
    """Return the two candidates, at OpenAI's price."""
    from ai_router.pricing import find_prices
    from ai_router.steps import Step
    from ai_router.types import Candidate

    prices = find_prices("openai", "gpt-5.4-mini")
    cost = 900 * 750 + 14 * 4_500
    return tuple(
        Step(
            candidate=Candidate(name, "gpt-5.4-mini"),
            prices=prices,
            input_tokens=900,
            max_output_tokens=200,
            context_window=None,
            reasoning_effort="",
            low_nanousd=cost,
            expected_nanousd=cost,
            held_nanousd=2 * cost,
        )
        for name in settings.AI_PROVIDERS
    )


def summarise(calls: list[tuple[float, int, int]]) -> dict[str, Any]:
    """Return the percentiles of the first text, and the sums."""
    times = sorted(1000 * seconds for seconds, _, _ in calls)
    at = {f"p{share}_ms": round(times[min(len(times) - 1, len(times) * share // 100)], 1) for share in (50, 95, 99)}
    return {
        **at,
        "calls": len(calls),
        "requests": sum(requests for _, requests, _ in calls),
        "cost_nanousd": sum(cost for _, _, cost in calls),
    }


if __name__ == "__main__":
    main()
