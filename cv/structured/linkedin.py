"""The archive that LinkedIn gives its members: CSV tables in a zip."""

import csv
import io
import re
from typing import Any

from cv.errors import DocumentTooLargeError, UnreadableDocumentError
from cv.extraction.archive import Archive
from cv.extraction.limits import ExtractionLimits

Entry = dict[str, Any]
Row = dict[str, str]
MAX_ROWS = 5_000


def read(data: bytes, *, limits: ExtractionLimits) -> Entry:
    """Return the CV as JSON Resume.

    Raises:
        UnreadableDocumentError: The archive is damaged, or has neither a profile nor positions.
        DocumentTooLargeError: It unpacks to more than allowed.
    """
    archive = Archive(data, max_unpacked_bytes=limits.max_unpacked_bytes)
    tables = {
        name.rsplit("/", 1)[-1].removesuffix(".csv"): name for name in sorted(archive.names) if name.endswith(".csv")
    }

    def table(name: str) -> list[Row]:
        return _rows(archive.bytes(tables[name])) if name in tables else []

    profile = next(iter(table("Profile")), {})
    if not profile and not table("Positions"):
        raise UnreadableDocumentError
    return {
        "basics": {
            "name": f"{profile.get('First Name', '')} {profile.get('Last Name', '')}".strip(),
            "label": profile.get("Headline", ""),
            "summary": profile.get("Summary", ""),
            "email": _primary(table("Email Addresses")),
            "phone": next((row["Number"] for row in table("PhoneNumbers") if row.get("Number")), ""),
            "url": _website(profile.get("Websites", "")),
            "location": {"address": profile.get("Address", "") or profile.get("Geo Location", "")},
        },
        "work": [_post(row, "Company Name", "Title", "name") for row in table("Positions")],
        "volunteer": [_post(row, "Company Name", "Role", "organization") for row in table("Volunteering")],
        "education": [
            {
                "institution": row.get("School Name", ""),
                "studyType": row.get("Degree Name", ""),
                "startDate": row.get("Start Date", ""),
                "endDate": row.get("End Date", ""),
                "courses": [note] if (note := row.get("Notes", "") or row.get("Activities", "")) else [],
            }
            for row in table("Education")
        ],
        "skills": [{"name": row["Name"]} for row in table("Skills") if row.get("Name")],
        "languages": [
            {"language": row.get("Name", ""), "fluency": row.get("Proficiency", "")} for row in table("Languages")
        ],
        "certificates": [
            {
                "name": row.get("Name", ""),
                "issuer": row.get("Authority", ""),
                "date": row.get("Started On", ""),
                "url": row.get("Url", ""),
            }
            for row in table("Certifications")
        ],
        "projects": [
            {
                "name": row.get("Title", ""),
                "description": row.get("Description", ""),
                "url": row.get("Url", ""),
                "startDate": row.get("Started On", ""),
                "endDate": row.get("Finished On", ""),
            }
            for row in table("Projects")
        ],
        "awards": [
            {"title": row.get("Title", ""), "summary": row.get("Description", ""), "date": row.get("Issued On", "")}
            for row in table("Honors")
        ],
        "publications": [
            {
                "name": row.get("Name", ""),
                "publisher": row.get("Publisher", ""),
                "releaseDate": row.get("Published On", ""),
                "url": row.get("Url", ""),
                "summary": row.get("Description", ""),
            }
            for row in table("Publications")
        ],
    }


def _rows(data: bytes) -> list[Row]:
    """Return a table's rows; some tables begin with notes, so that the heads are the first row of several cells."""
    text = data.decode("utf-8-sig", errors="replace")
    rows = []
    for row in csv.reader(io.StringIO(text)):
        rows.append([cell.strip() for cell in row])
        if len(rows) > MAX_ROWS:
            raise DocumentTooLargeError
    begin = next((number for number, row in enumerate(rows) if sum(map(bool, row)) > 1), 0)
    heads = rows[begin] if rows else []
    return [dict(zip(heads, row, strict=False)) for row in rows[begin + 1 :] if any(row)]


def _post(row: Row, employer: str, title: str, name: str) -> Entry:
    return {
        name: row.get(employer, ""),
        "position": row.get(title, ""),
        "location": row.get("Location", ""),
        "summary": row.get("Description", ""),
        "startDate": row.get("Started On", ""),
        "endDate": row.get("Finished On", ""),
    }


def _primary(rows: list[Row]) -> str:
    """Return the main e-mail address, the first one where none is marked so."""
    ordered = sorted(rows, key=lambda row: row.get("Primary", "").casefold() != "yes")
    return next((row["Email Address"] for row in ordered if row.get("Email Address")), "")


def _website(text: str) -> str:
    """Return the first address of `[PERSONAL:https://example.org,BLOG:…]`."""
    match = re.search(r"https?://[^\s,\]]+", text)
    return match[0] if match else ""
