"""REST resources of `ai_router`, under `ai/`."""

from django.urls import path

from ai_router.api.views import EstimateView, GenerateView, StreamView

urlpatterns = [
    path("generate/", GenerateView.as_view(), name="ai-generate"),
    path("stream/", StreamView.as_view(), name="ai-stream"),
    path("estimate/", EstimateView.as_view(), name="ai-estimate"),
]
