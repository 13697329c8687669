"""The days that a posting names for itself: since when it is open, and until when one may apply."""

import re
from collections.abc import Callable
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier enero ene gennaio gen stycznia styczeń januari janeiro", "february feb februar feber février fevrier febrero febbraio lutego luty februari fevereiro fev",
            "march mar märz maerz mrz mars marzo marca marzec maart março", "april apr avril abril abr aprile kwietnia kwiecień", "may mai mayo maggio mag maja maj mei maio",
            "june jun juni juin junio giugno giu czerwca czerwiec junho", "july jul juli juillet julio luglio lug lipca lipiec julho", "august aug août aout agosto ago sierpnia sierpień augustus",
            "september sep sept septembre septiembre settembre set września wrzesień setembro", "october oct oktober okt octobre octubre ottobre ott października październik outubro out",
            "november nov novembre noviembre listopada listopad novembro", "december dec dezember dez décembre decembre diciembre dic dicembre grudnia grudzień dezembro",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = re.compile(
    rf"(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|°)?\.? ?(?:of |de |d(?:'|’))?(?P<month>{_NAME})\b\.?,? ?(?:de |del )?(?P<year>\d{{4}})|"
    rf"(?P<month2>{_NAME})\b\.? (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year2>\d{{4}})|(?P<a>\d{{1,2}})(?P<sign>[./-])(?P<b>\d{{1,2}})(?P=sign)(?P<c>\d{{4}}|\d{{2}})(?!\d)",
    re.IGNORECASE,
)
_GAP = r"(?:\s|[:：\-–(]|\b(?:is|on|by|the|ist|am|der|den|zum|bis|le|au|est|el|es|la|il|è|dnia|do|is|op|em|no|dia|at|of|from|received|until|till|\d{1,2}[:.]\d{2} ?(?:am|pm|uhr)|noon|midnight|mon|tues|wednes|thurs|fri|satur|sun)(?:day|s)?\b,?){0,14}"
_POSTED = re.compile(
    r"(?:date posted|posted(?: on)?|posting date|open(?:ing)? date|published(?: on)?|publication date|veröffentlicht(?: am)?|veröffentlichungsdatum|online seit|eingestellt am|publiée?(?: le)?|date de publication|"
    r"publicad[oa](?: el| em)?|fecha de publicación|data de publicação|pubblicat[oa](?: il)?|data di pubblicazione|data (?:dodania|publikacji)|opublikowan\w+|dodano|geplaatst(?: op)?|publicatiedatum)" + _GAP,
    re.IGNORECASE,
)  # fmt: skip
_CLOSES = re.compile(
    r"(?:clos(?:ing|es|e)(?: date)?|deadline(?: for applications?)?|application deadline|apply (?:by|before|until|no later than)|applications? (?:must|should|will)(?: only)? (?:be|reach us)(?: received| submitted| accepted)?(?: by| until| before)?|post until|post until date|valid (?:through|until)|expires?(?: on)?|expiry date|open until|"
    r"bewerbungsfrist(?: endet)?|bewerbungsschluss|bewerb(?:en|ung\w*)(?: sie sich)?(?: bitte)? bis(?: spätestens)?(?: zum)?|frist|gültig bis|date limite(?: de candidature)?|postulez avant|avant le|jusqu(?:'|’)au|clôture(?: des candidatures)?|"
    r"fecha (?:límite|de cierre)|plazo(?: de (?:presentación|solicitud|inscripción))?|hasta el|scadenza(?: (?:delle )?candidature)?|entro(?: e non oltre)?(?: il)?|termin (?:składania (?:dokumentów|ofert|aplikacji)|nadsyłania|aplikowania)|data ważności(?: ogłoszenia| oferty)?|ważne do|oferta ważna do|aplikuj do|"
    r"sluitingsdatum|solliciteer (?:vóór|voor|uiterlijk)|reageer (?:vóór|voor|uiterlijk)|data[- ]limite|prazo|candidaturas até|até)" + _GAP,
    re.IGNORECASE,
)  # fmt: skip
_CENTURY, _LAST_MONTH = 2000, 12
# No advertisement is older than this.
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


def posted_on_in(text: str, *, language: str = "") -> date | None:
    """Return the day on which a posting says it was published, or None."""
    return _day_after(_POSTED, text, language, min)


def closes_on_in(text: str, *, language: str = "") -> date | None:
    """Return the last day for applications that a posting names, or None; of several, the last."""
    return _day_after(_CLOSES, text, language, max)


def _day_after(cue: re.Pattern[str], text: str, language: str, which: Callable[[list[date]], date]) -> date | None:
    found = (_DAY.match(text, match.end()) for match in cue.finditer(text))
    days = [day for match in found if match and (day := _read(match, language))]
    return which(days) if days else None


def _read(match: re.Match[str], language: str) -> date | None:
    part = match.groupdict()
    if part["iso"]:
        year, month, day = (int(number) for number in part["iso"].split("-"))
    elif part["sign"]:
        year, (day, month) = int(part["c"]), _in_order(int(part["a"]), int(part["b"]), part["sign"], language)
        year += _CENTURY if year < 100 else 0
    else:
        year, day = int(part["year"] or part["year2"]), int(part["day"] or part["day2"])
        month = _MONTHS[(part["month"] or part["month2"]).casefold()]
    try:
        return date(year, month, day) if _FIRST_YEAR <= year <= _LAST_YEAR else None
    except ValueError:
        return None


def _in_order(first: int, second: int, sign: str, language: str) -> tuple[int, int]:
    """Return day and month: with dots, and outside English, the day stands first; in English the month does, where it can be one."""
    month_first = language == "en" and sign != "." and first <= _LAST_MONTH
    return (second, first) if month_first or second > _LAST_MONTH else (first, second)
