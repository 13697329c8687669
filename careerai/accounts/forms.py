"""Forms of the account pages."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm, SetPasswordForm, UsernameField
from django.contrib.auth.forms import PasswordChangeForm as BasePasswordChangeForm
from django.core.exceptions import ValidationError

from careerai.accounts.models import User

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
    NewUserForm = BaseUserCreationForm[User]
    NewPasswordForm = SetPasswordForm[User]
else:
    UserForm = forms.ModelForm
    NewUserForm = BaseUserCreationForm
    NewPasswordForm = SetPasswordForm

EXPIRIES = [("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), ("", "Never")]


class SignInForm(AuthenticationForm):
    """Takes the username or the e-mail address."""

    error_messages = {
        "invalid_login": "These do not match an account. Check the spelling and the caps lock key, or reset the password.",
        "inactive": "This account is switched off. Ask whoever runs this site.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Label the field by what it takes."""
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Username or e-mail address"


def _simplify_passwords(form: forms.BaseForm, first: str, second: str) -> None:
    """Ask for a new password in the words that a person needs."""
    form.fields[first].help_text = "At least 10 characters; a few unrelated words work well."
    form.fields[second].label = f"{form.fields[first].label} again"
    form.fields[second].help_text = ""


class PasswordResetForm(NewPasswordForm):
    """A new password, by a link from an e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what Django's form takes."""
        super().__init__(*args, **kwargs)
        _simplify_passwords(self, "new_password1", "new_password2")


class PasswordChangeForm(BasePasswordChangeForm):
    """A new password in place of the old one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what Django's form takes."""
        super().__init__(*args, **kwargs)
        _simplify_passwords(self, "new_password1", "new_password2")


def _clean_email(form: UserForm) -> str:
    email = str(form.cleaned_data["email"]).strip()
    others = User.objects.filter(email__iexact=email).exclude(pk=form.instance.pk)
    if others.exists():
        message = "There is an account with this e-mail address already. Sign in, or reset its password."
        raise ValidationError(message)
    return email


def _clean_username(form: UserForm) -> str:
    username = str(form.cleaned_data["username"])
    if "@" in username and username != form.instance.username:
        message = "A username cannot hold an @; the e-mail address signs you in as well."
        raise ValidationError(message)
    if User.objects.filter(username__iexact=username).exclude(pk=form.instance.pk).exists():
        message = "This username is taken. Choose another one."
        raise ValidationError(message)
    return username


class SignUpForm(NewUserForm):
    """A new account."""

    class Meta:
        model = User
        fields = ("username", "email")
        field_classes = {"username": UsernameField}
        help_texts = {"username": "Letters, digits and . + - _"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Shorten what Django says about passwords to what a person needs."""
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        _simplify_passwords(self, "password1", "password2")

    def clean_email(self) -> str:
        """Refuse an address that has an account, in whatever case."""
        return _clean_email(self)

    def clean_username(self) -> str:
        """Refuse a name that is taken, or that could be taken for an address."""
        return _clean_username(self)


class ProfileForm(UserForm):
    """What a person may change about the account."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "username", "email"]
        help_texts = {"username": ""}

    def clean_email(self) -> str:
        """Refuse an address that has another account, in whatever case."""
        return _clean_email(self)

    def clean_username(self) -> str:
        """Refuse a name that is taken, or that could be taken for an address."""
        return _clean_username(self)


class ApiTokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(max_length=80, label="Name", help_text="What uses it, for example “backup script”.")
    days = forms.TypedChoiceField(
        choices=EXPIRIES, initial="90", required=False, coerce=int, empty_value=None, label="Expires"
    )
