"""Show what is in a document before anything is parsed."""

import json
import statistics
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cv.errors import CVError
from cv.extraction import ExtractedDocument, TextLine, extract
from cv.extraction.injection import find_injections


class Command(BaseCommand):
    help = "Show a document's text in reading order, its layout, hidden text and suspected prompt injection."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a PDF, DOCX, ODT, RTF, HTML, Markdown or text file")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            document = extract(path.read_bytes(), file_name=path.name)
        except OSError as error:
            message = f"{path}: {error.strerror or 'cannot be opened'}"
            raise CommandError(message) from error
        except CVError as error:
            message = f"{path}: {error.user_message}"
            raise CommandError(message) from error
        report = describe(document)
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) if options["json"] else as_text(report))


def describe(document: ExtractedDocument) -> dict[str, Any]:
    """Return what is worth knowing about a document, as plain data."""
    seen = document.visible_lines
    return {
        "media_type": document.media_type,
        "engine": document.engine,
        "title": document.title,
        "author": document.author,
        "modified": document.modified,
        "warnings": document.warnings,
        "layout": {
            "pages": [
                {
                    **page.model_dump(exclude_defaults=True),
                    "columns": _columns([line for line in seen if line.page == page.number]),
                }
                for page in document.pages
            ],
            "lines": len(seen),
            "blocks": len({line.block for line in seen}),
            "body_size": round(statistics.median([line.size for line in seen if line.size] or [0.0]), 1),
            "fonts": _fonts(seen),
        },
        "text": [
            {"id": line.id, "page": line.page, "column": line.column, "bullet": line.bullet, "text": line.text}
            for line in seen
        ],
        "hidden": [
            {"id": line.id, "page": line.page, "reason": line.hidden, "text": line.text}
            for line in document.lines
            if line.hidden
        ],
        "injection": [
            {
                "kind": found.kind,
                "quotation": found.quotation,
                "line_ids": list(found.line_ids),
                "hidden": found.hidden,
            }
            for found in find_injections(document.lines)
        ],
    }


def as_text(report: dict[str, Any]) -> str:
    """Return the report for a terminal."""
    layout = report["layout"]
    pages = [f"page {page['number']}: {_count(page['columns'], 'column')}" for page in layout["pages"]]
    fonts = [f"{font['font']} {font['size']:g}" for font in layout["fonts"][:6]]
    rows = [
        f"Type      {report['media_type']}",
        f"Layout    {_count(layout['lines'], 'line')} in {_count(layout['blocks'], 'block')}"
        + (f"; {'; '.join(pages)}" if pages else ""),
        f"Fonts     {', '.join(fonts) or 'unknown'}",
        *(f"Warning   {warning}" for warning in report["warnings"]),
        "",
        "Text in reading order",
        *(_text_row(row) for row in report["text"]),
        "",
        f"Hidden text: {_count(len(report['hidden']), 'line')}",
        *(f"  {row['id']}  {row['reason']:<10} {row['text']}" for row in report["hidden"]),
        "",
        f"Suspected prompt injection: {_count(len(report['injection']), 'passage')}",
        *(
            f"  {', '.join(row['line_ids'])}  {row['kind']:<10} {row['quotation']}"
            + (f"  (hidden: {row['hidden']})" if row["hidden"] else "")
            for row in report["injection"]
        ),
    ]
    return "\n".join(rows)


def _text_row(row: dict[str, Any]) -> str:
    bullet = f"{row['bullet']} " if row["bullet"] else ""
    shown = row["text"].replace("\t", "    ")
    return f"  {row['id']:<8} {row['column']}  {bullet}{shown}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"


def _columns(lines: list[TextLine]) -> int:
    return len({line.column for line in lines})


def _fonts(lines: list[TextLine]) -> list[dict[str, Any]]:
    """Return fonts and sizes by the number of letters set in them."""
    counts: Counter[tuple[str, float]] = Counter()
    for line in lines:
        for span in line.spans:
            if span.font:
                counts[span.font, round(span.size, 1)] += len(span.text.strip())
    return [{"font": font, "size": size, "letters": count} for (font, size), count in counts.most_common() if count]
