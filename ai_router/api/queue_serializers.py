"""What the resources of queued requests take and return."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from ai_router.api.bodies import texts_in
from ai_router.api.serializers import AnswerSerializer, SpeechSerializer
from ai_router.models import QueuedRequest, WebhookDelivery
from ai_router.scheduling import DEFAULT_PRIORITY
from usage.public_post import MAX_URL, ForbiddenAddressError, check_url


class NewRequestSerializer(SpeechSerializer):
    """A prompt to be answered in the background."""

    priority = serializers.IntegerField(
        min_value=0, max_value=9, default=DEFAULT_PRIORITY, help_text="9 is the most urgent of your own."
    )
    scheduled_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Not before this moment; left out, as soon as possible.",
    )
    webhook_url = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=MAX_URL,
        help_text="Told when the request has ended, in a signed message. Needs a secret from `ai/webhook-secret/`.",
    )

    def validate_webhook_url(self, url: str) -> str:
        """Refuse addresses that can be seen to be no public ones; the others are checked when they are connected to."""
        try:
            return url and check_url(url, allow_private=settings.WEBHOOK_ALLOW_PRIVATE).geturl()
        except ForbiddenAddressError as error:
            raise serializers.ValidationError(str(error)) from error

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what the database cannot hold, beside what a prompt must not be."""
        checked = super().validate(attrs)
        if not all(map(_can_be_kept, texts_in(checked))):
            raise serializers.ValidationError("A text holds signs that cannot be kept: NUL, or half of a character.")
        return checked


def _can_be_kept(text: str) -> bool:
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


class RequestErrorSerializer(serializers.Serializer[QueuedRequest]):
    """Why there is no answer."""

    code = serializers.CharField(source="error_code")
    message = serializers.CharField(source="error_message")


class QueuedRequestSerializer(serializers.ModelSerializer[QueuedRequest]):
    """A queued request. `answer` is null until it is done; `error` is null unless something went wrong, also for now."""

    answer = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    status_url = serializers.SerializerMethodField()

    class Meta:
        model = QueuedRequest
        fields = [
            "id", "status", "priority", "scheduled_at", "webhook_url", "answer", "error", "created_at", "finished_at",
            "status_url",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(AnswerSerializer(allow_null=True))
    def get_answer(self, request: QueuedRequest) -> Any:
        return request.answer

    @extend_schema_field(RequestErrorSerializer(allow_null=True))
    def get_error(self, request: QueuedRequest) -> dict[str, Any] | None:
        return dict(RequestErrorSerializer(request).data) if request.error_code else None

    def get_status_url(self, request: QueuedRequest) -> str:
        return reverse("ai-request-detail", kwargs={"pk": request.pk}, request=self.context.get("request"))


class DeliveryAttemptSerializer(serializers.Serializer[Any]):
    """One attempt to deliver a message."""

    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True, help_text="The HTTP status; null where nobody answered.")
    error = serializers.CharField()
    milliseconds = serializers.IntegerField()


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """One message, and each attempt to deliver it."""

    log = DeliveryAttemptSerializer(many=True)

    class Meta:
        model = WebhookDelivery
        fields = ["id", "status", "log", "created_at", "finished_at"]
        read_only_fields = fields


class SecretSerializer(serializers.Serializer[Any]):
    """A secret, shown this once: `whsec_` and the key in base64."""

    secret = serializers.CharField()
