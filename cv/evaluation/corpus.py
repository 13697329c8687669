"""A folder of CVs with truths, read document by document."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cv.errors import CVError
from cv.evaluation.calibration import judge
from cv.evaluation.scoring import count_fields
from cv.evaluation.tables import Outcome
from cv.extraction import extract
from cv.json_resume.writing import standard_part
from cv.parsing.rules import parse_with_rules


def manifest(folder: Path) -> list[dict[str, Any]]:
    """Return the rows that have a truth as JSON and a document, from the folder's manifest or those of its parts.

    Raises:
        FileNotFoundError: There is no manifest.
    """
    files = (
        [folder / "manifest.jsonl"] if (folder / "manifest.jsonl").exists() else sorted(folder.glob("*/manifest.jsonl"))
    )
    if not files:
        message = f"There is no manifest.jsonl in {folder}."
        raise FileNotFoundError(message)
    rows = [
        json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    return [row for row in rows if _is_cv(folder, row)]


def _is_cv(folder: Path, row: dict[str, Any]) -> bool:
    truth = str(row.get("truth") or "")
    is_there = truth.endswith(".json") and (folder / truth).is_file() and (folder / str(row["path"])).is_file()
    return is_there and not str(row.get("kind", "")).startswith(("job", "match"))


def evaluate(
    folder: Path, rows: list[dict[str, Any]], *, workers: int, progress: Callable[[Outcome], None]
) -> Iterator[Outcome]:
    """Yield the outcome of each row, in order; each document is read in a child process."""
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for outcome in pool.map(lambda row: evaluate_one(folder, row), rows):
            progress(outcome)
            yield outcome


def evaluate_one(folder: Path, row: dict[str, Any]) -> Outcome:
    """Read one document as an upload would be read, by rules alone, and compare it with its truth."""
    truth = json.loads((folder / row["truth"]).read_text(encoding="utf-8"))
    path = folder / row["path"]
    started = time.perf_counter()
    try:
        document = extract(path.read_bytes(), file_name=path.name)
        resume = parse_with_rules(document)
    except CVError as error:
        return Outcome(row, count_fields(truth, {}), seconds=time.perf_counter() - started, error=error.code)
    return Outcome(
        row,
        count_fields(truth, standard_part(resume, visible_only=True)),
        judged=list(judge(truth, resume)),
        seconds=time.perf_counter() - started,
        pages=max(1, len(document.pages)),
    )
