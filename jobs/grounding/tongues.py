"""What the gate knows of French, Spanish, Italian, Portuguese, Dutch and Polish: verbs by rung, praise, ranks, degrees, and units of time."""

import re
from dataclasses import dataclass

from jobs.grounding.scope import BUILT, CONTRIBUTED, HELPED, LED, OWNED


@dataclass(frozen=True, slots=True)
class Tongue:
    """What the gate knows of a language; patterns match whole words, numbers run from two to twelve.

    `acts` fits verbs of the first person, `units` units of time by their English names, `months` are those of the year.
    """

    numbers: str
    ladder: dict[int, str]
    praise: str
    ranks: str
    degrees: str
    fluent: str
    of_oneself: str
    applies: str
    acts: str
    units: dict[str, str]
    months: str


TONGUES: dict[str, Tongue] = {
    "fr": Tongue(
        "deux trois quatre cinq six sept huit neuf dix onze douze",
        {
            OWNED: r"fond[ée]\w*|responsable\w*|propriétaire\w*|(?:assumé|pris) la responsabilité",
            LED: r"dirig\w+|direction|pilot[ée]\w*|pilotage|encadr\w+|manag\w+|supervis\w+|coordonn\w+|coordination|gér[ée]\w*|gestion|anim[ée]r?|animation",
            BUILT: r"développ\w+|conçu\w*|conception|cré[ée]\w*|création|construi\w+|construction|réalis[ée]\w*|réalisation|mis(?:e|es)? en (?:place|œuvre)|mets en (?:place|œuvre)|introdui\w+|introduction|lanc[ée]\w*|lancement",
            CONTRIBUTED: r"contribu\w+|collabor\w+",
            HELPED: r"aid[eé]\w*|assist(?!ant)\w+|particip\w+|souten\w*|soutien|appui\w*|appuy\w+",
        },
        r"expert\w*|meilleur\w*|premi(?:er|ère)\w*|unique\w*|excellent\w*|exceptionnel\w*|passionn\w+|parfait\w*|remarquable\w*|approfondi\w*|solide\w*|vaste\w*|prouvé\w*|confirmé\w*|expérimenté\w*|toujours|jamais|tou(?:s|tes) les|tout(?:e)? seule?|idéal\w*",
        r"chef\w*|direct(?:eur|rice)\w*|présiden\w+|cadre|gérant\w*|stagiaire\w*",
        r"doctorat|docteur|master|maîtrise|licence|diplômé\w*|ingénieur\w*|mba",
        r"couramment|bilingue|maternelle|courant",
        r"j['’]ai|j['’]étais|je (?:suis|maîtrise|possède|parle|connais|travaille|dirige|gère|dispose|bénéficie)|mon expérience|mes compétences",
        r"candidat\w*|postul\w+|poste|annonce|offre|entretien|rejoindre|échanger",
        r"j['’]\w+|je \w+",
        {"years": r"an(?:s|née|nées)?", "months": r"mois", "weeks": r"semaines?", "days": r"jours?|journées?", "hours": r"heures?", "minutes": r"minutes?", "seconds": r"secondes?"},
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    ),
    "es": Tongue(
        "dos tres cuatro cinco seis siete ocho nueve diez once doce",
        {
            OWNED: r"fund[éóa]\w*|responsable\w*|asumí la responsabilidad",
            LED: r"dirig\w+|dirección|lider\w+|gesti[oó]n\w*|supervis\w+|coordin\w+|encabec\w+",
            BUILT: r"desarroll\w+|diseñ\w+|cre[éa]\w*|constru\w+|implement\w+|introduj\w+|introduc\w+|lanc[ée]\w*|lanz\w+|implant\w+",
            CONTRIBUTED: r"contribu\w+|colabor\w+",
            HELPED: r"ayud\w+|apoy\w+|particip\w+|asist\w+|auxili\w+",
        },
        r"expert\w*|mejor\w*|primer\w*|únic\w*|excelente\w*|excepcional\w*|apasionad\w*|perfect\w*|ampli\w+|sólid\w*|probad\w*|demostrad\w*|experimentad\w*|siempre|nunca|tod[oa]s l[oa]s|(?:yo )?sol[oa]|ideal\w*",
        r"jef[ea]\w*|director\w*|gerente\w*|president\w*|becari\w*",
        r"doctorado|doctor\w*|máster|licenciatura|licenciad\w*|grado|ingenier\w*|mba",
        r"fluid\w*|bilingüe|nativ\w*|matern\w*",
        r"he|tengo|soy|era|fui|trabajé|trabajaba|(?<!este )trabajo (?:en|como|para|con)|domino|hablo|poseo|cuento con|mi experiencia|mis conocimientos",
        r"candidat\w*|solicit\w+|puesto|oferta|anuncio|entrevista|incorporar\w*|conversar",
        r"\w{3,}(?:o|é|í|je|aba|ía|uve|use)|he \w+",
        {"years": r"años?", "months": r"mes(?:es)?", "weeks": r"semanas?", "days": r"días?", "hours": r"horas?", "minutes": r"minutos?", "seconds": r"segundos?"},
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    ),
    "it": Tongue(
        "due tre quattro cinque sei sette otto nove dieci undici dodici",
        {
            OWNED: r"fondat\w*|responsabil\w*|titolare",
            LED: r"dirett\w*|direzione|guidat\w*|guido|gesti\w+|coordin\w+|supervision\w+|dirig\w+",
            BUILT: r"svilupp\w+|progett\w+|creat\w*|costruit\w*|realizzat\w*|implement\w+|introdott\w*|lanciat\w*",
            CONTRIBUTED: r"contribu\w+|collabor\w+",
            HELPED: r"aiut\w+|assistit\w*|assistenza|assisto|partecip\w+|support\w+|affianc\w+",
        },
        r"espert\w*|miglior\w*|prim[oie]|prima(?!,| di\b| del\w*| che\b| ho\b| come\b| ero\b| in\b)|unic\w*|eccellent\w*|eccezional\w*|appassionat\w*|perfett\w*|ampi\w+|solid\w*|comprovat\w*|approfondit\w*|sempre|mai|tutt[ie] [ilg]\w*|da sol[oa]|ideal\w*",
        r"capo\w*|direttor\w*|direttric\w*|dirigent\w*|president\w*|stagist\w*|tirocinant\w*",
        r"dottorato|laurea\w*|laureat\w*|master|ingegner\w*|magistrale",
        r"fluent\w*|bilingue|madrelingua",
        r"ho|sono|ero|lavoro (?:presso|come|per|con|in)|lavoravo|parlo|possiedo|conosco|padroneggio|la mia esperienza|le mie competenze",
        r"candid\w+|posizione|annuncio|offerta|colloquio|ruolo",
        r"ho \w+|\w{3,}(?:o|avo|evo|ivo)",
        {"years": r"ann[oi]", "months": r"mes[ei]", "weeks": r"settiman[ae]", "days": r"giorn[oi]", "hours": r"or[ae]", "minutes": r"minut[oi]", "seconds": r"second[oi]"},
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    ),
    "pt": Tongue(
        "dois três quatro cinco seis sete oito nove dez onze doze",
        {
            OWNED: r"fund[eo]\w*|responsáve\w*|assumi a responsabilidade",
            LED: r"dirig\w+|dirij\w+|direção|lider\w+|geri\w*|giro|gestão|gerenci\w+|supervis\w+|coorden\w+|chefi\w+",
            BUILT: r"desenvolv\w+|projet\w+|cri(?:ei|ou|ado)\w*|constru\w+|implement\w+|introduzi\w*|lanc\w+",
            CONTRIBUTED: r"contribu\w+|colabor\w+",
            HELPED: r"ajud\w+|apoi\w+|particip\w+|auxili\w+|assist(?!ente)\w+",
        },
        r"especialista\w*|melhor\w*|primeir\w*|únic\w*|excelente\w*|excecional\w*|excepcional\w*|apaixonad\w*|perfeit\w*|ampl\w+|sólid\w*|comprovad\w*|sempre|nunca|tod[oa]s [oa]s|so[zs]inh[oa]|ideal\w*",
        r"chefe\w*|diretor\w*|gerente\w*|president\w*|estagiári\w*",
        r"doutor\w*|mestrado|mestre|licenciatura|bacharel\w*|engenh\w+|mba",
        r"fluent\w*|bilíng\w*|matern\w*|nativ\w*",
        r"tenho|sou|era|fui|trabalhei|trabalhava|trabalho (?:na|no|em|como|com)|falo|domino|possuo|conheço|a minha experiência|minha experiência",
        r"candidat\w*|vaga|posição|anúncio|oferta|entrevista|função|conversar",
        r"\w{3,}(?:o|ei|i|ava|ia)|tenho \w+",
        {"years": r"anos?", "months": r"m[eê]s(?:es)?", "weeks": r"semanas?", "days": r"dias?", "hours": r"horas?", "minutes": r"minutos?", "seconds": r"segundos?"},
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    ),
    "nl": Tongue(
        "twee drie vier vijf zes zeven acht negen tien elf twaalf",
        {
            OWNED: r"opgericht|verantwoordelijk\w*|eigenaar",
            LED: r"geleid|leid\w*|leiding|aangestuurd|aansturing|gecoördineerd|coördin\w+|beheer\w*",
            BUILT: r"ontwikkel\w*|ontworpen|ontwerp\w*|gebouwd|opgezet|gemaakt|ingevoerd|invoering|geïntroduceerd|gelanceerd",
            CONTRIBUTED: r"bijgedragen|samengewerkt|meegewerkt",
            HELPED: r"geholpen|hielp|help|helpen|hulp|ondersteun\w*|geassisteerd|assisteer\w*|deelgenomen|deelname|neem deel|nam deel|meehelpen|meegeholpen",
        },
        r"expert\w*|beste|eerste|enige|unie\w*|uitstekend\w*|uitzonderlijk\w*|gepassioneerd\w*|perfect\w*|ruime|brede|bewezen|ervaren|zelfstandig|helemaal alleen|altijd|nooit|alle|ideale",
        r"hoofd\w*|directeur\w*|manager\w*|chef\w*|stagiair\w*|teamleider",
        r"doctoraat|gepromoveerd|master|bachelor|ingenieur|mba",
        r"vloeiend|tweetalig|moedertaal",
        r"ik (?:heb|ben|was|werk\w*|spreek|beheers|leid\w*|had|beschik)|heb ik|ben ik|werkte ik|werk ik|mijn ervaring",
        r"sollicit\w+|functie|vacature|gesprek|solliciteer",
        r"ik \w+|(?:heb|ben|was) ik|\w+ ik",
        {"years": r"jaar|jaren", "months": r"maand(?:en)?", "weeks": r"we(?:ek|ken)", "days": r"dag(?:en)?", "hours": r"u(?:ur|ren)", "minutes": r"minu(?:ut|ten)", "seconds": r"seconden?"},
        "januari februari maart april mei juni juli augustus september oktober november december",
    ),
    "pl": Tongue(
        "dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście",
        {
            OWNED: r"założy\w+|odpowiedzialn\w*|odpowiadał\w*|właściciel\w*",
            LED: r"kierow\w+|kieruję|zarządz\w+|prowadz\w+|koordyn\w+|nadz[oó]r\w*",
            BUILT: r"opracowa\w+|stworzy\w+|zbudowa\w+|zaprojektowa\w+|wdroży\w+|wprowadzi\w+",
            CONTRIBUTED: r"współprac\w+|przyczyni\w+|współtworzy\w+",
            HELPED: r"pomaga\w+|pomog\w+|pomoc\w*|wspiera\w+|wsparci\w+|uczestnic\w+|brał\w* udział|biorę udział|udział\w*",
        },
        r"ekspert\w*|najlepsz\w*|pierwsz\w*|jedyn\w*|doskonał\w*|wyjątkow\w*|pasj\w+|idealn\w*|szerok\w+|solidn\w*|udokumentowan\w*|doświadczon\w*|samodzieln\w+|zawsze|nigdy|wszystk\w+",
        r"kierownik\w*|dyrektor\w*|prezes\w*|szef\w*|stażyst\w*|menedżer\w*",
        r"doktor\w*|magist\w+|licencjat\w*|inżynier\w*|mba",
        r"biegl\w*|dwujęzyczn\w*|ojczyst\w*",
        r"jestem|mam|byłem|byłam|pracuj\w+|pracowa\w+|znam|posiadam|mówię|moje doświadczenie",
        r"aplik\w+|stanowisk\w*|ogłoszeni\w*|ofert\w*|rozmow\w*|rekrutac\w*",
        r"\w+(?:łem|łam)|\w{3,}[ęm]",
        {"years": r"rok(?:u|iem)?|lat(?:a|ach)?", "months": r"miesi\w+", "weeks": r"tydzień|tygodni\w*", "days": r"dzień|dni\w*", "hours": r"godzin\w*", "minutes": r"minut\w*", "seconds": r"sekund\w*"},
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    ),
}  # fmt: skip


def found_in(pattern: str, text: str) -> re.Match[str] | None:
    """Return where whole words of a text first fit a pattern."""
    return re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)


def level_of(text: str, tongue: Tongue) -> int:
    """Return the rung of a line in the tongue: the lowest that it names, 0 where it names none."""
    return min((level for level, pattern in tongue.ladder.items() if found_in(pattern, text)), default=0)
