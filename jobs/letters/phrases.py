"""English phrases from lines of CVs and postings: what an `I` can stand before, and what a posting asks for."""

import re
from dataclasses import dataclass

from cv.skills import concepts_in
from jobs.letters.nouns import DETERMINERS, HONOURS, NAMED, NOUN_STARTS, PASSIVE, SINGULAR, STOPPERS, VAGUE
from jobs.letters.verbs import is_base, is_past, past_of
from jobs.tailoring.rephrasing import trim

MOST_WORDS = 30
LEAST_WORDS = 3
CUT = re.compile(
    r"\s*(?:;|\s[–—-]\s|\.\s|,\s(?:which|resulting|leading|thus|thereby|ensuring|in addition|including)\b|\s\()"
)
# "an MVP of billing platform": what is counted needs an article behind a preposition, too.
SECOND_THING = re.compile(
    r"^(?P<prep>of|for|from) (?P<thing>(?:[a-z]+(?:-[a-z]+)? ){0,2}(?:platform|app|application|dashboard|website|database|tool|portal|module|prototype))\b(?! (?:of|development|team))"
)
LEADING_SIGNS = re.compile(r"^[\s•·*▪‣●○\-–—>]+")
# "Multi-drop deliveries to …", "Daily vehicle checks and …": several things, which need no article.
SEVERAL = re.compile(
    r"(?!No |All |Various |Responsible |\w+(?:ise|ize|ate|ify) )(?:[A-Za-z][\w-]* ){0,3}[A-Za-z-]+[^s\W]s (?:to|of|for|and|in|with|at|on|from) "
)
ADDRESS = re.compile(r"https?://|www\.|@\w|\.com\b")
NOUN_ENDINGS = ("ment", "tion", "sion", "ance", "ence", "ship", "ysis", "ity", "ness", "ing", "enance", "oval", "eval")
REQUIREMENT_LEAD = re.compile(
    r"^(?:(?:you )?know\s+|(?:you|candidates?|applicants?|the (?:ideal |successful )?(?:candidate|applicant|person))\s+(?:will |must |should |would |shall |may |can )?"
    r"(?:also )?(?:have|has|bring|possess|be|need|needs)\s+|(?:must|should|will)\s+(?:also )?(?:have|possess|be)\s+|requires?\s+|required:?\s+|preferred:?\s+|"
    r"minimum (?:of )?|at least\s+(?=\D)|proven |demonstrated |demonstrable |strong |solid |excellent |good |deep |extensive |"
    r"(?:an? )?(?:strong|solid|excellent|good|deep|proven|demonstrated|outstanding) )+",
    re.IGNORECASE,
)
ROLE_LEAD = re.compile(
    r"^(?:you(?:'ll| will)?|the [\w ]{3,40}? (?:will|shall)|(?:an? |the )?[A-Z][\w ]{3,40}? (?:will|shall))\s+(?:be responsible for\s+)?",
    re.IGNORECASE,
)
FINITE = re.compile(
    r"\b(?:is|are|was|were|will|must|should|shall|can|may|has|have|do|does|you|we|they|it|who)\b", re.IGNORECASE
)
# Whom a posting's words mean, said by the applicant to the employer.
_TURNED = {"our": "your", "us": "you", "your": "their"}
_PERSONS = re.compile(r"\b(?:[Oo]ur|us|[Yy]our)\b")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a posting asks for, to be put after `asks for` (`is_task` False) or after `someone to` (`is_task` True)."""

    text: str
    is_task: bool


def predicate(text: str, *, is_current: bool) -> str | None:
    """Return what follows `I` in a sentence that says the same as a CV line; None where the line does not lend itself.

    "Developed X" gives "developed X", "Develop X" the same for a past position and "develop X" for a current one, "Responsible for X" "was
    responsible for X" and "Development of X" "worked on the development of X".
    """
    line = _shortened(trim(LEADING_SIGNS.sub("", text).strip()))
    words = line.split()
    if not LEAST_WORDS <= len(words) <= MOST_WORDS or ADDRESS.search(line):
        return None
    first = re.sub(r"\W+$", "", words[0]).lower()
    if first == "responsible" and words[1].lower() == "for":
        return f"{'am' if is_current else 'was'} {_lowered(line)}"
    if first in PASSIVE | HONOURS and words[1].lower() in {"to", "as", "for", "by", "from"}:
        return f"was {_lowered(line)}"
    is_adverb = first.endswith("ly") and is_past(words[1].lower())
    if is_adverb or is_past(first):
        return None if first in HONOURS or _has_own_subject(line) else with_article(_lowered(line))
    if is_base(first) and not _is_noun_use(words):
        return with_article(_lowered(line) if is_current else _in_the_past(line))
    return None


def noun_phrase(text: str) -> str | None:
    """Return a line that names an activity as a noun ("Development of …", "Managing …"), for use after `included`; None for any other."""
    line = _shortened(trim(LEADING_SIGNS.sub("", text).strip()))
    words = line.split()
    if not LEAST_WORDS <= len(words) <= MOST_WORDS or ADDRESS.search(line) or FINITE.search(line):
        return None
    first = words[0].lower().strip(",")
    if first.endswith("ing") and len(first) > 5:
        return _lowered(line)
    if len(words) > 2 and words[1].lower() in {"of", "and"} and first.endswith(NOUN_ENDINGS):
        return f"the {_lowered(line)}" if words[1].lower() == "of" else _lowered(line)
    return None


def activity(text: str) -> str | None:
    """Return a line that names work as a thing or things, for use behind "my work includes"; None for any other.

    What is named once needs an article that nobody here knows ("Weekly report"), and is left to the list of the CV.
    """
    named = noun_phrase(text)
    if named:
        return named[:1].lower() + named[1:] if named.split(maxsplit=1)[0].endswith("ing") else named
    line = _shortened(trim(LEADING_SIGNS.sub("", text).strip()))
    words = line.split()
    is_plain = LEAST_WORDS <= len(words) <= MOST_WORDS and not ADDRESS.search(line) and not FINITE.search(line)
    return _lowered(line) if is_plain and SEVERAL.match(line) else None


def thing_of(said: str) -> str:
    """Return the object of a predicate as a phrase with `the` (`developed a billing service in …` → `the billing service`), or nothing."""
    words = said.split()
    if words[0] in {"was", "am"}:
        return ""
    start = _object_start(words)
    thing = words[start : _object_end(words, start)]
    if (
        not thing
        or thing[0].lower() in STOPPERS
        or (thing[0][0].isupper() and thing[0].isalpha() and not thing[0].isupper())
    ):
        return ""
    while thing and thing[0].lower() in {"a", "an", "the", "our", "their", "its", "new", "all"}:
        thing.pop(0)
    is_vague = len(thing) == 1 and thing[0].lower().strip(",.;:") in VAGUE
    has_number = any(word[0].isdigit() for word in thing)
    if not 1 <= len(thing) <= 4 or has_number or is_vague or not thing[-1].strip(",.;:")[-1:].isalpha():
        return ""
    return "the " + " ".join(thing).rstrip(",.;:")


def with_article(said: str) -> str:
    """Put in the article that CV lines leave out before a singular noun: "led migration from X" → "led the migration from X"."""
    words = said.split()
    start = _object_start(words)
    end = _object_end(words, start)
    thing = words[start:end]
    if not thing or thing[0].lower() in DETERMINERS | STOPPERS or thing[0][0].isdigit():
        return said
    if thing[-1].lower().strip(",.;:") not in SINGULAR:
        return said
    words[end:] = SECOND_THING.sub(lambda m: f"{m['prep']} {article(m['thing'])}", " ".join(words[end:])).split()
    is_named = words[end : end + 1] in (["of"], ["from"], ["to"]) and len(thing) <= 2 and thing[-1] in NAMED
    noun = " ".join(thing)
    return " ".join([*words[:start], f"the {noun}" if is_named else article(noun), *words[end:]])


def _object_start(words: list[str]) -> int:
    """Return where a predicate's object begins: after its verb, or after the last of its joined verbs."""
    start = 1
    if words and words[0].endswith("ly") and len(words) > 1:
        start = 2
    if (
        words
        and words[0] in {"helped", "help", "assisted"}
        and is_base(words[start : start + 1][0] if len(words) > start else "")
    ):
        start += 1
    while start + 1 < len(words) and words[start] == "and" and (is_past(words[start + 1]) or is_base(words[start + 1])):
        start += 2
    return start


def _object_end(words: list[str], start: int) -> int:
    for index in range(start, len(words)):
        bare = words[index].strip(",.;:()").lower()
        if index > start and (
            bare in STOPPERS or (bare.endswith("ing") and index > start + 1 and not _goes_on(words, index))
        ):
            return index
        if words[index][-1] in ",.;:":
            return index + 1
    return len(words)


def _goes_on(words: list[str], index: int) -> bool:
    """Whether a word in -ing is part of a noun, as in `order tracking feature`."""
    following = words[index + 1].lower().strip(",.;:") if index + 1 < len(words) else ""
    return not following[:1].isdigit() and (
        following in SINGULAR
        or following.rstrip("s") in SINGULAR
        or words[index].lower() in {"engineering", "training", "testing", "marketing", "tracking", "processing"}
    )


def asked(text: str) -> Asked | None:
    """Return a requirement as a phrase for a sentence, or None where it does not lend itself.

    Praise that postings are full of ("strong", "proven") is left out; the phrase stays in the posting's own words otherwise.
    """
    line = _shortened(LEADING_SIGNS.sub("", " ".join(text.split())).strip()).partition(": ")[0]
    line = REQUIREMENT_LEAD.sub("", ROLE_LEAD.sub("", line)).strip(" .;,:")
    line = _PERSONS.sub(lambda match: _TURNED[match.group().lower()], balanced(line))
    words = line.split()
    if not words or len(words) > 16 or ADDRESS.search(line):
        return None
    first = words[0].lower().strip(",")
    if is_base(first) and not _is_noun_use(words):
        return Asked(_lowered(line), is_task=True) if not FINITE.search(line) else None
    if first.endswith("s") and is_base(first[:-1]) and len(words) > 3:
        return Asked(_bare_verbs(line), is_task=True) if not FINITE.search(line) else None
    if FINITE.search(line):
        return None
    if first in NOUN_STARTS or len(words) <= 4 or concepts_in(words[0]) or re.match(r"\d+\+?$", first):
        return Asked(_lowered(line), is_task=False)
    return Asked(_lowered(line), is_task=False) if first.endswith(NOUN_ENDINGS) else None


def balanced(line: str) -> str:
    """Drop a bracket that is opened and not closed, with what follows it, and any sign left at the ends."""
    while line.count("(") != line.count(")"):
        cut = line.rfind("(") if line.count("(") > line.count(")") else line.find(")")
        line = line[:cut]
    return line.strip(" .;,:/-–&")


def article(noun: str) -> str:
    """Return the noun with `a` or `an`."""
    first = noun.split(maxsplit=1)[0]
    if first[:2].isupper() and len(first) > 1:
        vowel = first[0] in "AEFHILMNORSX"
    else:
        vowel = first[0].lower() in "aeio" or re.match(r"u(?!ni|s[aei]|ti)", first, re.IGNORECASE) is not None
        vowel = vowel or first.lower().startswith(("hour", "honest", "honour", "honor"))
    return f"{'an' if vowel else 'a'} {noun}"


def _shortened(line: str) -> str:
    """Cut a long line where a thought ends; a statement's beginning is true where the whole is."""
    line = re.sub(r"[\s,;]+(?:and|or|with|by|to)?$", "", line.strip().rstrip(".;"))
    if len(line.split()) <= MOST_WORDS - 8 and not re.search(r"\.\s|;", line):
        return line
    for match in CUT.finditer(line):
        head = line[: match.start()]
        if len(head.split()) >= 5:
            return head.rstrip(".,;")
    return line


def _lowered(line: str) -> str:
    """Lower the first letter unless the word is a name or an abbreviation."""
    first = line.split(maxsplit=1)[0]
    is_name = any(c.isupper() or c.isdigit() for c in first[1:]) or (
        concepts_in(first) and not is_past(first.lower()) and not is_base(first.lower())
    )
    return line if is_name else line[:1].lower() + line[1:]


def _in_the_past(line: str) -> str:
    """Put the leading verbs of a line into the past: "design and build X" → "designed and built X"."""
    words = _lowered(line).split()
    words[0] = _past_with_sign(words[0])
    for index in range(1, min(len(words), 7)):
        before = words[index - 1].lower()
        after_comma = before.endswith(",")
        bare = words[index].strip(",").lower()
        if (before in {"and", "or"} or after_comma) and is_base(bare) and index + 1 < len(words):
            words[index] = _past_with_sign(words[index])
    return " ".join(words)


def _past_with_sign(word: str) -> str:
    bare = word.rstrip(",")
    return past_of(bare.lower()) + word[len(bare) :]


def _bare_verbs(line: str) -> str:
    """Turn "operates and repairs X" into "operate and repair X"."""
    words = _lowered(line).split()
    for index, word in enumerate(words):
        bare = word.rstrip(",")
        if (
            bare.endswith("s")
            and is_base(bare[:-1])
            and (index == 0 or words[index - 1] == "and" or words[index - 1].endswith(","))
        ):
            words[index] = bare[:-1] + word[len(bare) :]
    return " ".join(words)


def _is_noun_use(words: list[str]) -> bool:
    """Whether a word that could be a verb is a noun here: "Design of …", "Support for …", "Test automation"."""
    following = words[1].lower().strip(",") if len(words) > 1 else ""
    if following == "for" and words[0].lower() in {"care", "prepare", "apply", "provide"}:
        return False
    return following in {
        "of",
        "for",
        "is",
        "was",
        "at",
        "skills",
        "experience",
        "automation",
        "engineer",
        "manager",
        "",
    } or words[0].endswith(":")


def _has_own_subject(line: str) -> bool:
    """Whether the past form is a participle before a noun and another finite verb follows, as in "Automated tests were …"."""
    return re.search(r"\b(?:is|are|was|were)\b", " ".join(line.split()[:5])) is not None
