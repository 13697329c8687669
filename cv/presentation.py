"""A résumé as the review page shows it: sections, items and values, each value with its place in the document."""

from dataclasses import dataclass, field
from typing import Any

from cv.export.wording import WORDINGS, worded_date
from cv.resume import (
    Dated,
    Item,
    PartialDate,
    Resume,
    Source,
    ValueStatus,
)
from cv.review import FieldKind, field_kinds, written_value

LOW_CONFIDENCE = 0.6
HIGH_CONFIDENCE = 0.9
LABELS = {
    "url": "Website",
    "start": "From",
    "end": "Until",
    "cefr": "Level (CEFR)",
    "area": "Subject",
    "kind": "Type",
    "entity": "For whom",
    "birth_date": "Date of birth",
    "text": "Text",
    "expires": "Valid until",
}
TITLES = WORDINGS["en"].titles | {"unassigned": "Not assigned"}
ADD_LABELS = {
    "employers": "employer",
    "positions": "position",
    "highlights": "line",
    "courses": "course",
    "projects": "project",
    "education": "course of study",
    "skills": "skill",
    "languages": "language",
    "certificates": "certificate",
    "publications": "publication",
    "awards": "award",
    "volunteering": "voluntary post",
    "interests": "interest",
    "references": "reference",
    "custom": "section",
    "lines": "line",
    "profiles": "profile",
}
# What an item is headed by, in this order; everything else stands below it.
LEADS = ("name", "title", "institution", "degree", "area", "organization", "text")
HIDDEN_FIELDS = frozenset({"current"})


@dataclass(frozen=True, slots=True)
class ValueView:
    """One value on the page. `box` is `x0,top,x1,bottom` in points on `page`, empty where unknown."""

    item_id: str
    field: str
    label: str
    text: str
    written: str
    kind: FieldKind
    status: ValueStatus
    is_low: bool
    confidence: float
    page: int | None = None
    box: str = ""
    lines: str = ""
    quotation: str = ""

    @property
    def is_lead(self) -> bool:
        """Whether this value heads its item."""
        return self.field in LEADS

    @property
    def is_link(self) -> bool:
        """Whether the value is a web address."""
        return self.field == "url"


@dataclass(slots=True)
class CollectionView:
    """The items of one list, and what one more of them is called."""

    name: str
    parent_id: str
    add_label: str
    items: list["ItemView"] = field(default_factory=list)

    @property
    def is_inline(self) -> bool:
        """Whether the items are short and stand side by side."""
        return self.name in {"skills", "profiles"} and bool(self.parent_id)

    @property
    def is_bulleted(self) -> bool:
        """Whether the items are lines of a list."""
        return self.name in {"highlights", "courses", "lines"}


@dataclass(slots=True)
class ItemView:
    """One item: the values that it has, those it could have, and what stands under it."""

    id: str
    kind: str
    values: list[ValueView]
    missing: list[ValueView]
    collections: list[CollectionView]
    is_removable: bool = True


@dataclass(slots=True)
class SectionView:
    """One section of the page; the person's own section has one item and no collection."""

    title: str
    name: str
    person: ItemView | None = None
    collection: CollectionView | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the section holds nothing yet."""
        return self.person is None and (self.collection is None or not self.collection.items)


def sections_of(resume: Resume) -> list[SectionView]:
    """Return the page's sections: the person first, then those of the résumé in its own order."""
    sections = [SectionView("Person", "person", person=item_view(resume.person, is_removable=False))]
    names = [name for name in dict.fromkeys([*resume.section_order, *ADD_LABELS]) if name in Resume.model_fields]
    for name in names:
        if name in ADD_LABELS:
            title = TITLES.get(name, "Other sections")
            sections.append(SectionView(title, name, collection=_collection(resume, name)))
    return sections


def item_view(item: Item, *, is_removable: bool = True) -> ItemView:
    """Return one item with all that stands under it."""
    values = [value_view(item, name) for name in field_kinds(item) if name not in HIDDEN_FIELDS]
    values.sort(key=lambda value: LEADS.index(value.field) if value.is_lead else len(LEADS))
    return ItemView(
        id=item.id,
        kind=type(item).__name__.lower(),
        values=[value for value in values if value.text],
        missing=[value for value in values if not value.text],
        collections=[_collection(item, name) for name in _collection_names(item)],
        is_removable=is_removable,
    )


def value_view(item: Item, name: str) -> ValueView:
    """Return one value of an item."""
    meta = item.meta.get(name)
    source = (meta.source if meta else None) or Source()
    status = meta.status if meta else ValueStatus.AUTO
    text = _shown(item, name)
    return ValueView(
        item_id=item.id,
        field=name,
        label=label_of(name),
        text=text,
        written=written_value(item, name),
        kind=field_kinds(item)[name],
        status=status,
        is_low=bool(meta and text and status == ValueStatus.AUTO and meta.confidence < LOW_CONFIDENCE),
        confidence=meta.confidence if meta else 1.0,
        page=source.page,
        box=",".join(f"{number:.1f}" for number in source.box) if source.box else "",
        lines=" ".join(source.line_ids),
        quotation=source.quotation,
    )


def label_of(name: str) -> str:
    """Return what a value is called on the page."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def item_title(item: Item) -> str:
    """Return the words by which a person knows an item: its heading values, or what kind of thing it is."""
    texts = (_shown(item, name) for name in LEADS if name in field_kinds(item))
    known = ", ".join(filter(None, texts)) or type(item).__name__.lower()
    return known if len(known) <= 60 else f"{known[:59]}…"


def count_sure(resume: Resume) -> int:
    """Return how many values the reader was sure of and nobody has looked at."""
    views = (value_view(item, name) for item in resume.items() for name in field_kinds(item) if item.meta.get(name))
    return sum(
        bool(view.text) and view.status == ValueStatus.AUTO and view.confidence >= HIGH_CONFIDENCE for view in views
    )


def count_low(resume: Resume) -> int:
    """Return how many values the reader was not sure of and nobody has looked at."""
    return sum(value_view(item, name).is_low for item in resume.items() for name in field_kinds(item))


def _shown(item: Item, name: str) -> str:
    value: Any = getattr(item, name)
    if name == "end" and isinstance(item, Dated) and item.current:
        return WORDINGS["en"].present
    if isinstance(value, PartialDate):
        return worded_date(value, WORDINGS["en"])
    return written_value(item, name)


def _collection_names(item: Item) -> list[str]:
    return [name for name in type(item).model_fields if name in ADD_LABELS and isinstance(getattr(item, name), list)]


def _collection(parent: Resume | Item, name: str) -> CollectionView:
    parent_id = parent.id if isinstance(parent, Item) else ""
    add_label = "group of skills" if name == "skills" and isinstance(parent, Resume) else ADD_LABELS[name]
    return CollectionView(name, parent_id, add_label, [item_view(item) for item in getattr(parent, name)])
