"""Pages for accounts: sign-up, sign-in, passwords, profile and API tokens."""

from typing import Any

from axes.utils import reset
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from careerai.accounts.forms import (
    ApiTokenForm,
    PasswordChangeForm,
    PasswordResetForm,
    ProfileForm,
    SignInForm,
    SignUpForm,
)
from careerai.accounts.models import ApiToken, User
from careerai.accounts.tokens import create_token, revoke_token
from usage.edge import limit_rate

SIGN_IN_RATE = "30/m"
SIGN_UP_RATE = "10/h"
RESET_RATE = "5/h"
NEW_TOKENS_RATE = "20/h"  # a rate, no token


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@limit_rate(group="sign-up", key="ip", rate=SIGN_UP_RATE)
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make an account and sign it in."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    if not settings.SIGN_UP_OPEN:
        return render(request, "accounts/sign_up_closed.html", status=403)
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        messages.success(request, "Your account is ready. Upload a CV to begin.")
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/sign_up.html", {"form": form})


def locked_out(request: HttpRequest, _response: HttpResponse | None, _credentials: object) -> HttpResponse:
    """Say that signing in is paused after too many wrong passwords; django-axes calls this."""
    context = {"failure_limit": settings.AXES_FAILURE_LIMIT, "minutes": round(settings.AXES_COOLOFF_TIME * 60)}
    return render(request, "accounts/locked_out.html", context, status=429)


@method_decorator(limit_rate(group="sign-in", key="ip", rate=SIGN_IN_RATE), name="post")
class SignInView(auth_views.LoginView):
    """Sign in by username or e-mail address; django-axes counts failures."""

    template_name = "accounts/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, sign_up_open=settings.SIGN_UP_OPEN)


@method_decorator(limit_rate(group="reset", key="ip", rate=RESET_RATE), name="post")
@method_decorator(limit_rate(group="reset-address", key="post:email", rate=RESET_RATE), name="post")
class PasswordResetView(auth_views.PasswordResetView):
    """Send a link that sets a new password; says the same whether or not the address is known."""

    template_name = "accounts/password_reset.html"
    email_template_name = "accounts/password_reset_email.txt"
    subject_template_name = "accounts/password_reset_subject.txt"
    success_url = reverse_lazy("accounts:password_reset_sent")


class PasswordResetSentView(auth_views.PasswordResetDoneView):
    """Say that a link is on its way."""

    template_name = "accounts/password_reset_sent.html"


class PasswordResetConfirmView(auth_views.PasswordResetConfirmView):
    """Set a new password by a link from an e-mail."""

    template_name = "accounts/password_reset_confirm.html"
    form_class = PasswordResetForm
    success_url = reverse_lazy("accounts:sign_in")

    def form_valid(self, form: Any) -> HttpResponse:
        for name in (form.user.username, form.user.email):
            reset(username=name)
        messages.success(self.request, "The new password is set. Sign in with it.")
        return super().form_valid(form)


class PasswordChangeView(auth_views.PasswordChangeView):
    """Change one's own password; other sessions end."""

    template_name = "accounts/password_change.html"
    form_class = PasswordChangeForm
    success_url = reverse_lazy("accounts:profile")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "The password is changed. Other devices are signed out.")
        return super().form_valid(form)


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change the account."""
    user = _user(request)
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your account is saved.")
        return redirect("accounts:profile")
    return _profile_page(request, form=form)


@sensitive_post_parameters()
@never_cache
@login_required
@require_POST
@limit_rate(group="new-tokens", key="user", rate=NEW_TOKENS_RATE)
def make_token(request: HttpRequest) -> HttpResponse:
    """Make an API token and show it, this once."""
    user = _user(request)
    form = ApiTokenForm(request.POST)
    if not form.is_valid():
        return _profile_page(request, token_form=form, status=422)
    token, plain = create_token(user=user, **form.cleaned_data)
    return _profile_page(request, new_token=token, plain=plain)


@login_required
@require_POST
def delete_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one of one's own tokens."""
    token = get_object_or_404(ApiToken.objects.for_user(request.user), pk=pk)
    revoke_token(token)
    messages.success(request, f"“{token.name}” is revoked.")
    return redirect("accounts:profile")


def _profile_page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    context.setdefault("form", ProfileForm(instance=_user(request)))
    context.setdefault("token_form", ApiTokenForm())
    context["tokens"] = ApiToken.objects.for_user(request.user)
    return render(request, "accounts/profile.html", context, status=status)


def _user(request: HttpRequest) -> User:
    """Narrow the type behind `login_required`."""
    if not isinstance(request.user, User):
        raise TypeError
    return request.user
