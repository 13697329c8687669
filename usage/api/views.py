"""REST resources of `usage`: what calls cost, of oneself; of everybody for staff."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from usage.api.serializers import UsageQuerySerializer, UsageSerializer
from usage.reports import summarise_usage

# The body has a fixed set of keys, so that what its sums leave out is said in a header.
UNPRICED_HEADER = "X-Unpriced-Requests"
BAD_HOURS = OpenApiResponse(description="`hours` is not a whole number of hours in the allowed range.")


class UsageView(APIView):
    """The figures of the last hours."""

    @extend_schema(
        operation_id="ai_usage",
        summary="Calls, tokens and cost of the last hours",
        description="Your own calls; for staff everybody's. Calls whose price is unknown add nothing to the cost and "
        f"are counted in the header `{UNPRICED_HEADER}`.",
        parameters=[UsageQuerySerializer],
        responses={200: UsageSerializer, 400: BAD_HOURS},
        tags=["ai"],
    )
    def get(self, request: Request) -> Response:
        return usage_response(request)


class ProviderUsageView(APIView):
    """The figures of one provider."""

    @extend_schema(
        operation_id="ai_usage_provider",
        summary="Requests, tokens and cost of one provider in the last hours",
        description="As the figures over all, but each request sent to the provider counts, retries and failed ones "
        "too. The ledger keeps providers as plain names: one that was never asked answers with zeros.",
        parameters=[UsageQuerySerializer],
        responses={200: UsageSerializer, 400: BAD_HOURS},
        tags=["ai"],
    )
    def get(self, request: Request, provider: str) -> Response:
        return usage_response(request, provider=provider)


def usage_response(request: Request, *, provider: str = "") -> Response:
    """Answer with the figures that the person may see."""
    query = UsageQuerySerializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    summary = summarise_usage(
        hours=query.validated_data["hours"],
        user_id=None if request.user.is_staff else request.user.pk,
        provider=provider,
    )
    return Response(UsageSerializer(summary).data, headers={UNPRICED_HEADER: str(summary.unpriced_requests)})
