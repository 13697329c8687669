"""A full-text index over many postings, so that only those are read closely that may fit.

SQLite's FTS5 ranks by BM25 (Robertson and Zaragoza 2009) over words and, in a column of their own, over skills under whatever name.
The index says which postings to look at; the score is `match_resume`'s alone.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cv.facts import FactKind, facts_of
from cv.resume import Resume
from cv.skills import concepts_in
from jobs.importing import ImportedPosting, read_postings
from jobs.matching.words import stems_of

# Weights of the columns: title, skills, words.
WEIGHTS = (4.0, 3.0, 1.0)
MOST_TERMS = 40
# A term that more than this share of the postings holds tells little and costs most.
COMMON = 0.2
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Found:
    """A posting of the index: its number in the file (from 1), its text, title and employer as stated."""

    number: int
    posting: ImportedPosting


class PostingIndex:
    """An index in a file, or in memory where no path is given."""

    def __init__(self, path: Path | None = None) -> None:
        """Open or create it."""
        self._database = sqlite3.connect(path or ":memory:")
        self._database.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE IF NOT EXISTS source (mark TEXT);"
            "CREATE TABLE IF NOT EXISTS posting (number INTEGER PRIMARY KEY, line TEXT);"
            "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(title, skills, body, content='', tokenize=\"unicode61 tokenchars '_'\");"
            "CREATE VIRTUAL TABLE IF NOT EXISTS terms USING fts5vocab(words, row);"
        )

    def is_of(self, mark: str) -> bool:
        """Whether the index was built, to its end, from what `mark` stands for."""
        return self._database.execute("SELECT 1 FROM source WHERE mark = ?", (mark,)).fetchone() is not None

    def build(self, postings: Iterable[ImportedPosting], *, mark: str) -> int:
        """Take up postings, each read from one line of JSON, in the place of what was there; return how many."""
        for table in ("source", "posting"):
            self._database.execute(f"DELETE FROM {table}")  # noqa: S608 - fixed names
        self._database.execute("INSERT INTO words(words) VALUES ('delete-all')")
        count = 0
        for count, posting in enumerate(postings, start=1):
            self._add(count, posting)
            if count % BATCH == 0:
                self._database.commit()
        self._database.execute("INSERT INTO words(words) VALUES ('optimize')")
        self._database.execute("INSERT INTO source VALUES (?)", (mark,))
        self._database.commit()
        return count

    def search(self, resume: Resume, *, limit: int) -> list[Found]:
        """Return the postings that share most with a résumé, the likeliest first. Who the person is does not enter."""
        terms = self._terms_of(resume)
        if not terms:
            return []
        query = " OR ".join(f'"{term}"' for term in terms)
        rows = self._database.execute(
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY bm25(words, ?, ?, ?), rowid LIMIT ?",
            (query, *WEIGHTS, limit),
        ).fetchall()
        return list(self._load([row[0] for row in rows]))

    def _add(self, number: int, posting: ImportedPosting) -> None:
        title = posting.title or posting.text.split("\n", 1)[0][:200]
        skills = " ".join(_token(mention.concept) for mention in concepts_in(f"{title}\n{posting.text}"))
        columns = (" ".join(sorted(stems_of(title, ""))), skills, " ".join(sorted(stems_of(posting.text, ""))))
        self._database.execute("INSERT INTO words(rowid, title, skills, body) VALUES (?, ?, ?, ?)", (number, *columns))
        self._database.execute("INSERT INTO posting VALUES (?, ?)", (number, posting.original))

    def _terms_of(self, resume: Resume) -> list[str]:
        """Return the terms of a résumé that tell most: skills and words of titles first, common ones last."""
        facts = facts_of(resume)
        skills = dict.fromkeys(_token(m.concept) for fact in facts for m in concepts_in(fact.text))
        titles = dict.fromkeys(stem for fact in facts if fact.title for stem in sorted(stems_of(fact.title, "")))
        lines = (fact.text for fact in facts if fact.kind in {FactKind.HIGHLIGHT, FactKind.HEADLINE, FactKind.SUMMARY})
        words = dict.fromkeys(stem for text in lines for stem in sorted(stems_of(text, "")))
        candidates = [*dict.fromkeys([*skills, *titles, *words])]
        total = self._database.execute("SELECT count(*) FROM posting").fetchone()[0]
        marks = ",".join("?" * len(candidates))
        known = dict(
            self._database.execute(f"SELECT term, doc FROM terms WHERE term IN ({marks})", candidates)  # noqa: S608 - marks only
        )
        rare = [term for term in candidates if 0 < known.get(term, 0) <= max(COMMON * total, BATCH)]
        return rare[:MOST_TERMS]

    def _load(self, numbers: Sequence[int]) -> Iterator[Found]:
        for number in numbers:
            (line,) = self._database.execute("SELECT line FROM posting WHERE number = ?", (number,)).fetchone()
            yield Found(number, next(read_postings([line])))


def _token(concept: str) -> str:
    """Return a skill as one word of the index."""
    return "skill_" + re.sub(r"\W+", "_", concept.casefold())
