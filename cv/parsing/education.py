"""Education: degree, subject, institution, grade, courses."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from cv.parsing.dates import find_periods
from cv.parsing.entries import Entry, is_label, split_entries
from cv.parsing.forms import STUDY_LABELS, form_entries
from cv.parsing.heads import HONOURS, Head, Segment, read_head
from cv.parsing.lexicon import alternatives, folded, table, words
from cv.parsing.rows import visible_text
from cv.parsing.skills import split_list
from cv.parsing.slots import Roles, Scores, assign
from cv.parsing.types import Row, Section, lines_of
from cv.parsing.values import joined, line_item, set_value
from cv.parsing.work import Loose, labelled_scores, paragraphs, place_score, set_period
from cv.resume import Education

# A row that names a degree has at most so many characters.
MAX_DEGREE = 90
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_OF = re.compile(r"^(?P<degree>.+?)\s*(?:,|:|[-–—]|\bin\b|\bof\b|\ben\b|\bde\b|\bem\b|\bin de\b|\bi\b|\bw\b|\bim\b|\bder\b|\bw zakresie\b)\s+(?P<area>[^\W\d].*)$", re.IGNORECASE)  # fmt: skip
_GRADE = re.compile(
    r"^(?:\(?\s*)(?P<value>\d(?:[.,]\d{1,2})?\s*(?:/\s*\d{1,3}(?:[.,]\d+)?)?(?:\s*(?:gpa|cgpa))?|\d{2,3}(?:[.,]\d+)?\s*%|[A-F][+-]?)\)?$",
    re.IGNORECASE,
)


def degree_score(text: str) -> float:
    """Return how much a text reads as a degree, from 0."""
    plain = folded(text)
    known = words("education", "degrees")
    if plain in known:
        return 3.0
    if _CJK.search(text):
        return 2.0 if any(word in plain for word in known if _CJK.search(word)) else 0.0
    best = max(
        (len(word) for word in known if f" {word} " in f" {plain} " and (len(word) > 2 or plain.startswith(word))),
        default=0,
    )
    if not best:
        return 0.0
    return 2.4 if any(plain.startswith(word + " ") for word in known) else 1.4


def institution_score(text: str) -> float:
    """Return how much a text reads as a school's or university's name, from 0."""
    plain = folded(text)
    known = words("education", "institutions")
    if _CJK.search(text):
        return 2.6 if any(word in plain for word in known if _CJK.search(word)) else 0.0
    tokens = plain.split()
    if any(token in known for token in tokens) or any(f" {word} " in f" {plain} " for word in known if " " in word):
        return 2.6
    if any(
        len(token) > 6
        and token.endswith(
            (
                "universitat",
                "hochschule",
                "schule",
                "akademie",
                "gymnasium",
                "skolan",
                "universitet",
                "kolleg",
                "opisto",
                "lisesi",
                "universitesi",
                "egyetem",
                "foiskola",
            )
        )
        for token in tokens
    ):
        return 2.4
    return 0.0


def subject_score(text: str) -> float:
    """Return how much a text reads as a field of study, from 0."""
    plain = folded(text)
    known = words("education", "subjects")
    if plain in known:
        return 1.4
    if _CJK.search(text):
        return 1.0 if any(word in plain for word in known if _CJK.search(word)) else 0.0
    return 0.9 if any(f" {word} " in f" {plain} " for word in known if len(word) > 3) else 0.0


def is_score(text: str) -> bool:
    """Return whether a text is a grade, with or without its label."""
    plain = folded(text)
    if _GRADE.match(text.strip()):
        return True
    return any(plain == word or plain.startswith(word + " ") for word in words("education", "scores")) and bool(
        re.search(r"\d|[A-F][+-]?$", text)
    )


def education_judge(segment: Segment) -> Scores:
    """Return the scores of a segment of an education entry."""
    if segment.role:
        return labelled_scores(segment, ("institution", "degree", "area", "location", "score"))
    text = segment.text
    degree, institution = degree_score(text), institution_score(text)
    place = place_score(segment)
    score = 4.0 * is_score(text)
    honours = 3.0 * any(word in folded(text) for word in words("education", "honours"))
    if institution and degree < 3.0:
        degree *= 0.3 if folded(text).split()[-1:] and institution >= 2.4 and degree < 2.4 else 0.8
    penalty = score + honours
    subject = subject_score(text)
    place = max(0.0, place - subject)
    return {
        "institution": institution + 0.3 * bool(segment.url) - 0.7 * degree - 0.5 * place - penalty,
        "degree": degree - 0.8 * institution - 0.4 * place - penalty,
        "area": 0.6 + subject - degree * 0.7 - 0.9 * institution - 0.5 * place - penalty - 0.4 * segment.gap,
        "location": place - institution - degree - penalty,
        "score": score - 1.0 + honours * 0.5,
    }


def read_education(sections: Sequence[Section], loose: Loose) -> list[Education]:
    """Read education sections; `loose` takes text that no field holds."""
    studies: list[Education] = []
    for section in sections:
        entries = [
            _with_degree(entry) for entry in form_entries(section.rows, STUDY_LABELS) or split_entries(section.rows)
        ]
        details = [_take_details(entry) for entry in entries]
        heads = [read_head(entry.head) for entry in entries]
        roles = assign(
            [head.segments for head in heads],
            education_judge,
            ("institution", "degree"),
            {"area": 0.2, "location": 0.8, "score": 1.0},
        )
        for entry, told, head, found in zip(entries, details, heads, roles, strict=True):
            before = studies[-1] if studies else None
            if study := _study(entry, head, found, before, loose):
                _fill_body(study, [*head.story, *told, *entry.body])
                studies.append(study)
    return studies


def _with_degree(entry: Entry) -> Entry:
    """Return an entry with its degree in the head, where only the first row of its list says it."""
    first = entry.body[0] if entry.body else None
    if first is None or len(first.text) > MAX_DEGREE or degree_score(first.text) < 2 or is_detail(first):
        return entry
    if any(degree_score(row.text) for row in entry.head):
        return entry
    return Entry([*entry.head, replace(first, bullet="")], entry.body[1:])


def _take_details(entry: Entry) -> list[Row]:
    """Take rows about a thesis or courses, and what they run on to in lower case, out of an entry's head."""
    head: list[Row] = []
    taken: list[Row] = []
    goes_on = False
    for number, row in enumerate(entry.head):
        if number and is_label_of(row, "courses") and not any(find_periods(r.text) for r in entry.head[number:]):
            taken.extend(entry.head[number:])
            break
        told = is_detail(row) or (goes_on and row.text[:1].islower())
        goes_on = bool(head) and told and not find_periods(row.text)
        (taken if goes_on else head).append(row)
    entry.head = head
    return taken


def is_detail(row: Row) -> bool:
    """Return whether a row tells of a thesis, a final project or courses rather than naming the degree."""
    plain = folded(visible_text(row.text))
    label = folded(re.split(r"[:：]", row.text, maxsplit=1)[0]) if re.search(r"[:：]", row.text) else ""
    if label in words("education", "courses"):
        return True
    return any(
        plain.startswith(word) and (plain[len(word) :][:1] in {"", " "} or _CJK.match(word) is not None)
        for word in words("education", "theses")
    )


def _study(entry: Entry, head: Head, roles: Roles, before: Education | None, loose: Loose) -> Education | None:
    if not head.segments and head.period is None:
        for row in entry.rows:
            loose(row.text, row.lines)
        return None
    study = Education()
    confidence = 0.6 + 0.3 * min(1.0, max(0.0, roles.margin) / 2)
    _split_degree(study, roles, confidence)
    for role in ("institution", "area", "location", "score"):
        segment = roles.found.get(role)
        if segment is not None and not getattr(study, role):
            set_value(study, role, _grade(segment.text) if role == "score" else segment.text, segment.lines, confidence)
        elif segment is not None:
            roles.rest.append(segment)
    if not study.institution and before is not None and before.institution and study.degree:
        study.institution, study.meta["institution"] = before.institution, before.meta["institution"].model_copy()
    set_period(study, head, single="end")
    for url, lines in head.urls:
        set_value(study, "url", url, lines, 0.9)
    _place_rest(study, roles, loose)
    return study


def _place_rest(study: Education, roles: Roles, loose: Loose) -> None:
    for segment in roles.rest:
        if is_score(segment.text) and not study.score:
            set_value(study, "score", _grade(segment.text), segment.lines, 0.8)
        elif folded(segment.text) not in words("education", "courses"):
            loose(segment.text, segment.lines)


def _grade(text: str) -> str:
    """Return a grade without its label, which is in many languages."""
    label = re.match(rf"\s*(?:{alternatives(table('education')['scores'])})\s*[:：]?\s*", text, re.IGNORECASE)
    rest = text[label.end() :] if label else text
    return (rest or text).strip()


def _split_degree(study: Education, roles: Roles, confidence: float) -> None:
    """Cut "Bachelor of Science in Physics" into degree and subject where no segment of its own names the subject."""
    segment = roles.found.get("degree")
    if segment is None:
        return
    degree, area = split_degree(segment.text)
    set_value(study, "degree", degree, segment.lines, confidence)
    if area and "area" not in roles.found:
        roles.found["area"] = replace(segment, text=area)


def split_degree(text: str) -> tuple[str, str]:
    """Return degree and subject of a text that may name both."""
    known = words("education", "degrees")
    if folded(text) in known:
        return text, ""
    tokens = text.split()
    for stop in range(len(tokens) - 1, 0, -1):
        front = " ".join(tokens[:stop]).strip(" ,:-–—")
        if folded(front) in known:
            if folded(tokens[stop]) in HONOURS:
                return f"{front} {tokens[stop].strip(',;:')}", split_subject(" ".join(tokens[stop + 1 :]))
            return front, split_subject(" ".join(tokens[stop:]))
    if len(sides := [side.strip() for side in text.split(" / ")]) == 2 and min(map(degree_score, sides)) == 0:
        # Either may stand first: "Physics / BSc".
        area, degree = sorted(sides, key=degree_score)
        if degree_score(degree) >= 2:
            return degree, area
    match = _OF.match(text)
    if match and degree_score(match["degree"]) >= 2:
        return match["degree"].strip(), match["area"].strip()
    return text, ""


def split_subject(text: str) -> str:
    """Return a subject without the word that ties it to its degree ("in Physics")."""
    rest = re.sub(r"^(?:[,:–—-]\s*)?(?:(?:in|of|en|de|em|i|w|im|der|des|d'|für|for|on|with|zakresie|di)\s+)?", "", text)
    return rest.strip(" ,:-–—")


def _fill_body(study: Education, rows: Sequence[Row]) -> None:
    label = next((number for number, row in enumerate(rows) if is_label_of(row, "courses")), len(rows))
    for group in _paragraphs_of(study, rows[:label]):
        text, lines = _text_of(group), lines_of(group)
        name, _, listed = text.replace("：", ":").partition(":")
        if listed.strip() and folded(name) in words("education", "courses"):
            study.courses.extend(line_item(course, lines, 0.85) for course in split_list(listed.strip().rstrip(".")))
        else:
            study.highlights.append(line_item(text, lines, 0.85))
    below = [row for row in rows[label:] if not is_label_of(row, "courses")]
    for group in _blocks(below) if _is_spaced(below) else _paragraphs_of(study, below):
        study.courses.append(line_item(_text_of(group), lines_of(group), 0.85))


def _paragraphs_of(study: Education, rows: Sequence[Row]) -> list[list[Row]]:
    """Return the paragraphs of rows without labels and the grade, which is put where it belongs."""
    kept: list[Row] = []
    for row in rows:
        if not study.score and not is_label(row) and is_score(visible_text(row.text)):
            set_value(study, "score", _grade(visible_text(row.text)), row.lines, 0.9)
        elif not is_label(row):
            kept.append(row)
    return [group for group, _ in paragraphs(kept)]


def _is_spaced(rows: Sequence[Row]) -> bool:
    """Return whether rows without list signs are set on a page in blocks, so that each block is an item."""
    return len(_blocks(rows)) > 1 and not any(row.bullet or row.lines[0].place is None for row in rows)


def _blocks(rows: Sequence[Row]) -> list[list[Row]]:
    return [list(group) for _, group in itertools.groupby(rows, key=lambda row: row.lines[0].block)]


def _text_of(rows: Sequence[Row]) -> str:
    return joined(visible_text(row.text.replace("\t", " ")) for row in rows)


def is_label_of(row: Row, kind: str) -> bool:
    """Return whether a row only says "Courses" or the like."""
    return folded(visible_text(row.text).rstrip(" :：")) in words("education", kind)
