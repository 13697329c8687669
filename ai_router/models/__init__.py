"""Tables of the router, a file for each thing."""

from ai_router.models.background import BackgroundTask, TaskState
from ai_router.models.batches import BatchItem, BatchState, ItemState, ProviderBatch
from ai_router.models.cache import CacheGeneration, KeptAnswer
from ai_router.models.catalog import CatalogModel, NeedsResponses
from ai_router.models.experiments import CallAcceptance, Experiment, ExperimentArm, ShadowRequest
from ai_router.models.health import HealthPoint
from ai_router.models.keys import ProviderKey
from ai_router.models.limits import RateLimit
from ai_router.models.outcomes import ModelOutcome, OutcomeMark
from ai_router.models.prices import ModelPrice
from ai_router.models.prompts import PromptText
from ai_router.models.requests import QueuedRequest, RequestStatus, WebhookDelivery, WebhookSecret
from ai_router.models.routes import Route, RouteCandidate
from ai_router.models.rules import Pool, PoolCandidate, RoutingRule
from ai_router.models.semantic import SemanticEntry, SemanticOutcome
from ai_router.models.tokens import TokenRatio

__all__ = [
    "BackgroundTask",
    "BatchItem",
    "BatchState",
    "CacheGeneration",
    "CallAcceptance",
    "CatalogModel",
    "Experiment",
    "ExperimentArm",
    "HealthPoint",
    "ItemState",
    "KeptAnswer",
    "ModelOutcome",
    "ModelPrice",
    "NeedsResponses",
    "OutcomeMark",
    "Pool",
    "PoolCandidate",
    "PromptText",
    "ProviderBatch",
    "ProviderKey",
    "QueuedRequest",
    "RateLimit",
    "RequestStatus",
    "Route",
    "RouteCandidate",
    "RoutingRule",
    "SemanticEntry",
    "SemanticOutcome",
    "ShadowRequest",
    "TaskState",
    "TokenRatio",
    "WebhookDelivery",
    "WebhookSecret",
]
