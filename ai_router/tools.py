"""Let a model call Python functions until it has its answer, within bounds.

Each round is a call of its own in the ledger, all with the same request id: budgets and limits are looked at again before
each, and what is spent when somebody stops is booked. What goes wrong with a tool is told to the model, which may put it
right: arguments that are no JSON or do not fit, a tool that is not there, an error that the function reports.
`conversations.converse` is the same without the loop: it returns the tool calls to whoever asks.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async
from pydantic import BaseModel, ValidationError

from ai_router.conversations import Conversation, aconverse, converse
from ai_router.errors import RouterError
from ai_router.naming import Target
from ai_router.types import Candidate, Message, ProviderAnswer, StrategyName, TaskResult, Tool, ToolCall

MAX_ROUNDS = 8
MAX_CALLS = 24
# What a tool says beyond this is not shown to the model.
MAX_RESULT_CHARACTERS = 20_000
PROBLEMS_SHOWN = 6


class ToolError(Exception):
    """A function cannot do what it was asked; the message is shown to the model."""


class ToolLoopError(RouterError):
    """The model went on to call tools where it had to answer."""

    code = "tool_loop"


@dataclass(frozen=True, slots=True)
class Function:
    """A Python function that a model may call.

    Args:
        name: How the model calls it.
        description: What it does, for the model.
        arguments: The form of its arguments.
        run: Gets the arguments, checked; returns text, or what JSON can say. A `ToolError` is told to the model,
            any other error ends the loop.
    """

    name: str
    description: str
    arguments: type[BaseModel]
    run: Callable[[Any], Any]

    @property
    def tool(self) -> Tool:
        """The function as models are shown it."""
        return Tool(self.name, self.description, self.arguments.model_json_schema())


@dataclass(frozen=True, slots=True)
class ToolRun:
    """How it went: the last answer, the whole conversation with it, each round's result, and how many tools were run."""

    result: TaskResult[ProviderAnswer]
    messages: tuple[Message, ...]
    rounds: tuple[TaskResult[ProviderAnswer], ...]
    calls: int

    @property
    def text(self) -> str:
        """The answer."""
        return self.result.output.text

    @property
    def cost_nanousd(self) -> int | None:
        """What all rounds cost; None where a price is unknown."""
        costs = [each.cost_nanousd for each in self.rounds]
        return None if None in costs else sum(cost for cost in costs if cost is not None)


def run_tools(
    conversation: Conversation,
    functions: Sequence[Function],
    target: Target,
    *,
    user: Any,
    request_id: str = "",
    max_rounds: int = MAX_ROUNDS,
    max_calls: int = MAX_CALLS,
) -> ToolRun:
    """Ask, run the tools that the model calls, tell it their results, and so on until it answers; blocks until then.

    Whoever answered first is asked first in the rounds that follow. In the last round, and once `max_calls` tools were
    run, the model is told to answer without tools.

    Raises:
        ValueError: `max_rounds` or `max_calls` is below 1, or two functions have the same name.
        ToolLoopError: It called tools all the same.
        BudgetExceededError: A hard budget leaves no room for a round; what went before it is booked.
        AllProvidersFailedError: No candidate answered a round.
    """
    loop = _Loop(conversation, functions, target, max_rounds=max_rounds, max_calls=max_calls)
    request_id = request_id or uuid4().hex
    while not loop.is_done:
        result = converse(loop.next_round(), loop.target, user=user, request_id=request_id)
        loop.take(result, [loop.run(call) for call in result.output.tool_calls])
    return loop.outcome()


async def arun_tools(
    conversation: Conversation,
    functions: Sequence[Function],
    target: Target,
    *,
    user: Any,
    request_id: str = "",
    max_rounds: int = MAX_ROUNDS,
    max_calls: int = MAX_CALLS,
) -> ToolRun:
    """Do the same without blocking; the functions run in a thread. Raises as `run_tools` does."""
    loop = _Loop(conversation, functions, target, max_rounds=max_rounds, max_calls=max_calls)
    request_id = request_id or uuid4().hex
    while not loop.is_done:
        result = await aconverse(loop.next_round(), loop.target, user=user, request_id=request_id)
        loop.take(result, [await sync_to_async(loop.run)(call) for call in result.output.tool_calls])
    return loop.outcome()


class _Loop:
    """The loop without its input and output: what is asked next, and what was said."""

    def __init__(
        self,
        conversation: Conversation,
        functions: Sequence[Function],
        target: Target,
        *,
        max_rounds: int,
        max_calls: int,
    ) -> None:
        if min(max_rounds, max_calls) < 1:
            raise ValueError("a loop needs at least one round and one call")
        self.by_name = {function.name: function for function in functions}
        if len(self.by_name) != len(functions):
            raise ValueError("two functions have the same name")
        self.conversation, self.functions, self.target = conversation, functions, target
        self.max_rounds, self.max_calls = max_rounds, max_calls
        self.messages = conversation.messages
        self.rounds: list[TaskResult[ProviderAnswer]] = []
        self.calls = 0
        self.is_done = False

    @property
    def must_answer(self) -> bool:
        """Whether the next round is to be the last."""
        return len(self.rounds) + 1 >= self.max_rounds or self.calls >= self.max_calls

    def next_round(self) -> Conversation:
        """Return what is asked next; what the caller said of the choice of tools holds for the first round alone."""
        choice = "none" if self.must_answer else "auto" if self.rounds else self.conversation.tool_choice
        tools = tuple(function.tool for function in self.functions)
        return replace(self.conversation, messages=self.messages, tools=tools, tool_choice=choice)

    def run(self, call: ToolCall) -> str:
        """Run one tool, or say why not."""
        if self.must_answer:
            return "Error: no tool may be called any more. Answer with what you know."
        self.calls += 1
        function = self.by_name.get(call.name)
        if function is None:
            return f"Error: there is no tool {call.name!r}. There are: {', '.join(self.by_name)}."
        try:
            arguments = function.arguments.model_validate_json(call.arguments or "{}")
        except ValidationError as error:
            return f"Error: the arguments do not fit: {_problems(error)}"
        try:
            return _shown(function.run(arguments))
        except ToolError as error:
            return f"Error: {error}"

    def take(self, result: TaskResult[ProviderAnswer], results: Sequence[str]) -> None:
        """Add a round's answer and its tools' results to the conversation.

        Raises:
            ToolLoopError: The model called a tool in the round in which it had to answer.
        """
        answer, had_to_answer = result.output, len(self.rounds) + 1 >= self.max_rounds
        self.rounds.append(result)
        self.messages += (Message("assistant", answer.text, tool_calls=answer.tool_calls),)
        self.messages += tuple(
            Message("tool", text, tool_call_id=call.id) for call, text in zip(answer.tool_calls, results, strict=True)
        )
        self.is_done = not answer.tool_calls
        if answer.tool_calls and had_to_answer:
            message = f"the model still called tools in round {len(self.rounds)}"
            raise ToolLoopError(message)
        self._stay_with(Candidate(result.provider, result.model))

    def outcome(self) -> ToolRun:
        """Return how it went."""
        return ToolRun(self.rounds[-1], self.messages, tuple(self.rounds), self.calls)

    def _stay_with(self, candidate: Candidate) -> None:
        """Ask whoever answered first from now on: its cache has the conversation, and it knows its own thoughts."""
        choice = self.target.choice
        others = tuple(other for other in choice.hosted if other != candidate)
        kept = replace(choice, hosted=(candidate, *others), strategy=StrategyName.PREFERRED)
        self.target = replace(self.target, choice=kept)


def _problems(error: ValidationError) -> str:
    """Say what is wrong with arguments, without repeating them."""
    found: list[Any] = error.errors(include_url=False, include_context=False, include_input=False)[:PROBLEMS_SHOWN]
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'all of them'}: {item['msg']}" for item in found)


def _shown(value: Any) -> str:
    """Return what a function returned as text, at most so long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= MAX_RESULT_CHARACTERS:
        return text
    return f"{text[:MAX_RESULT_CHARACTERS]}\n[cut: {len(text)} characters in all]"
