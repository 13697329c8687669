"""Postings: add one or a file of many, tell copies, and delete."""

from dataclasses import replace

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from ai_router import scheduling
from ai_router.models import BackgroundTask
from jobs.analysis import analyse_posting
from jobs.analysis.days import closes_on_in, posted_on_in
from jobs.analysis.rules import analyse_with_rules
from jobs.analysis.signals import fraud_signals
from jobs.analysis.task import MAX_ANALYSED, posting_inputs
from jobs.analysis.terms import reference_in
from jobs.bulk import Row, read_row, rows_of
from jobs.duplicates import text_hash
from jobs.errors import EmptyPostingError
from jobs.importing import ImportedPosting, import_posting
from jobs.models import Posting, PostingImport, WorkStatus
from jobs.posting import PostingAnalysis
from jobs.services.copies import copy_of, with_copies

UNTITLED = "Untitled posting"
IMPORT_TASK = "jobs.import_postings"
_BAIT = "The page holds text that no reader sees and that gives orders to an AI. It was left out."
_CUT = f"Only the first {MAX_ANALYSED:,} characters were read for requirements."
# Of a file's problems, so many are kept.
_MOST_PROBLEMS = 200
_STEP = 20


def create_posting(
    *,
    owner: AbstractBaseUser,
    text: str,
    source_url: str = "",
    title: str = "",
    employer: str = "",
    provider: str = "embedded",
) -> Posting:
    """Save a posting as `add_posting` does, and return it, or the one that was there already."""
    return add_posting(
        owner=owner, text=text, source_url=source_url, title=title, employer=employer, provider=provider
    )[0]


def add_posting(
    *,
    owner: AbstractBaseUser,
    text: str,
    source_url: str = "",
    title: str = "",
    employer: str = "",
    provider: str = "embedded",
) -> tuple[Posting, bool]:
    """Save a posting from pasted text, HTML or JSON-LD, with its analysis; return it, and whether it is new.

    One that the owner has already, word for word, is not saved again; nearly the same one is, and names the other by `similar_to`.
    `title` and `employer` go before what is read from the text. The analysis is made by rules at once, so that no page waits for a
    model; `provider="auto"` follows the route of `job_analysis` instead, for callers that can wait.

    Raises:
        EmptyPostingError: There is too little text.
        PostingTooLongError: There is more text than any posting has.
        UnreadablePostingError: It is JSON, but no JobPosting is in it.
    """
    imported = import_posting(text)
    imported = replace(
        imported,
        title=title or imported.title,
        employer=employer or imported.employer,
        source_url=source_url or imported.source_url,
    )
    same = Posting.objects.for_user(owner).filter(text_hash=_mark(imported))
    known = same.first()
    if known is not None:
        return known, False
    posting = _unsaved(owner, imported, analyse_imported(imported, user=owner, provider=provider))
    with transaction.atomic():
        _take_turns(owner)
        # Who pressed the button twice has added it while this one was read.
        known = same.first()
        if known is not None:
            return known, False
        posting.similar_to = copy_of(posting)
        posting.save()
    return posting, True


def _take_turns(owner: AbstractBaseUser) -> None:
    """Let one transaction at a time look what a person has and add to it; what else is saved for the person does not wait."""
    get_user_model().objects.select_for_update(no_key=True).only("pk").get(pk=owner.pk)


def start_import(*, owner: AbstractBaseUser, data: bytes, name: str) -> PostingImport:
    """Take in a CSV, JSON-lines or JSON file of postings, and have them read in the background.

    Raises:
        UnreadablePostingError: It is no such file, or holds too many.
        EmptyPostingError: There is nothing in it.
    """
    rows = rows_of(data)
    with transaction.atomic():
        row = PostingImport.objects.create(owner_id=owner.pk, name=name[:200], data=data, total=len(rows))
        row.background_task = scheduling.enqueue(IMPORT_TASK, subject_id=row.pk, owner_id=owner.pk)
        row.save(update_fields=["background_task"])
    return row


def do_import(work: scheduling.Work) -> None:
    """Read the postings of a file and save them all at once; the file itself is forgotten then."""
    row = PostingImport.objects.select_related("owner").filter(pk=work.subject_id).first()
    if row is None:
        return
    found = rows_of(bytes(row.data))
    seen = set(Posting.objects.for_user(row.owner).values_list("text_hash", flat=True))
    made: list[Posting] = []
    problems: list[dict[str, object]] = []
    for number, (line, content) in enumerate(found):
        if number % _STEP == 0:
            work.progress(number, len(found), "Reading the postings")
        posting = _posting_of(row.owner, read_row(line, content), problems)
        if posting is not None and posting.text_hash not in seen:
            seen.add(posting.text_hash)
            made.append(posting)
    with work.finishing():
        _take_turns(row.owner)
        # What came by another way meanwhile is not added again.
        known = set(Posting.objects.for_user(row.owner).values_list("text_hash", flat=True))
        made = [posting for posting in made if posting.text_hash not in known]
        Posting.objects.bulk_create(made, batch_size=100)
        Posting.objects.bulk_update(with_copies(row.owner, made), ["similar_to"], batch_size=100)
        row.created, row.failed, row.problems, row.data = len(made), len(problems), problems[:_MOST_PROBLEMS], b""
        row.duplicates = len(found) - row.created - row.failed
        row.status, row.finished_at = WorkStatus.DONE, timezone.now()
        row.save()


def forget_file(task: BackgroundTask) -> None:
    """Drop the file of an import that has ended, however it ended."""
    PostingImport.objects.filter(pk=task.subject_id).update(data=b"")


scheduling.when_ended(IMPORT_TASK, forget_file)


def _posting_of(owner: AbstractBaseUser, line: Row, problems: list[dict[str, object]]) -> Posting | None:
    """Return the posting of a line, unsaved; where there is none, note why."""
    if line.posting is not None:
        try:
            return _unsaved(owner, line.posting, analyse_by_rules(line.posting))
        except EmptyPostingError as error:
            line = Row(line.line, problem=error.user_message)
    problems.append({"line": line.line, "message": line.problem})
    return None


def _unsaved(owner: AbstractBaseUser, imported: ImportedPosting, analysis: PostingAnalysis) -> Posting:
    said, language = imported.text[:MAX_ANALYSED], analysis.language
    return Posting(
        owner_id=owner.pk,
        title=(analysis.title or UNTITLED)[:300],
        employer=analysis.employer[:300],
        location=analysis.location[:300],
        language=language,
        source_url=imported.source_url[:1000],
        reference=(imported.reference or reference_in(said))[:200],
        text_hash=_mark(imported),
        original=imported.original,
        text=imported.text,
        analysis=analysis.model_dump(mode="json"),
        posted_on=imported.posted_on or posted_on_in(said, language=language),
        valid_through=imported.valid_through or closes_on_in(said, language=language),
    )


def _mark(imported: ImportedPosting) -> str:
    return text_hash(imported.title, imported.employer, imported.text)


def analyse_imported(
    imported: ImportedPosting, *, user: AbstractBaseUser | None = None, provider: str = "auto"
) -> PostingAnalysis:
    """Return the analysis of an imported posting; what its source stated as data goes before what is read from the text.

    Raises:
        EmptyPostingError: There is too little text.
    """
    analysis = analyse_posting(
        imported.text,
        title=imported.title,
        employer=imported.employer,
        location=imported.location,
        user=user,
        provider=provider,
    )
    return _with_stated(analysis, imported)


def analyse_by_rules(imported: ImportedPosting) -> PostingAnalysis:
    """Return the analysis of an imported posting by rules alone, without a line in the ledger: for ranking many at once."""
    inputs = posting_inputs(imported.text, title=imported.title, employer=imported.employer, location=imported.location)
    analysis = analyse_with_rules(
        inputs.text, title=inputs.title, employer=inputs.employer, location=inputs.location, as_of=inputs.as_of
    )
    return _with_stated(analysis, imported)


def _with_stated(analysis: PostingAnalysis, imported: ImportedPosting) -> PostingAnalysis:
    stated: dict[str, str | bool | float | None] = {
        "employment_type": imported.employment_type,
        "is_remote": imported.is_remote,
        "contact_name": imported.contact_name,
    }
    salary = imported.salary
    if salary.text:
        stated |= {
            "salary_text": salary.text,
            "salary_min": salary.low,
            "salary_max": salary.high,
            "salary_currency": salary.currency,
            "salary_period": salary.period,
        }
    warnings = [
        *analysis.warnings,
        *([_BAIT] if imported.has_bait else []),
        *([_CUT] if len(imported.text) > MAX_ANALYSED else []),
        *fraud_signals(imported.text[:MAX_ANALYSED], employer=analysis.employer),
    ]
    known = {name: value for name, value in stated.items() if value not in {None, ""}}
    return analysis.model_copy(update={**known, "warnings": warnings})


def delete_posting(*, posting: Posting) -> None:
    """Delete a posting and all that was made for it: matches, tailored CVs, letters, e-mails."""
    posting.delete()
