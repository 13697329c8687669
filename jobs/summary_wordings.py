"""What a posting's five lines say around its own words, in the eight languages of letters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SummaryWording:
    """The words of one language: labels, kinds of employment, periods of pay, and how a day is written (`strftime`)."""

    labels: dict[str, str]
    not_said: str
    more: str
    kinds: dict[str, str]
    remote: str
    not_remote: str
    periods: dict[str, str]
    open_until: str
    day: str


LINES = ("position", "terms", "tasks", "needed", "welcome")
KINDS = ("full_time", "part_time", "permanent", "temporary", "contract", "internship", "apprenticeship")
PERIODS = ("hour", "day", "week", "month", "year")


def _wording(
    *, labels: str, not_said: str, more: str, kinds: str, remote: tuple[str, str], periods: str, until: tuple[str, str]
) -> SummaryWording:
    """Pair words that are parted by ` | ` with what they stand for."""
    return SummaryWording(
        labels=dict(zip(LINES, labels.split(" | "), strict=True)),
        not_said=not_said,
        more=more,
        kinds=dict(zip(KINDS, kinds.split(" | "), strict=True)),
        remote=remote[0],
        not_remote=remote[1],
        periods=dict(zip(PERIODS, periods.split(" | "), strict=True)),
        open_until=until[0],
        day=until[1],
    )


SUMMARIES: dict[str, SummaryWording] = {
    "en": _wording(
        labels="Position | Terms | Tasks | Needed | Welcome", not_said="Not said.", more="and {count} more",
        kinds="Full time | Part time | Permanent | Temporary | Contract | Internship | Apprenticeship", remote=("Remote", "Not fully remote"),
        periods="per hour | per day | per week | per month | per year", until=("Open until {day}", "%-d %B %Y"),
    ),
    "de": _wording(
        labels="Stelle | Bedingungen | Aufgaben | Gefordert | Willkommen", not_said="Nicht angegeben.", more="und {count} weitere",
        kinds="Vollzeit | Teilzeit | Unbefristet | Befristet | Freie Mitarbeit | Praktikum | Ausbildung", remote=("Im Homeoffice", "Nicht ganz im Homeoffice"),
        periods="je Stunde | je Tag | je Woche | im Monat | im Jahr", until=("Offen bis {day}", "%-d.%-m.%Y"),
    ),
    "fr": _wording(
        labels="Poste | Conditions | Missions | Demandé | Apprécié", not_said="Non précisé.", more="et {count} de plus",
        kinds="Temps plein | Temps partiel | CDI | CDD | Mission | Stage | Alternance", remote=("En télétravail", "Pas entièrement en télétravail"),
        periods="de l'heure | par jour | par semaine | par mois | par an", until=("Ouvert jusqu'au {day}", "%d/%m/%Y"),
    ),
    "es": _wording(
        labels="Puesto | Condiciones | Funciones | Se pide | Se valora", not_said="No se indica.", more="y {count} más",
        kinds="Jornada completa | Media jornada | Indefinido | Temporal | Por proyecto | Prácticas | Aprendizaje", remote=("En remoto", "No del todo en remoto"),
        periods="por hora | por día | por semana | al mes | al año", until=("Abierto hasta el {day}", "%d/%m/%Y"),
    ),
    "it": _wording(
        labels="Posizione | Condizioni | Mansioni | Richiesto | Gradito", not_said="Non indicato.", more="e altri {count}",
        kinds="Tempo pieno | Part-time | Tempo indeterminato | Tempo determinato | A progetto | Stage | Apprendistato", remote=("Da remoto", "Non del tutto da remoto"),
        periods="all'ora | al giorno | alla settimana | al mese | all'anno", until=("Aperto fino al {day}", "%d/%m/%Y"),
    ),
    "pt": _wording(
        labels="Vaga | Condições | Funções | Pedido | Valorizado", not_said="Não indicado.", more="e mais {count}",
        kinds="Tempo inteiro | Tempo parcial | Sem termo | A termo | Prestação de serviços | Estágio | Aprendizagem", remote=("À distância", "Não totalmente à distância"),
        periods="por hora | por dia | por semana | por mês | por ano", until=("Aberto até {day}", "%d/%m/%Y"),
    ),
    "nl": _wording(
        labels="Functie | Voorwaarden | Taken | Gevraagd | Welkom", not_said="Niet vermeld.", more="en nog {count}",
        kinds="Voltijd | Deeltijd | Vast | Tijdelijk | Freelance | Stage | Leerwerkplek", remote=("Op afstand", "Niet helemaal op afstand"),
        periods="per uur | per dag | per week | per maand | per jaar", until=("Open tot {day}", "%-d-%-m-%Y"),
    ),
    "pl": _wording(
        labels="Stanowisko | Warunki | Zadania | Wymagane | Mile widziane", not_said="Nie podano.", more="i jeszcze {count}",
        kinds="Pełny etat | Część etatu | Umowa na czas nieokreślony | Umowa na czas określony | Zlecenie lub B2B | Praktyki lub staż | Nauka zawodu",
        remote=("Zdalnie", "Nie całkiem zdalnie"), periods="za godzinę | za dzień | za tydzień | miesięcznie | rocznie", until=("Otwarte do {day}", "%-d.%m.%Y"),
    ),
}  # fmt: skip
