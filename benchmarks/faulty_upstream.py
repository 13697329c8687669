"""How long calls take while one provider fails, and a second one is well.

Run: `python -m benchmarks.faulty_upstream`, with `--litellm-python PATH` for LiteLLM's Router in the same run: its
`fallbacks` lead to the second provider, the time-out of a request is the same, everything else is as it comes.

A share of the first provider's answers hangs for ever, or is a 429 or a 500; which ones is the same draw for every subject.
A first round, which is not counted, lets the subjects get used to that. Two cases look at the beginning of an outage, over
`--onset` calls: in "hanging begins" the first round was well, in "hanging from cold" it was a single call, so that nothing is
known of what is usual.
"""

import argparse
import json
import urllib.request
from contextlib import ExitStack
from typing import Any

from benchmarks.rounds import Subject, load_of_the_machine, subjects
from benchmarks.upstream import upstream

WARM_UP = 60
HANGING = ("--hang", "{share}")
CASES = {
    "hanging from cold": HANGING,
    "hanging begins": HANGING,
    "answers that hang": HANGING,
    "429": ("--failing", "{share}", "--status", "429"),
    "500": ("--failing", "{share}", "--status", "500"),
    "nothing fails": (),
}
# How many calls go before the onset, which are well.
ONSETS = {"hanging from cold": 1, "hanging begins": WARM_UP}


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=150, help="calls of each case that are counted")
    parser.add_argument("--onset", type=int, default=100, help="calls that are counted where an outage begins")
    parser.add_argument("--concurrency", type=int, default=8, help="calls at the same time")
    parser.add_argument("--share", type=float, default=0.3, help="share of the first provider's answers that fail")
    parser.add_argument("--timeout", type=int, default=2, help="seconds of one request, for all subjects")
    parser.add_argument("--delay", type=float, default=0.02, help="seconds that a good answer takes")
    parser.add_argument("--cases", nargs="*", default=list(CASES), help=f"of {list(CASES)}")
    parser.add_argument("--litellm-python", default="", help="the Python of an environment with LiteLLM")
    options = parser.parse_args()
    found: dict[str, Any] = {"machine before": load_of_the_machine()}
    for case in options.cases:
        found[case] = measure(options, case)
    print(json.dumps({**found, "machine after": load_of_the_machine()}, indent=2))


def measure(options: argparse.Namespace, case: str) -> dict[str, Any]:
    """Measure every subject against one kind of fault."""
    arguments = [argument.format(share=options.share) for argument in CASES[case]]
    with ExitStack() as stack:
        delay = ("--delay", str(options.delay))
        first = stack.enter_context(upstream(*delay, *arguments))
        second = stack.enter_context(upstream(*delay))
        providers = {name: {"api_key": "k", "model": "gpt-5.4-mini", "base_url": first} for name in ("openai", "grok")}
        providers["grok"]["base_url"] = second
        limits = {"AI_ATTEMPT_SECONDS": str(options.timeout), "AI_FIRST_TOKEN_SECONDS": str(options.timeout)}
        started = stack.enter_context(
            subjects(
                {"router": "router"},
                providers,
                environment={"router": limits},
                litellm_python=options.litellm_python,
                timeout_seconds=options.timeout,
            )
        )
        return {one.name: _measure_one(one, options, first, case) for one in started}


def _measure_one(subject: Subject, options: argparse.Namespace, first: str, case: str) -> dict[str, Any]:
    order = {"concurrency": options.concurrency, "stream": False, "words": 150}
    _control(first, "calm" if case in ONSETS else "reset")
    subject.measure("warm-up", calls=ONSETS.get(case, WARM_UP), **order)
    _control(first, "reset")
    subject.measure("case", calls=options.onset if case in ONSETS else options.calls, **order)
    figures = subject.summary("case")
    figures["p95_of_the_timeout"] = round(figures["p95_ms"] / 1000 / options.timeout, 3)
    figures["asked_the_first_provider"] = _control(first, "count")
    return figures


def _control(base_url: str, what: str) -> int:
    with urllib.request.urlopen(f"{base_url.removesuffix('/v1')}/control/{what}") as answer:  # noqa: S310 - loopback
        return int(answer.read())


if __name__ == "__main__":
    main()
