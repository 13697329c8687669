"""CVs are taken in, changed as versions, exported and deleted."""

import io
import json
import threading

import docx
import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connections

from ai_router.models import BackgroundTask, TaskState
from cv import services
from cv.errors import (
    CVError,
    DocumentTooLargeError,
    EmptyDocumentError,
    InvalidValueError,
    NotParsedError,
    UnknownItemError,
    UnreadableDocumentError,
    UnsupportedFormatError,
    VersionConflictError,
)
from cv.json_resume import from_json_resume
from cv.models import CV, Document, ParseRun, ParseStatus, ResumeVersion, VersionOrigin
from cv.resume import ValueStatus

JSON_RESUME = {
    "basics": {"name": "Ada Example", "email": "ada@example.org"},
    "work": [{"name": "Acme", "position": "Lead", "startDate": "2020-02", "highlights": ["Cut costs by 10 %."]}],
}


@pytest.fixture
def cv(owner) -> CV:
    return services.import_json_resume(owner=owner, data=JSON_RESUME)


def test_an_upload_is_stored_under_a_random_name_and_waits_to_be_read(owner):
    cv = services.upload_cv(owner=owner, data=b"Ada Example\nEngineer", file_name="C:\\cvs\\my_cv final.txt")

    document = cv.documents.get()
    assert (cv.title, document.original_name) == ("my cv final", "my_cv final.txt")
    assert document.media_type == "text/plain"
    assert (document.size_bytes, len(document.sha256)) == (20, 64)
    assert "my_cv" not in document.file.name
    with default_storage.open(document.file.name) as file:
        assert file.read() == b"Ada Example\nEngineer"
    run = document.parse_runs.get()
    assert run.status == ParseStatus.QUEUED
    assert (run.background_task.name, run.background_task.subject_id) == ("cv.parse", run.pk)
    assert run.background_task.owner == owner


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"", "cv.pdf", EmptyDocumentError),
        (b" \n\x00", "cv.pdf", EmptyDocumentError),
        (b"\x00\x00\x00\x18ftypheic....", "cv.heic", UnsupportedFormatError),
        (b"\x00\x01\x02\x03" * 100, "cv.pdf", UnsupportedFormatError),
        (b"{not json", "cv.json", UnreadableDocumentError),
        (b'{"a": 1}', "cv.json", UnreadableDocumentError),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_anything_is_stored(owner, settings, data, name, error):
    with pytest.raises(error):
        services.upload_cv(owner=owner, data=data, file_name=name)

    assert not CV.objects.exists()
    assert not list(settings.MEDIA_ROOT.glob("**/*")) if settings.MEDIA_ROOT.exists() else True


def test_an_upload_over_the_limit_is_refused_with_the_limit(owner, settings):
    settings.MAX_UPLOAD_BYTES = 1024**2

    with pytest.raises(DocumentTooLargeError, match="1 MB"):
        services.upload_cv(owner=owner, data=b"x" * (1024**2 + 1), file_name="cv.txt")


def test_a_file_is_not_left_behind_when_its_row_cannot_be_written(owner, settings):
    with pytest.raises(IntegrityError):
        services.upload_cv(owner=owner, data=b"Ada Example", file_name="cv.txt", provider=None)

    assert not CV.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.glob("**/*") if path.is_file()]


def test_a_json_resume_is_there_at_once(owner):
    cv = services.upload_cv(owner=owner, data=json.dumps(JSON_RESUME).encode("utf-8-sig"), file_name="ada.json")

    assert cv.title == "ada"
    assert cv.current_version.origin == VersionOrigin.IMPORTED
    assert cv.current_version.resume.employers[0].positions[0].title == "Lead"
    assert not Document.objects.exists()


def test_an_edit_makes_the_next_version_and_keeps_the_last(cv):
    version = services.edit_value(cv=cv, item_id="person-1", field="name", written="Ada B. Example")

    assert (version.number, version.origin) == (2, VersionOrigin.EDITED)
    assert version.resume.person.name == "Ada B. Example"
    assert version.resume.person.meta["name"].status == ValueStatus.EDITED
    cv.refresh_from_db()
    assert cv.current_version == version
    assert cv.versions.get(number=1).resume.person.name == "Ada Example"


def test_an_edit_that_changes_nothing_makes_no_version(cv):
    first = services.edit_value(cv=cv, item_id="person-1", field="name", written="Ada B. Example")

    assert services.edit_value(cv=cv, item_id="person-1", field="name", written="Ada B. Example") == first
    assert cv.versions.count() == 2


def test_an_edit_of_an_outdated_version_is_refused(cv):
    services.edit_value(cv=cv, item_id="person-1", field="name", written="First", expected_number=1)
    other_window = CV.objects.get(pk=cv.pk)

    with pytest.raises(VersionConflictError):
        services.edit_value(cv=other_window, item_id="person-1", field="name", written="Second", expected_number=1)

    other_window.refresh_from_db()
    assert other_window.current_version.resume.person.name == "First"


def test_an_edit_in_between_is_not_overwritten(cv):
    stale = CV.objects.select_related("current_version").get(pk=cv.pk)
    services.edit_value(cv=cv, item_id="person-1", field="name", written="First")

    with pytest.raises(VersionConflictError):
        services.edit_value(cv=stale, item_id="person-1", field="email", written="other@example.org")


@pytest.mark.django_db(transaction=True)
def test_of_edits_at_the_same_time_none_overwrites_another(owner):
    cv = services.import_json_resume(owner=owner, data=JSON_RESUME)
    start, outcomes = threading.Barrier(5), []

    def edit(number: int) -> None:
        own = CV.objects.select_related("current_version").get(pk=cv.pk)
        start.wait()
        try:
            outcomes.append(
                services.edit_value(cv=own, item_id="person-1", field="headline", written=f"Number {number}")
            )
        except VersionConflictError:
            outcomes.append(None)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    saved = [outcome for outcome in outcomes if outcome is not None]
    assert [version.number for version in saved] == [2]
    assert len(outcomes) == 5
    assert sorted(cv.versions.values_list("number", flat=True)) == [1, 2]


def test_a_refused_value_leaves_the_cv_as_it_was(cv):
    with pytest.raises(InvalidValueError):
        services.edit_value(cv=cv, item_id="position-1", field="start", written="long ago")

    assert cv.versions.count() == 1


def test_items_are_added_confirmed_and_removed(cv):
    _, item_id = services.add_item(cv=cv, collection="highlights", parent_id="position-1")
    services.edit_value(cv=cv, item_id=item_id, field="text", written="Hired two.")
    services.confirm_value(cv=cv, item_id="position-1", field="title")
    version = services.remove_item(cv=cv, item_id="line-1")

    position = version.resume.item("position-1")
    assert [line.text for line in position.highlights] == ["Hired two."]
    assert position.meta["title"].status == ValueStatus.CONFIRMED


def test_all_values_are_confirmed_at_once(cv):
    version = services.confirm_all(cv=cv)

    assert version.resume.person.meta["email"].status == ValueStatus.CONFIRMED


def test_an_earlier_version_is_restored_as_a_new_one(cv):
    services.edit_value(cv=cv, item_id="person-1", field="name", written="Somebody Else")

    version = services.restore_version(cv=cv, number=1)

    assert version.number == 3
    assert version.resume == cv.versions.get(number=1).resume
    assert cv.versions.get(number=2).resume.person.name == "Somebody Else"


def test_a_version_that_never_was_cannot_be_restored(cv):
    with pytest.raises(UnknownItemError):
        services.restore_version(cv=cv, number=9)


def test_a_cv_that_was_not_read_cannot_be_edited(owner):
    cv = services.upload_cv(owner=owner, data=b"Ada Example", file_name="cv.txt")

    with pytest.raises(NotParsedError):
        services.edit_value(cv=cv, item_id="person-1", field="name", written="x")


def test_a_waiting_parse_is_cancelled_at_once_and_the_upload_stays(owner):
    cv = services.upload_cv(owner=owner, data=b"Ada Example", file_name="cv.txt")

    services.cancel_parse(cv=cv)

    assert ParseRun.objects.get().status == ParseStatus.CANCELLED
    assert BackgroundTask.objects.get().state == TaskState.CANCELLED
    assert default_storage.exists(cv.documents.get().file.name)


def test_reading_again_waits_for_the_reading_that_runs(owner):
    cv = services.upload_cv(owner=owner, data=b"Ada Example", file_name="cv.txt")
    first = ParseRun.objects.get()

    assert services.reparse(cv=cv) == first
    services.cancel_parse(cv=cv)
    second = services.reparse(cv=cv, provider="embedded")

    assert second != first
    assert (second.status, second.provider) == (ParseStatus.QUEUED, "embedded")


def test_an_imported_cv_has_no_document_to_read_again(cv):
    with pytest.raises(NotParsedError):
        services.reparse(cv=cv)


def test_deleting_a_cv_deletes_everything_of_it(owner, django_capture_on_commit_callbacks):
    cv = services.upload_cv(owner=owner, data=b"Ada Example", file_name="cv.txt")
    name = cv.documents.get().file.name

    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        services.delete_cv(cv=cv)
    assert default_storage.exists(name)
    for callback in callbacks:
        callback()

    assert not default_storage.exists(name)
    assert not any(model.objects.exists() for model in (CV, Document, ParseRun, ResumeVersion))
    assert BackgroundTask.objects.get().state == TaskState.CANCELLED


@pytest.mark.parametrize("format_name", services.EXPORT_FORMATS)
def test_exports_are_named_after_the_person(cv, format_name):
    file = services.export_resume(cv.current_version.resume, format_name=format_name)

    assert file.name == f"Ada-Example-CV.{format_name}"
    assert file.data


def test_json_export_comes_back_equal(cv):
    resume = services.confirm_all(cv=cv).resume

    file = services.export_resume(resume, format_name="json")

    assert from_json_resume(json.loads(file.data)) == resume


def test_docx_export_opens(cv):
    file = services.export_resume(cv.current_version.resume, format_name="docx", label="tailored for Ümläut & Łódź")

    assert file.name == "Ada-Example-tailored-for-Umlaut-Lodz.docx"
    assert docx.Document(io.BytesIO(file.data)).paragraphs[0].text == "Ada Example"


def test_every_error_says_what_to_do():
    for error in CVError.__subclasses__():
        assert error().user_message.endswith(".")
        assert error("Other words.").user_message == "Other words."
