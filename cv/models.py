"""CVs, the documents they were read from, the parses, and every version of the structured form."""

from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models

from cv.resume import Resume


class CVQuerySet(models.QuerySet["CV"]):
    """Questions about many CVs."""

    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return the CVs that this user owns."""
        return self.filter(owner_id=user.pk)

    def with_status(self) -> Self:
        """Annotate each CV with `reading_status`, how its latest reading stands; None where it has no document."""
        runs = ParseRun.objects.filter(document__cv=models.OuterRef("pk")).order_by("-created_at", "-pk")
        return self.annotate(reading_status=models.Subquery(runs.values("status")[:1]))


class CV(models.Model):
    """One person's CV: a document that was uploaded, and the versions of its structured form.

    As text it is only its number: titles and file names are the person's, and operators read logs and the admin.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cvs")
    title = models.CharField(max_length=200)
    current_version = models.ForeignKey(
        "ResumeVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CVQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "CV"
        verbose_name_plural = "CVs"

    def __str__(self) -> str:
        return f"CV {self.pk}"


def upload_path(document: "Document", filename: str) -> str:
    """Store uploads under a random name: the person's own file name never meets the file system."""
    return f"cvs/{uuid4().hex}"


class Document(models.Model):
    """An uploaded file. `extracted` holds the `ExtractedDocument` once it was read."""

    cv = models.ForeignKey(CV, on_delete=models.CASCADE, related_name="documents")
    file = models.FileField(upload_to=upload_path)
    original_name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    page_count = models.PositiveIntegerField(default=0)
    extracted = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Document {self.pk}"


class ParseStatus(models.TextChoices):
    """How far a parse has come."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Reading"
    DONE = "done", "Read"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class ParseRun(models.Model):
    """One attempt to read a document into a résumé.

    `report` holds what the reader has to say: engine, completeness, hidden text, disagreements.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="parse_runs")
    status = models.CharField(max_length=10, choices=ParseStatus, default=ParseStatus.QUEUED)
    provider = models.CharField(
        max_length=20, default="auto", help_text="`auto` follows the route, `embedded` stays offline."
    )
    background_task = models.ForeignKey(
        "ai_router.BackgroundTask", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    error_code = models.CharField(max_length=50, blank=True)
    error_message = models.TextField(blank=True)
    report = models.JSONField(default=dict, blank=True)
    call_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.document} ({self.get_status_display()})"


class VersionOrigin(models.TextChoices):
    """How a version of a résumé came about."""

    PARSED = "parsed", "Read from the document"
    EDITED = "edited", "Edited"
    IMPORTED = "imported", "Imported"


class ResumeVersion(models.Model):
    """A résumé as it stood at one time; versions are never changed, an edit makes the next one."""

    cv = models.ForeignKey(CV, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    origin = models.CharField(max_length=10, choices=VersionOrigin)
    data = models.JSONField()
    parse_run = models.ForeignKey(ParseRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="versions")
    note = models.CharField(max_length=200, blank=True)
    restored_from = models.PositiveIntegerField(
        null=True, blank=True, help_text="The version that undo or redo went to; empty for a change of its own."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["cv", "number"], name="cv_version_number_once")]

    def __str__(self) -> str:
        return f"{self.cv} v{self.number}"

    @property
    def resume(self) -> Resume:
        """The stored data as a `Resume`."""
        return Resume.model_validate(self.data)
