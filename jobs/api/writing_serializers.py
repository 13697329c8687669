"""Forms of the REST resources for what is written: tailored CVs, letters, e-mails."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from ai_router.models import BackgroundTask
from cv.models import CV
from jobs.letters import LANGUAGE_NAMES, RevisionWish
from jobs.models import (
    Change,
    CoverLetter,
    Decision,
    Email,
    EmailKind,
    LetterLength,
    Posting,
    TailoredCV,
    Tone,
    WorkStatus,
)
from jobs.services import fitting, tailoring
from jobs.services.fitting import MOST_PAGES

PROVIDERS = ["auto", "embedded"]


class WorkProgressSerializer(serializers.Serializer[BackgroundTask]):
    """How far the work has come."""

    done = serializers.IntegerField(source="progress_done")
    total = serializers.IntegerField(source="progress_total")
    message = serializers.CharField(source="progress_message")


class FailureSerializer(serializers.Serializer[Any]):
    """Why it failed, and what to do."""

    code = serializers.CharField(source="error_code")
    message = serializers.CharField(source="error_message")


class WrittenSerializer(serializers.ModelSerializer[Any]):
    """What all of them have: CV, job, status with its address, progress, error."""

    route = ""

    cv = serializers.IntegerField(source="resume_version.cv_id", read_only=True)
    cv_version = serializers.IntegerField(source="resume_version.number", read_only=True)
    job = serializers.PrimaryKeyRelatedField[Posting](source="posting", read_only=True)
    status_url = serializers.SerializerMethodField()
    progress = WorkProgressSerializer(source="background_task", allow_null=True, read_only=True)
    error = serializers.SerializerMethodField()

    def get_status_url(self, row: Any) -> str:
        return reverse(f"{self.route}-detail", args=[row.pk], request=self.context.get("request"))

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_error(self, row: Any) -> dict[str, Any] | None:
        return dict(FailureSerializer(row).data) if row.error_code else None


COMMON = ["id", "cv", "cv_version", "job", "status", "status_url", "progress", "error", "created_at", "finished_at"]


class ChangeSerializer(serializers.ModelSerializer[Change]):
    """One proposed change; `evidence_ids` are ids of lines of the CV, `requirement_ids` of the job's analysis."""

    class Meta:
        model = Change
        fields = [
            "id", "ordinal", "kind", "target_id", "field", "before", "after", "evidence_ids", "requirement_ids", "reason", "is_edited", "decision",
            "decided_at",
        ]  # fmt: skip


class LiftSerializer(serializers.Serializer[Any]):
    """How far the CV answers a requirement, before and with the accepted changes."""

    requirement_id = serializers.CharField()
    text = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    strength_before = serializers.FloatField()
    strength_after = serializers.FloatField()


class TailoredCVSerializer(WrittenSerializer):
    """A tailored CV in a list."""

    route = "tailored-cv"

    class Meta:
        model = TailoredCV
        fields = [*COMMON, "score_before", "is_stale"]


class PagesSerializer(serializers.Serializer[Any]):
    """How many pages the PDF may take; 0 for any number."""

    pages = serializers.IntegerField(min_value=0, max_value=MOST_PAGES)


class TailoredCVDetailSerializer(TailoredCVSerializer):
    """A tailored CV with its changes, the refused ones, the score of the accepted state, and whether that keeps within its pages."""

    changes = ChangeSerializer(many=True, read_only=True)
    score_after = serializers.SerializerMethodField()
    lift = serializers.SerializerMethodField()
    keeps_within_pages = serializers.SerializerMethodField()

    class Meta(TailoredCVSerializer.Meta):
        fields = [
            *TailoredCVSerializer.Meta.fields, "score_after", "lift", "changes", "refused", "pages", "style", "keeps_within_pages",
        ]  # fmt: skip

    def get_keeps_within_pages(self, row: TailoredCV) -> bool | None:
        return fitting.keeps_within(row) if row.pages else None

    @extend_schema_field(LiftSerializer(many=True))
    def get_lift(self, row: TailoredCV) -> list[dict[str, Any]]:
        rows = tailoring.lift(row) if row.status == WorkStatus.DONE else []
        return [dict(entry) for entry in LiftSerializer(rows, many=True).data]

    def get_score_after(self, row: TailoredCV) -> int | None:
        return tailoring.score_after(row) if row.status == WorkStatus.DONE else None


class CoverLetterSerializer(WrittenSerializer):
    """A letter. `problems` are unsupported sentences of an edit by hand and bar the export; `removed` was taken out by the gate."""

    route = "cover-letter"
    stream_url = serializers.SerializerMethodField()

    class Meta:
        model = CoverLetter
        fields = [
            *COMMON, "tailored_cv", "revises", "revision_wish", "tone", "length", "language", "focus", "motive", "never_mention", "text", "sentences", "removed", "problems",
            "is_edited", "is_stale", "stream_url",
        ]  # fmt: skip

    def get_stream_url(self, row: CoverLetter) -> str:
        return reverse("cover-letter-stream", args=[row.pk], request=self.context.get("request"))


class EmailSerializer(WrittenSerializer):
    """A draft of an e-mail; CareerAI sends none."""

    route = "email"

    class Meta:
        model = Email
        fields = [*COMMON, "kind", "language", "subject", "text", "sentences", "removed"]


class PairSerializer(serializers.Serializer[Any]):
    """Which CV and which job; both must be one's own."""

    cv = serializers.PrimaryKeyRelatedField(queryset=CV.objects.none())
    job = serializers.PrimaryKeyRelatedField(queryset=Posting.objects.none())
    provider = serializers.ChoiceField(choices=PROVIDERS, default="auto")

    def get_fields(self) -> dict[str, Any]:
        """Offer only what the person owns."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and request.user.is_authenticated:
            cvs = CV.objects.for_user(request.user).select_related("current_version")
            fields["cv"] = serializers.PrimaryKeyRelatedField(queryset=cvs)
            fields["job"] = serializers.PrimaryKeyRelatedField(queryset=Posting.objects.for_user(request.user))
        return fields


class NewLetterSerializer(PairSerializer):
    """How a letter is to be."""

    tailored_cv = serializers.PrimaryKeyRelatedField(queryset=TailoredCV.objects.none(), required=False)
    tone = serializers.ChoiceField(choices=Tone.choices, default=Tone.PROFESSIONAL)
    length = serializers.ChoiceField(choices=LetterLength.choices, default=LetterLength.SHORT)
    language = serializers.ChoiceField(
        choices=sorted(LANGUAGE_NAMES), required=False, help_text="The job's where left out."
    )
    focus = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="What is to be told first, in your words."
    )
    motive = serializers.CharField(
        max_length=400,
        required=False,
        allow_blank=True,
        help_text="Why this job, in your words: it stands in the first paragraph, as far as it claims nothing that the CV does not bear.",
    )
    never_mention = serializers.ListField(
        child=serializers.CharField(max_length=80),
        max_length=20,
        required=False,
        help_text="Words that stay out of the text.",
    )

    def get_fields(self) -> dict[str, Any]:
        """Offer only what the person owns."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and request.user.is_authenticated:
            rows = TailoredCV.objects.for_user(request.user).select_related("resume_version")
            fields["tailored_cv"] = serializers.PrimaryKeyRelatedField(queryset=rows, required=False)
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A tailored CV has to be that of the CV and the job."""
        row = attrs.get("tailored_cv")
        if row and (row.posting_id != attrs["job"].pk or row.resume_version.cv_id != attrs["cv"].pk):
            raise serializers.ValidationError({"tailored_cv": ["This is of another CV or job."]})
        return attrs


class NewEmailSerializer(PairSerializer):
    """Which e-mail."""

    kind = serializers.ChoiceField(choices=EmailKind.choices, default=EmailKind.APPLICATION)
    language = serializers.ChoiceField(choices=sorted(LANGUAGE_NAMES), required=False)


class EditedLetterSerializer(serializers.Serializer[Any]):
    """A text edited by hand."""

    text = serializers.CharField(max_length=20_000)


class WishSerializer(serializers.Serializer[Any]):
    """What the next version is to be."""

    wish = serializers.ChoiceField(choices=[wish.value for wish in RevisionWish])
    language = serializers.ChoiceField(
        choices=sorted(LANGUAGE_NAMES), required=False, help_text="The language to translate to."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A translation needs a language, and nothing else takes one."""
        is_translation = attrs["wish"] == RevisionWish.TRANSLATE
        if is_translation != ("language" in attrs):
            message = "Name the language to translate to." if is_translation else "Only `translate` takes a language."
            raise serializers.ValidationError({"language": [message]})
        return attrs


class DecisionSerializer(serializers.Serializer[Any]):
    """A decision on one change, a text of one's own for it, or both."""

    decision = serializers.ChoiceField(choices=Decision.choices, required=False)
    after = serializers.CharField(max_length=2_000, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two has to be there."""
        if not attrs:
            raise serializers.ValidationError({"decision": ["Give a decision, a text (`after`), or both."]})
        return attrs


class DecisionsSerializer(serializers.Serializer[Any]):
    """A decision on all changes that are not decided yet; with `only_safe` none that leaves out a line or changes the headline."""

    decision = serializers.ChoiceField(choices=Decision.choices)
    only_safe = serializers.BooleanField(default=False)


class DecidedSerializer(serializers.Serializer[Any]):
    """How many changes were decided."""

    decided = serializers.IntegerField()
