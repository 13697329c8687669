"""The failure table of docs/routing.md is what the code follows."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from ai_router import errors
from ai_router.failures import FAILURES, FailureRule, Money, NextCandidate, Rests, Wait

FIELDS = ("failure", "class", "again", "next", "booked", "breaker")
NEXT = {
    NextCandidate.YES: "yes",
    NextCandidate.LARGER_WINDOW: "larger window",
    NextCandidate.IF_TASK_ALLOWS: "if the task allows",
    NextCandidate.NO: "no other provider",
}
BOOKED = {
    Money.NOTHING: r"nothing",
    Money.INPUT: r"input, estimated",
    Money.INPUT_AND_SEEN: r"(what was billed, else )?input and what was (seen|written), estimated",
}
TIMES = {1: "1 second", 300: "5 minutes", 900: "15 minutes"}


def rows() -> list[dict[str, str]]:
    """Return the rows of the table that name a class."""
    text = (Path(settings.BASE_DIR) / "docs" / "routing.md").read_text(encoding="utf-8")
    table = text.partition("## What follows from a failure")[2].partition("\n\nAfter the last one")[0]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| ")]
    assert cells[0][1] == "class"
    return [dict(zip(FIELDS, row, strict=True)) for row in cells[1:] if row[1]]


def test_every_class_has_its_row_and_every_row_a_class():
    named = {row["class"].strip("`") for row in rows()}

    assert named == {kind.__name__ for kind in FAILURES}
    assert all(issubclass(getattr(errors, name), errors.ProviderError) for name in named)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["failure"])
def test_a_row_says_what_the_code_does(row):
    rule = FAILURES[getattr(errors, row["class"].strip("`"))]

    assert again(rule, row) in row["again"]
    assert NEXT[rule.following] in row["next"]
    assert re.fullmatch(BOOKED[rule.money], row["booked"])
    assert row["breaker"] == (str(rule.harm) if rule.harm else "–")
    assert ("left alone" in row["next"]) == (rule.rests is not Rests.NOTHING)
    # A hint of the provider's, or its word "forbidden", says what the table cannot.
    if rule.rests is not Rests.NOTHING and "with a hint" not in row["failure"]:
        assert TIMES[int(rule.rest_seconds)] in row["next"]
    if rule.rests is Rests.MODEL or row["failure"] == "403":
        assert "for this model" in row["next"]
    elif rule.rests is Rests.KEY:
        assert "for this model" not in row["next"]


def again(rule: FailureRule, row: dict[str, str]) -> str:
    """Return what the table says of the same candidate."""
    if rule.rests is Rests.KEY:
        return "with the next key"
    if row["class"] == "`InvalidOutputError`":
        return "one repair"
    if rule.wait is Wait.HINT:
        return "no" if "without a hint" in row["failure"] else {2: "after the hint, twice at most"}[rule.retries]
    return {0: "no", 1: "once"}[rule.retries]
