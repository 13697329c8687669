"""Text that talks to a language model instead of a reader.

A finding is a suspicion to be shown, not a verdict: the text stays data either way, and nobody is punished for it.
Phrases follow the attack classes of Perez & Ribeiro 2022 (arXiv 2211.09527: goal hijacking, prompt leaking) and the
verdict orders that studies of screening by models planted in CVs; each class is written out in the languages that the
parser reads.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cv.extraction.types import TextLine

_NEAR = r"[^.!?\n]{0,40}?"
_PERSON = r"\b(?:this|the|me|my)\b" + _NEAR + r"\b(?:candidate|applicant|r[eé]sum[eé]|cv|application|profile)\b"


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspicious passage: its kind, its words, the lines it stands on and why they can't be seen, if so.

    Kinds: `override` (drop your instructions), `role` (be somebody else), `verdict` (judge this person so),
    `disclosure` (reveal your prompt), `markup` (a chat template's control signs).
    """

    kind: str
    quotation: str
    line_ids: tuple[str, ...]
    hidden: str = ""


# What is said first, and what follows within a few words of the same sentence.
PAIRS: tuple[tuple[str, str, str], ...] = (
    ("override", r"\b(?:ignore|disregard|forget|override|bypass)\b",
     r"\b(?:previous|prior|above|preceding|earlier|all|any|your|the|other)\b" + _NEAR
     + r"\b(?:instructions?|prompts?|rules|guidelines|directions|commands)\b"),
    ("override", r"\b(?:ignorier\w*|ignorieren|vergiss|vergessen|missachte\w*)\b",
     r"\b(?:anweisungen|instruktionen|vorgaben|befehle|regeln)\b"),
    ("override", r"\b(?:ignore[zr]?|oublie[zr]?)\b", r"\b(?:instructions|consignes|directives|règles)\b"),
    ("override", r"\b(?:ignor[ae]r?|olvid[ae]r?|descart[ae])\b", r"\b(?:instrucciones|indicaciones|reglas|órdenes)\b"),
    ("override", r"\b(?:ignor[ae]r?|esque[çc]a|desconsidere)\b", r"\b(?:instruções|orientações|regras|comandos)\b"),
    ("override", r"\b(?:ignora(?:re|te)?|dimentica(?:re|te)?)\b", r"\b(?:istruzioni|indicazioni|regole)\b"),
    ("override", r"\b(?:zignoruj|ignoruj|pomiń|zapomnij)\w*", r"\b(?:instrukcje|polecenia|wytyczne|zasady)\b"),
    ("override", r"\b(?:negeer|vergeet)\b", r"\b(?:instructies|opdrachten|regels)\b"),
    ("override", r"\b(?:проигнорируй|игнорируй|забудь|игнорировать)\w*", r"\b(?:инструкци|указани|правил|команд)\w*"),
    ("override", r"\b(?:talimat|komut|kural|yönerge)\w*", r"\b(?:yok say|görmezden gel|unut|dikkate alma)\w*"),
    ("override", r"(?:تجاهل|تجاوز)", r"(?:التعليمات|الأوامر|القواعد|الإرشادات)"),
    ("override", r"(?:忽略|無視|无视|忘记|忘記|不要理会)", r"(?:指令|指示|说明|說明|规则|規則|提示)"),
    ("override", r"(?:指示|命令|プロンプト|ルール)", r"(?:無視|忘れ)"),
    ("verdict", r"\b(?:rate|score|rank|mark|grade|classify|evaluate|recommend)\b",
     _PERSON + _NEAR + r"(?:\b(?:highest|top|best|perfect|excellent|maximum|strongly|hire)\b|\b10\s*/\s*10\b|\b100\b)"),
    ("verdict", r"\b(?:this|the) (?:candidate|applicant)\b",
     r"\b(?:is (?:a |the )?(?:perfect|best|ideal|exceptional)\b|(?:must|should) be (?:hired|selected|accepted|ranked|rated))"),
    ("verdict", r"\b(?:give|assign|return|output)\b", r"\b(?:score|rating|match) of (?:\d{2,3}|10)\b"),
    ("disclosure", r"\b(?:reveal|print|repeat|show|output|leak|send|tell me)\b",
     r"\b(?:system prompt|your (?:instructions|prompt|rules)|hidden prompt)\b"),
)  # fmt: skip
PHRASES: tuple[tuple[str, str], ...] = (
    ("override", r"\b(?:new|updated|real|actual) (?:system )?instructions?\s*:\s*\w"),
    ("role", r"\b(?:you are now|from now on,? you|pretend (?:to be|you are))\b"),
    ("role", r"\bact as (?:an?|the) (?:ai|hiring|recruiter|assistant|system)\b"),
    ("role", r"\b(?:du bist jetzt|tu es (?:maintenant|désormais)|ahora eres|agora você é|jesteś teraz|ты теперь)\b"),
    (
        "role",
        r"\b(?:dear|attention|note to|message (?:to|for)) (?:an? |the |all )?(?:ai|llm|language model|chatgpt|gpt)s?\b",
    ),
    ("markup", r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|?>"),
    ("markup", r"\[/?INST\]|<</?SYS>>|</?system>"),
    ("markup", r"^[^\S\n]*(?:#+\s*(?:system|assistant)|system (?:prompt|message))\s*:"),
)
_COMPILED = tuple(
    (kind, re.compile(pattern, re.I | re.M))
    for kind, pattern in (*((kind, first + _NEAR + second) for kind, first, second in PAIRS), *PHRASES)
)


def find_injections(lines: Sequence[TextLine]) -> list[Finding]:
    """Return the suspicious passages of a document, hidden lines included, in the order of the text.

    Visible and hidden lines are looked at apart, each as running text, since a passage may wrap.
    """
    reasons = dict.fromkeys(line.hidden for line in lines)
    return [found for reason in reasons for found in _find([line for line in lines if line.hidden == reason])]


def find_in_text(text: str) -> list[Finding]:
    """Return the suspicious passages of plain text, such as a posting's."""
    return _find([TextLine(id=f"l{number}", text=row) for number, row in enumerate(text.splitlines(), start=1)])


def _find(lines: Sequence[TextLine]) -> list[Finding]:
    """Search the lines as one text, and tell which lines a match touches."""
    starts: list[int] = []
    ends: list[int] = []
    length = 0
    for line in lines:
        starts.append(length)
        ends.append(length + len(line.text))
        length += len(line.text) + 1
    # A break is as good as a blank to the patterns; only chat mark-up asks for a line's beginning.
    broken = "\n".join(line.text for line in lines)
    found: dict[tuple[int, int], Finding] = {}
    for kind, pattern in _COMPILED:
        text = broken if kind == "markup" else broken.replace("\n", " ")
        for match in pattern.finditer(text):
            touched = lines[bisect_right(ends, match.start()) : bisect_left(starts, match.end())]
            ids = tuple(line.id for line in touched)
            found.setdefault((match.start(), match.end()), Finding(kind, match[0].strip(), ids, touched[0].hidden))
    return [found[place] for place in sorted(_outermost(found))]


def _outermost(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Drop passages that lie inside another one."""
    kept: list[tuple[int, int]] = []
    # Of passages that begin together the longest comes first, so that one lies inside another if it ends no later.
    for place in sorted(places, key=lambda place: (place[0], -place[1])):
        if not kept or place[1] > kept[-1][1]:
            kept.append(place)
    return kept
