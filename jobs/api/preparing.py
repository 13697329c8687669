"""REST: the summary of a job in five lines, and questions to expect in an interview."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.interview import prepare
from jobs.models import Match, Posting
from jobs.posting import PostingAnalysis
from jobs.services.material import material_of
from jobs.summary import summarise


class SummaryLineSerializer(serializers.Serializer[Any]):
    """One line, with what it is about: `key` is position, terms, tasks, needed or welcome, `label` the posting's word for it."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()


class SummarySerializer(serializers.Serializer[Any]):
    """Five lines in the posting's own words and language."""

    lines = SummaryLineSerializer(many=True)


class QuestionSerializer(serializers.Serializer[Any]):
    """A question to expect; `kind` is proof, close, gap, motive or timeline, `facts` are lines of the CV word for word."""

    kind = serializers.CharField()
    text = serializers.CharField()
    because = serializers.CharField()
    facts = serializers.ListField(child=serializers.CharField())
    hint = serializers.CharField()


class PreparationSerializer(serializers.Serializer[Any]):
    """Questions to expect, and questions to ask."""

    questions = QuestionSerializer(many=True)
    to_ask = serializers.ListField(child=serializers.CharField())


class JobSummaryView(APIView):
    """The summary of a job."""

    @extend_schema(summary="A job in five lines", operation_id="jobs_summary", responses={200: SummarySerializer})
    def get(self, request: Request, pk: int) -> Response:
        row = get_object_or_404(Posting.objects.for_user(request.user), pk=pk)
        lines = summarise(PostingAnalysis.model_validate(row.analysis), closes_on=row.valid_through)
        return Response(SummarySerializer({"lines": lines}).data)


class InterviewView(APIView):
    """What may be asked about the CV and the job of a match."""

    @extend_schema(
        summary="Questions to expect in an interview",
        operation_id="matches_interview",
        responses={200: PreparationSerializer},
    )
    def get(self, request: Request, pk: int) -> Response:
        rows = Match.objects.for_user(request.user).select_related("resume_version", "posting")
        row = get_object_or_404(rows, pk=pk)
        material = material_of(row.resume_version, row.posting)
        return Response(PreparationSerializer(prepare(material.resume, material.analysis, material.report)).data)
