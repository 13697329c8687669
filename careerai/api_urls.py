"""The REST API's root."""

from django.urls import include, path

urlpatterns = [
    path("", include("cv.api.urls")),
    path("", include("jobs.api.urls")),
    path("ai/", include("usage.api.urls")),
    path("ai/", include("ai_router.api.urls")),
]
