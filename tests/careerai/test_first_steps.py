import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ai_router.models import BackgroundTask, TaskState
from careerai import samples
from careerai.accounts.models import User
from careerai.inline import finish
from careerai.management.commands.demo import _user
from cv.models import CV, Document
from jobs.models import CoverLetter, Posting, TailoredCV
from usage.ledger import open_call
from usage.models import Call

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_tables_are_there(monkeypatch):
    """Migrations ran before the tests; running them again inside a test's transaction would prove nothing."""
    ours = {"careerai.management.commands.setup_site", "careerai.management.commands.demo"}
    for module in ours:
        monkeypatch.setattr(f"{module}.call_command", lambda name, **_: None)


def test_a_new_site_gets_a_first_user_with_a_cv_that_is_read_and_a_posting(capsys):
    call_command("setup_site")

    said = capsys.readouterr().out
    password = re.search(r"password  (\S+)", said)
    assert password
    user = User.objects.get(email="demo@example.org")
    assert user.check_password(password.group(1))
    assert user.is_staff
    cv = CV.objects.get(owner=user)
    assert cv.current_version
    assert cv.current_version.resume.person.name == "Ines Halvorsen"
    assert Posting.objects.get(owner=user).title == "Senior Analytics Engineer"


def test_a_second_run_changes_nothing(capsys, settings):
    call_command("setup_site", no_sample=True)
    before = User.objects.get().password
    capsys.readouterr()
    settings.FIRST_USER_PASSWORD = "another-good-one"

    call_command("setup_site")

    assert "up to date" in capsys.readouterr().out
    assert User.objects.get().password == before
    assert not CV.objects.exists()


def test_a_password_from_the_environment_is_used_and_not_shown(capsys, settings):
    settings.FIRST_USER_EMAIL = "chief@example.org"
    settings.FIRST_USER_PASSWORD = "brought-from-outside"

    call_command("setup_site", no_sample=True)

    assert "brought-from-outside" not in capsys.readouterr().out
    assert User.objects.get(username="chief").check_password("brought-from-outside")


def test_a_first_user_without_an_address_is_refused(settings):
    settings.FIRST_USER_EMAIL = "nonsense"

    with pytest.raises(CommandError, match="FIRST_USER_EMAIL"):
        call_command("setup_site")


def test_the_sample_is_an_invented_person_at_reserved_addresses():
    data = json.loads((samples.FOLDER / "cv.json").read_text())

    assert data["email"].endswith("@example.org")
    assert "555-01" in data["phone"]
    assert samples.sample_cv().startswith(b"%PDF")
    assert "example.org" in samples.sample_posting()


FILES = {
    "cv.json",
    "match.json",
    "tailored-cv.json",
    "tailored-cv.pdf",
    "tailored-cv.docx",
    "cover-letter.txt",
    "cover-letter.pdf",
    "cover-letter.docx",
    "costs.json",
}


STEPS = ["Read the CV", "Match with the posting", "Tailor the CV", "Write the letter", "Add up the cost"]


def test_the_demo_does_the_main_job_and_leaves_only_its_calls(tmp_path, capsys):
    earlier = uuid4()
    open_call(call_id=earlier, user_id=_user().pk, task_type="cv_parsing", held_nanousd=0, expires_at=timezone.now())
    out = tmp_path / "out"

    call_command("demo", output=out, as_json=True)

    summary = json.loads(capsys.readouterr().out)
    assert {path.name for path in out.iterdir()} == set(summary["files"]) == FILES
    assert [step["name"] for step in summary["steps"]] == STEPS
    assert read(out / "cv.json")["basics"]["name"] == "Ines Halvorsen"
    assert 0 < read(out / "match.json")["score"] <= 100
    assert "Chesapeake Grid Services" in (out / "tailored-cv.json").read_text()
    assert (out / "tailored-cv.pdf").read_bytes().startswith(b"%PDF")
    assert (out / "cover-letter.docx").read_bytes().startswith(b"PK")
    assert "Ines Halvorsen" in (out / "cover-letter.txt").read_text()
    costs = read(out / "costs.json")
    calls = Call.objects.filter(user__username="demo-command").exclude(pk=earlier)
    assert costs["total"]["calls"] == len(costs["calls"]) == calls.count() > 0
    assert {line["task"] for line in costs["calls"]} == set(calls.values_list("task_type", flat=True))
    assert costs["total"]["cost_usd"] == 0
    for model in (CV, Document, Posting, TailoredCV, CoverLetter):
        assert not model.objects.exists()
    user = User.objects.get(username="demo-command")
    assert not user.is_active
    assert not user.has_usable_password()


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_a_cv_of_ones_own_that_cannot_be_used_ends_with_its_reason(tmp_path):
    recipe = tmp_path / "recipe.txt"
    recipe.write_text("Take two eggs and 100 g of flour. Stir. Bake it until it is brown.\n" * 5)

    with pytest.raises(CommandError, match="does not look like a CV"):
        call_command("demo", output=tmp_path / "out", cv=recipe)

    assert not CV.objects.exists()


@pytest.mark.parametrize("name", ["missing.pdf", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("demo", output=tmp_path / "out", cv=tmp_path / name)


def test_an_empty_posting_is_refused_in_its_words(tmp_path):
    posting = tmp_path / "posting.txt"
    posting.write_text("")

    with pytest.raises(CommandError, match="too little text"):
        call_command("demo", output=tmp_path / "out", job=posting)


def test_work_that_another_worker_has_is_waited_for(owner, monkeypatch):
    task = BackgroundTask.objects.create(name="cv.parse", subject_id=1, owner=owner, state=TaskState.RUNNING)
    naps = []

    def nap(_: float) -> None:
        naps.append(1)
        BackgroundTask.objects.filter(pk=task.pk).update(state=TaskState.DONE)

    monkeypatch.setattr("careerai.inline.time.sleep", nap)

    finish(task)
    finish(None)

    assert naps == [1]
    assert task.state == TaskState.DONE
