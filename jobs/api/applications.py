"""REST resource `applications/`: stages, notes, reminders, and documents as they were sent."""

from datetime import date
from typing import Any, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from jobs.api.writing import AnyAccept
from jobs.forms import KeepForm
from jobs.models import Application, Posting, SentDocument, Stage, StageEntry
from jobs.services import applications


class StageEntrySerializer(serializers.ModelSerializer[StageEntry]):
    """The day on which a stage was reached."""

    class Meta:
        model = StageEntry
        fields = ["stage", "on"]


class SentDocumentSerializer(serializers.ModelSerializer[SentDocument]):
    """A document as it was sent; `url` gives its bytes, whose hash is `sha256`."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = SentDocument
        fields = ["id", "kind", "name", "media_type", "sha256", "kept_at", "url"]

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, row: SentDocument) -> str:
        where = [row.application_id, row.pk]
        return reverse("application-document", args=where, request=self.context.get("request"))


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    """An application with its history and documents."""

    job = serializers.PrimaryKeyRelatedField[Posting](source="posting", read_only=True)
    title = serializers.CharField(source="posting.title", read_only=True)
    employer = serializers.CharField(source="posting.employer", read_only=True)
    history = StageEntrySerializer(many=True, read_only=True)
    documents = SentDocumentSerializer(many=True, read_only=True)

    class Meta:
        model = Application
        fields = [
            "id", "job", "title", "employer", "stage", "history", "notes", "remind_on", "reminder", "documents", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["stage"]


class NewApplicationSerializer(serializers.Serializer[Any]):
    """Which job; it must be one's own."""

    job = serializers.PrimaryKeyRelatedField(queryset=Posting.objects.none())

    def get_fields(self) -> dict[str, Any]:
        """Offer only what the person owns."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and request.user.is_authenticated:
            fields["job"] = serializers.PrimaryKeyRelatedField(queryset=Posting.objects.for_user(request.user))
        return fields


class MoveSerializer(serializers.Serializer[Any]):
    """A stage, and the day on which it was reached: today where left out."""

    stage = serializers.ChoiceField(choices=Stage.choices)
    on = serializers.DateField(required=False)

    def validate_on(self, on: date) -> date:
        """A stage is not reached before its day."""
        if on > timezone.localdate():
            raise serializers.ValidationError("This day is still to come.")
        return on


class KeepSerializer(serializers.Serializer[Any]):
    """What to keep, by its id; each must be finished and for the application's job."""

    tailored_cv = serializers.IntegerField(required=False)
    cover_letter = serializers.IntegerField(required=False)
    email = serializers.IntegerField(required=False)


class StatisticsSerializer(serializers.Serializer[Any]):
    """What came of all applications; shares are of those that were sent, null where none was."""

    by_stage = serializers.DictField(child=serializers.IntegerField())
    sent = serializers.IntegerField()
    answered = serializers.IntegerField()
    invited = serializers.IntegerField()
    offers = serializers.IntegerField()
    answered_share = serializers.FloatField(allow_null=True)
    invited_share = serializers.FloatField(allow_null=True)
    days_to_answer = serializers.FloatField(allow_null=True)
    due = serializers.IntegerField()


class ApplicationViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet[Application],
):
    """Applications: one for each job that is on the board."""

    queryset = Application.objects.all()
    serializer_class = ApplicationSerializer
    filterset_fields = ["posting", "stage", "remind_on"]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Application]:
        rows = Application.objects.for_user(self.request.user).select_related("posting")
        documents = SentDocument.objects.defer("data")
        return rows.prefetch_related("history", Prefetch("documents", documents))

    @extend_schema(
        summary="Put a job on the board",
        request=NewApplicationSerializer,
        responses={201: ApplicationSerializer},
    )
    def create(self, request: Request) -> Response:
        """Answer with the job's application; one that is there already stays as it is."""
        form = NewApplicationSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        row = applications.track(owner=_user(request), posting=form.validated_data["job"])
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Move to a stage", request=MoveSerializer, responses={200: ApplicationSerializer})
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        form = MoveSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        applications.move(application=row, stage=Stage(form.validated_data["stage"]), on=form.validated_data.get("on"))
        return self.retrieve(request, pk=pk)

    @extend_schema(
        summary="Keep documents as they were sent",
        request=KeepSerializer,
        responses={
            201: SentDocumentSerializer(many=True),
            409: OpenApiResponse(description="One of them is not finished."),
            422: OpenApiResponse(description="No document is named, or a sentence is not supported by the CV."),
        },
    )
    @action(detail=True, methods=["post"], filterset_fields=[], pagination_class=None)
    def documents(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        given = KeepSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        names = {"tailored": "tailored_cv", "letter": "cover_letter", "email": "email"}
        form = KeepForm({key: given.validated_data.get(name) for key, name in names.items()}, application=row)
        if not form.is_valid():
            raise serializers.ValidationError(
                {names[key]: [str(message) for message in found] for key, found in form.errors.items()}
            )
        kept = applications.keep_documents(application=row, **form.cleaned_data)
        data = SentDocumentSerializer(kept, many=True, context={"request": request}).data
        return Response(data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="A document as it was sent",
        responses={200: OpenApiResponse(OpenApiTypes.BINARY, description="The file.")},
    )
    @action(
        detail=True,
        methods=["get"],
        url_path=r"documents/(?P<document_pk>\d+)",
        url_name="document",
        content_negotiation_class=AnyAccept,
    )
    def document(self, request: Request, pk: str, document_pk: str) -> HttpResponse:
        found = get_object_or_404(SentDocument, application=self.get_object(), pk=document_pk)
        return HttpResponse(
            bytes(found.data),
            content_type=found.media_type,
            headers={"Content-Disposition": f'attachment; filename="{found.name}"'},
        )

    @extend_schema(summary="What came of them", request=None, responses={200: StatisticsSerializer})
    @action(detail=False, methods=["get"], filterset_fields=[], pagination_class=None)
    def statistics(self, request: Request) -> Response:
        return Response(StatisticsSerializer(applications.statistics(_user(request))).data)


def _user(request: Request) -> AbstractBaseUser:
    return cast("AbstractBaseUser", request.user)
