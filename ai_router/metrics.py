"""What the router tells Prometheus beside the ledger: health, breakers, keys, and the work that waits.

Health comes from the ledger of the last minutes, so all processes count. Of breakers and keys the processes of a site tell each
other where it has Redis; without, those of one machine do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from ai_router.catalog import family_of
from ai_router.health import Recent, judge_models, look_back
from ai_router.loop import provider_loop
from ai_router.models import BackgroundTask, CatalogModel, ModelPrice, RouteCandidate, TaskState
from ai_router.providers import PROVIDERS
from ai_router.status import ProviderStatus, status
from usage.metrics import ModelLabel
from usage.types import EMBEDDED_PROVIDER

OTHER = "other"
# How a provider stands, as a number: the higher, the more there is to do.
STATES = ("off", "on", "failing", "resting")


def model_labels() -> ModelLabel:
    """Return what names a model in a label: itself, where the site knows it, else its family, else `other`.

    Callers name models too, and each that they invent would be a series for ever.
    """
    known: set[tuple[str, str]] = {(EMBEDDED_PROVIDER, "rules"), ("", "")}
    for model in (CatalogModel, ModelPrice, RouteCandidate):
        known.update(model._base_manager.values_list("provider", "model"))
    known.update((name, row.default_model) for name, row in PROVIDERS.items())
    known.update((name, row["model"]) for name, row in settings.AI_PROVIDERS.items() if row.get("model"))

    def label(provider: str, model: str) -> str:
        if not model or (provider, model) in known or provider == EMBEDDED_PROVIDER:
            return model
        return family_of(model, provider=provider) or OTHER

    return label


def router_metrics(model_label: ModelLabel, *, now: datetime | None = None) -> Iterator[Metric]:
    """Yield how the providers stand, and what waits."""
    now = now or timezone.now()
    recent = look_back(tuple(provider_loop().upstream.attempts), now=now)
    providers = status(recent=recent).providers
    yield _model_health(recent, providers, model_label)
    yield from _providers(providers, model_label)
    yield from _waiting(now)


def _model_health(recent: Recent, providers: Iterable[ProviderStatus], model_label: ModelLabel) -> Metric:
    """Return the score of each model that was asked in the last minutes, as that of a provider is made."""
    family = GaugeMetricFamily(
        "ai_model_health_score",
        "From 0 to 100: errors, latency against the usual, open breakers and unpriced attempts of the last 15 minutes.",
        labels=("provider", "model"),
    )
    breakers = {
        (provider.name, model_label(provider.name, breaker.model))
        for provider in providers
        for breaker in provider.breakers
    }
    samples = tuple(replace(one, model=model_label(one.provider, one.model)) for one in recent.samples)
    usual = tuple(replace(one, model=model_label(one.provider, one.model)) for one in recent.usual)
    for names, health in judge_models(replace(recent, samples=samples, usual=usual), broken=breakers).items():
        family.add_metric(names, health.score)
    return family


def _providers(providers: Iterable[ProviderStatus], model_label: ModelLabel) -> Iterator[Metric]:
    health = GaugeMetricFamily("ai_provider_health_score", "As for models, of a whole provider.", labels=("provider",))
    state = GaugeMetricFamily(
        "ai_provider_state",
        "0 off, 1 on, 2 failing (a breaker is not closed), 3 resting (no key may be used).",
        labels=("provider",),
    )
    breakers = GaugeMetricFamily(
        "ai_breakers_open",
        "Circuit breakers that are not closed, one for each key.",
        labels=("provider", "model"),
    )
    keys = GaugeMetricFamily("ai_keys_resting", "Keys that are left alone.", labels=("provider", "state"))
    for provider in providers:
        if provider.state == "off":
            continue
        health.add_metric((provider.name,), provider.health.score)
        state.add_metric((provider.name,), STATES.index(provider.state))
        models = [model_label(provider.name, breaker.model) for breaker in provider.breakers]
        for model in sorted(set(models)):
            breakers.add_metric((provider.name, model), models.count(model))
        for word in ("tired", "dead"):
            resting = {key.ending for key in provider.keys if key.state == word}
            keys.add_metric((provider.name, word), len(resting))
    yield from (health, state, breakers, keys)


def _waiting(now: datetime) -> Iterator[Metric]:
    """Yield how much work waits, runs and has failed, and for how long the oldest has waited."""
    tasks = GaugeMetricFamily("ai_background_tasks", "Background tasks that wait or run.", labels=("task", "state"))
    age = GaugeMetricFamily(
        "ai_background_oldest_seconds", "For how long the oldest task that could begin has waited.", labels=("task",)
    )
    opened = BackgroundTask.objects.filter(state__in=(TaskState.QUEUED, TaskState.RUNNING)).order_by("name", "state")
    for name, state, count in opened.values_list("name", "state").annotate(count=Count("pk")):
        tasks.add_metric((name, state), count)
    due = opened.filter(state=TaskState.QUEUED).exclude(run_after__gt=now).order_by("name")
    for name, first in due.values_list("name").annotate(first=Min("created_at")):
        age.add_metric((name,), max(0.0, (now - first).total_seconds()))
    yield from (tasks, age)
