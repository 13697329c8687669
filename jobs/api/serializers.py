"""Forms of the REST resources: postings and matches."""

import json
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from cv.models import CV
from jobs.api.writing_serializers import FailureSerializer, WorkProgressSerializer
from jobs.importing import MAX_CHARACTERS
from jobs.models import Match, Posting, PostingImport


class JobSerializer(serializers.ModelSerializer[Posting]):
    """A posting in a list."""

    is_expired = serializers.BooleanField(read_only=True, help_text="Whether the last day for applications is over.")

    class Meta:
        model = Posting
        fields = [
            "id", "title", "employer", "location", "language", "source_url", "reference", "posted_on", "valid_through", "is_expired", "similar_to",
            "created_at",
        ]  # fmt: skip
        extra_kwargs = {
            "similar_to": {"help_text": "An earlier posting of yours that this one is nearly the same as."},
        }


class JobDetailSerializer(JobSerializer):
    """A posting with its text and analysis; `start` and `end` of a requirement are character offsets of `text`."""

    class Meta(JobSerializer.Meta):
        fields = [*JobSerializer.Meta.fields, "text", "analysis"]


class NewJobSerializer(serializers.Serializer[Any]):
    """A posting to be added: text or HTML in `text`, schema.org JSON-LD in `job_posting`, or the address of its page in `url`."""

    text = serializers.CharField(
        required=False, max_length=MAX_CHARACTERS, help_text="Plain text, HTML or JSON-LD as text."
    )
    job_posting = serializers.JSONField(required=False, help_text="A schema.org JobPosting, or JSON-LD that holds one.")
    url = serializers.URLField(
        required=False, max_length=500, help_text="The page is read from there: https, public addresses, up to 3 MB."
    )
    title = serializers.CharField(required=False, max_length=300, help_text="Goes before the title in the text.")
    employer = serializers.CharField(required=False, max_length=300, help_text="Goes before the employer in the text.")
    source_url = serializers.URLField(required=False, max_length=1000)
    provider = serializers.ChoiceField(
        choices=["embedded", "auto"],
        default="embedded",
        help_text="`embedded` reads by rules; `auto` follows the route of job_analysis, which may take some seconds.",
    )

    def to_internal_value(self, data: Any) -> Any:
        """Take a bare JobPosting as what it is."""
        if isinstance(data, dict) and ("@type" in data or "@graph" in data):
            data = {"job_posting": data}
        try:
            return super().to_internal_value(data)
        except RecursionError as error:
            raise serializers.ValidationError({"job_posting": ["This is nested too deeply."]}) from error

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one source, and hand it on as text."""
        if sum(name in attrs for name in ("text", "job_posting", "url")) != 1:
            raise serializers.ValidationError({"text": ["Give one of `text`, `job_posting` and `url`."]})
        posting = attrs.pop("job_posting", None)
        return attrs if posting is None else attrs | {"text": json.dumps(posting, ensure_ascii=False)}


class ImportProblemSerializer(serializers.Serializer[Any]):
    """Why a line gave no posting; `line` counts from 1, in an array the entries do."""

    line = serializers.IntegerField()
    message = serializers.CharField()


class JobImportSerializer(serializers.ModelSerializer[PostingImport]):
    """A file of postings: how far it is, how many became postings, were there already, or could not be read."""

    status_url = serializers.SerializerMethodField()
    progress = WorkProgressSerializer(source="background_task", allow_null=True, read_only=True)
    problems = ImportProblemSerializer(many=True, read_only=True)
    error = serializers.SerializerMethodField()

    class Meta:
        model = PostingImport
        fields = [
            "id", "name", "status", "status_url", "progress", "total", "created", "duplicates", "failed", "problems", "error", "created_at", "finished_at",
        ]  # fmt: skip

    @extend_schema_field(OpenApiTypes.URI)
    def get_status_url(self, row: PostingImport) -> str:
        return reverse("job-import-detail", args=[row.pk], request=self.context.get("request"))

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_error(self, row: PostingImport) -> dict[str, Any] | None:
        return dict(FailureSerializer(row).data) if row.error_code else None


class NewJobImportSerializer(serializers.Serializer[Any]):
    """A file of postings."""

    file = serializers.FileField(
        help_text="CSV whose first line names the columns (title, description, company, location …), JSON lines, or a JSON array."
    )


class MatchSerializer(serializers.ModelSerializer[Match]):
    """A match in a list; `score` is null where the posting says too little."""

    cv = serializers.IntegerField(source="resume_version.cv_id", read_only=True)
    cv_version = serializers.IntegerField(source="resume_version.number", read_only=True)
    job = serializers.PrimaryKeyRelatedField[Posting](source="posting", read_only=True)

    class Meta:
        model = Match
        fields = ["id", "cv", "cv_version", "job", "score", "band", "formula_version", "inputs_hash", "created_at"]


class MatchDetailSerializer(MatchSerializer):
    """A match with its report: items, ledger, conditions, advice."""

    class Meta(MatchSerializer.Meta):
        fields = [*MatchSerializer.Meta.fields, "report"]


class NewMatchSerializer(serializers.Serializer[Any]):
    """Which CV is to be matched with which job; both must be one's own."""

    cv = serializers.PrimaryKeyRelatedField(queryset=CV.objects.none())
    job = serializers.PrimaryKeyRelatedField(queryset=Posting.objects.none())

    def get_fields(self) -> dict[str, Any]:
        """Offer only what the person owns."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and request.user.is_authenticated:
            own_cvs = CV.objects.for_user(request.user).select_related("current_version")
            fields["cv"] = serializers.PrimaryKeyRelatedField(queryset=own_cvs)
            fields["job"] = serializers.PrimaryKeyRelatedField(queryset=Posting.objects.for_user(request.user))
        return fields


class NewSearchSerializer(serializers.Serializer[Any]):
    """What to rank: your postings for one of your CVs (`cv`), or your CVs for one of your postings (`job`)."""

    cv = serializers.PrimaryKeyRelatedField(queryset=CV.objects.none(), required=False)
    job = serializers.PrimaryKeyRelatedField(queryset=Posting.objects.none(), required=False)
    top = serializers.IntegerField(min_value=1, max_value=100, default=20)

    def get_fields(self) -> dict[str, Any]:
        """Offer only what the person may see."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and request.user.is_authenticated:
            own_cvs = CV.objects.for_user(request.user).select_related("current_version")
            fields["cv"] = serializers.PrimaryKeyRelatedField(queryset=own_cvs, required=False)
            own_postings = Posting.objects.for_user(request.user)
            fields["job"] = serializers.PrimaryKeyRelatedField(queryset=own_postings, required=False)
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one of the two."""
        if ("cv" in attrs) == ("job" in attrs):
            raise serializers.ValidationError({"cv": ["Give either `cv` or `job`."]})
        return attrs


class RankedSerializer(serializers.Serializer[Any]):
    """One line of a ranking; nothing of it is saved."""

    job = serializers.IntegerField(help_text="The posting.")
    cv = serializers.IntegerField()
    cv_version = serializers.IntegerField()
    title = serializers.CharField(help_text="Of what was ranked: the posting's title, or that of the CV.")
    score = serializers.IntegerField(allow_null=True)
    band = serializers.CharField()
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Must-haves without evidence, as the posting states them."
    )
