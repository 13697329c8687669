"""What the router adds to a bare call of the SDK, and how it stands beside LiteLLM's Router.

Run: `python -m benchmarks.router_overhead`, with `--litellm-python PATH` (the Python of an environment that has LiteLLM)
for the comparison, and with `--postgres URL` (a server on which it may make databases) for the ledger on PostgreSQL.

The router has everything switched on that is on by default, personal data included, which it looks for in every prompt; `AI_PRIVACY=false`
before the command leaves that out. `cpu_ms` is the processor's time of a call in the subject's process, all threads
together: it says more than the clock where others use the machine.

Every subject has a process of its own, and so has the upstream. They are measured in turns, in many short rounds: what
else the machine does meets all of them alike, and the ratios hold where the milliseconds do not. The SDK stands there with
its default transport, synchronous and asynchronous.
"""

import argparse
import json
import os
from contextlib import ExitStack
from typing import Any

from benchmarks.ledger import own_database
from benchmarks.rounds import Subject, load_of_the_machine, subjects
from benchmarks.upstream import upstream

CASES = {
    "concurrency 1": {"concurrency": 1, "stream": False},
    "concurrency 64": {"concurrency": 64, "stream": False},
    "first token, concurrency 1": {"concurrency": 1, "stream": True},
    "first token, concurrency 64": {"concurrency": 64, "stream": True},
}


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="rounds of each case")
    parser.add_argument("--calls", type=int, default=40, help="calls of a round; 160 at 64 at a time")
    parser.add_argument("--words", type=int, default=600, help="words of the prompt")
    parser.add_argument("--litellm-python", default="", help="the Python of an environment with LiteLLM")
    parser.add_argument("--postgres", default="", help="address of a PostgreSQL database")
    options = parser.parse_args()
    with ExitStack() as stack:
        base_url = stack.enter_context(upstream())
        names = {"sdk": "sdk", "sync_sdk": "sync_sdk", "adapter": "adapter"}
        names |= {"router, SQLite": "router", "router, in memory": "router"}
        environment = {"router, in memory": {"AI_LEDGER": "fast"}}
        if options.postgres:
            os.environ["DATABASE_URL"] = options.postgres
            stack.enter_context(own_database())
            names["router, PostgreSQL"] = "router"
            environment["router, PostgreSQL"] = {"DATABASE_URL": os.environ["DATABASE_URL"]}
        providers = {"openai": {"api_key": "k", "base_url": base_url, "model": "gpt-5.4-mini"}}
        started = stack.enter_context(
            subjects(names, providers, environment=environment, litellm_python=options.litellm_python)
        )
        print(json.dumps(measure(started, options), indent=2))


def measure(started: list[Subject], options: argparse.Namespace) -> dict[str, Any]:
    """Measure all subjects in turns; return percentiles, and the ratios of the medians."""
    before = load_of_the_machine()
    figures: dict[str, Any] = {}
    for case, order in CASES.items():
        taking_part = [one for one in started if not (order["stream"] and one.name == "sync_sdk")]
        calls = options.calls if order["concurrency"] == 1 else 160
        for number in range(options.rounds + 1):
            for subject in taking_part:
                # The first round opens connections and fills what is kept in memory.
                name = case if number else "warm-up"
                subject.measure(name, calls=calls, words=options.words, **order)
        figures[case] = {subject.name: subject.summary(case) for subject in taking_part}
        figures[case]["ratios"] = ratios(figures[case])
    return {"machine before": before, "machine after": load_of_the_machine(), **figures}


def ratios(case: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return each router's median, and its processor's time, over the others'."""
    peers = [name for name in ("sdk", "sync_sdk", "litellm") if name in case]
    return {
        f"{name} / {peer}": {
            "p50": round(case[name]["p50_ms"] / case[peer]["p50_ms"], 2),
            "cpu": round(case[name]["cpu_ms"] / case[peer]["cpu_ms"], 2),
        }
        for name in case
        if name.startswith("router") or name == "adapter"
        for peer in peers
    }


if __name__ == "__main__":
    main()
