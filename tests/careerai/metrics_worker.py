"""A process of the site that makes calls; it ends, or is killed by the test, and the figures stay."""

import os
import sys
from pathlib import Path


def main(count: str) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2]))
    os.environ["DJANGO_SETTINGS_MODULE"] = "careerai.settings"
    import django

    django.setup()
    call(int(count))
    print("done", flush=True)  # noqa: T201
    sys.stdin.readline()


def call(count: int) -> None:
    """Have rules answer so many times."""
    from ai_router import router
    from ai_router.types import TaskSpec, TaskType

    spec = TaskSpec(
        TaskType.FAST_SUMMARY,
        prompt="none/v1",
        embedded=lambda _inputs: "Written by rules.",
        finish=lambda _inputs, answer: str(answer),
        verify=lambda _inputs, _output: [],
        max_output_tokens=50,
    )
    for _ in range(count):
        router.run(spec, None, provider="embedded", use_cache=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
