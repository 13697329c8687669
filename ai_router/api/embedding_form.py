"""The body of `/v1/embeddings` and its answer, in OpenAI's form."""

import base64
import sys
from array import array
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from ai_router.embeddings import MOST_TEXTS, EmbeddingResult, Vector
from usage.money import usd_text

MAX_DIMENSIONS = 20_000


class EmbeddingForm(BaseModel):
    """The whole body; fields that nobody knows are ignored."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field(min_length=1, max_length=300)
    input: list[str] = Field(min_length=1, max_length=MOST_TEXTS)
    dimensions: int | None = Field(default=None, ge=1, le=MAX_DIMENSIONS)
    encoding_format: Literal["float", "base64"] = "float"

    @field_validator("input", mode="before")
    @classmethod
    def _as_texts(cls, given: Any) -> Any:
        first = given[0] if isinstance(given, list) and given else given
        if isinstance(first, int | list):
            raise PydanticCustomError("tokens", "Send texts: lists of tokens belong to one vendor's vocabulary.")
        return [given] if isinstance(given, str) else given

    def answer(self, result: EmbeddingResult) -> dict[str, Any]:
        """Return the vectors in the form that was asked for."""
        write = _packed if self.encoding_format == "base64" else list
        sent = result.usage.total_input_tokens
        return {
            "object": "list",
            "data": [
                {"object": "embedding", "index": index, "embedding": write(vector)}
                for index, vector in enumerate(result.vectors)
            ],
            "model": result.model,
            "usage": {"prompt_tokens": sent, "total_tokens": sent, "cost_usd": usd_text(result.cost_nanousd)},
        }


def _packed(vector: Vector) -> str:
    """Write a vector as 32-bit numbers, the lowest byte first."""
    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode()
