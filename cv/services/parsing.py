"""Read a stored document into a résumé, in the background or at once."""

from dataclasses import asdict
from typing import Any

from ai_router.scheduling import Work
from cv.corrections import keep_corrections
from cv.extraction import ExtractedDocument, extract
from cv.extraction.injection import find_injections
from cv.json_resume import from_json_resume
from cv.models import CV, Document, ParseRun, ParseStatus, ResumeVersion, VersionOrigin
from cv.parsing import ParsedResume, parse_document
from cv.resume import Resume
from cv.services.uploads import check_size, structured_form
from cv.services.versions import KEPT_NOTE, save_version

STEPS = 3


def read_resume(data: bytes, *, file_name: str, user: Any = None, provider: str = "auto") -> Resume:
    """Return the résumé in a file of any kind that can be read, JSON Resume included; stores nothing.

    Raises:
        CVError: The file can't be read, or is no CV.
    """
    check_size(data)
    if (form := structured_form(data)) is not None:
        return from_json_resume(form)
    return parse_document(extract(data, file_name=file_name), user=user, provider=provider).resume


def perform_parse(work: Work) -> None:
    """Do the background task `cv.parse` on a `ParseRun`: read, parse, keep corrections, save the next version.

    A run whose CV was deleted meanwhile, or that has ended, is left alone.

    Raises:
        CVError: The document can't be read, or is no CV.
        RouterError: No candidate of the route answered.
        CancelledByUserError: The person has stopped it.
    """
    runs = ParseRun.objects.select_related("document__cv__owner")
    run = runs.filter(pk=work.subject_id, status__in=(ParseStatus.QUEUED, ParseStatus.RUNNING)).first()
    if run is None:
        return
    work.progress(0, STEPS, "Reading the pages")
    extracted = _extract(run.document)
    work.progress(1, STEPS, "Finding work, education and skills")
    parsed = parse_document(extracted, user=run.document.cv.owner, provider=run.provider, variant=_variant(run))
    work.progress(2, STEPS, "Checking and saving")
    with work.finishing():
        _save(run, parsed, extracted)


def _variant(run: ParseRun) -> str:
    """A document that is read again is read anew; the first readings of the same text are the same."""
    return f"reading {run.pk}" if run.document.parse_runs.filter(pk__lt=run.pk).exists() else ""


def _extract(document: Document) -> ExtractedDocument:
    """Read the stored file, and keep its lines, which the page shows even where parsing fails."""
    with document.file.open("rb") as file:
        extracted = extract(file.read(), file_name=document.original_name)
    values = {
        "extracted": extracted.model_dump(mode="json"),
        "media_type": extracted.media_type,
        "page_count": len(extracted.pages),
    }
    Document.objects.filter(pk=document.pk).update(**values)
    return extracted


def _save(run: ParseRun, parsed: ParsedResume, extracted: ExtractedDocument) -> None:
    """Save what was read; called in the transaction that ends the task."""
    cv = CV.objects.select_for_update().filter(pk=run.document.cv_id).first()
    if cv is None:
        return
    report = {**parsed.report, "injections": [asdict(finding) for finding in find_injections(extracted.lines)]}
    ParseRun.objects.filter(pk=run.pk).update(report=report, call_id=parsed.call_id)
    before = cv.current_version
    kept = keep_corrections(parsed.resume, corrected=before.resume, baseline=_baseline(before)) if before else None
    save_version(cv=cv, resume=parsed.resume, origin=VersionOrigin.PARSED, parse_run=run)
    if kept is not None and kept != parsed.resume:
        save_version(cv=cv, resume=kept, origin=VersionOrigin.EDITED, parse_run=run, note=KEPT_NOTE)


def _baseline(version: ResumeVersion) -> Resume | None:
    """Return the latest reading as it was, before any change by the person."""
    earlier = ResumeVersion.objects.filter(cv=version.cv, number__lte=version.number, origin=VersionOrigin.PARSED)
    read = earlier.order_by("-number").first()
    return read.resume if read else None
