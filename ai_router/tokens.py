"""Count tokens without asking anybody: the vocabulary comes with the package, nothing is downloaded.

The count is exact for models that use `o200k_base` (OpenAI since GPT-4o). Other vendors keep their vocabularies to
themselves or use their own; for them the same count times a factor of the family is an estimate.
"""

import base64
import gzip
import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ai_router.types import AnswerForm, Message, Tool

if TYPE_CHECKING:
    from tiktoken import Encoding

logger = logging.getLogger(__name__)

VOCABULARY = Path(__file__).parent / "data" / "o200k_base.tiktoken.gz"
# How o200k_base splits a text into words before it merges bytes: part of the vocabulary's published definition
# (tiktoken, MIT), as are the two special tokens.
SPLIT_PATTERN = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
SPECIAL_TOKENS = {"<|endoftext|>": 199_999, "<|endofprompt|>": 200_018}

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
FAMILY_FACTORS = {"openai": 1.0, "azure": 1.0, "groq": 1.15, "gemini": 1.15, "grok": 1.15, "anthropic": 1.35}
UNKNOWN_FAMILY_FACTOR = 1.2
BYTES_PER_TOKEN = 3.0
SCHEMAS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Count:
    """What a request has to be counted for, by a vocabulary: its parts in tokens of o200k_base, and what frames them."""

    parts: tuple[int, ...]
    frame: int = 0

    def tokens_for(self, provider: str) -> int:
        """Return the tokens that a provider's models read; exact for OpenAI, every part rounded up elsewhere."""
        factor = FAMILY_FACTORS.get(provider, UNKNOWN_FAMILY_FACTOR)
        return self.frame + (sum(self.parts) if factor == 1 else sum(math.ceil(part * factor) for part in self.parts))


def count_text(text: str, *, provider: str = "openai") -> int:
    """Return the tokens of `text` for a provider's models; exact for OpenAI, rounded up elsewhere."""
    return Count((_tokens(text),)).tokens_for(provider)


def count_request(
    messages: Sequence[Message],
    *,
    form: AnswerForm | None = None,
    tools: Sequence[Tool] = (),
    provider: str = "openai",
) -> int:
    """Return the input tokens of a chat request for a provider's models."""
    return count_parts(messages, form=form, tools=tools).tokens_for(provider)


def count_parts(messages: Sequence[Message], *, form: AnswerForm | None = None, tools: Sequence[Tool] = ()) -> Count:
    """Count a chat request once, for all providers that it may go to.

    An output schema and the tools are counted as their compact JSON; how vendors really render them is not published.
    """
    counted = _count_messages(messages)
    parts, frame = list(counted.parts), counted.frame + TOKENS_PER_REPLY + TOKENS_PER_TOOL * len(tools)
    if form is not None:
        parts.append(_tokens_of_schema(form.schema))
    parts += [_tokens(_compact([tool.name, tool.description, tool.parameters])) for tool in tools]
    return Count(tuple(parts), frame)


def count_messages(messages: Sequence[Message], *, provider: str = "openai") -> int:
    """Return the tokens that messages add to a request."""
    return _count_messages(messages).tokens_for(provider)


def _count_messages(messages: Sequence[Message]) -> Count:
    parts, frame = [], TOKENS_PER_MESSAGE * len(messages)
    for message in messages:
        parts += [_tokens_of_word(message.role), _tokens(message.content)]
        parts += [_tokens(call.name + call.arguments) for call in message.tool_calls]
        frame += TOKENS_PER_TOOL * len(message.tool_calls)
        for blob in message.blobs:
            if blob.is_image:
                frame += TOKENS_PER_IMAGE
            elif blob.media_type.startswith("text/"):
                parts.append(_tokens(blob.data.decode("utf-8", "replace")))
            else:
                frame += TOKENS_PER_PAGE * math.ceil(len(blob.data) / BYTES_PER_PAGE)
    return Count(tuple(parts), frame)


def _tokens(text: str) -> int:
    """Return the tokens of o200k_base."""
    encoding = _encoding()
    # `encode_ordinary` reads "<|endoftext|>" in a CV as plain text.
    return len(encoding.encode_ordinary(text)) if encoding else math.ceil(len(text.encode()) / BYTES_PER_TOKEN)


_tokens_of_word = lru_cache(maxsize=16)(_tokens)


def _tokens_of_schema(schema: Mapping[str, Any]) -> int:
    """Count a schema once: tasks ask for the same one with every call."""
    found = _schemas.get(id(schema))
    if found is None or found[0] is not schema:
        if len(_schemas) >= SCHEMAS_KEPT:
            _schemas.clear()
        found = _schemas[id(schema)] = (schema, _tokens(_compact(schema)))
    return found[1]


_schemas: dict[int, tuple[Mapping[str, Any], int]] = {}


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


@lru_cache(maxsize=1)
def _encoding() -> "Encoding | None":
    """Return the tokenizer, or None (counts become estimates from bytes) where it cannot be built."""
    try:
        import tiktoken

        with gzip.open(VOCABULARY, "rb") as file:
            ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in file)}
        return tiktoken.Encoding(
            "o200k_base", pat_str=SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens=SPECIAL_TOKENS
        )
    except (ImportError, OSError, ValueError):
        logger.exception("the tokenizer cannot be built; token counts are estimates from bytes")
        return None
