"""Cover letters: every sentence rests on a line of the CV or of the posting, or is not written."""

from jobs.letters.task import COMPOSERS, LANGUAGE_NAMES, WRITE_LETTER, letter_inputs, letter_task
from jobs.letters.types import Letter, LetterInputs, RemovedClaim, RevisionWish, text_of

__all__ = [
    "COMPOSERS",
    "LANGUAGE_NAMES",
    "WRITE_LETTER",
    "Letter",
    "LetterInputs",
    "RemovedClaim",
    "RevisionWish",
    "letter_inputs",
    "letter_task",
    "text_of",
]
