"""Who would be asked, and why; and who cannot be asked at all."""

import pytest

from ai_router import router
from ai_router.errors import NoProviderAvailableError
from ai_router.models import Route, RouteCandidate, RoutingRule
from ai_router.planning import Question, make_steps
from ai_router.ranking import rank
from ai_router.routing import choose_candidates
from ai_router.types import Blob, Message, TaskType, Tool, Wishes
from usage.models import Call

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_sizes(simulator):
    route = Route.objects.get(task_type=TaskType.CHAT)
    route.candidates.all().delete()
    for position, model in enumerate(("gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano")):
        RouteCandidate.objects.create(route=route, provider="openai", model=model, position=position)
    return route


def test_an_easy_prompt_is_for_the_small_model_and_a_hard_one_for_the_large(three_sizes, simulator):
    easy = router.select(task_type=TaskType.CHAT, prompt="Say hello.", complexity=0.0)
    hard = router.select(task_type=TaskType.CHAT, prompt="Say hello.", complexity=1.0)
    estimated = router.select(task_type=TaskType.CHAT, prompt="Say hello.")

    assert easy.best.model == estimated.best.model == "gpt-5.4-nano"
    assert hard.best.model == "gpt-5.4"
    assert [one.candidate.model for one in hard.candidates] != [one.candidate.model for one in easy.candidates]
    first = hard.candidates[0]
    assert first.why.startswith("score 0.")
    assert (first.quality, first.expected_seconds) == (4, None)
    assert first.expected_nanousd > easy.candidates[0].expected_nanousd
    assert simulator.books == []
    assert not Call.objects.exists()


def test_cost_and_a_rule_are_looked_at(three_sizes):
    RoutingRule.objects.create(name="tagged", strategy="quality", conditions={"tags": ["x"]})

    frugal = router.select(task_type=TaskType.CHAT, complexity=0.7, cost_sensitive=True)
    named = router.select(task_type=TaskType.CHAT, wishes=Wishes(strategy="quality", tags=frozenset("x")))

    assert frugal.best.model == "gpt-5.4-nano"
    assert (named.strategy, named.rule, named.best.model) == ("quality", "tagged", "gpt-5.4")


def test_generate_asks_whom_select_names(three_sizes, simulator):
    for complexity in (0.0, 1.0):
        named = router.select(task_type=TaskType.CHAT, prompt="Say hello.", complexity=complexity).best
        result = router.generate(task_type=TaskType.CHAT, prompt="Say hello.", complexity=complexity)
        assert result.model == named.model


def test_without_a_provider_nobody_is_selected():
    selection = router.select(task_type=TaskType.CHAT)

    assert (selection.best, selection.candidates) == (None, ())


def asked(**more):
    """Return the ranking of a question on the route of chats."""
    message = Message("user", "What is it?", blobs=more.pop("blobs", ()))
    question = Question(
        TaskType.CHAT,
        messages=lambda: (message,),
        accept=lambda answer, *_: answer.text,
        max_output_tokens=more.pop("max_output_tokens", 100),
        **more,
    )
    choice = choose_candidates(TaskType.CHAT, question=question)
    return rank(choice, make_steps(question, choice.hosted, (message,), (message,)), question)


def test_who_cannot_do_it_is_left_out_with_the_reason(three_sizes):
    for position, model in enumerate(("house-model", "text-embedding-3-small", "gpt-4o-mini"), 10):
        RouteCandidate.objects.create(route=three_sizes, provider="openai", model=model, position=position)

    plain = asked()
    pictures = asked(blobs=(Blob(b"x", "image/png"), Blob(b"y", "application/pdf")))
    long = asked(max_output_tokens=20_000)

    assert plain.passed_over == [("openai/text-embedding-3-small", "turns texts into vectors, and writes none")]
    assert ("openai/house-model", "not known to take images and documents") in pictures.passed_over
    assert ("openai/gpt-4o-mini", "writes 16384 tokens at most") in long.passed_over
    assert {step.candidate.model for step in pictures.steps} >= {"gpt-5.4", "gpt-4o-mini"}
    assert asked(tools=(Tool("f"),)).passed_over == plain.passed_over


def test_bounds_of_the_caller_leave_candidates_out(three_sizes):
    quotes = router.select(task_type=TaskType.CHAT, prompt="Say hello.").candidates
    prices = {one.candidate.model: one.expected_nanousd for one in quotes}

    selection = router.select(
        task_type=TaskType.CHAT, prompt="Say hello.", wishes=Wishes(max_cost_nanousd=prices["gpt-5.4-mini"])
    )

    assert ("openai/gpt-5.4", "expected to cost more than the call may") in selection.passed_over
    with pytest.raises(NoProviderAvailableError, match="cost more"):
        router.generate(task_type=TaskType.CHAT, prompt="Say hello.", wishes=Wishes(max_cost_nanousd=1))
    assert not Call.objects.exists()
