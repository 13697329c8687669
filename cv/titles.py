"""Job titles: their seniority, and how near two of them are."""

import re
from enum import IntEnum
from functools import cache

from cv.skills import concepts_in, related


class Seniority(IntEnum):
    """Steps of a career in rising order."""

    INTERN = 0
    JUNIOR = 1
    MID = 2
    SENIOR = 3
    LEAD = 4
    MANAGER = 5
    DIRECTOR = 6
    EXECUTIVE = 7


_SENIORITY: tuple[tuple[Seniority, str], ...] = (
    (Seniority.EXECUTIVE, r"chief \w+ officer|c[etfio]o|vice president|vp|geschäftsführ\w+|managing director|directeur général|president|founder|gründer(?:in)?|vorstand"),
    (Seniority.DIRECTOR, r"director|direktor\w*|directeur|directrice|director[ao]|head of|bereichsleit\w+|dyrektor"),
    (Seniority.MANAGER, r"(?<!account )(?<!project )(?<!product )(?<!case )(?<!office )(?<!community )(?<!content )(?<!campaign )manager|supervisor|\w*leiter(?:in)?|leitung|abteilungsleit\w+|chef de service|gerente|kierownik|superintendent|jefe|principal|responsable"),
    (Seniority.LEAD, r"lead|leader|staff engineer|teamleit\w+|foreman|polier|vorarbeiter|head|charge nurse|chef d'équipe"),
    (Seniority.SENIOR, r"senior|sr|expert|experienced|erfahren\w*|sénior|specialist iii|starszy|confirmé|expérimenté"),
    (Seniority.INTERN, r"intern|internship|praktik\w+|werkstudent\w*|trainee|working student|stagiaire|stage|becari[oa]|apprentice|azubi|auszubildende\w*|apprenti|stażysta|volontär\w*"),
    (Seniority.JUNIOR, r"junior|jr|entry[- ]level|graduate|débutant|berufseinsteiger\w*|młodszy"),
)  # fmt: skip
_COMPILED = tuple((level, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)) for level, pattern in _SENIORITY)

_GENDER = re.compile(
    r"\(\s*(?:[mwfdxhniak]\s*[/|,]\s*)+[mwfdxhniak*]\s*\)|\b[mwfdx]/[mwfdx]/[mwfdx]\b|\(all genders?\)|[*:_]in(?:nen)?\b|/-?in\b",
    re.IGNORECASE,
)
_EXTRA = re.compile(r"\s+[-–|@]\s+.*$|\(.*?\)|,.*$")
# Written as one word, with a hyphen, or as two.
_TWO_WORDS = re.compile(r"\b(full|front|back|dev)[ -](stack|end|ops)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:\+\+|#)?")
_STOP = frozenset({
    "a", "an", "and", "the", "of", "for", "in", "at", "to", "with", "und", "der", "die", "das", "für", "im", "de", "du", "des", "la",
    "le", "et", "en", "y", "el", "los", "w", "z", "or", "oder",
})  # fmt: skip
_RANK_WORDS = frozenset({
    "senior", "junior", "lead", "sr", "jr", "staff", "principal", "intern", "trainee", "mid", "entry", "level", "i", "ii", "iii", "iv",
    "remote", "hybrid", "full", "part", "time", "m", "f", "d", "x",
})  # fmt: skip
# Words of titles that mean the same trade; each group is one meaning.
_SAME = (
    "engineer developer programmer coder ingenieur entwickler entwicklerin ingénieur développeur desarrollador ingeniero sviluppatore programista",
    "nurse krankenschwester pflegefachkraft pflegefachfrau pflegefachmann krankenpfleger infirmier infirmière enfermera enfermero pielęgniarka",
    "accountant buchhalter buchhalterin comptable contable contador bookkeeper księgowa księgowy finanzbuchhalter",
    "teacher lehrer lehrerin lehrkraft enseignant enseignante professeur profesor profesora maestro nauczyciel tutor instructor lecturer",
    "driver fahrer fahrerin kraftfahrer berufskraftfahrer chauffeur conductor kierowca",
    "electrician elektriker elektrikerin elektroniker électricien electricista elektryk",
    "cook chef koch köchin cuisinier cocinero kucharz",
    "waiter waitress server kellner kellnerin serveur serveuse camarero camarera kelner",
    "seller salesperson salesman verkäufer verkäuferin vendeur vendeuse vendedor vendedora sprzedawca cashier kassierer",
    "lawyer attorney solicitor counsel rechtsanwalt rechtsanwältin anwalt avocat avocate abogado abogada jurist juriste",
    "recruiter personalreferent personalreferentin recruteur reclutador",
    "manager leiter leiterin gestionnaire gerente kierownik responsable",
    "assistant assistent assistentin assistante asistente asystent sekretär sekretärin secretary clerk sachbearbeiter sachbearbeiterin",
    "consultant berater beraterin consultante consultor doradca adviser advisor",
    "designer gestalter gestalterin diseñador concepteur",
    "mechanic mechaniker mechatroniker mécanicien mecánico mechanik technician techniker technikerin technicien técnico technik",
    "analyst analyste analista analityk analystin",
    "warehouse lager lagerist lagermitarbeiter magasinier magazynier almacén warehouseman storekeeper",
)  # fmt: skip
_MEANING = {word: group.split()[0] for group in _SAME for word in group.split()}


@cache
def seniority_of(title: str) -> Seniority | None:
    """Return the step that a title states, or None where it states none (`Software Engineer`)."""
    return next((level for level, pattern in _COMPILED if pattern.search(title)), None)


def plain_title(title: str) -> str:
    """Return a title without gender marks, brackets and what stands behind a dash or comma."""
    text = _GENDER.sub("", title)
    plain = _EXTRA.sub("", text).strip(" -–|,")
    return " ".join((plain or text).split())


@cache
def title_similarity(one: str, other: str) -> float:
    """Return how near two titles are, in [0, 1], whatever seniority they state.

    The larger of the shared meaning of their words (Dice coefficient, words of one trade counting as one) and, at 0.8 of its
    value, the relation of the skills they name (`Python Developer`, `Django Engineer`).
    """
    left, right = _meanings(one), _meanings(other)
    if not left or not right:
        return 0.0
    dice = 2 * len(left & right) / (len(left) + len(right))
    skills = [
        related(a.concept, b.concept) for a in concepts_in(plain_title(one)) for b in concepts_in(plain_title(other))
    ]
    return max(dice, 0.8 * max(skills, default=0.0))


def _meanings(title: str) -> frozenset[str]:
    plain = _TWO_WORDS.sub(r"\1\2", plain_title(title))
    words = (match.group().casefold() for match in _WORD.finditer(plain))
    return frozenset(_MEANING.get(word, word) for word in words if word not in _STOP and word not in _RANK_WORDS)
