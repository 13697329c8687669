"""What the resources under `ai/` take and return."""

from typing import Any

from rest_framework import serializers

from ai_router.embeddings import MOST_TEXTS, EmbeddingResult
from ai_router.providers import PROVIDERS
from ai_router.routing import AUTO
from ai_router.types import WRITING_TASKS, Quote, TaskType
from usage.money import usd_text

ASKED_PROVIDERS = [AUTO, *PROVIDERS]
MAX_MESSAGES = 500
MAX_OUTPUT_TOKENS = 10_000_000
MAX_DIMENSIONS = 20_000


class PlainTextField(serializers.CharField):
    """A text as it is written, blanks at its ends included."""

    def __init__(self, **kwargs: Any) -> None:
        """Keep the blanks."""
        super().__init__(trim_whitespace=False, **kwargs)


class MessageSerializer(serializers.Serializer[Any]):
    """One message of a conversation."""

    role = serializers.ChoiceField(choices=["system", "user", "assistant"])
    content = PlainTextField()


class SpeechSerializer(serializers.Serializer[Any]):
    """What is asked, and of whom."""

    task_type = serializers.ChoiceField(
        choices=[(task.value, task.label) for task in WRITING_TASKS],
        default=TaskType.CHAT.value,
        help_text="Decides the route, and counts in the ledger.",
    )
    prompt = PlainTextField(required=False, help_text="A single message; give this or `messages`.")
    system = PlainTextField(required=False, help_text="What the model is told before `prompt`.")
    messages = serializers.ListField(
        child=MessageSerializer(), required=False, allow_empty=False, max_length=MAX_MESSAGES
    )
    provider = serializers.ChoiceField(
        choices=ASKED_PROVIDERS, default=AUTO, help_text="`auto` follows the route; a name asks that provider alone."
    )
    model = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="Empty for the route's, or the provider's own.",
    )
    optimize_cost = serializers.BooleanField(default=False, help_text="Ask the cheapest for this request first.")
    max_output_tokens = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_OUTPUT_TOKENS, help_text="Bound of the answer, thinking included."
    )
    temperature = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=2)
    answer_schema = serializers.DictField(required=False, help_text="A JSON schema that the answer must fit.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one of prompt and messages."""
        if ("prompt" in attrs) == ("messages" in attrs):
            raise serializers.ValidationError({"prompt": ["Give either a prompt or messages."]})
        if "system" in attrs and "messages" in attrs:
            raise serializers.ValidationError({"system": ["Put it among the messages."]})
        return attrs


class AnswerUsageSerializer(serializers.Serializer[Any]):
    """Tokens, each counted once."""

    input_tokens = serializers.IntegerField()
    cached_input_tokens = serializers.IntegerField()
    cache_write_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    reasoning_tokens = serializers.IntegerField()


class AnswerSerializer(serializers.Serializer[Any]):
    """An answer. Money is an exact decimal number in a string, null where a price is unknown."""

    text = serializers.CharField()
    call_id = serializers.UUIDField(help_text="The line of the ledger.")
    provider = serializers.CharField()
    model = serializers.CharField()
    finish_reason = serializers.CharField()
    is_complete = serializers.BooleanField(help_text="False for a text that was cut.")
    is_cached = serializers.BooleanField()
    usage = AnswerUsageSerializer()
    cost_usd = serializers.CharField(allow_null=True)
    cost_nanousd = serializers.IntegerField(allow_null=True)


class QuoteSerializer(serializers.Serializer[Quote]):
    """What one candidate is expected to cost: on average, eight times of ten, and at most; null where its price is unknown."""

    provider = serializers.CharField(source="candidate.provider")
    model = serializers.CharField(source="candidate.model")
    expected_usd = serializers.SerializerMethodField()
    low_usd = serializers.SerializerMethodField()
    high_usd = serializers.SerializerMethodField()
    most_usd = serializers.SerializerMethodField()
    expected_nanousd = serializers.IntegerField(allow_null=True)
    low_nanousd = serializers.IntegerField(allow_null=True)
    high_nanousd = serializers.IntegerField(allow_null=True)
    most_nanousd = serializers.IntegerField(allow_null=True)

    def get_expected_usd(self, quote: Quote) -> str | None:
        return usd_text(quote.expected_nanousd)

    def get_low_usd(self, quote: Quote) -> str | None:
        return usd_text(quote.low_nanousd)

    def get_high_usd(self, quote: Quote) -> str | None:
        return usd_text(quote.high_nanousd)

    def get_most_usd(self, quote: Quote) -> str | None:
        return usd_text(quote.most_nanousd)


class EstimateSerializer(serializers.Serializer[Any]):
    """Quotes in the order in which the candidates would be asked."""

    candidates = QuoteSerializer(many=True)


class TextsSerializer(serializers.Serializer[Any]):
    """Texts to be turned into vectors."""

    texts = serializers.ListField(
        child=PlainTextField(), allow_empty=False, max_length=MOST_TEXTS, help_text="None may be empty."
    )
    model = serializers.CharField(
        default=AUTO, max_length=200, help_text="`auto`, `embedded`, `<provider>/<model>` or a model's name."
    )
    dimensions = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MAX_DIMENSIONS
    )


class VectorsSerializer(serializers.Serializer[EmbeddingResult]):
    """One vector for each text, in the same order, all from one model."""

    vectors = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    provider = serializers.CharField()
    model = serializers.CharField()
    dimensions = serializers.IntegerField()
    call_id = serializers.UUIDField(help_text="The line of the ledger.")
    cached = serializers.IntegerField(help_text="How many of the texts were not asked for again.")
    input_tokens = serializers.IntegerField(source="usage.total_input_tokens")
    cost_usd = serializers.SerializerMethodField()
    cost_nanousd = serializers.IntegerField(allow_null=True)

    def get_cost_usd(self, result: EmbeddingResult) -> str | None:
        return usd_text(result.cost_nanousd)
