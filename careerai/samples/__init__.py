"""A CV of an invented person and a posting of an invented employer, to try the site with.

`python -m careerai.samples` typesets `cv.pdf` anew from `cv.json` and `cv.typ`.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
CV_NAME = "Ines Halvorsen CV.pdf"


def sample_cv() -> bytes:
    """Return the CV as a PDF."""
    return (FOLDER / "cv.pdf").read_bytes()


def sample_posting() -> str:
    """Return the posting as a person would paste it."""
    return (FOLDER / "posting.txt").read_text(encoding="utf-8")
