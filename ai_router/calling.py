"""The second act of a call: ask the candidates, one after the other, until one answers well. Network, no database.

Text of a stream is shown from its first piece on. Until then another candidate may take over unseen; afterwards the
reader is told to drop what was shown (`StreamRestarted`).
"""

import time
from collections import deque

from ai_router.attempts import Errand, Show
from ai_router.errors import AllProvidersFailedError, ContextLengthError, ProviderError
from ai_router.failures import NextCandidate, rule_of
from ai_router.loop import Running, provider_loop
from ai_router.racing import Race
from ai_router.steps import CallRequest, Journal, Outcome
from ai_router.turns import Turn
from ai_router.types import Out
from ai_router.upstream import Upstream


def start_asking(request: CallRequest[Out], journal: Journal) -> Running[Outcome[Out]]:
    """Have the candidates asked for a whole answer, on the process's loop."""
    loop = provider_loop()
    return loop.start(lambda running: ask_candidates(request, journal, upstream=loop.upstream, running=running))


async def ask_candidates(
    request: CallRequest[Out],
    journal: Journal,
    *,
    upstream: Upstream,
    show: Show | None = None,
    running: Running[Outcome[Out]] | None = None,
) -> Outcome[Out]:
    """Return the first accepted answer; `journal` is kept whole at every moment.

    Args:
        request: What is asked, and of whom.
        journal: Gets every attempt as it ends.
        upstream: What the loop that this runs on knows of the providers.
        show: Gets the text while it is written; None asks for whole answers.
        running: Gets the answer where others that have lost against it come to their end afterwards; None closes those.

    Raises:
        AllProvidersFailedError: Nobody answered well; the cause is how the last candidate failed.
    """
    if upstream.shared is not None:
        await upstream.shared.begin()
    upstream.retries.earn()
    upstream.hedging.allowance.earn()
    errand = Errand(request, journal, upstream, time.monotonic() + request.limits.deadline, show, running)
    waiting = deque(Turn(errand, step) for step in request.steps)
    left_out: list[Turn[Out]] = []
    last: ProviderError | None = None
    while turn := _next_turn(errand, waiting, left_out, last):
        try:
            return await Race(turn, waiting).run()
        except ProviderError as error:
            last = error
            if not _may_go_on(error, errand):
                break
    raise AllProvidersFailedError(journal.attempts, last=last) from last


def _next_turn(
    errand: Errand[Out], waiting: deque[Turn[Out]], left_out: list[Turn[Out]], last: ProviderError | None
) -> Turn[Out] | None:
    """Take the next candidate that had better be asked; None when nobody is left.

    One whose circuit breaker is open, or whose keys rest, is passed over. Where then nobody would be asked at all, and no
    rules stand behind the candidates, the one that is back soonest is asked all the same: one a call, so that an outage
    of everybody is not made worse.
    """
    upstream = errand.upstream
    while waiting:
        turn = waiting.popleft()
        candidate = turn.step.candidate
        if isinstance(last, ContextLengthError) and not turn.is_larger(last):
            continue
        reason = upstream.why_not(candidate)
        if not reason:
            return turn
        upstream.turn_away(candidate)
        errand.journal.passed_over.append([str(candidate), reason])
        left_out.append(turn)
    if not left_out or errand.journal.attempts or errand.request.ends_offline:
        return None
    soonest = min(left_out, key=lambda turn: upstream.seconds_until_back(turn.step.candidate))
    left_out.clear()
    return soonest


def _may_go_on(error: ProviderError, errand: Errand[Out]) -> bool:
    """Whether the next candidate may be asked."""
    if errand.is_committed or time.monotonic() >= errand.deadline:
        return False
    following = rule_of(error).following
    if following is NextCandidate.IF_TASK_ALLOWS:
        return errand.request.falls_back_on_refusal
    return following is not NextCandidate.NO
