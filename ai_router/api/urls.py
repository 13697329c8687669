"""REST resources of `ai_router`, under `ai/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from ai_router.api.comparison import CompareView
from ai_router.api.queue import RequestViewSet, WebhookSecretView
from ai_router.api.status import HealthView, StatusView
from ai_router.api.views import EmbeddingsView, EstimateView, GenerateView, StreamView

router = SimpleRouter()
router.register("requests", RequestViewSet, basename="ai-request")

urlpatterns = [
    path("generate/", GenerateView.as_view(), name="ai-generate"),
    path("stream/", StreamView.as_view(), name="ai-stream"),
    path("embeddings/", EmbeddingsView.as_view(), name="ai-embeddings"),
    path("estimate/", EstimateView.as_view(), name="ai-estimate"),
    path("models/compare/", CompareView.as_view(), name="ai-models-compare"),
    path("health/", HealthView.as_view(), name="ai-health"),
    path("status/", StatusView.as_view(), name="ai-status"),
    path("webhook-secret/", WebhookSecretView.as_view(), name="ai-webhook-secret"),
    *router.urls,
]
