"""What the CV resources take and return."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from ai_router.models import BackgroundTask
from cv.models import CV, ParseRun, ResumeVersion
from cv.resume import Resume


class ProgressSerializer(serializers.Serializer[BackgroundTask]):
    """How far a reading has come."""

    done = serializers.IntegerField(source="progress_done")
    total = serializers.IntegerField(source="progress_total")
    message = serializers.CharField(source="progress_message")


class ParseErrorSerializer(serializers.Serializer[ParseRun]):
    """Why a reading failed, and what to do."""

    code = serializers.CharField(source="error_code")
    message = serializers.CharField(source="error_message")


class ParseRunSerializer(serializers.ModelSerializer[ParseRun]):
    """One reading of a document. `error` is null unless it failed."""

    progress = ProgressSerializer(source="background_task", allow_null=True)
    error = serializers.SerializerMethodField()
    report = serializers.DictField()

    class Meta:
        model = ParseRun
        fields = ["id", "status", "provider", "progress", "error", "report", "created_at", "finished_at"]
        read_only_fields = fields

    @extend_schema_field(ParseErrorSerializer(allow_null=True))
    def get_error(self, run: ParseRun) -> dict[str, Any] | None:
        return dict(ParseErrorSerializer(run).data) if run.error_code else None


class CVSerializer(serializers.ModelSerializer[CV]):
    """A CV in a list. `parse_status` is null for one that was imported from JSON Resume."""

    version = serializers.IntegerField(source="current_version.number", default=None, allow_null=True)
    parse_status = serializers.CharField(source="reading_status", allow_null=True)
    url = serializers.SerializerMethodField()
    status_url = serializers.SerializerMethodField()

    class Meta:
        model = CV
        fields = ["id", "title", "version", "parse_status", "created_at", "updated_at", "url", "status_url"]
        read_only_fields = fields

    def get_url(self, cv: CV) -> str:
        return self._address("cv-api-detail", cv)

    def get_status_url(self, cv: CV) -> str:
        return self._address("cv-api-parse", cv)

    def _address(self, name: str, cv: CV) -> str:
        return reverse(name, kwargs={"pk": cv.pk}, request=self.context.get("request"))


class CVDetailSerializer(CVSerializer):
    """A CV with its résumé (null until it has been read) and the latest reading (null for an import)."""

    parse = serializers.SerializerMethodField()
    resume = serializers.SerializerMethodField()

    class Meta(CVSerializer.Meta):
        fields = [*CVSerializer.Meta.fields, "parse", "resume"]
        read_only_fields = fields

    @extend_schema_field(ParseRunSerializer(allow_null=True))
    def get_parse(self, cv: CV) -> dict[str, Any] | None:
        run = ParseRun.objects.filter(document__cv=cv).select_related("background_task").first()
        return dict(ParseRunSerializer(run).data) if run else None

    @extend_schema_field(Resume)  # type: ignore[arg-type]  # its pydantic extension takes a model
    def get_resume(self, cv: CV) -> dict[str, Any] | None:
        return cast("dict[str, Any]", cv.current_version.data) if cv.current_version else None


class UploadSerializer(serializers.Serializer[Any]):
    """A file, or a text in its place."""

    file = serializers.FileField(
        required=False, help_text="PDF, DOCX, ODT, RTF, HTML, Markdown, plain text or JSON Resume."
    )
    text = serializers.CharField(required=False, help_text="The CV as plain text, in place of a file.")
    provider = serializers.ChoiceField(
        choices=["auto", "embedded"], default="auto", help_text="`embedded` reads it without any AI provider."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one of file and text."""
        if ("file" in attrs) == ("text" in attrs):
            raise serializers.ValidationError({"file": ["Give either a file or a text."]})
        return attrs


class ChangeSerializer(serializers.Serializer[Any]):
    """A correction of one value, addressed by its item's id and its field's name."""

    item = serializers.CharField(max_length=64, help_text="Id of the item, such as `position-2`.")
    field = serializers.CharField(max_length=64, help_text="Name of the value, such as `title`.")
    value = serializers.JSONField(
        required=False,
        allow_null=True,
        help_text="The new value as a person would write it: a text, `2021-03` for a date, `present` for an end that has "
        "not come, a list of words, true or false; null empties it. Left out, the value is confirmed as it stands.",
    )
    version = serializers.IntegerField(
        required=False, help_text="The version that the correction was made on; refused with 409 if it is outdated."
    )

    def validate_value(self, value: Any) -> Any:
        """Refuse objects, and lists of anything but words; they have no written form."""
        if any(isinstance(word, (dict, list)) for word in (value if isinstance(value, list) else [value])):
            raise serializers.ValidationError("Give a text, a number, true, false, null or a list of words.")
        return value

    def written(self) -> str | None:
        """Return the new value as text, or None where the value is to be confirmed."""
        if "value" not in self.validated_data:
            return None
        value = self.validated_data["value"]
        if isinstance(value, list):
            return ", ".join(map(str, value))
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "" if value is None else str(value)


class NewItemSerializer(serializers.Serializer[Any]):
    """Where an item is added."""

    collection = serializers.CharField(max_length=64, help_text="Such as `employers`, `positions`, `highlights`.")
    parent_id = serializers.CharField(
        max_length=64,
        default="",
        allow_blank=True,
        help_text="Id of whom the collection belongs to; empty for the résumé.",
    )
    version = serializers.IntegerField(required=False)


class AddedItemSerializer(serializers.Serializer[Any]):
    """An item that was added."""

    id = serializers.CharField()
    version = serializers.IntegerField()


class VersionSerializer(serializers.ModelSerializer[ResumeVersion]):
    """One version of a CV's résumé."""

    class Meta:
        model = ResumeVersion
        fields = ["number", "origin", "note", "created_at"]
        read_only_fields = fields


class ErrorDetailSerializer(serializers.Serializer[Any]):
    """What went wrong."""

    code = serializers.CharField()
    message = serializers.CharField()
    retry_after = serializers.DateTimeField(required=False, help_text="From when on it is worth trying again.")
    request_id = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        """Add the messages by field; an attribute of this name would hide the serializer's own."""
        return {**super().get_fields(), "fields": serializers.DictField(required=False)}


class ErrorSerializer(serializers.Serializer[Any]):
    """The one form of every error."""

    error = ErrorDetailSerializer()
