"""Postings: add, and delete."""

from dataclasses import replace

from django.contrib.auth.base_user import AbstractBaseUser

from jobs.analysis import analyse_posting
from jobs.analysis.rules import analyse_with_rules
from jobs.analysis.task import posting_inputs
from jobs.importing import ImportedPosting, import_posting
from jobs.models import Posting
from jobs.posting import PostingAnalysis

UNTITLED = "Untitled posting"


def create_posting(
    *,
    owner: AbstractBaseUser,
    text: str,
    source_url: str = "",
    title: str = "",
    employer: str = "",
    provider: str = "embedded",
) -> Posting:
    """Save a posting from pasted text, HTML or JSON-LD, with its analysis.

    `title` and `employer` go before what is read from the text. The analysis is made by rules at once, so that no page waits for a
    model; `provider="auto"` follows the route of `job_analysis` instead, for callers that can wait.

    Raises:
        EmptyPostingError: There is too little text.
        PostingTooLongError: There is more text than any posting has.
        UnreadablePostingError: It is JSON, but no JobPosting is in it.
    """
    imported = import_posting(text)
    imported = replace(imported, title=title or imported.title, employer=employer or imported.employer)
    analysis = analyse_imported(imported, user=owner, provider=provider)
    return Posting.objects.create(
        owner_id=owner.pk,
        title=analysis.title or UNTITLED,
        employer=analysis.employer,
        location=analysis.location,
        language=analysis.language,
        source_url=source_url or imported.source_url,
        original=imported.original,
        text=imported.text,
        analysis=analysis.model_dump(mode="json"),
        posted_on=imported.posted_on,
        valid_through=imported.valid_through,
    )


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
    return analysis.model_copy(update={name: value for name, value in stated.items() if value not in {None, ""}})


def delete_posting(*, posting: Posting) -> None:
    """Delete a posting and all that was made for it: matches, tailored CVs, letters, e-mails."""
    posting.delete()
