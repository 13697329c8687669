"""The head of a pasted posting: job title, employer and place."""

import re
from collections import Counter
from dataclasses import dataclass

from cv.skills import concepts_in
from cv.titles import plain_title
from jobs.analysis.segments import heading_section

_LABELS = {
    "title": re.compile(r"^(?:job title|title|position|role|stellenbezeichnung|stelle|position title|intitulé du poste|poste|puesto|posizione|stanowisko|functie)\s*[:：]\s*(?P<value>.+)$", re.IGNORECASE | re.MULTILINE),
    "employer": re.compile(r"^(?:company(?: name)?|employer|organi[sz]ation|arbeitgeber|unternehmen|firma|entreprise|employeur|empresa|azienda|pracodawca|werkgever|agency)\s*[:：]\s*(?P<value>.+)$", re.IGNORECASE | re.MULTILINE),
    "location": re.compile(r"^(?:(?:job |work )?location|place of work|standort|arbeitsort|einsatzort|ort|lieu(?: de travail)?|ubicación|lugar|sede|miejsce pracy|lokalizacja|locatie)\s*[:：]\s*(?P<value>.+)$", re.IGNORECASE | re.MULTILINE),
}  # fmt: skip
_LEGAL_FORM = re.compile(r"(?:^|\s|,)(?:GmbH(?: & Co\. KG)?|mbH|AG|SE|KG|OHG|e\.\s?V\.|eG|Inc\.?|LLC|Ltd\.?|Limited|PLC|plc|Corp\.?|Corporation|Co\.|Company|S\.?A\.?S?\.?|SARL|S\.?L\.?U?\.?|S\.?p\.?A\.?|S\.?r\.?l\.?|Sp\. ?z ?o\.? ?o\.?|B\.?V\.?|N\.?V\.?|A/S|AB|Oy|Group|Gruppe|Holding|Bank|University|Universität|Klinikum|Hospital|Department|Stiftung|Foundation|School|Council|Ministry|DEPARTMENT|OFFICE|AGENCY|DEPT)(?=$|[\s,.)])")  # fmt: skip
_SEEKING = re.compile(
    r"(?i:looking for|seeking|hiring|recruiting|searching for|suchen(?: wir)?(?: ab sofort| zum nächstmöglichen zeitpunkt| für \w+(?: \w+){0,4})?|"
    r"recherch(?:e|ons)|busca(?:mos)?|cerchiamo|poszukujemy|zatrudnimy)\s+(?i:an?\s|our\s|eine?/n\s|eine?n?\s|une?\s|una?\s|uno\s)?"
    r"(?i:experienced\s|motivated\s|dedicated\s|talented\s|engagierte?n?\s|erfahrene?n?\s)?"
    r"(?P<value>[A-ZÀ-Þ][\w/+#&.-]*(?:[ -](?:\([^)]{1,12}\)|(?:of|for|de|für|im|in|der)\b|[A-ZÀ-Þ(][\w/+#&.)-]*)){0,6})"
)
_AT = re.compile(r"\s+(?:at|bei|chez|@|w firmie)\s+(?P<value>[A-ZÀ-Þ0-9][\w&.' -]{1,60})$")
_AT_TEXT = re.compile(
    r"\b(?:[Aa]t|[Jj]oin|[Bb]ei(?: der| dem)?|[Cc]hez)\s+(?P<value>[A-ZÀ-Þ][\w&.'-]+(?:\s+[A-ZÀ-Þ&][\w&.'-]*){0,4})(?=,|\s+(?:we|is|are|wir|and|as|our|nous|in)\b)"
)
_ABOUT = re.compile(
    r"^(?:about|über|à propos de|sobre)\s+(?P<value>[A-ZÀ-Þ][\w&.'-]+(?:\s+[\w&.'-]+){0,3})\s*:?$",
    re.IGNORECASE | re.MULTILINE,
)
_PUBLIC = re.compile(
    r"\b(?:City|County|University|State|Town|Stadt|Universität|Ville|Ayuntamiento) (?:of |de |)[A-ZÀ-Þ]\w+(?: [A-ZÀ-Þ]\w+)?"
)
_NOT_AN_EMPLOYER = re.compile(r"^(?:us|uns|the|our|you|your|nous|nosotros|this|role|job|team|position|company|unternehmen|least|all|any)\b", re.IGNORECASE)  # fmt: skip
_PLACE = re.compile(r"^(?:[A-ZÀ-ÞŁŚ][\w.'’-]+(?:[ -][A-ZÀ-ÞŁŚ(][\w.'’)-]*){0,3})(?:,\s*[A-ZÀ-ÞŁŚ][\w .'’()-]*){0,3}(?:\s*\([^)]*\))?$|^\d{4,5}\s+[A-ZÀ-Þ]\w+", re.UNICODE)  # fmt: skip
_META = re.compile(r"class code|open date|posted|apply|job id|requisition|salary|http|@|^\d+ (?:days?|hours?|weeks?|applicants?)|share|save|published|reference|^(?:full|part)[- ]?time|^(?:voll|teil)zeit|^remote$", re.IGNORECASE)  # fmt: skip
_LABEL_LINE = re.compile(r"^[\w ]{3,25}:\s")
_BULLET = re.compile(r"^[-–•·▪●*]\s")
_PARTS = re.compile(r"\s+[·•|–—-]\s+")
_WAY_OF_WORK = re.compile(
    r"^(?:fully |100 ?% )?(?:hybrid|remote|on[- ]?site|in[- ]office|home ?office|full[- ]?time|part[- ]?time|permanent|temporary|contract|"
    r"unbefristet|befristet|voll|teil|vor ort|homeoffice|mobiles? arbeiten|télétravail|temps plein|cdi|cdd|zdalnie|hybrydowo)",
    re.IGNORECASE,
)
_BRACKET_AT_END = re.compile(r"\s*\((?P<value>[^()]*)\)$")
_HEAD_LINES = 5
_MAX_TITLE_WORDS = 14
_HOURS = re.compile(
    r"\s*(?:[-–,(]|\bin\b)?\s*\b(?:full[- ]time|part[- ]time|vollzeit(?:\s*(?:oder|/|und)\s*teilzeit)?|teilzeit)\b.*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the head says; empty strings where it does not."""

    title: str = ""
    employer: str = ""
    location: str = ""


def read_header(text: str) -> Header:
    """Return title, employer and place of a pasted posting: labelled lines first, then the shape of the first lines."""
    labelled = {
        name: _tidy(match.group("value")) for name, pattern in _LABELS.items() if (match := pattern.search(text))
    }
    head = _head(text)
    title, rest = _title(head, text)
    at = _AT.search(title)
    employer, place = _below_title(rest)
    employer = at.group("value") if at else employer or _employer_in(text)
    if not place and employer.startswith("City of "):
        place = employer.removeprefix("City of ")
    title = labelled.get("title") or (title[: at.start()] if at else title)
    return Header(
        _tidy(_HOURS.sub("", title) or title),
        labelled.get("employer") or _tidy(employer),
        labelled.get("location") or _tidy(place),
    )


def _head(text: str) -> list[str]:
    """Return the short lines with which a posting begins, up to its first sentence, list or known heading."""
    head: list[str] = []
    for line in text.splitlines():
        plain = line.strip(" \t#*_–|")
        if heading_section(plain):
            break
        if (
            not re.search(r"[^\W\d_]{3}", plain)
            or plain.startswith("(")
            or _META.search(plain)
            or _LABEL_LINE.match(plain)
        ):
            continue
        is_sentence = plain.endswith((".", "!", "?", ":", ",")) and not _LEGAL_FORM.search(plain)
        if (
            _BULLET.match(line.strip())
            or is_sentence
            or heading_section(plain)
            or len(plain.split()) > _MAX_TITLE_WORDS
        ):
            break
        head.append(plain)
        if len(head) == _HEAD_LINES:
            break
    return head


def _title(head: list[str], text: str) -> tuple[str, list[str]]:
    """Return the title and the other lines of the head: the first line, unless that is the employer's name."""
    first_is_employer = (
        len(head) > 1 and bool(_LEGAL_FORM.search(head[0])) and "," not in head[1] and not _LEGAL_FORM.search(head[1])
    )
    place = 1 if first_is_employer else 0
    if len(head) > place and not _SEEKING.search(head[place]):
        return head[place], [*head[:place], *head[place + 1 :]]
    match = _SEEKING.search(text[:3000])
    return (plain_title(match.group("value")) if match else ""), head


def _below_title(rest: list[str]) -> tuple[str, str]:
    """Return employer and place from the other lines of the head."""
    lines = [part for line in rest[:3] for part in _parts(line) if len(part.split()) <= 10]
    employer = next((line for line in lines if _LEGAL_FORM.search(line)), "")
    if (
        not employer
        and len(lines) >= 2
        and (not _is_place(lines[0]) or _names_employer_first(lines, on_one_line=len(lines) > len(rest[:3])))
    ):
        employer = lines[0]
    others = [line for line in lines if line != employer]
    place = next((line for line in others if _is_place(line)), "")
    if employer and not place and others and lines.index(employer) == 0:
        place = others[0]
    if not employer and len(others) == 1 and not place and not concepts_in(others[0]) and not others[0][0].islower():
        employer = others[0]
    return employer, place


def _names_employer_first(lines: list[str], *, on_one_line: bool) -> bool:
    """Tell `Example Energy – Leeds`: both may be places by their shape, but the employer comes first and without a comma."""
    return "," not in lines[0] and _is_place(lines[1]) and (on_one_line or "," in lines[1])


def _parts(line: str) -> list[str]:
    """Cut `Example Ltd · Leeds (hybrid, two days a week)` into employer and place; how the work is done belongs to neither."""
    plain = [_without_way_of_work(part) for part in _PARTS.split(line)]
    return [part for part in plain if part and not _WAY_OF_WORK.match(part) and not _META.search(part)]


def _without_way_of_work(part: str) -> str:
    bracket = _BRACKET_AT_END.search(part)
    return part[: bracket.start()] if bracket and _WAY_OF_WORK.match(bracket["value"]) else part


def _employer_in(text: str) -> str:
    """Return an employer that running text names: `About Example`, `at Example we …`, `City of Example`."""
    for pattern in (_ABOUT, _AT_TEXT):
        match = pattern.search(text)
        if match and not _NOT_AN_EMPLOYER.match(match.group("value")):
            return match.group("value")
    public = Counter(match.group() for match in _PUBLIC.finditer(text))
    return public.most_common(1)[0][0] if public else ""


def _is_place(line: str) -> bool:
    words = line.split()
    if _LEGAL_FORM.search(line) or len(words) > 8 or (line.endswith((".", ":")) and "," not in line):
        return False
    if "," in line and not concepts_in(line):
        return bool(re.match(r"[A-ZÀ-ÞŁŚŻ\d]", line))
    return bool(_PLACE.match(line)) and len(words) <= 3 and not line.isupper()


def _tidy(text: str) -> str:
    return " ".join(text.split())[:300]
