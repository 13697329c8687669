"""Count tokens without asking anybody: the vocabularies come with the package, nothing is downloaded.

The count is exact for the models of OpenAI, whose encodings are public. Other vendors keep their vocabularies to
themselves or use their own; for them a count in `o200k_base` times a factor of the family is an estimate.
"""

import json
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ai_router.encodings import find_encoding
from ai_router.types import AnswerForm, Message, Tool

logger = logging.getLogger(__name__)

NEWEST_ENCODING = "o200k_base"
# OpenAI's models before GPT-4o, and its embeddings, by the beginning of their names (tiktoken, `model.py`).
OLDER_ENCODING = "cl100k_base"
OLDER_MODELS = ("gpt-4-", "gpt-3.5", "gpt-35", "text-embedding-", "davinci-002", "babbage-002")
# What a fine-tuned model's name begins with, before that of the model it was made from.
FINE_TUNED = "ft:"
# Where OpenAI's models are, and how its open ones are called at other vendors.
OPENAI_VENDORS = ("openai", "azure")
OPEN_MODELS = ("gpt-oss", "openai/gpt-oss")

# Each chat message costs three tokens beside its role and text, and the answer is primed with three more
# (OpenAI Cookbook, "How to count tokens with tiktoken").
TOKENS_PER_MESSAGE = 3
TOKENS_PER_REPLY = 3
# What frames a tool: 7 tokens before and 12 after it in the same cookbook; its JSON is longer than what vendors make of it.
TOKENS_PER_TOOL = 19
# The most that one picture costs: 1,536 patches times 1.62 for the small models (OpenAI, "Images and vision").
TOKENS_PER_IMAGE = 2_489
# A page of a document is read as its text and as a picture (OpenAI, "File inputs"); how many there are is guessed from the
# size, with small pages, so that the estimate is rather too high.
TOKENS_PER_PAGE = 1_500
BYTES_PER_PAGE = 25_000
# Tokens of the vendor's own vocabulary per token of o200k_base, on the safe side for European languages.
FAMILY_FACTORS = {"groq": 1.15, "gemini": 1.15, "grok": 1.15, "anthropic": 1.35}
UNKNOWN_FAMILY_FACTOR = 1.2
BYTES_PER_TOKEN = 3.0
SCHEMAS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Count:
    """What a request has to be counted for, by a vocabulary: its parts in tokens of an encoding, and what frames them."""

    parts: tuple[int, ...]
    frame: int = 0
    has_files: bool = False

    def tokens_for(self, provider: str, model: str = "") -> int:
        """Return the tokens that a model reads, as far as is known beforehand; exact for OpenAI, rounded up elsewhere."""
        return self.tokens_at(family_factor(provider, model))

    def tokens_at(self, factor: float) -> int:
        """Return the tokens in a vocabulary that needs so many for one of ours, every part rounded up."""
        return self.frame + (sum(self.parts) if factor == 1 else sum(math.ceil(part * factor) for part in self.parts))


@dataclass(frozen=True, slots=True)
class Reading:
    """The input of a request for one model, in its own tokens: as expected, and at most.

    `counted` is our own count, for the ledger to learn from: nothing where a file or its shortness would mislead.
    """

    expected: int
    at_most: int
    counted: Mapping[str, int]


def is_exact(provider: str, model: str) -> bool:
    """Whether the model's vocabulary is one of ours: it is OpenAI's."""
    return provider in OPENAI_VENDORS or model.startswith(OPEN_MODELS)


def family_factor(provider: str, model: str) -> float:
    """Return how many tokens of its own a model reads for one of ours, on the safe side."""
    return 1.0 if is_exact(provider, model) else FAMILY_FACTORS.get(provider, UNKNOWN_FAMILY_FACTOR)


def encoding_of(provider: str, model: str) -> str:
    """Return the encoding that a model's requests are counted in."""
    name = model.removeprefix(FINE_TUNED).partition(":")[0]
    is_older = provider in OPENAI_VENDORS and (name == "gpt-4" or name.startswith(OLDER_MODELS))
    return OLDER_ENCODING if is_older else NEWEST_ENCODING


def count_text(text: str, *, provider: str = "openai", model: str = "") -> int:
    """Return the tokens of `text` for a model; exact for OpenAI's, rounded up elsewhere. Without a model: the newest."""
    return Count((_tokens(text, encoding_of(provider, model)),)).tokens_for(provider, model)


def count_request(
    messages: Sequence[Message],
    *,
    form: AnswerForm | None = None,
    tools: Sequence[Tool] = (),
    provider: str = "openai",
    model: str = "",
) -> int:
    """Return the input tokens of a chat request for a model."""
    count = count_parts(messages, form=form, tools=tools, encoding=encoding_of(provider, model))
    return count.tokens_for(provider, model)


def count_parts(
    messages: Sequence[Message],
    *,
    form: AnswerForm | None = None,
    tools: Sequence[Tool] = (),
    encoding: str = NEWEST_ENCODING,
) -> Count:
    """Count a chat request once, for all models that it may go to and that share an encoding.

    An output schema and the tools are counted as their compact JSON; how vendors really render them is not published.
    """
    counted = _count_messages(messages, encoding)
    parts, frame = list(counted.parts), counted.frame + TOKENS_PER_REPLY + TOKENS_PER_TOOL * len(tools)
    if form is not None:
        parts.append(_tokens_of_schema(form.schema, encoding))
    parts += [_tokens(_compact([tool.name, tool.description, tool.parameters]), encoding) for tool in tools]
    return Count(tuple(parts), frame, counted.has_files)


def count_messages(messages: Sequence[Message], *, provider: str = "openai", model: str = "") -> int:
    """Return the tokens that messages add to a request."""
    return _count_messages(messages, encoding_of(provider, model)).tokens_for(provider, model)


def _count_messages(messages: Sequence[Message], encoding: str) -> Count:
    parts, frame = [], TOKENS_PER_MESSAGE * len(messages)
    for message in messages:
        parts += [_tokens(message.role, encoding), _tokens(message.content, encoding)]
        parts += [_tokens(call.name + call.arguments, encoding) for call in message.tool_calls]
        frame += TOKENS_PER_TOOL * len(message.tool_calls)
        for blob in message.blobs:
            if blob.is_image:
                frame += TOKENS_PER_IMAGE
            elif blob.media_type.startswith("text/"):
                parts.append(_tokens(blob.data.decode("utf-8", "replace"), encoding))
            else:
                frame += TOKENS_PER_PAGE * math.ceil(len(blob.data) / BYTES_PER_PAGE)
    return Count(tuple(parts), frame, has_files=any(message.blobs for message in messages))


def _tokens(text: str, encoding: str) -> int:
    return _counter(encoding)(text)


def _tokens_of_schema(schema: Mapping[str, Any], encoding: str) -> int:
    """Count a schema once: tasks ask for the same one with every call."""
    key = (id(schema), encoding)
    found = _schemas.get(key)
    if found is None or found[0] is not schema:
        if len(_schemas) >= SCHEMAS_KEPT:
            _schemas.clear()
        found = _schemas[key] = (schema, _tokens(_compact(schema), encoding))
    return found[1]


_schemas: dict[tuple[int, str], tuple[Mapping[str, Any], int]] = {}


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


@lru_cache(maxsize=4)
def _counter(encoding: str) -> Callable[[str], int]:
    """Return what counts in an encoding, or estimates from bytes where that cannot be opened."""
    try:
        return find_encoding(encoding).count
    except (ImportError, OSError, ValueError):
        logger.exception("%s cannot be opened; token counts are estimates from bytes", encoding)
        return _guess


def _guess(text: str) -> int:
    return math.ceil(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)
