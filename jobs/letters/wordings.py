"""Wordings of letters in French, Spanish, Italian, Portuguese, Dutch and Polish.

No wording needs to know the writer's or the reader's sex, and none praises. `{role}` is the position applied for.
"""

from dataclasses import dataclass

from jobs.models import EmailKind, Tone


@dataclass(frozen=True, slots=True)
class EmailWording:
    """Subject, opening and closing of one kind of e-mail."""

    subject: str
    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class Careers:
    """How a position is told that goes on, that is over, that began and ended in one year, and that has no dates."""

    now: str
    past: str
    in_year: str
    undated: str


@dataclass(frozen=True, slots=True)
class LetterWording:
    """The sentences of one language.

    `salutation_forms` are for contacts with a title of address. `careers` have `{tools}`, empty or from `with_tools`, and `{at}` for an employer
    with its preposition and article (see `places.py`); `careers_of` are for writers whose own words in the CV fit a pattern, where a verb's
    past shows the sex. `leads` quote the posting word for word behind their colon, between `marks`; `quoted` does so with lines of a CV in
    another language. `tasks` lists lines that name work, the first ones, further ones and a single further one; `nouns_in_sentences` fits lines that need no colon there.
    `own` recognises lines that say what the person did, and how a sentence goes on with them; `told` holds it. `skills` are one and several. `role_words` begin lines that say
    what the person was. `joint` stands before the last of a list.
    """

    salutation: str
    salutation_to: str
    salutation_forms: tuple[tuple[str, str], ...]
    role: str
    role_at: str
    untitled: str
    opening: dict[Tone, str]
    careers: Careers
    with_tools: str
    leads: tuple[str, str]
    tasks: tuple[str, str, str]
    tasks_past: tuple[str, str, str]
    own: tuple[tuple[str, str], ...]
    told: tuple[str, str, str]
    role_words: str
    as_role: str
    as_role_past: str
    skills: tuple[str, str]
    further: str
    quoted: tuple[str, str]
    marks: str
    language: str
    level: str
    native: str
    study: str
    studying: str
    in_area: str
    certificate: str
    closing: dict[Tone, str]
    closing_at: str
    greeting: dict[Tone, str]
    joint: str
    languages: dict[str, str]
    emails: dict[EmailKind, EmailWording]
    careers_of: tuple[tuple[str, Careers], ...] = ()
    nouns_in_sentences: str = ""
    native_words: tuple[str, ...] = ("native", "mutterspr", "matern", "nativ", "madreling", "moedertaal", "ojczyst")


def _languages(names: str) -> dict[str, str]:
    """Pair the names of a language with the English ones."""
    english = (
        "english german french spanish italian portuguese dutch polish russian arabic turkish chinese ukrainian czech"
    )
    return dict(zip(english.split(), names.split(), strict=True))


def _tones(professional: str, warm: str, direct: str) -> dict[Tone, str]:
    return {Tone.PROFESSIONAL: professional, Tone.WARM: warm, Tone.DIRECT: direct}


WORDINGS: dict[str, LetterWording] = {
    "fr": LetterWording(
        salutation="Madame, Monsieur,",
        salutation_to="Bonjour {name},",
        salutation_forms=((r"M(?:me|adame)\.?", "Madame,"), (r"M\.|Mr\.?|Monsieur", "Monsieur,")),
        role="le poste « {title} »",
        role_at="le poste « {title} » {at}",
        untitled="le poste que vous proposez",
        opening=_tones(
            "Je vous adresse ma candidature pour {role}.",
            "C'est avec plaisir que je vous adresse ma candidature pour {role}.",
            "Je pose ma candidature pour {role}.",
        ),
        careers=Careers(
            "Depuis {start}, je travaille comme {title} {at}{tools}.",
            "De {start} à {end}, j'ai travaillé comme {title} {at}{tools}.",
            "En {start}, j'ai travaillé comme {title} {at}{tools}.",
            "J'ai travaillé comme {title} {at}{tools}.",
        ),
        with_tools=", notamment avec {list}",
        leads=('Votre annonce mentionne notamment : {quote}.', 'Vous citez aussi : {quote}.'),
        tasks=("Mon travail y comprend {list}.", "Il comprend aussi {list}.", "S'y ajoute {list}."),
        tasks_past=("Mon travail y comprenait {list}.", "Il comprenait aussi {list}.", "S'y ajoutait {list}."),
        own=(
            (r"^j['’]ai (?=\w)", ""),
            (r"^(?!(?:suivi|appui|envoi|essai|tri|audit|crédit|produit|circuit|devis|avis|permis|contenu|menu)\b)(\w+(?:é|i|u|is|it)\b)(?= (?:l[ea]s? |l['’]|un |une |des |en |à |d[e'’u]|plus |\d))", r"\1"),
        ),
        told=("J'ai {line}.", "J'ai aussi {line}.", "J'ai en outre {line}."),
        role_words=r"(?:responsable|membre|référente?|chargée?) ",
        as_role="J'y suis {line}.",
        as_role_past="J'y étais {line}.",
        skills=("Mes compétences comprennent aussi {list}, que cite votre annonce.", "Mes compétences comprennent aussi {list}, que cite votre annonce."),
        further="Mon CV mentionne également {list}.",
        quoted=("Mon CV dit de ce travail : {list}.", "Mon CV y cite : {list}."),
        marks="« {line} »",
        language="Je parle {list}.",
        level=" (niveau {level})",
        native=" (langue maternelle)",
        study="Ma formation : {degree}{area} ({school}{year}).",
        studying="J'étudie actuellement : {degree}{area} ({school}).",
        in_area=" en {area}",
        certificate="Mes certificats et habilitations : {list}.",
        closing=_tones(
            "Je vous parlerai volontiers de ce travail lors d'un entretien.",
            "Je me réjouis d'échanger avec vous lors d'un entretien.",
            "Je suis à votre disposition pour un entretien.",
        ),
        closing_at="Je vous parlerai volontiers de mon travail {at} lors d'un entretien, et j'aimerais en savoir plus sur le poste.",
        greeting=_tones("Je vous prie d'agréer, Madame, Monsieur, mes salutations distinguées.", "Bien cordialement,", "Cordialement,"),
        joint="et",
        languages=_languages("anglais allemand français espagnol italien portugais néerlandais polonais russe arabe turc chinois ukrainien tchèque"),
        emails={
            EmailKind.APPLICATION: EmailWording("Candidature : {title}, {name}", "Je pose ma candidature pour {role} ; vous trouverez mon CV et ma lettre en pièce jointe.", "Je réponds volontiers à vos questions."),
            EmailKind.FOLLOW_UP: EmailWording("Ma candidature : {title}, {name}", "J'ai posé ma candidature pour {role} et souhaite savoir où elle en est.", "S'il manque un document, je vous l'enverrai volontiers."),
            EmailKind.THANK_YOU: EmailWording("Merci pour notre entretien : {title}, {name}", "Merci pour notre entretien sur {role}.", "Je réponds volontiers à toute autre question."),
            EmailKind.REFERRAL: EmailWording("Une question sur {title}, {name}", "Je pose ma candidature pour {role} et souhaite vous demander une recommandation.", "Si je devais écrire à quelqu'un en particulier, dites-le-moi volontiers ; mon CV est en pièce jointe."),
        },
    ),
    "es": LetterWording(
        salutation="Estimado equipo de selección:",
        salutation_to="Buenos días, {name}:",
        salutation_forms=((r"Sra\.?|Señora|D(?:oña|\.ª)", "Estimada Sra. {rest}:"), (r"Sr\.?|Señor|Don|D\.", "Estimado Sr. {rest}:")),
        role="el puesto «{title}»",
        role_at="el puesto «{title}» {at}",
        untitled="el puesto que ofrecen",
        opening=_tones(
            "Les presento mi candidatura para {role}.",
            "Con mucho gusto les presento mi candidatura para {role}.",
            "Presento mi candidatura para {role}.",
        ),
        careers=Careers(
            "Desde {start} trabajo como {title} {at}{tools}.",
            "De {start} a {end} trabajé como {title} {at}{tools}.",
            "En {start} trabajé como {title} {at}{tools}.",
            "Trabajé como {title} {at}{tools}.",
        ),
        with_tools=", entre otras cosas con {list}",
        leads=('Su anuncio menciona, entre otras cosas: {quote}.', 'También mencionan: {quote}.'),
        tasks=("Mi trabajo allí incluye {list}.", "También incluye {list}.", "A ello se suma {list}."),
        tasks_past=("Mi trabajo allí incluía {list}.", "También incluía {list}.", "A ello se sumaba {list}."),
        own=(
            (r"^((?:\w{2,}(?:é|í)|(?:re|intro|con|pro|tra)duje|hice|(?:dis|pro|com|im)?puse|(?:ob|man|con|re)?tuve|estuve|di|fui|supe))\b", r"\1"),
        ),
        told=("Allí {line}.", "También {line}.", "Además, {line}."),
        role_words=r"(?:responsable|miembro|encargad[oa]|tutora?) ",
        as_role="Allí soy {line}.",
        as_role_past="Allí era {line}.",
        skills=("Entre mis conocimientos está también {list}, que menciona su anuncio.", "Entre mis conocimientos están también {list}, que menciona su anuncio."),
        further="Mi CV incluye además {list}.",
        quoted=("Mi CV dice de este trabajo: {list}.", "Mi CV menciona allí: {list}."),
        marks="«{line}»",
        language="Hablo {list}.",
        level=" (nivel {level})",
        native=" (lengua materna)",
        study="Mi formación: {degree}{area} ({school}{year}).",
        studying="Actualmente estudio: {degree}{area} ({school}).",
        in_area=" en {area}",
        certificate="Mis certificados y acreditaciones: {list}.",
        closing=_tones(
            "Con gusto les hablaré de este trabajo en una entrevista.",
            "Me alegraría mucho conversar con ustedes en una entrevista.",
            "Quedo a su disposición para una entrevista.",
        ),
        closing_at='Con gusto les hablaré de mi trabajo {at} en una entrevista, y me gustaría saber más sobre el puesto.',
        greeting=_tones("Atentamente,", "Saludos cordiales,", "Atentamente,"),
        joint="y",
        languages=_languages("inglés alemán francés español italiano portugués neerlandés polaco ruso árabe turco chino ucraniano checo"),
        emails={
            EmailKind.APPLICATION: EmailWording("Candidatura: {title}, {name}", "Les presento mi candidatura para {role}; adjunto mi currículum y mi carta.", "Con gusto responderé a sus preguntas."),
            EmailKind.FOLLOW_UP: EmailWording("Mi candidatura: {title}, {name}", "Presenté mi candidatura para {role} y quisiera preguntar en qué punto se encuentra.", "Si falta algún documento, lo enviaré con gusto."),
            EmailKind.THANK_YOU: EmailWording("Gracias por la entrevista: {title}, {name}", "Gracias por la entrevista sobre {role}.", "Con gusto responderé a cualquier otra pregunta."),
            EmailKind.REFERRAL: EmailWording("Una pregunta sobre {title}, {name}", "Presento mi candidatura para {role} y quisiera pedir una recomendación.", "Si conviene que escriba a alguien en particular, agradezco el nombre; adjunto mi currículum."),
        },
    ),
    "it": LetterWording(
        salutation="Gentili Signore, gentili Signori,",
        salutation_to="Gentile {name},",
        salutation_forms=((r"(?:[Dd]ott\.ssa|[Dd]ott\.|Sig\.ra|Sig\.|Ing\.|Avv\.|Prof\.ssa|Prof\.)", "Gentile {title} {surname},"),),
        role="la posizione «{title}»",
        role_at="la posizione «{title}» {at}",
        untitled="la posizione che offrite",
        opening=_tones(
            "Vi invio la mia candidatura per {role}.",
            "Con piacere vi invio la mia candidatura per {role}.",
            "Mi candido per {role}.",
        ),
        careers=Careers(
            "Dal {start} lavoro come {title} {at}{tools}.",
            "Dal {start} al {end} ho lavorato come {title} {at}{tools}.",
            "Nel {start} ho lavorato come {title} {at}{tools}.",
            "Ho lavorato come {title} {at}{tools}.",
        ),
        with_tools=", tra l'altro con {list}",
        leads=("Il vostro annuncio cita tra l'altro: {quote}.", 'Citate anche: {quote}.'),
        tasks=("Il mio lavoro comprende {list}.", "Comprende anche {list}.", "A questo si aggiunge {list}."),
        tasks_past=("Il mio lavoro comprendeva {list}.", "Comprendeva anche {list}.", "A questo si aggiungeva {list}."),
        own=(
            (r"^ho (?=\w)", "ho "),
            (r"^(?!(?:andato|diventato|stato|nato|entrato|passato|laureato|certificato|mercato|reparto)\b)(\w+(?:ato|uto|ito)|(?:ri|intro|con|pro)dotto|scritto|diretto|svolto|risolto|aperto|vinto|raggiunto|messo|promosso)\b(?= (?:l[aeo]|il|i|gli|un|una|\d|nuov\w+) )", r"ho \1"),
        ),
        told=("Lì {line}.", "Inoltre {line}.", "In questo lavoro {line}."),
        role_words=r"(?:responsabile|membro|referente) ",
        as_role="Sono {line}.",
        as_role_past="Ero {line}.",
        skills=("Tra le mie competenze c'è anche {list}, che il vostro annuncio cita.", "Tra le mie competenze ci sono anche {list}, che il vostro annuncio cita."),
        further="Il mio CV comprende inoltre {list}.",
        quoted=("Il mio CV dice di questo lavoro: {list}.", "Il mio CV cita qui: {list}."),
        marks="«{line}»",
        language="Parlo {list}.",
        level=" (livello {level})",
        native=" (madrelingua)",
        study="La mia formazione: {degree}{area} ({school}{year}).",
        studying="Studio attualmente: {degree}{area} ({school}).",
        in_area=" in {area}",
        certificate="Certificati e abilitazioni: {list}.",
        closing=_tones(
            "In un colloquio vi parlerò volentieri di questo lavoro.",
            "Sarebbe un piacere parlarne con voi in un colloquio.",
            "Sono a disposizione per un colloquio.",
        ),
        closing_at='In un colloquio vi parlerò volentieri del mio lavoro {at}, e vorrei sapere di più sulla posizione.',
        greeting=_tones("Cordiali saluti,", "Un cordiale saluto,", "Cordiali saluti,"),
        joint="e",
        languages=_languages("inglese tedesco francese spagnolo italiano portoghese olandese polacco russo arabo turco cinese ucraino ceco"),
        emails={
            EmailKind.APPLICATION: EmailWording("Candidatura: {title}, {name}", "Mi candido per {role}; in allegato trovate il curriculum e la lettera.", "Rispondo volentieri alle vostre domande."),
            EmailKind.FOLLOW_UP: EmailWording("La mia candidatura: {title}, {name}", "Ho inviato la mia candidatura per {role} e vorrei sapere a che punto è.", "Se manca un documento, lo invierò volentieri."),
            EmailKind.THANK_YOU: EmailWording("Grazie per il colloquio: {title}, {name}", "Grazie per il colloquio su {role}.", "Rispondo volentieri a ogni altra domanda."),
            EmailKind.REFERRAL: EmailWording("Una domanda su {title}, {name}", "Mi candido per {role} e vorrei chiedere una segnalazione.", "Se è meglio scrivere a una persona in particolare, ringrazio per il nome; allego il curriculum."),
        },
    ),
    "pt": LetterWording(
        salutation="Exmas. Senhoras e Exmos. Senhores,",
        salutation_to="Bom dia, {name},",
        salutation_forms=((r"Sra\.?|Senhora|Dra\.?|Eng\.ª", "Exma. {title} {rest},"), (r"Sr\.?|Senhor|Dr\.?|Eng\.º", "Exmo. {title} {rest},")),
        role="a vaga «{title}»",
        role_at="a vaga «{title}» {at}",
        untitled="a vaga que oferecem",
        opening=_tones(
            "Apresento a minha candidatura para {role}.",
            "É com gosto que apresento a minha candidatura para {role}.",
            "Envio a minha candidatura para {role}.",
        ),
        careers=Careers(
            "Desde {start} trabalho como {title} {at}{tools}.",
            "De {start} a {end} trabalhei como {title} {at}{tools}.",
            "Em {start} trabalhei como {title} {at}{tools}.",
            "Trabalhei como {title} {at}{tools}.",
        ),
        with_tools=", entre outras coisas com {list}",
        leads=('O vosso anúncio menciona, entre outras coisas: {quote}.', 'Mencionam também: {quote}.'),
        tasks=("O meu trabalho aí inclui {list}.", "Inclui também {list}.", "A isso acresce {list}."),
        tasks_past=("O meu trabalho aí incluía {list}.", "Incluía também {list}.", "A isso acrescia {list}."),
        own=((r"^(\w{2,}(?:ei|[rnd]i|uzi)|fiz|(?:pro|dis|im)?pus|(?:ob|man)?tive|trouxe)\b", r"\1"),),
        told=("Aí {line}.", "Também {line}.", "Também aí {line}."),
        role_words=r"(?:responsável|membro|encarregad[oa]) ",
        as_role="Aí sou {line}.",
        as_role_past="Aí era {line}.",
        skills=("As minhas competências incluem também {list}, que o vosso anúncio menciona.", "As minhas competências incluem também {list}, que o vosso anúncio menciona."),
        further="O meu CV inclui ainda {list}.",
        quoted=("O meu CV diz deste trabalho: {list}.", "O meu CV menciona aí: {list}."),
        marks="«{line}»",
        language="Falo {list}.",
        level=" (nível {level})",
        native=" (língua materna)",
        study="A minha formação: {degree}{area} ({school}{year}).",
        studying="Estudo atualmente: {degree}{area} ({school}).",
        in_area=" em {area}",
        certificate="Certificações e inscrições: {list}.",
        closing=_tones(
            "Terei gosto em falar deste trabalho numa entrevista.",
            "Seria um prazer conversar convosco numa entrevista.",
            "Fico à disposição para uma entrevista.",
        ),
        closing_at='Terei gosto em falar do meu trabalho {at} numa entrevista, e gostaria de saber mais sobre a vaga.',
        greeting=_tones("Com os melhores cumprimentos,", "Com cordiais cumprimentos,", "Com os melhores cumprimentos,"),
        joint="e",
        languages=_languages("inglês alemão francês espanhol italiano português neerlandês polaco russo árabe turco chinês ucraniano checo"),
        emails={
            EmailKind.APPLICATION: EmailWording("Candidatura: {title}, {name}", "Apresento a minha candidatura para {role}; envio em anexo o currículo e a carta.", "Respondo com gosto às vossas perguntas."),
            EmailKind.FOLLOW_UP: EmailWording("A minha candidatura: {title}, {name}", "Enviei a minha candidatura para {role} e gostaria de saber em que ponto está.", "Se faltar algum documento, envio-o com gosto."),
            EmailKind.THANK_YOU: EmailWording("Agradecimento pela entrevista: {title}, {name}", "Agradeço a entrevista sobre {role}.", "Respondo com gosto a outras perguntas."),
            EmailKind.REFERRAL: EmailWording("Uma pergunta sobre {title}, {name}", "Candidato-me para {role} e gostaria de pedir uma recomendação.", "Se devo escrever a alguém em particular, agradeço o nome; envio o currículo em anexo."),
        },
    ),
    "nl": LetterWording(
        salutation="Geachte heer, mevrouw,",
        salutation_to="Geachte {name},",
        salutation_forms=((r"(?:[Mm]evrouw|[Mm](?:w|evr)\.?)", "Geachte mevrouw {Surname},"), (r"(?:[Dd]e )?[Hh]eer|[Dd]hr\.?", "Geachte heer {Surname},")),
        role="de functie “{title}”",
        role_at="de functie “{title}” {at}",
        untitled="de functie die u aanbiedt",
        opening=_tones(
            "Hierbij solliciteer ik naar {role}.",
            "Met plezier solliciteer ik naar {role}.",
            "Ik solliciteer naar {role}.",
        ),
        careers=Careers(
            "Sinds {start} werk ik als {title} {at}{tools}.",
            "Van {start} tot {end} werkte ik als {title} {at}{tools}.",
            "In {start} werkte ik als {title} {at}{tools}.",
            "Ik werkte als {title} {at}{tools}.",
        ),
        with_tools=", onder andere met {list}",
        leads=('Uw vacature noemt onder andere: {quote}.', 'U noemt ook: {quote}.'),
        tasks=("Mijn werk daar omvat {list}.", "Ook omvat het {list}.", "Daarbij komt {list}."),
        tasks_past=("Mijn werk daar omvatte {list}.", "Ook omvatte het {list}.", "Daarbij kwam {list}."),
        own=(
            (r"^(geef|coach(?! van)|train(?! van)|bewaak|rapporteer|verleen|behandel|repareer|installeer|monteer|programmeer|analyseer|beantwoord|verwerk|maak|schrijf|leid|begeleid|verzorg|ondersteun|ontwikkel|adviseer|organiseer|coördineer|controleer|bedien|stuur|help|neem|voer|stel|houd)\b(?= )", r"\1 ik"),
            (r"^(?=.* (?:\w*ge\w{2,}(?:d|t|en)|(?:ver|be|ont|her|over)\w{2,}(?:d|t|en))(?: volgens [\w ]+)?$)", "heb ik "),
            (r"^(?=.* (?!geld|gebied|gewicht|gerecht|beleid|bericht|besluit|bestand|verband|bezoek)(?:(?:(?:op|aan|af|in|uit|mee|samen|voor|door|om|bij|toe)?ge\w{2,}|be\w{2,}|ver\w{2,}|ont\w{2,})(?:d|t)|gegeven|gehouden|geschreven|genomen|gesproken|onderhouden) (?:aan|bij|met|in|voor|op|van|naar|door|over|uit)\b)", "heb ik "),
        ),
        told=("Daar {line}.", "Ook {line}.", "Verder {line}."),
        role_words=r"(?:mentor|lid|voorzitter|contactpersoon|aanspreekpunt|verantwoordelijk) ",
        as_role="Ik ben er {line}.",
        as_role_past="Ik was er {line}.",
        skills=("Ook {list} uit uw vacature hoort bij mijn vaardigheden.", "Ook {list} uit uw vacature horen bij mijn vaardigheden."),
        further="Mijn cv noemt verder {list}.",
        quoted=("Mijn cv zegt over dit werk: {list}.", "Mijn cv noemt daar: {list}."),
        marks="“{line}”",
        language="Ik spreek {list}.",
        level=" (niveau {level})",
        native=" (moedertaal)",
        study="Mijn opleiding: {degree}{area} ({school}{year}).",
        studying="Ik studeer nu: {degree}{area} ({school}).",
        in_area=" in {area}",
        certificate="Mijn certificaten en bevoegdheden: {list}.",
        closing=_tones(
            "In een gesprek vertel ik u graag meer over dit werk.",
            "Ik kijk uit naar een gesprek met u.",
            "Ik licht dit graag toe in een gesprek.",
        ),
        closing_at='In een gesprek vertel ik u graag meer over mijn werk {at}, en ik hoor graag meer over de functie.',
        greeting=_tones("Met vriendelijke groet,", "Met hartelijke groet,", "Met vriendelijke groet,"),
        joint="en",
        languages=_languages("Engels Duits Frans Spaans Italiaans Portugees Nederlands Pools Russisch Arabisch Turks Chinees Oekraïens Tsjechisch"),
        emails={
            EmailKind.APPLICATION: EmailWording("Sollicitatie: {title}, {name}", "Ik solliciteer naar {role}; mijn cv en brief vindt u in de bijlage.", "Uw vragen beantwoord ik graag."),
            EmailKind.FOLLOW_UP: EmailWording("Mijn sollicitatie: {title}, {name}", "Ik heb gesolliciteerd naar {role} en zou graag horen hoe het ermee staat.", "Als er iets ontbreekt, stuur ik het graag."),
            EmailKind.THANK_YOU: EmailWording("Dank voor het gesprek: {title}, {name}", "Dank u voor het gesprek over {role}.", "Verdere vragen beantwoord ik graag."),
            EmailKind.REFERRAL: EmailWording("Een vraag over {title}, {name}", "Ik solliciteer naar {role} en wil om een aanbeveling vragen.", "Als ik beter iemand anders kan schrijven, hoor ik graag de naam; mijn cv vindt u in de bijlage."),
        },
    ),
    "pl": LetterWording(
        salutation="Szanowni Państwo,",
        salutation_to="Dzień dobry, {name},",
        salutation_forms=((r"Pani", "Szanowna Pani,"), (r"Pan", "Szanowny Panie,")),
        role="stanowisko „{title}”",
        role_at="stanowisko „{title}” {at}",
        untitled="oferowane stanowisko",
        opening=_tones(
            "Aplikuję na {role}.",
            "Z przyjemnością aplikuję na {role}.",
            "Aplikuję na {role}.",
        ),
        careers=Careers(
            "Od {start} roku pracuję {at} jako {title}{tools}.",
            "Lata {start}–{end} to moja praca {at} jako {title}{tools}.",
            "Rok {start} to moja praca {at} jako {title}{tools}.",
            "Praca {at} jako {title}{tools}.",
        ),
        with_tools=", między innymi {list}",
        leads=('W ogłoszeniu wymieniają Państwo między innymi: {quote}.', 'Wymieniają Państwo także: {quote}.'),
        tasks=("Do moich zadań należy tam {list}.", "Należy do nich także {list}.", "Dochodzi do tego {list}."),
        tasks_past=("Do moich zadań należało tam {list}.", "Należało do nich także {list}.", "Dochodziło do tego {list}."),
        own=((r"^(\w+ł[ae]m|\w{3,}ę)\b", r"\1"),),
        told=("Tam {line}.", "Ponadto {line}.", "Poza tym {line}."),
        role_words=r"odpowiedzialn[ay] ",
        as_role="Jestem tam {line}.",
        as_role_past="Praca ta: {line}.",
        skills=("Wśród moich umiejętności jest także {list} z Państwa ogłoszenia.", "Wśród moich umiejętności są także {list} z Państwa ogłoszenia."),
        further="W moim CV są też {list}.",
        quoted=("Moje CV mówi o tej pracy: {list}.", "Moje CV wymienia tam: {list}."),
        marks="„{line}”",
        language="Znam {list}.",
        level=" (poziom {level})",
        native=" (język ojczysty)",
        study="Moje wykształcenie: {degree}{area} ({school}{year}).",
        studying="Obecnie studiuję: {degree}{area} ({school}).",
        in_area=", {area}",
        certificate="Moje uprawnienia i certyfikaty: {list}.",
        closing=_tones(
            "Chętnie opowiem o tej pracy podczas rozmowy.",
            "Z przyjemnością porozmawiam z Państwem o tej pracy.",
            "Chętnie porozmawiam o szczegółach.",
        ),
        closing_at='Chętnie opowiem podczas rozmowy o mojej pracy {at} i dowiem się więcej o stanowisku.',
        greeting=_tones("Z poważaniem,", "Z serdecznym pozdrowieniem,", "Z poważaniem,"),
        joint="i",
        languages=_languages("angielski niemiecki francuski hiszpański włoski portugalski niderlandzki polski rosyjski arabski turecki chiński ukraiński czeski"),
        careers_of=tuple(
            (
                words,
                Careers(
                    "Od {start} roku pracuję {at} jako {title}{tools}.",
                    f"W latach {{start}}–{{end}} {worked} {{at}} jako {{title}}{{tools}}.",
                    f"W {{start}} roku {worked} {{at}} jako {{title}}{{tools}}.",
                    f"Wcześniej {worked} {{at}} jako {{title}}{{tools}}.",
                ),
            )
            for words, worked in (
                (r"^\w{2,}łam\b|\b(?:specjalistka|asystentka|nauczycielka|kierowniczka|pielęgniarka|księgowa|koordynatorka|analityczka|projektantka|recepcjonistka|kucharka|sprzedawczyni)\b", "pracowałam"),
                (r"^\w{2,}łem\b", "pracowałem"),
            )
        ),
        nouns_in_sentences=r"\w+(?:[nc]ie|cja|sja|ość|ca|ka|ga|wa|ola|ór|aż|nt|rt|el)\b",
        emails={
            EmailKind.APPLICATION: EmailWording("Aplikacja: {title}, {name}", "Aplikuję na {role}; w załączniku przesyłam CV i list motywacyjny.", "Chętnie odpowiem na Państwa pytania."),
            EmailKind.FOLLOW_UP: EmailWording("Moja aplikacja: {title}, {name}", "Aplikuję na {role} i proszę o informację o stanie rekrutacji.", "Jeśli brakuje dokumentów, chętnie je prześlę."),
            EmailKind.THANK_YOU: EmailWording("Dziękuję za rozmowę: {title}, {name}", "Dziękuję za rozmowę o ofercie: {role}.", "Chętnie odpowiem na dalsze pytania."),
            EmailKind.REFERRAL: EmailWording("Pytanie o ofertę: {title}, {name}", "Aplikuję na {role} i proszę o polecenie.", "Jeśli lepiej napisać do innej osoby, proszę o jej nazwisko; CV przesyłam w załączniku."),
        },
    ),
}  # fmt: skip
