"""Values of batches: what is sent to a provider together, to be answered within hours for less."""

from dataclasses import dataclass
from datetime import datetime

from ai_router.errors import ProviderError
from ai_router.types import ProviderAnswer


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How a batch stands at its provider: `finished` of `total` requests; `state` is the provider's own word.

    After `expires_at` the provider does nothing more of it; None where it does not say when that is.
    """

    is_ended: bool
    finished: int = 0
    total: int = 0
    state: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of one request: an answer or an error; neither where it was not done before the batch ended."""

    name: str
    answer: ProviderAnswer | None = None
    error: ProviderError | None = None


def deployment_pairs(said: str) -> dict[str, str]:
    """Return the batch deployment of each deployment, from pairs such as `name=batch name`, separated by commas."""
    pairs = (part.partition("=") for part in said.split(","))
    return {name.strip(): batch.strip() for name, _, batch in pairs if name.strip() and batch.strip()}


def unread_pairs(said: str) -> list[str]:
    """Return the parts that `deployment_pairs` cannot read, or reads in place of one before; an empty part is none."""
    unread, known = [], set[str]()
    for part in filter(None, map(str.strip, said.split(","))):
        name, _, batch = (one.strip() for one in part.partition("="))
        if not name or not batch or "=" in batch or name in known:
            unread.append(part)
        known.add(name)
    return unread
