"""The task of writing a letter: by rules offline, by a provider where one is set up, and through the gate in both cases."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from pydantic import BaseModel

from ai_router.shadows import allow_shadows
from ai_router.types import PersonalKind, TaskSpec, TaskType
from cv.facts import Fact, facts_of
from cv.personal import PERSONAL_OF_RESUME
from cv.resume import Resume
from jobs.asking import AskOnce
from jobs.errors import UnsupportedLanguageError
from jobs.letters.checking import own_words, read_letter, with_own_words
from jobs.letters.composing import Composer, Desk, compose
from jobs.letters.english import EnglishLetter
from jobs.letters.german import GermanLetter
from jobs.letters.naming import person_name, plain_employer, plain_title, without_place
from jobs.letters.phrasebook import phrasebook
from jobs.letters.types import Letter, LetterInputs, RevisionWish
from jobs.letters.wordings import WORDINGS
from jobs.matching.types import MatchReport
from jobs.models import LetterLength, Tone
from jobs.posting import PostingAnalysis

COMPOSERS: dict[str, Callable[[Desk], Composer]] = {
    "en": EnglishLetter,
    "de": GermanLetter,
    **{language: phrasebook(language) for language in WORDINGS},
}
LANGUAGE_NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch", "pl": "Polish",
    "cs": "Czech", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish", "tr": "Turkish", "ru": "Russian", "uk": "Ukrainian",
}  # fmt: skip
PERSONAL = {
    **PERSONAL_OF_RESUME,
    "applicant_name": PersonalKind.NAME,
    "analysis.contact_name": PersonalKind.NAME,
}
WORDS = {LetterLength.SHORT: (120, 160), LetterLength.MEDIUM: (180, 240)}
SHORTER_WORDS = (70, 110)
MOST_POSTING_CHARACTERS = 12_000
# A long motive does not push out the facts.
MOTIVE_LEAVES = 60
MOST_NAME_WORDS = 7


def letter_inputs(
    resume: Resume,
    analysis: PostingAnalysis,
    report: MatchReport,
    *,
    posting_text: str = "",
    tone: Tone = Tone.PROFESSIONAL,
    length: LetterLength = LetterLength.SHORT,
    language: str = "",
    wish: str = "",
    previous_text: str = "",
    focus: str = "",
    motive: str = "",
    never_mention: Sequence[str] = (),
) -> LetterInputs:
    """Return the task's inputs; the language is the posting's where none is given. A wish changes tone or length as far as it can.

    `focus` names what is to be told first, `motive` why this job in the person's own words, `never_mention` words that must not be in the text.
    """
    chosen = (language or analysis.language or resume.language or "en").split("-")[0].lower()
    least, most = SHORTER_WORDS if wish == RevisionWish.SHORTER else WORDS[LetterLength(length)]
    if wish == RevisionWish.LONGER:
        least, most = WORDS[LetterLength.MEDIUM]
    tone = {
        RevisionWish.MORE_DIRECT: Tone.DIRECT,
        RevisionWish.WARMER: Tone.WARM,
        RevisionWish.MORE_PERSONAL: Tone.WARM,
    }.get(
        wish,
        tone,  # type: ignore[call-overload]
    )
    return LetterInputs(
        resume=resume,
        analysis=_plausible(analysis),
        report=report,
        posting_text=posting_text[:MOST_POSTING_CHARACTERS],
        applicant_name=person_name(resume.person.name),
        tone=tone,
        length=length,
        language=chosen,
        wish=wish,
        previous_text=previous_text,
        focus=focus,
        motive=" ".join(motive.split()),
        never_mention=[word for word in never_mention if word.strip()],
        lines="\n".join(_worded(fact) for fact in facts_of(resume)),
        wanted="\n".join(f"{r.kind}: {' '.join(r.text.split())}" for r in analysis.requirements),
        language_name=LANGUAGE_NAMES.get(chosen, chosen),
        least_words=least,
        most_words=most,
    )


def _plausible(analysis: PostingAnalysis) -> PostingAnalysis:
    """Return the analysis without an employer or a contact that cannot be a name; a letter without one is better than a wrong one."""
    employer = " ".join(analysis.employer.split())
    is_place = employer.casefold() == analysis.location.casefold() or re.search(r",\s*,|^[A-Z]{2},", employer)
    if is_place or employer.islower() or len(employer.split()) > MOST_NAME_WORDS:
        employer = ""
    employer = without_place(employer)
    title = plain_title(analysis.title, location=analysis.location, employer=employer)
    names = analysis.contact_name.split()
    contact = analysis.contact_name if len(names) <= MOST_NAME_WORDS and not _ends_with_title(names) else ""
    named = {"title": title, "employer": plain_employer(employer), "contact_name": contact}
    return analysis.model_copy(update=named)


def _ends_with_title(names: list[str]) -> bool:
    return bool(names) and names[-1].casefold().strip(".") in {
        "dr",
        "prof",
        "frau",
        "herr",
        "herrn",
        "mr",
        "mrs",
        "ms",
        "ing",
    }


def letter_task() -> TaskSpec[LetterInputs, Letter]:
    """Return the task for one call: a provider is asked once to repair what the gate refuses, after that it is left out."""
    return replace(WRITE_LETTER, verify=AskOnce(_refusals, _flaws))


def _worded(fact: Fact) -> str:
    place = ", ".join(part for part in (fact.title, fact.employer) if part)
    years = "–".join(str(day.year) for day in (fact.start, fact.end) if day)
    years += "–now" if fact.current else ""
    where = f" [{place}{', ' if years else ''}{years}]" if place else ""
    return f"{fact.id} ({fact.kind}){where}: {fact.text}"


def _embedded(inputs: LetterInputs) -> Letter:
    composer = COMPOSERS.get(inputs.language)
    if composer is None:
        raise UnsupportedLanguageError
    own, refused = own_words(inputs)
    said = sum(len(sentence.text.split()) for sentence in own)
    room = {
        "least_words": max(inputs.least_words - said, 0),
        "most_words": max(inputs.most_words - said, MOTIVE_LEAVES),
    }
    return with_own_words(compose(inputs.model_copy(update=room), composer), own, refused)


def _finish(inputs: LetterInputs, answer: BaseModel | str) -> Letter:
    return read_letter(str(answer), inputs)


def _refusals(_inputs: LetterInputs, letter: Letter) -> list[str]:
    return [f"“{claim.text}” was refused: {' '.join(claim.problems)}" for claim in letter.removed]


def _flaws(inputs: LetterInputs, letter: Letter) -> list[str]:
    """Return what makes a letter useless even after the refused sentences are gone."""
    if not any(sentence.evidence_ids for sentence in letter.sentences):
        return ["No sentence of the letter rests on a line of the CV."]
    if letter.body_words < inputs.least_words // 3:
        return [f"The letter keeps only {letter.body_words} words."]
    roles = {sentence.role for sentence in letter.sentences}
    if "signature" not in roles:
        return ["The letter has no greeting and name at its end."]
    return []


WRITE_LETTER: TaskSpec[LetterInputs, Letter] = TaskSpec(
    task_type=TaskType.COVER_LETTER,
    prompt="cover_letter/v2",
    embedded=_embedded,
    finish=_finish,
    verify=_flaws,
    personal=PERSONAL,
    max_output_tokens=1_500,
    may_stream=True,
    text_of=lambda letter: letter.text,
)

allow_shadows(letter_task, LetterInputs)
