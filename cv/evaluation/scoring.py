"""One document's reading against its truth, counted field by field."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from cv.evaluation import comparing
from cv.evaluation.comparing import SAME_SKILL, SAME_TEXT, entries, is_same, likeness, same_date

FIELDS = (
    "name", "label", "email", "phone", "url", "work", "work_start", "work_end", "education", "degree", "area",
    "edu_end", "skills", "languages", "summary",
)  # fmt: skip
CORE_FIELDS = ("name", "email", "phone", "work", "work_start", "work_end", "education", "degree", "skills")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """Values that were read rightly, read though they are not there, and there but not read."""

    right: float = 0.0
    wrong: float = 0.0
    missed: float = 0.0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 0.0


def count_fields(truth: Json, read: Json) -> dict[str, Counts]:
    """Return the counts of each field that the truth holds; what it is silent on is not judged."""
    counts = {**_person(truth.get("basics") or {}, read.get("basics") or {}), **_work(truth, read)}
    counts |= _education(truth, read)
    counts["skills"] = _of_sets(_skills(truth), _skills(read), is_fuzzy=True)
    counts["languages"] = _of_sets(_languages(truth), _languages(read))
    return {field: found for field, found in counts.items() if found.right or found.missed or found.wrong}


def matches(truth: Sequence[Json], read: Sequence[Json], like: Callable[[Json, Json], float]) -> dict[int, int]:
    """Return which read entry stands for which true one, the best pairs first."""
    pairs = sorted(
        ((-like(one, other), i, j) for i, one in enumerate(truth) for j, other in enumerate(read)),
    )
    taken: dict[int, int] = {}
    for score, i, j in pairs:
        if -score >= SAME_TEXT and i not in taken and j not in taken.values():
            taken[i] = j
    return taken


def work_likeness(truth: Json, read: Json) -> float:
    """Return how alike two posts are by what the truth says of employer and title; dates decide between equals."""
    keys = [key for key in ("name", "position") if truth.get(key)]
    score = sum(likeness(truth[key], read.get(key)) for key in keys) / len(keys) if keys else 0.0
    if score >= SAME_TEXT:
        score += 0.5 * same_date(truth.get("startDate"), read.get("startDate"))
        score += 0.2 * same_date(truth.get("endDate"), read.get("endDate"))
        score += 0.1 * all(bool(truth.get(key)) == bool(read.get(key)) for key in ("name", "position"))
    return score


def study_likeness(truth: Json, read: Json) -> float:
    """Return how alike two courses of study are by institution, else by degree and subject, which decide equals."""
    subject = likeness(_subject(truth), _subject(read))
    score = likeness(truth["institution"], read.get("institution")) if truth.get("institution") else subject
    return score + subject / 1000 if score >= SAME_TEXT else score


def _person(truth: Json, read: Json) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    exact: dict[str, Callable[[object], str]] = {
        "name": comparing.plain_name,
        "email": comparing.plain_email,
        "phone": comparing.plain_phone,
    }
    for field, form in exact.items():
        if form(truth.get(field)):
            found[field] = _single(bool(read.get(field)), is_right=form(truth[field]) == form(read.get(field)))
    if truth.get("label"):
        found["label"] = _single(bool(read.get("label")), is_right=is_same(truth["label"], read.get("label")))
    if _urls(truth):
        found["url"] = _of_sets(_urls(truth), _urls(read))
    if truth.get("summary"):
        true, taken = comparing.words(truth["summary"]), comparing.words(read.get("summary"))
        shared = sum((Counter(true) & Counter(taken)).values())
        found["summary"] = Counts(shared / len(true), (len(taken) - shared) / len(true), 1 - shared / len(true))
    return found


def _work(truth: Json, read: Json) -> dict[str, Counts]:
    true, taken = entries(truth, "work"), entries(read, "work")
    if not true:
        return {}
    pairs = matches(true, taken, work_likeness)
    found = {"work": Counts(len(pairs), len(taken) - len(pairs), len(true) - len(pairs))}
    partners = [(entry, taken[pairs[place]] if place in pairs else {}) for place, entry in enumerate(true)]
    for field, key in (("work_start", "startDate"), ("work_end", "endDate")):
        found[field] = sum((_date(one, other, key) for one, other in partners), Counts())
    return found


def _education(truth: Json, read: Json) -> dict[str, Counts]:
    true, taken = entries(truth, "education"), entries(read, "education")
    if not true:
        return {}
    pairs = matches(true, taken, study_likeness)
    found = {"education": Counts(len(pairs), len(taken) - len(pairs), len(true) - len(pairs))}
    partners = [(entry, taken[pairs[place]] if place in pairs else {}) for place, entry in enumerate(true)]
    found["edu_end"] = sum((_date(one, other, "endDate") for one, other in partners), Counts())
    for field, key in (("degree", "studyType"), ("area", "area")):
        judged = [
            _single(bool(other.get(key)), is_right=same_study(one, other, key))
            for one, other in partners
            if one.get(key)
        ]
        found[field] = sum(judged, Counts())
    return found


def same_study(truth: Json, read: Json, key: str) -> bool:
    """Whether degree or subject were read; where one ends and the other begins is often a matter of taste."""
    if is_same(truth[key], read.get(key)):
        return True
    wanted, both = comparing.plain(truth[key]), comparing.plain(_subject(read))
    return bool(both) and len(wanted) >= 2 and fuzz.partial_ratio(wanted, both) >= 95


def _date(truth: Json, read: Json, key: str) -> Counts:
    """Count a date; a post that goes on has no end, and one that was made up for it is wrong."""
    if comparing.year_and_month(truth.get(key)):
        is_right = same_date(truth[key], read.get(key))
        return _single(bool(comparing.year_and_month(read.get(key))), is_right=is_right)
    return Counts(wrong=float(key == "endDate" and bool(truth.get("current")) and bool(read.get(key))))


def _single(was_read: bool, *, is_right: bool) -> Counts:  # noqa: FBT001 - the first of two facts about one value
    if is_right:
        return Counts(right=1)
    return Counts(wrong=float(was_read), missed=1)


def _of_sets(truth: set[str], read: set[str], *, is_fuzzy: bool = False) -> Counts:
    if not truth:
        return Counts()
    right = len(truth & read)
    left = read - truth
    for wanted in sorted(truth - read) if is_fuzzy else ():
        best = max(left, key=lambda text: (fuzz.ratio(wanted, text), text), default=None)
        if best is not None and fuzz.ratio(wanted, best) >= SAME_SKILL:
            right += 1
            left.discard(best)
    return Counts(right, len(read) - right, len(truth) - right)


def _subject(study: Json) -> str:
    return f"{study.get('studyType') or ''} {study.get('area') or ''}".strip()


def _urls(basics: Json) -> set[str]:
    profiles = [profile.get("url") for profile in entries(basics, "profiles")]
    return {comparing.plain_url(address) for address in (basics.get("url"), *profiles) if address}


def _skills(resume: Json) -> set[str]:
    found: set[str] = set()
    for group in resume.get("skills") or []:
        if isinstance(group, str):
            found.add(comparing.plain(group))
        elif isinstance(group, dict):
            keywords: list[Any] = [word for word in group.get("keywords") or [] if isinstance(word, str)]
            found |= {comparing.plain(word) for word in (keywords or [group.get("name")])}
    return found - {""}


def _languages(resume: Json) -> set[str]:
    return {comparing.plain(entry.get("language")) for entry in entries(resume, "languages")} - {""}
