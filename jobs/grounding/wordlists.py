"""The gate's lists as they lie in `data/`, and the irregular forms of English among them."""

from functools import cache
from pathlib import Path

DATA_DIR = Path(__file__).parent / "data"


def rows_of(name: str) -> list[str]:
    """Return the rows of a list, without comments and empty lines."""
    text = (DATA_DIR / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def base_form(word: str) -> str:
    """Return the base form of an irregular English form, any other word as it is."""
    return _irregular().get(word, word)


@cache
def _irregular() -> dict[str, str]:
    """Return the base form of each irregular form."""
    rows = (line.split() for line in rows_of("irregular.txt"))
    return {form: row[0] for row in rows for form in row[1:]}
