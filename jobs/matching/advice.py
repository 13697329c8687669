"""What the person can do about a match, in a few sentences."""

from jobs.matching.types import Coverage, RequirementMatch
from jobs.posting import PostingAnalysis, RequirementCategory, RequirementKind

MAX_ADVICE = 8
_MAX_QUOTE = 90


def advice_for(
    analysis: PostingAnalysis, ledger: list[RequirementMatch], knock_outs: list[RequirementMatch], *, undated: int
) -> list[str]:
    """Return sentences of advice, the weightiest first. `undated` counts positions whose time could not be counted."""
    advice = [
        f"Check before you apply, the CV does not show it: “{_short(line.text)}”."
        for line in knock_outs
        if line.coverage is not Coverage.SHOWN
    ]
    musts = [
        line for line in ledger if line.kind is RequirementKind.MUST and line.category is not RequirementCategory.DUTY
    ]
    advice += [
        f"If you have it, add where you did it: “{_short(line.text)}” is a must and the CV holds no evidence."
        for line in musts
        if line.coverage is Coverage.MISSING
    ]
    advice += [
        f"Say it in the posting's words, if it is true: “{_short(line.text)}”. The CV only comes near it."
        for line in musts
        if line.coverage is Coverage.SUPPORTABLE
    ]
    if undated:
        advice.insert(
            min(2, len(advice)),
            f"Add dates to {undated} position{'s' if undated > 1 else ''}: without them no years can be counted.",
        )
    if not advice and analysis.requirements:
        advice.append("The CV answers every must. Put the lines that do so first.")
    return advice[:MAX_ADVICE]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _MAX_QUOTE else plain[: _MAX_QUOTE - 1].rsplit(" ", 1)[0] + "…"
