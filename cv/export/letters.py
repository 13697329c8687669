"""A letter as PDF, DOCX or plain text."""

import datetime
import textwrap
from dataclasses import dataclass

from cv.export.outline import Link, Outline, contacts_of
from cv.export.pdf import typeset
from cv.export.text import paragraphs, printable
from cv.export.word import add_sender, new_document, saved
from cv.export.wording import language_code, worded_letter_date, wording_for
from cv.resume import Person

TEXT_WIDTH = 78


@dataclass(frozen=True, slots=True)
class LetterDocument:
    """A letter as it is sent.

    Attributes:
        sender: Who writes; name and contact data stand in the letter's head.
        recipient: The address, a line each; may be empty.
        date: The day on the letter; None leaves it out.
        subject: The subject line; may be empty.
        paragraphs: Salutation, body and closing, in order; a line break inside one is kept.
        language: ISO 639-1 code, for the form of the date and for screen readers.
    """

    sender: Person
    recipient: tuple[str, ...] = ()
    date: datetime.date | None = None
    subject: str = ""
    paragraphs: tuple[str, ...] = ()
    language: str = "en"

    @property
    def worded_date(self) -> str:
        """The date in the letter's language."""
        return worded_letter_date(self.date, wording_for(self.language)) if self.date else ""


def letter_to_pdf(letter: LetterDocument) -> bytes:
    """Return the letter as a PDF in the look of the résumé."""
    outline = _outline(letter)
    data = outline.as_data() | {
        "title": printable(letter.subject) or outline.name or "Letter",
        "recipient": _lines(letter.recipient),
        "date": letter.worded_date,
        "subject": printable(letter.subject),
        "paragraphs": _paragraphs(letter),
    }
    return typeset("letter", data)


def letter_to_docx(letter: LetterDocument) -> bytes:
    """Return the letter as a Word document."""
    from docx.shared import Pt

    outline = _outline(letter)
    document = new_document(outline, title=printable(letter.subject))
    add_sender(document, outline.name, "", outline.contacts)
    blocks = [_lines(letter.recipient), [letter.worded_date]]
    for lines in filter(any, blocks):
        document.add_paragraph("\n".join(lines)).paragraph_format.space_before = Pt(14)
    if subject := printable(letter.subject):
        paragraph = document.add_paragraph()
        paragraph.add_run(subject).bold = True
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(14)
    for lines in _paragraphs(letter):
        document.add_paragraph("\n".join(lines)).paragraph_format.space_after = Pt(9)
    return saved(document)


def letter_to_text(letter: LetterDocument) -> str:
    """Return the letter as plain text, wrapped at 78 characters."""
    outline = _outline(letter)
    blocks = [
        [text for text in (outline.name, " | ".join(contact.text for contact in outline.contacts)) if text],
        _lines(letter.recipient),
        [letter.worded_date],
        [printable(letter.subject)],
        *_paragraphs(letter),
    ]
    return "\n\n".join("\n".join(map(_wrapped, lines)) for lines in blocks if any(lines)) + "\n"


def _wrapped(line: str) -> str:
    return textwrap.fill(line, TEXT_WIDTH, break_long_words=False, break_on_hyphens=False)


def _outline(letter: LetterDocument) -> Outline:
    person = letter.sender.model_copy(update={"birth_date": None, "nationality": ""})
    contacts = [Link(contact.text, contact.url) for contact in contacts_of(person, wording_for(letter.language))]
    return Outline(printable(person.name), "", contacts, [], language_code(letter.language))


def _lines(texts: tuple[str, ...]) -> list[str]:
    return [line for text in texts for line in paragraphs(text)]


def _paragraphs(letter: LetterDocument) -> list[list[str]]:
    return [lines for text in letter.paragraphs if (lines := paragraphs(text))]
