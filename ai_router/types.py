"""Values that cross the router's boundary."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models

from ai_router.catalog import ModelFacts, facts_of
from usage.types import AttemptRecord, TokenUsage

if TYPE_CHECKING:
    from pydantic import BaseModel

In = TypeVar("In", bound="BaseModel")
Out = TypeVar("Out")


class TaskType(models.TextChoices):
    """What a language model is asked for."""

    CV_PARSING = "cv_parsing", "CV parsing"
    CV_TAILORING = "cv_tailoring", "CV tailoring"
    COVER_LETTER = "cover_letter", "Cover letter"
    EMAIL_DRAFTING = "email_drafting", "E-mail drafting"
    FAST_SUMMARY = "fast_summary", "Fast summary"
    JOB_ANALYSIS = "job_analysis", "Job analysis"
    JOB_MATCHING = "job_matching", "Job matching"
    CHAT = "chat", "Chat of other programs"
    EMBEDDING = "embedding", "Embeddings"


# What a text may be asked for; embeddings have their own way in.
WRITING_TASKS = tuple(task for task in TaskType if task is not TaskType.EMBEDDING)


class ProviderName(models.TextChoices):
    """Providers that a route may name. One without an adapter or a key is passed over."""

    OPENAI = "openai", "OpenAI"
    GROQ = "groq", "Groq"
    GEMINI = "gemini", "Gemini"
    GROK = "grok", "Grok"
    ANTHROPIC = "anthropic", "Anthropic"
    AZURE = "azure", "Azure OpenAI"
    OLLAMA = "ollama", "Ollama"
    LM_STUDIO = "lm_studio", "LM Studio"
    VLLM = "vllm", "vLLM"
    LITELLM = "litellm", "LiteLLM"
    LEGACY_GEMINI = "legacy_gemini", "Gemini (retired SDK)"
    EMBEDDED = "embedded", "Embedded engine"


def provider_choices() -> list[tuple[str, str]]:
    """Return the providers that a route, a price or a limit may name, with their labels: the site's own ones too."""
    return [*ProviderName.choices, *((name, name) for name in settings.AI_COMPATIBLE_PROVIDERS)]


class StrategyName(models.TextChoices):
    """Ways to order the candidates of a route."""

    PREFERRED = "preferred", "As listed"
    COST_OPTIMIZED = "cost_optimized", "Cheapest first"
    LEAST_LATENCY = "least_latency", "Fastest first"
    WEIGHTED = "weighted", "By weight"
    QUALITY = "quality", "Best first"
    BALANCED = "balanced", "Balanced for the request"
    CASCADE = "cascade", "Cheap first, better where it fails"


class CacheScope(StrEnum):
    """Who may be given a cached answer: its owner only, anyone (for text that is nobody's), or no one."""

    USER = "user"
    SHARED = "shared"
    NONE = "none"


class PersonalKind(StrEnum):
    """What identifies a person; the value is the word in the placeholder."""

    NAME = "NAME"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    LINK = "LINK"
    BIRTH_DATE = "BIRTH_DATE"


class FinishReason(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A provider and one of its models."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a caller wants of the routing of one call; what is left out leaves the route as it is.

    Args:
        strategy: The name of a strategy, in place of the route's.
        complexity: How hard the request is, from 0 (a child's) to 1 (an expert's).
        cost_sensitive: Cost weighs more than usual.
        speed_priority: Speed weighs more than usual.
        priority: `low`, `normal` or `high`: what rules may ask for.
        tags: Words that rules may ask for.
        language: The answer's language, such as `de`: what rules may ask for.
        max_seconds: Candidates that are expected to take longer are passed over.
        max_cost_nanousd: Candidates that are expected to cost more are passed over.
    """

    strategy: str = ""
    complexity: float | None = None
    cost_sensitive: bool = False
    speed_priority: bool = False
    priority: str = "normal"
    tags: frozenset[str] = frozenset()
    language: str = ""
    max_seconds: float | None = None
    max_cost_nanousd: int | None = None

    def __post_init__(self) -> None:
        """Refuse a complexity out of range: it would silently turn the order around."""
        if self.complexity is not None and not 0 <= self.complexity <= 1:
            message = f"complexity is a number from 0 to 1, not {self.complexity!r}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class TaskSpec(Generic[In, Out]):
    """All the router needs to know of a task; domain apps define theirs.

    Args:
        task_type: Decides the route.
        prompt: Template of the user message, such as `cover_letter/v1`: the file is
            `templates/prompts/<prompt>.md`, rendered with `inputs` as context; the part above its first line of `---` is the
            system message. The name goes into the ledger as the prompt's version.
        embedded: The offline implementation. It gets the inputs and returns the finished output.
        answer_schema: The pydantic form that a provider's answer must have; None for text.
        finish: Turns a provider's answer (an instance of `answer_schema`, or the text) into the output.
        verify: Returns what is wrong with an output; any problem sends a provider's answer back once for
            repair, then on to the next candidate. The embedded output is not verified.
        cache_scope: Who may be served a cached answer.
        cache_seconds: How long an answer is kept; None as long as the site says.
        personal: The inputs that identify a person, by dotted path, such as `{"resume.person.name": PersonalKind.NAME}`;
            placeholders take their place before a text leaves the site.
        max_output_tokens: Bound of the answer, also the basis of the hold.
        may_stream: Whether the text may be shown while it is written.
        text_of: The text of an output, for the reader of a stream; needed where the output is not a plain string.
        preview: The text to show of an unfinished answer; needed where an answer with `answer_schema` is shown while
            it is written. It gets the raw answer so far, usually cut JSON, and what it returns should only grow.
        falls_back_on_refusal: Whether another provider is asked when one refuses for the content.
    """

    task_type: TaskType
    prompt: str
    embedded: Callable[[In], Out]
    finish: "Callable[[In, BaseModel | str], Out]"
    answer_schema: "type[BaseModel] | None" = None
    verify: Callable[[In, Out], Sequence[str]] = lambda _inputs, _output: ()
    cache_scope: CacheScope = CacheScope.USER
    cache_seconds: int | None = None
    personal: Mapping[str, PersonalKind] = field(default_factory=dict)
    max_output_tokens: int = 4_000
    may_stream: bool = False
    text_of: Callable[[Out], str] = str
    preview: Callable[[str], str] | None = None
    falls_back_on_refusal: bool = True


@dataclass(frozen=True, slots=True)
class TaskResult(Generic[Out]):
    """A finished call. `cost_nanousd` is None where a price is unknown; `is_complete` is False for a text that was cut.

    A text that reached its bound was verified all the same; one whose stream broke off (`finish_reason` is
    `incomplete`) was not. `overhead_us` is the router's own time in microseconds, the settlement included.
    """

    output: Out
    call_id: UUID
    provider: str
    model: str
    usage: TokenUsage
    cost_nanousd: int | None
    finish_reason: FinishReason = FinishReason.STOP
    is_cached: bool = False
    is_complete: bool = True
    attempts: tuple[AttemptRecord, ...] = ()
    overhead_us: int | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of a stream."""

    text: str


@dataclass(frozen=True, slots=True)
class StreamRestarted:
    """The stream begins anew with another candidate: drop the text shown so far."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class StreamEnded(Generic[Out]):
    """The last event of a stream; `result.output` is the finished, checked output."""

    result: TaskResult[Out]


StreamEvent = TextDelta | StreamRestarted | StreamEnded[Out]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a candidate is expected to cost for one request, in nano-dollars; None where its price is unknown.

    Eight of ten requests cost between `low_nanousd` and `high_nanousd`; none costs more than `most_nanousd`.
    """

    candidate: Candidate
    expected_nanousd: int | None
    low_nanousd: int | None
    high_nanousd: int | None
    most_nanousd: int | None


@dataclass(frozen=True, slots=True)
class Blob:
    """An image or a document in a message: its bytes, their media type such as `image/png`, and a file name."""

    data: bytes = field(repr=False)
    media_type: str
    name: str = ""

    @property
    def is_image(self) -> bool:
        """Whether it is a picture; everything else is a document."""
        return self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that a model may ask us to call; `parameters` is its JSON schema."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to have a tool called; `arguments` is JSON as the model wrote it, so it may be broken.

    `opaque` is what its provider wants to be given back with the call, such as a signature of its thoughts; only the
    adapter that wrote it reads it.
    """

    id: str
    name: str
    arguments: str
    opaque: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; role is `system`, `user`, `assistant` or `tool`.

    Args:
        role: Who speaks.
        content: The text.
        blobs: Images and documents beside the text of a user's message.
        tool_calls: What the assistant asked to have called.
        tool_call_id: Which of those a `tool` message answers.
    """

    role: str
    content: str
    blobs: tuple[Blob, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """The form that an answer must have: a JSON schema and its name. An empty schema asks for any JSON object.

    Where `is_strict`, the schema keeps to what strict structured output takes; otherwise the model is only shown it.
    """

    name: str
    schema: Mapping[str, Any]
    is_strict: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """What goes out beside the messages: the form of the answer, the tools that it may call, and the words that end it."""

    form: AnswerForm | None = None
    tools: tuple[Tool, ...] = ()
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn; what is None or empty is left to the model, the thinking to the catalog.

    `stop` are texts that end the answer, `reasoning_effort` says how long to think, in the provider's own words.
    """

    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    reasoning_effort: str = ""


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """What a provider adapter is asked to send. What is None or empty is not sent: models differ in what they take.

    Args:
        model: The provider's name of the model.
        messages: The conversation; system messages stand first.
        max_output_tokens: Bound of the answer, thinking included.
        form: The form of the answer; None for text.
        tools: What the model may ask to have called.
        tool_choice: `auto`, `none`, `required`, or the name of the tool that must be called; empty leaves it open.
        temperature: Sampling temperature.
        top_p: Nucleus sampling.
        stop: Texts that end the answer.
        seed: Seed of the sampling.
        timeout_seconds: When the SDK gives up; the router's own limits come first.
        reasoning_effort: How long to think, in the provider's own words.
        service_tier: The provider's tier, such as `flex` or `priority`.
        prompt_cache_key: Requests with the same key share a beginning, which the provider may keep.
        client_request_id: Our id of the call.
        trace_parent: Of which span it is a part, for servers of the site's own.
        facts: What is known of the model; None leaves it to its name.
    """

    model: str
    messages: tuple[Message, ...]
    max_output_tokens: int
    form: AnswerForm | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: str = ""
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    timeout_seconds: float = 120.0
    reasoning_effort: str = ""
    service_tier: str = ""
    prompt_cache_key: str = ""
    client_request_id: str = ""
    trace_parent: str = ""
    facts: ModelFacts | None = None

    @property
    def model_facts(self) -> ModelFacts:
        """What is known of the model."""
        return facts_of(self.model) if self.facts is None else self.facts


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What a provider adapter returns; `usage` is None where the provider reported none."""

    text: str
    model: str
    usage: TokenUsage | None
    finish_reason: FinishReason = FinishReason.STOP
    request_id: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    service_tier: str = ""


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """Texts to be turned into vectors; `dimensions` None leaves the model's own."""

    model: str
    texts: tuple[str, ...]
    dimensions: int | None = None
    timeout_seconds: float = 120.0
    client_request_id: str = ""


@dataclass(frozen=True, slots=True)
class EmbeddingAnswer:
    """One vector for each text, in the same order."""

    vectors: tuple[tuple[float, ...], ...] = field(repr=False)
    model: str
    usage: TokenUsage | None
    request_id: str = ""
