"""Free prompts as programs send them and get them answered: plain data that can be kept, and the router's own form."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.conf import settings

from ai_router.conversations import Conversation
from ai_router.naming import Target, find_target, follow_task
from ai_router.routing import AUTO
from ai_router.types import AnswerForm, Message, ProviderAnswer, Sampling, TaskResult, TaskType
from usage.money import usd_text


def conversation_of(given: Mapping[str, Any]) -> Conversation:
    """Return a request that was checked in the router's form; system messages stand first."""
    messages = [Message(said["role"], said["content"]) for said in given.get("messages", ())]
    if "prompt" in given:
        system = [Message("system", given["system"])] if given.get("system") else []
        messages = [*system, Message("user", given["prompt"])]
    bound = given.get("max_output_tokens")
    schema = given.get("answer_schema")
    return Conversation(
        tuple(sorted(messages, key=lambda message: message.role != "system")),
        max_output_tokens=bound or settings.GATEWAY_OUTPUT_TOKENS,
        is_bound_total=bound is not None,
        form=None if schema is None else AnswerForm("answer", schema, is_strict=False),
        sampling=Sampling(temperature=given.get("temperature")),
    )


def target_of(given: Mapping[str, Any]) -> Target:
    """Return who is asked.

    Raises:
        UnknownModelError: Nobody has a model of this name.
        NoProviderAvailableError: Nobody hosted is set up who may answer.
    """
    task_type, provider, model = TaskType(given["task_type"]), given["provider"], given.get("model", "")
    if provider == AUTO and model:
        return Target(task_type, find_target(model, optimize_cost=given["optimize_cost"]).choice)
    return follow_task(task_type, provider=provider, model=model, optimize_cost=given["optimize_cost"])


def answer_of(result: TaskResult[ProviderAnswer]) -> dict[str, Any]:
    """Return an answer as plain data. Money is an exact decimal number in a string, None where a price is unknown."""
    used = asdict(result.usage)
    used.pop("is_estimated")
    return {
        "text": result.output.text,
        "call_id": str(result.call_id),
        "provider": result.provider,
        "model": result.model,
        "finish_reason": result.finish_reason.value,
        "is_complete": result.is_complete,
        "is_cached": result.is_cached,
        "usage": used,
        "cost_usd": usd_text(result.cost_nanousd),
        "cost_nanousd": result.cost_nanousd,
    }
