"""The bounded tool loop: what the model is told, where it ends, and what stands in the ledger."""

import json

import pytest
from pydantic import BaseModel

from ai_router.conversations import Conversation
from ai_router.naming import find_target
from ai_router.providers.responses_form import THOUGHTS_MARK
from ai_router.tools import MAX_RESULT_CHARACTERS, Function, ToolError, ToolLoopError, arun_tools, run_tools
from ai_router.types import Message
from tests.ai_router.books import assert_books_agree
from tests.providers.simulator import Reply
from usage.errors import BudgetExceededError
from usage.models import Budget, Call

pytestmark = pytest.mark.django_db(transaction=True)


class Word(BaseModel):
    """A word to find."""

    word: str
    times: int = 1


def find(asked: Word) -> object:
    if asked.word == "whale":
        raise ToolError("there are no whales in a garden")
    if asked.word == "bug":
        raise RuntimeError("a bug")
    return {"found": asked.word} if asked.times == 1 else asked.word * asked.times


FIND = Function("find", "Finds a word in the garden.", Word, find)
ASKED = Conversation((Message("user", "Where is the rose?"),), max_output_tokens=200)


def wants(*arguments: object, name: str = "find", **more) -> Reply:
    calls = [
        {"name": name, "arguments": wanted, "id": f"call-{number}"} for number, wanted in enumerate(arguments, start=1)
    ]
    return Reply(tool_calls=calls, **more)


def results(simulator) -> list[str]:
    """Return what the model was told of its tools in the last request."""
    items = simulator.closed_books()[-1].request["input"]
    return [item["output"] for item in items if item.get("type") == "function_call_output"]


def test_tools_are_run_until_the_model_answers(simulator, owner):
    simulator.script(
        wants({"word": "rose"}, reasoning_tokens=5), wants({"word": "bee"}, {"word": "x"}), Reply(text="Here.")
    )

    run = run_tools(ASKED, [FIND], find_target("auto"), user=owner)

    assert (run.text, run.calls, len(run.rounds)) == ("Here.", 3, 3)
    assert results(simulator) == ['{"found": "rose"}', '{"found": "bee"}', '{"found": "x"}']
    assert [message.role for message in run.messages] == [
        "user",
        "assistant",
        "tool",
        "assistant",
        "tool",
        "tool",
        "assistant",
    ]
    assert_books_agree(simulator)
    assert run.cost_nanousd == simulator.billed_nanousd
    assert len({call.request_id for call in Call.objects.all()}) == 1


def test_sealed_thoughts_go_back_with_their_call(simulator, owner):
    simulator.script(wants({"word": "rose"}, reasoning_tokens=5), Reply(text="Here."))

    run = run_tools(ASKED, [FIND], find_target("auto"), user=owner)

    assert run.messages[1].tool_calls[0].opaque.startswith(THOUGHTS_MARK)
    kinds = [item.get("type") for item in simulator.closed_books()[-1].request["input"]]
    assert kinds == [None, "reasoning", "function_call", "function_call_output"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ('{"word": "ro', "Error: the arguments do not fit: all of them: Invalid JSON"),
        ({"times": 2}, "Error: the arguments do not fit: word: Field required"),
        ({"word": "whale"}, "Error: there are no whales in a garden"),
    ],
)
def test_what_goes_wrong_is_told_to_the_model(simulator, owner, arguments, told):
    simulator.script(wants(arguments), Reply(text="So be it."))

    run = run_tools(ASKED, [FIND], find_target("auto"), user=owner)

    assert run.text == "So be it."
    assert results(simulator)[0].startswith(told)


def test_an_unknown_tool_is_told_to_the_model(simulator, owner):
    simulator.script(wants({}, name="fly"), Reply(text="I stay."))

    run_tools(ASKED, [FIND], find_target("auto"), user=owner)

    assert results(simulator) == ["Error: there is no tool 'fly'. There are: find."]


def test_a_bug_surfaces_and_what_was_spent_is_booked(simulator, owner):
    simulator.script(wants({"word": "bug"}))

    with pytest.raises(RuntimeError, match="a bug"):
        run_tools(ASKED, [FIND], find_target("auto"), user=owner)

    assert_books_agree(simulator)


def test_a_long_result_is_cut(simulator, owner):
    simulator.script(wants({"word": "rose ", "times": 10_000}), Reply(text="Many."))

    run_tools(ASKED, [FIND], find_target("auto"), user=owner)

    (result,) = results(simulator)
    assert result.endswith("[cut: 50000 characters in all]")
    assert len(result) < MAX_RESULT_CHARACTERS + 100


def test_in_the_last_round_it_has_to_answer(simulator, owner):
    simulator.script(wants({"word": "a"}), wants({"word": "b"}), wants({"word": "c"}))

    with pytest.raises(ToolLoopError, match="round 3"):
        run_tools(ASKED, [FIND], find_target("auto"), user=owner, max_rounds=3)

    choices = [entry.request.get("tool_choice") for entry in simulator.closed_books()]
    assert choices == [None, "auto", "none"]
    assert_books_agree(simulator)


def test_beyond_the_bound_no_tool_is_run(simulator, owner):
    simulator.script(wants({"word": "a"}, {"word": "b"}, {"word": "c"}), Reply(text="Enough."))

    run = run_tools(ASKED, [FIND], find_target("auto"), user=owner, max_calls=2)

    assert (run.calls, run.text) == (2, "Enough.")
    assert results(simulator)[2].startswith("Error: no tool may be called any more")
    assert simulator.books[-1].request["tool_choice"] == "none"


def test_a_budget_is_looked_at_before_each_round(simulator, owner):
    simulator.script(wants({"word": "a"}))
    spend = {"limit_nanousd": 5_000_000, "period": "total"}
    Budget.objects.create(user=owner, name="small", **spend)
    long_one = Conversation((Message("user", "word " * 500),), max_output_tokens=200)

    def fill(asked: Word) -> str:
        Budget.objects.update(limit_nanousd=1)
        return asked.word

    with pytest.raises(BudgetExceededError):
        run_tools(long_one, [Function("find", "", Word, fill)], find_target("openai/gpt-4.1-mini"), user=owner)

    assert len(simulator.closed_books()) == 1
    assert_books_agree(simulator)


async def test_the_same_without_blocking(simulator, owner):
    simulator.script(wants({"word": "rose"}), Reply(text="Here."))

    run = await arun_tools(ASKED, [FIND], find_target_now(), user=owner)

    assert (run.text, run.calls) == ("Here.", 1)
    assert json.loads(results(simulator)[0]) == {"found": "rose"}


def find_target_now():
    return find_target("openai/gpt-5.4-mini")


@pytest.mark.parametrize("bounds", [{"max_rounds": 0}, {"max_calls": 0}])
def test_a_loop_without_room_is_refused(owner, bounds):
    with pytest.raises(ValueError, match="at least one"):
        run_tools(ASKED, [FIND], None, user=owner, **bounds)


def test_two_functions_of_one_name_are_refused(owner):
    with pytest.raises(ValueError, match="same name"):
        run_tools(ASKED, [FIND, FIND], None, user=owner)
