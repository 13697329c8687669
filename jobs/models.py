"""Postings, and everything that is made for one: matches, tailored CVs, letters, e-mails."""

from typing import Self, TypeVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

Owned = TypeVar("Owned", bound=models.Model)


class OwnedQuerySet(models.QuerySet[Owned]):
    """Questions about rows that belong to one user."""

    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return the rows that this user owns."""
        return self.filter(owner_id=user.pk)


class WorkStatus(models.TextChoices):
    """How far something that is made in the background has come."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Working"
    DONE = "done", "Done"
    INCOMPLETE = "incomplete", "Incomplete"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Work(models.Model):
    """What every text that is made in the background tells of its making: how far it is, by which call, what went wrong."""

    status = models.CharField(max_length=10, choices=WorkStatus, default=WorkStatus.QUEUED)
    provider = models.CharField(max_length=20, default="auto")
    background_task = models.ForeignKey(
        "ai_router.BackgroundTask", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    call_id = models.UUIDField(null=True, blank=True)
    error_code = models.CharField(max_length=50, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-created_at", "-pk"]


class Posting(models.Model):
    """A job advertisement. `original` is kept as it came; `text` is what a person would read of it.

    `analysis` holds a `jobs.posting.PostingAnalysis`.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="postings")
    title = models.CharField(max_length=300)
    employer = models.CharField(max_length=300, blank=True)
    location = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=8, blank=True)
    source_url = models.URLField(max_length=1000, blank=True)
    original = models.TextField()
    text = models.TextField()
    analysis = models.JSONField(default=dict, blank=True)
    posted_on = models.DateField(null=True, blank=True)
    valid_through = models.DateField(null=True, blank=True)
    reference = models.CharField(max_length=200, blank=True, help_text="The source's own id.")
    text_hash = models.CharField(max_length=64, blank=True, help_text="Of its words; equal ones are the same posting.")
    similar_to = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="An earlier one that is nearly the same."
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["owner", "text_hash"], name="posting_by_words")]

    def __str__(self) -> str:
        return f"Posting {self.pk}"

    @property
    def is_expired(self) -> bool:
        """Whether the last day for applications is over."""
        return self.valid_through is not None and self.valid_through < timezone.localdate()

    @property
    def name(self) -> str:
        """The job's title and its employer, for its owner's pages; the admin shows none of it."""
        return f"{self.title}, {self.employer}" if self.employer else self.title


class PostingImport(Work):
    """A file of postings that is read in the background; `data` is empty once that has ended.

    `problems` lists `{"line", "message"}` of those that could not be read, up to a number; `failed` counts them all.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posting_imports")
    name = models.CharField(max_length=200, blank=True)
    data = models.BinaryField(default=bytes, blank=True)
    total = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return f"Import {self.pk}"


class Match(models.Model):
    """How one version of a CV fits a posting: a pure function of stored inputs.

    `report` holds a `jobs.matching.MatchReport`; `inputs_hash` covers résumé, posting analysis and formula version.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="matches")
    resume_version = models.ForeignKey("cv.ResumeVersion", on_delete=models.CASCADE, related_name="matches")
    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="matches")
    score = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="0 to 100; null where there is not enough to say."
    )
    band = models.CharField(max_length=20)
    formula_version = models.CharField(max_length=20)
    inputs_hash = models.CharField(max_length=64)
    report = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "matches"

    def __str__(self) -> str:
        return f"{self.posting}: {self.band}"


class SearchKind(models.TextChoices):
    """What an index is of."""

    POSTING = "posting", "Postings"
    CV = "cv", "CVs"


class SearchIndex(models.Model):
    """How far one owner's postings, or versions of CVs, are indexed: made and read by `jobs.services.search` alone.

    `recent_ids` are those near `last_id`, as rows made at the same time may appear in another order than their ids.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=SearchKind)
    last_id = models.PositiveBigIntegerField(default=0)
    recent_ids = models.JSONField(default=list, blank=True)
    documents = models.PositiveIntegerField(default=0)
    fresh = models.PositiveIntegerField(default=0, help_text="Blocks of single additions, not put together yet.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "kind"], name="search_index_once")]
        verbose_name_plural = "search indexes"

    def __str__(self) -> str:
        return f"Index of {self.get_kind_display()} {self.pk}"


class SearchBlock(models.Model):
    """Ids that hold a term, as unsigned 64-bit numbers one after the other. Terms are stems and names of skills."""

    index = models.ForeignKey(SearchIndex, on_delete=models.CASCADE, related_name="blocks", db_index=False)
    term = models.CharField(max_length=64)
    count = models.PositiveIntegerField()
    ids = models.BinaryField()
    is_fresh = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["index", "term"], name="search_block_term")]

    def __str__(self) -> str:
        return f"Block {self.pk}"


class TailoredCV(Work):
    """A CV tailored to one posting: the base version and the changes proposed to it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tailored_cvs")
    resume_version = models.ForeignKey("cv.ResumeVersion", on_delete=models.CASCADE, related_name="tailored_cvs")
    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="tailored_cvs")
    score_before = models.PositiveSmallIntegerField(null=True, blank=True)
    refused = models.JSONField(default=list, blank=True, help_text="Changes that the gate refused, and why.")
    pages = models.PositiveSmallIntegerField(default=0, help_text="How many pages the PDF may take; 0 for any number.")
    style = models.CharField(max_length=20, default="calm", help_text="The look of the PDF.")

    class Meta(Work.Meta):
        verbose_name = "tailored CV"
        verbose_name_plural = "tailored CVs"

    def __str__(self) -> str:
        return f"{self.resume_version} for {self.posting}"

    @property
    def is_stale(self) -> bool:
        """Whether the CV has a newer version than the one that was tailored."""
        return self.resume_version.cv.current_version_id != self.resume_version_id


class ChangeKind(models.TextChoices):
    """What a change does to the line that it addresses."""

    REORDER = "reorder", "Move up"
    SURFACE = "surface", "Show"
    REPHRASE = "rephrase", "Rephrase"
    SHORTEN = "shorten", "Shorten"
    HEADLINE = "headline", "Headline"
    DROP = "drop", "Leave out"


class Decision(models.TextChoices):
    """What the person said to a change."""

    PROPOSED = "proposed", "Not decided"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class Change(models.Model):
    """One proposed edit of one addressed line, with the ids of the facts that support it.

    `target_id` is an item id of the base résumé, `field` the field of it; for `reorder` of a list `after` is the new
    order of ids, one a line.
    """

    tailored_cv = models.ForeignKey(TailoredCV, on_delete=models.CASCADE, related_name="changes")
    ordinal = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=ChangeKind)
    target_id = models.CharField(max_length=60)
    field = models.CharField(max_length=40)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    evidence_ids = models.JSONField(default=list)
    requirement_ids = models.JSONField(default=list)
    reason = models.CharField(max_length=400)
    is_edited = models.BooleanField(default=False, help_text="Whether the person gave the new text.")
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.PROPOSED)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["tailored_cv", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["tailored_cv", "ordinal"], name="change_ordinal_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.target_id}"


class Tone(models.TextChoices):
    """How a text sounds."""

    PROFESSIONAL = "professional", "Professional"
    WARM = "warm", "Warm"
    DIRECT = "direct", "Direct"


class LetterLength(models.TextChoices):
    """How long a letter is, in words of its body."""

    SHORT = "short", "Short (120 to 160 words)"
    MEDIUM = "medium", "Medium (180 to 240 words)"


class CoverLetter(Work):
    """One version of a cover letter. `sentences` holds the text sentence by sentence, with evidence ids.

    A revision points to the letter that it revises by `revises`.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cover_letters")
    resume_version = models.ForeignKey("cv.ResumeVersion", on_delete=models.CASCADE, related_name="cover_letters")
    tailored_cv = models.ForeignKey(
        TailoredCV, on_delete=models.SET_NULL, null=True, blank=True, related_name="cover_letters"
    )
    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="cover_letters")
    revises = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="revisions")
    revision_wish = models.CharField(max_length=40, blank=True)
    tone = models.CharField(max_length=20, choices=Tone, default=Tone.PROFESSIONAL)
    length = models.CharField(max_length=10, choices=LetterLength, default=LetterLength.SHORT)
    language = models.CharField(max_length=8, default="en")
    focus = models.CharField(max_length=200, blank=True, help_text="What the person wants to be told first.")
    motive = models.CharField(
        max_length=400,
        blank=True,
        help_text="Why this job, in the person's own words; checked like all that the letter says.",
    )
    never_mention = models.JSONField(default=list, blank=True, help_text="Words that must not be in the text.")
    text = models.TextField(blank=True)
    sentences = models.JSONField(default=list, blank=True)
    removed = models.JSONField(default=list, blank=True, help_text="Claims that the gate refused, and why.")
    problems = models.JSONField(
        default=list,
        blank=True,
        help_text="What is wrong with sentences that were edited by hand; empty lets it be exported.",
    )
    is_edited = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"Letter for {self.posting}"

    @property
    def is_stale(self) -> bool:
        """Whether the CV has a newer version than the one that the letter goes with."""
        return self.resume_version.cv.current_version_id != self.resume_version_id


class EmailKind(models.TextChoices):
    """What an e-mail is for."""

    APPLICATION = "application", "Application"
    FOLLOW_UP = "follow_up", "Follow-up"
    THANK_YOU = "thank_you", "Thank you"
    REFERRAL = "referral", "Referral"


class Email(Work):
    """A draft of an e-mail; CareerAI never sends one."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="email_drafts")
    resume_version = models.ForeignKey("cv.ResumeVersion", on_delete=models.CASCADE, related_name="email_drafts")
    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="email_drafts")
    kind = models.CharField(max_length=20, choices=EmailKind, default=EmailKind.APPLICATION)
    language = models.CharField(max_length=8, default="en")
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    sentences = models.JSONField(default=list, blank=True)
    removed = models.JSONField(default=list, blank=True)

    class Meta(Work.Meta):
        verbose_name = "e-mail"

    def __str__(self) -> str:
        return f"E-mail for {self.posting}"


class Stage(models.TextChoices):
    """How far an application is."""

    SAVED = "saved", "Saved"
    APPLIED = "applied", "Applied"
    INTERVIEW = "interview", "Interview"
    OFFER = "offer", "Offer"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Turned down"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Application(models.Model):
    """What a person does about one posting: how far it is, what is to be remembered, and what was sent."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="applications")
    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="applications")
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.SAVED)
    notes = models.TextField(blank=True, max_length=10_000)
    remind_on = models.DateField(null=True, blank=True, help_text="The day on which the board brings it up.")
    reminder = models.CharField(max_length=200, blank=True, help_text="What is to be done then.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "posting"], name="application_once_per_posting")]

    def __str__(self) -> str:
        return f"{self.posting}: {self.get_stage_display()}"


class StageEntry(models.Model):
    """The day on which an application came to a stage."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="history")
    stage = models.CharField(max_length=10, choices=Stage)
    on = models.DateField()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "stage entries"

    def __str__(self) -> str:
        return f"{self.get_stage_display()} on {self.on}"


class SentKind(models.TextChoices):
    """What kind of document was sent."""

    CV = "cv", "CV"
    LETTER = "letter", "Cover letter"
    EMAIL = "email", "E-mail"


class SentDocument(models.Model):
    """A document as it was sent: its bytes are never written again, whatever becomes of the CV and the letter."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=10, choices=SentKind)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    kept_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["kept_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["application", "sha256"], name="document_kept_once")]

    def __str__(self) -> str:
        return self.name
