"""Work and voluntary posts: employers, positions, what was done."""

import re
from collections.abc import Callable, Sequence

from cv.extraction.types import TextLine
from cv.parsing.entries import Entry, ends_short, is_label, left, split_entries
from cv.parsing.forms import WORK_LABELS, form_entries
from cv.parsing.heads import Head, Segment, is_place, read_head
from cv.parsing.judging import organisation_score, title_score
from cv.parsing.lexicon import folded, words
from cv.parsing.rows import visible_text
from cv.parsing.slots import Roles, Scores, assign
from cv.parsing.types import Row, Section
from cv.parsing.values import joined, line_item, note, set_value
from cv.resume import Dated, Employer, Position, Volunteering

# Takes text that no field holds, with its lines.
Loose = Callable[[str, list[TextLine]], None]

# More than any words score.
LABELLED = 8.0
# Lines of one paragraph stand no further apart than this many heights of a line.
PARAGRAPH_LEADING = 0.9


def place_score(segment: Segment) -> float:
    """Return how much a segment reads as a place, from 0."""
    text = segment.text
    score = 2.6 if is_place(text) else 0.0
    if not score and re.fullmatch(r"[^\d,]{2,30}, (?:[A-Z]{2}|[^\W\d]{3,20})", text):
        score = 1.4
    if len(text.split()) <= 4 and not re.search(r"\d", text):
        score += 0.5 * segment.gap + 0.6 * segment.after_date + 0.2 * (segment.beside_date and segment.place > 0)
        score += 0.3 * segment.after_comma
    return score - 0.4 * segment.look.bold


def work_judge(headline: str) -> Callable[[Segment], Scores]:
    """Return a judge of the segments of work entries; the person's headline is known to be a title."""
    known = folded(headline)

    def judge(segment: Segment) -> Scores:
        if segment.role:
            return labelled_scores(segment, ("title", "employer", "location"))
        title, organisation = title_score(segment.text), organisation_score(segment.text)
        if known and folded(segment.text) == known:
            title = max(title, 3.0)
        # A name that ends like a sentence is a short one of what was done.
        told = 1.2 * (segment.text.endswith(".") and not ends_short(segment.text))
        title, organisation = title - told, organisation - told
        scope = folded(segment.text) in words("titles", "scopes")
        organisation += 0.8 * bool(segment.url and "@" not in segment.url) + 0.3 * segment.bracketed
        place = place_score(segment)
        return {
            "title": title - 0.6 * organisation - 0.7 * place - 3 * scope,
            "employer": organisation - 0.6 * title - 0.7 * place - 3 * scope,
            "location": place - title - organisation * 0.8 - 2 * scope,
        }

    return judge


def labelled_scores(segment: Segment, roles: Sequence[str]) -> Scores:
    """Return the scores of a segment whose label says which role it has."""
    return {role: LABELLED if role == segment.role else -LABELLED for role in roles}


def read_employers(sections: Sequence[Section], headline: str, loose: Loose) -> list[Employer]:
    """Read work sections; `loose` takes text that no field holds."""
    employers: list[Employer] = []
    for section in sections:
        entries = form_entries(section.rows, WORK_LABELS) or split_entries(section.rows, small_tells=True)
        heads = [read_entry_head(entry) for entry in entries]
        roles = assign(
            [head.segments for head in heads], work_judge(headline), ("title", "employer"), {"location": 0.7}
        )
        previous: Roles | None = None
        ranges = [head.period is not None and head.period.is_range for head in heads]
        for number, (entry, head, found) in enumerate(zip(entries, heads, roles, strict=True)):
            _inherit(found, previous)
            # Where the others have an end, the latest post without one goes on.
            goes_on = number == 0 and len(heads) > 1 and all(ranges[1:])
            _add_employer(employers, entry, head, found, loose, single="start" if goes_on else "both")
            previous = found if found.found.get("employer") else previous
    return employers


def read_entry_head(entry: Entry) -> Head:
    """Return an entry's head; under a date alone the first bullet says who and what."""
    head = read_head(entry.head)
    if not head.segments and head.period is not None and entry.body:
        first = read_head(entry.body[:1])
        if any(title_score(s.text) >= 1.6 or organisation_score(s.text) >= 1.8 for s in first.segments):
            head.segments = first.segments
            entry.body = entry.body[1:]
    return head


def _inherit(roles: Roles, previous: Roles | None) -> None:
    """Take a lone segment for the title where it is set like the title of the entry before."""
    if previous is None or len(roles.found) != 1 or "employer" not in roles.found:
        return
    segment = roles.found["employer"]
    title, employer = previous.found.get("title"), previous.found.get("employer")
    if title is not None and employer is not None and title.look == segment.look != employer.look:
        roles.found = {"title": segment}


def _add_employer(
    employers: list[Employer], entry: Entry, head: Head, roles: Roles, loose: Loose, *, single: str
) -> None:
    confidence = 0.55 + 0.35 * min(1.0, max(0.0, roles.margin) / 2)
    position = Position()
    name = roles.found.get("employer")
    if name is None and not head.segments and head.period is None:
        for row in entry.rows:
            loose(row.text, row.lines)
        return
    if title := roles.found.get("title"):
        set_value(position, "title", title.text, title.lines, confidence)
    if place := roles.found.get("location"):
        set_value(position, "location", place.text, place.lines, 0.7)
    set_period(position, head, single=single)
    fill_story(position, [*head.story, *entry.body])
    for segment in roles.rest:
        loose(segment.text, segment.lines)
    last = employers[-1] if employers else None
    if last is not None and (name is None or folded(last.name) == folded(name.text)):
        last.positions.append(position)
        if name is not None:
            note(last, "name", name.lines, confidence)
    else:
        employer = Employer(positions=[position])
        if name is not None:
            set_value(employer, "name", name.text, name.lines, confidence)
        employers.append(employer)
    _add_urls(employers[-1], head, loose)


def _add_urls(employer: Employer, head: Head, loose: Loose) -> None:
    for url, lines in head.urls:
        if employer.url and employer.url != url:
            loose(url, lines)
        else:
            set_value(employer, "url", url, lines, 0.9)


def set_period(item: Dated, head: Head, *, single: str) -> None:
    """Set start, end and current from a head; a lone date is the start, the end, or both of what it dates."""
    period = head.period
    if period is None:
        return
    confidence = 0.95 if period.is_range else 0.8
    if period.is_range or single in {"start", "both"}:
        set_value(item, "start", period.start, head.period_lines, confidence, quotation=period.raw)
    if period.is_range or single in {"end", "both"}:
        set_value(item, "end", period.end, head.period_lines, confidence, quotation=period.raw)
    if period.current:
        set_value(item, "current", period.current, head.period_lines, confidence, quotation=period.raw)


def fill_story(item: Position | Volunteering, rows: Sequence[Row]) -> None:
    """Set summary and highlights from the rows below a head."""
    summary: list[Row] = []
    for group, bulleted in paragraphs(rows):
        lines = [line for row in group for line in row.lines]
        text = joined(visible_text(row.text.replace("\t", " ")) for row in group)
        if bulleted:
            item.highlights.append(line_item(text, lines, 0.9))
        else:
            summary.extend(group)
    if summary:
        text = joined(visible_text(row.text.replace("\t", " ")) for row in summary)
        set_value(item, "summary", text, [line for row in summary for line in row.lines], 0.8)


def paragraphs(rows: Sequence[Row]) -> list[tuple[list[Row], bool]]:
    """Group rows into bullets (True) and paragraphs (False); labels such as "Highlights" make a list of what follows."""
    groups: list[tuple[list[Row], bool]] = []
    listed = False
    edge = min((x for row in rows if (x := left(row)) is not None), default=0.0)
    for row in rows:
        begin = left(row)
        if is_label(row):
            listed = True
            continue
        inner = begin is not None and begin > edge + 8
        if row.bullet or ((listed or inner) and not _goes_on(groups, row, inner=inner)):
            groups.append(([row], True))
        elif (
            groups
            and (not row.after_gap or groups[-1][1] is False)
            and (groups[-1][1] is False or _goes_on(groups, row, inner=inner) or begin is None or inner)
        ):
            groups[-1][0].append(row)
        else:
            groups.append(([row], False))
    return groups


def _goes_on(groups: list[tuple[list[Row], bool]], row: Row, *, inner: bool) -> bool:
    """Return whether an unmarked row goes on with the bullet before it."""
    if not groups:
        return False
    before, bulleted = groups[-1]
    if not bulleted:
        return not inner and not row.after_gap
    text, above = visible_text(row.text), visible_text(before[-1].text)
    if _stands_apart(before[-1], row) and text[:1].isupper():
        return False
    begin, first = left(row), left(before[0])
    if before[0].bullet and begin is not None and first is not None:
        return begin >= first - 2 and not row.after_gap
    return text[:1].islower() or (len(above) > 70 and not above.endswith((".", "。", "!", "?")))


def _stands_apart(before: Row, row: Row) -> bool:
    """Return whether a row is of another block and further below than lines of one paragraph are."""
    upper, lower = before.lines[0], row.lines[0]
    if upper.place is None or lower.place is None or upper.page != lower.page or upper.block == lower.block:
        return False
    return lower.place[1] - upper.place[3] > PARAGRAPH_LEADING * (upper.place[3] - upper.place[1])


def read_volunteering(sections: Sequence[Section], loose: Loose) -> list[Volunteering]:
    """Read voluntary posts."""
    posts: list[Volunteering] = []
    for section in sections:
        entries = split_entries(section.rows, small_tells=True)
        heads = [read_entry_head(entry) for entry in entries]
        roles = assign([head.segments for head in heads], work_judge(""), ("title", "employer"), {"location": 0.7})
        for entry, head, found in zip(entries, heads, roles, strict=True):
            post = Volunteering()
            for role, name in (("title", "title"), ("employer", "organization")):
                if segment := found.found.get(role):
                    set_value(post, name, segment.text, segment.lines, 0.7)
            set_period(post, head, single="start")
            for url, lines in head.urls:
                set_value(post, "url", url, lines, 0.9)
            fill_story(post, [*head.story, *entry.body])
            for segment in [*found.rest, *filter(None, [found.found.get("location")])]:
                loose(segment.text, segment.lines)
            posts.append(post)
    return posts
