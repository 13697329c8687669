"""What writing a letter takes and returns."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from cv.resume import Resume
from jobs.grounding import Sentence
from jobs.matching.types import MatchReport
from jobs.models import LetterLength, Tone
from jobs.posting import PostingAnalysis


class RevisionWish(StrEnum):
    """What a person may ask of the next version."""

    SHORTER = "shorter"
    LONGER = "longer"
    MORE_PERSONAL = "more_personal"
    MORE_DIRECT = "more_direct"
    WARMER = "warmer"
    MORE_FORMAL = "more_formal"
    OTHER_OPENING = "other_opening"
    TRANSLATE = "translate"


class RemovedClaim(BaseModel):
    """A sentence that the gate took out, and why."""

    model_config = ConfigDict(extra="forbid")

    text: str
    problems: list[str]


class LetterInputs(BaseModel):
    """What a letter is written from. `lines` and `wanted` repeat CV and posting as text, for the prompt."""

    model_config = ConfigDict(extra="forbid")

    resume: Resume
    analysis: PostingAnalysis
    report: MatchReport
    posting_text: str = ""
    applicant_name: str = ""
    tone: Tone = Tone.PROFESSIONAL
    length: LetterLength = LetterLength.SHORT
    language: str = "en"
    wish: str = ""
    previous_text: str = ""
    focus: str = ""
    motive: str = ""
    never_mention: list[str] = Field(default_factory=list)
    lines: str = ""
    wanted: str = ""
    language_name: str = "English"
    least_words: int = 120
    most_words: int = 160


class Letter(BaseModel):
    """A letter, sentence by sentence, and the claims that were taken out of it."""

    model_config = ConfigDict(extra="forbid")

    language: str = "en"
    sentences: list[Sentence] = Field(default_factory=list)
    removed: list[RemovedClaim] = Field(default_factory=list)

    @property
    def text(self) -> str:
        """The letter as plain text, a blank line between paragraphs; the signature's parts stand on lines of their own."""
        return text_of(self.sentences)

    @property
    def body_words(self) -> int:
        """How many words salutation and signature leave."""
        body = [sentence.text for sentence in self.sentences if sentence.role not in {"salutation", "signature"}]
        return sum(len(text.split()) for text in body)


def text_of(sentences: list[Sentence]) -> str:
    """Join sentences to paragraphs."""
    paragraphs: dict[int, list[Sentence]] = {}
    for sentence in sentences:
        paragraphs.setdefault(sentence.paragraph, []).append(sentence)
    return "\n\n".join(
        ("\n" if block[0].role == "signature" else " ").join(sentence.text for sentence in block)
        for _, block in sorted(paragraphs.items())
    )
