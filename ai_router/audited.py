"""What operators set here, every change of which is in the audit log."""

from ai_router.models import (
    CatalogModel,
    Experiment,
    ExperimentArm,
    ModelPrice,
    Pool,
    PoolCandidate,
    PromptText,
    ProviderKey,
    RateLimit,
    Route,
    RouteCandidate,
    RoutingRule,
    TokenRatio,
    WebhookSecret,
)
from usage.audit import audit

SETTINGS = (
    CatalogModel, Experiment, ModelPrice, Pool, PoolCandidate, PromptText, RateLimit, Route, RouteCandidate, RoutingRule,
)  # fmt: skip
# What is counted of arms is no change of theirs.
SET_OF_ARMS = ("experiment", "name", "weight", "provider", "model", "prompt_text", "is_on")


def audit_settings() -> None:
    """Have every change of routes, rules, prices, keys, limits, prompts and experiments written to the audit log."""
    for model in SETTINGS:
        audit(model)
    audit(ExperimentArm, only=SET_OF_ARMS)
    audit(ProviderKey, ignored=("changed_at",), secret=("sealed", "ending"))
    # What is learned is no change; that it was thrown away is.
    audit(TokenRatio, only=("provider", "family", "is_structured"))
    audit(WebhookSecret, secret=("nonce",))
