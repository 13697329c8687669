"""Many postings in one file: CSV with a line of headings, JSON lines, or a JSON array. A bad one is told and the others are read."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from jobs.errors import EmptyPostingError, JobsError, UnreadablePostingError
from jobs.importing import ImportedPosting, import_object

MAX_ROWS = 5_000
MAX_FILE_BYTES = 20_000_000
# A cell may be longer than the module's own limit. The limit is one for all threads, so it is set for good.
csv.field_size_limit(1_000_000)
# What boards and spreadsheets call the parts of a posting.
_COLUMNS = {
    "title": "title|job ?title|position|role|name|job|stelle|stellenbezeichnung|titel|titre|intitulé|poste|título|titulo|puesto|titolo|stanowisko|functie",
    "description": "description|job ?description|text|body|content|advertisement|posting|beschreibung|stellenbeschreibung|anzeige|descriptif|descripción|descripcion|descrizione|descrição|opis|omschrijving",
    "requirements": "requirements|qualifications|anforderungen|profil|exigences|requisitos|requisiti|wymagania|eisen",
    "responsibilities": "responsibilities|duties|tasks|aufgaben|missions|funciones|mansioni|obowiązki|taken",
    "skills": "skills|kenntnisse|compétences|habilidades|competenze|umiejętności|vaardigheden",
    "company": "company|company ?name|employer|organi[sz]ation|hiring ?organization|arbeitgeber|unternehmen|firma|entreprise|employeur|empresa|azienda|pracodawca|werkgever|bedrijf",
    "location": "location|job ?location|place|city|ort|standort|arbeitsort|lieu|ville|ubicación|ciudad|luogo|sede|città|lokalizacja|miejsce ?pracy|miasto|locatie|plaats|local",
    "url": "url|link|job ?url|apply ?url|source ?url|address|adresse",
    "id": "id|job ?id|reference|ref|identifier|referenz|référence|referencia|numer",
    "salary": "salary|pay|compensation|salary ?range|gehalt|salaire|salario|stipendio|wynagrodzenie|salaris",
    "employment_type": "employment ?type|type|job ?type|contract|contract ?type|anstellungsart|vertragsart|contrat|contrato|contratto|umowa|dienstverband",
    "date": "date ?posted|posted|posted ?(?:on|at)|date|published|veröffentlicht|datum|data",
    "validThrough": "valid ?(?:through|until)|expires|expiry|closing ?date|deadline|application ?deadline|bewerbungsfrist|date ?limite|plazo|scadenza|termin|ważne do",
    "remote": "remote|is ?remote|telecommute",
}  # fmt: skip
_NAMES = {key: re.compile(f"(?:{pattern})", re.IGNORECASE) for key, pattern in _COLUMNS.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """A posting of a file, or why there is none: `line` is the line on which it begins, from 1, or its number in an array."""

    line: int
    posting: ImportedPosting | None = None
    problem: str = ""


def rows_of(data: bytes) -> list[tuple[int, object]]:
    """Return what a CSV, JSON-lines or JSON file holds, each with its line; nothing of it is read yet.

    Raises:
        UnreadablePostingError: It is none of these, has no column for the text, or holds more than `MAX_ROWS`.
        EmptyPostingError: There is nothing in it.
    """
    # A tab at the beginning is a column without a heading.
    text = _decoded(data).lstrip("\x00 \r\n").rstrip("\x00 \r\n\t")
    if not text:
        raise EmptyPostingError("The file is empty.")
    rows = list(islice(_objects(text), MAX_ROWS + 1))
    if len(rows) > MAX_ROWS:
        raise UnreadablePostingError(f"There are more than {MAX_ROWS:,} postings in this file. Cut it into parts.")
    if not rows:
        raise EmptyPostingError("There is no posting in this file.")
    return rows


def read_row(line: int, content: object) -> Row:
    """Return the posting that a line holds, or why there is none."""
    if not isinstance(content, dict):
        return Row(line, problem="This is not a JSON object.")
    try:
        return Row(line, import_object(content))
    except JobsError as error:
        return Row(line, problem=error.user_message)


def _decoded(data: bytes) -> str:
    """Return the text of a file; spreadsheets write UTF-8 with and without a mark, UTF-16, and Windows' own."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _objects(text: str) -> Iterator[tuple[int, object]]:
    if text[0] == "[":
        yield from _array(text)
    elif text[0] == "{":
        yield from _lines(text)
    else:
        yield from _table(text)


def _lines(text: str) -> Iterator[tuple[int, object]]:
    """Yield what lines of JSON hold, or the one object that is written on several. Within texts, other signs than a newline end no line."""
    whole = _loaded(text)
    lines = [text] if isinstance(whole, dict) else text.split("\n")
    yield from ((number, _loaded(line)) for number, line in enumerate(lines, start=1) if line.strip())


def _array(text: str) -> Iterator[tuple[int, object]]:
    found = _loaded(text)
    if not isinstance(found, list):
        raise UnreadablePostingError("The file begins as a JSON array, but is none.")
    yield from enumerate(found, start=1)


def _loaded(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _table(text: str) -> Iterator[tuple[int, object]]:
    """Yield the rows of a table as objects; its first line names the columns, separated by commas, semicolons, tabs or bars."""
    first = text.splitlines()[0]
    separator = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        keys = _keys(next(reader, []))
        if "description" not in keys:
            raise UnreadablePostingError(
                "No column holds the text of the postings. Call it “description”, and the others “title”, “company”, “location”."
            )
        begin = reader.line_num + 1
        for cells in reader:
            values = [(key, cell.strip()) for key, cell in zip(keys, cells, strict=False) if key and cell.strip()]
            if values:
                yield begin, dict(reversed(values))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise UnreadablePostingError(f"The table cannot be read at line {reader.line_num}.") from error


def _keys(headings: list[str]) -> list[str]:
    """Return what each column holds; empty for what says nothing about a posting."""
    plain = [
        " ".join(re.split(r"[\s_-]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading.strip()))) for heading in headings
    ]
    return [next((key for key, name in _NAMES.items() if name.fullmatch(heading)), "") for heading in plain]
