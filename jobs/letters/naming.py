"""How a letter calls things: titles and employers without what belongs to a form, skills as one writes them in a sentence."""

import re
from collections.abc import Iterable

from cv.resume import Education

MOST_TITLE_WORDS = 7
LONGEST_ABBREVIATION = 4
ABBREVIATIONS = frozenset(
    [
        "USA",
        "US",
        "UK",
        "EU",
        "IT",
        "HR",
        "IBM",
        "SAP",
        "ABB",
        "AG",
        "SE",
        "SA",
        "KG",
        "II",
        "III",
        "IV",
        "VP",
        "CEO",
        "CFO",
        "CTO",
        "CIO",
        "COO",
        "QA",
        "UX",
        "UI",
        "AI",
        "API",
        "ERP",
        "PA",
        "EMEA",
    ]
)
SHORTEST_NAME = 2
MOSTLY = 0.75
PLACE_TAIL = re.compile(r",\s+[A-ZÀ-ÖØ-ÞŁŚŻŹĆ][\w.'’-]+(?:[ -][A-ZÀ-ÖØ-ÞŁŚŻŹĆ][\w.'’-]+){0,2}$")
# A firm's name that is whole before its town: "Construções Leça, Lda., Matosinhos".
LEGAL_END = re.compile(r",? (?:Lda|Ltda|S\.A|S\.L|S\.r\.l|S\.p\.A|Inc|Ltd|LLC|GmbH|B\.V|Sp\. z o\.o)\.?$")
LEGAL_FORM = re.compile(
    r"\b(?:inc|ltd|llc|llp|plc|corp|co|gmbh|ag|kg|se|sa|sarl|srl|bv|nv|limited|partners?|group|sons?|daughters?|associates|company)\b",
    re.IGNORECASE,
)
GENDER_MARK = re.compile(
    r"\s*[(\[]\s*(?:(?:m|w|f|d|x|h|k|v|i|gn|div|divers|diverse|all genders?|alle geschlechter)\s*[/|,*]?\s*){1,4}[)\]]|"
    r"\s+(?:m/w/d|w/m/d|m/f/d|f/m/d|m/f/x|h/f|f/h|m/f|f/m|k/m|m/k|m/v|v/m|m/w|w/m)(?!\w)",
    re.IGNORECASE,
)
HOURS_MARK = re.compile(
    r"\s*[(\[][^()\[\]]*\b(?:fte|nights?|days|shifts?|temporary|permanent|(?:full|part)[- ]time|\d+(?:[.,–-]\d+)? ?(?:uur|h|std|hours|%))(?!\w)[^()\[\]]*[)\]]",
    re.IGNORECASE,
)
LEADS_ON = re.compile(r" (?:zum|zur|als|in|of|en|di|de|em|of)$", re.IGNORECASE)
CRY = re.compile(r"\s*(?:\bwanted\b|\bneeded\b|\burgent(?:ly)?\b|!+)\s*", re.IGNORECASE)
OF_NAMES = re.compile(r"^(?=(?:City|University|Department|Ministry|Bureau|Institute|College) of )")
SMALL = frozenset(["and", "or", "of", "for", "in", "at", "the", "to", "with", "on", "und", "für", "de", "et", "i", "y"])


def plain_title(title: str, *, location: str = "", employer: str = "") -> str:
    """Return a posting's title as one says it: without "(m/f/d)", place, employer, or what is shouted."""
    said = HOURS_MARK.sub("", GENDER_MARK.sub("", " ".join(title.split()))).strip(" -–|,/")
    for name in (employer, location):
        if len(name) > SHORTEST_NAME:
            said = re.sub(
                rf"\s*(?:,|\bat\b|\bbei\b|\s[-–|])\s*{re.escape(name)}(?:,.*)?$", "", said, flags=re.IGNORECASE
            )
    town = re.split(r"[,/(]", location)[-1].strip()
    if len(town) > SHORTEST_NAME:
        said = re.sub(rf"\s*[-–|,(]\s*{re.escape(town)}\)?$", "", said, flags=re.IGNORECASE)
    if CRY.search(said):
        said = CRY.split(re.split(r"\s[-–|]\s", said)[0])[0] or said
    if len(said.split()) > MOST_TITLE_WORDS:
        said = re.split(r"\s*[(\[|–]|\s-\s", said)[0]
    return _in_small_letters(said.strip(" -–|,/"))


def plain_employer(name: str) -> str:
    """Return a posting's employer as one says it, in small letters where it is shouted, with `the` where English wants it."""
    said = OF_NAMES.sub("the ", _in_small_letters(" ".join(name.split())))
    return f"{said[:1].lower()}{said[1:]}" if said.startswith("The University") else said


def without_place(name: str) -> str:
    """Return an employer's name without the town behind it: "St Brigid's Hospital, Leeds" is called St Brigid's Hospital."""
    place = PLACE_TAIL.search(name)
    front = name[: place.start()] if place else name
    is_town = (
        place is not None and not LEGAL_FORM.search(place.group()) and ("," not in front or LEGAL_END.search(front))
    )
    return name[: place.start()] if place and is_town else name


def in_sentence(name: str, texts: Iterable[str]) -> str:
    """Return a skill as texts write it within a sentence: "Wound care" is "wound care" where one of them has it so."""
    first = name.split(maxsplit=1)[0] if name.strip() else ""
    if not first[:1].isupper() or any(sign.isupper() or sign.isdigit() for sign in first[1:]):
        return name
    lowered = name[:1].lower() + name[1:]
    pattern = re.compile(rf"(?<!\w){re.escape(lowered)}(?!\w)")
    return lowered if any(pattern.search(text) for text in texts) else name


def with_area(study: Education, form: str) -> str:
    """Return what stands behind a degree: its subject in a form, or bare behind a degree that leads to it ("Ausbildung zur")."""
    if not study.area or study.area.lower() in study.degree.lower():
        return ""
    if study.area.startswith("("):
        return f" {study.area.rstrip(')')})"
    return f" {study.area}" if LEADS_ON.search(study.degree) else form.format(area=study.area)


def subject_of(title: str, language: str) -> str:
    """Return the subject line of a letter for a position."""
    forms = {"de": "Bewerbung als {title}", "fr": "Candidature : {title}", "es": "Candidatura: {title}", "it": "Candidatura: {title}", "pt": "Candidatura: {title}", "nl": "Sollicitatie: {title}", "pl": "Aplikacja na stanowisko: {title}"}  # fmt: skip
    return forms.get(language, "Application: {title}").format(title=title)


def person_name(name: str) -> str:
    """Return a name as one signs with it: in small letters where it is all in capitals."""
    letters = [sign for sign in name if sign.isalpha()]
    is_shouted = len(letters) > SHORTEST_NAME and sum(map(str.isupper, letters)) / len(letters) > MOSTLY
    return re.sub(r"[^\W\d_]+", lambda match: match.group().capitalize(), name) if is_shouted else name


def without_bracket(skill: str) -> str:
    """Return a skill without what stands behind it in brackets."""
    return skill.partition(" (")[0]


def ended(text: str) -> str:
    """Return a sentence with one full stop, also behind a name that ends with one ("S.L.")."""
    return re.sub(r"\.\.$", ".", f"{text}.")


def as_quoted(line: str) -> str:
    """Return a line of a CV as it is quoted: on one line, without its sign and full stop."""
    return re.sub(r"^[\s•·*▪‣●○–—-]+", "", " ".join(line.split())).rstrip(" .;,")


def _in_small_letters(name: str) -> str:
    """Return a name written in capitals as a name; abbreviations keep theirs."""
    if not name.isupper() or (len(name.split()) == 1 and len(name) <= LONGEST_ABBREVIATION + 1):
        return name
    return " ".join(word if _is_abbreviation(word) else _capital(word) for word in name.split())


def _is_abbreviation(word: str) -> bool:
    """Whether a word in capitals is one for good: NYC and USA are, LAW is not."""
    letters = re.sub(r"\W", "", word)
    return word.lower() not in SMALL and (letters in ABBREVIATIONS or not re.search(r"[AEIOUÄÖÜ]", letters))


def _capital(word: str) -> str:
    if word.lower() in SMALL:
        return word.lower()
    return re.sub(r"(?<![\w'’])\w", lambda match: match.group().upper(), word.lower())
