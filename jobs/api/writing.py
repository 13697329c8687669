"""REST resources: `tailored-cvs/`, `cover-letters/`, `emails/`. Creation answers 202 with the address to ask at."""

from collections.abc import Collection
from typing import Any, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from cv.services import EXPORT_FORMATS, ExportedFile
from jobs.api import writing_serializers as forms
from jobs.letters import RevisionWish
from jobs.models import CoverLetter, Decision, Email, EmailKind, TailoredCV
from jobs.services import emails, fitting, letters, tailoring
from jobs.streaming import event_response, first_position

FORMAT = OpenApiParameter("format", OpenApiTypes.STR, OpenApiParameter.QUERY, description="`pdf` where left out.")
ACCEPTED = status.HTTP_202_ACCEPTED
NOT_READY = OpenApiResponse(description="The CV has not been read, or this is not finished.")
UNSUPPORTED = OpenApiResponse(description="A sentence is not supported by the CV; the message says which.")
NO_SUCH_LANGUAGE = OpenApiResponse(description="Nobody here writes the language; nothing is made.")
FILE = OpenApiResponse(OpenApiTypes.BINARY, description="The file.")


class AnyAccept(DefaultContentNegotiation):
    """Sends files and streams whatever the client accepts; the query's `format` is the view's."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        """Return the first renderer, which only errors use."""
        return renderers[0], renderers[0].media_type


def _user(request: Request) -> AbstractBaseUser:
    return cast("AbstractBaseUser", request.user)


def _accepted(form: BaseSerializer[Any]) -> Response:
    data = form.data
    return Response(data, status=ACCEPTED, headers={"Location": data["status_url"]})


def _format(request: Request, offered: Collection[str]) -> str:
    name = request.query_params.get("format", "pdf")
    if name not in offered:
        raise ValidationError({"format": [f"Choose one of {', '.join(offered)}."]})
    return name


def _download(file: ExportedFile) -> HttpResponse:
    return HttpResponse(
        file.data,
        content_type=file.media_type,
        headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
    )


class TailoredCVViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[TailoredCV]
):
    """CVs tailored to postings: proposed changes, to be accepted or rejected one by one."""

    queryset = TailoredCV.objects.all()
    filterset_fields = ["posting", "status"]

    def get_queryset(self) -> QuerySet[TailoredCV]:
        rows = TailoredCV.objects.for_user(self.request.user)
        return rows.select_related("resume_version__cv", "posting", "background_task").prefetch_related("changes")

    def get_serializer_class(self) -> type[forms.TailoredCVSerializer]:
        return forms.TailoredCVSerializer if self.action == "list" else forms.TailoredCVDetailSerializer

    @extend_schema(
        summary="Tailor a CV to a job",
        request=forms.PairSerializer,
        responses={202: forms.TailoredCVDetailSerializer, 409: NOT_READY},
    )
    def create(self, request: Request) -> Response:
        """Start; ask at `status_url` until `status` is `done`."""
        form = forms.PairSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        values = form.validated_data
        row = tailoring.start_tailoring(
            owner=_user(request), cv=values["cv"], posting=values["job"], provider=values["provider"]
        )
        return _accepted(forms.TailoredCVDetailSerializer(row, context={"request": request}))

    @extend_schema(
        summary="Decide all changes that are not decided yet",
        methods=["POST"],
        request=forms.DecisionsSerializer,
        responses={200: forms.DecidedSerializer, 409: NOT_READY},
    )
    @extend_schema(
        summary="The changes", methods=["GET"], request=None, responses={200: forms.ChangeSerializer(many=True)}
    )
    @action(detail=True, methods=["get", "post"], filterset_fields=[], pagination_class=None)
    def changes(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        if request.method == "POST":
            form = forms.DecisionsSerializer(data=request.data)
            form.is_valid(raise_exception=True)
            values = form.validated_data
            decision = Decision(values["decision"])
            decided = tailoring.decide_all(tailored=row, decision=decision, only_safe=values["only_safe"])
            return Response({"decided": decided})
        return Response(forms.ChangeSerializer(row.changes.all(), many=True).data)

    @extend_schema(
        summary="Accept, reject or edit a change",
        request=forms.DecisionSerializer,
        responses={200: forms.ChangeSerializer, 409: OpenApiResponse(description="It conflicts with another one.")},
    )
    @action(detail=True, methods=["patch"], url_path=r"changes/(?P<change_pk>\d+)", url_name="change")
    def change(self, request: Request, pk: str, change_pk: str) -> Response:
        change = get_object_or_404(self.get_object().changes.all(), pk=change_pk)
        form = forms.DecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        if "after" in form.validated_data:
            change = tailoring.edit_change(change=change, after=form.validated_data["after"])
        if "decision" in form.validated_data:
            change = tailoring.decide(change=change, decision=Decision(form.validated_data["decision"]))
        return Response(forms.ChangeSerializer(change).data)

    @extend_schema(
        summary="Set how many pages the PDF may take",
        request=forms.PagesSerializer,
        responses={200: forms.TailoredCVDetailSerializer, 409: NOT_READY},
    )
    @action(detail=True, methods=["post"])
    def fit(self, request: Request, pk: str) -> Response:
        """Smaller type first, then the compact style, then lines proposed to be left out, as changes to decide; 0 takes the target back."""
        form = forms.PagesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        fitting.fit_tailored(tailored=self.get_object(), pages=form.validated_data["pages"])
        return Response(forms.TailoredCVDetailSerializer(self.get_object(), context={"request": request}).data)

    @extend_schema(
        summary="Make an earlier one the latest",
        request=None,
        responses={201: forms.TailoredCVDetailSerializer, 409: NOT_READY},
    )
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        row = tailoring.restore(tailored=self.get_object())
        data = forms.TailoredCVDetailSerializer(row, context={"request": request}).data
        return Response(data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Stop the work", request=None, responses={200: forms.TailoredCVDetailSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        tailoring.cancel_tailoring(tailored=row)
        return self.retrieve(request, pk=pk)

    @extend_schema(summary="The accepted state as a file", parameters=[FORMAT], responses={200: FILE, 409: NOT_READY})
    @action(detail=True, methods=["get"], content_negotiation_class=AnyAccept)
    def export(self, request: Request, pk: str) -> HttpResponse:
        name = _format(request, EXPORT_FORMATS)
        return _download(tailoring.export_tailored(tailored=self.get_object(), format_name=name))


class CoverLetterViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[CoverLetter]
):
    """Cover letters, each sentence with its evidence."""

    queryset = CoverLetter.objects.all()
    serializer_class = forms.CoverLetterSerializer
    filterset_fields = ["posting", "status"]

    def get_queryset(self) -> QuerySet[CoverLetter]:
        rows = CoverLetter.objects.for_user(self.request.user)
        return rows.select_related(
            "resume_version__cv__current_version", "posting", "background_task", "tailored_cv", "revises"
        )

    @extend_schema(
        summary="Write a cover letter",
        request=forms.NewLetterSerializer,
        responses={202: forms.CoverLetterSerializer, 409: NOT_READY, 422: NO_SUCH_LANGUAGE},
    )
    def create(self, request: Request) -> Response:
        """Start; read along at `stream_url`, or ask at `status_url`."""
        form = forms.NewLetterSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        letter = letters.start_letter(owner=_user(request), posting=values.pop("job"), **values)
        return _accepted(self.get_serializer(letter))

    @extend_schema(
        summary="Edit the text by hand",
        request=forms.EditedLetterSerializer,
        responses={200: forms.CoverLetterSerializer, 409: NOT_READY},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Save a text; it is checked against the CV, and `problems` lists what is not supported."""
        form = forms.EditedLetterSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        letter = letters.edit_letter(letter=self.get_object(), text=form.validated_data["text"])
        return Response(self.get_serializer(letter).data)

    @extend_schema(
        summary="The text as server-sent events",
        description="Events `text` (`{text}`), `restart` and `done` (`{status}`); an event's id is the number of characters so far.",
        parameters=[OpenApiParameter("shown", OpenApiTypes.INT, description="Characters that you have already.")],
        responses={(200, "text/event-stream"): OpenApiTypes.STR},
    )
    @action(detail=True, methods=["get"], content_negotiation_class=AnyAccept)
    def stream(self, request: Request, pk: str) -> HttpResponseBase:
        shown = first_position(request.headers.get("Last-Event-ID"), request.query_params.get("shown"))
        return event_response(self.get_object(), shown=shown)

    @extend_schema(
        summary="A new version that differs as wished",
        request=forms.WishSerializer,
        responses={202: forms.CoverLetterSerializer, 422: NO_SUCH_LANGUAGE},
    )
    @action(detail=True, methods=["post"])
    def revise(self, request: Request, pk: str) -> Response:
        form = forms.WishSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wish = RevisionWish(form.validated_data["wish"])
        language = form.validated_data.get("language", "")
        revision = letters.revise_letter(letter=self.get_object(), wish=wish, language=language)
        return _accepted(self.get_serializer(revision))

    @extend_schema(summary="Write it once more", request=None, responses={202: forms.CoverLetterSerializer})
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        return _accepted(self.get_serializer(letters.write_again(letter=self.get_object())))

    @extend_schema(summary="Stop the writing", request=None, responses={200: forms.CoverLetterSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        letters.cancel_letter(letter=self.get_object())
        return self.retrieve(request, pk=pk)

    @extend_schema(
        summary="The letter as a file",
        parameters=[FORMAT],
        responses={200: FILE, 409: NOT_READY, 422: UNSUPPORTED},
    )
    @action(detail=True, methods=["get"], content_negotiation_class=AnyAccept)
    def export(self, request: Request, pk: str) -> HttpResponse:
        name = _format(request, letters.LETTER_FORMATS)
        return _download(letters.export_letter(letter=self.get_object(), format_name=name))


class EmailViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[Email]):
    """Drafts of e-mails: application, follow-up, thank-you, referral. None is ever sent."""

    queryset = Email.objects.all()
    serializer_class = forms.EmailSerializer
    filterset_fields = ["posting", "kind", "status"]

    def get_queryset(self) -> QuerySet[Email]:
        return Email.objects.for_user(self.request.user).select_related("resume_version", "posting", "background_task")

    @extend_schema(
        summary="Draft an e-mail",
        request=forms.NewEmailSerializer,
        responses={202: forms.EmailSerializer, 409: NOT_READY, 422: NO_SUCH_LANGUAGE},
    )
    def create(self, request: Request) -> Response:
        """Start; ask at `status_url` until `status` is `done`."""
        form = forms.NewEmailSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        kind = EmailKind(values.pop("kind"))
        email = emails.start_email(owner=_user(request), posting=values.pop("job"), kind=kind, **values)
        return _accepted(self.get_serializer(email))
