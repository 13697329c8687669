"""Forms of the pages."""

from django import forms

from cv.models import CV
from jobs.importing import MAX_CHARACTERS
from jobs.letters import LANGUAGE_NAMES
from jobs.models import LetterLength, Tone


class PostingForm(forms.Form):
    """A posting as pasted text."""

    text = forms.CharField(
        label="Job posting",
        max_length=MAX_CHARACTERS,
        error_messages={
            "required": "Paste the text of the advertisement.",
            "max_length": "This is too long to be one job posting.",
        },
        widget=forms.Textarea(
            attrs={
                "rows": 12,
                "placeholder": "Paste the whole advertisement: text, the page's HTML, or schema.org JSON",
            }
        ),
    )
    source_url = forms.URLField(
        label="Where it is from",
        required=False,
        max_length=1000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://… (optional, for your memory)"}),
    )


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


class LetterForm(forms.Form):
    """How a letter is to be; all of it may be left out."""

    tone = forms.ChoiceField(choices=Tone.choices, required=False)
    length = forms.ChoiceField(choices=LetterLength.choices, required=False)
    language = forms.ChoiceField(choices=[("", "As the posting"), *LANGUAGE_NAMES.items()], required=False)

    def clean(self) -> dict[str, str]:
        """Leave out what was not chosen."""
        return {name: value for name, value in self.cleaned_data.items() if value}
