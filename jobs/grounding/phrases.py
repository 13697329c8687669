"""Phrases of several words, put into one, so that the gate's lists need to know single words only.

`plain` is applied to claims and to the lines of a CV alike. A phrase that states nothing about an applicant becomes nothing.
"""

import re
from collections.abc import Callable
from functools import lru_cache

# What is said in several words, and the one word that says the same.
_PHRASES: tuple[tuple[str, str], ...] = (
    (r"in charge of(?= (?:the )?\w+(?:ing|tion|sis)\b)", "responsible for"),
    (r"(?:below|under|younger than) the age of", "under"),
    (r"(?:above|over|older than) the age of", "over"),
    (r"two times(?= (?:an?|per|each|every|daily|weekly))", "twice"),
    (r"worth(?= (?:up to|about|around|over|more than|roughly|approximately)? ?[£$€\d])", "of"),
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
    (r"(?:by means of|with the (?:help|aid) of|thanks to|by way of|making use of)", "with"),
    (r"(?:as well as|along with|in addition to|plus)", "and"),
    (r"in order to", "to"),
    (r"(?:cover(?:ed|ing|s)?|deputi[sz](?:ed|ing|es?)|stepp?(?:ed|ing)? in|fill(?:ed|ing)? in|st(?:ood|and|anding) in) for", "stood in for"),
    (r"(?:wrote|writing|written|write|produced|prepared) (?:the )?documentation (?:for|of|on)", "documented"),
    (r"every (?:second|other)(?= (?:day|week|month|year)\b)", "every two"),
    (r"every third(?= (?:day|week|month|year)\b)", "every three"),
    (r"every fourth(?= (?:day|week|month|year)\b)", "every four"),
    (r"every fifth(?= (?:day|week|month|year)\b)", "every five"),
    (r"every sixth(?= (?:day|week|month|year)\b)", "every six"),
    (r"every eighth(?= (?:day|week|month|year)\b)", "every eight"),
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
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )an?) day", "daily"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )an?) week", "weekly"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )an?) month", "monthly"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )an?) quarter(?! of)", "quarterly"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )an?) year|per annum|p\.a\.", "yearly"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )an?) hour", "hourly"),
    (r"(?:every|each|per|(?<!within )(?<!in )(?<!over )(?<!for )a) shift", "shift"),
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
_BY_PHRASE = tuple((re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE), word) for pattern, word in _PHRASES if word)

_DEGREES: tuple[tuple[str, str], ...] = (
    (r"b\.?\s?sc\.?(?!\w)|bachelor(?:'s|’s)?(?: degree)? (?:of|in) science", "bachelor of science"),
    (r"m\.?\s?sc\.?(?!\w)|master(?:'s|’s)?(?: degree)? (?:of|in) science", "master of science"),
    (r"b\.a\.|(?-i:\bBA\b)", "bachelor of arts"),
    (r"m\.a\.|(?-i:\bMA\b)", "master of arts"),
    (r"b\.?eng\.?(?!\w)", "bachelor of engineering"),
    (r"m\.?eng\.?(?!\w)", "master of engineering"),
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


# A day of the week that returns is every week.
_WEEKDAY = re.compile(
    r"\b(?:(?:every|each) (?P<day>(?:mon|tues|wednes|thurs|fri|satur|sun)day)|on (?P<days>(?:mon|tues|wednes|thurs|fri|satur|sun)days))\b",
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
    said = text
    for pattern, word in (*_BY_DEGREE, *_BY_PHRASE):
        if pattern.search(said):
            said = pattern.sub(_in_case(word), said)
    said = _BASIS.sub(r"\1", _SUCH_AS.sub("", said))
    said = _RANGE.sub(r", \1, ", _WEEKDAY.sub(lambda match: f"{match['day'] or match['days']} weekly", said))
    return re.sub(r"\s+", " ", _FILLER.sub(" ", said)).strip()


def _in_case(word: str) -> Callable[[re.Match[str]], str]:
    return lambda match: word[:1].upper() + word[1:] if match.group()[:1].isupper() else word
