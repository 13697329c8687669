"""What a person does with a reading tells the router whether it was taken."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ai_router.comparison import compare_models
from ai_router.models import CallAcceptance
from cv.services import confirm_all, confirm_value, edit_value, remove_item, upload_cv
from usage.models import Call

pytestmark = pytest.mark.django_db
TEXT = (
    b"Ada Quill\nada@example.org\n\nExperience\nEngineer, Globex, 2019 - 2021\n- Built a thing\n\nSkills\nPython, SQL\n"
)


@pytest.fixture
def read_cv(owner, run_tasks):
    """A CV that was read, and the call that read it."""
    cv = upload_cv(owner=owner, data=TEXT, file_name="cv.txt")
    run_tasks()
    cv.refresh_from_db()
    return cv


def said() -> list[bool]:
    return list(CallAcceptance.objects.values_list("is_accepted", flat=True))


def test_a_reading_that_is_confirmed_as_a_whole_was_taken(read_cv):
    confirm_all(cv=read_cv)

    row = CallAcceptance.objects.get()
    assert row.is_accepted
    assert row.call_id == Call.objects.get(task_type="cv_parsing").pk
    (figures,) = compare_models(hours=1, now=timezone.now() + timedelta(seconds=1))
    assert (figures.task, figures.accepted.count, figures.accepted.value) == ("cv_parsing", 1, 1.0)


def test_a_reading_that_is_corrected_first_was_not(read_cv):
    resume = read_cv.current_version.resume

    confirm_value(cv=read_cv, item_id=resume.person.id, field="name")
    assert said() == []
    edit_value(cv=read_cv, item_id=resume.person.id, field="name", written="Ada Quill")
    edit_value(cv=read_cv, item_id=resume.person.id, field="name", written="Ada M. Quill")
    confirm_all(cv=read_cv)

    assert said() == [False]


def test_a_reading_with_an_entry_too_many_was_not(read_cv):
    remove_item(cv=read_cv, item_id=read_cv.current_version.resume.employers[0].id)

    assert said() == [False]
