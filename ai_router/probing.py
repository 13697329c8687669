"""Ask each provider that is on whether it could work: its key, its model, its price."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from ai_router import router
from ai_router.errors import ProviderError, RouterError
from ai_router.keys import Key, keys_of
from ai_router.loop import provider_loop
from ai_router.pricebook import prices_in_force
from ai_router.providers import PROVIDERS, is_on
from ai_router.routing import default_model
from ai_router.types import Candidate, TaskType

PROBE_SECONDS = 30.0
PROMPT = "Answer with one word: ready"
PROMPT_TOKENS = 16
# Lists models, not the deployments that its requests name.
LISTS_OTHER_NAMES = frozenset({"azure", "litellm"})


@dataclass(frozen=True, slots=True)
class Probe:
    """What a provider answered.

    Args:
        provider: Its name.
        is_on: Whether it is set up; nothing else is known of one that is not.
        model: Its default model.
        error: Why it does not work; empty where it does.
        latency_ms: How long it took to list its models, its SDK loaded and connected.
        is_model_known: Whether it lists the default model; None where its list does not say.
        is_priced: Whether the default model has a known price, 0 for one of the site's own.
        cost_nanousd: What the request of a probe with `completes` cost; None without one, or where nobody knows.
    """

    provider: str
    is_on: bool
    model: str = ""
    error: str = ""
    latency_ms: int | None = None
    is_model_known: bool | None = None
    is_priced: bool = False
    cost_nanousd: int | None = None

    @property
    def has_failed(self) -> bool:
        """Whether it is on and cannot work."""
        return bool(self.error)


def probe_provider(name: str, *, completes: bool = False) -> Probe:
    """Ask one provider.

    Args:
        name: One of `PROVIDERS`.
        completes: Send it one tiny request too, which is written into the ledger like any other.
    """
    if not is_on(name):
        return Probe(name, is_on=False)
    model = default_model(name)
    is_priced = (
        PROVIDERS[name].is_local or prices_in_force([Candidate(name, model)])[Candidate(name, model)] is not None
    )
    try:
        models, latency_ms = _ask_with_each_key(name)
        is_known = None if name in LISTS_OTHER_NAMES else _lists(models, model)
        if is_known is False:
            return Probe(
                name,
                is_on=True,
                model=model,
                error=f"it does not know {model!r}",
                latency_ms=latency_ms,
                is_model_known=False,
                is_priced=is_priced,
            )
        cost = _complete(name) if completes else None
    except (RouterError, TimeoutError) as error:
        return Probe(name, is_on=True, model=model, error=f"{type(error).__name__}: {error}", is_priced=is_priced)
    return Probe(
        name,
        is_on=True,
        model=model,
        latency_ms=latency_ms,
        is_model_known=is_known,
        is_priced=is_priced,
        cost_nanousd=cost,
    )


def _ask_with_each_key(name: str) -> tuple[list[str], int]:
    """Return the models that all of the provider's keys may use, and how many milliseconds the slowest took."""
    answers = []
    for key in keys_of(name):
        try:
            answers.append(provider_loop().start(_list_models(key)).wait())
        except ProviderError as error:
            error.args = (f"{error}, key {key}",) if key.ending else error.args
            raise
    models = set.intersection(*(set(models) for models, _ in answers))
    return sorted(models), max(milliseconds for _, milliseconds in answers)


async def _list_models(key: Key) -> tuple[list[str], int]:
    """Return the models that a key may use, and how many milliseconds the asking took."""
    client = provider_loop().upstream.connections.to(key.provider, api_key=key.secret)
    began = time.monotonic()
    async with asyncio.timeout(PROBE_SECONDS):
        models = await client.list_models()
    return models, round((time.monotonic() - began) * 1000)


def _lists(models: Iterable[str], model: str) -> bool:
    """Whether the model is in the list, by its name, or by the name of a dated version; a local one may be any."""
    names = list(models)
    return model in names or any(name.startswith(f"{model}-") for name in names) or (model == "any" and bool(names))


def _complete(name: str) -> int | None:
    """Have the provider answer, and return what that cost."""
    result = router.generate(
        task_type=TaskType.FAST_SUMMARY, prompt=PROMPT, provider=name, max_output_tokens=PROMPT_TOKENS
    )
    return result.cost_nanousd
