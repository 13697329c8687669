"""What the usage resources take and return."""

from typing import Any

from rest_framework import serializers

from usage.money import usd_number
from usage.reports import UsageSummary

# Ten years: longer periods are typing errors, or ask for what `total_cost_all_time` says already.
MAX_HOURS = 24 * 366 * 10


class UsageQuerySerializer(serializers.Serializer[Any]):
    """The query of a usage resource."""

    hours = serializers.IntegerField(
        min_value=1, max_value=MAX_HOURS, default=24, help_text="Length of the period, which ends now."
    )


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
