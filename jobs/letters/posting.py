"""Sentences about the job: they say what the posting says, and nothing else."""

import re

from jobs.grounding.concepts import known_and_foreign
from jobs.grounding.lexicon import FIRST_PERSON, POSTING_SUBJECTS, SECOND_PERSON
from jobs.grounding.quantities import quantities
from jobs.grounding.words import Vocabulary, is_neutral, tokens
from jobs.letters.types import LetterInputs
from jobs.letters.wordings import WORDINGS

ROLE_FRAME = frozenset(
    [
        "someone",
        "somebody",
        "person",
        "jemanden",
        "jemand",
        "erster",
        "besonders",
        "kommt",
        "umfasst",
        "offen",
        "bietet",
    ]
)


# The applicant in the third person: "the person who built it is writing to you".
OF_WRITER = re.compile(
    r"\b(?:writ(?:es|ing) to you|is applying|applies (?:for|to)|before you|this applicant|the (?:person|one|man|woman|developer|engineer|candidate) (?:who|behind|that)|schreibt ihnen|bewirbt sich|die person,? die)\b",
    re.IGNORECASE,
)


def is_about_posting(text: str, inputs: LetterInputs) -> bool:
    """Whether a sentence speaks of the reader's job and not of the applicant."""
    words = {token.word for token in tokens(text)}
    if words & FIRST_PERSON or OF_WRITER.search(text):
        return False
    employer = {token.word for token in tokens(inputs.analysis.employer)}
    return bool(words & (SECOND_PERSON | POSTING_SUBJECTS)) or bool(employer and employer <= words)


def is_borne_by_posting(text: str, inputs: LetterInputs) -> bool:
    """Whether every word, number and skill of a sentence about the job stands in the posting."""
    if (quote := quote_of_posting(text, inputs.language)) is not None:
        return bool(quote) and _plain(quote) in _plain(inputs.posting_text)
    analysis = inputs.analysis
    sources = [inputs.posting_text, analysis.title, analysis.employer, analysis.location, analysis.contact_name]
    sources += [requirement.text for requirement in analysis.requirements]
    vocabulary = Vocabulary([source for source in sources if source])
    numbers = {number.key for source in sources for number in quantities(source)}
    if any(number.key not in numbers for number in quantities(text)):
        return False
    _, foreign = known_and_foreign(text, [source for source in sources if source])
    words = [token.word for token in tokens(text) if not token.word[0].isdigit()]
    return not foreign and all(
        is_neutral(word) or word in ROLE_FRAME or vocabulary.has(word) or _pieces_in(word, vocabulary) for word in words
    )


def quote_of_posting(text: str, language: str) -> str | None:
    """Return what a lead of the phrasebook quotes from the posting; None where the sentence is no such lead."""
    if language not in WORDINGS:
        return None
    for lead in WORDINGS[language].leads:
        before = lead.partition("{quote}")[0]
        if text.startswith(before):
            return text.removeprefix(before).removesuffix(".").strip(" «»“”„\u00a0")
    return None


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _pieces_in(word: str, vocabulary: Vocabulary) -> bool:
    pieces = word.split("-")
    return len(pieces) > 1 and all(is_neutral(piece) or vocabulary.has(piece) for piece in pieces if piece)
