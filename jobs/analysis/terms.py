"""What a posting says about the contract: salary, employment type, remote work, contact person."""

import re
from dataclasses import dataclass

# In whole units of any currency: no pay is larger.
LARGEST_SUM = 10.0**12
_CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP", "zł": "PLN", "pln": "PLN", "eur": "EUR", "usd": "USD", "gbp": "GBP", "chf": "CHF", "euro": "EUR", "fr.": "CHF", "¥": "JPY", "₹": "INR", "inr": "INR", "sek": "SEK", "cad": "CAD", "aud": "AUD", "us$": "USD", "ca$": "CAD", "r$": "BRL", "brl": "BRL", "nok": "NOK", "dkk": "DKK", "huf": "HUF", "czk": "CZK", "kč": "CZK", "ron": "RON", "a$": "AUD"}  # fmt: skip
_MARK = (
    r"(?:US\$|CA\$|A\$|R\$|BRL|NOK|DKK|HUF|CZK|Kč|RON|€|\$|£|zł|PLN|EUR|USD|GBP|CHF|Euro\b|Fr\.|¥|₹|INR|SEK|CAD|AUD)"
)
_AMOUNT = r"\d{1,3}(?:[.,'’ \xa0]\d{3})+(?:[.,]\d{2})?|\d+(?:[.,]\d{1,2})?"
# Words between two amounts are few: how a longer row of dashes or letters is cut up could be tried in countless ways.
_RANGE = re.compile(
    rf"(?P<before>{_MARK})?\s?(?P<low>{_AMOUNT})\s?(?P<lowk>k\b|tsd)?\s?(?P<middle>{_MARK})?"
    rf"(?:(?:\s?(?:-|–|—|;|to|bis|und|and|à|a|do|e|en|y|et|i|até)\s?){{1,3}}(?:up to\s)?(?P<before2>{_MARK})?\s?(?P<high>{_AMOUNT})\s?(?P<highk>k\b|tsd)?\s?(?P<after>{_MARK})?)?"
    r"(?P<million>\s?(?:M\b|m\b|Mio|million|bn|billion))?",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"salary|wage|\bpay\b|compensation|remuneration|\bOTE\b|gehalt|vergütung|entgelt|\blohn|stundenlohn|salaire|rémunération|salario|retribución|sueldo|retribuzione|\bRAL\b|sal[aá]rio|remuneração|vencimento|salaris|\bloon\b|entlohnung|bezahlung|verdienst|stipendio|selon (?:profil|expérience)|💰|\ba (?:year|month|week|day|hour)\b|"
    r"wynagrodzenie|brutto|\bgross\b|\bbrut\b|per (?:year|annum|hour|month|week|day)|p\.\s?a\.|/\s?(?:year|yr|hour|hr|h|month|mo|jahr|monat|stunde|an|mois|año|mes|day|miesiąc|godz)|"
    r"pro (?:jahr|monat|stunde)|par (?:an|mois|heure)|annual|hourly|jährlich|monatlich|mensa(?:l|is)|/\s?m[êe]s|por mês|al mese|per maand|per jaar|per uur|miesięcznie|godzinowo",
    re.IGNORECASE,
)
_PERIODS = tuple(
    (period, re.compile(pattern, re.IGNORECASE))
    for period, pattern in (
        ("hour", r"hour|/\s?hr|/\s?h\b|stunde|heure|\bhora\b|\bora\b|\buur\b|godz"),
        ("day", r"per day|daily|/\s?day|tagessatz|par jour|día"),
        ("week", r"per week|weekly|/\s?week"),
        ("month", r"month|/\s?mo\b|monat|mois|\bmes\b|mensual|mensile|miesi|m[êe]s\b|mensa(?:l|is)|maand|\bmese\b"),
        (
            "year",
            r"year|annum|annual|\bp\.\s?a|/\s?yr|jahr|jährlich|\ban\b|annuel|año|anual|\bRAL\b|anno|rok|roczn|jaar|\bano\b|anua(?:l|is)",
        ),
    )
)
_TYPES = tuple(
    (kind, re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE))
    for kind, pattern in (
        (
            "internship",
            r"internship|praktikum|stage(?= de| conventionné| h/f)|prácticas|tirocinio|staż(?=\s*$)|(?:płatn\w+|program\w*|oferta) staż\w*|stażyst\w+|praktyki (?:studenckie|zawodowe)|estágio|stageplaats|werkstudent\w*",
        ),
        ("apprenticeship", r"apprenticeship|ausbildung zu[rm]\b.*|alternance|ausbildungsplatz"),
        (
            "part_time",
            r"part[- ]time|teilzeit|temps partiel|media jornada|tiempo parcial|part-time|parttime|niepełny etat|część etatu|pół etatu|tempo parcial|deeltijd",
        ),
        (
            "full_time",
            r"full[- ]time|vollzeit|temps plein|temps complet|jornada completa|tiempo completo|tempo pieno|pełny etat|pełen etat|fulltime|voltijd|tempo integral|full time|(?:38|39|40)[ -](?:stunden|std\.?|hours|horas|heures|ore|uur)(?:[ -]?woche| per week| semanais| settimanali)?",
        ),
        (
            "temporary",
            r"temporary|fixed[- ]term|befristete?\w*|\bCDD\b|temporal|tempo determinato|czas określony|zeitarbeit|seasonal|termo certo|tijdelijk\w*",
        ),
        (
            "contract",
            r"contractor|contract (?:role|position|job|basis)|\d+[- ]months? (?:contract|project)|freelance|freiberuflich|independent contractor|b2b contract",
        ),
        (
            "permanent",
            r"permanent|unbefristete?\w*|festanstellung|\bCDI\b|indefinido|tempo indeterminato|czas nieokreślony|umowa o pracę|praca stała|sem termo|vast (?:contract|dienstverband)|onbepaalde tijd|CLT",
        ),
    )
)
# Words of contracts that speak of experience, studies or others: `two years of full-time paid experience`, `completed an apprenticeship`.
_NOT_THE_CONTRACT = re.compile(
    r"(?:full|part)[- ]time(?:(?:,| or| and|/)+ ?(?:full|part)[- ]time)? (?:[\w-]+ ){0,5}(?:experience|employment as|student|employees|staff|equivalent)\b"
    r"|(?:complet\w+|graduat\w+)(?: of| from)?(?: an?| the)? (?:[\w-]+ ){0,4}apprenticeship|staż(?:u|em)? pracy",
    re.IGNORECASE,
)
_REMOTE = re.compile(
    r"\b(?:fully[- ]remote|full remote|100\s?%\s?(?:remote|télétravail|teletrabajo|home[- ]?office|zdaln\w+)|remote[- ](?:first|only|position|role|job|work|opportunity|team|company|within|in)\b|"
    r"work(?:ing)? (?:from anywhere|remotely)|remote \(|(?:en|da|em) remoto|(?:trabalho|lavoro|trabajo|modelo) (?:100 ?% )?remoto|teletrabalho|volledig (?:remote|thuis)|praca zdalna|télétravail (?:complet|total))|\(remote\)|^\s*remote\s*$|[-–,|·]\s*remote\b",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_REMOTE = re.compile(r"\b(?:on[- ]?site(?: only)?|no remote|not (?:a )?remote|in[- ]office|hybrid\w*|híbrid[oa]|hybryd\w*|ibrid[oa]|vor ort|sur site|(?:\d|two|three|zwei|drei|deux|trois)\s?(?:x\s)?(?:days?|tage?n?|jours?|días?)\b.{0,25}(?:remote|office|home|télétravail|week|woche|semaine)|télétravail.{0,15}\d\s?jours|presencial|stacjonarn\w+)\b", re.IGNORECASE)  # fmt: skip
_NAME = r"(?:(?:Frau|Herrn?)\s+(?:Prof\.?\s+)?Dr\.?\s+[A-ZÀ-ÞŁŚŻ][\w'’-]+(?:\s+(?!Tel|Fon|E-?Mail|Unter|Gern|Für|Sie|Ihr|Leit|HR|Per)[A-ZÀ-ÞŁŚŻ][\w'’-]+)?|(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herrn?|Frau|Mme|M|Sra?|[Dd]ott\.ssa|[Dd]ott|Sig\.ra|Sig|[Mm]evrouw|[Dd]e heer|[Dd]hr|Mw|Pani?)\.?\s+){0,2}[A-ZÀ-ÞŁŚŻ][\w'’-]+(?:\s+(?:von|van|de|der|zu|la|del)\b)?(?:\s+[A-ZÀ-ÞŁŚŻ][\w'’-]+){1,2})"
_CONTACT = re.compile(
    r"(?:contact(?: person)?|hiring manager|recruiter|reports? to|questions\??|enquiries|ansprechpartner(?:in)?|ansprechperson|kontakt(?:person)?|fragen (?:beantwortet|an)(?: ihnen)?(?: gerne)?|"
    r"personne à contacter|votre contact|persona de contacto|contatto|osoba do kontaktu|contactpersoon|(?:please )?contact|wenden sie sich an|bewerbung an|apply to|application (?:by e-?mail )?to|write to|(?:neem )?contact op(?: te nemen)? met|contacter|contactez|contact(?:e|ar)(?: con| com)?|rivolgersi a|inviare (?:il )?(?:cv|curriculum) (?:a|al|alla|all')|(?:send|submit|address|e-?mail) (?:it |us |your )?(?:(?:application|cv|résumé|resume|documents?)\b[\w ,-]{0,30}? )?to|attention(?: of)?|z\. ?hd\.)"
    rf"(?:\s+(?:is|ist|est|es|to|an|bei))?\s*[:–-]?\s*(?:(?i:your|our|ihre?|notre)\s)?(?P<name>{_NAME})",
)
_CONTACT_LOOSE = re.compile(_CONTACT.pattern.replace("(?:contact(?: person)?", "(?i:contact(?: person)?", 1))
_NO_NAME = re.compile(r"\b(?:Human|Resources|HR|Team|Department|Talent|Recruiting|Us|Company|GmbH|Inc|Personnel|Email|E-Mail|Phone|Tel|Telefon|Information|The|Our|Your|Office|Services?|Division|City)\b")  # fmt: skip


# A number with at least one digit, behind a word for it.
_REFERENCE = re.compile(
    r"\b(?:job (?:id|number|ref(?:erence)?)|req(?:uisition)?(?:\.| id| number)?|reference(?: number| no\.?| code)?|ref(?:\.| no\.?| nr\.?)?|vacancy (?:id|number|ref(?:erence)?)|posting id|"
    r"kennziffer|referenz(?:nummer|-nr\.?|code)?|stellen-?(?:id|nr\.?|nummer)|job-?id|référence|réf\.?|referencia|ref\.ª|referência|riferimento|rif\.|numer referencyjny|nr ref\.?|vacaturenummer|referentienummer)"
    r"\s*[:#=]\s*(?P<value>(?=[\w./-]{0,30}\d)[A-Z0-9][\w./-]{1,30})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Salary:
    """Pay as stated; amounts in whole units of `currency` per `period`."""

    text: str = ""
    low: float | None = None
    high: float | None = None
    currency: str = ""
    period: str = ""


def salary_in(text: str) -> Salary:
    """Return the first pay that a posting states with a currency; sums of funding or turnover are none."""
    for match in _RANGE.finditer(text):
        marks = [match.group(name) for name in ("before", "middle", "before2", "after") if match.group(name)]
        if not marks or match.group("million"):
            continue
        line_start = text.rfind("\n", 0, match.start()) + 1
        around = text[max(line_start, match.start() - 60) : match.end() + 40]
        heading = text[max(0, text.rfind("\n", 0, max(0, line_start - 2))) : line_start]
        is_thousands = bool(match.group("high") and (match.group("lowk") or match.group("highk")))
        if not is_thousands and not _CUE.search(around) and not _CUE.search(heading):
            continue
        low = _amount(match.group("low"), match.group("lowk") or match.group("highk"))
        high = (
            _amount(match.group("high"), match.group("highk") or match.group("lowk")) if match.group("high") else None
        )
        if max(low, high or 0.0) > LARGEST_SUM:
            continue
        currency = _CURRENCIES.get(marks[0].casefold(), "")
        return Salary(match.group().strip(" \n\t;-–"), low, high, currency, _period(around, low))
    return Salary()


def reference_in(text: str) -> str:
    """Return the number that a posting gives itself, or an empty string."""
    match = _REFERENCE.search(text)
    return match.group("value").strip(".,;)") if match else ""


def employment_type_in(text: str) -> str:
    """Return `full_time`, `part_time`, `permanent`, `temporary`, `contract`, `internship` or `apprenticeship`; else empty."""
    said = _NOT_THE_CONTRACT.sub(" ", text)
    return next((kind for kind, pattern in _TYPES if pattern.search(said)), "")


def is_remote_in(text: str) -> bool | None:
    """Return whether the work is remote, or None where the posting does not say; hybrid work needs the place, so it is not."""
    if _NOT_REMOTE.search(text):
        return False
    return True if _REMOTE.search(text) else None


def contact_in(text: str) -> str:
    """Return the name of the contact person, or an empty string."""
    for match in _CONTACT_LOOSE.finditer(text):
        name = match.group("name")
        if not _NO_NAME.search(name):
            return " ".join(name.split())
    return ""


def _amount(text: str, thousands: str | None) -> float:
    digits = re.sub(r"[.,'’ \xa0](?=\d{3}(?:\D|$))", "", text).replace(",", ".")
    return float(digits) * (1000 if thousands else 1)


def _period(around: str, low: float) -> str:
    named = next((period for period, pattern in _PERIODS if pattern.search(around)), "")
    if named:
        return named
    if low >= 12_000:
        return "year"
    return "hour" if low < 300 else "month"
