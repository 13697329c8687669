"""REST resources `ai/health/` and `ai/status/`: how the providers stand just now."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ai_router.health import Health, Speed
from ai_router.status import BreakerStatus, KeyStatus, LastError, ProviderStatus, RouterStatus, status


class HealthSerializer(serializers.Serializer[Health]):
    """A score of 0 to 100, and how many points were taken off for what."""

    score = serializers.IntegerField()
    # A plain attribute of this name would hide the serializer's own.
    points = serializers.SerializerMethodField(help_text="Points off for errors, latency, cache and anomalies.")

    def get_points(self, health: Health) -> dict[str, float]:
        parts = {
            "errors": health.errors,
            "latency": health.latency,
            "cache": health.cache,
            "anomalies": health.anomalies,
        }
        return {name: round(points, 1) for name, points in parts.items()}


class ProviderHealthSerializer(serializers.Serializer[ProviderStatus]):
    """How one provider stands: `off`, `on`, `resting` (no key may be used) or `failing`."""

    name = serializers.CharField()
    state = serializers.CharField()
    score = serializers.IntegerField(source="health.score")


class SiteHealthSerializer(serializers.Serializer[RouterStatus]):
    """How the AI calls of the last minutes went."""

    minutes = serializers.IntegerField()
    health = HealthSerializer()
    providers = ProviderHealthSerializer(many=True)


class SpeedSerializer(serializers.Serializer[Speed]):
    """Percentiles of the answers' durations; null where nobody answered."""

    p50_ms = serializers.IntegerField(allow_null=True)
    p95_ms = serializers.IntegerField(allow_null=True)


class KeySerializer(serializers.Serializer[KeyStatus]):
    """A key, by its last characters."""

    ending = serializers.CharField()
    origin = serializers.CharField(source="source")
    state = serializers.CharField(help_text="`ready`, `tired` or `dead`.")
    reason = serializers.CharField()
    model = serializers.CharField(help_text="The model that it is left alone for; empty: all.")
    seconds_left = serializers.IntegerField()
    in_flight = serializers.IntegerField()


class BreakerSerializer(serializers.Serializer[BreakerStatus]):
    """A model that keeps failing and is left alone."""

    model = serializers.CharField()
    state = serializers.CharField()
    key_ending = serializers.CharField()
    seconds_left = serializers.IntegerField()


class LastErrorSerializer(serializers.Serializer[LastError]):
    """How an attempt failed."""

    at = serializers.DateTimeField()
    model = serializers.CharField()
    error_class = serializers.CharField()


class ProviderStatusSerializer(ProviderHealthSerializer):
    """All that is known of one provider."""

    title = serializers.CharField(source="label")
    is_local = serializers.BooleanField()
    health = HealthSerializer()
    requests = serializers.IntegerField()
    failures = serializers.IntegerField()
    speed = SpeedSerializer()
    in_flight = serializers.IntegerField()
    keys = KeySerializer(many=True)
    breakers = BreakerSerializer(many=True)
    last_errors = LastErrorSerializer(many=True)


class StatusSerializer(serializers.Serializer[RouterStatus]):
    """All that is known of the providers; `attention` says what an operator should look at."""

    minutes = serializers.IntegerField()
    is_from_ledger = serializers.BooleanField(help_text="False: the figures are those of one process.")
    requests = serializers.IntegerField()
    in_flight = serializers.IntegerField()
    attention = serializers.ListField(child=serializers.CharField())
    health = HealthSerializer()
    providers = ProviderStatusSerializer(many=True)


class HealthView(APIView):
    """Tells everybody how well it goes."""

    @extend_schema(
        operation_id="ai_health",
        summary="How well AI calls go just now, from 0 to 100",
        description="Up to 40 points are taken off for errors, 30 for latency, 10 for a cache that stopped helping, 20 for "
        "anomalies.",
        responses={200: SiteHealthSerializer},
        tags=["ai"],
    )
    def get(self, request: Request) -> Response:
        return Response(SiteHealthSerializer(status()).data)


class StatusView(APIView):
    """Tells the operator what goes on."""

    permission_classes = [IsAdminUser]

    @extend_schema(
        operation_id="ai_status",
        summary="How each provider stands: keys, breakers, speed, last errors; for staff",
        responses={200: StatusSerializer, 403: OpenApiResponse(description="You are not staff.")},
        tags=["ai"],
    )
    def get(self, request: Request) -> Response:
        return Response(StatusSerializer(status()).data)
