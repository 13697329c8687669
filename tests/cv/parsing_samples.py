"""Invented CVs as documents, for the tests of parsing."""

from cv.extraction.types import ExtractedDocument, Page, Span, TextLine

ENGLISH = """
Mara Lindqvist
Data Engineer
mara.lindqvist@example.org | +1 202-555-0143 | Portland, OR | https://github.com/maralindqvist

Summary
Data engineer who has built pipelines for hospitals since 2015.

Experience
Senior Data Engineer, Northlight Systems Inc
Mar 2019 – Present · Portland, OR
- Led the move of 40 pipelines to Airflow
- Cut nightly run time from six hours to one
Data Engineer, Bluefin Analytics LLC
Jun 2015 – Feb 2019 · Seattle, WA
- Built the claims warehouse

Education
Example State University — Bachelor of Science, Statistics (Sep 2011 – May 2015)

Skills
- Languages: Python, SQL, Go
- Tools: Airflow, dbt (core, cloud), Spark

Languages
- English (Native speaker)
- Swedish (B2)

Certificates
Example Cloud Architect, Example Cloud (Apr 2020)

Interests
Rowing, Chess
"""


def document_of(text: str, **more: object) -> ExtractedDocument:
    """Return a plain text as extraction gives it: blocks parted by empty lines, list signs cut off."""
    lines, block = [], 0
    for raw in text.strip().splitlines():
        if not raw.strip():
            block += 1
            continue
        plain = raw.strip()
        bullet = "-" if plain.startswith("- ") else ""
        plain = plain.removeprefix("- ")
        block += bool(bullet)
        lines.append(
            TextLine(id=f"p1l{len(lines) + 1}", text=plain, spans=[Span(text=plain)], block=block, bullet=bullet)
        )
    return ExtractedDocument(media_type="text/plain", lines=lines, engine="text", **more)


def set_line(
    number: int,
    text: str,
    top: float,
    *,
    left: float = 50,
    size: float = 10,
    bold: bool = False,
    column: int = 0,
    bullet: str = "",
) -> TextLine:
    """Return a line that is set at a place of page 1."""
    box = (left, top, left + len(text) * size * 0.5, top + size)
    span = Span(text=text, font="Example", size=size, bold=bold, color="#000000")
    return TextLine(
        id=f"p1l{number}", page=1, box=box, text=text, spans=[span], block=number, column=column, bullet=bullet
    )


def two_columns() -> ExtractedDocument:
    """Return a page with a sidebar for contact data and skills, and work in the main column."""
    main = [
        ("Omar Haddad", 24.0, True), ("Site Engineer", 14.0, False), ("EXPERIENCE", 13.0, True),
        ("Site Engineer", 11.0, True), ("Harbour Works Ltd\t2018 – 2022", 10.0, False),
        ("Ran the concrete schedule of two piers.", 10.0, False), ("Junior Engineer", 11.0, True),
        ("Delta Construction Group\t2015 – 2018", 10.0, False), ("Checked drawings against the site.", 10.0, False),
        ("EDUCATION", 13.0, True), ("Example Technical University", 11.0, True), ("B.Sc. Civil Engineering\t2011 – 2015", 10.0, False),
    ]  # fmt: skip
    side = [
        ("CONTACT", 13.0, True), ("omar.haddad@example.org", 10.0, False), ("07700 900123", 10.0, False),
        ("SKILLS", 13.0, True), ("AutoCAD, Revit, Primavera", 10.0, False), ("LANGUAGES", 13.0, True),
        ("Arabic – native", 10.0, False), ("English – C1", 10.0, False),
    ]  # fmt: skip
    lines = [set_line(n, text, 40 + 20 * n, size=size, bold=bold) for n, (text, size, bold) in enumerate(main, start=1)]
    lines += [
        set_line(len(main) + n, text, 40 + 20 * n, left=400, size=size, bold=bold, column=1)
        for n, (text, size, bold) in enumerate(side, start=1)
    ]
    return ExtractedDocument(media_type="application/pdf", pages=[Page(number=1, width=595, height=842)], lines=lines)
