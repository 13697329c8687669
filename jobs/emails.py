"""E-mails around an application: short, with evidence, never sent by us."""

from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field

from ai_router.shadows import allow_shadows
from ai_router.types import TaskSpec, TaskType
from jobs.asking import AskOnce
from jobs.errors import UnsupportedLanguageError
from jobs.grounding import Sentence
from jobs.letters import COMPOSERS, LetterInputs, RemovedClaim, text_of
from jobs.letters.checking import read_letter
from jobs.letters.composing import Desk, proven
from jobs.letters.phrasebook import PhrasebookLetter
from jobs.letters.planning import plan_letter
from jobs.letters.task import PERSONAL
from jobs.letters.wordings import WORDINGS as LETTER_WORDINGS
from jobs.letters.wordings import EmailWording
from jobs.models import EmailKind

OPENING, PROOF, CLOSING = 1, 2, 4
GREETINGS = {
    "en": "Hello,", "de": "Guten Tag,", "fr": "Bonjour,", "es": "Hola:", "it": "Buongiorno,", "pt": "Olá,", "nl": "Hallo,", "pl": "Dzień dobry,",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one kind of e-mail in one language; `{role}` stands for the position with its employer."""

    subject: str
    opening: str
    closing: str


WORDINGS: dict[tuple[str, str], Wording] = {
    ("en", EmailKind.APPLICATION): Wording(
        "Application: {title}, {name}",
        "I am applying for {role}; my CV and letter are attached.",
        "Please let me know if you have any questions.",
    ),
    ("en", EmailKind.FOLLOW_UP): Wording(
        "My application: {title}, {name}",
        "I applied for {role} and would like to ask where my application stands.",
        "If anything is missing, please let me know and I will send it.",
    ),
    ("en", EmailKind.THANK_YOU): Wording(
        "Thank you for the conversation: {title}, {name}",
        "Thank you for the conversation about {role}.",
        "If further questions come up, I will gladly answer them.",
    ),
    ("en", EmailKind.REFERRAL): Wording(
        "A question about {title}, {name}",
        "I am applying for {role} and would like to ask you for a referral.",
        "If you know somebody whom I should write to, please tell me. My CV is attached.",
    ),
    ("de", EmailKind.APPLICATION): Wording(
        "Bewerbung: {title}, {name}",
        "ich bewerbe mich um {role}; Lebenslauf und Anschreiben finden Sie in der Anlage.",
        "Für Fragen melden Sie sich gern bei mir.",
    ),
    ("de", EmailKind.FOLLOW_UP): Wording(
        "Meine Bewerbung: {title}, {name}",
        "ich habe mich um {role} beworben und möchte fragen, wie es um meine Bewerbung steht.",
        "Wenn noch Unterlagen gebraucht werden, sende ich sie Ihnen gern.",
    ),
    ("de", EmailKind.THANK_YOU): Wording(
        "Vielen Dank für das Gespräch: {title}, {name}",
        "vielen Dank für das Gespräch über {role}.",
        "Weitere Fragen beantworte ich Ihnen gern.",
    ),
    ("de", EmailKind.REFERRAL): Wording(
        "Eine Frage zur Stelle {title}, {name}",
        "ich bewerbe mich um {role} und möchte um eine Empfehlung bitten.",
        "Wenn es jemanden gibt, an den ich schreiben sollte, freue ich mich über den Namen. Mein Lebenslauf liegt bei.",
    ),
}


class EmailInputs(LetterInputs):
    """What an e-mail is drafted from."""

    kind: EmailKind = EmailKind.APPLICATION
    purpose: str = ""


class EmailAnswer(BaseModel):
    """A provider's answer."""

    model_config = ConfigDict(extra="forbid")

    subject: str
    body: str


class EmailDraft(BaseModel):
    """Subject and body, sentence by sentence, and the claims that were taken out."""

    model_config = ConfigDict(extra="forbid")

    subject: str = ""
    sentences: list[Sentence] = Field(default_factory=list)
    removed: list[RemovedClaim] = Field(default_factory=list)

    @property
    def text(self) -> str:
        """The body as plain text."""
        return text_of(self.sentences)


def email_inputs(letter: LetterInputs, kind: EmailKind) -> EmailInputs:
    """Return an e-mail's inputs from those of a letter to the same posting."""
    return EmailInputs(**dict(letter), kind=kind, purpose=kind.label)


def email_task() -> TaskSpec[EmailInputs, EmailDraft]:
    """Return the task for one call: a provider is asked once to repair, after that what is refused is left out."""
    return replace(DRAFT_EMAIL, verify=AskOnce(_refusals, _flaws))


def _embedded(inputs: EmailInputs) -> EmailDraft:
    if inputs.language not in COMPOSERS:
        raise UnsupportedLanguageError
    wording = _wording(inputs)
    desk = Desk(inputs, plan_letter(inputs))
    composer = COMPOSERS[inputs.language](desk)
    # A thank-you after a conversation does not introduce anybody.
    story = [] if inputs.kind == EmailKind.THANK_YOU else proven(composer.story_of_email(), inputs)
    subject = subject_of(wording.subject, inputs)
    opening = wording.opening.format(role=_role(inputs))
    sentences = [
        _salutation(inputs, composer.salutation()),
        Sentence(text=opening, role="closing", paragraph=OPENING),
        *(sentence.model_copy(update={"paragraph": PROOF}) for sentence in story),
        Sentence(text=wording.closing, role="closing", paragraph=CLOSING),
        *composer.signature(),
    ]
    return EmailDraft(subject=subject, sentences=sentences)


def _salutation(inputs: EmailInputs, usual: Sentence) -> Sentence:
    """Return the salutation; a referral is asked of somebody the person knows, not of the posting's contact."""
    if inputs.kind != EmailKind.REFERRAL:
        return usual
    return usual.model_copy(update={"text": GREETINGS[inputs.language]})


def subject_of(pattern: str, inputs: EmailInputs) -> str:
    """Fill in a subject, without stray signs where title or name is unknown."""
    filled = pattern.format(title=inputs.analysis.title, name=inputs.applicant_name)
    return filled.replace(": ,", ":").strip(" ,:")


def _wording(inputs: EmailInputs) -> Wording | EmailWording:
    """Return the wording of an e-mail; English where there is none in its language."""
    if inputs.language in LETTER_WORDINGS:
        return LETTER_WORDINGS[inputs.language].emails[inputs.kind]
    return WORDINGS.get((inputs.language, inputs.kind), WORDINGS["en", inputs.kind])


def _role(inputs: EmailInputs) -> str:
    if inputs.language in LETTER_WORDINGS:
        return PhrasebookLetter(Desk(inputs, plan_letter(inputs)), LETTER_WORDINGS[inputs.language]).role()
    title, employer = inputs.analysis.title, inputs.analysis.employer
    if inputs.language == "de":
        place = f" bei {employer}" if employer else ""
        return f"die Stelle „{title}“{place}" if title else f"die Stelle{place}"
    place = f" at {employer}" if employer else ""
    return f"the position of {title}{place}" if title else f"your position{place}"


def _finish(inputs: EmailInputs, answer: BaseModel | str) -> EmailDraft:
    if not isinstance(answer, EmailAnswer):
        msg = "The answer has no subject and body."
        raise ValueError(msg)
    letter = read_letter(answer.body, inputs)
    subject = subject_of(_wording(inputs).subject, inputs)
    return EmailDraft(subject=subject, sentences=letter.sentences, removed=letter.removed)


def _refusals(_inputs: EmailInputs, draft: EmailDraft) -> list[str]:
    return [f"“{claim.text}” was refused: {' '.join(claim.problems)}" for claim in draft.removed]


def _flaws(_inputs: EmailInputs, draft: EmailDraft) -> list[str]:
    body = [sentence for sentence in draft.sentences if sentence.role not in {"salutation", "signature"}]
    return [] if body else ["The e-mail has no body left."]


DRAFT_EMAIL: TaskSpec[EmailInputs, EmailDraft] = TaskSpec(
    task_type=TaskType.EMAIL_DRAFTING,
    prompt="email_drafting/v1",
    embedded=_embedded,
    answer_schema=EmailAnswer,
    finish=_finish,
    verify=_flaws,
    personal=PERSONAL,
    max_output_tokens=800,
    text_of=lambda draft: draft.text,
)

allow_shadows(email_task, EmailInputs)
