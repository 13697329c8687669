"""Drafts of e-mails: made in the background, edited by the person, sent by nobody but them."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from ai_router import scheduling
from ai_router.router import run
from ai_router.types import TaskType
from cv.models import CV
from jobs.emails import EmailInputs, email_inputs, email_task
from jobs.letters import letter_inputs
from jobs.models import Email, EmailKind, Posting, WorkStatus
from jobs.services.languages import require_language
from jobs.services.material import current_version, material_of

EMAIL_TASK = "jobs.write_email"


def start_email(
    *,
    owner: AbstractBaseUser,
    cv: CV,
    posting: Posting,
    kind: EmailKind = EmailKind.APPLICATION,
    language: str = "",
    provider: str = "auto",
) -> Email:
    """Make the row, and have the e-mail drafted in the background.

    Raises:
        ResumeNotReadyError: The CV has no structured version yet.
        UnsupportedLanguageError: Nobody here writes the language.
    """
    version = current_version(owner=owner, cv=cv)
    chosen = language or posting.language or version.resume.language or "en"
    require_language(chosen, task_type=TaskType.EMAIL_DRAFTING, provider=provider, user=owner)
    with transaction.atomic():
        email = Email.objects.create(
            owner_id=owner.pk,
            resume_version=version,
            posting=posting,
            kind=kind,
            language=chosen,
            provider=provider,
        )
        email.background_task = scheduling.enqueue(EMAIL_TASK, subject_id=email.pk, owner_id=owner.pk)
        email.save(update_fields=["background_task"])
    return email


def do_email(work: scheduling.Work) -> None:
    """Draft a queued e-mail."""
    email = Email.objects.select_related("resume_version", "posting", "owner").filter(pk=work.subject_id).first()
    if email is None:
        return
    work.progress(0, 1, "Writing")
    result = run(
        email_task(), inputs_of(email), user=email.owner, provider=email.provider, variant=f"e-mail {email.pk}"
    )
    with work.finishing():
        email.subject = result.output.subject[:300]
        email.text = result.output.text
        email.sentences = [sentence.model_dump() for sentence in result.output.sentences]
        email.removed = [claim.model_dump() for claim in result.output.removed]
        email.call_id = result.call_id
        email.status = WorkStatus.DONE
        email.finished_at = timezone.now()
        email.save()


def inputs_of(email: Email) -> EmailInputs:
    """Return what an e-mail is drafted from."""
    material = material_of(email.resume_version, email.posting)
    letter = letter_inputs(
        material.resume, material.analysis, material.report, posting_text=email.posting.text, language=email.language
    )
    return email_inputs(letter, EmailKind(email.kind))
