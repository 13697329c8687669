"""What the usage resources return."""

from typing import Any

from rest_framework import serializers

from usage.money import usd_number
from usage.reports import UsageSummary


class UsageSerializer(serializers.Serializer[UsageSummary]):
    """The figures of a period. Money is a number of dollars, exact to the nano-dollar below one million."""

    period_hours = serializers.IntegerField()
    total_requests = serializers.IntegerField(help_text="Calls, running ones too; requests sent, for one provider.")
    successful_requests = serializers.IntegerField()
    failed_requests = serializers.IntegerField(help_text="Failed, incomplete, cancelled or written off.")
    total_input_tokens = serializers.IntegerField(help_text="Cached ones included.")
    total_output_tokens = serializers.IntegerField(help_text="Reasoning included.")
    total_tokens = serializers.IntegerField()
    cost_usd = serializers.SerializerMethodField()
    cost_by_provider = serializers.SerializerMethodField()
    cost_by_task = serializers.SerializerMethodField()
    total_cost_all_time = serializers.SerializerMethodField()

    def get_cost_usd(self, summary: UsageSummary) -> float:
        return usd_number(summary.cost_nanousd)

    def get_cost_by_provider(self, summary: UsageSummary) -> dict[str, float]:
        return {name: usd_number(cost) for name, cost in summary.cost_by_provider.items()}

    def get_cost_by_task(self, summary: UsageSummary) -> dict[str, float]:
        return {name: usd_number(cost) for name, cost in summary.cost_by_task.items()}

    def get_total_cost_all_time(self, summary: UsageSummary) -> float:
        return usd_number(summary.all_time_cost_nanousd)


class ReportRowSerializer(serializers.Serializer[Any]):
    """A row of a report. Money is dollars as an exact decimal in a text; a rate is a share from 0 to 1, null without calls."""

    start = serializers.DateTimeField(
        required=False, help_text="Beginning of the hour or day, in UTC; only with `step`."
    )
    calls = serializers.IntegerField(help_text="Calls that have ended.")
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    errors_by_class = serializers.DictField(
        child=serializers.IntegerField(), help_text="Failed calls by class of error."
    )
    requests = serializers.IntegerField(help_text="Requests that were sent, one an attempt.")
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cost_usd = serializers.CharField()
    unpriced_calls = serializers.IntegerField()
    cost_per_document_usd = serializers.CharField(allow_null=True, help_text="Cost of one whole answer.")
    cache_hits = serializers.IntegerField()
    cache_hit_rate = serializers.FloatField(allow_null=True)
    saved_usd = serializers.CharField(help_text="What the answers of the cache cost when they were first given.")
    p50_ms = serializers.IntegerField(
        allow_null=True, help_text="Latency, within 19 %; without calls that a cache answered."
    )
    p95_ms = serializers.IntegerField(allow_null=True)
    p99_ms = serializers.IntegerField(allow_null=True)


class ForecastSerializer(serializers.Serializer[Any]):
    """What the month will cost in the end; between low and high four times in five."""

    month = serializers.CharField()
    spent_usd = serializers.CharField()
    expected_usd = serializers.CharField()
    low_usd = serializers.CharField()
    high_usd = serializers.CharField()


class ReportSerializer(serializers.Serializer[Any]):
    """A report; each row has a key more for each name of `by`."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    rows = ReportRowSerializer(many=True)
    forecast = ForecastSerializer(allow_null=True)


class OwnCallSerializer(serializers.Serializer[Any]):
    """One of one's own calls."""

    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    task = serializers.CharField()
    status = serializers.CharField()
    provider = serializers.CharField(help_text="Who answered; empty where nobody did.")
    model = serializers.CharField()
    sent_to = serializers.CharField(
        help_text="Everybody who got the text, with spaces between; empty where nothing left."
    )
    also_sent_to = serializers.CharField(help_text="Whom the site sent it to as well, to compare models.")
    is_cached = serializers.BooleanField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cost_usd = serializers.CharField(allow_null=True, help_text="Exact dollars; null where a price is unknown.")
    latency_ms = serializers.IntegerField(allow_null=True)
    error_class = serializers.CharField()


class OwnCallsSerializer(serializers.Serializer[Any]):
    """One's own calls of a period."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    calls = OwnCallSerializer(many=True)
