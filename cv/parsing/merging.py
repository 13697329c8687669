"""Two readings of one document → one résumé, with the places where they disagree."""

from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from cv.parsing.lexicon import folded
from cv.resume import Education, Employer, Item, PartialDate, Position, Resume, ValueMeta

AGREED_CONFIDENCE = 0.97
DISPUTED_CONFIDENCE = 0.5
SAME = 90


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A field that two readings give differently. `path` names it for people: "work: Acme: title"."""

    path: str
    rules: str
    model: str

    def as_dict(self) -> dict[str, str]:
        """Return the form for the report."""
        return {"path": self.path, "rules": self.rules, "model": self.model}


def merge(rules: Resume, model: Resume) -> tuple[Resume, list[Disagreement]]:
    """Return the readings as one: contact data by rules, structure by the model, field by field.

    Where both say the same the confidence rises, where they differ it falls and the difference is listed.
    Sections that only one of them found are kept.
    """
    merged = rules.model_copy(deep=True)
    found: list[Disagreement] = []
    for name in ("name", "headline", "summary"):
        _merge_field(merged.person, model.person, name, f"person: {name}", found, prefer_model=name != "name")
    merged.employers = _merge_employers(merged, model, found)
    merged.education = _merge_education(merged, model, found)
    for name in (
        "projects",
        "skills",
        "languages",
        "certificates",
        "publications",
        "awards",
        "volunteering",
        "interests",
    ):
        _merge_list(merged, model, name, found)
    return merged, found


def _merge_field(
    target: Item, model: Item, name: str, path: str, found: list[Disagreement], *, prefer_model: bool = True
) -> None:
    ours, theirs = getattr(target, name), getattr(model, name)
    if theirs in ("", None):
        return
    if ours in ("", None):
        _take(target, model, name)
        return
    if _same(ours, theirs):
        meta = target.meta.get(name)
        if meta is not None:
            target.meta[name] = meta.model_copy(update={"confidence": max(meta.confidence, AGREED_CONFIDENCE)})
        return
    found.append(Disagreement(path, _shown(ours), _shown(theirs)))
    if prefer_model:
        _take(target, model, name)
    meta = target.meta.get(name) or ValueMeta()
    target.meta[name] = meta.model_copy(update={"confidence": DISPUTED_CONFIDENCE})


def _take(target: Item, model: Item, name: str) -> None:
    setattr(target, name, getattr(model, name))
    if name in model.meta:
        target.meta[name] = model.meta[name].model_copy()


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, PartialDate) and isinstance(second, PartialDate):
        return first.iso() == second.iso()
    return folded(_shown(first)) == folded(_shown(second))


def _shown(value: Any) -> str:
    return value.iso() if isinstance(value, PartialDate) else str(value)


def _positions(resume: Resume) -> list[tuple[Employer, Position]]:
    return [(employer, position) for employer in resume.employers for position in employer.positions]


def _merge_employers(rules: Resume, model: Resume, found: list[Disagreement]) -> list[Employer]:
    """Take the model's positions in its order, completed by the rules'; keep the rules' where the model has none."""
    if not model.employers:
        return rules.employers
    ours = _positions(rules)
    for employer, position in _positions(model):
        pair = next((pair for pair in ours if _share_lines(pair[1], position) or (_share_lines(pair[0], employer)
                     and _alike(pair[1].title, position.title))), None)  # fmt: skip
        if pair is None:
            continue
        ours.remove(pair)
        _complete(employer, pair[0], ("name", "url", "location"), f"work: {employer.name}", found)
        _complete(position, pair[1], ("title", "start", "end", "location", "summary"), f"work: {employer.name}", found)
        position.highlights = position.highlights or pair[1].highlights
        position.current = position.current or (pair[1].current and position.end is None)
    found.extend(
        Disagreement(f"work: {employer.name}", position.title or employer.name, "") for employer, position in ours
    )
    return model.employers


def _merge_education(rules: Resume, model: Resume, found: list[Disagreement]) -> list[Education]:
    if not model.education:
        return rules.education
    ours = list(rules.education)
    names = ("institution", "degree", "area", "score", "location", "start", "end", "url")
    for study in model.education:
        match = next((other for other in ours if _share_lines(other, study)), None)
        if match is None:
            continue
        ours.remove(match)
        _complete(study, match, names, f"education: {study.institution}", found)
        study.courses = study.courses or match.courses
        study.highlights = study.highlights or match.highlights
    found.extend(Disagreement("education", other.institution or other.degree, "") for other in ours)
    return model.education


def _complete(target: Item, rules: Item, names: tuple[str, ...], path: str, found: list[Disagreement]) -> None:
    """Fill what the model left out from the rules, and compare what both have."""
    for name in names:
        ours, theirs = getattr(rules, name), getattr(target, name)
        if ours in ("", None):
            continue
        if theirs in ("", None):
            _take(target, rules, name)
        elif _same(ours, theirs):
            meta = target.meta.get(name) or ValueMeta()
            target.meta[name] = meta.model_copy(update={"confidence": AGREED_CONFIDENCE})
        else:
            found.append(Disagreement(f"{path}: {name}", _shown(ours), _shown(theirs)))
            meta = target.meta.get(name) or ValueMeta()
            target.meta[name] = meta.model_copy(update={"confidence": DISPUTED_CONFIDENCE})


def _share_lines(first: Item, second: Item) -> bool:
    return bool(_cited(first) & _cited(second))


def _cited(item: Item) -> set[str]:
    return {line_id for meta in item.meta.values() if meta.source for line_id in meta.source.line_ids}


def _alike(first: str, second: str) -> bool:
    return fuzz.ratio(folded(first), folded(second)) >= SAME


def _merge_list(merged: Resume, model: Resume, name: str, found: list[Disagreement]) -> None:
    """Take the model's list where it found at least as much as the rules; otherwise keep the rules'."""
    ours, theirs = getattr(merged, name), getattr(model, name)
    if not theirs:
        return
    if len(_lines_cited(theirs)) >= len(_lines_cited(ours)):
        setattr(merged, name, theirs)
    else:
        found.append(Disagreement(name, f"{len(ours)}", f"{len(theirs)}"))


def _lines_cited(items: list[Any]) -> set[str]:
    """Return all line ids that a list's items cite, those of their own items included."""
    cited: set[str] = set()
    for item in items:
        cited |= _cited(item)
        for inner in [*getattr(item, "skills", []), *getattr(item, "highlights", [])]:
            cited |= _cited(inner)
    return cited
