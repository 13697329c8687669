"""The site beside the workers that are killed: takes a word a line on its input, and answers with a line of JSON."""

import json
import sys
from collections.abc import Callable
from typing import Any

import django
from django.core.management import call_command

django.setup()

from ai_router.models import BackgroundTask  # noqa: E402
from careerai import samples  # noqa: E402
from careerai.accounts.models import User  # noqa: E402
from cv.models import CV, ParseRun, ResumeVersion  # noqa: E402
from cv.services import upload_cv  # noqa: E402
from jobs.models import Change, Posting, TailoredCV  # noqa: E402
from jobs.services.postings import create_posting  # noqa: E402
from jobs.services.tailoring import start_tailoring  # noqa: E402
from usage.models import Call  # noqa: E402


def prepare() -> None:
    call_command("migrate", verbosity=0)
    owner = User.objects.create_user(username="owner", email="owner@example.org", password="correct-horse-battery")
    create_posting(owner=owner, text=samples.sample_posting(), provider="embedded")


def upload() -> None:
    upload_cv(owner=User.objects.get(), data=samples.sample_cv(), file_name=samples.CV_NAME, provider="embedded")


def tailor() -> None:
    start_tailoring(owner=User.objects.get(), cv=CV.objects.get(), posting=Posting.objects.get(), provider="embedded")


def state() -> dict[str, Any]:
    changes = Change.objects.order_by("ordinal").values_list("ordinal", flat=True)
    return {
        "tasks": {task.name: [task.state, task.attempts] for task in BackgroundTask.objects.all()},
        "parses": list(ParseRun.objects.values_list("status", flat=True)),
        "versions": ResumeVersion.objects.count(),
        "tailored": list(TailoredCV.objects.values_list("status", flat=True)),
        "changes": list(changes),
        "open_calls": Call.objects.filter(status="open").count(),
    }


WORDS: dict[str, Callable[[], dict[str, Any] | None]] = {
    "prepare": prepare,
    "upload": upload,
    "tailor": tailor,
    "state": state,
}
for line in sys.stdin:
    sys.stdout.write(json.dumps(WORDS[line.strip()]()) + "\n")
    sys.stdout.flush()
