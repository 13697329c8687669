"""REST resources of `usage`, each with and without its last slash."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.routers import SimpleRouter

from usage.api.budgets import BudgetViewSet
from usage.api.views import OwnCallsView, ProviderUsageView, UsageReportView, UsageView


@extend_schema(exclude=True)
class _UsageWithoutSlashView(UsageView):
    """The same resource; the schema lists it once."""


@extend_schema(exclude=True)
class _ProviderUsageWithoutSlashView(ProviderUsageView):
    """The same resource; the schema lists it once."""


@extend_schema(exclude=True)
class _UsageReportWithoutSlashView(UsageReportView):
    """The same resource; the schema lists it once."""


@extend_schema(exclude=True)
class _OwnCallsWithoutSlashView(OwnCallsView):
    """The same resource; the schema lists it once."""


router = SimpleRouter()
router.register("budgets", BudgetViewSet, basename="ai-budgets")
urlpatterns = [
    *router.urls,
    path("usage/calls/", OwnCallsView.as_view(), name="ai-usage-calls"),
    path("usage/calls", _OwnCallsWithoutSlashView.as_view()),
    path("usage/", UsageView.as_view(), name="ai-usage"),
    path("usage/provider/<slug:provider>/", ProviderUsageView.as_view(), name="ai-usage-provider"),
    path("usage/report/", UsageReportView.as_view(), name="ai-usage-report"),
    path("usage/report", _UsageReportWithoutSlashView.as_view()),
    path("usage", _UsageWithoutSlashView.as_view()),
    path("usage/provider/<slug:provider>", _ProviderUsageWithoutSlashView.as_view()),
]
