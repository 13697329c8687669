"""What a trace says of a call: the call, its three acts, and in the second one each request to a provider.

Names of attributes are those of OpenTelemetry's conventions for generative AI; what they have no name for begins with `careerai.`.
The spans below the call are made when it is booked, from what the journal has, so that the call act knows nothing of them.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ai_router.types import TaskType
from usage import tracing
from usage.types import EMBEDDED_PROVIDER, AttemptRecord, AttemptStatus

# Providers as the conventions name them.
PROVIDERS = {"gemini": "gcp.gemini", "legacy_gemini": "gcp.gemini", "grok": "x_ai", "azure": "azure.ai.openai"}
NANO = 1_000_000_000


def begin(call_id: Any, task_type: str, *, began: float, prompt_version: str = "") -> Any | None:
    """Begin the span of a call that came at a moment of the monotonic clock; None where nobody wants traces."""
    return tracing.start(
        f"call {task_type}",
        began=began,
        attributes={
            "careerai.call_id": str(call_id),
            "careerai.task_type": str(task_type),
            **({"gen_ai.prompt.name": prompt_version} if prompt_version else {}),
        },
    )


def finish(
    span: Any | None,
    *,
    task_type: str,
    began: float,
    opened: float,
    settling: float,
    attempts: Sequence[AttemptRecord],
    status: str,
    error_class: str = "",
    overhead_us: int | None = None,
    cache: str = "",
) -> None:
    """End the span of a call that is booked, with its acts; moments are of the monotonic clock.

    Args:
        span: The call's.
        task_type: Its task.
        began: When the caller came.
        opened: When the call was planned.
        settling: When its answer was there.
        attempts: The requests.
        status: How it ended.
        error_class: What went wrong.
        overhead_us: The router's own time.
        cache: What a cache said.
    """
    if span is None:
        return
    tracing.end(tracing.start("plan", parent=span, began=began), ended=opened)
    asking = tracing.start("call", parent=span, began=opened)
    for number, attempt in enumerate(attempts, 1):
        _attempt(asking, number, attempt, task_type)
    tracing.end(asking, ended=settling)
    tracing.end(tracing.start("settle", parent=span, began=settling))
    costs = [attempt.cost_nanousd for attempt in attempts]
    tracing.end(
        span,
        error=error_class or ("" if status in {"succeeded", "incomplete"} else status),
        attributes={
            "careerai.status": status,
            "careerai.attempts": len(attempts),
            **({} if None in costs else {"careerai.cost_usd": sum(cost or 0 for cost in costs) / NANO}),
            **({} if overhead_us is None else {"careerai.overhead_us": overhead_us}),
            **({"careerai.cache": cache} if cache else {}),
        },
    )


def _attempt(parent: Any, number: int, attempt: AttemptRecord, task_type: str) -> None:
    """Tell of one request: a client's span, or, of this server's own engine, an internal one."""
    operation = "embeddings" if task_type == TaskType.EMBEDDING else "chat"
    began = time.monotonic() - (datetime.now(UTC) - attempt.started_at).total_seconds()
    used, is_here = attempt.usage, attempt.provider == EMBEDDED_PROVIDER
    attributes: dict[str, Any] = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": PROVIDERS.get(attempt.provider, attempt.provider),
        "gen_ai.request.model": attempt.model,
        "gen_ai.usage.input_tokens": used.total_input_tokens,
        "gen_ai.usage.output_tokens": used.total_output_tokens,
        "gen_ai.usage.cache_read.input_tokens": used.cached_input_tokens,
        "gen_ai.usage.cache_creation.input_tokens": used.cache_write_tokens,
        "gen_ai.usage.reasoning.output_tokens": used.reasoning_tokens,
        "careerai.attempt": number,
        "careerai.status": str(attempt.status),
        "careerai.usage_is_estimated": used.is_estimated,
    }
    if attempt.cost_nanousd is not None:
        attributes["careerai.cost_usd"] = attempt.cost_nanousd / NANO
    if attempt.first_token_ms is not None:
        attributes["gen_ai.response.time_to_first_chunk"] = attempt.first_token_ms / 1000
    if attempt.provider_request_id:
        attributes["careerai.provider_request_id"] = attempt.provider_request_id
    if attempt.http_status is not None:
        attributes["http.response.status_code"] = attempt.http_status
    kind = "INTERNAL" if is_here else "CLIENT"
    span = tracing.start(f"{operation} {attempt.model}", kind=kind, parent=parent, began=began, attributes=attributes)
    failed = "" if attempt.status == AttemptStatus.SUCCEEDED else attempt.error_class or str(attempt.status)
    tracing.end(span, ended=began + attempt.duration_ms / 1000, error=failed)
