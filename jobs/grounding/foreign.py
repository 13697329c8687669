"""Claims in French, Spanish, Italian, Portuguese, Dutch and Polish, compared across languages as far as code honestly can.

Numbers, names, dates, skills, languages, rungs of responsibility, ranks, degrees and praise are checked; ordinary words are not, as a
letter may be in another language than the CV. A sentence about oneself in which nothing of the CV is found needs confirmation.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.grounding.base import Base
from jobs.grounding.concepts import known_and_foreign, mentions_in
from jobs.grounding.lexicon import DEGREES, FLUENCY, SENIORITY
from jobs.grounding.numbers import value_problems
from jobs.grounding.quantities import quantities
from jobs.grounding.scope import BUILT, CONTRIBUTED, HELPED, LED, OWNED, scope_verbs
from jobs.grounding.words import Token, parts, tokens

FLUENT = 5
AT_DISPOSAL = re.compile(
    r"\b(?:(?:je suis|quedo|fico|sono) )?(?:à votre disposition|a su disposición|a (?:vostra )?disposizione|à (?:sua |vossa )?disposição)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Tongue:
    """What the gate knows of a language; patterns match whole words, numbers run from two to twelve."""

    numbers: str
    ladder: dict[int, str]
    praise: str
    ranks: str
    degrees: str
    fluent: str
    of_oneself: str
    applies: str


TONGUES: dict[str, Tongue] = {
    "fr": Tongue(
        "deux trois quatre cinq six sept huit neuf dix onze douze",
        {
            OWNED: r"fond[ée]\w*|responsable\w*|propriétaire\w*|(?:assumé|pris) la responsabilité",
            LED: r"dirig\w+|pilot[ée]\w*|encadr\w+|manag\w+|supervis\w+|coordonn\w+|gér[ée]\w*",
            BUILT: r"développ\w+|conçu\w*|créé\w*|construi\w+|réalisé\w*|mis en (?:place|œuvre)",
            CONTRIBUTED: r"contribu\w+|collabor\w+",
            HELPED: r"aid[ée]\w*|assist\w+|particip\w+|soutenu\w*",
        },
        r"expert\w*|meilleur\w*|premi(?:er|ère)\w*|unique\w*|excellent\w*|exceptionnel\w*|passionn\w+|parfait\w*|remarquable\w*|approfondi\w*|solide\w*|vaste\w*|prouvé\w*|confirmé\w*|expérimenté\w*|toujours|jamais|tou(?:s|tes) les|idéal\w*",
        r"chef\w*|direct(?:eur|rice)\w*|présiden\w+|cadre|gérant\w*|stagiaire\w*",
        r"doctorat|docteur|master|maîtrise|licence|diplômé\w*|ingénieur\w*|mba",
        r"couramment|bilingue|maternelle|courant",
        r"j['’]ai|j['’]étais|je (?:suis|maîtrise|possède|parle|connais|travaille|dirige|gère|dispose|bénéficie)|mon expérience|mes compétences",
        r"candidat\w*|postul\w+|poste|annonce|offre|entretien|rejoindre|échanger",
    ),
    "es": Tongue(
        "dos tres cuatro cinco seis siete ocho nueve diez once doce",
        {
            OWNED: r"fund[éóa]\w*|responsable\w*|asumí la responsabilidad",
            LED: r"dirig\w+|lider\w+|gestion\w+|supervis\w+|coordin\w+|encabec\w+",
            BUILT: r"desarroll\w+|diseñ\w+|cre[éa]\w*|constru\w+|implement\w+",
            CONTRIBUTED: r"contribu\w+|colabor\w+",
            HELPED: r"ayud\w+|apoy\w+|particip\w+|asist\w+",
        },
        r"expert\w*|mejor\w*|primer\w*|únic\w*|excelente\w*|excepcional\w*|apasionad\w*|perfect\w*|ampli\w+|sólid\w*|probad\w*|demostrad\w*|experimentad\w*|siempre|nunca|tod[oa]s l[oa]s|ideal\w*",
        r"jef[ea]\w*|director\w*|gerente\w*|president\w*|becari\w*",
        r"doctorado|doctor\w*|máster|licenciatura|licenciad\w*|grado|ingenier\w*|mba",
        r"fluid\w*|bilingüe|nativ\w*|matern\w*",
        r"he|tengo|soy|era|fui|trabajé|trabajaba|(?<!este )trabajo (?:en|como|para|con)|domino|hablo|poseo|cuento con|mi experiencia|mis conocimientos",
        r"candidat\w*|solicit\w+|puesto|oferta|anuncio|entrevista|incorporar\w*|conversar",
    ),
    "it": Tongue(
        "due tre quattro cinque sei sette otto nove dieci undici dodici",
        {
            OWNED: r"fondat\w*|responsabil\w*|titolare",
            LED: r"dirett\w*|guidat\w*|gestit\w*|gestisco|coordin\w+|supervision\w+|dirig\w+",
            BUILT: r"svilupp\w+|progett\w+|creat\w*|costruit\w*|realizzat\w*|implement\w+",
            CONTRIBUTED: r"contribu\w+|collabor\w+",
            HELPED: r"aiutat\w*|assistit\w*|partecip\w+|support\w+|affiancat\w*",
        },
        r"espert\w*|miglior\w*|prim[oaie]|unic\w*|eccellent\w*|eccezional\w*|appassionat\w*|perfett\w*|ampi\w+|solid\w*|comprovat\w*|approfondit\w*|sempre|mai|tutt[ie] [ilg]\w*|ideal\w*",
        r"capo\w*|direttor\w*|direttric\w*|dirigent\w*|president\w*|stagist\w*|tirocinant\w*",
        r"dottorato|laurea\w*|laureat\w*|master|ingegner\w*|magistrale",
        r"fluent\w*|bilingue|madrelingua",
        r"ho|sono|ero|lavoro (?:presso|come|per|con|in)|lavoravo|parlo|possiedo|conosco|padroneggio|la mia esperienza|le mie competenze",
        r"candid\w+|posizione|annuncio|offerta|colloquio|ruolo",
    ),
    "pt": Tongue(
        "dois três quatro cinco seis sete oito nove dez onze doze",
        {
            OWNED: r"fund[eo]\w*|responsáve\w*|assumi a responsabilidade",
            LED: r"dirigi\w*|lider\w+|geri\w*|gerenci\w+|supervision\w+|coorden\w+|chefi\w+",
            BUILT: r"desenvolv\w+|projet\w+|cri(?:ei|ou|ado)\w*|constru\w+|implement\w+",
            CONTRIBUTED: r"contribu\w+|colabor\w+",
            HELPED: r"ajud\w+|apoi\w+|particip\w+|auxili\w+",
        },
        r"especialista\w*|melhor\w*|primeir\w*|únic\w*|excelente\w*|excecional\w*|excepcional\w*|apaixonad\w*|perfeit\w*|ampl\w+|sólid\w*|comprovad\w*|sempre|nunca|tod[oa]s [oa]s|ideal\w*",
        r"chefe\w*|diretor\w*|gerente\w*|president\w*|estagiári\w*",
        r"doutor\w*|mestrado|mestre|licenciatura|bacharel\w*|engenh\w+|mba",
        r"fluent\w*|bilíng\w*|matern\w*|nativ\w*",
        r"tenho|sou|era|fui|trabalhei|trabalhava|trabalho (?:na|no|em|como|com)|falo|domino|possuo|conheço|a minha experiência|minha experiência",
        r"candidat\w*|vaga|posição|anúncio|oferta|entrevista|função|conversar",
    ),
    "nl": Tongue(
        "twee drie vier vijf zes zeven acht negen tien elf twaalf",
        {
            OWNED: r"opgericht|verantwoordelijk\w*|eigenaar",
            LED: r"geleid|leid\w*|leiding|aangestuurd|gecoördineerd|coördine\w+|beheerd|beheer",
            BUILT: r"ontwikkel\w*|ontworpen|gebouwd|opgezet|gemaakt|ingevoerd",
            CONTRIBUTED: r"bijgedragen|samengewerkt|meegewerkt",
            HELPED: r"geholpen|hielp|ondersteun\w*|geassisteerd|deelgenomen",
        },
        r"expert\w*|beste|eerste|enige|unie\w*|uitstekend\w*|uitzonderlijk\w*|gepassioneerd\w*|perfect\w*|ruime|brede|bewezen|ervaren|altijd|nooit|alle|ideale",
        r"hoofd\w*|directeur\w*|manager\w*|chef\w*|stagiair\w*|teamleider",
        r"doctoraat|gepromoveerd|master|bachelor|ingenieur|mba",
        r"vloeiend|tweetalig|moedertaal",
        r"ik (?:heb|ben|was|werk\w*|spreek|beheers|leid\w*|had|beschik)|heb ik|ben ik|werkte ik|werk ik|mijn ervaring",
        r"sollicit\w+|functie|vacature|gesprek|solliciteer",
    ),
    "pl": Tongue(
        "dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście",
        {
            OWNED: r"założy\w+|odpowiedzialn\w*|odpowiadał\w*|właściciel\w*",
            LED: r"kierowa\w+|kieruję|zarządza\w+|prowadzi\w+|prowadzę|koordyn\w+|nadzor\w+",
            BUILT: r"opracowa\w+|stworzy\w+|zbudowa\w+|zaprojektowa\w+|wdroży\w+",
            CONTRIBUTED: r"współprac\w+|przyczyni\w+|współtworzy\w+",
            HELPED: r"pomaga\w+|pomog\w+|wspiera\w+|uczestniczy\w+|brał\w* udział",
        },
        r"ekspert\w*|najlepsz\w*|pierwsz\w*|jedyn\w*|doskonał\w*|wyjątkow\w*|pasj\w+|idealn\w*|szerok\w+|solidn\w*|udokumentowan\w*|doświadczon\w*|zawsze|nigdy|wszystk\w+",
        r"kierownik\w*|dyrektor\w*|prezes\w*|szef\w*|stażyst\w*|menedżer\w*",
        r"doktor\w*|magist\w+|licencjat\w*|inżynier\w*|mba",
        r"biegl\w*|dwujęzyczn\w*|ojczyst\w*",
        r"jestem|mam|byłem|byłam|pracuj\w+|pracowa\w+|znam|posiadam|mówię|moje doświadczenie",
        r"aplik\w+|stanowisk\w*|ogłoszeni\w*|ofert\w*|rozmow\w*|rekrutac\w*",
    ),
}  # fmt: skip
_WORDS_THAT_NAME_NOTHING = frozenset(
    [
        "cv",
        "madame",
        "monsieur",
        "monsieur",
        "señor",
        "señora",
        "sr",
        "sra",
        "signor",
        "signora",
        "senhor",
        "senhora",
        "meneer",
        "mevrouw",
        "pan",
        "pani",
        "państwo",
        "państwa",
        "państwu",
        "państwem",
        "vous",
        "votre",
        "vos",
    ]
)


def foreign_problems(claim: str, base: Base, language: str) -> list[tuple[str, bool]]:
    """Return what is wrong with a claim in one of `TONGUES`, each with whether the person may confirm it."""
    tongue = TONGUES[language]
    counted = _with_digits(claim, tongue, base)
    problems = [
        *value_problems(counted, base),
        *_rank_problems(claim, base, tongue),
        *_rung_problems(claim, base, tongue),
    ]
    said = AT_DISPOSAL.sub(" ", claim)
    _, foreign = known_and_foreign(said, base.texts)
    named, _ = known_and_foreign(claim, base.texts)
    problems += [f"“{skill}” is a skill that the cited lines do not name." for skill in foreign]
    problems += [
        f"“{name.text}” is not in the cited lines of the CV."
        for name in _names(claim)
        if name.start not in named and not _is_known(name, base)
    ]
    found = [(message, False) for message in problems]
    if not found and _found(tongue.of_oneself, said) and not _rests_on(counted, base):
        found.append(("Nothing that this says of you was found in the CV.", True))
    return found


def has_foreign_content(claim: str, language: str) -> bool:
    """Whether a sentence says anything of the applicant that a CV could bear."""
    tongue = TONGUES[language]
    said = AT_DISPOSAL.sub(" ", claim)
    patterns = (tongue.of_oneself, tongue.praise, *tongue.ladder.values())
    is_factual = bool(quantities(said) or mentions_in(said) or list(_names(said)))
    return is_factual or any(_found(pattern, said) for pattern in patterns)


def applies(claim: str, language: str) -> bool:
    """Whether a sentence speaks of applying, so that it may name what is applied for."""
    return _found(TONGUES[language].applies, claim) is not None


def _found(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)


def _with_digits(claim: str, tongue: Tongue, base: Base) -> str:
    """Return a claim with digits for number words, but those that a cited line has in the same word."""
    said = claim
    for value, word in enumerate(tongue.numbers.split(), start=2):
        if base.vocabulary.has(word):
            continue
        said = re.sub(rf"(?<!\w){word}(?!\w)", str(value), said, flags=re.IGNORECASE)
    return said


def _rank_problems(claim: str, base: Base, tongue: Tongue) -> Iterator[str]:
    for pattern, said in (
        (tongue.praise, "praises or generalises more than the cited lines do"),
        (tongue.ranks, "is a rank that the cited lines do not give"),
        (tongue.degrees, "is a degree that the cited lines do not give"),
    ):
        for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", claim, re.IGNORECASE):
            if not base.vocabulary.has_form(match.group().lower()):
                yield f"“{match.group()}” {said}."
    for token in tokens(claim):
        is_degree = token.word in DEGREES and (len(token.word) > 2 or token.text.isupper())
        if (token.word in SENIORITY or is_degree) and not base.vocabulary.has_form(token.word):
            yield f"“{token.text}” is a rank or degree that the cited lines do not give."
    known = [FLUENCY[token.word] for text in base.texts for token in tokens(text) if token.word in FLUENCY]
    if (
        (fluent := _found(tongue.fluent, claim))
        and max(known, default=0) < FLUENT
        and not base.vocabulary.has(fluent.group().lower())
    ):
        yield f"The CV does not give a language “{fluent.group()}”."


def _rung_problems(claim: str, base: Base, tongue: Tongue) -> Iterator[str]:
    """A verb may not stand on a higher rung than any of the cited lines reaches, in whatever language they are."""
    reached = max((_level_of(text, tongue) for text in base.texts), default=0)
    for level, pattern in tongue.ladder.items():
        match = _found(pattern, claim)
        if match and level > max(reached, HELPED) and not base.vocabulary.has_form(match.group().lower()):
            yield f"“{match.group()}” says more than the cited lines do."


def _level_of(text: str, tongue: Tongue) -> int:
    levels = [verb.level for verb in scope_verbs(tokens(text))]
    levels += [level for level, pattern in tongue.ladder.items() if _found(pattern, text)]
    low = [level for level in levels if level <= CONTRIBUTED]
    return min(low) if low else max(levels, default=0)


def _names(claim: str) -> Iterator[Token]:
    """Yield what is written like a name inside a sentence."""
    words = tokens(claim)
    for index, token in enumerate(words):
        before = claim[: token.start].rstrip()[-1:]
        starts = index == 0 or before in {".", "!", "?", ":", "«", "„", "“"}
        is_capital = token.text[0].isupper() and not starts
        if (
            (is_capital or any(c.isupper() for c in token.text[1:]))
            and token.word not in _WORDS_THAT_NAME_NOTHING
            and not token.text[0].isdigit()
        ):
            yield token


def _is_known(name: Token, base: Base) -> bool:
    said = base.vocabulary
    pieces = [piece for piece in parts(name.word) if len(piece) > 1]
    return said.has_form(name.word) or (bool(pieces) and all(said.has_form(piece) for piece in pieces))


def _rests_on(claim: str, base: Base) -> bool:
    """Whether a number, name or skill of the claim, or a word of some length, stands in the cited lines."""
    skills = {mention.concept for text in base.texts for mention in mentions_in(text)}
    values = {number.key for number in base.numbers} | {(float(year), "") for year in base.years}
    return (
        any(mention.concept in skills for mention in mentions_in(claim))
        or any(number.key in values for number in quantities(claim))
        or any(len(token.word) > FLUENT and token.word in base.vocabulary.words for token in tokens(claim))
    )
