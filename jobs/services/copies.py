"""Which posting a new one is nearly the same as: by employer and reference, or by its words."""

from collections import defaultdict, deque
from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q

from jobs.analysis.task import MAX_ANALYSED
from jobs.duplicates import ALIKE, likeness
from jobs.models import Posting

# Only postings that share one of these are compared, so many with a new one, the latest first.
SHARED = ("title", "employer", "reference", "source_url")
MOST_COMPARED = 30
LOOKED_UP_AT_ONCE = 100

Known = defaultdict[tuple[str, str], deque[Posting]]


def copy_of(posting: Posting) -> Posting | None:
    """Return the owner's latest other posting that this one, not saved yet, is nearly the same as."""
    others = Posting.objects.filter(_sharing([posting]), owner_id=posting.owner_id)[:MOST_COMPARED]
    return next((other for other in others if _is_copy(posting, other)), None)


def with_copies(owner: AbstractBaseUser, made: Sequence[Posting]) -> list[Posting]:
    """Return those of newly saved postings that are nearly the same as an earlier one, which they now name; they are not saved here."""
    known: Known = defaultdict(lambda: deque(maxlen=MOST_COMPARED))
    fresh = {posting.pk for posting in made}
    for first in range(0, len(made), LOOKED_UP_AT_ONCE):
        rows = Posting.objects.for_user(owner).filter(_sharing(made[first : first + LOOKED_UP_AT_ONCE]))
        for other in rows.defer("original", "analysis").order_by("pk").iterator():
            if other.pk not in fresh:
                _remember(known, other)
    copies = []
    for posting in made:
        near = {other.pk: other for key in _keys(posting) for other in known[key]}
        latest_first = (near[number] for number in sorted(near, reverse=True))
        posting.similar_to = next((other for other in latest_first if _is_copy(posting, other)), None)
        if posting.similar_to is not None:
            copies.append(posting)
        _remember(known, posting)
    return copies


def _sharing(postings: Sequence[Posting]) -> Q:
    """Return the condition that a posting shares something with one of these."""
    condition = Q()
    for name in SHARED:
        if values := {getattr(posting, name) for posting in postings} - {""}:
            condition |= Q(**{f"{name}__in": values})
    return condition


def _keys(posting: Posting) -> list[tuple[str, str]]:
    return [(name, value) for name in SHARED if (value := getattr(posting, name))]


def _remember(known: Known, posting: Posting) -> None:
    for key in _keys(posting):
        if posting not in known[key]:
            known[key].append(posting)


def _is_copy(posting: Posting, other: Posting) -> bool:
    if posting.reference and (other.reference, other.employer) == (posting.reference, posting.employer):
        return True
    return likeness(posting.text[:MAX_ANALYSED], other.text[:MAX_ANALYSED]) >= ALIKE
