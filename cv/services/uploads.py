"""A CV's file: taken in, read in the background, read again, cancelled, deleted."""

import hashlib
import json
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from ai_router import scheduling
from cv.errors import DocumentTooLargeError, EmptyDocumentError, NotParsedError, UnreadableDocumentError
from cv.export.text import printable
from cv.extraction import convert
from cv.extraction.sniffing import sniff_media_type
from cv.json_resume import from_json_resume
from cv.models import CV, Document, ParseRun, ParseStatus, VersionOrigin
from cv.services.pictures import stored_names
from cv.services.versions import save_version
from cv.structured import KIND_NAMES, may_hold_data

PARSE_TASK = "cv.parse"
OPEN = (ParseStatus.QUEUED, ParseStatus.RUNNING)
MAX_TITLE_LENGTH = 200


def upload_cv(*, owner: AbstractBaseUser, data: bytes, file_name: str, provider: str = "auto") -> CV:
    """Store a file as a new CV, and have it read in the background; a JSON Resume is read at once.

    What can be told from the file's first bytes is checked before anything is stored.

    Args:
        owner: Whose CV it is.
        data: The file.
        file_name: Its name at the person's; shown to them, never used as a path.
        provider: `auto` follows the route, `embedded` stays offline.

    Raises:
        CVError: The file is empty, too large, encrypted, or of no kind that can be read.
    """
    check_size(data)
    if (form := structured_form(data)) is not None:
        note = f"Imported from {KIND_NAMES.get(sniff_media_type(data), 'JSON Resume')}"
        return import_json_resume(owner=owner, data=form, title=title_of(file_name), note=note)
    media_type = sniff_media_type(data, file_name=file_name)
    stored = ""
    try:
        with transaction.atomic():
            cv = CV.objects.create(owner_id=owner.pk, title=title_of(file_name))
            document = Document(
                cv=cv,
                original_name=shown_name(file_name),
                media_type=media_type,
                sha256=hashlib.sha256(data).hexdigest(),
                size_bytes=len(data),
            )
            document.file.save("upload", ContentFile(data), save=False)
            stored = document.file.name or ""
            document.save()
            _enqueue_parse(document, provider=provider)
    except BaseException:
        if stored:
            default_storage.delete(stored)
        raise
    return cv


def import_json_resume(
    *, owner: AbstractBaseUser, data: bytes | dict[str, Any], title: str = "", note: str = "Imported from JSON Resume"
) -> CV:
    """Store a JSON Resume as a new CV; it needs no reading, so its first version is there at once.

    Raises:
        UnreadableDocumentError: It is no JSON, or no JSON Resume.
        DocumentTooLargeError: It is over the limit for uploads.
    """
    if isinstance(data, bytes):
        check_size(data)
    resume = from_json_resume(parsed_json(data) if isinstance(data, bytes) else data)
    with transaction.atomic():
        named = printable(title or resume.person.name)[:MAX_TITLE_LENGTH]
        cv = CV.objects.create(owner_id=owner.pk, title=named or "CV")
        save_version(cv=cv, resume=resume, origin=VersionOrigin.IMPORTED, note=note)
    return cv


def uploaded_before(cv: CV) -> CV | None:
    """Return an earlier CV of the same person from the very same file, or None."""
    document = cv.documents.first()
    if document is None:
        return None
    same = CV.objects.filter(owner_id=cv.owner_id, documents__sha256=document.sha256)
    return same.exclude(pk=cv.pk).first()


def reparse(*, cv: CV, provider: str = "auto") -> ParseRun:
    """Read the CV's document again in the background; what the person corrected is kept.

    A reading that is still going on is returned as it is.

    Raises:
        NotParsedError: There is no document to read: the CV was imported from JSON.
    """
    with transaction.atomic():
        CV.objects.select_for_update().get(pk=cv.pk)
        document = cv.documents.first()
        if document is None:
            raise NotParsedError("This CV was imported as data; there is no document to read again.")
        running = document.parse_runs.filter(status__in=OPEN).first()
        return running or _enqueue_parse(document, provider=provider)


def cancel_parse(*, cv: CV) -> None:
    """Stop reading the CV's document: at once where it waits, at its next step where it runs. The upload stays."""
    for run in ParseRun.objects.filter(document__cv=cv, status__in=OPEN).select_related("background_task"):
        if run.background_task is not None:
            scheduling.cancel(run.background_task)


def delete_cv(*, cv: CV) -> None:
    """Delete a CV with its documents, readings and versions; the files go when the deletion is committed."""
    with transaction.atomic():
        cancel_parse(cv=cv)
        names = [name for document in cv.documents.all() for name in stored_names(document)]
        cv.delete()
        transaction.on_commit(lambda: _delete_files(names))


def check_size(data: bytes) -> None:
    """Raise where there is nothing, or more than the limit of an upload."""
    if not data:
        raise EmptyDocumentError
    if len(data) > settings.MAX_UPLOAD_BYTES:
        megabytes = settings.MAX_UPLOAD_BYTES // 1024**2
        raise DocumentTooLargeError(f"The file is larger than {megabytes} MB. Upload a smaller version.")


def looks_like_json(data: bytes) -> bool:
    """Whether the bytes begin like a JSON object."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" and not data.lstrip().startswith(b"{\\rtf")


def structured_form(data: bytes) -> Any:
    """Return a file that holds a CV as data in the form of JSON Resume: JSON, Europass XML (also in a PDF), LinkedIn's archive.

    None stands for any other file.

    Raises:
        CVError: It is damaged, over a limit, or of no kind that can be read.
    """
    if looks_like_json(data):
        return parsed_json(data)
    media_type = sniff_media_type(data)
    return convert(data, media_type=media_type) if may_hold_data(data, media_type) else None


def parsed_json(data: bytes) -> Any:
    """Return what a JSON file says.

    Raises:
        UnreadableDocumentError: It is no JSON.
    """
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        message = (
            "This looks like JSON, but cannot be read as such. Export it again, or upload the CV as a PDF or DOCX."
        )
        raise UnreadableDocumentError(message) from error


def shown_name(file_name: str) -> str:
    """Return the file's own name without folders or unprintable characters."""
    return printable(PurePosixPath(file_name.replace("\\", "/")).name)[:255] or "CV"


def title_of(file_name: str) -> str:
    """Return a title for a CV from its file's name."""
    stem = PurePosixPath(shown_name(file_name)).stem.replace("_", " ")
    return printable(stem)[:MAX_TITLE_LENGTH] or "CV"


def _enqueue_parse(document: Document, *, provider: str) -> ParseRun:
    run = ParseRun.objects.create(document=document, provider=provider)
    run.background_task = scheduling.enqueue(PARSE_TASK, subject_id=run.pk, owner_id=document.cv.owner_id)
    run.save(update_fields=["background_task"])
    return run


def _delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)
