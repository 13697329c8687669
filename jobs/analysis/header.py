"""The head of a pasted posting: job title, employer and place."""

import re
from collections import Counter
from dataclasses import dataclass

from cv.skills import concepts_in
from cv.titles import plain_title
from jobs.analysis.segments import heading_section

_LABELS = {
    "title": re.compile(r"^(?:job title|title|position|role|stellenbezeichnung|stelle|position title|intitulé du poste|poste|puesto|posizione|stanowisko|functie|vaga|cargo|função|vacature|vacancy|oferta de (?:empleo|trabajo|emprego)|offre d(?:'|’)emploi|oferta pracy|stellenangebot|offerta di lavoro)\s*[:：]\s*(?P<value>.+)$", re.IGNORECASE | re.MULTILINE),
    "employer": re.compile(r"^(?:company(?: name)?|employer|organi[sz]ation|arbeitgeber|unternehmen|firma|entreprise|employeur|empresa|azienda|pracodawca|werkgever|agency|bedrijf|empregador)\s*[:：]\s*(?P<value>.+)$", re.IGNORECASE | re.MULTILINE),
    "location": re.compile(r"^(?:(?:job |work )?location|place of work|standort|arbeitsort|einsatzort|ort|lieu(?: de travail)?|ubicación|lugar|sede|miejsce pracy|lokalizacja|locatie|local(?: de trabalho)?|localização|standplaats|luogo(?: di lavoro)?)\s*[:：]\s*(?P<value>.+)$", re.IGNORECASE | re.MULTILINE),
}  # fmt: skip
_FIRM = re.compile(
    r"[^,.;:]\s(?:GmbH(?: & Co\. KG)?|AG|SE|KG|Inc\.?|LLC|Ltd\.?|Limited|PLC|plc|S\.A\.?|SARL|S\.L\.?|S\.p\.A\.?|S\.r\.l\.?|[Ss]p\. ?z ?o\.? ?o\.?|B\.V\.?|N\.V\.?|Lda\.?|Ltda\.?)$"
)
# How firms without a legal form in their name end, and places do not.
_TRADE_NAME = re.compile(
    r"\b(?:Services|Solutions|Systems|Consulting|Consultants|Technologies|Partners|Logistics|Labs|Media|Software|Studios?|Industries|Enterprises|Recruitment|Engineering|Energy|Clinic|Institute|"
    r"Trust|Robotics|Analytics|Foods|Motors|Airways|Airlines|Insurance|Pharma|Capital|Ventures|Digital|Interactive|Electronics|Construction|Therapeutics|Networks?)$"
)
_LEGAL_FORM = re.compile(r"(?:^|\s|,)(?:GmbH(?: & Co\. KG)?|mbH|AG|SE|KG|OHG|e\.\s?V\.|eG|Inc\.?|LLC|Ltd\.?|Limited|PLC|plc|Corp\.?|Corporation|Co\.|Company|S\.?A\.?S?\.?|SARL|S\.?L\.?U?\.?|S\.?p\.?A\.?|S\.?r\.?l\.?|[Ss]p\. ?z ?o\.? ?o\.?|[Ss]półka(?: [\w ]+)?|B\.?V\.?|N\.?V\.?|A/S|AB|Oy|Group|Gruppe|Holding|Bank|University|Universität|Klinikum|Hospital|Department|Stiftung|Foundation|School|Council|Ministry|Lda\.?|Ltda\.?|Sp\. z o\.o\.|Clinique|Klinik|Clínica|Hôpital|Ospedale|Stadtwerke|Gasthof|Hotel|Restaurante?|Ristorante|Trattoria|Pasticceria|Osteria|Albergo|Liceo|Colegio|Escuela|Lycée|Collège|École|Escola|Lyceum|Gymnasium|Bäckerei|Buchhandlung|Szkoła|Szpital|Przedszkole|Ziekenhuis|Agence|Biuro|Zorggroep|Stichting|DEPARTMENT|OFFICE|AGENCY|DEPT)(?=$|[\s,.)])")  # fmt: skip
_SEEKING = re.compile(
    r"(?i:looking for|seeking|hiring|recruiting|searching for|suchen(?: wir)?(?: ab sofort| zum nächstmöglichen zeitpunkt| für \w+(?: \w+){0,4})?|"
    r"recherch(?:e|ons)|recrut(?:e|ons)|busca(?:mos)?|cerchiamo|poszukujemy|zatrudnimy|zoeken|procuramos|need)\s*:?\s+(?i:an?\s|our\s|eine?/n\s|eine?n?\s|une?\s|una?\s|uno\s)?"
    r"(?i:experienced\s|motivated\s|dedicated\s|talented\s|engagierte?n?\s|erfahrene?n?\s)?"
    r"(?P<value>[A-ZÀ-Þ][\w/+#&.-]*(?:[ -](?:\([^)]{1,12}\)|(?:of|for|de|für|im|in|der)\b|[A-ZÀ-Þ(][\w/+#&.)-]*)){0,6})"
)
# The same where a job is written small, as in French, Spanish, Italian, Portuguese and Polish: up to what it is for, or where.
_SEEKING_SMALL = re.compile(
    r"\b(?:se (?:busca|necesita|precisa)|buscamos|cercasi|cerchiamo|procura-se|procuramos|recherch(?:e|ons)|recrut(?:e|ons)|poszukujemy)\s+(?:une?\s|una?\s|uno\s|uma?\s)?"
    r"(?P<value>[^\W\d][\w/()éè'’-]+(?:\s(?!para\b|per\b|pour\b|en\b|in\b|con\b|com\b|avec\b|qu|che\b|do\b|na\b|w\b|em\b|a\b|à\b)[\w/()'’-]+){0,3})",
    re.IGNORECASE,
)
# Lines above a title that name no job.
_NOTICE = re.compile(
    r"(?:campus (?:interviews?|hiring|drive)(?: only)?|urgent(?:ly)?(?: hiring| vacancy| requirement)?|now hiring|hiring now|we(?:'|’)?(?: a)?re (?:hiring|recruiting)|immediate (?:start|joiners?)(?: only)?|"
    r"walk[- ]?in(?: interviews?)?|new(?: job)?|hot job|vacanc(?:y|ies)|job (?:opening|vacancy|opportunity|posting|bulletin|announcement|description|alert)|career opportunit(?:y|ies)|join (?:us|our team)|"
    r"(?:internal|external) (?:vacancy|posting)|stellenangebot|stellenausschreibung|stellenanzeige|wir stellen ein|jetzt bewerben|offre d(?:'|’)emploi|nous recrutons|on recrute|oferta de (?:empleo|trabajo|emprego)|"
    r"offerta di lavoro|lavora con noi|oferta pracy|praca|ogłoszenie|vacature|vaga(?: de emprego)?|estamos a contratar|about (?:the|this) (?:role|job)|"
    r"(?:wir|für unser\w*|zur (?:verstärkung|unterstützung))\b.*\b(?:suchen|sucht)\b.*\beine?n?(?:/[nr])?)\s*[!:.]*",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"\s+(?:\([^)]{1,12}\)\s*)?(?:gesucht|wanted|needed|poszukiwan[yai]|gezocht|recherchée?)\s*[!.]*$", re.IGNORECASE
)
_DECORATION = re.compile(
    r"^[\U0001F300-\U0001FAFF\u2600-\u27BF\u2B00-\u2BFF\uFE0F\u200D\s]+|[\U0001F300-\U0001FAFF\u2600-\u27BF\u2B00-\u2BFF\uFE0F\u200D\s]+$"
)
_PAY_OR_HOURS = re.compile(
    r"[€$£💰]|\b(?:EUR|USD|GBP|PLN|CHF)\b|^\d+(?:[-–]\d+)? ?(?:uur|hours|std|stunden|horas)\b|^(?:media jornada|jornada completa|umowa (?:o|na)|contrato (?:temporal|indefinido|fijo)|contratto (?:a|stagionale)|contrat (?:à|en|saisonnier))\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(r"(?: (?:of|for|de|für|im|in|der|mit|with|to))+$")
_AT = re.compile(r"\s+(?:at|bei|chez|@|w firmie)\s+(?P<value>[A-ZÀ-Þ0-9][\w&.' -]{1,60})$")
_AT_TEXT = re.compile(
    r"\b(?:[Aa]t|[Jj]oin|[Bb]ei(?: der| dem)?|[Cc]hez)\s+(?P<value>[A-ZÀ-Þ][\w&.'-]+(?:\s+[A-ZÀ-Þ&][\w&.'-]*){0,4})(?=,|\s+(?:we|is|are|wir|and|as|our|nous|in)\b)"
)
_ABOUT = re.compile(
    r"^(?:about|über|à propos de|sobre)\s+(?P<value>[A-ZÀ-Þ][\w&.'-]+(?:\s+[\w&.'-]+){0,3})\s*:?$",
    re.IGNORECASE | re.MULTILINE,
)
# How a text begins that says who the employer is: `Globex is a …`, `The Intersect Fund exists to …`.
_BEGINS = re.compile(
    r"^(?!About )(?P<value>(?:The )?[A-ZÀ-Þ][\w&.'-]*(?: (?:(?:of|and|&) )?[A-ZÀ-Þ][\w&.'-]*){0,4})(?:, (?:[^.,]{3,60}),)? (?:(?:is|was|are) (?:an? |the |one of |established|founded)|(?:helps|makes|builds|provides|operates|develops|runs|designs|serves|connects|manufactures) )",
    re.MULTILINE,
)
# Who says `we`, and who is said to look for somebody.
_WE_ARE = re.compile(
    r"\b(?:[Ww]e(?:'|’)re|[Ww]e are|[Ww]ir sind|[Nn]ous sommes|[Ss]omos|[Ss]iamo|[Jj]esteśmy) (?P<value>[A-ZÀ-Þ][\w&.'’-]*(?: [A-ZÀ-Þ&][\w&.'’-]*){0,3})(?=[.,]| and we\b)"
)
_RECRUITS = re.compile(
    r"^(?P<value>(?:[A-ZÀ-Þ][\w&.'’-]*|[Ll]a|[Ll]e|[Dd]ie)(?: [A-ZÀ-Þ&][\w&.'’-]*){0,4}) (?:recrute|sucht|is (?:hiring|looking for|recruiting|seeking)|busca|cerca|poszukuje|zatrudni|zoekt|procura|contrata|recherche)\b",
    re.MULTILINE,
)
_BASED = re.compile(
    r"\b(?:based in|located in|our offices? in|(?:unser\w*|am) standort(?: in)?|einsatzort(?: ist)?|basée? à|situé\w* à|con sede (?:en|a)|ubicad[oa] en|siedzib\w+ w|gevestigd in|sediad[oa] em)"
    r"\s+(?P<value>[A-ZÀ-ÞŁŚ][\w'’-]+(?:[ -](?:am|an|sur|de|upon|[A-ZÀ-ÞŁŚ])[\w'’-]*){0,3})"
)
_PUBLIC = re.compile(
    r"\b(?:City|County|University|State|Town|Stadt|Universität|Ville|Ayuntamiento) (?:of |de |)[A-ZÀ-Þ]\w+(?: [A-ZÀ-Þ]\w+)?"
)
# What stands behind the comma of a place: `Leeds, UK`, `München, Bayern`, `Austin, TX`, `Cork, Ireland (hybrid)`.
_REGION = re.compile(
    r"^(?:(?:the )?(?:[A-Z]{2,3}|U\.?S\.?A?\.?|England|Scotland|Wales|Northern Ireland|Great Britain|United Kingdom|United States.*|Ireland|Éire|Germany|Deutschland|Austria|Österreich|Switzerland|"
    r"Schweiz|Suisse|Svizzera|France|Belgium|Belgique|België|Netherlands|Nederland|Luxembourg|Spain|España|Portugal|Italy|Italia|Poland|Polska|Czech.*|Sweden|Norway|Denmark|Finland|"
    r"Hungary|Romania|Bulgaria|Greece|Croatia|Slovenia|Slovakia|Estonia|Latvia|Lithuania|Turkey|Ukraine|Israel|India|China|Japan|Singapore|Australia|New Zealand|Canada|Mexico|México|"
    r"Brazil|Brasil|Argentina|Chile|Colombia|South Africa|Nigeria|Kenya|Egypt|UAE|Europe|EU|EMEA|Bayern|Bavaria|Hessen|Sachsen(?:-Anhalt)?|Niedersachsen|Nordrhein-Westfalen|NRW|"
    r"Baden-Württemberg|Brandenburg|Thüringen|Saarland|Rheinland-Pfalz|Schleswig-Holstein|Mecklenburg-Vorpommern|Tirol|Steiermark|Kärnten|Salzburg|Vorarlberg|Burgenland|"
    r"(?:Nieder|Ober)österreich|Île-de-France|\w+shire|County \w+|Co\.? \w+|California|Texas|Florida|New York|Washington|Massachusetts|Illinois|Ontario|Québec|Quebec|Victoria|"
    r"Cataluña|Catalunya|Andalucía|Lombardia|Lazio|[a-ząćęłńóśźż]+(?:kie|skie|ckie))|\d{4,6}\b.*)(?:\s*\(.*\))?$"
)
_NOT_AN_EMPLOYER = re.compile(r"^(?:us|uns|the (?:role|job|team|position|company|successful|ideal|candidate|work|main|purpose|post|following|person|department|location|salary|project|client|office|right)|it|there|here|what|who|if|as|an?|in|we|he|she|they|these|that|all|each|every|one|experience|knowledge|education|our|you|your|nous|nosotros|this|role|job|team|position|company|unternehmen|least|all|any)\b", re.IGNORECASE)  # fmt: skip
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
_FIRM_WORDS = 8
_PLACE_WORDS = 5
_WHERE_EMPLOYERS_STAND = 1_500
_CITY_WORDS = 2
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
    title, employer, place = _behind_dash(title, employer, place, text)
    firm, _, where = place.partition(", ")
    if where and employer and firm.startswith(f"{employer} "):
        # "Harvest Lane Bakeries, Boise, Idaho" was taken for a place, and the text calls the employer by half the name.
        employer, place = firm, where
    if not place and employer.startswith("City of "):
        place = employer.removeprefix("City of ")
    if not place and (based := _BASED.search(text)):
        place = based.group("value")
    title = labelled.get("title") or (title[: at.start()] if at else title)
    place = re.sub(r"(?:,\s*)+(?=,)|^[\s,]+|[\s,]+$", "", place)
    return Header(
        _tidy(_HOURS.sub("", title) or title),
        labelled.get("employer") or _tidy(employer),
        labelled.get("location") or _tidy(place),
    )


def _behind_dash(title: str, employer: str, place: str, text: str) -> tuple[str, str, str]:
    """Take employer or place from behind a title's dash: `Teacher - Oak School`, `Chef de projet — Rennes` where the text says so too."""
    front, *behind = _PARTS.split(title)
    tail = behind[-1] if behind else ""
    if tail and not employer and _LEGAL_FORM.search(tail):
        return front, tail, place
    named_again = re.search(rf"\b(?:in|à|en|a|w|em|te|bei|ort:?|lieu:?) {re.escape(tail)}\b", text, re.IGNORECASE)
    if tail and not place and _is_place(tail) and named_again:
        return front, employer, tail
    return title, employer, place


def _head(text: str) -> list[str]:
    """Return the short lines with which a posting begins, up to its first sentence, list or known heading."""
    head: list[str] = []
    for line in text.splitlines():
        plain = _DECORATION.sub("", line.strip(" \t#*_–|"))
        plain = _WANTED.sub("", plain)
        if heading_section(plain) and not _NOTICE.fullmatch(plain):
            break
        if (
            not re.search(r"[^\W\d_]{3}", plain)
            or plain.startswith("(")
            or _META.search(plain)
            or _NOTICE.fullmatch(plain)
            or _PAY_OR_HOURS.search(plain)
            or _LABEL_LINE.match(plain)
        ):
            continue
        is_sentence = plain.endswith((".", "!", "?", ":", ",")) and not _ends_with_legal_form(plain)
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


def _ends_with_legal_form(line: str) -> bool:
    return any(match.end() >= len(line) - 1 for match in _LEGAL_FORM.finditer(line))


def _title(head: list[str], text: str) -> tuple[str, list[str]]:
    """Return the title and the other lines of the head: the first line, unless that is the employer's name."""
    first_is_employer = (
        len(head) > 1 and bool(_LEGAL_FORM.search(head[0])) and "," not in head[1] and not _LEGAL_FORM.search(head[1])
    )
    place = 1 if first_is_employer else 0
    if len(head) > place and not _SEEKING.search(head[place]) and not _SEEKING_SMALL.match(head[place]):
        return head[place], [*head[:place], *head[place + 1 :]]
    match = _SEEKING.search(text[:3000]) or _SEEKING_SMALL.search(text[:3000])
    return (_DANGLING.sub("", plain_title(match.group("value"))) if match else ""), head


def _below_title(rest: list[str]) -> tuple[str, str]:
    """Return employer and place from the other lines of the head."""
    rest = [line for line in rest if not _SEEKING.search(line)]
    lines = [piece for line in rest[:3] for part in _parts(line) if len(part.split()) <= 10 for piece in _split(part)]
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


def _split(line: str) -> list[str]:
    """Cut `Globex Ltd, Leeds` and `Globex, Leeds` into employer and place; `Leeds, UK` is a place."""
    first, comma, rest = line.partition(", ")
    if not comma or not rest or not rest[0].isalnum():
        return [line]
    form = list(_LEGAL_FORM.finditer(first))
    if form and form[-1].end() >= len(first) - 1 and not _LEGAL_FORM.search(rest) and len(rest.split()) <= _PLACE_WORDS:
        return [first, rest]
    if re.match(r"(?:near|bei|près de|cerca de|vicino a|perto de|nabij|koło|k\.) [A-ZÀ-ÞŁŚ]", rest):
        return [first, rest]
    if re.match(r"\d{4,5} [A-ZÀ-Þ]", rest) and not re.search(r"\d|(?i:str\.|straße|street|road|avenue)", first):
        return [first, rest]
    is_plain_pair = "," not in rest and len(rest.split()) <= _CITY_WORDS and rest[0].isupper() and first[0].isupper()
    return [first, rest] if is_plain_pair and not _REGION.match(rest) and not concepts_in(line) else [line]


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
    for pattern in (_ABOUT, _WE_ARE, _RECRUITS, _AT_TEXT, _BEGINS):
        match = pattern.search(text[:_WHERE_EMPLOYERS_STAND] if pattern is _BEGINS else text)
        if match and not _NOT_AN_EMPLOYER.match(match.group("value")):
            return match.group("value")
    signed = next((line for line in text.splitlines()[1:] if _is_firm(line.strip())), "")
    if signed:
        return signed.strip()
    public = Counter(match.group() for match in _PUBLIC.finditer(text))
    name, count = public.most_common(1)[0] if public else ("", 0)
    # Once may be a law, a school or a neighbour.
    return name if count > 1 else ""


def _is_firm(line: str) -> bool:
    """Tell a line that holds a firm's name and nothing else, as under an advertisement."""
    return (
        len(line.split()) <= _FIRM_WORDS and bool(_FIRM.search(line)) and line[:1].isupper() and not concepts_in(line)
    )


def _is_place(line: str) -> bool:
    words = line.split()
    if (
        _TRADE_NAME.search(line)
        or _LEGAL_FORM.search(line)
        or len(words) > 8
        or (line.endswith((".", ":")) and "," not in line)
    ):
        return False
    if "," in line and not concepts_in(line):
        return bool(re.match(r"[A-ZÀ-ÞŁŚŻ\d]", line))
    return bool(_PLACE.match(line)) and len(words) <= 3 and not line.isupper()


def _tidy(text: str) -> str:
    return " ".join(text.split())[:300]
