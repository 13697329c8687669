"""From a provider's answer to a task's checked output, and the embedded engine's answer."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ai_router.errors import InvalidOutputError
from ai_router.routing import EMBEDDED
from ai_router.steps import Accept, Journal, Outcome
from ai_router.types import Candidate, FinishReason, In, Out, ProviderAnswer, TaskSpec
from usage.types import AttemptRecord, AttemptStatus

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

PROBLEMS_SHOWN = 12


def acceptance(spec: TaskSpec[In, Out], inputs: In) -> Accept[Out]:
    """Return the function that turns an answer into the task's output, or raises `InvalidOutputError`."""

    def accept(answer: ProviderAnswer, candidate: Candidate, journal: Journal) -> Out:
        from pydantic import ValidationError

        try:
            # One that only forgot its last bracket is closed; one that was cut at its bound lacks what came after.
            may_be_cut = answer.finish_reason is not FinishReason.LENGTH
            read, is_repaired = read_answer(spec.answer_schema, answer.text, may_be_cut=may_be_cut)
            if is_repaired:
                journal.repaired.append(str(candidate))
            output = spec.finish(inputs, read)
        except ValidationError as error:
            raise _invalid(answer, candidate, _problems(error)) from error
        except ValueError as error:
            raise _invalid(answer, candidate, [str(error)]) from error
        problems = list(spec.verify(inputs, output))
        if problems:
            raise _invalid(answer, candidate, problems)
        return output

    return accept


def kept_acceptance(spec: TaskSpec[In, Out], inputs: In) -> Callable[[ProviderAnswer, Candidate], Out]:
    """Return the same for kept answers: with a copy of the verifier, as one that counts must not count these."""

    def accept(answer: ProviderAnswer, candidate: Candidate) -> Out:
        return acceptance(replace(spec, verify=copy(spec.verify)), inputs)(answer, candidate, Journal())

    return accept


def read_answer(
    schema: "type[BaseModel] | None", text: str, *, may_be_cut: bool = False
) -> "tuple[BaseModel | str, bool]":
    """Return the text, or the form that it must have, and whether its JSON had to be repaired for that.

    Args:
        schema: The form; None for text.
        text: What the model wrote.
        may_be_cut: Whether a missing end may be put right too.

    Raises:
        ValueError: The text is not in the form (`ValidationError`), or no JSON.
    """
    if schema is None:
        return text, False
    from pydantic import ValidationError

    try:
        return schema.model_validate_json(text), False
    except ValidationError as error:
        if error.errors(include_input=False, include_url=False)[0]["type"] != "json_invalid":
            raise
    from ai_router.repair import repair_json

    return schema.model_validate_json(repair_json(text, may_be_cut=may_be_cut)), True


def answer_offline(spec: TaskSpec[In, Out], inputs: In, journal: Journal) -> Outcome[Out]:
    """Let the task's own rules answer; what they raise goes through, after it is written down."""
    with _written_down(journal):
        output = spec.embedded(inputs)
    return Outcome(output, EMBEDDED)


@contextmanager
def _written_down(journal: Journal) -> Iterator[None]:
    """Add the embedded engine's free attempt to the journal, however it ends."""
    began_at, clock = datetime.now(UTC), time.monotonic()
    status, error_class = AttemptStatus.SUCCEEDED, ""
    try:
        yield
    except BaseException as error:
        status = AttemptStatus.FAILED if isinstance(error, Exception) else AttemptStatus.CANCELLED
        error_class = type(error).__name__
        raise
    finally:
        journal.attempts.append(
            AttemptRecord(
                EMBEDDED.provider,
                EMBEDDED.model,
                status,
                began_at,
                round((time.monotonic() - clock) * 1000),
                error_class=error_class,
            )
        )


def _invalid(answer: ProviderAnswer, candidate: Candidate, problems: list[str]) -> InvalidOutputError:
    return InvalidOutputError(
        f"the answer has {len(problems)} problem(s)",
        provider=candidate.provider,
        model=candidate.model,
        problems=problems,
        usage=answer.usage,
    )


def _problems(error: "ValidationError") -> list[str]:
    """Say where the answer leaves its form, without repeating what stands there."""
    found: list[Any] = error.errors(include_url=False, include_context=False, include_input=False)[:PROBLEMS_SHOWN]
    return [f"{'.'.join(str(part) for part in item['loc']) or 'the answer'}: {item['msg']}" for item in found]
