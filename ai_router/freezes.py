"""What stops the calls of a token, a user or a task: looked up before each call in a copy that is a few seconds old."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ai_router.copies import Copy
from ai_router.pricebook import prices_in_force
from ai_router.pricing import Prices
from ai_router.routes import KEPT_SECONDS
from usage.errors import FrozenError
from usage.freezes import read_stops
from usage.types import TokenUsage

if TYPE_CHECKING:
    from ai_router.routing import Choice

# A freeze, and its end, is known to every process after `KEPT_SECONDS` at the latest.
STOPS = Copy(read_stops, seconds=KEPT_SECONDS)
# What is free of charge for this much is free.
MUCH = TokenUsage(input_tokens=1_000_000, output_tokens=1_000_000)


def token_of(user: Any) -> int | None:
    """Return the number of the API token with which the user came; None for a page, a command, background work."""
    return getattr(user, "api_token_id", None)


def heed_freezes(choice: "Choice", task_type: str, user: Any) -> "Choice":
    """Return who may still answer: everybody as a rule, free candidates alone where calls are left those.

    Raises:
        FrozenError: The calls of this token, user or task are stopped; or only free candidates may answer, and there is none.
    """
    stop = STOPS.get().find(token_id=token_of(user), user_id=getattr(user, "pk", None), task_type=task_type)
    if stop is None:
        return choice
    if stop.is_whole:
        raise FrozenError(stop.message, stop.until)
    prices = prices_in_force(choice.hosted) if choice.hosted else {}
    free = tuple(candidate for candidate in choice.hosted if _is_free(prices[candidate]))
    if not free and not choice.ends_offline:
        raise FrozenError(stop.message, stop.until)
    left_out = tuple((str(candidate), "only free candidates") for candidate in choice.hosted if candidate not in free)
    return replace(choice, hosted=free, passed_over=(*choice.passed_over, *left_out))


def _is_free(prices: Prices | None) -> bool:
    return prices is not None and prices.cost(MUCH) == 0
