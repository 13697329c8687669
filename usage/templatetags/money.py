"""Template filters for the ledger's figures: `{{ call.cost_nanousd|usd }}`, `{{ call.task_type|spoken }}`."""

from django import template

from usage.money import format_usd

register = template.Library()

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
