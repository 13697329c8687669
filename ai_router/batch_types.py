"""Values of batches: what is sent to a provider together, to be answered within hours for less."""

from dataclasses import dataclass

from ai_router.errors import ProviderError
from ai_router.types import ProviderAnswer


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How a batch stands at its provider: `finished` of `total` requests; `state` is the provider's own word."""

    is_ended: bool
    finished: int = 0
    total: int = 0
    state: str = ""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of one request: an answer or an error; neither where it was not done before the batch ended."""

    name: str
    answer: ProviderAnswer | None = None
    error: ProviderError | None = None
