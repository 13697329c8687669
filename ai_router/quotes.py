"""What a person is told before something begins that may cost money."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from ai_router.copies import Copies
from ai_router.planning import Question, make_steps, quote_of
from ai_router.prompts import prompt_in_force
from ai_router.routing import EMBEDDED, choose_candidates
from ai_router.types import In, Message, Out, Quote, TaskSpec, TaskType, provider_choices
from usage.models import Attempt, Call
from usage.standings import Standing, list_standings
from usage.types import BudgetUnit, CallStatus

RECENT_CALLS = 200
KEPT_SECONDS = 60
# What is sent for a task that has not been asked yet.
FIRST_INPUT_TOKENS = 3_000
# A budget is told of from its warning on, and where fewer than so many of such calls have room in it.
FEW_CALLS = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """What a call will cost with the one who is asked first, and at most, whoever has to stand in.

    Money is nano-dollars: on average, the bounds that hold eight of ten, and the most, which is what budgets hold. It is
    None where a price is unknown. `budget` is the person's own that is nearly used up; `has_room` says whether the call
    fits into it.
    """

    provider: str
    expected_nanousd: int | None
    low_nanousd: int | None
    high_nanousd: int | None
    most_nanousd: int | None
    is_free_here: bool
    budget: Standing | None = None

    @property
    def left_nanousd(self) -> int:
        """What the budget leaves."""
        return max(0, self.budget.limit_nanousd - self.budget.used_nanousd) if self.budget else 0

    @property
    def has_room(self) -> bool:
        """Whether the budget leaves enough for it."""
        return self.budget is None or not self.budget.budget.is_hard or self.left_nanousd >= (self.most_nanousd or 0)


def offer_of(quotes: Sequence[Quote], *, task_type: TaskType, user: Any) -> Offer | None:
    """Return what to tell a person of a call's quotes; None where the one who is asked first costs nothing."""
    hosted = [quote for quote in quotes if quote.candidate != EMBEDDED]
    if not hosted or hosted[0].expected_nanousd == 0:
        return None
    first, most = hosted[0], [quote.most_nanousd for quote in hosted]
    total = None if None in most else sum(one or 0 for one in most)
    return Offer(
        provider=dict(provider_choices()).get(first.candidate.provider, first.candidate.provider),
        expected_nanousd=first.expected_nanousd,
        low_nanousd=first.low_nanousd,
        high_nanousd=first.high_nanousd,
        most_nanousd=total,
        is_free_here=len(hosted) < len(quotes),
        budget=_nearly_used(task_type, first.candidate.provider, user, total or 0),
    )


def usual_quotes(spec: TaskSpec[In, Out], *, user: Any) -> list[Quote]:
    """Return what each candidate will cost for a request as long as the last ones of this task were: nothing is known of it yet."""
    prompt = prompt_in_force(spec.prompt)
    tokens = _USUAL_INPUTS.get((spec.task_type, prompt.version))
    # One word of this kind is one token.
    messages = (Message("user", " word" * tokens),)
    question: Question[Any] = Question(
        spec.task_type,
        messages=lambda: messages,
        accept=lambda answer, _candidate, _journal: answer,
        max_output_tokens=spec.max_output_tokens,
        prompt_version=prompt.version,
    )
    choice = choose_candidates(spec.task_type, question=question, user=user)
    quotes = [quote_of(step) for step in make_steps(question, choice.hosted, messages, messages)]
    return [*quotes, *([Quote(EMBEDDED, 0, 0, 0, 0)] if choice.ends_offline else [])]


def _nearly_used(task_type: TaskType, provider: str, user: Any, most: int) -> Standing | None:
    """Return the person's own budget that leaves least for this task, of those that leave little."""
    if user is None or user.pk is None:
        return None
    standings = [
        one
        for one in list_standings(user_id=user.pk)
        if one.budget.unit == BudgetUnit.MONEY
        and one.budget.task_type in {"", task_type}
        and one.budget.provider in {"", provider}
    ]
    nearly_used = [one for one in standings if one.is_near or one.left_nanousd < FEW_CALLS * most]
    return min(nearly_used, key=lambda one: one.limit_nanousd - one.used_nanousd, default=None)


def _read_usual_input(prompt: tuple[str, str]) -> int:
    """Read how many tokens a call of a task and prompt usually sends: the median of the last ones."""
    task_type, prompt_version = prompt
    answered = Call.objects.filter(
        task_type=task_type, prompt_version=prompt_version, status=CallStatus.SUCCEEDED, is_cached=False
    ).exclude(provider=EMBEDDED.provider)
    sent = F("input_tokens") + F("cached_input_tokens") + F("cache_write_tokens")
    # What a repair sends again is none of it.
    first = Attempt.objects.filter(call=OuterRef("pk")).annotate(sent=sent).exclude(sent=0).order_by("ordinal")
    once = Coalesce(Subquery(first.values("sent")[:1]), sent)
    found = list(answered.order_by("-created_at").values_list(once, flat=True)[:RECENT_CALLS])
    return round(statistics.median(found)) if found else FIRST_INPUT_TOKENS


_USUAL_INPUTS = Copies(_read_usual_input, seconds=KEPT_SECONDS)
