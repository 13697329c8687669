"""Degrees: the level of a course of study, read from its name in the usual European languages."""

import re
from enum import IntEnum


class DegreeLevel(IntEnum):
    """Levels in rising order, close to those of the European Qualifications Framework."""

    SCHOOL = 1
    VOCATIONAL = 2
    BACHELOR = 3
    MASTER = 4
    DOCTORATE = 5

    @property
    def label(self) -> str:
        """The level in words."""
        return _LABELS[self]


_LABELS = {
    DegreeLevel.SCHOOL: "Secondary school",
    DegreeLevel.VOCATIONAL: "Vocational training",
    DegreeLevel.BACHELOR: "Bachelor's degree",
    DegreeLevel.MASTER: "Master's degree",
    DegreeLevel.DOCTORATE: "Doctorate",
}

# In this order: the first pattern that fits decides, so "PhD" wins over "degree". `B.A.` and the like need their exact case.
_PATTERNS: tuple[tuple[DegreeLevel, str, str], ...] = (
    (DegreeLevel.DOCTORATE, r"\b(?:doctora\w+|doctorate|dottorato|promotion abgeschlossen|doktorat\w*|doktor)\b", r"\b(?:Ph\.?\s?D|PhD|Dr\.\s?\w+\.|M\.D\.|DPhil|EdD)\b"),
    (
        DegreeLevel.MASTER,
        (r"(?<!scrum )\b(?:master(?:'s|’s|s)?(?=\b)(?!\s+data)|magister\w*|maestría|máster|laurea magistrale|diplom(?:-?ingenieur\w*|studiengang)?|"
        r"staatsexamen|mestrado|ingénieur diplômé|studia magisterskie|postgraduate|bac\s?\+\s?5|graduate degree|advanced degree)\b"),
        r"\b(?:M\.?Sc|M\.A\.|MA in|MA,|M\.?Eng|MBA|LL\.M\.?|M\.?Ed|MPH|MSW|Mag\.|Dipl\.-?\w*|M\.S\.|MS in|BS/MS|MSc)(?!\w)",
    ),
    (
        DegreeLevel.BACHELOR,
        (r"\b(?:bachelor(?:'s|’s|s)?|baccalaureate|licence professionnelle|licenciatura|licencjat\w*|grado en|laurea|undergraduate degree|"
        r"university degree|college degree|hochschulabschluss|abgeschlossenes\s+(?:\w+\s+)?(?:hochschul|fachhochschul)?studium|"
        r"\w*studium|hochschulstudium|studienabschluss|academic degree|akademischer abschluss|diplôme universitaire|título universitario|"
        r"wykształcenie wyższe|studia wyższe|bac\s?\+\s?[34]|four[- ]year degree|4[- ]year degree|engineering degree|honou?rs degree)\b"),
        r"\b(?:B\.?Sc|B\.?A|B\.?Eng|B\.?S|LL\.?B|B\.?Ed|BBA|BFA|BSN|B\.?Tech|B\.E\.|B\.?Com)\b\.?",
    ),
    (
        DegreeLevel.VOCATIONAL,
        (r"\b(?:(?:abgeschlossene\w*\s+)?(?:\w*ausbildung|berufsausbildung|lehre)|apprenticeship|associate(?:'s|’s)? degree|vocational|trade school|"
        r"formation professionnelle|formación profesional|technical (?:diploma|college)|community college|wykształcenie (?:zasadnicze )?zawodowe|"
        r"formazione professionale|meister(?:brief)?|techniker|gesellenbrief|some college)\b"),
        r"\b(?:BTS|DUT|BUT|CAP|BEP|HND|HNC|NVQ|BTEC|CFGS)\b",
    ),
    (
        DegreeLevel.SCHOOL,
        (r"\b(?:high school|secondary school|abitur|fachabitur|mittlere reife|realschulabschluss|hauptschulabschluss|schulabschluss|matura|"
        r"bachillerato|baccalauréat|a[- ]levels?|maturité|general education|wykształcenie (?:średnie|podstawowe)|diploma di maturità|leaving certificate|g\.e\.d)\b"),
        r"\b(?:GED|GCSEs?|HSD)\b",
    ),
)  # fmt: skip
_COMPILED = tuple((level, re.compile(loose, re.IGNORECASE), re.compile(exact)) for level, loose, exact in _PATTERNS)


# "A degree" alone is one of a university; beside a level it says nothing more.
_ANY_DEGREE = re.compile(
    r"\b(?:degree in|degree required|relevant degree|degree or equivalent|a degree)\b", re.IGNORECASE
)


def degrees_in(text: str) -> list[DegreeLevel]:
    """Return the levels that a text names, highest first."""
    found = [level for level, loose, exact in _COMPILED if loose.search(text) or exact.search(text)]
    return found or ([DegreeLevel.BACHELOR] if _ANY_DEGREE.search(text) else [])


def degree_of(text: str) -> DegreeLevel | None:
    """Return the highest level that the name of a degree or course states, or None."""
    return next(iter(degrees_in(text)), None)
