"""Counts of many documents as tables with intervals, in Markdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cv.evaluation.calibration import SURE, Judged, sure_by_field
from cv.evaluation.calibration import table as calibration_table
from cv.evaluation.scoring import CORE_FIELDS, FIELDS, Counts

RESAMPLES = 1_000
# Of fewer people an interval says nothing; then documents are drawn, and it is too narrow.
FEW_PEOPLE = 4
SEED = 20_26
# What a reader should reach; below it a line is listed as weak.
WEAK_BELOW = 0.9
NOTE = (
    "Tables of `manage.py evaluate_parsing`. Rules alone, no language model, no network. F1 is the harmonic mean of precision and\n"
    "recall over all values of a field; in brackets the 95 % interval of a bootstrap over people, or over documents, and then too\n"
    "narrow, where there are fewer than four people. A document that cannot be read counts as read empty. `work` needs employer\n"
    "and title, dates the month where the truth has one; the core fields leave out headline, addresses, subject, end of studies,\n"
    "languages and summary."
)
Interval = tuple[float, float]


@dataclass(slots=True)
class Outcome:
    """One document: its row of the manifest, the counts, what was judged, and the seconds it took."""

    row: dict[str, Any]
    counts: dict[str, Counts]
    judged: list[Judged] = field(default_factory=list)
    seconds: float = 0.0
    pages: int = 1
    error: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A group's F1 over all fields and over the core ones, with 95 % intervals."""

    documents: int
    all_fields: float
    all_interval: Interval
    core: float
    core_interval: Interval


def field_rows(outcomes: Sequence[Outcome]) -> list[tuple[str, float, float, float, Interval, int]]:
    """Return for each field precision, recall, F1, its interval, and the number of true values."""
    numbers = _numbers(outcomes)
    sums = numbers.sum(axis=0)
    samples = _f1(_resampled(outcomes, numbers))
    rows = []
    for place, name in enumerate(FIELDS):
        right, wrong, missed = sums[place]
        if right + wrong + missed:
            precision = right / (right + wrong) if right + wrong else 0.0
            recall = right / (right + missed) if right + missed else 0.0
            rows.append(
                (name, precision, recall, float(_f1(sums[place])), _interval(samples[:, place]), round(right + missed))
            )
    return rows


def score(outcomes: Sequence[Outcome]) -> Score:
    """Return a group's score: the mean of the F1 of the fields that occur in it."""
    numbers = _numbers(outcomes)
    sums, samples = numbers.sum(axis=0), _resampled(outcomes, numbers)
    everything, core = _means(sums[None], FIELDS)[0], _means(sums[None], CORE_FIELDS)[0]
    return Score(
        documents=len(outcomes),
        all_fields=float(everything),
        all_interval=_interval(_means(samples, FIELDS)),
        core=float(core),
        core_interval=_interval(_means(samples, CORE_FIELDS)),
    )


def groups(outcomes: Sequence[Outcome], key: Callable[[dict[str, Any]], str]) -> list[tuple[str, Score]]:
    """Return the score of each group, by name."""
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(key(outcome.row), []).append(outcome)
    return [(name, score(members)) for name, members in sorted(found.items())]


def markdown(outcomes: Sequence[Outcome], *, title: str) -> str:
    """Return the report as a Markdown page."""
    rows = field_rows(outcomes)
    whole = score(outcomes)
    by = {
        "File kind": groups(outcomes, lambda row: str(row.get("kind") or "-")),
        "Language": groups(outcomes, lambda row: str(row.get("language") or "-")),
        "Columns": groups(outcomes, lambda row: str(row.get("columns") or 1)),
        "Layout": groups(outcomes, lambda row: str(row.get("theme") or row.get("case") or "-").split("+")[0]),
    }
    parts = [
        f"# {title}",
        NOTE,
        _summary(whole),
        "## By field",
        _grid(
            ("field", "precision", "recall", "F1", "interval", "values"),
            [(n, f"{p:.3f}", f"{r:.3f}", f"{f:.3f}", _span(i), str(count)) for n, p, r, f, i, count in rows],
        ),
    ]
    for heading, found in by.items():
        parts += [f"## By {heading.lower()}", _grid(SCORE_HEADS, [_score_row(name, one) for name, one in found])]
    parts += ["## Confidence", _confidence(outcomes)]
    if any(outcome.seconds for outcome in outcomes):
        parts += ["## Time", _times(outcomes)]
    parts += ["## What is weak", _weak(rows, by)]
    return "\n\n".join(parts) + "\n"


def _summary(whole: Score) -> str:
    everything = f"all fields **{whole.all_fields:.3f}** {_span(whole.all_interval)}"
    return f"{whole.documents} documents: {everything}, core fields **{whole.core:.3f}** {_span(whole.core_interval)}."


SCORE_HEADS = ("", "documents", "all fields", "interval", "core", "interval")


def _score_row(name: str, one: Score) -> tuple[str, ...]:
    return (
        name,
        str(one.documents),
        f"{one.all_fields:.3f}",
        _span(one.all_interval),
        f"{one.core:.3f}",
        _span(one.core_interval),
    )


def _confidence(outcomes: Sequence[Outcome]) -> str:
    judged = [value for outcome in outcomes for value in outcome.judged]
    rows = [(name, str(count), f"{share:.3f}") for name, count, share in calibration_table(judged)]
    sure = [(name, str(count), f"{share:.3f}") for name, count, share in sure_by_field(judged)]
    note = "Values of names, contact data, work and education that the truth can judge. Confidences follow from rules and are fitted to no data."
    return "\n\n".join(
        (
            note,
            _grid(("confidence", "values", "right"), rows),
            f"By field, of the values with a confidence of {SURE} or more:",
            _grid(("field", "values", "right"), sure),
        )
    )


def _times(outcomes: Sequence[Outcome]) -> str:
    kinds: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        kinds.setdefault(str(outcome.row.get("kind") or "-"), []).append(outcome)
    rows = []
    for name, members in sorted(kinds.items()):
        seconds = np.array([outcome.seconds for outcome in members])
        pages = sum(outcome.pages for outcome in members)
        rows.append(
            (
                name,
                str(pages),
                f"{np.percentile(seconds, 50):.2f}",
                f"{np.percentile(seconds, 95):.2f}",
                f"{seconds.sum() / max(pages, 1):.2f}",
            )
        )
    note = "Seconds from bytes to résumé, the start of the child process included, on the machine that ran the command."
    return note + "\n\n" + _grid(("", "pages", "median a document", "95th percentile", "mean a page"), rows)


def _weak(rows: Sequence[tuple[Any, ...]], by: dict[str, list[tuple[str, Score]]]) -> str:
    found = [f"- Field `{row[0]}`: {row[3]:.3f}." for row in rows if row[3] < WEAK_BELOW]
    for heading, members in by.items():
        found += [
            f"- {heading} {name}: {one.all_fields:.3f} over {one.documents} document{'s' * (one.documents != 1)}."
            for name, one in members
            if one.all_fields < WEAK_BELOW
        ]
    return f"Everything below {WEAK_BELOW}:\n\n" + "\n".join(found) if found else f"Nothing is below {WEAK_BELOW}."


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _span(interval: Interval) -> str:
    return f"[{interval[0]:.3f}, {interval[1]:.3f}]"


def _numbers(outcomes: Sequence[Outcome]) -> Any:
    """Return counts as an array of documents x fields x (right, wrong, missed)."""
    none = Counts()
    return np.array(
        [
            [
                (counts.right, counts.wrong, counts.missed)
                for counts in (outcome.counts.get(name, none) for name in FIELDS)
            ]
            for outcome in outcomes
        ]
    )


def _resampled(outcomes: Sequence[Outcome], numbers: Any) -> Any:
    """Return sums over people drawn with replacement: documents of one person are not independent of each other."""
    people = [str(outcome.row.get("person_id") or outcome.row.get("id")) for outcome in outcomes]
    if len(set(people)) < FEW_PEOPLE:
        people = [str(number) for number in range(len(outcomes))]
    names = sorted(set(people))
    place = {name: number for number, name in enumerate(names)}
    owners = np.array([place[name] for name in people])
    draws = np.random.default_rng(SEED).multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)
    return np.tensordot(draws[:, owners], numbers, axes=(1, 0))


def _f1(sums: Any) -> Any:
    right, wrong, missed = sums[..., 0], sums[..., 1], sums[..., 2]
    total = 2 * right + wrong + missed
    return np.divide(2 * right, total, out=np.zeros_like(total, dtype=float), where=total > 0)


def _means(sums: Any, names: Sequence[str]) -> Any:
    places = [FIELDS.index(name) for name in names]
    occurs = sums[:, places].sum(axis=2) > 0
    return (_f1(sums[:, places]) * occurs).sum(axis=1) / np.maximum(occurs.sum(axis=1), 1)


def _interval(samples: Any) -> Interval:
    low, high = np.percentile(samples, [2.5, 97.5])
    return float(low), float(high)
