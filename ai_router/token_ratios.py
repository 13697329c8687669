"""How many tokens a vendor counts for one of ours, learned from what it reports.

Once a call is settled, the input that its vendor reported is compared with our count of the same request. The median of the
last hundred ratios is what the next request is expected to have; the highest of them is what is held for it, and never less
than is held without any report. By exchangeability the next of n+1 ratios is the highest with a probability of 1/(n+1) only.
"""

import math
import re
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from ai_router.copies import Copy
from ai_router.models import TokenRatio
from ai_router.tokens import Count, Reading, is_exact
from ai_router.types import Candidate
from usage.models import Attempt, Call
from usage.types import AttemptStatus

# Of a shorter request, what vendors add to each weighs more than the text.
LEAST_TOKENS = 200
RATIOS_KEPT = 100
# With fewer reports than this of its own, a model is taken to count as its vendor's others do.
LEAST_OF_ITS_OWN = 5
# What is beyond is no count of the same text; it is taken for this much.
LEAST_PERMILLE, MOST_PERMILLE = 300, 4_000
# A vocabulary of ours that a vendor's reports agree with to this share is left as it is: exact.
EXACT_PERMILLE = 20
KEPT_SECONDS = 30
# What follows the name of a family: a date or a number of the release.
RELEASE = re.compile(r"(?:[-@](?:20\d{2}-?\d{2}-?\d{2}|\d{4}|\d{3}|latest|preview))+$")
# By provider, family (empty: all of the vendor's) and whether there was a schema or tools.
Key = tuple[str, str, bool]


def read_count(count: Count, candidate: Candidate, *, is_structured: bool) -> Reading:
    """Return what a request that was counted in our vocabulary has in a model's."""
    ours, prior = count.tokens_at(1), count.tokens_for(candidate.provider, candidate.model)
    counted = {} if count.has_files or ours < LEAST_TOKENS else {_kind(is_structured): ours}
    found = ratios_of(candidate, is_structured=is_structured)
    if len(found) < LEAST_OF_ITS_OWN:
        return Reading(prior, prior, counted)
    usual, most = median(found), max(found)
    if not is_structured and is_exact(candidate.provider, candidate.model) and abs(usual - 1_000) <= EXACT_PERMILLE:
        usual = 1_000
    return Reading(_scaled(count, usual), max(prior, _scaled(count, most)), counted)


def ratios_of(candidate: Candidate, *, is_structured: bool) -> Sequence[int]:
    """Return the last ratios of a model's family, in thousandths, or, with too few of those, of all of its vendor's."""
    kept = _RATIOS.get()
    own = kept.get((candidate.provider, family_of(candidate.model), is_structured), ())
    return own if len(own) >= LEAST_OF_ITS_OWN else kept.get((candidate.provider, "", is_structured), ())


def family_of(model: str) -> str:
    """Return a model's name without the date of its release."""
    return RELEASE.sub("", model.lower())


def learn_ratios(calls: Iterable[Call]) -> None:
    """Take in what vendors reported for settled calls; belongs in the transaction that makes sure of each call but once."""
    new: dict[Key, list[int]] = {}
    for call in calls:
        for candidate, is_structured, ratio in _reports(call):
            new.setdefault((candidate.provider, family_of(candidate.model), is_structured), []).append(ratio)
    for (provider, family, is_structured), ratios in new.items():
        row, _ = TokenRatio.objects.get_or_create(provider=provider, family=family, is_structured=is_structured)
        row.permille = [*row.permille, *ratios][-RATIOS_KEPT:]
        row.save(update_fields=["permille", "updated_at"])


def forget_ratios() -> None:
    """Have the ratios read again in this process, as they have changed by hand."""
    _RATIOS.forget()


def _reports(call: Call) -> Iterable[tuple[Candidate, bool, int]]:
    """Yield what each vendor reported for the request as it was first sent; a repair has more in it."""
    counted = {row["candidate"]: row["counted"] for row in call.decision.get("candidates", []) if row.get("counted")}
    first: dict[str, Attempt] = {}
    for attempt in call.attempts.all():
        first.setdefault(f"{attempt.provider}/{attempt.model}", attempt)
    for name, attempt in first.items():
        is_reported = attempt.status in {AttemptStatus.SUCCEEDED, AttemptStatus.REJECTED} and not attempt.is_estimated
        if not is_reported or not attempt.total_input_tokens:
            continue
        for kind, ours in counted.get(name, {}).items():
            ratio = round(1_000 * attempt.total_input_tokens / ours)
            bounded = min(max(ratio, LEAST_PERMILLE), MOST_PERMILLE)
            yield Candidate(attempt.provider, attempt.model), kind == _kind(True), bounded  # noqa: FBT003


def _kind(is_structured: bool) -> str:  # noqa: FBT001
    return "structured" if is_structured else "text"


def _scaled(count: Count, permille: float) -> int:
    """Return a count in a vocabulary that needs so many thousandths; what files are taken for is of no vocabulary."""
    if count.has_files:
        return count.tokens_at(permille / 1_000)
    return math.ceil(count.tokens_at(1) * permille / 1_000)


def _read_ratios() -> dict[Key, list[int]]:
    found: dict[Key, list[Any]] = {}
    for row in TokenRatio.objects.all():
        found[row.provider, row.family, row.is_structured] = row.permille
        found.setdefault((row.provider, "", row.is_structured), []).extend(row.permille)
    return found


_RATIOS = Copy(_read_ratios, seconds=KEPT_SECONDS)
