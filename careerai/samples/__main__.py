"""Typesets the sample CV."""

from pathlib import Path

import typst

FOLDER = Path(__file__).parent
FONTS = FOLDER.parent.parent / "templates" / "documents" / "fonts"

if __name__ == "__main__":
    typst.compile(
        str(FOLDER / "cv.typ"),
        output=str(FOLDER / "cv.pdf"),
        root=str(FOLDER),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        timestamp=0,
    )
