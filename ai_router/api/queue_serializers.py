"""What the resources of queued requests take and return."""

import re
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, QuerySet, Subquery
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from ai_router.api.bodies import texts_in
from ai_router.api.serializers import AnswerSerializer, SpeechSerializer
from ai_router.models import BatchItem, BatchState, QueuedRequest, WebhookDelivery
from ai_router.scheduling import DEFAULT_PRIORITY
from usage.public_post import MAX_URL, ForbiddenAddressError, check_url

WINDOW = re.compile(r"(?P<number>\d{1,6})(?P<unit>[mhd])")
SECONDS = {"m": 60, "h": 3_600, "d": 86_400}
MIN_WINDOW_SECONDS, MAX_WINDOW_SECONDS = 3_600, 7 * 86_400


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
    completion_window = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        source="window_seconds",
        help_text="How long the answer may take, such as `24h`, from `1h` to `7d`: it may then come through a provider's batch, "
        "for less. Left out, as soon as possible.",
    )
    webhook_url = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=MAX_URL,
        help_text="Told when the request has ended, in a signed message. Needs a secret from `ai/webhook-secret/`.",
    )

    def validate_completion_window(self, said: str) -> int | None:
        """Read a duration, in seconds; None where nothing is said."""
        if not said:
            return None
        found = WINDOW.fullmatch(said.strip())
        seconds = int(found["number"]) * SECONDS[found["unit"]] if found else 0
        if not MIN_WINDOW_SECONDS <= seconds <= MAX_WINDOW_SECONDS:
            raise serializers.ValidationError("Give a time from 1h to 7d, such as 24h.")
        return seconds

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


class BatchSerializer(serializers.Serializer[Any]):
    """The batch that a request is, or was, in."""

    state = serializers.ChoiceField(choices=BatchState.choices)
    provider = serializers.CharField()
    model = serializers.CharField()
    requests = serializers.IntegerField(help_text="How many of your requests are in it.")
    position = serializers.IntegerField(help_text="Which of those this is, from 1.")
    sent_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    provider_batch_id = serializers.CharField(required=False, help_text="Its id at the provider; for staff.")
    provider_finished = serializers.IntegerField(required=False, help_text="Done, says the provider; for staff.")
    size = serializers.IntegerField(required=False, help_text="How many requests are in it altogether; for staff.")


STAFF_FIELDS = ("provider_batch_id", "provider_finished", "size")


# What `with_places` says of a request.
PLACE = ("requests_in_batch", "place_in_batch")


def with_places(requests: QuerySet[QueuedRequest]) -> QuerySet[QueuedRequest]:
    """Say of each request how many of its owner's are in its batch, and which of those it is."""
    own = BatchItem.objects.filter(batch=OuterRef("batch_item__batch"), request__owner=OuterRef("owner")).order_by()
    before = own.filter(pk__lte=OuterRef("batch_item__pk"))
    found: dict[str, Any] = {
        name: Subquery(rows.values("batch").annotate(number=Count("pk")).values("number"))
        for name, rows in zip(PLACE, (own, before), strict=True)
    }
    return requests.annotate(**found)


class QueuedRequestSerializer(serializers.ModelSerializer[QueuedRequest]):
    """A queued request. `answer` is null until it is done; `error` is null unless something went wrong, also for now.

    One that may wait is `batched` while it is in a batch; `complete_by` is when it is answered at the latest.
    """

    batch = serializers.SerializerMethodField()
    answer = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    status_url = serializers.SerializerMethodField()

    class Meta:
        model = QueuedRequest
        fields = [
            "id", "status", "priority", "scheduled_at", "complete_by", "webhook_url", "batch", "answer", "error", "created_at",
            "finished_at", "status_url",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(BatchSerializer(allow_null=True))
    def get_batch(self, request: QueuedRequest) -> dict[str, Any] | None:
        item: BatchItem | None = getattr(request, "batch_item", None)
        if item is None:
            return None
        batch = item.batch
        shown = {name: getattr(batch, name) for name in ("state", "provider", "model", "sent_at", "ended_at")}
        if not hasattr(request, PLACE[0]):
            request = with_places(QueuedRequest.objects.filter(pk=request.pk)).get()
        shown |= dict(zip(("requests", "position"), (getattr(request, name) for name in PLACE), strict=True))
        # How much others wait for is not told.
        asker = getattr(self.context.get("request"), "user", None)
        if getattr(asker, "is_staff", False):
            shown |= {name: getattr(batch, name) for name in STAFF_FIELDS}
        return dict(BatchSerializer(shown).data)

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
