"""REST resources of `cv`: everything the pages can do, for programs."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from cv import services
from cv.api import serializers as forms
from cv.errors import DocumentTooLargeError
from cv.export import Paper, Style
from cv.forms import layout_from, read_upload
from cv.models import CV, ParseRun
from usage.edge import UPLOAD_RATE, count_request

ERROR = OpenApiResponse(forms.ErrorSerializer)
BAD_REQUEST = {400: ERROR, 404: ERROR}
ITEM_ID = OpenApiParameter("item_id", str, OpenApiParameter.PATH)
NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH)


class _FormatIsOurs(DefaultContentNegotiation):
    """Leaves the query's `format` to the view; REST framework would look for a renderer of that name."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


def _owner(request: Request) -> AbstractBaseUser:
    return cast("AbstractBaseUser", request.user)


@extend_schema_view(
    list=extend_schema(summary="List your CVs"),
    retrieve=extend_schema(
        summary="A CV with its résumé and the state of its reading",
        responses={200: forms.CVDetailSerializer, 404: ERROR},
    ),
    destroy=extend_schema(
        summary="Delete a CV with its file and everything read from it", responses={204: None, 404: ERROR}
    ),
)
class CVViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[CV]):
    """CVs of the person whose token it is; anybody else's do not exist."""

    serializer_class = forms.CVSerializer
    queryset = CV.objects.none()
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[CV]:
        return CV.objects.for_user(self.request.user).with_status().select_related("current_version")

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return forms.CVDetailSerializer if self.action == "retrieve" else forms.CVSerializer

    @extend_schema(
        summary="Upload a CV, or import a JSON Resume",
        description="A file (or `text`) as form data is stored and read in the background: 202, and `status_url` tells how far "
        "it is. A JSON Resume as the JSON body needs no reading: 201.",
        request={"multipart/form-data": forms.UploadSerializer, "application/json": OpenApiTypes.OBJECT},
        responses={
            201: forms.CVDetailSerializer, 202: forms.CVDetailSerializer, 400: ERROR, 413: ERROR, 415: ERROR, 422: ERROR,
        },
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Take in a CV."""
        count_request(request, group="uploads", key="user", rate=UPLOAD_RATE)
        if int(request.headers.get("Content-Length") or 0) > settings.MAX_UPLOAD_BYTES + 100_000:
            raise DocumentTooLargeError
        if (request.content_type or "").startswith("application/json"):
            if not isinstance(request.data, dict):
                raise ValidationError("A JSON Resume is a JSON object.")
            cv = services.import_json_resume(owner=_owner(request), data=request.data)
        else:
            cv = self._upload(request)
        return self._taken_in(cv)

    def _upload(self, request: Request) -> CV:
        form = forms.UploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        file = given.get("file")
        return services.upload_cv(
            owner=_owner(request),
            data=read_upload(file) if file else given["text"].encode(),
            file_name=file.name if file else "CV.txt",
            provider=given["provider"],
        )

    def _taken_in(self, cv: CV) -> Response:
        shown = self._shown(cv)
        is_read = cv.current_version is not None
        code = status.HTTP_201_CREATED if is_read else status.HTTP_202_ACCEPTED
        return Response(shown, status=code, headers={"Location": shown["url"] if is_read else shown["status_url"]})

    def _shown(self, cv: CV) -> dict[str, Any]:
        fresh = self.get_queryset().get(pk=cv.pk)
        return dict(forms.CVDetailSerializer(fresh, context=self.get_serializer_context()).data)

    def perform_destroy(self, instance: CV) -> None:
        services.delete_cv(cv=instance)

    @extend_schema(
        summary="Correct or confirm one value",
        request=forms.ChangeSerializer,
        responses={200: forms.CVDetailSerializer, **BAD_REQUEST, 409: ERROR},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Make the next version, with one value changed."""
        cv = self.get_object()
        form = forms.ChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given, written = form.validated_data, form.written()
        address = {"item_id": given["item"], "field": given["field"], "expected_number": given.get("version")}
        if written is None:
            services.confirm_value(cv=cv, **address)
        else:
            services.edit_value(cv=cv, written=written, **address)
        return Response(self._shown(cv))

    @extend_schema(
        methods=["GET"],
        summary="How far the reading of the document is",
        responses={200: forms.ParseRunSerializer, 404: ERROR},
    )
    @extend_schema(
        methods=["POST"],
        summary="Read the document again; corrections are kept",
        request=None,
        responses={202: forms.ParseRunSerializer, 404: ERROR, 409: ERROR},
    )
    @extend_schema(methods=["DELETE"], summary="Stop reading; the upload stays", responses={204: None, 404: ERROR})
    @action(detail=True, methods=["get", "post", "delete"])
    def parse(self, request: Request, pk: str) -> Response:
        """The latest reading of the CV's document."""
        cv = self.get_object()
        if request.method == "DELETE":
            services.cancel_parse(cv=cv)
            return Response(status=status.HTTP_204_NO_CONTENT)
        if request.method == "POST":
            run = services.reparse(cv=cv)
            return Response(forms.ParseRunSerializer(run).data, status=status.HTTP_202_ACCEPTED)
        latest = ParseRun.objects.filter(document__cv=cv).select_related("background_task").first()
        if latest is None:
            raise NotFound("This CV was imported from JSON Resume; there is nothing to read.")
        return Response(forms.ParseRunSerializer(latest).data)

    @extend_schema(
        summary="Add an empty item to a collection",
        request=forms.NewItemSerializer,
        responses={201: forms.AddedItemSerializer, **BAD_REQUEST, 409: ERROR},
    )
    @action(detail=True, methods=["post"], url_path="items")
    def items(self, request: Request, pk: str) -> Response:
        """Make the next version, with one more item."""
        cv = self.get_object()
        form = forms.NewItemSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        version, item_id = services.add_item(
            cv=cv, collection=given["collection"], parent_id=given["parent_id"], expected_number=given.get("version")
        )
        return Response({"id": item_id, "version": version.number}, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Remove an item and what stands under it",
        parameters=[ITEM_ID],
        responses={204: None, 404: ERROR, 409: ERROR},
    )
    @action(detail=True, methods=["delete"], url_path=r"items/(?P<item_id>[A-Za-z0-9_-]+)")
    def item(self, request: Request, pk: str, item_id: str) -> Response:
        """Make the next version, with one item less."""
        services.remove_item(cv=self.get_object(), item_id=item_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(summary="Confirm every value as it stands", request=None, responses={200: forms.CVDetailSerializer, 404: ERROR, 409: ERROR})  # fmt: skip
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Make the next version, with every value confirmed."""
        cv = self.get_object()
        services.confirm_all(cv=cv)
        return Response(self._shown(cv))

    @extend_schema(
        summary="Every version, the latest first", responses={200: forms.VersionSerializer(many=True), 404: ERROR}
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """The versions of a CV, without their content."""
        return Response(forms.VersionSerializer(self.get_object().versions.defer("data"), many=True).data)

    @extend_schema(
        summary="Make an earlier version current again, as a new one",
        parameters=[NUMBER],
        request=None,
        responses={200: forms.CVDetailSerializer, 404: ERROR},
    )
    @action(detail=True, methods=["post"], url_path=r"versions/(?P<number>\d{1,9})/restore")
    def restore(self, request: Request, pk: str, number: str) -> Response:
        """Go back; nothing in between is lost."""
        cv = self.get_object()
        services.restore_version(cv=cv, number=int(number))
        return Response(self._shown(cv))

    @extend_schema(
        summary="Download the résumé as a file",
        parameters=[
            OpenApiParameter("format", str, enum=list(services.EXPORT_FORMATS), default="json"),
            OpenApiParameter("version", int, description="Its number; the current one without."),
            OpenApiParameter("style", str, enum=[style.value for style in Style], description="The look of the PDF."),
            OpenApiParameter(
                "paper", str, enum=[paper.value for paper in Paper], description="The sheet of PDF and Word."
            ),
            OpenApiParameter(
                "pages", int, description="Pages that the PDF may take, by smaller type; 0 for any number."
            ),
            OpenApiParameter(
                "order",
                str,
                many=True,
                description="Sections, first to last; with `show`, others of them are left out.",
            ),
            OpenApiParameter("show", str, many=True, description="Those of `order` that are shown."),
            OpenApiParameter("drop", bool, description="Leave out characters that no font here has."),
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 400: ERROR, 404: ERROR, 409: ERROR},
    )
    @action(detail=True, methods=["get"], content_negotiation_class=_FormatIsOurs)
    def export(self, request: Request, pk: str) -> HttpResponse:
        """A version as a file of one of the formats; a layout's unknown values are passed over."""
        cv = self.get_object()
        name = request.query_params.get("format", "json")
        if name not in services.EXPORT_FORMATS:
            raise ValidationError({"format": [f"Choose one of {', '.join(services.EXPORT_FORMATS)}."]})
        number = request.query_params.get("version", "")
        if number and not (number.isdecimal() and len(number) < 10):
            raise ValidationError({"version": ["A version is a number."]})
        version = get_object_or_404(cv.versions, number=number) if number else services.current_version(cv)
        layout = layout_from(request.query_params)
        file = services.export_resume(version.resume, format_name=name, layout=layout)
        headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
        return HttpResponse(file.data, content_type=file.media_type, headers=headers)
