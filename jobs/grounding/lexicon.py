"""Word lists of the gate, English and German.

`NEUTRAL` holds words that frame a statement without stating anything about the applicant; every other word of a claim must come
from its evidence. The list is kept short on purpose: a word that praises is never neutral.
"""

_FUNCTION_EN = """
a an the and or but nor so yet if then than as at by for from in into of off on onto out over per through throughout to toward
towards up upon via with within i me my mine myself we us our ours you your yours he him his she her they them their it its this
that these those who whom whose which what when where why how here there be am is are was were been being have has had having do
does did doing will would can could should may might must shall also too just even still already again while whilst during since
until before after between among across about around both either each any some such other another more same not no never none
without neither i'm i've i'd i'll it's that's didn't don't wasn't isn't hadn't haven't can't couldn't eg ie etc e.g i.e
"""
_FUNCTION_DE = """
der die das den dem des ein eine einen einem einer eines und oder aber denn sondern wenn dann als wie am im um zum zur beim vom an
auf aus bei bis durch für gegen in mit nach ohne seit über unter von vor zu zwischen während ich mich mir mein meine meinen meinem
meiner meines wir uns unser unsere unseren unserer sie ihnen ihr ihre ihren ihrem ihrer ihres er es sich dieser diese dieses
diesem diesen jener wer was wann wo warum welche welcher welches welchen welchem dass ob weil da damit sowie sowohl auch noch schon
bereits nur hier dort dabei dafür davon daran darauf daraus darin darum hierfür hierzu hierbei ist bin sind war waren wäre sein
habe hat haben hatte hatten hätte werde wird werden wurde wurden würde kann können konnte könnte soll sollte muss müssen darf nicht
kein keine keinen keinem keiner so sehr je pro via etwa bzw z.b usw u.a man mehr weitere andere anderen gleiche
"""
_FRAME_EN = """
apply applies applied applying application applicant role position job post posting advertisement advert ad vacancy opening
opportunity company organisation organization employer letter cv resume résumé attached enclosed attach discuss talk conversation
call meet meeting hear tell show explain detail details glad gladly happy pleased welcome look looks looking forward thank thanks
thankful time consideration reading read interested interest ask asks asked asking seek seeks seeking need needs needed want wants
require requires required requirement requirements mention mentions mentioned list lists listed describe describes described name
names named say says write writing wrote work works worked working experience background skill skills knowledge today now currently previously earlier recently bring brings bringing include includes included including
where match matches fit fits relevant directly closely part parts point points example person people way thing things task tasks use used
uses using see seen find finds found speak speaks know knows known learn hold holds held join joining step next soon word words follow
following dear sincerely regards yours faithfully kind best sir madam ms mr mrs dr question
questions answer answers answering reach available availability interview chance possible please further send sent sending
come comes came comes make makes take takes made took give gives given let get most there's speaks stands stand second one main line lines hearing talking showing discussing meeting close current consider considering considered expect expects expected very
page level evidence exactly precisely roughly approximately circa nearly almost within together likewise moreover familiar besides additionally addition furthermore well there therefore thus thereby then afterwards later different respective such kind kinds type types form forms whose according based regarding
concerning related various whenever wherever previous prior period phase
"""
_FRAME_DE = """
bewerbe bewerben bewerbung beworben stelle position anzeige ausschreibung ausgeschrieben ausgeschriebene ausgeschriebenen stellenanzeige aufgabe aufgaben
anforderung anforderungen unternehmen arbeitgeber schreiben anschreiben lebenslauf unterlagen anlage anbei gespräch gespräche sprechen
gern gerne freue freuen freut vorstellen zeigen erklären erläutern erzählen berichten hören dank danke zeit interesse interessiert suchen sucht gesucht
suche brauchen braucht erwarten erwartet nennen nennt genannt genannte genannten beschreiben beschreibt verlangen verlangt fragen frage passt
passen passend bringe bringen mitbringe mitbringen erfahrung erfahrungen kenntnisse kenntnis fähigkeiten heute derzeit aktuell aktuellen zuvor davor früher zuletzt gehört gehörte gehörten gehören arbeite arbeitete arbeiten
gearbeitet tätig tätigkeit dazu beispiel punkt punkte teil person weg sache sachen nutze nutzte nutzen genutzt verwendet setze eingesetzt finde
finden spreche spricht kenne kennt halte frau herr dame damen herren geehrte geehrter sehr guten hallo liebe lieber freundlichen
freundliche grüße grüßen viele personalabteilung nächste nächsten bald genau direkt ebenso außerdem zudem darüber hinaus möchte möchten
einzelheiten detail details antwort antworten verfügung melden meldung einladung habe steht stehen weise wort worten zeile niveau stufe arbeit höre vielen berichte berichten anderem anderer dies finden bitten bitte außer ebenfalls zusammen kümmere kümmerte kümmern gekümmert besitze besitzen verfüge verfügen vertraut
"""
# Words of telling, time, place and degree: with them no deed, result, amount, person or thing is claimed.
_PLAIN_EN = """
although though whereas despite besides unlike once ago meanwhile initially originally eventually finally firstly secondly thirdly lastly formerly
presently nowadays beforehand below end ending beginning beginnings outset along alongside amid against versus vs compared
comparison apart aside opposite onward onwards ever anyway rather quite fairly really actually basically essentially mainly mostly chiefly primarily
generally usually normally typically commonly ordinarily side sides aspect aspects sector sectors domain setting settings context world profession
occupation career careers life means meant meaning lets letting gotten go goes went gone going become becomes became becoming
remain remains remained remaining stay stays stayed staying able formal formally hands-on practical practically everyday usual ordinary normal overall
actual jobs roles positions posts titles workplace workplaces places term terms sense persons somebody someone others oneself itself themselves
likewise hence whereby thereafter hereby let's moreover notably particularly especially specifically mind order less fewer
estimated approx combined combine combining respectively alike both plus minus equal equals count counts sort sorts involving consist consists
consisted consisting comprising contain contains contained belong belongs belonged fall lie lies lay sit sits exist exists existed happen happens happened
occur occurs occurred concern concerns concerned relate relates related relating refer refers mean call called known learned learnt learning
familiarity acquainted used accustomed comfortable regard regards respect bit lot lots couple few shape
background basis thanks owing due alongside hand hands amount amounts amounted thing myself
responsible-for occasion occasions instance ways moment moments stretch spell stint while awhile year-round altogether
several brought something anything someone everyday employers toolkit previously still yet since ranging range ranges ranged spanning span spans spanned stretching until till whichever whoever
"""
_PLAIN_DE = """
allerdings genutzt genutzte genutzten genutzter jedoch hingegen obwohl obgleich trotz trotzdem neben nebenbei gerade zurzeit momentan jetzig jetzige jetzigen jetziger jetzt zunächst anfangs schließlich später
anschließend danach daraufhin inzwischen mittlerweile seither seitdem bisher bislang künftig demnächst ursprünglich insgesamt gemacht machen mache machte
macht liegt liegen lag lagen liege blieb bleibe bleiben bleibt geblieben werden worden kam komme kommen kommt gekommen ging gehe geht gehen gegangen stand
standen gestanden fand statt stattfand stattfindet fällt fallen fiel umfasst umfassen umfasste umfassten beinhaltet beinhaltete beinhalten zählen zählt
zählte zählten besteht bestehen kennengelernt kennenlernen lernte lerne lernen beherrsche beherrschen beherrscht auskenne kennen kannte gekannt
selbst selber lang lange weiterhin erst einmal mal ab jeweils etwa ungefähr gut knapp rund circa zirka mindestens höchstens wenigstens weniger hauptsächlich
vorwiegend überwiegend meist meistens üblicherweise normalerweise allgemein grundsätzlich bereich bereiche bereichen gebiet gebiete umfeld rahmen thema themen
branche beruf berufe berufs berufsleben laufbahn werdegang schritt schritte station stationen zeitraum zeitpunkt anfang ende beginn seite art arten form
formen höhe umfang volumen anteil zahl anzahl menge klasse kenntnissen erfahrung fähigkeit aufgabenbereich aufgabengebiet tätigkeiten tätigkeitsbereich
beschäftigt beschäftigung angestellt job jobs posten rolle damals heutige heutigen heutiger damalige damaligen ehemals vorher nachher dort drin dran
daneben danach dadurch dazu wobei wodurch womit worin woran indem sodass sobald solange sofern falls zumal bevor ehe nachdem entlang gegenüber inklusive
einschließlich samt mitsamt laut gemäß bezüglich hinsichtlich betreffend bzgl sowohl sei seien seid wollte wollen will soll sollen mag mochte lässt ließ lassen
gelassen gibt gab geben gegeben hält hielt nimmt nahm bringt brachte weiß wusste wissen sieht sah sehen gesehen lief läuft laufen etliche einige einiger einigen
manche mancher solche jeglicher eigen eigene eigenen eigener eigenem übrigens nämlich eben eigentlich ungefähr sonst außerhalb innerhalb oben unten links rechts
titel personen leute menschen jemand weitere weiteren weiterer lediglich ausschließlich insbesondere besonders hierunter darunter dessen deren
welchen wofür worüber darüber hinweg aktuelle aktueller bisherige bisherigen bisheriger verschiedener verschiedenen verschiedene grundlagen rahmens
"""
_MONTHS = """
january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct
nov dec januar februar märz mai juni juli oktober dezember okt dez mär
"""
_NUMBER_WORDS = "zero two three four five six seven eight nine ten eleven twelve dozen"


def _words(*lists: str) -> frozenset[str]:
    return frozenset(word for text in lists for word in text.split())


NEUTRAL = _words(_FUNCTION_EN, _FUNCTION_DE, _FRAME_EN, _FRAME_DE, _PLAIN_EN, _PLAIN_DE, _MONTHS, _NUMBER_WORDS)
GERMAN_MARKERS = _words(_FUNCTION_DE) - _words(_FUNCTION_EN) - {"die", "man", "war", "pro", "so", "je"}
FIRST_PERSON = _words(
    "i me my mine myself i'm i've i'd i'll we us our ours ich mich mir mein meine meinen meinem meiner meines wir unser unsere unseren"
)
SECOND_PERSON = _words("you your yours sie ihnen ihr ihre ihren ihrem ihrer ihres")
POSTING_SUBJECTS = _words(
    "role position job post posting advertisement ad vacancy opening stelle anzeige ausschreibung position"
)
ANAPHORS = _words(
    "which that this these those it such both all same exactly das dies diese dieses dieser diesen solche beides alles genau dazu dafür damit"
)
NEGATIONS = _words(
    "not no never none without neither nor cannot didn't don't wasn't isn't haven't hadn't can't couldn't nicht kein keine keinen keinem keiner ohne nie niemals"
)
ABSOLUTES = _words(
    """
    best first only every all always never unique unparalleled unmatched unrivalled leading top world-class expert experts expertise master
    exceptional outstanding excellent extraordinary exemplary superb perfect flawless ideal guru ninja award-winning award honours honors distinction laude first-class
    experienced skilled seasoned accomplished versatile talented gifted dedicated committed motivated dynamic driven veteran skilful skillful
    company-wide industry-leading cutting-edge state-of-the-art groundbreaking pioneering pioneer visionary renowned highly extremely
    extensive deep profound proven vast comprehensive solid strong passionate passion lifelong dream significantly dramatically
    drastically entirely fully completely single-handedly sole solely largest biggest fastest highest most
    beste bester bestes besten erste erster ersten einzige einziger immer alle jeder jede führend führende führender führenden experte expertin
    hervorragend hervorragende ausgezeichnet ausgezeichnete einzigartig einzigartige umfassend umfassende fundiert fundierte tiefgreifend
    nachweislich leidenschaft leidenschaftlich perfekt ideal signifikant erheblich deutlich vollständig größte größten schnellste
    preisgekrönt weltklasse unternehmensweit
    """
)
SENIORITY = _words(
    """
    senior junior lead principal staff head chief director manager vp president vice-president ceo cto cfo coo cio founder co-founder
    partner supervisor executive intern trainee assistant associate leiter leiterin geschäftsführer geschäftsführerin abteilungsleiter
    teamleiter teamleiterin vorstand praktikant praktikantin werkstudent werkstudentin assistent assistentin gründer gründerin bereichsleiter
    """
)

# Last parts of German compounds that say no more than the first.
EMPTY_TAILS = _words(
    """
    arbeit arbeiten bereich bereiche wesen verfahren tätigkeit tätigkeiten aufgaben aufgabe maßnahmen kenntnisse kenntnissen erfahrung erfahrungen prozess
    prozesse prozessen betrieb betriebe system systeme themen fragen fälle fällen arten stelle stellen vorgang vorgänge zeiten zeit tag tage
    """
)
# Verbs that tell only that one was at work on what is named beside them.
VERBS_OF_WORK = _words(
    """
    answer arrange attend bring carry check clean collect complete conduct continue cook cope cover deal deliver discuss do draft draw drive enter examine
    execute fill finish follow gain get give go handle have hold issue join keep learn look maintain make meet mind monitor move obtain offer operate
    pack pass pay perform pick play post prepare present process produce provide put read receive record report return send
    serve share show sit sort staff start stay supply take talk teach tend test track travel treat turn type undertake update use visit wait wash
    work write tackle juggle field man rotate alternate
    """
)
# Verbs that say only that the work named behind them was done.
LIGHT_VERBS = _words(
    """
    perform conduct execute undertake handle do complete provide give offer take submit attend care place make run see manage hold have deliver cover look
    work use get receive reach achieve attain average total stand erledigt übernommen übernehmen vorgenommen durchführung durchgeführt durchführen führte
    ausgeführt geleistet getätigt wahrgenommen besorgt abgewickelt erreicht erzielt erledigung bearbeitung
    """
)
# Those of them that go with any work.
GENERAL_VERBS = _words(
    """
    handle deal work look see cover cope tackle do mind tend
    """
)
# What is made by writing, drawing, building or compiling.
MADE = _words(
    """
    concept proposal guide handbook manual library poster tool guideline sheet form brochure script report dashboard account statement text article copy document documentation letter plan schedule forecast analysis model prototype macro
    template list chart summary return budget presentation deck slide drawing page website post newsletter menu recipe lesson worksheet protocol minute
    record bericht abschluss analyse liste dokumentation vorlage präsentation auswertung statistik protokoll skript tabelle prognose kalkulation angebot
    rechnung übersicht zeichnung modell konzept unterlage close
    """
)
# Verbs that say no more than that something of the kind was made.
MAKING = _words(
    """
    write wrote written writing create created creating develop developed developing build built building deliver delivered delivering design designed
    designing erstellt erstellte erstelle erstellung erstellen verfasst geschrieben entwickelt entwickelte aufgebaut gestaltet entwickelung entwicklung
    """
)

# How often something is done; nothing else says the same, `six weeks` neither.
FREQUENCIES: dict[str, frozenset[str]] = {
    "hourly": frozenset(["hourly"]),
    "daily": frozenset(["daily"]),
    "weekly": frozenset(["weekly"]),
    "monthly": frozenset(["monthly"]),
    "quarterly": frozenset(["quarterly"]),
    "yearly": frozenset(["yearly", "annual", "annually"]),
    "annual": frozenset(["yearly", "annual", "annually"]),
    "annually": frozenset(["yearly", "annual", "annually"]),
}

# Kinds of degree, low to high; ISCED 2011 levels 5 to 8 in plain words.
DEGREES: dict[str, int] = {}
for _level, _names in enumerate(
    (
        "associate diploma ausbildung apprenticeship",
        "bachelor bachelors bsc ba beng bba b.sc b.a b.eng undergraduate",
        "master masters msc ma meng mba m.sc m.a m.eng diplom magister postgraduate",
        "phd doctorate doctoral dphil ph.d promotion promoviert doktor",
    ),
    start=1,
):
    DEGREES.update(dict.fromkeys(_names.split(), _level))

# Words for command of a language, ordered as the CEFR orders them.
FLUENCY: dict[str, int] = {
    "basic": 1, "beginner": 1, "elementary": 1, "a1": 1, "grundkenntnisse": 1, "a2": 2, "conversational": 3, "intermediate": 3,
    "b1": 3, "working": 3, "b2": 4, "gut": 4, "good": 4, "proficient": 5, "proficiency": 5, "advanced": 5, "professional": 5, "c1": 5, "verhandlungssicher": 5,
    "fluent": 5, "fluently": 5, "fließend": 5, "fliessend": 5, "c2": 6, "bilingual": 6, "zweisprachig": 6, "native": 7, "natively": 7, "muttersprache": 7, "muttersprachler": 7,
    "mother": 7, "muttersprachlich": 7, "maternelle": 7, "couramment": 5, "courant": 5, "nativo": 7, "nativa": 7, "materna": 7, "madrelingua": 7, "fluente": 5, "moedertaal": 7, "vloeiend": 5,
    "ojczysty": 7, "biegły": 5, "biegle": 5, "básico": 1, "basico": 1, "base": 1, "scolaire": 2, "basis": 1, "podstawowy": 1,
}  # fmt: skip
LANGUAGES = _words(
    """
    english german french spanish italian portuguese dutch polish russian ukrainian czech slovak hungarian romanian bulgarian greek
    turkish arabic hebrew hindi chinese mandarin japanese korean swedish norwegian danish finnish englisch deutsch französisch spanisch italienisch
    portugiesisch niederländisch polnisch russisch ukrainisch tschechisch slowakisch ungarisch rumänisch bulgarisch griechisch
    türkisch arabisch hebräisch chinesisch japanisch koreanisch schwedisch norwegisch dänisch finnisch
    """
)
ABBREVIATIONS = _words(
    "e.g i.e etc vs mr mrs ms dr prof st no inc ltd co corp jr sr approx dept univ b.sc m.sc z.b u.a bzw ca usw nr d.h inkl ggf tel str"
)

# Words for which no synonym will do.
STRICT = (ABSOLUTES | SENIORITY | LANGUAGES | frozenset(DEGREES)) - {"staff"}
