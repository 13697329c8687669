"""Forms of the pages."""

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from cv.models import CV
from jobs.bulk import MAX_FILE_BYTES
from jobs.importing import MAX_CHARACTERS
from jobs.letters import LANGUAGE_NAMES
from jobs.models import Application, CoverLetter, Email, LetterLength, Stage, TailoredCV, Tone, WorkStatus


class PostingForm(forms.Form):
    """A posting as pasted text, or the address of its page."""

    text = forms.CharField(
        label="Job posting",
        required=False,
        max_length=MAX_CHARACTERS,
        error_messages={"max_length": "This is too long to be one job posting."},
        widget=forms.Textarea(
            attrs={
                "rows": 12,
                "placeholder": "Paste the whole advertisement: text, the page's HTML, or schema.org JSON",
            }
        ),
    )
    source_url = forms.URLField(
        label="Its address",
        required=False,
        max_length=1000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://…"}),
        help_text="Without a text above, the page is read from there; some boards allow it to nobody.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a text or an address."""
        given = self.cleaned_data
        if not given.get("text") and not given.get("source_url") and not self.errors:
            self.add_error("text", "Paste the text of the advertisement, or give its address.")
        return given


class PostingFileForm(forms.Form):
    """A file of many postings."""

    file = forms.FileField(
        label="File",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.jsonl,.ndjson,.json,.txt"}),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """Refuse what is too large before it is read."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_FILE_BYTES:
            msg = "This file is too large. Cut it into parts."
            raise forms.ValidationError(msg)
        return file


class CVChoiceForm(forms.Form):
    """One of the person's CVs that have been read."""

    cv = forms.ModelChoiceField(
        label="CV",
        queryset=CV.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": "Choose one of your CVs."},
    )

    def __init__(self, *args: object, user_id: int, **kwargs: object) -> None:
        """Offer the CVs of this user, the latest first."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["cv"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - tells the type checker which field it is
        own = CV.objects.filter(owner_id=user_id, current_version__isnull=False).select_related("current_version")
        field.queryset = own
        field.choices = [(cv.pk, cv.title) for cv in own]


class PlainForm(forms.Form):
    """A form whose labels end without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what forms take."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class LetterForm(PlainForm):
    """How a letter is to be; all of it may be left out."""

    motive = forms.CharField(
        label="What draws you to this job or employer?",
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Your own sentences stand in the first paragraph. What claims more than the CV bears is left out, and shown to you.",
    )
    focus = forms.CharField(
        label="Which of your work should be told first?",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "For example: the booking system"}),
    )
    never_mention = forms.CharField(
        label="What should not be mentioned?",
        required=False,
        max_length=1_000,
        widget=forms.TextInput(attrs={"placeholder": "Words, separated by commas"}),
    )
    tone = forms.ChoiceField(choices=Tone.choices, required=False)
    length = forms.ChoiceField(choices=LetterLength.choices, required=False)
    language = forms.ChoiceField(choices=[("", "As the posting"), *LANGUAGE_NAMES.items()], required=False)

    def clean_never_mention(self) -> list[str]:
        """Return the words one by one."""
        return [word.strip() for word in self.cleaned_data["never_mention"].split(",") if word.strip()][:20]

    def clean(self) -> dict[str, Any]:
        """Leave out what was not chosen."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class ApplicationForm(PlainForm):
    """What is to be remembered of an application."""

    notes = forms.CharField(
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "Who you spoke to, what was said, what to ask"}),
    )
    remind_on = forms.DateField(
        label="Remind me on", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reminder = forms.CharField(
        label="What to do then",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "Ask how it stands"}),
    )


class StageForm(forms.Form):
    """A stage, and the day on which it was reached."""

    stage = forms.ChoiceField(choices=Stage.choices)
    on = forms.DateField(label="On", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean_on(self) -> date | None:
        """A stage is not reached before its day."""
        on: date | None = self.cleaned_data["on"]
        if on is not None and on > timezone.localdate():
            msg = "This day is still to come."
            raise forms.ValidationError(msg)
        return on


class KeepForm(PlainForm):
    """Which documents of the posting to keep as they are now."""

    tailored = forms.ModelChoiceField(
        TailoredCV.objects.none(), label="CV", required=False, empty_label="No tailored CV"
    )
    letter = forms.ModelChoiceField(CoverLetter.objects.none(), label="Letter", required=False, empty_label="No letter")
    email = forms.ModelChoiceField(Email.objects.none(), label="E-mail", required=False, empty_label="No e-mail")

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        """Offer what is finished for the application's posting."""
        super().__init__(*args, **kwargs)
        for name, model in (("tailored", TailoredCV), ("letter", CoverLetter), ("email", Email)):
            rows = model.objects.filter(
                owner_id=application.owner_id, posting_id=application.posting_id, status=WorkStatus.DONE
            )
            field = self.fields[name]
            field.queryset = rows.select_related("resume_version__cv", "posting", "resume_version")  # type: ignore[attr-defined]
            field.label_from_instance = _made_on  # type: ignore[attr-defined]
        letter = self.fields["letter"]
        letter.queryset = letter.queryset.select_related("tailored_cv")  # type: ignore[attr-defined]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to choose from."""
        return not any(field.queryset.exists() for field in self.fields.values())  # type: ignore[attr-defined]


def _made_on(row: TailoredCV | CoverLetter | Email) -> str:
    made = timezone.localtime(row.created_at)
    kind = row.get_kind_display() + ", " if isinstance(row, Email) else ""
    return f"{kind}{row.resume_version.cv.title}, {made:%d %b %Y, %H:%M}"
