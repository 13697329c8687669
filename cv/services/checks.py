"""The check of a CV as it stands, and of the file that it was read from."""

from django.utils import timezone

from cv.checking import Finding, check_cv
from cv.extraction import ExtractedDocument
from cv.models import CV
from cv.services.versions import current_version


def check(*, cv: CV) -> list[Finding]:
    """Return what makes the CV hard to read, the weightiest first.

    Raises:
        NotParsedError: There is no résumé yet.
    """
    resume = current_version(cv).resume
    document = cv.documents.first()
    extracted = ExtractedDocument.model_validate(document.extracted) if document and document.extracted else None
    return check_cv(resume, extracted, today=timezone.localdate())
