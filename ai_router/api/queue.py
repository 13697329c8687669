"""REST resources of queued requests: `ai/requests/` and the secret that messages about them are signed with."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from ai_router.api import queue_serializers as forms
from ai_router.freezes import token_of
from ai_router.models import QueuedRequest
from ai_router.requests import accept_request, cancel_request, forget_request
from ai_router.webhooks import make_secret

KEY_HEADER = "Idempotency-Key"
MAX_KEY = 255
IDEMPOTENCY_KEY = OpenApiParameter(
    KEY_HEADER, str, OpenApiParameter.HEADER, description="The same key and body again is the same request."
)
# What belongs to the queue, not to the prompt.
APART = ("priority", "scheduled_at", "webhook_url", "window_seconds")


@extend_schema_view(
    list=extend_schema(operation_id="ai_requests_list", summary="List your requests", tags=["ai"]),
    retrieve=extend_schema(operation_id="ai_requests_retrieve", summary="A request with its answer", tags=["ai"]),
)
class RequestViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[QueuedRequest]):
    """Requests of the person whose token it is; anybody else's do not exist."""

    queryset = QueuedRequest.objects.none()
    serializer_class = forms.QueuedRequestSerializer
    filterset_fields = ["status", "priority"]
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[QueuedRequest]:
        own = QueuedRequest.objects.for_user(self.request.user)
        return forms.with_places(own).select_related("background_task", "batch_item__batch")

    @extend_schema(
        operation_id="ai_requests_create",
        summary="Have a prompt answered in the background",
        description="Ask at `status_url` until `status` is `done`, `failed` or `cancelled`, or name a `webhook_url`. Your own "
        "requests are taken by priority, users take turns. Where providers are down the request waits for another attempt. One with a "
        "`completion_window` may go through a provider's batch (`status` is `batched` then), for less.",
        parameters=[IDEMPOTENCY_KEY],
        request=forms.NewRequestSerializer,
        responses={
            202: forms.QueuedRequestSerializer,
            409: OpenApiResponse(description="The key was used for another request, or there is no webhook secret."),
            429: OpenApiResponse(description="Too many of your requests wait."),
        },
        tags=["ai"],
    )
    def create(self, request: Request) -> Response:
        form = forms.NewRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        key = request.headers.get(KEY_HEADER, "")
        if len(key) > MAX_KEY or not key.isprintable():
            raise ValidationError({KEY_HEADER: [f"At most {MAX_KEY} printable characters."]})
        given = dict(form.validated_data)
        apart = {name: given.pop(name) for name in APART}
        row, is_new = accept_request(
            owner_id=_owner_id(request), token_id=token_of(request.user), body=given, idempotency_key=key, **apart
        )
        shown = self.get_serializer(row).data
        headers = {"Location": shown["status_url"], **({} if is_new else {"Idempotent-Replayed": "true"})}
        return Response(shown, status=status.HTTP_202_ACCEPTED, headers=headers)

    @extend_schema(
        operation_id="ai_requests_destroy",
        summary="Stop a request, and forget it and its answer",
        responses={204: None},
        tags=["ai"],
    )
    def destroy(self, request: Request, pk: str) -> Response:
        forget_request(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="ai_requests_cancel",
        summary="Stop a request",
        description="One that waits is stopped at once, one that runs within about a second; one that has ended stays as it is.",
        request=None,
        responses={200: forms.QueuedRequestSerializer},
        tags=["ai"],
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        cancel_request(self.get_object())
        return self.retrieve(request, pk=pk)

    @extend_schema(
        operation_id="ai_requests_deliveries",
        summary="The messages about a request, and each attempt to deliver them",
        responses={200: forms.DeliverySerializer(many=True)},
        tags=["ai"],
    )
    @action(detail=True, methods=["get"], filterset_fields=[], pagination_class=None)
    def deliveries(self, request: Request, pk: str) -> Response:
        return Response(forms.DeliverySerializer(self.get_object().deliveries.all(), many=True).data)


class WebhookSecretView(APIView):
    """The secret of one's own messages."""

    @extend_schema(
        operation_id="ai_webhook_secret",
        summary="Make a secret for your webhooks",
        description="It takes the place of any former one, and is shown this once. Messages carry `webhook-id`, "
        "`webhook-timestamp` and `webhook-signature` as Standard Webhooks 1.0 says.",
        request=None,
        responses={201: forms.SecretSerializer},
        tags=["ai"],
    )
    def post(self, request: Request) -> Response:
        secret: dict[str, Any] = {"secret": make_secret(owner_id=_owner_id(request))}
        return Response(secret, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


def _owner_id(request: Request) -> int:
    """Return whose token it is; nobody else comes this far."""
    return int(request.user.pk or 0)
