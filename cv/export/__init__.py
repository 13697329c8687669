"""A résumé or a letter as a file: PDF, DOCX, text. JSON Resume is in `cv.json_resume`."""

from cv.export.pdf import to_pdf
from cv.export.word import to_docx

__all__ = ["to_docx", "to_pdf"]
