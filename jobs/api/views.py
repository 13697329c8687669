"""REST resources: postings (`jobs/`) and matches (`matches/`)."""

from typing import Any, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from ai_router.scheduling import cancel
from jobs.api.serializers import (
    JobDetailSerializer,
    JobImportSerializer,
    JobSerializer,
    MatchDetailSerializer,
    MatchSerializer,
    NewJobImportSerializer,
    NewJobSerializer,
    NewMatchSerializer,
    NewSearchSerializer,
    RankedSerializer,
)
from jobs.bulk import MAX_FILE_BYTES
from jobs.errors import PostingTooLongError, ResumeNotReadyError
from jobs.fetching import FETCH_RATE, fetch_page
from jobs.models import Match, Posting, PostingImport
from jobs.services.matches import match_cv
from jobs.services.postings import add_posting, delete_posting, start_import
from jobs.services.ranking import ranked_lines
from usage.edge import UPLOAD_RATE, count_request


def _user(request: Request) -> AbstractBaseUser:
    return cast("AbstractBaseUser", request.user)


class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[Posting]):
    """Job postings of your own."""

    queryset = Posting.objects.all()

    def get_queryset(self) -> QuerySet[Posting]:
        return Posting.objects.for_user(self.request.user)

    def get_serializer_class(self) -> type[JobSerializer]:
        return JobSerializer if self.action == "list" else JobDetailSerializer

    @extend_schema(
        summary="Add a posting from text, HTML, JSON-LD or its address",
        request=NewJobSerializer,
        responses={
            200: OpenApiResponse(JobDetailSerializer, description="You have it already, word for word; this is it."),
            201: JobDetailSerializer,
            413: OpenApiResponse(description="Too long."),
            422: OpenApiResponse(description="Too little text, no posting, or a page that cannot be read."),
        },
    )
    def create(self, request: Request) -> Response:
        """Add a posting; the answer holds its requirements."""
        form = NewJobSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        if url := values.pop("url", ""):
            count_request(request, group="pages", key="user", rate=FETCH_RATE)
            page = fetch_page(url)
            values = {"source_url": page.url, **values, "text": page.text}
        posting, is_new = add_posting(owner=_user(request), **values)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(JobDetailSerializer(posting).data, status=code)

    def perform_destroy(self, instance: Posting) -> None:
        delete_posting(posting=instance)


class JobImportViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[PostingImport]
):
    """Files of many postings."""

    queryset = PostingImport.objects.all()
    serializer_class = JobImportSerializer
    filterset_fields = ["status"]

    def get_queryset(self) -> QuerySet[PostingImport]:
        return PostingImport.objects.for_user(self.request.user).select_related("background_task").defer("data")

    @extend_schema(
        summary="Add the postings of a CSV, JSON-lines or JSON file",
        description="Postings that you have already, word for word, are not added again. Deleting an import leaves its postings.",
        request={"multipart/form-data": NewJobImportSerializer},
        responses={
            202: JobImportSerializer,
            413: OpenApiResponse(description="Too large."),
            422: OpenApiResponse(description="No such file, or nothing in it."),
        },
    )
    def create(self, request: Request) -> Response:
        """Take in a file; ask at `status_url` until `status` is `done`."""
        count_request(request, group="uploads", key="user", rate=UPLOAD_RATE)
        form = NewJobImportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        file = form.validated_data["file"]
        if file.size > MAX_FILE_BYTES:
            raise PostingTooLongError("This file is too large. Cut it into parts.")
        row = start_import(owner=_user(request), data=file.read(), name=file.name or "")
        data = JobImportSerializer(self.get_queryset().get(pk=row.pk), context=self.get_serializer_context()).data
        return Response(data, status=status.HTTP_202_ACCEPTED, headers={"Location": data["status_url"]})

    def perform_destroy(self, instance: PostingImport) -> None:
        if instance.background_task is not None:
            cancel(instance.background_task)
        instance.delete()


class MatchViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Match]):
    """Matches of your CVs with your postings."""

    queryset = Match.objects.all()
    filterset_fields = ["posting", "band"]

    def get_queryset(self) -> QuerySet[Match]:
        return Match.objects.for_user(self.request.user).select_related("resume_version")

    def get_serializer_class(self) -> type[MatchSerializer]:
        return MatchSerializer if self.action == "list" else MatchDetailSerializer

    @extend_schema(
        summary="Match a CV with a posting",
        description="The same version of the CV and the same posting give the match that is there already.",
        request=NewMatchSerializer,
        responses={201: MatchDetailSerializer, 409: OpenApiResponse(description="The CV has not been read yet.")},
    )
    def create(self, request: Request) -> Response:
        """Match the current version of a CV with a posting."""
        form = NewMatchSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        values: dict[str, Any] = form.validated_data
        if values["cv"].current_version is None:
            raise ResumeNotReadyError
        match = match_cv(owner=_user(request), version=values["cv"].current_version, posting=values["job"])
        return Response(MatchDetailSerializer(match).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Rank many postings for a CV, or many CVs for a posting",
        description="Looks through all that you may see by an index, and matches the likeliest. Nothing is saved; the first search takes up what the index does not hold.",
        request=NewSearchSerializer,
        responses={200: RankedSerializer(many=True), 409: OpenApiResponse(description="The CV has not been read yet.")},
    )
    @action(detail=False, methods=["post"], pagination_class=None, filterset_fields=None)
    def search(self, request: Request) -> Response:
        """Rank postings for a CV, or CVs for a posting, the best first."""
        form = NewSearchSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        values: dict[str, Any] = form.validated_data
        lines = ranked_lines(user=_user(request), cv=values.get("cv"), posting=values.get("job"), top=values["top"])
        return Response(RankedSerializer(lines, many=True).data)
