"""Phrases of several words, put into one, so that the gate's lists need to know single words only.

`plain` is applied to claims and to the lines of a CV alike. A phrase that states nothing about an applicant becomes nothing.
"""

import re
from collections.abc import Callable
from functools import lru_cache

# What is said in several words, and the one word that says the same.
_PHRASES: tuple[tuple[str, str], ...] = (
    (r"(?P<number>\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?P<what>(?: [\w'’-]+){0,3}) at (?P<end>most|least)", r"at \g<end> \g<number>\g<what>"),
    (r"(?:are|were|is|was) all (?:things|skills|areas|topics|part|parts|tools)", "are things"),
    (r"(?:began|begun|begins?|beginning|started|starts?|starting)(?: out| off)?(?= (?:in|at|with|on|there|here)\b)", ""),
    (r"(?:moved|switched|returned|came back|went back|changed)(?: on| over| up| across)?(?: there)? (?P<way>from|to|into|as)(?= )", r"\g<way>"),
    (r"returned there", "there"),
    (r"(?:that|which|and) lasted|lasting|(?:which|that) ran for", "of"),
    (r"in (?P<year>(?:19|20)\d\d) alone", r"in \g<year>"),
    (r"(?P<count>\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty) members of", r"\g<count> people of"),
    (r"(?:brought|brings?|bringing) me (?:in|into) contact with|(?:came|come|coming|got|been) (?:in|into) (?:close |regular )?contact with", "with"),
    (r"my (?:toolkit|tool kit|toolbox|repertoire)", "my skills"),
    (r"(?:gave|give|giving|given|lent|lending|lend) (?P<whom>(?:[\w'’-]+ ){1,5}?)an? hand(?: (?:with|in))?", r"helped \g<whom>with"),
    (r"(?:(?:has|have|had) )?led to|leading to|resulted in|resulting in", "brought about"),
    (r"rather than|instead of", "not"),
    (r"hons\.?", "honours"),
    (r"(?:served|serving|did|completed|completing) (?P<whose>my|an|the) (?P<what>apprenticeship|traineeship|internship|placement)", r"did \g<whose> \g<what>"),
    (r"(?:accounts?|accounted|accounting) for|(?:generates?|makes? up|represents?)(?= (?:just |almost |nearly |about |around |roughly |over |under )*\d+ ?%)", "is"),
    (r"under the (?P<by>guidance|supervision|direction|mentorship|eye) of", r"with \g<by> from"),
    (r"(?:something|one thing|what) i (?:do|did|have done)(?= (?:every|each|per|daily|weekly|monthly|at|for|in)\b)", "done"),
    (r"in charge of(?= (?:the )?\w+(?:ing|tion|sis)\b)", "responsible for"),
    (r"(?:below|under|younger than) the age of", "under"),
    (r"(?:above|over|older than) the age of", "over"),
    (r"(?:all )?(?:by myself|on my own(?: initiative| account)?|all alone|unaided|unassisted|without (?:any )?(?:outside |other |further )?(?:help|assistance|support)(?: from \w+)?|as (?:a |the )?one-(?:man|woman|person) (?:band|team|show))", "single-handedly"),
    (r"(?:im alleingang|auf eigene faust|ohne (?:fremde |jede |jegliche )?(?:hilfe|unterstützung))", "allein"),
    (r"(?:is|are|was|were|has|have|had)? ?(?:still |yet )to be(?= \w+ed\b)", "not yet"),
    (r"(?:every|each|per) (?P<span>(?:season|term|semester|spring|summer|autumn|fall|winter|morning|afternoon|evening|night|weekend|session)s?)", r"per \g<span>"),
    (r"(?:built|made|developed|created|produced|wrote|written|designed) (?:an? |the )?(?:\w+ )?prototypes?(?: of| for)?", "prototyped"),
    (r"(?:ran|run|runs|running)(?= (?:the|an?|our|its|my|their|this|whole|entire)(?: [\w-]+){0,2} (?:warehouse|restaurant|hotel|store|shop|depot|plant|factory|kitchen|ward|branch|office|department|business|company|firm|team|operation|operations|site|unit|division|school|practice)s?\b)", "managed"),
    (r"(?:one|1) of (?:a )?(?:(?:team|group|gang|crew|squad) of (?P<size>two|three|four|five|six|seven|eight|nine|ten|\d+))", "team of \\g<size>"),
    (r"(?:(?:started|start|starting|began|beginning|begin|launched|kicked off) (?:out |off )?(?:my |his |her )?(?:career|working life|professional life)(?: out| off)?)", "worked"),
    (r"(?:earlier|early|later|further) in my career|over the course of my career|(?:throughout|during) my career|over the (?:past |last )?years|along the way|at the (?:time|moment)|in the end|at (?:first|last|present)|first of all|at the same time|so far|to this day|up to now|until now|all in all|in total|on the whole|in general|as it happens|in particular|on top of (?:that|this)|in between|back then|by now|for a while|for some time|once again|in turn|of course|for my part|on my part|on the side", "then"),
    (r"(?:made|make|makes|making) (?:up )?(?:my|the) (?:living|day)", "worked"),
    (r"(?:gave|gives|give|given|offered|giving) me (?:the |an? )?(?:chance|opportunity|room|occasion) to", "let me"),
    (r"(?:had|have|got|get) (?:the |an? )?(?:chance|opportunity|occasion|privilege|pleasure) (?:to|of)", ""),
    (r"(?:it was|it is|it's|was|is|were) (?:also |part of |one of |among )?(?:my|the) (?:job|task|tasks|duty|duties|role|work|job description|remit|brief|responsibilities) (?:to|there|then)?", "was"),
    (r"(?:fell|falls|falling|comes?|came|coming) (?:with)?(?:in|under|to) (?:my|the) (?:remit|area|desk|lot|duties|tasks)", "was"),
    (r"among (?:my|the) (?:skills?|strengths|tools|duties|tasks|qualifications|certificates|certifications|languages|responsibilities|jobs)(?: there)?", "my skills"),
    (r"(?:belong(?:s|ed)? to|count(?:s|ed)? among|is among|are among|is one of|was one of|were among|was among) (?:my|the) (?:skills?|strengths|tools|duties|tasks|qualifications|languages|jobs|responsibilities)", "was"),
    (r"(?:saw|seen|see|seeing) to it that", "ensured"),
    (r"(?:saw|see|seen|seeing) to(?= (?:the|an?|its|their|our|all)\b)", "handled"),
    (r"(?:attend(?:ed|ing|s)?|tended|tend|tending) to(?= (?:the|an?|its|their|our)\b)", "handled"),
    (r"(?:went|going|go) (?:about|through)(?= (?:the|my|our)\b)", "handled"),
    (r"(?:put|putting|puts) together", "prepared"),
    (r"(?:put|putting|puts) in(?= an? (?:bid|tender|offer|application|claim|request)\b)", "submitted"),
    (r"(?:put|putting|puts) up", "installed"),
    (r"(?:sat|sitting|sit) on (?=the|an?)", "member of "),
    (r"(?:brought|bring|bringing|got|get|getting|took|take|taking) (?P<what>(?:[\w-]+ ){1,5})down(?= (?:from|by|to)\b)", "reduced \\g<what>"),
    (r"(?:brought|bring|bringing|got|get|getting) down(?= (?:the|from|by|our|its)\b)", "reduced"),
    (r"(?:brought|bring|bringing|got|get|getting|took) (?P<thing>(?:[\w-]+ ){1,5})up(?= (?:from|by|to)\b)", "raised \\g<thing>"),
    (r"(?:saw|seen|see|seeing|watched|witnessed)(?= (?:the |our |its |this |a )?(?:[\w-]+ ){1,4}(?:go|come|fall|rise|grow|drop|fell|shrink|climb|down|up)\b)", ""),
    (r"(?:written|built|coded|developed|programmed|implemented)(?= in (?:[A-Z]|\w+script|python|java))", ""),
    (r"two times(?= (?:an?|per|each|every|daily|weekly))", "twice"),
    (r"worth(?= (?:up to|about|around|over|more than|roughly|approximately)? ?[£$€\d])", "of"),
    (r"(?:who|that|which) (?:have|had|has) (?:just|newly|recently) (?:qualified|joined|graduated|arrived)", "newly qualified"),
    (r"trained as(?= an?\b)", "worked as"),
    (r"all (?P<all>two|three|four|five|six|seven|eight|nine|ten|\d+)(?= \w)", r"\g<all>"),
    (r"not only", ""),
    (r"for the most part|most of the time|most recently|most lately", "mostly"),
    (r"first (?=(?:began|started|worked|joined|came|learned|learnt|trained|became|went|studied|served|spent)\b)(?P<did>\w+)", r"\g<did>"),
    (r"only (?P<where>in|on|for|as|at|with|internally|basic|a)(?= \w)", r"\g<where>"),
    (r"in der regel|zum (?:ersten|zweiten) mal|zu (?:zweit|dritt|viert)|in erster linie|unter anderem|im laufe der zeit|im rahmen (?:meiner|der|von)|im bereich|auf diese weise|nach wie vor|vor allem|zum teil|im anschluss|im alltag", "dabei"),
    (r"jede[nrms]? (?P<wann>montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|abend|morgen|saison|sommer|winter|frühling|herbst|schicht|semester|frühjahr)", r"pro \g<wann>"),
    (r"alle(?:n|r)? (?P<alle>zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|\d+)(?= [A-ZÄÖÜ]\w+)(?! (?:Tage|Wochen|Monate|Jahre|Stunden))", r"\g<alle>"),
    (r"(?:spent|spend|spending)(?= (?:(?:the|my|over|more|than|almost|about|around|nearly|some|just|roughly|well|at|least|up|to|an?|first|last|past|next|good|full|total|of|under) )*(?:(?:[\d.]+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|couple of|few) )?(?:full )?(?:years?|months?|weeks?|seasons?|summers?|time)\b)", "worked for"),
    (r"ahead of(?! (?:schedule|time|plan|target|competition|competitors|the deadline|deadline|budget|its time))", "before"),
    (r"reports? (?:directly )?to me", "managed"),
    (r"roll-?outs?", "introduction"),
    (r"(?:pass|passing|passed|hand|handing|share|sharing|shared) (?:on )?(?:what i know|my knowledge|my experience)", "training"),
    (r"(?:showed|show|showing|taught|teach) (?P<who>[\w' -]{2,40}?) how to (?:use|operate|work|handle|do|run)", "trained \\g<who> on"),
    (r"(?:recs)", "reconciliations"),
    (r"FY ?(?P<year>20\d\d)", r"fiscal year \g<year>"),
    (r"newly (?:built|constructed|opened|founded|created|established)", "new"),
    (r"(?:started|began|beginning|starting)(?: out| off| my career)? as", "worked as"),
    (r"(?:my )?(?:experience|background|work|tasks|duties|responsibilities) (?:covers?|covered|encompass\w*|comprises?|extends? to)", "experience in"),
    (r"check(?:ed|ing|s)?[- ]ins?(?= (?:up to|about|\d|guests|passengers|for|of|and))", "check-in"),
    (r"(?:turned|turning|turn)(?= (?:[\w'-]+ ){1,5}into\b)", "converted"),
    (r"(?:took|taking|take) on", "took"),
    (r"(?:(?<!the )(?<!a )pass|passed|passing|handed|handing) (?:on|over|along)(?= (?:the|an?|all|any|their|\w+s)\b)", "forwarded"),
    (r"(?:made|making|make) sure (?:that)?", "ensured"),
    (r"(?:cashed|cashing|cash) up", "balanced the till"),
    (r"(?:point|person) of contact|contact person", "contact"),
    (r"(?:gained|gathered|acquired|collected|built up|have) (?:\w+ )?(?:experience|knowledge|insights?)(?: (?:in|with|of|into))?", "experience in"),
    (r"(?:in charge of|at the helm of|in command of)", "headed"),
    (r"(?:took|taking|take|taken) (?:the )?(?:lead|leadership|charge|command|helm)(?: (?:of|on|in))?", "led"),
    (r"(?:took|taking|take|taken) (?:full |sole )?ownership(?: of)?", "owned"),
    (r"(?:took|taking|take|taken) (?:full |overall )?responsibility(?: for)?", "responsible"),
    (r"(?:took|taking|take|taken) part in", "participated in"),
    (r"(?:took|taking|take|taken) care of", "cared for"),
    (r"(?:took|taking|take|taken) over", "took"),
    (r"(?:played|playing|play) an? (?:\w+ )?(?:part|role) in", "contributed to"),
    (r"had an? (?:\w+ )?(?:hand|part|share) in", "contributed to"),
    (r"(?:lent|gave|lending|giving) (?:an? )?(?:hand|help|support)(?: (?:with|in|to))?", "helped"),
    (r"(?:pitched|pitching) in(?: (?:with|on))?", "helped"),
    (r"(?:was|were|been) (?:a )?(?:part|member) of (?:the|a) (?:\w+ )?team (?:that|which|who)", "supported the team that"),
    (r"(?:as (?:a )?)?member of (?:the|a) (?:\w+ )?team (?:that|which|who)", "supported the team that"),
    (r"(?:carried|carrying|carry|carries) out", "performed"),
    (r"(?:rolled|rolling|roll) out", "introduced"),
    (r"(?:brought|bringing|bring) in(?!\s+(?:\$|€|£|\d))", "introduced"),
    (r"(?:brought|bringing|bring) down", "reduced"),
    (r"(?:brought|bringing|took|taking)(?= (?:[\w'’-]+ ){1,5}down\b)", "reduced"),
    (r"(?:would|['’]d) (?:also |very much |really )?(?:like|love|be (?:\w+ )?(?:happy|glad|delighted|pleased|keen|thrilled|honou?red|grateful))(?= (?:to|if)\b)", "want"),
    (r"(?:am|['’]m) (?:very |really |particularly )?(?:keen|eager|excited|happy|glad|delighted|pleased|thrilled)(?= (?:to|about|by|that)\b)", "want"),
    (r"hop(?:e|ing)(?= to\b)", "want"),
    (r"(?:employee|colleague|worker|person|player|teacher|nurse|chef|manager|seller|salesperson|apprentice|driver|mitarbeiter(?:in)?) (?:of the|des) (?:year|month|quarter|season|jahres|monats)", "award-winning"),
    (r"as (?:many|much) as(?= ?[£$€]?\d)", "up to"),
    (r"(?:worth |costing |priced )?(?:at )?(?:less|fewer|lower) than(?= ?[£$€]?\d)", "under"),
    (r"in (?:close )?(?:cooperation|co-operation|collaboration|partnership|conjunction|coordination|tandem) with|side by side with|alongside", "with"),
    (r"(?:acted|acting|act|served|serving) as", "worked as"),
    (r"(?:newly|recently) (?:hired|recruited|appointed|employed)|incoming", "new"),
    (r"(?:looked|looking|look) into", "investigated"),
    (r"(?:was|were|am|been|got|being) (?:closely |directly |heavily )?involved in", "participated in"),
    (r"(?:filled|filling) (?:out|up)", "filled"),
    (r"(?:put|putting)(?= (?:in|up) )", "fitted"),
    (r"(?:mother tongue|first language)", "native"),
    (r"(?:qualified|graduated)(?= with an?\b)", "studied"),
    (r"in (?:my|his|her) (?:free|spare|leisure) time", "voluntarily"),
    (r"the (?:total |overall )?number of", "the"),
    (r"(?:-|–|—|to|until|till|bis) (?:present|now|heute)", "to date"),
    (r"(?:put|putting) (?:in place|into place|into operation)", "introduced"),
    (r"(?:drew|drawing|draw|drawn) up", "drafted"),
    (r"(?:set|setting) up", "set"),
    (r"(?:looked|looking|look) after", "cared for"),
    (r"(?:dealt|dealing|deal) with", "handled"),
    (r"(?:kept|keeping|keep) up", "maintained"),
    (r"(?:tried|trying|try) out", "tested"),
    (r"(?:called|calling) on", "visited"),
    (r"(?:made|making) use of", "used"),
    (r"(?:replied|responded|replying|responding) to", "answered"),
    (r"(?:got|getting) rid of", "removed"),
    (r"(?:worked|working) (?:together )?(?:closely )?(?:with|alongside)", "worked with"),
    (r"(?:by means of|with the (?:help|aid) of|by way of|making use of)", "with"),
    (r"(?:as well as|along with|in addition to|plus)", "and"),
    (r"in order to", "to"),
    (r"(?:cover(?:ed|ing|s)?|deputi[sz](?:ed|ing|es?)|stepp?(?:ed|ing)? in|fill(?:ed|ing)? in|st(?:ood|and|anding) in) for", "stood in for"),
    (r"(?:wrote|writing|written|write|produced|prepared) (?:the )?documentation (?:for|of|on)", "documented"),
    (r"minimum viable product", "MVP"),
    (r"proof of concept|proof-of-concept", "PoC"),
    (r"key performance indicators?|kpis", "KPI"),
    (r"standard operating procedures?|sops", "SOP"),
    (r"search engine optimi[sz]ation", "SEO"),
    (r"human resources", "HR"),
    (r"public relations", "PR"),
    (r"return on investment", "ROI"),
    (r"quality assurance", "QA"),
    (r"point of sale", "POS"),
    (r"(?:jointly|together) with", "with"),
    (r"zero (?=downtime|outages?|errors?|defects?)", "no "),
    (r"without (?=an? (?:outage|error|interruption|incident)|outages?|downtime|errors?|interruptions?)", "with no "),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )(?<!than )(?<!about )(?<!almost )(?<!nearly )(?<!under )(?<!least )(?<!half )(?<!after )(?<!spent )an?) day", "daily"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )(?<!than )(?<!about )(?<!almost )(?<!nearly )(?<!under )(?<!least )(?<!half )(?<!after )(?<!spent )an?) week", "weekly"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )(?<!than )(?<!about )(?<!almost )(?<!nearly )(?<!under )(?<!least )(?<!half )(?<!after )(?<!spent )an?) month", "monthly"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )(?<!than )(?<!about )(?<!almost )(?<!nearly )(?<!under )(?<!least )(?<!half )(?<!after )(?<!spent )an?) quarter(?! of)", "quarterly"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )(?<!than )(?<!about )(?<!almost )(?<!nearly )(?<!under )(?<!least )(?<!half )(?<!after )(?<!spent )an?) year(?! \d)|per annum|p\.a\.", "yearly"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )(?<!than )(?<!about )(?<!almost )(?<!nearly )(?<!under )(?<!least )(?<!half )(?<!after )(?<!spent )an?) hour", "hourly"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )(?<!than )(?<!about )(?<!almost )(?<!nearly )(?<!under )(?<!least )(?<!half )(?<!after )(?<!spent )a) shift", "shift"),
    (r"(?:jeden|am) tag", "täglich"),
    (r"(?:jede|in der|pro) woche", "wöchentlich"),
    (r"(?:jeden|im|pro) monat", "monatlich"),
    (r"(?:jedes|im|pro) jahr(?! (?:19|20))", "jährlich"),
    (r"(?:went|gone|goes|came|come) down", "fell"),
    (r"(?:went|gone|goes) up", "rose"),
    (r"staff members?", "staff"),
    (r"team members?", "colleagues"),
    (r"new (?:starters?|hires?|joiners?|employees|colleagues)", "newcomers"),
)  # fmt: skip
_BY_PHRASE = tuple((re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE), word) for pattern, word in _PHRASES)

_DEGREES: tuple[tuple[str, str], ...] = (
    (
        r"b\.s\.(?!c)|(?-i:\bBS\b)(?! \d)|b\.?\s?sc\.?(?!\w)|bachelor(?:'s|’s)?(?: degree)? (?:of|in) science",
        "bachelor of science",
    ),
    (r"m\.?\s?sc\.?(?!\w)|master(?:'s|’s)?(?: degree)? (?:of|in) science", "master of science"),
    (r"b\.a\.|(?-i:\bBA\b)", "bachelor of arts"),
    (r"m\.a\.|(?-i:\bMA\b)", "master of arts"),
    (r"b\.?eng\.?(?!\w)", "bachelor of engineering"),
    (r"m\.?eng\.?(?!\w)", "master of engineering"),
    (r"b\.b\.a\.|(?-i:\bBBA\b)", "bachelor of business administration"),
    (r"m\.s\.(?!c)", "master of science"),
    (r"(?-i:\bBEd\b)|b\.ed\.", "bachelor of education"),
    (r"(?-i:\bLLM\b)|ll\.m\.", "master of laws"),
    (r"(?-i:\bLLB\b)|ll\.b\.", "bachelor of laws"),
    (r"(?-i:\bMBA\b)", "master of business administration"),
    (r"ph\.?\s?d\.?(?!\w)|doctorate", "doctor of philosophy"),
)
_BY_DEGREE = tuple((re.compile(rf"(?<!\w)(?:{pattern})", re.IGNORECASE), word) for pattern, word in _DEGREES)

# Padding: it tells nothing that was not known.
_FILLERS = (
    r"on a (?:regular|routine) basis", r"(?:as|when|where|if) (?:required|needed|necessary)", r"(?:in|during|as part of) (?:my |the |our )?(?:day-to-day|everyday) (?:work|business|operations?|activities|duties)",
    r"as (?:a )?part of (?:the|my|this|that) (?:role|job|position|work|duties|post|tasks|employment|assignment)", r"as one of (?:the|my) (?:main |key |many )?(?:tasks|duties|responsibilities)",
    r"over the course of (?:the|my|this) (?:job|role|work|employment|assignment|time)", r"during (?:this|that|my|the) (?:time|period|employment|role|stay)(?: there)?", r"in (?:this|that|my|the) (?:position|role|job|capacity|post)",
    r"in close contact with (?:the|my) team", r"in everyday operations", r"day-to-day", r"from start to finish", r"among (?:other|others)(?: (?:things|tasks|duties))?", r"(?:and )?so on",
    r"in the process", r"in the course of (?:the|my|this) (?:work|job|role)", r"in (?:a|the|our|my) (?:work|working|team|office) (?:environment|setting|context)",
    r"(?:my|the) (?:main |daily |key |regular |core )?(?:tasks|duties|responsibilities|work|activities) (?:also )?(?:included|include|involved|involve|comprised|consisted of|covered|were|entailed)(?: (?:the )?following)?:?",
    r"(?:duties|tasks|responsibilities) (?:included|involved|comprised):?", r"among my (?:tasks|duties|responsibilities) (?:was|were)", r"(?:i|we) (?:was|were|am) (?:tasked|entrusted|charged) with", r"tasked with",
    r"successfully", r"actively", r"voluntarily", r"(?:was|am|were|been) (?:also )?(?:able|allowed) to", r"(?:i am|i was) able to", r"in practice", r"on site", r"next (?:week|month|steps?)", r"in the (?:coming|next) (?:days|weeks)", r"any (?:day|time)", r"this (?:week|month)",
    r"at (?:any|your earliest) (?:time|convenience)", r"where i work", r"(?<=\w )down(?= (?:from|by|to)\b)",
)  # fmt: skip
_FILLER = re.compile(rf"(?<![\w-])(?:{'|'.join(_FILLERS)})(?!\w)", re.IGNORECASE)


# "55 -> 40 minutes" says "from 55 to 40 minutes".
_ARROW = re.compile(r"(?P<first>[£$€]?\d[\d.,]*(?:\s?%|\s?[a-z]+)?)\s*(?:->|→|=>|⇒|-->)\s*(?=\S)", re.IGNORECASE)
_UNITS = tuple(
    (re.compile(rf"(?<=\d)\s?(?:{short})\b\.?(?!\w)"), f" {long}")
    for short, long in (("hrs?|h", "hours"), ("mins?", "minutes"), ("yrs?", "years"), ("wks?", "weeks"), ("secs?", "seconds"), ("Std", "Stunden"), ("Min", "Minuten"))
)  # fmt: skip
_HALVES = {"one": 1, "a": 1, "an": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ein": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6}  # fmt: skip
_AND_A_HALF = re.compile(
    r"\b(?:(?P<count>one|two|three|four|five|six|seven|eight|nine) and a half (?P<unit>years?|months?|weeks?|days?|hours?|times)|an? (?P<one>year|month|week|day|hour) and a half|"
    r"(?P<german>ein|zwei|drei|vier|fünf|sechs)einhalb|anderthalb)\b",
    re.IGNORECASE,
)
# "One week in four" is every four weeks; so is every fourth week.
_ONE_IN = re.compile(
    r"\b(?:one|1|a) (?P<unit>day|week|weekend|month|shift|night) in (?:every )?(?P<count>two|three|four|five|six|seven|eight|nine|ten|\d+)\b",
    re.IGNORECASE,
)
_ORDINALS = {"second": "two", "other": "two", "third": "three", "fourth": "four", "fifth": "five", "sixth": "six", "seventh": "seven", "eighth": "eight", "ninth": "nine", "tenth": "ten"}  # fmt: skip
_EVERY_NTH = re.compile(
    rf"\b(?:every|each) (?P<nth>{'|'.join(_ORDINALS)}) (?P<unit>day|week|weekend|month|year|shift|night)\b",
    re.IGNORECASE,
)
_ALTERNATE = re.compile(
    r"\b(?:on )?alternate (?P<unit>day|week|weekend|month|saturday|sunday|monday)s?\b", re.IGNORECASE
)
_RANKED = re.compile(
    r"\b(?P<verb>rank\w*|came|finish\w*|placed)(?: in)? (?P<nth>second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)(?: place)?\b",
    re.IGNORECASE,
)
_RANK_DIGITS = {"second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th"}  # fmt: skip
_GERMAN_ORDINAL = re.compile(r"\b(?P<nth>zweit|dritt|viert|fünft|sechst|siebt|neunt|zehnt)e[nrms]?\b", re.IGNORECASE)
_GERMAN_NTH = {"zweit": "2.", "dritt": "3.", "viert": "4.", "fünft": "5.", "sechst": "6.", "siebt": "7.", "neunt": "9.", "zehnt": "10."}  # fmt: skip
_DAYS = tuple(
    (re.compile(rf"\b{short}\b(?!\w)"), f"{long}s")
    for short, long in (("Mons?", "Monday"), ("Tues?", "Tuesday"), ("Weds?", "Wednesday"), ("Thu(?:rs?)?", "Thursday"), ("Fri", "Friday"), ("Sat", "Saturday"))
)  # fmt: skip
# A day of the week that returns is every week.
_WEEKDAY = re.compile(
    r"\b(?:(?:every|each) (?P<day>(?:mon|tues|wednes|thurs|fri|satur|sun)day))\b",
    re.IGNORECASE,
)
_BASIS = re.compile(
    r"\b(?:on|at) an? (daily|weekly|monthly|quarterly|yearly|annual) (?:basis|rhythm|intervals?)\b", re.IGNORECASE
)
# "Agencies such as schools" says no more than "schools"; a number before it counts, though.
_SUCH_AS = re.compile(
    r"(?<!\d )\b(?:(?:other|various|different|several) )?[a-z]{3,}s (?:such as|like|e\.g\.|for example|including) (?=\w)"
)
# "My experience ranges from this to that" names two things.
_RANGE = re.compile(
    r"\b(?:rang|span|extend|reach)(?:e|es|s|ed|ing|ning|ned) from (?=\D)([^,;.]+?) to (?=\D)", re.IGNORECASE
)


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Return a text with its phrases put into single words, and without padding."""
    said = _ARROW.sub(r"from \g<first> to ", text)
    for unit, name in _UNITS:
        said = unit.sub(name, said)
    for day, name in _DAYS:
        said = day.sub(name, said)
    said = _RANKED.sub(lambda match: f"{match['verb']} {_RANK_DIGITS[match['nth'].lower()]}", said)
    said = _GERMAN_ORDINAL.sub(lambda match: _GERMAN_NTH[match["nth"].lower()], said)
    said = _AND_A_HALF.sub(_half_more, said)
    said = _ONE_IN.sub(r"every \g<count> \g<unit>s", said)
    said = _EVERY_NTH.sub(lambda match: f"every {_ORDINALS[match['nth'].lower()]} {match['unit']}s", said)
    said = _ALTERNATE.sub(r"every two \g<unit>s", said)
    for pattern, word in (*_BY_DEGREE, *_BY_PHRASE):
        if pattern.search(said):
            said = pattern.sub(_in_case(word), said)
    said = _BASIS.sub(r"\1", _SUCH_AS.sub("", said))
    said = _RANGE.sub(r", \1, ", _WEEKDAY.sub(lambda match: f"{match['day']} weekly", said))
    return re.sub(r"\s+", " ", _FILLER.sub(" ", said)).strip()


def _half_more(match: re.Match[str]) -> str:
    if match["count"]:
        return f"{_HALVES[match['count'].lower()]}.5 {match['unit']}"
    if match["one"]:
        return f"1.5 {match['one']}s"
    return f"{_HALVES[(match['german'] or 'ein').lower()]},5"


def _in_case(word: str) -> Callable[[re.Match[str]], str]:
    def put(match: re.Match[str]) -> str:
        said = match.expand(word) if "\\" in word else word
        return said[:1].upper() + said[1:] if match.group()[:1].isupper() else said

    return put
