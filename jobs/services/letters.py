"""Cover letters: started, written in the background while the page reads along, revised, edited, exported."""

import time
from collections.abc import Sequence

from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from ai_router import router, scheduling
from ai_router.types import StreamEnded, StreamRestarted, TaskResult, TaskType, TextDelta
from cv.export.letters import LetterDocument, letter_to_docx, letter_to_pdf, letter_to_text
from cv.models import CV
from cv.services import ExportedFile
from cv.services.exports import file_stem
from jobs.errors import NotFinishedError, UnsupportedClaimError
from jobs.grounding import Sentence
from jobs.grounding.words import sentences
from jobs.letters import LANGUAGE_NAMES, Letter, LetterInputs, RevisionWish, letter_inputs, letter_task
from jobs.letters.checking import check_by_hand
from jobs.letters.naming import subject_of
from jobs.models import CoverLetter, Email, LetterLength, Posting, TailoredCV, Tone, WorkStatus
from jobs.services.languages import require_language
from jobs.services.material import current_version, material_of
from jobs.services.tailoring import accepted_resume

LETTER_TASK = "jobs.write_letter"
SAVE_SECONDS = 0.2
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS = {"pdf": (PDF, letter_to_pdf), "docx": (DOCX, letter_to_docx)}
LETTER_FORMATS = (*FORMATS, "txt")


def start_letter(
    *,
    owner: AbstractBaseUser,
    cv: CV,
    posting: Posting,
    tailored_cv: TailoredCV | None = None,
    tone: str = Tone.PROFESSIONAL,
    length: str = LetterLength.SHORT,
    language: str = "",
    focus: str = "",
    motive: str = "",
    never_mention: Sequence[str] = (),
    provider: str = "auto",
) -> CoverLetter:
    """Make the row, and have the letter written in the background.

    Raises:
        ResumeNotReadyError: The CV has no structured version yet.
        UnsupportedLanguageError: Nobody here writes the language.
    """
    version = tailored_cv.resume_version if tailored_cv else current_version(owner=owner, cv=cv)
    chosen = language or posting.language or version.resume.language or "en"
    require_language(chosen, task_type=TaskType.COVER_LETTER, provider=provider, user=owner)
    letter = CoverLetter(
        owner_id=owner.pk,
        resume_version=version,
        tailored_cv=tailored_cv,
        posting=posting,
        tone=tone,
        length=length,
        language=chosen,
        focus=focus,
        motive=motive,
        never_mention=list(never_mention),
        provider=provider,
    )
    return _enqueued(letter)


def revise_letter(*, letter: CoverLetter, wish: RevisionWish, language: str = "") -> CoverLetter:
    """Have a new version written that differs as wished, in another language where one is given; the letter stays as it is.

    Raises:
        UnsupportedLanguageError: Nobody here writes the language.
    """
    if language:
        require_language(language, task_type=TaskType.COVER_LETTER, provider=letter.provider, user=letter.owner)
    revision = CoverLetter(
        owner_id=letter.owner_id,
        resume_version=letter.resume_version,
        tailored_cv=letter.tailored_cv,
        posting=letter.posting,
        tone=letter.tone,
        length=letter.length,
        language=language or letter.language,
        focus=letter.focus,
        motive=letter.motive,
        never_mention=letter.never_mention,
        provider=letter.provider,
        revises=letter,
        revision_wish=wish.value,
    )
    if letter.call_id:
        router.record_acceptance(letter.call_id, accepted=False)
    return _enqueued(revision)


def write_again(*, letter: CoverLetter) -> CoverLetter:
    """Have a letter that was cut off or failed written once more, as a new version."""
    again = CoverLetter(
        **{
            name: getattr(letter, name)
            for name in (
                "owner_id",
                "resume_version",
                "tailored_cv",
                "posting",
                "tone",
                "length",
                "language",
                "focus",
                "motive",
                "never_mention",
                "provider",
            )
        },
        revises=letter.revises,
        revision_wish=letter.revision_wish,
    )
    return _enqueued(again)


def do_letter(work: scheduling.Work) -> None:
    """Write a queued letter. What has come so far is saved as it comes, so that any page can read along."""
    rows = CoverLetter.objects.select_related("resume_version", "posting", "owner", "revises", "tailored_cv")
    letter = rows.filter(pk=work.subject_id).first()
    if letter is None:
        return
    work.progress(0, 0, "Reading the CV and the posting")
    inputs = inputs_of(letter)
    result = async_to_sync(_written)(work, letter, inputs)
    with work.finishing():
        _store(letter, result.output)
        letter.problems = []
        letter.call_id = result.call_id
        letter.status = WorkStatus.DONE if result.is_complete else WorkStatus.INCOMPLETE
        letter.finished_at = timezone.now()
        letter.save()


def inputs_of(letter: CoverLetter) -> LetterInputs:
    """Return what a letter is written from: the tailored CV as accepted where it goes with one, else the CV's version."""
    resume = accepted_resume(letter.tailored_cv) if letter.tailored_cv else None
    material = material_of(letter.resume_version, letter.posting, resume=resume)
    return letter_inputs(
        material.resume,
        material.analysis,
        material.report,
        posting_text=letter.posting.text,
        tone=Tone(letter.tone),
        length=LetterLength(letter.length),
        language=letter.language,
        wish=letter.revision_wish,
        previous_text=letter.revises.text if letter.revises else "",
        focus=letter.focus,
        motive=letter.motive,
        never_mention=letter.never_mention,
    )


def cancel_letter(*, letter: CoverLetter) -> None:
    """Stop the writing."""
    if letter.background_task:
        scheduling.cancel(letter.background_task)


def edit_letter(*, letter: CoverLetter, text: str) -> CoverLetter:
    """Save a text edited by hand. It is checked against the CV as it stands now; problems are kept with it and bar the export.

    Raises:
        NotFinishedError: The letter is still being written.
    """
    if letter.status not in {WorkStatus.DONE, WorkStatus.INCOMPLETE}:
        raise NotFinishedError
    current = letter.resume_version.cv.current_version
    if letter.tailored_cv is None and current is not None:
        letter.resume_version = current
    sentences, problems = check_by_hand(text, inputs_of(letter))
    letter.text = text.replace("\r\n", "\n").strip()
    letter.sentences = [sentence.model_dump() for sentence in sentences]
    letter.problems = [problem.model_dump() for problem in problems]
    letter.is_edited = True
    letter.status = WorkStatus.DONE
    letter.save()
    return letter


def export_letter(*, letter: CoverLetter, format_name: str) -> ExportedFile:
    """Return a letter as a file: `pdf`, `docx` or `txt`.

    Raises:
        NotFinishedError: It is being written, or was cut off.
        UnsupportedClaimError: A sentence is not supported by the CV.
        KeyError: There is no such format.
    """
    if letter.status != WorkStatus.DONE:
        raise NotFinishedError
    if letter.problems:
        raise UnsupportedClaimError([problem["text"] for problem in letter.problems])
    if letter.call_id:
        router.record_acceptance(letter.call_id, accepted=True)
    document = letter_document(letter)
    stem = file_stem(document.sender.name, "Letter", letter.posting.employer or letter.posting.title)
    if format_name == "txt":
        return ExportedFile(f"{stem}.txt", "text/plain; charset=utf-8", letter_to_text(document).encode())
    media_type, write = FORMATS[format_name]
    return ExportedFile(f"{stem}.{format_name}", media_type, write(document))


def letter_document(letter: CoverLetter) -> LetterDocument:
    """Return a letter in the form that exports take."""
    posting = letter.posting
    return LetterDocument(
        sender=letter.resume_version.resume.person,
        recipient=tuple(line for line in (posting.employer, posting.location) if line),
        date=(letter.finished_at or letter.created_at).date(),
        subject=subject_of(posting.title, letter.language),
        paragraphs=tuple(block for block in letter.text.split("\n\n") if block.strip()),
        language=letter.language,
    )


def versions_of(letter: CoverLetter) -> list[CoverLetter]:
    """Return all letters for the same CV and posting, oldest first."""
    same = CoverLetter.objects.filter(
        owner_id=letter.owner_id, posting=letter.posting, resume_version__cv=letter.resume_version.cv
    )
    return list(same.order_by("created_at", "pk"))


def lines_of(letter: CoverLetter) -> list[str]:
    """Return a letter sentence by sentence."""
    return [sentence for line in letter.text.splitlines() for sentence in sentences(line)]


def _enqueued(letter: CoverLetter) -> CoverLetter:
    with transaction.atomic():
        letter.save()
        letter.background_task = scheduling.enqueue(LETTER_TASK, subject_id=letter.pk, owner_id=letter.owner_id)
        letter.save(update_fields=["background_task"])
    return letter


async def _written(work: scheduling.Work, letter: CoverLetter, inputs: LetterInputs) -> TaskResult[Letter]:
    """Read the stream to its end, saving what has come; a restart begins the text anew."""
    text, saved_at = "", 0.0
    await sync_to_async(_show)(work, letter.pk, "")
    # Every version is written anew; only the same one, taken up again after a crash, may be read from what is kept.
    variant = f"letter {letter.pk}"
    async for event in router.stream(
        letter_task(), inputs, user=letter.owner, provider=letter.provider, variant=variant
    ):
        if isinstance(event, StreamEnded):
            return event.result
        if isinstance(event, StreamRestarted):
            text, saved_at = "", 0.0
        elif isinstance(event, TextDelta):
            text += event.text
        if time.monotonic() - saved_at >= SAVE_SECONDS:
            await sync_to_async(_show)(work, letter.pk, text)
            saved_at = time.monotonic()
    raise NotFinishedError


def _show(work: scheduling.Work, letter_id: int, text: str) -> None:
    """Save the text so far; stops the work where it was cancelled or taken over."""
    work.progress(len(text.split()), 0, "Writing")
    CoverLetter.objects.filter(pk=letter_id, status=WorkStatus.RUNNING).update(text=text)


def _store(letter: CoverLetter, written: Letter) -> None:
    letter.text = written.text
    letter.sentences = [sentence.model_dump() for sentence in written.sentences]
    letter.removed = [claim.model_dump() for claim in written.removed]


def sentences_of(letter: CoverLetter | Email) -> list[Sentence]:
    """Return the letter's sentences as values."""
    return [Sentence.model_validate(sentence) for sentence in letter.sentences]


def version_label(letter: CoverLetter) -> str:
    """Return what tells this version from the others, in words."""
    if letter.revision_wish == RevisionWish.TRANSLATE:
        return LANGUAGE_NAMES.get(letter.language, letter.language)
    if letter.revision_wish:
        return letter.revision_wish.replace("_", " ")
    return str(letter.get_tone_display()).lower()
