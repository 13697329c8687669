"""REST resources of `usage`: what calls cost, of oneself; of everybody for staff."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from usage.api.queries import (
    DIMENSIONS,
    OwnCallsQuerySerializer,
    UsageQuerySerializer,
    UsageReportQuerySerializer,
)
from usage.api.serializers import OwnCallsSerializer, ReportSerializer, UsageSerializer
from usage.exports import FIGURES, forecast_values, row_values, write_csv, write_json
from usage.insights import forecast_month, report, tell_groups_apart
from usage.paging import every_call
from usage.reports import summarise_period
from usage.streams import CSV, stream, stream_calls

# The body has a fixed set of keys, so that what its sums leave out is said in a header.
UNPRICED_HEADER = "X-Unpriced-Requests"
BAD_QUERY = OpenApiResponse(description="A parameter is wrong, such as `hours` out of its range; `fields` says which.")
NOT_ALLOWED = OpenApiResponse(description="Only staff may ask for calls of others.")


class UsageView(APIView):
    """The figures of the last hours."""

    @extend_schema(
        operation_id="ai_usage",
        summary="Calls, tokens and cost of the last hours",
        description="Your own calls; for staff everybody's. Calls whose price is unknown add nothing to the cost and "
        f"are counted in the header `{UNPRICED_HEADER}`.",
        parameters=[UsageQuerySerializer],
        responses={200: UsageSerializer, 400: BAD_QUERY, 403: NOT_ALLOWED},
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
        responses={200: UsageSerializer, 400: BAD_QUERY, 403: NOT_ALLOWED},
        tags=["ai"],
    )
    def get(self, request: Request, provider: str) -> Response:
        return usage_response(request, provider=provider)


class UsageReportView(APIView):
    """Rates, latencies, savings and costs of a period, by any names; as JSON or CSV."""

    @extend_schema(
        operation_id="ai_usage_report",
        summary="A report of calls, by time and by names",
        description="Your own calls; those of a `group` that you own; for staff everybody's. Answers are streamed; `type=csv` gives a table as a file.",
        parameters=[UsageReportQuerySerializer],
        responses={200: ReportSerializer, 400: BAD_QUERY, 403: NOT_ALLOWED},
        tags=["ai"],
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        query = UsageReportQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        now = timezone.now()
        asked = query.asked(request.user, now=now)
        by = query.validated_data.get("by", [])
        found = report(
            since=asked.since,
            until=asked.until,
            step=query.step_asked,
            by=[DIMENSIONS[name] for name in by],
            only=asked.only,
        )
        if "group" in by:
            place = by.index("group")
            members = {int(row.names[place]) for row in found}
            # Which other groups its members are in is not an owner's business.
            is_owner = "group" in query.validated_data and not request.user.is_staff
            groups = {key: [query.validated_data["group"]] for key in members} if is_owner else _groups_of(members)
            found = tell_groups_apart(found, place, groups)
        people = _names_of({int(row.names[by.index("user")]) for row in found}) if "user" in by else {}
        rows = (row_values(row, by, people) for row in found)
        if query.validated_data["type"] == "csv":
            columns = [*(["start"] if query.step_asked else []), *by, *FIGURES]
            return stream(request._request, write_csv(rows, columns), content_type=CSV, filename="usage.csv")  # noqa: SLF001
        forecast = forecast_values(forecast_month(now=now, only=asked.only))
        pieces = write_json(rows, since=asked.since, until=min(asked.until or now, now), forecast=forecast)
        return stream(request._request, pieces, content_type="application/json")  # noqa: SLF001


class OwnCallsView(APIView):
    """One's own calls, each with its cost and who saw it, as JSON or CSV; nobody's beside."""

    @extend_schema(
        operation_id="ai_usage_calls",
        summary="Your own calls, one by one",
        description="Newest first: what each was for, how it ended, to whom its text was sent, and what it cost. No text is in it. For staff, "
        "too, these are their own. Answers are streamed; `type=csv` gives a table as a file.",
        parameters=[OwnCallsQuerySerializer],
        responses={200: OwnCallsSerializer, 400: BAD_QUERY},
        tags=["ai"],
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        query = OwnCallsQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        now = timezone.now()
        asked, wanted = query.asked(request.user, now=now), query.validated_data
        calls = every_call(
            user_id=int(request.user.pk or 0),
            since=asked.since,
            until=asked.until,
            task_type=wanted.get("task", ""),
            status=wanted.get("status", ""),
        )
        return stream_calls(
            request._request,  # noqa: SLF001
            calls,
            since=asked.since,
            until=min(asked.until or now, now),
            as_csv=wanted["type"] == "csv",
        )


def _names_of(keys: set[int]) -> dict[int, str]:
    """Return the names of accounts; of an account that is gone, its key is not in the ledger any more."""
    return dict(get_user_model().objects.filter(pk__in=keys).values_list("pk", "username"))


def _groups_of(keys: set[int]) -> dict[int, list[str]]:
    """Return the names of the groups that accounts are in today."""
    found: dict[int, list[str]] = {}
    pairs = Group.objects.filter(user__in=keys).order_by("name").values_list("user", "name")
    for key, name in pairs:
        found.setdefault(key, []).append(name)
    return found


def usage_response(request: Request, *, provider: str = "") -> Response:
    """Answer with the figures that the person may see."""
    query = UsageQuerySerializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    asked = query.asked(request.user, provider=provider)
    summary = summarise_period(since=asked.since, until=asked.until, hours=asked.hours, only=asked.only)
    return Response(UsageSerializer(summary).data, headers={UNPRICED_HEADER: str(summary.unpriced_requests)})
