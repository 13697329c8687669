"""Pages of CVs: upload, progress, review in place, versions, exports, deletion; nobody sees another's."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ai_router.models import BackgroundTask
from cv import services
from cv.export import to_pdf
from cv.extraction.rendering import render_page
from cv.models import CV, Document, ParseRun, ParseStatus
from cv.presentation import ADD_LABELS, sections_of
from cv.resume import (
    CustomSection,
    Employer,
    Item,
    Line,
    Person,
    Position,
    Resume,
    Source,
    ValueMeta,
    ValueStatus,
)
from cv.services.pictures import page_picture
from cv.tasks import parse

FRAGMENT = {"HTTP_HX_REQUEST": "true"}
TEXT = b"Mara Lindqvist\nmara@example.org\n\nExperience\nData Engineer, Northlight Inc\nMar 2019 - Present\n- Moved 40 pipelines\n"


@pytest.fixture
def client(client_for, owner) -> Client:
    return client_for(owner)


@pytest.fixture
def resume() -> Resume:
    source = Source(page=1, box=(10, 20, 90, 30), line_ids=["p1l1"], quotation="Ada Exmaple")
    return Resume(
        person=Person(
            name="Ada <Exmaple>", email="ada@example.org", meta={"name": ValueMeta(source=source, confidence=0.4)}
        ),
        employers=[Employer(name="Acme", positions=[Position(title="Lead", highlights=[Line(text="Cut costs.")])])],
        custom=[CustomSection(title="Patents", lines=[Line(text="A knot.")])],
        unassigned=[Line(text="left over words")],
    )


@pytest.fixture
def cv(owner, resume) -> CV:
    cv = services.upload_cv(owner=owner, data=to_pdf(resume), file_name="ada.pdf")
    run = ParseRun.objects.get()
    Document.objects.update(
        extracted={
            "media_type": "application/pdf",
            "pages": [{"number": 1, "width": 595.276, "height": 841.89}],
            "lines": [
                {"id": "p1l1", "page": 1, "box": [10, 20, 90, 30], "text": "Ada Exmaple"},
                {"id": "p1l2", "page": 1, "box": None, "text": "best of all", "hidden": "white"},
            ],
            "warnings": ["Only the first 30 pages were read."],
        },
        page_count=1,
    )
    report = {
        "injections": [{"kind": "override", "quotation": "ignore all", "line_ids": ["p1l2"], "hidden": "white"}],
        "missing": ["phone"],
        "disagreements": [{"path": "person.name", "rules": "Ada", "model": "Eda"}],
    }
    ParseRun.objects.update(status=ParseStatus.DONE, report=report)
    services.save_version(cv=cv, resume=resume, origin="parsed", parse_run=run)
    return cv


def _at(name: str, *args: object, **query: object) -> str:
    return reverse(f"cv:{name}", args=args) + (f"?{urlencode(query)}" if query else "")


def _value(cv: CV, item: str = "person-1", field: str = "name", **more: object) -> str:
    return _at("value", cv.pk, item=item, field=field, **more)


def _name(cv: CV) -> str:
    return CV.objects.select_related("current_version").get(pk=cv.pk).current_version.resume.person.name


def test_an_upload_leads_to_its_progress_and_then_to_the_cv(client):
    page = client.get(_at("list")).content.decode()
    assert "Drop a CV here" in page

    response = client.post(_at("upload"), {"file": SimpleUploadedFile("mara.txt", TEXT)}, follow=True)
    cv = CV.objects.get()
    assert response.redirect_chain == [(_at("detail", cv.pk), 302)]
    assert 'hx-trigger="every 700ms"' in response.content.decode()

    parse(str(BackgroundTask.objects.get().pk))
    response = client.get(_at("progress", cv.pk), **FRAGMENT)
    assert response["HX-Redirect"] == _at("detail", cv.pk)
    page = client.get(_at("detail", cv.pk)).content.decode()
    assert "Northlight Inc" in page
    assert "Text of the file" in page
    assert "Mara Lindqvist" in client.get(_at("list")).content.decode()


def test_progress_tells_the_step(client, owner):
    cv = services.upload_cv(owner=owner, data=TEXT, file_name="mara.txt")
    ParseRun.objects.update(status=ParseStatus.RUNNING)
    BackgroundTask.objects.update(progress_done=1, progress_total=3, progress_message="Finding work")

    part = client.get(_at("progress", cv.pk), **FRAGMENT).content.decode()

    assert "Finding work" in part
    assert "step 2 of 3" in part
    assert "<html" not in part
    assert client.get(_at("progress", cv.pk)).status_code == 302


def test_text_can_be_pasted(client):
    client.post(_at("upload"), {"text": "Mara / Lindqvist\nEngineer", "offline": "on"})

    assert CV.objects.get().title == "Mara Lindqvist"
    assert ParseRun.objects.get().provider == "embedded"


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({}, 400, "Choose a file"),
        ({"file": SimpleUploadedFile("a.txt", b"x"), "text": "y"}, 400, "not both"),
        ({"file": SimpleUploadedFile("a.txt", b"")}, 400, "empty"),
        ({"file": SimpleUploadedFile("a.heic", b"\x00\x00\x00\x18ftypheic")}, 415, "JPEG"),
        ({"text": "x" * 200_001}, 400, "200000"),
    ],
)
def test_a_bad_upload_says_what_to_do_on_the_page(client, data, status, words):
    response = client.post(_at("upload"), data)

    assert response.status_code == status
    assert words in response.content.decode()
    assert not CV.objects.exists()


def test_an_upload_over_the_limit_is_refused(client, settings):
    settings.MAX_UPLOAD_BYTES = 1024**2

    response = client.post(_at("upload"), {"file": SimpleUploadedFile("a.txt", b"x" * (1024**2 + 1))})

    assert response.status_code == 413
    assert "larger than 1 MB" in response.content.decode()


def test_a_failed_reading_says_why_and_can_be_tried_again(client, owner):
    cv = services.upload_cv(owner=owner, data=b"Soup\nTomatoes", file_name="soup.txt")
    parse(str(BackgroundTask.objects.get().pk))

    page = client.get(_at("detail", cv.pk)).content.decode()
    assert "could not be read" in page
    assert "does not look like a CV" in page
    assert "Upload another file" in page
    assert "Not readable" in client.get(_at("list")).content.decode()

    client.post(_at("read_again", cv.pk))
    assert ParseRun.objects.first().status == ParseStatus.QUEUED


def test_reading_can_be_cancelled(client, owner):
    cv = services.upload_cv(owner=owner, data=TEXT, file_name="mara.txt")

    response = client.post(_at("cancel", cv.pk), follow=True)

    assert "Reading was cancelled" in response.content.decode()


def test_an_imported_cv_cannot_be_read_again(client, owner):
    cv = services.import_json_resume(owner=owner, data={"basics": {"name": "Ada"}})

    response = client.post(_at("read_again", cv.pk))

    assert response.status_code == 409
    assert "no document to read again" in response.content.decode()


def test_the_cv_stands_beside_its_document(client, cv):
    page = client.get(_at("detail", cv.pk)).content.decode()

    assert "Ada &lt;Exmaple&gt;" in page
    assert _at("page", Document.objects.get().pk, 1) in page
    assert 'viewBox="0 0 595.28 841.89"' in page
    assert re.search(r'data-lines="p1l1"\s+data-page="1"\s+data-box="10.0,20.0,90.0,30.0"', page)
    assert "1 value to check" in page
    assert page.count(">check</span>") == 1
    for words in ("left over words", "best of all", "ignore all", "Only the first 30 pages", "phone", "Eda", "Patents"):
        assert words in page


def test_a_value_is_corrected_in_place(client, cv):
    form = client.get(_value(cv, edit=1), **FRAGMENT).content.decode()
    assert 'value="Ada &lt;Exmaple&gt;"' in form
    assert 'In the document: <q dir="auto">Ada Exmaple</q>' in form

    part = client.post(_value(cv), {"value": "Ada Example", "version": 1}, **FRAGMENT).content.decode()
    assert "Ada Example" in part
    assert "Nothing left to check" in part
    assert "<html" not in part
    assert _name(cv) == "Ada Example"


def test_a_value_is_corrected_without_script(client, cv):
    page = client.get(_value(cv, edit=1)).content.decode()
    assert "<html" in page

    response = client.post(_value(cv), {"value": "Ada Example", "version": 1})
    assert response["Location"] == _at("detail", cv.pk)
    assert _name(cv) == "Ada Example"


def test_a_value_that_cannot_be_read_stays_in_the_form(client, cv):
    response = client.post(_value(cv, "position-1", "start"), {"value": "long ago", "version": 1}, **FRAGMENT)

    assert response.status_code == 400
    form = response.content.decode()
    assert 'value="long ago"' in form
    assert "Write the date as" in form


def test_a_change_in_another_window_is_not_overwritten(client, cv):
    services.edit_value(cv=cv, item_id="person-1", field="name", written="First")

    response = client.post(_value(cv), {"value": "Second", "version": 1}, **FRAGMENT)

    assert response.status_code == 400
    assert "changed in the meantime" in response.content.decode()
    assert _name(cv) == "First"


def test_a_value_is_confirmed_or_all(client, cv):
    client.post(_value(cv), {"confirm": "1"}, **FRAGMENT)
    cv.refresh_from_db()
    assert cv.current_version.resume.person.meta["name"].status == ValueStatus.CONFIRMED

    client.post(_at("confirm_all", cv.pk))
    cv.refresh_from_db()
    assert cv.current_version.resume.person.meta["email"].status == ValueStatus.CONFIRMED


@pytest.mark.parametrize(("item", "field"), [("nobody", "name"), ("", ""), ("person-1", "meta")])
def test_a_value_that_is_gone_says_so(client, cv, item, field):
    for more in ({}, {"edit": 1}):
        response = client.get(_value(cv, item, field, **more), **FRAGMENT)
        assert response.status_code == 404
        assert "does not exist any more" in response.content.decode()
    assert client.post(_value(cv, item, field), {"value": "x"}, **FRAGMENT).status_code == 404


def test_every_kind_of_item_can_be_added_edited_and_removed(client, cv):
    for section in sections_of(Resume()):
        if section.collection is None:
            continue
        response = client.post(_at("add", cv.pk), {"collection": section.name})
        item_id = response["Location"].partition("#item-")[2]
        cv.refresh_from_db()
        item = cv.current_version.resume.item(item_id)
        assert item is not None
        form = client.get(
            _value(cv, item_id, next(iter(type(item).model_fields.keys() - Item.model_fields.keys())), edit=1)
        )
        assert form.status_code in {200, 404}
    assert client.get(_at("detail", cv.pk)).status_code == 200
    removed = client.post(_at("remove", cv.pk), {"item": "line-1"}, **FRAGMENT).content.decode()
    assert "Removed." in removed
    assert 'id="review-bar" hx-swap-oob="true"' in removed
    assert client.post(_at("remove", cv.pk), {"item": "line-1"}, **FRAGMENT).status_code == 404
    response = client.post(_at("remove", cv.pk), {"item": "employer-1"}, follow=True)
    assert "brings it back" in response.content.decode()


def test_items_are_added_only_where_they_belong(client, cv):
    response = client.post(_at("add", cv.pk), {"collection": "nonsense"})

    assert response.status_code == 404
    assert "does not exist any more" in response.content.decode()


def test_every_collection_of_the_document_model_has_a_name_on_the_page():
    found = {section.name for section in sections_of(Resume())} - {"person"}

    assert found < ADD_LABELS.keys()
    assert found == {name for name, value in Resume() if isinstance(value, list)} - {"unassigned", "section_order"}


def test_an_earlier_version_is_restored(client, cv):
    services.edit_value(cv=cv, item_id="person-1", field="name", written="Somebody Else")

    page = client.get(_at("versions", cv.pk)).content.decode()
    assert "Edited name" in page
    client.post(_at("restore", cv.pk, 1))

    assert _name(cv) == "Ada <Exmaple>"
    assert client.post(_at("restore", cv.pk, 77)).status_code == 404


@pytest.mark.parametrize(("name", "start"), [("pdf", b"%PDF"), ("docx", b"PK"), ("json", b"{")])
def test_exports_are_downloads(client, cv, name, start):
    response = client.get(_at("export", cv.pk, name, version=1))

    assert response.content.startswith(start)
    assert response["Content-Disposition"] == f'attachment; filename="Ada-Exmaple-CV.{name}"'
    assert "no-store" in response["Cache-Control"]


def test_exports_that_do_not_exist_are_not_found(client, cv, owner):
    waiting = services.upload_cv(owner=owner, data=TEXT, file_name="mara.txt")

    assert client.get(_at("export", cv.pk, "exe")).status_code == 404
    assert client.get(_at("export", cv.pk, "pdf", version=9)).status_code == 404
    assert client.get(_at("export", waiting.pk, "pdf")).status_code == 404


def test_pages_are_pictures_for_their_owner(client, cv):
    document = Document.objects.get()

    response = client.get(_at("page", document.pk, 1))

    assert response["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")
    assert "private" in response["Cache-Control"]
    again = client.get(_at("page", document.pk, 1), HTTP_IF_NONE_MATCH=response["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(_at("page", document.pk, 2)).status_code == 404


def test_a_page_of_a_cv_that_is_deleted_meanwhile_leaves_no_picture(cv, monkeypatch):
    document = Document.objects.get()

    def render(data: bytes, number: int, *, width: int) -> bytes:
        Document.objects.filter(pk=document.pk).delete()
        return render_page(data, number, width=width)

    monkeypatch.setattr("cv.services.pictures.render_page", render)

    assert page_picture(document, 1).startswith(b"\x89PNG")
    assert not default_storage.exists(f"{document.file.name}-page-1.png")


def test_a_page_is_rendered_once_and_its_picture_goes_with_the_cv(
    client, cv, settings, django_capture_on_commit_callbacks
):
    document = Document.objects.get()
    first = client.get(_at("page", document.pk, 1)).content
    original = document.file.path
    Path(original).write_bytes(b"gone")

    assert client.get(_at("page", document.pk, 1)).content == first
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_cv(cv=cv)
    assert not [path for path in settings.MEDIA_ROOT.glob("**/*") if path.is_file()]


def test_a_page_of_a_file_that_is_lost_is_not_found(client, cv):
    document = Document.objects.get()
    Path(document.file.path).unlink()

    assert client.get(_at("page", document.pk, 1)).status_code == 404


def test_a_cv_is_deleted_after_a_question(client, cv):
    assert "cannot be undone" in client.get(_at("delete", cv.pk)).content.decode()
    assert CV.objects.exists()

    response = client.post(_at("delete", cv.pk), follow=True)

    assert "was deleted" in response.content.decode()
    assert not CV.objects.exists()


def _addresses(cv: CV) -> list[tuple[str, str]]:
    document = Document.objects.get()
    return [
        ("get", _at("detail", cv.pk)), ("get", _at("progress", cv.pk)), ("post", _at("cancel", cv.pk)), ("post", _at("read_again", cv.pk)),
        ("get", _value(cv)), ("post", _value(cv)), ("post", _at("confirm_all", cv.pk)), ("post", _at("add", cv.pk)),
        ("post", _at("remove", cv.pk)), ("get", _at("versions", cv.pk)), ("post", _at("restore", cv.pk, 1)),
        ("get", _at("export", cv.pk, "pdf")), ("get", _at("delete", cv.pk)), ("post", _at("delete", cv.pk)),
        ("get", _at("page", document.pk, 1)),
    ]  # fmt: skip


def test_a_stranger_finds_nothing(client_for, stranger, cv):
    client = client_for(stranger)

    for method, address in _addresses(cv):
        assert getattr(client, method)(address).status_code == 404, address
    assert "ada" not in client.get(_at("list")).content.decode()
    assert cv.versions.count() == 1


def test_who_is_not_signed_in_is_asked_to(cv):
    for method, address in [*_addresses(cv), ("get", _at("list")), ("post", _at("upload"))]:
        response = getattr(Client(), method)(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith(reverse("accounts:sign_in"))


def test_the_list_takes_the_same_number_of_queries_for_any_number_of_cvs(
    client, owner, cv, django_assert_max_num_queries
):
    for number in range(5):
        services.import_json_resume(owner=owner, data={"basics": {"name": f"Person {number}"}})

    with django_assert_max_num_queries(5):
        client.get(_at("list"))


def test_the_list_is_paged(client, owner):
    for number in range(25):
        services.import_json_resume(owner=owner, data={"basics": {"name": f"Person {number}"}})

    assert "Page 1 of 2" in client.get(_at("list")).content.decode()


def test_a_picture_stands_beside_what_was_read_from_it(client, cv):
    document = Document.objects.get()
    document.media_type, document.extracted["media_type"] = "image/jpeg", "image/jpeg"
    document.save()

    assert _at("page", document.pk, 1) in client.get(_at("detail", cv.pk)).content.decode()


def test_who_uploads_a_file_again_is_told_so(client, client_for, stranger):
    addresses = [
        client.post(reverse("cv:upload"), {"file": SimpleUploadedFile("cv.txt", TEXT)})["Location"] for _ in range(2)
    ]

    page = client.get(addresses[1]).content.decode()

    assert "You uploaded this very file before" in page
    assert f'<a href="{addresses[0]}">cv</a>' in page
    client = client_for(stranger)
    other = client.post(reverse("cv:upload"), {"file": SimpleUploadedFile("cv.txt", TEXT)})["Location"]
    assert "very file" not in client.get(other).content.decode()


def test_a_cv_is_read_again_by_the_engine_that_is_chosen(client, cv, settings):
    page = client.get(_at("detail", cv.pk)).content.decode()
    assert "on this server only" not in page
    settings.AI_PROVIDERS = {"openai": {"api_key": "sk-test"}}
    assert "on this server only" in client.get(_at("detail", cv.pk)).content.decode()

    for provider in ("embedded", "auto", "nonsense"):
        services.cancel_parse(cv=cv)
        client.post(_at("read_again", cv.pk), {"provider": provider})

    found = ParseRun.objects.order_by("pk").values_list("provider", flat=True)
    assert list(found)[-3:] == ["embedded", "auto", "auto"]
