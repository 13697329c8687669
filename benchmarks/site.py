"""What the router is measured with: a task of its own, and a clock around the adapter."""

import time
from collections import defaultdict
from collections.abc import AsyncGenerator
from pathlib import Path

from django.conf import settings
from pydantic import BaseModel

from ai_router.providers.openai import OpenAIProvider
from ai_router.types import ProviderAnswer, ProviderRequest, TaskSpec, TaskType


class Subject(BaseModel):
    """What is written about."""

    text: str


def first_text_spec(folder: Path) -> TaskSpec[Subject, str]:
    """Return a task whose text is shown while it is written; its prompt is a file in `folder`."""
    prompts = folder / "templates" / "prompts" / "bench"
    prompts.mkdir(parents=True)
    (prompts / "v1.md").write_text('Write.\n---\n{{ text|data:"text" }}\n', encoding="utf-8")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [folder / "templates"]}]
    return TaskSpec(
        TaskType.COVER_LETTER,
        prompt="bench/v1",
        embedded=lambda _inputs: "offline",
        finish=lambda _inputs, answer: str(answer),
        max_output_tokens=50,
        may_stream=True,
    )


def inside_the_adapter() -> dict[str, float]:
    """Put a clock around the adapter; returns the seconds inside it by our id of the call."""
    seconds: dict[str, float] = defaultdict(float)

    class Clocked(OpenAIProvider):
        async def complete(self, request: ProviderRequest) -> ProviderAnswer:
            begun = time.perf_counter()
            try:
                return await super().complete(request)
            finally:
                seconds[request.client_request_id] += time.perf_counter() - begun

        def stream(self, request: ProviderRequest) -> AsyncGenerator[str | ProviderAnswer, None]:
            return super().stream(request)

    import ai_router.providers.openai as adapter

    adapter.OpenAIProvider = Clocked  # type: ignore[misc]
    return seconds
