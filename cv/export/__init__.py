"""A résumé or a letter as a file: PDF, DOCX, Markdown, text, Europass. JSON Resume is in `cv.json_resume`."""

from cv.export.europass import to_europass
from cv.export.layout import Layout, Paper, Style
from cv.export.pdf import to_pdf
from cv.export.plain import to_markdown, to_text
from cv.export.word import to_docx

__all__ = ["Layout", "Paper", "Style", "to_docx", "to_europass", "to_markdown", "to_pdf", "to_text"]
