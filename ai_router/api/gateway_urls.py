"""Addresses of the OpenAI-compatible gateway, under `/v1/`."""

from django.urls import path

from ai_router.api import gateway

urlpatterns = [
    path("chat/completions", gateway.chat_completions, name="gateway-chat"),
    path("embeddings", gateway.embeddings, name="gateway-embeddings"),
    path("models", gateway.models, name="gateway-models"),
    path("models/<path:name>", gateway.model, name="gateway-model"),
    path("<path:rest>", gateway.unknown),
]
