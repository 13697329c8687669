"""Postings from outside: pasted text, HTML, schema.org JobPosting (JSON-LD), and lines of JSON.

Whatever comes in is data: scripts are never run, nothing is fetched, and text that a reader of the page cannot see is left out. What is left
out and talks to a language model is reported.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from html import unescape
from typing import Any

from jobs.analysis.patterns import addresses_model
from jobs.analysis.terms import LARGEST_SUM, Salary, salary_in
from jobs.errors import EmptyPostingError, PostingTooLongError, UnreadablePostingError
from jobs.html_text import hidden_text_of_html, json_ld_of, text_of_html

MAX_CHARACTERS = 400_000
_FEWEST_WORDS = 8

_TAG = re.compile(r"<(?:!doctype html|html|body|div|p|br|ul|ol|li|h[1-6]|span|table|section|article|script|strong|b)\b[^<>]*>", re.IGNORECASE)  # fmt: skip
_NO_WORD = re.compile(r"\w{300,}")
_ENTITY = re.compile(r"&(?:amp|lt|gt|nbsp|quot|#\d{2,5});")
_EMPLOYMENT_TYPES = {
    "FULL_TIME": "full_time", "FULLTIME": "full_time", "PART_TIME": "part_time", "PARTTIME": "part_time", "CONTRACTOR": "contract", "CONTRACT": "contract",
    "TEMPORARY": "temporary", "INTERN": "internship", "INTERNSHIP": "internship", "PERMANENT": "permanent", "APPRENTICESHIP": "apprenticeship",
}  # fmt: skip
_PERIODS = {"HOUR": "hour", "DAY": "day", "WEEK": "week", "MONTH": "month", "YEAR": "year", "ANNUAL": "year", "ANNUM": "year", "HOURLY": "hour", "MONTHLY": "month", "YEARLY": "year"}  # fmt: skip
# Parts of a JobPosting, or of a plain object, that say more than the description; each becomes a section under its heading.
_SECTIONS = (
    ("responsibilities", "Responsibilities"),
    ("qualifications", "Qualifications"),
    ("requirements", "Requirements"),
    ("skills", "Skills"),
    ("experienceRequirements", "Experience required"),
    ("educationRequirements", "Education required"),
    ("eligibilityToWorkRequirement", "Requirements"),
)


@dataclass(frozen=True, slots=True)
class ImportedPosting:
    """A posting as it came (`original`), as a person reads it (`text`), and what the source stated as data.

    `reference` is the source's own id; `employment_type` is one of the words of `jobs.analysis.terms`; `has_bait` says that text which
    no reader of the page sees gives orders to a language model.
    """

    text: str
    original: str
    title: str = ""
    employer: str = ""
    location: str = ""
    source_url: str = ""
    reference: str = ""
    employment_type: str = ""
    is_remote: bool | None = None
    salary: Salary = field(default_factory=Salary)
    contact_name: str = ""
    posted_on: date | None = None
    valid_through: date | None = None
    has_bait: bool = False


def import_posting(text: str) -> ImportedPosting:
    """Read one posting from pasted text, HTML or JSON-LD.

    A JobPosting inside a page goes before the page's own text.

    Raises:
        EmptyPostingError: There is too little text to be a posting.
        PostingTooLongError: There is more text than any posting has.
        UnreadablePostingError: It is JSON, but no JobPosting is in it.
    """
    if len(text) > MAX_CHARACTERS:
        raise PostingTooLongError
    plain = _storable(text).replace("\r\n", "\n").replace("\r", "\n").strip()
    if plain[:1] in {"{", "["} and (data := _json(plain)) is not None:
        return _checked(_from_json(data, original=_storable(text)))
    if len(_TAG.findall(plain)) >= 2 or plain[:9].lower() == "<!doctype":
        return _checked(_from_html(plain, original=_storable(text)))
    return _checked(
        ImportedPosting(text=_tidy(unescape(plain) if _ENTITY.search(plain) else plain), original=_storable(text))
    )


def read_postings(lines: Iterable[str]) -> Iterator[ImportedPosting]:
    """Read postings from lines of JSON, each an object with `title` and `description` or a JobPosting; empty lines are passed over.

    Raises:
        UnreadablePostingError: A line is no such object; the message names the line.
        EmptyPostingError: A line's posting has too little text.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        data = _json(line)
        if not isinstance(data, dict):
            message = (
                f"Line {number} is not a JSON object. Put one posting on each line, with its title and description."
            )
            raise UnreadablePostingError(message)
        try:
            yield _checked(_from_json(data, original=_storable(line)))
        except (UnreadablePostingError, EmptyPostingError) as error:
            message = f"Line {number}: {error.user_message}"
            raise type(error)(message) from error


def import_object(data: dict[str, Any]) -> ImportedPosting:
    """Read one posting from an object with `title` and `description`, or a JobPosting.

    Raises:
        UnreadablePostingError: It is neither.
        EmptyPostingError: There is too little text to be a posting.
        PostingTooLongError: There is more text than any posting has.
    """
    original = _storable(json.dumps(data, ensure_ascii=False))
    if len(original) > MAX_CHARACTERS:
        raise PostingTooLongError
    return _checked(_from_json(data, original=original))


def _checked(posting: ImportedPosting) -> ImportedPosting:
    # Pictures written as letters say nothing, and cost patterns that look for parts of words dearly.
    if _NO_WORD.search(posting.text):
        posting = replace(posting, text=_tidy(_NO_WORD.sub(" ", posting.text)))
    if len(re.findall(r"[^\W\d_]{2,}", f"{posting.title} {posting.text}")) < _FEWEST_WORDS:
        raise EmptyPostingError
    return posting


def _json(text: str) -> Any:
    for candidate in (text, unescape(text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _from_json(data: Any, *, original: str) -> ImportedPosting:
    found = _job_posting_in(data)
    if found is not None:
        return _from_job_posting(found, original=original)
    if isinstance(data, dict) and (data.get("description") or data.get("text")):
        return _from_job_posting(
            {**data, "description": data.get("description") or data.get("text")}, original=original
        )
    raise UnreadablePostingError


def _from_html(html: str, *, original: str) -> ImportedPosting:
    for block in json_ld_of(html):
        found = _job_posting_in(_json(block))
        if found is not None and _string(found.get("description")):
            posting = _from_job_posting(found, original=original)
            return replace(posting, has_bait=posting.has_bait or _has_bait(html))
    return ImportedPosting(text=text_of_html(html), original=original, has_bait=_has_bait(html))


def _has_bait(html: str) -> bool:
    return addresses_model(hidden_text_of_html(html))


def _job_posting_in(data: Any, depth: int = 0) -> dict[str, Any] | None:
    """Return the first JobPosting in JSON-LD, wherever lists, graphs and pages hide it."""
    if depth > 6:
        return None
    if isinstance(data, list):
        found = (_job_posting_in(part, depth + 1) for part in data[:200])
        return next((part for part in found if part is not None), None)
    if not isinstance(data, dict):
        return None
    types = data.get("@type")
    names = [str(name).rsplit("/", 1)[-1] for name in (types if isinstance(types, list) else [types])]
    if "JobPosting" in names:
        return data
    inner = [
        data[key]
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item", "about")
        if key in data
    ]
    return _job_posting_in(inner, depth + 1) if inner else None


def _from_job_posting(data: dict[str, Any], *, original: str) -> ImportedPosting:
    text = _formatted(data.get("description"))
    for key, heading in _SECTIONS:
        lines = [line for line in _lines(data.get(key)) if line not in text]
        if lines:
            text += f"\n\n{heading}:\n" + "\n".join(f"- {line}" for line in lines)
    kinds = [
        part
        for kind in _strings(data.get("employmentType") or data.get("employment_type") or data.get("type"))
        for part in re.split(r"[,/|;]", kind)
    ]
    remote = any("TELECOMMUTE" in kind.upper() for kind in _strings(data.get("jobLocationType"))) or _remote(
        data.get("remote")
    )
    described = _string(data.get("description"))
    posting = ImportedPosting(
        has_bait=_has_bait(unescape(described)) if _TAG.search(unescape(described)) else False,
        text=_tidy(text),
        original=original,
        title=_line(data.get("title") or data.get("name")),
        employer=_employer(data),
        location=_line(_places(data.get("jobLocation") or data.get("location")))
        or _line(_places(data.get("applicantLocationRequirements"))),
        source_url=_url(data.get("url")),
        reference=_line(_named(data.get("id") or data.get("identifier"), "value")),
        employment_type=next(
            (_EMPLOYMENT_TYPES[kind] for name in kinds if (kind := _key(name)) in _EMPLOYMENT_TYPES), ""
        ),
        is_remote=remote,
        contact_name=_line(_named(data.get("applicationContact"))),
        posted_on=_date(data.get("datePosted") or data.get("date")),
        valid_through=_date(data.get("validThrough")),
    )
    return replace(
        posting, salary=_salary(data.get("baseSalary") or data.get("salary"), _string(data.get("salaryCurrency")))
    )


def _employer(data: dict[str, Any]) -> str:
    """Return who hires; boards that keep it to themselves write so."""
    name = _line(_named(data.get("hiringOrganization") or data.get("employer") or data.get("company")))
    return "" if name.casefold() in {"confidential", "anonymous", "undisclosed", "n/a", "private"} else name


def _remote(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"full": True, "remote": True, "none": False, "hybrid": False}.get(_string(value).casefold())


def _formatted(value: Any) -> str:
    """Return text that may be HTML, once or twice escaped, as plain lines."""
    text = "\n".join(_strings(value)) if isinstance(value, list) else _string(value)
    if "&lt;" in text and not _TAG.search(text):
        text = unescape(text)
    return text_of_html(text) if _TAG.search(text) or re.search(r"&\w+;|&#\d+;", text) else _tidy(text)


def _lines(value: Any) -> list[str]:
    """Return the lines of a section: a text, a list of texts, or a list of named things with keywords."""
    if isinstance(value, str):
        return [line.lstrip("-•* ").strip() for line in _formatted(value).splitlines() if line.strip("-•* ")]
    if isinstance(value, list):
        return [line for part in value for line in _lines(part)]
    if isinstance(value, dict):
        months = value.get("monthsOfExperience")
        if isinstance(months, int | float) and (months := _number(months)) is not None:
            return [f"{months / 12:g} years of experience"]
        name = _named(value) or _string(value.get("credentialCategory") or value.get("description"))
        keywords = ", ".join(_strings(value.get("keywords")))
        return [f"{name} ({keywords})" if keywords else name] if name else []
    return []


def _named(value: Any, key: str = "name") -> str:
    if isinstance(value, list):
        return next((name for part in value if (name := _named(part, key))), "")
    if isinstance(value, dict):
        return _string(value.get(key) or value.get("legalName") or value.get("name") or value.get("@value"))
    return _string(value)


def _places(value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    places = [place for part in parts[:20] if (place := _place(part))]
    return "; ".join(dict.fromkeys(places))


def _place(value: Any) -> str:
    if not isinstance(value, dict):
        return _string(value)
    address = value.get("address", value)
    if isinstance(address, list):
        address = address[0] if address else ""
    if not isinstance(address, dict):
        return _string(address)
    names = [_named(address.get(key)) for key in ("addressLocality", "addressRegion", "addressCountry")]
    names = names if any(names) else [_named(address.get(key)) for key in ("city", "region", "countryCode")]
    return ", ".join(dict.fromkeys(name for name in names if name)) or _string(value.get("name"))


def _salary(value: Any, currency: str) -> Salary:
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        read = salary_in(f"Salary: {_line(value)} {currency}") if isinstance(value, str) else Salary()
        if read.text:
            return replace(read, text=_line(value))
        number = _number(value)
        return Salary(_string(value), number, None, currency) if number is not None else Salary(_line(value))
    currency = _string(value.get("currency")) or currency
    amount = value.get("value", value)
    amount = amount if isinstance(amount, dict) else {"value": amount}
    low = _number(amount.get("minValue") if amount.get("minValue") is not None else amount.get("value"))
    high = _number(amount.get("maxValue"))
    period = _PERIODS.get(_key(_string(amount.get("unitText") or value.get("unitText"))), "")
    if low is None and high is None:
        return Salary()
    shown = " – ".join(f"{number:,.0f}" for number in (low, high) if number is not None)
    return Salary(
        f"{currency} {shown}".strip() + (f" per {period}" if period else ""), low, high, currency[:3].upper(), period
    )


def _number(value: Any) -> float | None:
    """Return a sum or a duration; None for what is neither, such as infinity, which JSON in a database can't hold."""
    if isinstance(value, bool):
        return None
    if not isinstance(value, int | float):
        digits = re.sub(r"[^\d.]", "", re.sub(r"[.,\s](?=\d{3}(?:\D|$))", "", _string(value)))
        value = float(digits) if re.fullmatch(r"\d+(?:\.\d+)?", digits) else None
    return float(value) if value is not None and 0 <= value <= LARGEST_SUM else None


def _date(value: Any) -> date | None:
    match = re.match(r"\d{4}-\d{2}-\d{2}", _string(value))
    try:
        return date.fromisoformat(match.group()) if match else None
    except ValueError:
        return None


def _url(value: Any) -> str:
    text = _string(value)
    return text if re.match(r"https?://[^\s]+$", text) and len(text) <= 1000 else ""


def _key(text: str) -> str:
    return re.sub(r"[\s-]+", "_", text.strip()).upper()


def _strings(value: Any) -> list[str]:
    return [_string(part) for part in value] if isinstance(value, list) else [_string(value)]


def _storable(text: str) -> str:
    """Take out what no database stores: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def _string(value: Any) -> str:
    return _storable(str(value)).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _line(value: Any) -> str:
    return " ".join(unescape(_string(value)).split())[:300]


def _tidy(text: str) -> str:
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
