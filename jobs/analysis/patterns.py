"""Tables of words by which postings say things, in English, German, French, Spanish, Italian, Portuguese, Polish and Dutch."""

import re
from enum import StrEnum

from cv.extraction.injection import find_in_text


class Section(StrEnum):
    """What a part of a posting is about."""

    INTRO = "intro"
    MUST = "must"
    NICE = "nice"
    DUTIES = "duties"
    IGNORED = "ignored"


# The first table that fits decides: "Preferred qualifications" is NICE before "qualifications" is MUST.
_HEADINGS: tuple[tuple[Section, str], ...] = (
    (
        Section.NICE,
        (r"(?:preferred|desired|desirable|nice[- ]to[- ]have|bonus|extra|additional|optional|beneficial|good to have|ideal|it(?:'|’)s a plus|plus points)\b.*"
        r"|.*\b(?:preferred|desirable|von vorteil|wünschenswert|nice to have|a plus|appréciés?|souhaités?|deseables?|valorables?|mile widziane)"
        r"|das wäre toll|pluspunkte|atouts?|les plus|se valorará.*|dodatkowe atuty|dodatkowym atutem.*|costituisce titolo preferenziale.*|requisiti preferenziali"
        r"|it (?:helps|would help|is great) if.*|bonus if.*|wünschenswert.*|ideal(?:erweise)?(?: bringst| haben).*|serait un plus.*|valoriza(?:mos|-se|remos)|valorado|valoraremos|méritos|será valorizado.*|diferenciais|diferencial|desejável|desejáveis|mais[- ]valias?"
        r"|pré(?:s)?|pluspunten?|mooi meegenomen.*|twoim dodatkowym atutem.*|dodatkowo|nice to have|graditi|gradito|costituiscono titolo preferenziale.*"),
    ),
    (
        Section.MUST,
        (r"(?:(?:minimum|basic|required|key|essential|main|job|position|core|skill|technical|education(?:al)?|candidate|role|your|mandatory|must[- ]have|knowledge,?)\b.*?)?"
        r"\b(?:requirements?|qualifications?|qual requirements|skills(?:(?: &| and|,) (?:experience|qualifications|abilities|knowledge|requirements).*)?|must[- ]haves?|"
        r"competenc(?:i)?es|prerequisites|education and experience|experience and education|minimum qualification.*|experience|profile|criteria)"
        r"(?: requirements?| required| needed)?(?: for .*)?"
        r"|(?:what|who) (?:you(?:'|’)?(?:ll)? (?:bring|need|have|are|should have)|we(?:'|’)?(?:re| are)? (?:look(?:ing)? for|need|expect|require|seek)).*"
        r"|you (?:have|bring|are|should have|will have|must have|offer)|about you|your (?:profile|background|skills|experience|qualifications?|strengths)|who are you\??|the ideal candidate.*|ideal candidate"
        r"|(?:ihr|dein|unser|das|anforderungs|gesuchtes|gewünschtes)\s?(?:profil|qualifikation(?:en)?)|(?:ihre?|deine?|unsere)\s(?:qualifikation(?:en)?|stärken|kenntnisse|voraussetzungen|kompetenzen|anforderungen)"
        r"|(?:das |was )?(?:sie|du) (?:bringen sie mit|mitbringen|mitbringst|bringst du mit|auszeichnet|bringen mit|bringst mit|sollten mitbringen).*|das bringst du mit|was (?:solltest|sollten) (?:du|sie) mitbringen\??|das bringen sie mit|was (?:wir|uns) (?:erwarten|von ihnen erwarten|wichtig).*|das wünschen wir uns.*"
        r"|anforderungen(?: an.*)?|anforderungsprofil|voraussetzungen|qualifikation(?:en)?|fachliche .*anforderungen|wir erwarten|wir suchen|das sollten sie.*|damit überzeugen sie.*|damit überzeugst du.*"
        r"|(?:votre |le |profil )?profil(?: recherché| requis| du candidat| souhaité)?|compétences(?: requises| clés| techniques)?|qualifications(?: requises)?|prérequis|vous (?:avez|êtes)|formation et expérience|exigences"
        r"|requisitos(?: mínimos| imprescindibles| del puesto)?|perfil(?: requerido| buscado| del candidato)?|qué buscamos|lo que buscamos|se requiere|se ofrece a|tu perfil|competencias|formación y experiencia"
        r"|requisiti(?: richiesti)?|profilo(?: ricercato)?|cosa cerchiamo|competenze(?: richieste)?|il candidato ideale"
        r"|wymagania(?: konieczne| dodatkowe| pracodawcy)?|wymagane.*|oczekujemy|oczekiwania|nasze wymagania|twój profil|czego oczekujemy|kwalifikacje|kogo szukamy|profil kandydata|od kandydatów oczekujemy"
        r"|(?:jouw |jij )?profiel|functie-?eisen|wat vragen wij|wij vragen|wat wij vragen|wat breng je mee|wat neem je mee|jij (?:hebt|bent|bezit)|functie-?eisen|wie ben jij|eisen"
        r"|requisitos e qualificações|requisitos obrigatórios|o que (?:procuramos|buscamos|esperamos.*|precisas|você precisa.*)|o que é preciso.*|qualificações|o teu perfil|seu perfil|perfil (?:desejado|pretendido|do candidato)|procuramos|competências"
        r"|(?:you(?:'|’)ll|you) need|you should have|essential(?: criteria| skills)?|to be successful.*|(?:your )?must[- ]haves|we(?:'|’)re looking for.*|we ask for|what it takes"
        r"|wymagania(?: stawiane)? (?:pracownikowi|stawiane.*)|poszukujemy osób.*|potrzebujemy od ciebie|oczekujemy od ciebie|oczekujemy od kandydatów|jeśli (?:jesteś osobą.*|posiadasz)|wymagania (?:niezbędne|inne|obowiązkowe)"
        r"|chi cerchiamo|il profilo|il tuo profilo|requisiti (?:minimi|indispensabili|obbligatori)|se requiere|requerimientos|imprescindible|lo que pedimos|vous êtes.*|ton profil|ce que nous (?:recherchons|attendons)"),
    ),
    (
        Section.DUTIES,
        (r"(?:(?:key|main|primary|essential|major|job|core|your|the|typical|specific|examples? of|general|day[- ]to[- ]day|principal|role|position)\b.*?)?"
        r"\b(?:responsibilit(?:y|ies)|duties|tasks|accountabilities|functions|job description|role description|position description|job summary|your role|mission|purpose)(?: and .*| include.*)?"
        r"|what you(?:'|’)?(?:ll| will)? (?:do|be doing|work on|own).*|the role|about the (?:role|job|position)|you will|in this role.*|your impact|the job|your day.*|role overview|position summary|the position|job overview|overview"
        r"|(?:ihre|deine|die|unsere)?\s?(?:aufgaben(?:gebiet|schwerpunkte|bereich|profil)?|tätigkeiten?|hauptaufgaben|verantwortlichkeiten|rolle|stellenbeschreibung|kernaufgaben)(?: umfassen.*| sind.*)?|das erwartet (?:sie|dich).*|was (?:sie|dich) erwartet|was erwartet (?:sie|dich)\??|(?:ihr|dein) (?:aufgabengebiet|job|verantwortungsbereich|tätigkeitsbereich).*|das machst du.*|darum geht(?:'|’)?s"
        r"|(?:vos |tes |les |principales )?missions?(?: principales)?|responsabilités|vos responsabilités|descriptif du poste|description du poste|le poste|activités(?: principales)?|tâches"
        r"|funciones(?: principales)?|responsabilidades|tareas|descripción del puesto|tus funciones|qué harás|misión"
        r"|mansioni|responsabilità|attività|descrizione del ruolo|compiti"
        r"|(?:zakres )?obowiązk(?:i|ów).*|zadania|opis stanowiska|zakres (?:zadań|czynności)|twoje zadania|do twoich zadań.*|główne zadania"
        r"|(?:jouw |de )?taken|werkzaamheden|functieomschrijving|wat ga je doen\??|wat je gaat doen|dit ga je doen|jouw (?:rol|werk|functie)|de functie|je taken"
        r"|funções(?: principais)?|principais (?:funções|atividades|responsabilidades)|responsabilidades e atribuições|atribuições|atividades|tarefas|o que vais? fazer|o que você vai fazer|a função|descrição (?:da função|da vaga)|as tuas funções"
        r"|(?:twój |główny )?zakres obowiązków|na co dzień będziesz.*|za co będziesz.*|mamy dla ciebie pracę.*|twoja rola|czym będziesz się zajmować\??|twoje obowiązki"
        r"|attività principali|principali (?:attività|mansioni|responsabilità)|di cosa ti occuperai|cosa farai|la risorsa si occuperà.*|(?:tus|principales|las) (?:tareas|funciones|responsabilidades)|qué vas a hacer|tu misión|descripción"
        r"|tes missions|vos (?:principales )?(?:missions|activités|tâches)|ce que (?:vous ferez|tu feras)|votre (?:mission|rôle)|was du (?:machst|tust|bewegst).*|deine mission|so sieht dein alltag aus"),
    ),
    (
        Section.IGNORED,
        (r"(?:about|über|à propos de|sobre|chi siamo|o) (?:us|uns|the company|the team|the department|our .*|nous|nosotros|noi|nas|firmie)|company (?:description|overview|profile|background)|who we are|our (?:company|mission|story|values|culture|benefits|process|offer)|employer overview"
        r"|wer wir sind|das unternehmen|unternehmen|unternehmensbeschreibung|über .{2,30}|das sind wir|qui sommes-nous.*|l(?:'|’)entreprise|la empresa|quiénes somos|l(?:'|’)azienda"
        r"|(?:our |your |employee |company |key )?(?:benefits|perks)(?: .*)?|what we offer.*|we offer|what(?:'|’)s in it for you.*|why (?:join|work|us|you).*|we provide|compensation.*|salary.*|annual salary|pay|remuneration|package|what you(?:'|’)?ll get|hours.*|schedule"
        r"|(?:das |was )?(?:wir bieten|bieten wir).*|unser angebot|unsere (?:leistungen|benefits)|ihre vorteile|deine vorteile|deine benefits|ihre benefits|vorteile|wir bieten ihnen.*|freu dich auf.*|das erwartet dich bei uns.*|vergütung|gehalt"
        r"|nous (?:vous )?(?:offrons|proposons)|avantages|ce que nous .*|rémunération|qué ofrecemos|ofrecemos|se ofrece|beneficios|cosa offriamo|offriamo|oferujemy|co oferujemy|nasza oferta|benefity|wij bieden|wat bieden wij"
        r"|(?:how|where|when) to apply.*|to apply|application (?:process|deadline|procedure|instructions).*|apply(?: now)?|selection process|recruitment process|hiring process|process notes?|notes?|review|contact.*|deadline.*"
        r"|bewerb(?:ung|en|ungsprozess).*|kontakt|so bewerben sie.*|ansprechpartner(?:in)?.*|interesse.*|haben wir ihr interesse.*|pour postuler|candidature|contacto|cómo aplicar|jak aplikować|aplikuj|sposób aplikowania|kontakt|sollicit.*"
        r"|equal (?:employment )?opportunity.*|eeo.*|diversity.*|disclaimer.*|data protection|datenschutz|chancengleichheit.*|in return .*|what(?:'|’)s on offer.*|additional information|weitere informationen|residency requirement.*|work location|location|standort|lieu|dodatkowe informacje"
        r"|oferecemos|o que oferecemos|benefícios|regalias|sobre (?:nós|a empresa)|quem somos|candidaturas?.*|como (?:se candidatar|candidatar).*|to oferujemy|co oferujemy|firma oferuje|oferta|kontakt do pracodawcy|dane kontaktowe|sposób kontaktu|źródło(?: oferty(?: pracy)?)?|rodzaj umowy"
        r"|wynagrodzenie(?: brutto)?|zgodnie z obowiązującym prawem.*|klauzula.*|wat bieden we.*|wij bieden jou.*|arbeidsvoorwaarden|over ons|onze organisatie|ons aanbod|la nostra offerta|si offre|cosa ti offriamo|nuestra oferta|sueldo|salario|salário|zusatzleistungen|entlohnung"),
    ),
)  # fmt: skip
HEADINGS = tuple((section, re.compile(rf"(?:{pattern})", re.IGNORECASE)) for section, pattern in _HEADINGS)

NICE = re.compile(
    r"\b(?:(?:is|are|would be|als|as)?\s?an? (?:big |huge |strong |definite |real |distinct )?(?:plus|bonus|asset|advantage)|a plus|nice[- ]to[- ]have|preferred|preferably|prefer|desirable|desired|"
    r"advantageous|bonus(?: points)?|ideally|beneficial|optional|welcome|not required|helpful|good to have|would be great|appreciated|"
    r"von vorteil|vorteilhaft|wünschenswert|idealerweise|gerne (?:auch|mit)|wäre (?:toll|schön|super)|ein plus|optimalerweise|bestenfalls|gern gesehen|erwünscht|"
    r"(?:est|serait|sont) un (?:plus|atout)|souhaitée?s?|souhaitable|idéalement|appréciée?s?|un plus|de préférence|"
    r"deseables?|valorables?|se valorar[áa]n?|preferible(?:mente)?|idealmente|un plus|"
    r"preferibil(?:e|mente)|gradit[aoie]|costituisce|mile widzian\w+|dodatkow\w+ atut\w*|atutem|chętnie|een pré|is een plus|diferencia(?:l|is)|desejáve(?:l|is)|valoriza-se|valorizad[oa]s?|preferencial(?:mente)?|mais-valia|meerwaarde|graag met|bij voorkeur)(?!\w)",
    re.IGNORECASE,
)
MUST = re.compile(
    r"\b(?:required?|must|mandatory|essential|necessary|need(?:ed)?|minimum|at least|prerequisite|you have|you bring|proven|demonstrated|solid|"
    r"strong (?:knowledge|experience|background|understanding|skills)|proficien\w+|ability to|able to|experience (?:in|with|as|of|using|working|managing|building)|knowledge of|familiar(?:ity)? with|"
    r"expertise|background in|skilled in|understanding of|qualified|degree|diploma|certifi\w+|licen[cs]e[ds]?|fluent|fluency|"
    r"erforderlich|zwingend|voraussetzung|voraussetzen|mindestens|setzen wir voraus|notwendig|abgeschlossene\w*|erfahrung\w*|kenntnisse|\w+kenntnisse|berufserfahrung|verfügen über|sicherer? umgang|fähigkeit|"
    r"exigée?s?|requis(?:e|es)?|obligatoire|indispensable|impératif|minimum|maîtrise|expérience (?:en|de|dans|avec)|connaissances?|diplôme|titulaire|"
    r"imprescindible|requerid[oa]s?|obligatori[oa]|necesari[oa]|mínimo|experiencia|conocimientos?|dominio|titulación|"
    r"richiest[oaie]|necessari[oa]|esperienza|conoscenza|laurea|"
    r"wymagan\w+|konieczn\w+|niezbędn\w+|doświadczeni\w+|znajomość|umiejętność|wykształcenie|vereist|ervaring|kennis van|beheersing|obrigatóri[oa]s?|exigid[oa]s?|necessári[oa]s?|imprescindível|experiência|conhecimentos?|domínio|formação|licenciatura|disponibilidade)(?!\w)",
    re.IGNORECASE,
)
STRICT = re.compile(
    r"\b(?:required|must|mandatory|essential|necessary|prerequisite|zwingend|erforderlich|voraussetzung|notwendig|unbedingt|setzen wir voraus|exigée?|obligatoire|"
    r"indispensable|impératif|requise?|imprescindible|obligatori[oa]|requerid[oa]|necesari[oa]|richiest[oa]|wymagan\w+|konieczn\w+|niezbędn\w+|vereist|obrigatóri[oa]s?|exigid[oa]s?|imprescindível|necessári[oa]s?)(?!\w)",
    re.IGNORECASE,
)
EQUIVALENT = re.compile(
    r"\b(?:or (?:the )?(?:an? )?equivalent|equivalent (?:combination|experience)|or (?:related|relevant|comparable|similar) (?:work |practical |professional )?experience|"
    r"in lieu of|oder (?:eine )?vergleichbare|oder gleichwertig\w*|ou équivalent|ou expérience équivalente|o equivalente|o experiencia equivalente|lub pokrewn\w+|ou áreas? afins?|ou equivalente|of vergelijkbaar)",
    re.IGNORECASE,
)
EXAMPLES = re.compile(
    r"(?:\be\.\s?g\.|\bsuch as\b|\blike\b|\bfor example\b|\bincluding one of\b|\bat least one\b|\bone or more of\b|\bany of\b|\beither\b|\bz\.\s?B\.|\bbeispielsweise\b|\bwie(?: etwa| z)?\b|\bbzw\.|"
    r"\bpar exemple\b|\bp\.\s?ex\.|\bcomme\b|\btels? que\b|\bpor ejemplo\b|\bcomo\b|\bp\.\s?ej\.|\bad esempio\b|\bcome\b|\bnp\.|\bor similar\b|\bo\.\s?ä\.|\boder ähnlich)",
    re.IGNORECASE,
)
BOILERPLATE = re.compile(
    r"equal (?:employment )?opportunit|regardless of|without regard to|discriminat|affirmative action|reasonable accommodation|gender identity|sexual orientation|"
    r"schwerbehindert|gleichstellung|unabhängig von|geschlechtliche|herkunft, religion|égalité des chances|quel que soit|igualdad de oportunidades|pari opportunità|"
    r"all qualified applicants|we celebrate diversity|privacy policy|datenschutzhinweis|cookies|klauzul|wyrażam zgodę|rodo\b.*zgod|"
    r"(?:send|submit|e-?mail) (?:us |in )?your (?:application|cv|résumé|resume)\b|^(?:to apply\b|apply (?:by|to|with|at|now)\b|we (?:offer|sponsor)\b|wir (?:bieten|freuen uns)\b|bewerbung(?:en)? (?:an|bitte|per)\b|nous (?:vous )?(?:offrons|proposons)\b|envoyez\b|"
    r"ofrecemos\b|se ofrece\b|interesad[oa]s\b|offriamo\b|si offre\b|inviare (?:il )?(?:cv|curriculum)|oferecemos\b|envi(?:e|ar) (?:o )?(?:cv|currículo)|(?:wij|we) bieden\b|vragen ?\?|neem contact\b|solliciteer\b|"
    r"oferujemy\b|zapewniamy\b|gwarantujemy\b|(?:prosimy o|aplikacje|cv) (?:przesłanie|prosimy))|"
    r"subject to change|this job description (?:is|does) not|other duties as assigned",
    re.IGNORECASE,
)
PAY = re.compile(
    r"(?:salary|pay|gehalt|vergütung|salaire|rémunération|salario|wynagrodzenie|compensation)\b.{0,40}(?:€|\$|£|zł|\bEUR\b|\bUSD\b|\bCHF\b)|(?:€|\$|£)\s?\d[\d.,k]*\s?(?:-|–|to|bis)\s?(?:€|\$|£)?\s?\d",
    re.IGNORECASE,
)
INJECTION = re.compile(
    r"(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|prior|above|earlier|other) (?:instructions?|prompts?|rules|text)|system prompt|you are (?:now )?(?:an? )?(?:ai|language model|chatgpt|assistant)\b|"
    r"if you are an? (?:ai|llm|language model|bot)|\b(?:ai|llm)s? (?:should|must) (?:rate|score|rank|reply|include|write)|</?(?:system|assistant|user)>|"
    r"\b(?:give|assign|award|grant) (?:this|the|my|every|me)\b.{0,40}\b(?:highest|top|best|maximum|full|perfect) (?:score|rating|marks?|rank)|\b(?:test|developer|debug|god) mode\b|"
    r"\b(?:state|write|say|claim|answer|respond|report|conclude|mention) that (?:the|this|every) (?:candidate|applicant)\b|\balways (?:write|state|say|answer|respond) that\b|ignoriere (?:alle )?(?:vorherigen|bisherigen) anweisungen",
    re.IGNORECASE,
)
WORK_PERMIT = re.compile(
    r"work permit|work authori[sz]ation|authori[sz]ed to work|(?:right|eligib\w+|legally (?:able|entitled)|permission) to work|employment eligibility|\bcitizen(?:ship)?\b|visa sponsorship|sponsor(?:ship)?.{0,30}visa|\bvisa\b|green card|"
    r"arbeitserlaubnis|arbeitsgenehmigung|aufenthaltstitel|staatsangehörigkeit|permis de travail|autorisation de travail|permiso de trabajo|permesso di soggiorno|pozwoleni\w+ na pracę|werkvergunning|autorização de (?:trabalho|residência)|permisos? de trabajo",
    re.IGNORECASE,
)
CONDITIONS = re.compile(
    r"\bon[- ]?site\b|\bin[- ]office\b|shift work|(?:night|weekend|rotating|early|late|evening|split|day) shifts?|\bshifts\b|work(?:ing)? (?:on )?(?:nights|weekends|holidays|evenings|overtime|bank holidays)|weekend work|on[- ]call|willing(?:ness)? to (?:travel|relocate|work)|"
    r"travel (?:up to|required|is required|of)|\d+\s?% travel|relocat\w+|must (?:live|reside|be located|be based)|residency|"
    r"schichtdienst|schichtbereitschaft|schichtarbeit|\w*schicht(?:betrieb|system|en)?\b|wochenend(?:dienst|arbeit)\w*|nachtdienst\w*|rufbereitschaft|bereitschaftsdienst|reisebereitschaft|umzugsbereitschaft|"
    r"travail (?:posté|de nuit|le week-end|en équipe)|déplacements?|horaires décalés|astreintes?|disponibilidad para viajar|turnos|fines de semana|turni|trasferte|praca zmianowa|system\w* zmianow\w+|delegacj\w+|dyspozycyjność|ploegendienst|weekenddienst|turnos rotativos|disponibilidade para (?:turnos|viajar|viagens)|disponibilité (?:le |les )?(?:week|soir)|disponibilidad (?:para )?(?:fines|turnos|horaria)",
    re.IGNORECASE,
)
AGE = re.compile(r"\b(?:at least|minimum|over|mindestens|age of)?\s?(?:18|21)\s?(?:years (?:old|of age)|jahre alt|ans révolus)|must be (?:at least )?(?:18|21)\b", re.IGNORECASE)  # fmt: skip

NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "ein": 1, "eine": 1, "einem": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "zehn": 10,
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "dix": 10,
    "uno": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "diez": 10, "due": 2, "tre": 3, "cinque": 5,
    "jeden": 1, "dwa": 2, "trzy": 3, "pięć": 5, "dois": 2, "duas": 2, "três": 3, "quatro": 4, "een": 1, "twee": 2, "drie": 3, "vijf": 5,
}  # fmt: skip
_NUMBER = r"\d{1,2}(?:[.,]\d)?|" + "|".join(NUMBER_WORDS)
YEARS = re.compile(
    rf"(?:\b|(?<=[^\W\d_])(?=\d))(?<!\d[-–—])(?P<least>{_NUMBER})\s*(?:\(\d+\))?\s*(?:\+|plus|or more|oder mehr)?\s*(?:(?:-|–|—|to|bis|à|a|do|or|oder|and)\s*(?:{_NUMBER})\s*\+?)?[\s-]*"
    rf"(?:full\s)?(?P<unit>years?|yrs?\b|jahren?|jährige\w*|ans\b|années?|años?|anos?\b|letni\w*|anni|anno|lat\b|lata\b|roku?\b|jaar|months?|monaten?|mois|meses|mesi|miesi\w+)",
    re.IGNORECASE,
)
# How long a course of study lasts is no experience: `a four-year college`.
LENGTH_OF_STUDY = re.compile(
    r"[\s-]*(?:accredited |recognized |recognised )?(?:college|universit|high school|degree|diploma|course|program|apprenticeship|curriculum|studium|ausbildung)",
    re.IGNORECASE,
)
# Vague amounts, read at the low end of what recruiters mean by them.
VAGUE_YEARS: tuple[tuple[float, re.Pattern[str]], ...] = tuple(
    (years, re.compile(pattern, re.IGNORECASE))
    for years, pattern in (
        (5, r"langjährige\w* (?:berufs)?erfahrung|many years(?:'|’)? (?:of )?(?:\w+ )?experience|extensive (?:\w+ )?experience|wieloletnie doświadczenie|amplia experiencia|longue expérience"),
        (3, r"mehrere jahre|mehrjährige\w*|several years|plusieurs années|varios años|diversi anni|kilkuletnie|kilka lat|significant (?:\w+ )?experience|expérience significative|fundierte (?:berufs)?erfahrung"),
        (2, r"einige jahre|some years|quelques années|algunos años|a few years|couple of years"),
        (1, r"erste (?:\w+ )?(?:berufs)?erfahrung\w*|first (?:\w+ )?experience|première expérience|some (?:\w+ )?experience|prima esperienza"),
    )
)  # fmt: skip
# A line that begins like this asks for something, whatever section it stands in.
# How running text tells what there is to do.
YOU_WILL = re.compile(
    r"(?:you(?:(?:'|’)ll| will)|sie werden|du wirst|vous (?:serez|aurez|devrez|assurerez)|usted|serás|ti occuperai|vai|je gaat|będziesz)\b(?! (?:be working|join|find|receive|get|enjoy|benefit|love|have access))",
    re.IGNORECASE,
)
DEMAND_START = re.compile(
    r"(?:(?:very|excellent|good|strong|proven|solid|sound|basic|advanced|in-depth|deep|minimum|min\.?|at least|previous|prior|relevant|university|college|"
    r"sehr|gute[rns]?|fundierte|mindestens|abgeschlossene[ns]?|mehrjährige|erste|bonne|solide|buen|dobra|bardzo)\s+)*"
    r"(?:knowledge|command|understanding|experience|\d+\s*\+?\s*(?:-\s*\d+\s*)?(?:years?|yrs|jahre|ans|años|lat)|degree|bachelor|master(?:'|’)?s|fluen\w+|ability to|familiar\w*|proficien\w+|"
    r"kenntnisse|\w+kenntnisse|erfahrung\w*|\w+erfahrung|studium|ausbildung|connaissance|maîtrise|expérience|diplôme|experiencia|conocimiento|titulación|"
    r"znajomość|doświadczenie|wykształcenie|umiejętność)\b",
    re.IGNORECASE,
)
YEARS_OF_WORK = re.compile(
    r"(?:years?|yrs\.?)(?:'|’)? (?:of|in|as|with|working|post)|jahre als|ans (?:de|en|dans)|años (?:de|en|como)|anos (?:de|em|como)",
    re.IGNORECASE,
)
EXPERIENCE = re.compile(
    r"experience|erfahrung|expérience|experiencia|experiência|esperienza|doświadczeni|ervaring|praxis|track record",
    re.IGNORECASE,
)

# Level words of languages → CEFR (self-assessment grid of the Council of Europe, the usual equation of recruiters).
LANGUAGE_LEVELS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (level, re.compile(pattern, re.IGNORECASE))
    for level, pattern in (
        ("native", r"\bnative\b|mother tongue|muttersprach\w*|langue maternelle|nativ[oa]|madrelingua|język ojczysty|ojczyst\w+|moedertaal"),
        ("C2", r"\bC2\b|bilingual|near[- ]native|bilingue"),
        ("C1", r"\bC1\b|fluência|avançad[oa]|\bfluen(?:t|cy|tly)\b|verhandlungssicher\w*|fließend\w*|sehr gute|excellent|courant|couramment|fluid[oa]|fluente|biegł\w+|bardzo dobr\w+|stilsicher\w*|in wort und schrift|exzellente|perfect|perfekt|vloeiend|proficient|proficiency|advanced|alto nivel|avanzado"),
        ("B2", r"\bB2\b|goede|bom nível|boas? conhecimentos?|\bgood\b|\bgute\w*|strong|business|professional|upper[- ]intermediate|bon niveau|bonnes?|buen nivel|buon\w+|dobra|dobr\w+|komunikatywn\w+|solid|sicher\w*"),
        ("B1", r"\bB1\b|intermédi[oa]|intermediári[oa]|conversational|intermediate|working knowledge|notions solides|intermedio|średnio\w+"),
        ("A2", r"\bA2\b|basic|grundkenntnisse|notions|básico|base\b|podstaw\w+"),
        ("A1", r"\bA1\b|beginner"),
    )
)  # fmt: skip
SKILL_LEVELS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (level, re.compile(pattern, re.IGNORECASE))
    for level, pattern in (
        ("expert", r"\bexpert\w*|\bmastery\b|\bmaîtrise parfaite"),
        ("advanced", r"\badvanced\b|\bstrong\b|\bdeep\b|\bextensive\b|\bsehr gute\b|\bfundierte\b|\bin-depth\b|\bthorough\b|\bavancée?s?\b|\bavanzados?\b|\bexcellent\b|\bproficien\w+|\bsolid\b|\bsicher\w*|\bbardzo dobr\w+"),
        ("basic", r"\bbasic\b|\bfamiliar\w*|\bgrundkenntnisse\b|\bnotions\b|\bbásic\w+|\bsome (?:knowledge|experience)\b|\bexposure to\b|\bpodstaw\w+|\bawareness\b|\berste\b"),
    )
)  # fmt: skip


def addresses_model(text: str) -> bool:
    """Whether a text talks to a language model instead of a reader."""
    return INJECTION.search(text) is not None or bool(find_in_text(text))
