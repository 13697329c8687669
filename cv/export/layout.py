"""How a résumé is set: the style, the paper, how many pages it may take, which sections it shows and in which order."""

from dataclasses import dataclass
from enum import StrEnum

from cv.resume import DEFAULT_SECTION_ORDER, Resume


class Style(StrEnum):
    """The looks of a PDF. Each is one template, `templates/documents/resume-<style>.typ`."""

    CALM = "calm"
    CLASSIC = "classic"
    COMPACT = "compact"
    SIDEBAR = "sidebar"


class Paper(StrEnum):
    """The sheet."""

    A4 = "a4"
    LETTER = "letter"

    @property
    def typst_name(self) -> str:
        """What Typst calls it."""
        return "us-letter" if self == Paper.LETTER else self.value

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height."""
        return (215.9, 279.4) if self == Paper.LETTER else (210.0, 297.0)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a document is set.

    Attributes:
        style: The look of the PDF.
        paper: The sheet of PDF and Word.
        pages: How many pages the PDF may take, by smaller type down to a readable size; 0 for as many as it needs.
        order: Sections by name, first to last; those left out follow in the résumé's own order.
        hidden: Sections that are left out.
        drop_missing: Whether letters that no font has are left out; without it they are an error.
    """

    style: Style = Style.CALM
    paper: Paper = Paper.A4
    pages: int = 0
    order: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    drop_missing: bool = False


def arranged(resume: Resume, layout: Layout) -> Resume:
    """Return the résumé with the layout's sections in the layout's order; names that are none are passed over."""
    if not layout.order and not layout.hidden:
        return resume
    resume = resume.model_copy(deep=True)
    known = [name for name in layout.order if name in DEFAULT_SECTION_ORDER]
    resume.section_order = list(dict.fromkeys([*known, *resume.section_order]))
    for name in layout.hidden & set(DEFAULT_SECTION_ORDER):
        if name == "summary":
            resume.person.summary = ""
        else:
            setattr(resume, name, [])
    return resume
