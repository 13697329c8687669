"""In which order the candidates of one request are asked, who is left out, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ai_router.complexity import estimate_complexity
from ai_router.errors import UnfitRequestError
from ai_router.latency import LATENCIES
from ai_router.rules import needs_of
from ai_router.situation import Situation
from ai_router.steps import Step
from ai_router.sticky import BEGINNINGS, prefixes_of
from ai_router.strategies import put_in_order
from ai_router.tallies import tallies_of
from ai_router.types import StrategyName, Wishes
from usage.money import format_usd

if TYPE_CHECKING:
    from ai_router.planning import Question
    from ai_router.routing import Choice

# These do not look at how hard a request is, so nobody has to find out.
BLIND_TO_COMPLEXITY = frozenset(StrategyName) - {StrategyName.BALANCED}


@dataclass(frozen=True, slots=True)
class Ranking:
    """The steps in the order of asking; who was left out; why each stands where it does; and the request's beginnings."""

    steps: list[Step]
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    prefixes: tuple[bytes, ...] = ()


def rank(choice: "Choice", steps: Sequence[Step], question: "Question[Any]", *, call_id: str = "") -> Ranking:
    """Leave out the candidates that cannot do the request, and order the others by the choice's strategy.

    A provider that was asked for by name is never left out: it says itself what it cannot do.

    Raises:
        UnfitRequestError: Nobody is left, and no embedded engine stands behind them.
    """
    passed_over: list[tuple[str, str]] = []
    able: list[Step] = []
    needs = needs_of(question) if steps else frozenset()
    for step in steps:
        reason = "" if choice.is_named else _cannot(step, question, needs) or _may_not(step, choice.wishes)
        if reason:
            passed_over.append((str(step.candidate), reason))
        else:
            able.append(step)
    if not able and not choice.ends_offline:
        raise UnfitRequestError(passed_over, is_too_long=all(map(_is_too_long, steps)))
    prefixes = prefixes_of(question.messages(), owner=choice.owner) if able else ()
    situation = Situation(
        task_type=str(question.task_type),
        prompt_version=question.prompt_version,
        call_id=call_id,
        traits=choice.traits,
        savings=BEGINNINGS.savings(prefixes, able) if prefixes else {},
        wishes=choice.wishes,
        complexity=_complexity(choice, able, question),
        tally=tallies_of(question.task_type, question.prompt_version),
    )
    ordered = put_in_order(choice.strategy, able, situation)
    for candidate, saving in situation.savings.items():
        reason = f"its provider still keeps the beginning, which saves {format_usd(saving)}"
        situation.reasons[str(candidate)] = "; ".join(filter(None, (situation.reasons.get(str(candidate)), reason)))
    return Ranking(ordered, passed_over, situation.reasons, prefixes)


def _cannot(step: Step, question: "Question[Any]", needs: frozenset[str]) -> str:
    """Return why a candidate cannot do the request; empty where it can, or where nobody knows."""
    if _is_too_long(step):
        return f"window of {step.context_window} tokens"
    facts = step.facts
    if facts.embeds:
        return "turns texts into vectors, and writes none"
    if facts.max_output and question.max_output_tokens > facts.max_output:
        return f"writes {facts.max_output} tokens at most"
    taken = {"images": facts.takes_images, "documents": facts.takes_documents, "tools": facts.takes_tools}
    missing = [need for need, is_taken in taken.items() if need in needs and not is_taken]
    return f"not known to take {' and '.join(missing)}" if missing else ""


def _is_too_long(step: Step) -> bool:
    """Whether request and answer do not fit into the candidate's window, as far as it is known."""
    window = step.context_window
    return bool(window and step.most_input_tokens + step.max_output_tokens > window)


def _may_not(step: Step, wishes: Wishes) -> str:
    """Return why a candidate is not what the caller wants; empty where it is, or where nobody knows."""
    bound = wishes.max_cost_nanousd
    if bound is not None and (step.expected_nanousd is None or step.expected_nanousd > bound):
        return "expected to cost more than the call may"
    if wishes.max_seconds is not None:
        seconds = LATENCIES.expected_seconds(step.candidate, output_tokens=step.expected_output_tokens)
        if seconds is not None and seconds > wishes.max_seconds:
            return f"expected to take {seconds:.1f} s"
    return ""


def _complexity(choice: "Choice", steps: Sequence[Step], question: "Question[Any]") -> float:
    """Return how hard the request is: as the caller says, or estimated where the strategy looks at it."""
    if choice.wishes.complexity is not None:
        return choice.wishes.complexity
    if choice.strategy in BLIND_TO_COMPLEXITY or not steps:
        return 0.5
    return estimate_complexity(
        input_tokens=steps[0].input_tokens,
        max_output_tokens=question.max_output_tokens,
        schema=question.form.schema if question.form else None,
        tools=len(question.tools),
    )
