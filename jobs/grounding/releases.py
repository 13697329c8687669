"""Technologies that did not exist yet: lengths of experience that reach back before a first release.

Years need no rule of their own: the gate takes none but those of the cited lines.
"""

from collections.abc import Iterable
from functools import cache

from jobs.grounding.base import Base
from jobs.grounding.concepts import mentions_in
from jobs.grounding.periods import duration_of
from jobs.grounding.quantities import quantities
from jobs.grounding.wordlists import DATA_DIR

LONGEST_LIFE = 12 * 100


@cache
def release_years() -> dict[str, int]:
    """Return, by the name of `cv.skills`, the year in which a technology could first be used; `releases.txt` has the sources."""
    lines = (DATA_DIR / "releases.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split("|") for line in lines if line and not line.startswith("#"))
    return {name.strip(): int(year) for name, year, _ in rows}


def release_problems(claim: str, base: Base) -> Iterable[str]:
    """Nobody has used a technology for longer than it exists, whatever the dates of the position allow."""
    released = {
        claim[m.start : m.end]: release_years()[m.concept] for m in mentions_in(claim) if m.concept in release_years()
    }
    if not released:
        return
    durations = [duration for number in quantities(claim) if (duration := duration_of(number, claim))]
    # "Od 2020 roku" is a date and no length.
    longest = max((duration.months for duration in durations if duration.months <= LONGEST_LIFE), default=0)
    for name, year in released.items():
        if longest > (base.today.year - year + 1) * 12:
            yield f"{name} was first released in {year}: nobody has used it for as long as this says."
