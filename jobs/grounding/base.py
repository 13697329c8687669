"""The base of a claim: the cited facts of one scope, ready for comparison."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

from cv.facts import Fact, FactKind
from jobs.grounding.crosswords import CrossVocabulary
from jobs.grounding.periods import hours_of, months_of, time_of_range, without_dates, years_of
from jobs.grounding.phrases import plain
from jobs.grounding.quantities import Bound, Quantity, quantities
from jobs.grounding.words import Vocabulary, goes_without_saying, parts, stems, tokens

# What the kind of an entry says by itself.
KIND_WORDS = {
    FactKind.EDUCATION: "studied study studies student course completed completing finished obtained earned received graduated studiert studiere studium studiums studiengang abgeschlossen "
    "études étudié étudiais étudiante étudiant diplôme diplômé diplômée formation formé formée estudios estudié estudiaba estudiante título titulado titulada formación formé "
    "studi studiato studiavo studente studentessa diploma diplomato diplomata estudos estudei estudava estudante formação formei curso studie gestudeerd studeerde student opleiding "
    "afgestudeerd studia studiów studiowałam studiowałem ukończyłam ukończyłem studentka dyplom",
    FactKind.LANGUAGE: "language speaker sprache sprachen muttersprache",
    FactKind.CERTIFICATE: "certificate certified certification qualification zertifikat zertifiziert zertifizierung nachweis bescheinigung certificat certifié certifiée certification "
    "certificado certificada certificación certificato certificata certificazione certificação certificaat gecertificeerd certificering certyfikat certyfikowany certyfikowana",
    FactKind.PROJECT: "project projekt",
    FactKind.AWARD: "award awarded auszeichnung",
    FactKind.PUBLICATION: "published publication veröffentlicht veröffentlichung",
    FactKind.VOLUNTEERING: "volunteer volunteered voluntary ehrenamtlich ehrenamt",
}


# What is learnt without a degree.
VOCATIONAL = re.compile(
    r"apprentice|ausbildung|bootcamp|certificate|course|training|lehre|umschulung|abitur|a-levels|high school|facharbeiter|geselle|berufsschule|\bdiploma\b",
    re.IGNORECASE,
)
AN_INTERN = re.compile(
    r"\b(?:intern\b|internship|praktikant|praktikum|stagiaire|becari|tirocinante|stagista|estagiári|stagiair|stażyst|co-op\b|placement)",
    re.IGNORECASE,
)
OF_INTERNS = "internship interned placement praktikum praktikums stage stagiaire prácticas becario becaria tirocinio estágio traineeship staż stażu stażystka"
IN_TRAINING = re.compile(r"\b(?:auszubildende|azubi|lehrling|apprentice)", re.IGNORECASE)


@dataclass(slots=True)
class Base:
    """The cited facts of one scope, ready for comparison. `title` and `employer` of the scope are part of what may be said.

    `across` is the claim's language where the CV is written in another one; then words are compared by their meanings too, as German ones are
    in any case: `language` is the claim's.
    """

    facts: Sequence[Fact]
    today: date
    kinds: frozenset[FactKind] = frozenset()
    across: str = ""
    language: str = ""
    texts: list[str] = field(init=False)
    lines: list[str] = field(init=False)
    headers: list[str] = field(init=False)
    implied: list[str] = field(init=False)
    vocabulary: Vocabulary = field(init=False)
    best_lines: dict[tuple[str, ...], list[str]] = field(init=False, default_factory=dict)
    meant: CrossVocabulary | None = field(init=False, default=None)
    setting: frozenset[str] = field(init=False, default=frozenset())
    numbers: list[Quantity] = field(init=False)
    times: list[float] = field(init=False)
    exact_times: list[float] = field(init=False)
    years: set[int] = field(init=False)
    months: set[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        """Index texts, numbers and dates."""
        own = [plain(fact.text) for fact in self.facts]
        self.headers = [plain(part) for fact in self.facts for part in (fact.employer, fact.title) if part]
        self.lines = [plain(fact.text) for fact in self.facts if not _is_header(fact)]
        self.texts = list(dict.fromkeys([*own, *self.headers]))
        kinds = {fact.kind for fact in self.facts} | self.kinds
        self.implied = list(_implied(self.facts, kinds, own, self.headers))
        self.vocabulary = Vocabulary(self.texts)
        for text in self.implied:
            self.vocabulary.add(text, senses=False)
        for fact in self.facts:
            # As written, beside the plain words: a claim in another language is not made plain.
            self.vocabulary.add(f"{fact.text} {fact.title}")
        titles = [fact.title for fact in self.facts if fact.title]
        named = {piece for text in titles for token in tokens(text) for piece in (token.word, *parts(token.word))}
        self.setting = frozenset(thing for word in named for thing in goes_without_saying(word))
        if self.across or self.language == "de":
            # Within one language only verbs may stand for one another: what they are done to is more than a shade apart.
            self.meant = CrossVocabulary(self.texts, self.across or self.language, only_doing=not self.across)
        self.numbers = [number for text in self.texts for number in quantities(without_dates(text))]
        timed = [(number, hours_of(number, text)) for text in self.texts for number in quantities(text)]
        self.times = [hours for _, hours in timed if hours]
        self.exact_times = [hours for number, hours in timed if hours and number.bound == Bound.EXACT]
        self.times += [hours for text in self.texts if (hours := time_of_range(text))]
        dates = [day for fact in self.facts for day in (fact.start, fact.end) if day]
        self.years = {year for text in self.texts for year in years_of(text)} | {day.year for day in dates}
        self.months = {month for text in self.texts for month in months_of(text)}
        self.months |= {(day.year, day.month) for day in dates if day.month}

    def goes_without_saying(self, word: str) -> bool:
        """Whether a word names what is there for everyone in the trade, or at the place, that the scope's title names."""
        return not stems(word).isdisjoint(self.setting)

    def means(self, word: str) -> bool:
        """Whether the facts say, in another language than the claim, what a word of the claim means."""
        return self.meant is not None and (self.meant.has(word) or all(map(self.meant.has, parts(word))))


def _implied(
    facts: Sequence[Fact], kinds: AbstractSet[FactKind], own: Sequence[str], headers: Sequence[str]
) -> Iterator[str]:
    """Yield what the kinds and titles of entries say without a word: who has studied is a graduate, who was an intern has had a placement."""
    yield from (KIND_WORDS[kind] for kind in FactKind if kind in kinds and kind in KIND_WORDS)
    studies = [fact.text for fact in facts if fact.kind == FactKind.EDUCATION]
    is_studied = FactKind.EDUCATION in kinds
    is_vocational = is_studied and VOCATIONAL.search(" ".join(own)) is not None
    if any(not VOCATIONAL.search(text) for text in studies) or (is_studied and not is_vocational):
        yield "degree abschluss"
    if any(IN_TRAINING.search(header) for header in headers):
        yield "ausbildung apprenticeship"
    if any(AN_INTERN.search(header) for header in headers):
        yield OF_INTERNS
    if is_vocational:
        yield "gelernt gelernte gelernter ausgebildete ausgebildeter"


def _is_header(fact: Fact) -> bool:
    """Whether a fact only names the position that it is; its summary is a line like any other."""
    names = {f"{fact.title}, {fact.employer}", fact.title, fact.employer}
    return fact.id == fact.scope_id and (fact.kind != FactKind.POSITION or fact.text in names)


def folded(text: str) -> str:
    """Return the words of a text, put as the gate compares them."""
    return " ".join(token.word for token in tokens(plain(text)))


def says(words: str, phrase: str) -> bool:
    """Whether a phrase stands in folded words as a whole."""
    return f" {phrase} " in f" {words} "
