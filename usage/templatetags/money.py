"""Template filters for the ledger's figures: `{{ call.cost_nanousd|usd }}`, `{{ call.task_type|spoken }}`, `{{ line.p50_ms|duration }}`."""

from django import template

from usage.money import format_usd
from usage.types import Watched

register = template.Library()

TENTH_OF_A_SECOND_MS, TEN_SECONDS = 100, 10
ACRONYMS = {"cv": "CV", "cvs": "CVs", "ai": "AI", "api": "API"}


@register.filter
def usd(nanousd: int | None) -> str:
    """Write nano-dollars as dollars; None, which is an unknown price, as `unknown`."""
    return format_usd(nanousd)


@register.filter
def spoken(name: str) -> str:
    """Write a plain name of the ledger for people: `cv_parsing` as `CV parsing`."""
    words = [ACRONYMS.get(word, word) for word in str(name).split("_") if word]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


@register.filter
def duration(milliseconds: float | None) -> str:
    """Write milliseconds as people read them: `8 ms`, `0.45 s`, `12 s`; a dash for None."""
    if milliseconds is None:
        return "–"
    if milliseconds < TENTH_OF_A_SECOND_MS:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    return f"{seconds:.2f} s" if seconds < TEN_SECONDS else f"{seconds:,.0f} s"


@register.filter
def measured(figure: float, measure: str) -> str:
    """Write a figure of something that is watched, in its own unit."""
    if measure == Watched.COST:
        return format_usd(round(figure))
    if measure == Watched.LATENCY:
        return duration(figure)
    return f"{100 * figure:.1f} %" if measure == Watched.ERRORS else f"{figure:,.0f}"
