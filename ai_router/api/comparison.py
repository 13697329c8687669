"""REST resource `ai/models/compare/`: models side by side, for dashboards."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ai_router.comparison import MAX_HOURS, ModelFigures, compare_models
from ai_router.intervals import FEWEST, Measured
from ai_router.types import TaskType
from usage.money import usd_number

DEFAULT_HOURS = 24 * 7


class CompareQuerySerializer(serializers.Serializer[Any]):
    """The query."""

    task = serializers.ChoiceField(choices=TaskType.choices, required=False, help_text="Only this task.")
    hours = serializers.IntegerField(
        min_value=1, max_value=MAX_HOURS, default=DEFAULT_HOURS, help_text="Length of the period, which ends now."
    )


class MeasuredSerializer(serializers.Serializer[Measured]):
    """A figure, of how many answers it is, and the bounds that hold the true one 95 times of 100; null where nobody can say."""

    count = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    is_too_few = serializers.BooleanField(help_text=f"Fewer than {FEWEST}: nothing can be concluded.")


class ModelFiguresSerializer(serializers.Serializer[ModelFigures]):
    """What one model did for one task."""

    task = serializers.CharField()
    provider = serializers.CharField()
    model = serializers.CharField()
    answers = serializers.IntegerField(help_text="One a call, its repair included.")
    failures = serializers.IntegerField(help_text="Calls in which it was asked and had no answer.")
    unpriced = serializers.IntegerField(help_text="Calls whose price is unknown; they are not in the cost.")
    cost_usd = serializers.SerializerMethodField(help_text="All that was paid to it.")
    passed = MeasuredSerializer(help_text="Share of the answers that passed the task's verifier.")
    accepted = MeasuredSerializer(help_text="Share of the answers that people took, of those they decided on.")
    usd_per_answer = MeasuredSerializer(source="usd")
    p50_ms = MeasuredSerializer()
    p95_ms = MeasuredSerializer()

    def get_cost_usd(self, figures: ModelFigures) -> float:
        return usd_number(figures.cost_nanousd)


class ComparisonSerializer(serializers.Serializer[Any]):
    """Models side by side, by task, the busiest first."""

    period_hours = serializers.IntegerField()
    models = ModelFiguresSerializer(many=True)


class CompareView(APIView):
    """Compares models."""

    @extend_schema(
        operation_id="ai_models_compare",
        summary="Cost, time, pass rate and acceptance of each model, by task",
        description="Your own calls; for staff everybody's, shadow traffic included.",
        parameters=[CompareQuerySerializer],
        responses={
            200: ComparisonSerializer,
            400: OpenApiResponse(description="`task` or `hours` is not one of the allowed."),
        },
        tags=["ai"],
    )
    def get(self, request: Request) -> Response:
        query = CompareQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        found = compare_models(
            hours=asked["hours"],
            task=asked.get("task", ""),
            user_id=None if request.user.is_staff else request.user.pk,
        )
        return Response(ComparisonSerializer({"period_hours": asked["hours"], "models": found}).data)
