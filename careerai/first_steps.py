"""What a new site begins with: a first user, with a sample CV and posting."""

import secrets

from django.db import transaction

from careerai import samples
from careerai.accounts.models import User
from careerai.inline import finish
from cv.models import CV, ParseRun
from cv.services import upload_cv
from jobs.services.postings import create_posting

PASSWORD_BYTES = 12


def make_first_user(*, email: str, password: str, with_sample: bool) -> tuple[User, str] | None:
    """Make the first user, who may enter the administration; return the user and the password.

    Nothing is done, and None returned, where anybody can sign in already. Without `password` a random one is made; it is
    kept nowhere but in the answer.
    """
    if User.objects.filter(is_active=True).exists():
        return None
    password = password or secrets.token_urlsafe(PASSWORD_BYTES)
    username = email.partition("@")[0]
    with transaction.atomic():
        user = User.objects.create_superuser(username=username, email=email, password=password)
        if with_sample:
            cv = upload_cv(owner=user, data=samples.sample_cv(), file_name=samples.CV_NAME)
            create_posting(owner=user, text=samples.sample_posting())
    if with_sample:
        read_cv(cv)
    return user, password


def read_cv(cv: CV) -> ParseRun:
    """Read an uploaded CV in this process, and return how that went."""
    run = ParseRun.objects.select_related("background_task").filter(document__cv=cv).latest("created_at")
    finish(run.background_task)
    run.refresh_from_db()
    cv.refresh_from_db()
    return run
