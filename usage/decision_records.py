"""What is known of one call: why this candidate, who was tried, what it was thought to cost and cost, where its time went, and what left.

The router writes its decision as plain names and numbers, and this reads them as leniently as old lines need: what is missing, or has
another form, is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from usage.models import Attempt, Call, Correction, OutboundText
from usage.types import CallStatus

STRATEGIES = {
    "preferred": "as the route lists them",
    "cost_optimized": "the cheapest first",
    "least_latency": "the fastest first",
    "weighted": "by weight",
    "quality": "the best first",
    "balanced": "balanced for the request",
    "cascade": "the cheap one first, a better one where it fails",
}
PRICE_NAMES = {
    "input": "sent",
    "cached_input": "read from the provider's cache",
    "cache_write": "written to it",
    "output": "written",
}
MISS = "miss"


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A candidate in the order of asking, and what became of it (empty: it was not asked)."""

    name: str
    why: str
    input_tokens: int | None
    expected_nanousd: int | None
    held_nanousd: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class TimePart:
    """A part of a call's time, and how much it is of all, of 100."""

    label: str
    milliseconds: float
    percent: float


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """An attempt with the prices that were applied: what for, and dollars per million tokens."""

    attempt: Attempt
    began_ms: float
    prices: list[tuple[str, str]]
    price_source: str


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A call for people to read. Money is nano-dollars; `thought_nanousd` is what its cost was thought to be."""

    call: Call
    reasons: list[tuple[str, str]]
    candidates: list[CandidateLine]
    passed_over: list[tuple[str, str]]
    attempts: list[AttemptLine]
    thought_nanousd: int | None
    time: list[TimePart]
    corrections: list[Correction]
    hidden: list[tuple[str, int]]
    is_text_kept: bool

    @property
    def cost_percent_of_thought(self) -> float | None:
        """The cost, of 100 that were thought; None where either is not known, or nothing was thought."""
        if self.call.cost_nanousd is None or not self.thought_nanousd:
            return None
        return 100 * self.call.cost_nanousd / self.thought_nanousd


def explain_call(call: Call) -> DecisionRecord:
    """Return what is known of a call, in three queries."""
    decision = call.decision if isinstance(call.decision, dict) else {}
    attempts = list(call.attempts.order_by("ordinal"))
    candidates = list(_candidates(decision, attempts))
    text = OutboundText.objects.filter(call=call).only("hidden").first()
    return DecisionRecord(
        call=call,
        reasons=list(_reasons(call, decision)),
        candidates=candidates,
        passed_over=[(str(pair[0]), str(pair[1])) for pair in _listed(decision, "passed_over", list) if len(pair) == 2],
        attempts=[_attempt(one, call) for one in attempts],
        thought_nanousd=_thought(call, candidates),
        time=_time(call, attempts),
        corrections=list(call.corrections.select_related("made_by")),
        hidden=[(str(kind).replace("_", " ").lower(), count) for kind, count in (text.hidden if text else {}).items()],
        is_text_kept=text is not None,
    )


def _reasons(call: Call, decision: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say what decided who is asked."""
    if strategy := decision.get("strategy"):
        yield "Order", STRATEGIES.get(str(strategy), str(strategy))
    if why := decision.get("why"):
        yield "Decided by", str(why)
    if rule := decision.get("rule"):
        yield "Rule", str(rule)
    experiment = decision.get("experiment")
    if isinstance(experiment, dict):
        yield "Experiment", " – ".join(str(experiment[name]) for name in ("name", "arm") if experiment.get(name))
    shadow = decision.get("shadow")
    if isinstance(shadow, dict):
        yield (
            "Beside another call, for",
            " – ".join(str(shadow[name]) for name in ("experiment", "arm") if shadow.get(name)),
        )
    if call.is_cached:
        yield "Cache", f"answered from it ({decision.get('cache') or 'kept'})"
    elif decision.get("cache") == MISS:
        yield "Cache", "asked in vain"
    if batch := decision.get("batch"):
        yield "Batch", str(batch)
    if repaired := decision.get("repaired"):
        yield "Repaired", str(repaired)


def _candidates(decision: dict[str, Any], attempts: list[Attempt]) -> Iterator[CandidateLine]:
    """Return the candidates in the order of asking."""
    outcomes: dict[str, str] = {}
    for attempt in attempts:
        if not attempt.is_request:
            continue
        name = f"{attempt.provider}/{attempt.model}"
        outcome = attempt.get_status_display() + (f", {attempt.error_class}" if attempt.error_class else "")
        outcomes[name] = f"{outcomes[name]}; {outcome}" if name in outcomes else outcome
    listed = [
        one if isinstance(one, dict) else {"candidate": one} for one in _listed(decision, "candidates", (dict, str))
    ]
    for one in listed:
        name = str(one.get("candidate", ""))
        why = [str(one["why"])] if one.get("why") else []
        if one.get("facts") == "unknown":
            why.append("nothing is known of the model")
        yield CandidateLine(
            name,
            "; ".join(why),
            _number(one.get("input_tokens")),
            _number(one.get("expected_nanousd")),
            _number(one.get("held_nanousd")),
            outcomes.pop(name, ""),
        )
    for name, outcome in outcomes.items():
        yield CandidateLine(name, "", None, None, None, outcome)


def _thought(call: Call, candidates: list[CandidateLine]) -> int | None:
    """Return what the candidate was thought to cost that answered, or else the first one."""
    answered = [one for one in candidates if one.name == f"{call.provider}/{call.model}"]
    return next((one.expected_nanousd for one in (*answered, *candidates)), None)


def _attempt(attempt: Attempt, call: Call) -> AttemptLine:
    prices = attempt.unit_prices if isinstance(attempt.unit_prices, dict) else {}
    named = [(words, str(prices[name])) for name, words in PRICE_NAMES.items() if name in prices]
    source = ", ".join(str(prices[name]) for name in ("source", "tier") if prices.get(name))
    began = max(0.0, (attempt.started_at - call.created_at).total_seconds() * 1000)
    return AttemptLine(attempt, began, named, source)


def _time(call: Call, attempts: list[Attempt]) -> list[TimePart]:
    """Return where a call's time went: at providers (where two were asked at once, that time once), in the router, waiting."""
    total = call.latency_ms
    if not total or call.status == CallStatus.OPEN:
        return []
    asked, end = 0.0, float("-inf")
    spans = sorted(
        (one.started_at.timestamp() * 1000, one.started_at.timestamp() * 1000 + one.duration_ms) for one in attempts
    )
    for start, stop in spans:
        asked += max(0.0, stop - max(start, end))
        end = max(end, stop)
    own = min(total, (call.overhead_us or 0) / 1000)
    asked = min(asked, total - own)
    parts = [
        ("At the providers", asked),
        ("The router's own", own),
        ("Waiting: queue, pauses, retries", total - own - asked),
    ]
    return [TimePart(label, part, round(100 * part / total, 1)) for label, part in parts]


def _listed(decision: dict[str, Any], name: str, kind: Any) -> list[Any]:
    found = decision.get(name)
    return [one for one in found if isinstance(one, kind)] if isinstance(found, list) else []


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None
