"""From a provider's answer to a task's checked output, and the embedded engine's answer."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from ai_router.errors import InvalidOutputError
from ai_router.routing import EMBEDDED
from ai_router.steps import Journal, Outcome
from ai_router.types import Candidate, In, Out, ProviderAnswer, TaskSpec
from usage.types import AttemptRecord, AttemptStatus

PROBLEMS_SHOWN = 12


def acceptance(spec: TaskSpec[In, Out], inputs: In) -> Callable[[ProviderAnswer, Candidate], Out]:
    """Return the function that turns an answer into the task's output, or raises `InvalidOutputError`."""

    def accept(answer: ProviderAnswer, candidate: Candidate) -> Out:
        try:
            output = spec.finish(inputs, read_answer(spec.answer_schema, answer.text))
        except ValidationError as error:
            raise _invalid(answer, candidate, _problems(error)) from error
        except ValueError as error:
            raise _invalid(answer, candidate, [str(error)]) from error
        problems = list(spec.verify(inputs, output))
        if problems:
            raise _invalid(answer, candidate, problems)
        return output

    return accept


def read_answer(schema: type[BaseModel] | None, text: str) -> BaseModel | str:
    """Return the text, or the form that it must have.

    Raises:
        ValidationError: The text is not in the form.
    """
    return text if schema is None else schema.model_validate_json(text)


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


def _problems(error: ValidationError) -> list[str]:
    """Say where the answer leaves its form, without repeating what stands there."""
    found: list[Any] = error.errors(include_url=False, include_context=False, include_input=False)[:PROBLEMS_SHOWN]
    return [f"{'.'.join(str(part) for part in item['loc']) or 'the answer'}: {item['msg']}" for item in found]
