"""Run several subjects in turns and say what their figures mean."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Rows = Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class Subject:
    """A subject in its process, and what it was measured at."""

    name: str
    process: "subprocess.Popen[str]"
    figures: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def measure(self, case: str, **order: Any) -> None:
        """Let it make one round of calls, and keep the figures under `case`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        self.figures.setdefault(case, []).append(json.loads(self.process.stdout.readline()))

    def summary(self, case: str) -> dict[str, Any]:
        """Return the percentiles over all rounds of a case, in milliseconds."""
        rounds = self.figures[case]
        seconds = [value for one in rounds for value in one["seconds"]]
        own = [value for one in rounds for value in one["own"]]
        errors: dict[str, int] = {}
        for one in rounds:
            for name, count in one["errors"].items():
                errors[name] = errors.get(name, 0) + count
        found: dict[str, Any] = {f"p{q}_ms": percentile(seconds, q) for q in (50, 95, 99)}
        found["cpu_ms"] = round(sum(one["cpu_seconds"] for one in rounds) / len(rounds) * 1000, 3)
        found["calls_per_second"] = round(sum(one["calls_per_second"] for one in rounds) / len(rounds), 1)
        if own:
            found["own_time"] = {f"p{q}_ms": percentile(own, q) for q in (50, 95, 99)}
        return found | ({"errors": errors} if errors else {})


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return a percentile by the nearest rank, in milliseconds."""
    ordered = sorted(seconds)
    return round(ordered[max(0, math.ceil(share / 100 * len(ordered)) - 1)] * 1000, 3)


@contextmanager
def subjects(
    names: Mapping[str, str],
    providers: Rows,
    *,
    environment: Mapping[str, Mapping[str, str]] | None = None,
    litellm_python: str = "",
    timeout_seconds: float = 0,
) -> Iterator[list[Subject]]:
    """Start the subjects, each in a process of its own, and end them.

    Args:
        names: Name of each subject, and what it is (see `benchmarks.subjects`).
        providers: Rows of `AI_PROVIDERS`.
        environment: Variables of a subject, by its name.
        litellm_python: The Python of an environment with LiteLLM; without one LiteLLM is left out.
        timeout_seconds: LiteLLM's time-out of one request; 0 for its default.
    """
    rows = json.dumps(providers)
    with ExitStack() as stack:
        started = []
        for name, kind in names.items():
            command = [sys.executable, "-m", "benchmarks.subjects", kind, "--providers", rows]
            own = {"DATABASE_URL": "", "REDIS_URL": "", **(environment or {}).get(name, {})}
            started.append(_start(stack, name, command, own))
        if litellm_python:
            script = str(Path(__file__).with_name("litellm_subject.py"))
            command = [litellm_python, script, rows, str(timeout_seconds)]
            started.append(_start(stack, "litellm", command, {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}))
        for subject in started:
            assert subject.process.stdout is not None
            assert subject.process.stdout.readline().strip() == "ready", subject.name
        yield started


def _start(stack: ExitStack, name: str, command: list[str], environment: Mapping[str, str]) -> Subject:
    process = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()

    stack.callback(end)
    return Subject(name, process)


def load_of_the_machine() -> dict[str, Any]:
    """Return what else the machine is doing, which every figure should be read with."""
    return {"cpus": os.cpu_count(), "load_average": [round(value, 2) for value in os.getloadavg()]}
