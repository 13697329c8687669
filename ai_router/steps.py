"""Values that pass between the three acts of a call: what is to be asked of whom, and what came of it."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic

from ai_router.catalog import UNKNOWN, ModelFacts
from ai_router.limits import Admission
from ai_router.pricing import Prices
from ai_router.privacy import Veil
from ai_router.providers import leaves_the_site
from ai_router.tokens import Reading
from ai_router.types import (
    AnswerForm,
    Candidate,
    FinishReason,
    Message,
    Out,
    ProviderAnswer,
    ProviderRequest,
    Sampling,
    Terms,
    Tool,
)
from usage.types import AttemptRecord


@dataclass(frozen=True, slots=True)
class Step:
    """One hosted candidate of a call, with what it is expected to cost.

    `held_nanousd` is the most that it can cost, its repair included; where the price is unknown, what is held all the same.
    Other money is None then.
    A veiled one gets placeholders in place of personal data. `prices` are those of the service tier that is asked for, which
    stands in `service_tier` in the provider's words; empty where none is.
    """

    candidate: Candidate
    prices: Prices | None
    input_tokens: int
    max_output_tokens: int
    context_window: int | None
    reasoning_effort: str
    low_nanousd: int | None
    expected_nanousd: int | None
    high_nanousd: int | None
    held_nanousd: int | None
    expected_output_tokens: int = 0
    is_veiled: bool = False
    service_tier: str = ""
    facts: ModelFacts = UNKNOWN
    reading: Reading | None = None

    @property
    def most_input_tokens(self) -> int:
        """The most that the input may turn out to have."""
        return self.reading.at_most if self.reading else self.input_tokens


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take, in seconds: altogether, one attempt, until the first byte, between two pieces.

    `hedge` is how long one waits before a second candidate helps a slow one: 0 learns it, None never does.
    """

    deadline: float = 120.0
    attempt: float = 90.0
    first_token: float = 30.0
    idle: float = 30.0
    hedge: float | None = None


@dataclass(frozen=True, slots=True)
class CallRequest(Generic[Out]):
    """All that the call act needs; it sees no database.

    `accept` turns an answer into the checked output, or raises `InvalidOutputError`. `preview` gives the text to show
    of an unfinished answer; None means that nothing is shown. Where `may_restart` is False, the reader cannot take back
    what was shown: whoever showed it is the last to be asked. `prefixes` are hashes of the request's beginnings, which
    are known where such a request came in the last minutes. `veiled_terms` is None where nothing in them speaks of anybody.
    """

    call_id: str
    task_type: str
    messages: tuple[Message, ...]
    veil: Veil
    veiled_messages: tuple[Message, ...]
    steps: tuple[Step, ...]
    ends_offline: bool
    accept: "Accept[Out]"
    form: AnswerForm | None = None
    preview: Callable[[str], str] | None = None
    falls_back_on_refusal: bool = True
    tools: tuple[Tool, ...] = ()
    tool_choice: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    may_restart: bool = True
    is_accepted_at_once: bool = False
    prefixes: tuple[bytes, ...] = ()
    is_beginning_known: bool = False
    limits: Limits = field(default_factory=Limits)
    admission: Admission | None = None
    veiled_terms: Terms | None = None
    trace_parent: str = ""

    def terms_for(self, step: Step) -> Terms:
        """Return what goes out beside the messages, as a candidate gets it."""
        if step.is_veiled and self.veiled_terms is not None:
            return self.veiled_terms
        return Terms(self.form, self.tools, self.sampling.stop)

    def messages_for(self, step: Step) -> tuple[Message, ...]:
        """Return the messages as a candidate gets them."""
        return self.veiled_messages if step.is_veiled else self.messages

    def to_provider(
        self, step: Step, messages: tuple[Message, ...], *, timeout_seconds: float, prompt_cache_key: str = ""
    ) -> ProviderRequest:
        """Return what a candidate is sent."""
        terms = self.terms_for(step)
        return ProviderRequest(
            model=step.candidate.model,
            messages=messages,
            max_output_tokens=step.max_output_tokens,
            form=terms.form,
            tools=terms.tools,
            tool_choice=self.tool_choice,
            temperature=self.sampling.temperature,
            top_p=self.sampling.top_p,
            stop=terms.stop,
            seed=self.sampling.seed,
            timeout_seconds=timeout_seconds,
            reasoning_effort=self.sampling.reasoning_effort or step.reasoning_effort,
            service_tier=step.service_tier,
            facts=step.facts,
            prompt_cache_key=prompt_cache_key,
            client_request_id=self.call_id,
            # A vendor has no use for it.
            trace_parent="" if leaves_the_site(step.candidate.provider) else self.trace_parent,
        )


@dataclass(slots=True)
class Waiting:
    """How long a call has waited for others, in seconds; waits at the same time count once."""

    seconds: float = 0.0
    _running: int = 0
    _since: float = 0.0

    def __enter__(self) -> None:
        """Begin to wait."""
        if not self._running:
            self._since = time.perf_counter()
        self._running += 1

    @property
    def so_far(self) -> float:
        """How long it has been, with the wait that still lasts."""
        return self.seconds + (time.perf_counter() - self._since if self._running else 0.0)

    def __exit__(self, *_: object) -> None:
        """End one wait."""
        self._running -= 1
        if not self._running:
            self.seconds += time.perf_counter() - self._since


@dataclass(slots=True)
class Journal:
    """What happened so far, whole at every moment: a call that is cancelled is settled from it.

    `shown` is the text that the reader of a stream has before their eyes, `raw` the answer that it was made of.
    `passed_over` says who was not asked, and why. `ended` is set where the answer came before all requests had ended, and
    is done once they have. `repaired` names the candidates whose JSON was broken and could be read all the same.
    """

    attempts: list[AttemptRecord] = field(default_factory=list)
    passed_over: list[list[str]] = field(default_factory=list)
    waiting: Waiting = field(default_factory=Waiting)
    shown: str = ""
    raw: str = ""
    shown_by: Candidate | None = None
    repaired: list[str] = field(default_factory=list)
    ended: Future[None] | None = None

    def add(self, attempt: AttemptRecord) -> None:
        """Write an attempt down, in the order in which they began."""
        self.attempts.append(attempt)
        self.attempts.sort(key=lambda attempt: attempt.started_at)


# Turns an answer into the checked output, notes in the journal what it had to repair, or raises `InvalidOutputError`.
Accept = Callable[[ProviderAnswer, Candidate, Journal], Out]


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Out]):
    """An accepted answer, and who gave it; `answer` is what it was made of, None where no provider gave it."""

    output: Out
    candidate: Candidate
    finish_reason: FinishReason = FinishReason.STOP
    is_complete: bool = True
    answer: ProviderAnswer | None = None
