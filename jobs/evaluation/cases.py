"""What is put to the gate, and what it is made from."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from cv.facts import Fact, FactKind

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Case:
    """One text put to the gate: what kind it is of, the line it was made from, whether the CV bears it, and its language where told."""

    kind: str
    text: str
    fact: Fact
    is_true: bool
    language: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """What a writer of cases knows: the line, the CV's other facts, and a source of chance.

    Lists of wordings have two halves: one for tuning, the other for what is kept apart.
    """

    fact: Fact
    facts: Sequence[Fact]
    draw: random.Random
    kept_apart: bool

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of the items' half that is in use; where there is only one, it serves both."""
        half = items[1::2] if self.kept_apart and len(items) > 1 else items[::2]
        return self.draw.choice(half)

    @property
    def others(self) -> list[Fact]:
        """Lines of other positions."""
        return [f for f in self.facts if f.kind == FactKind.HIGHLIGHT and f.employer != self.fact.employer]

    @property
    def base(self) -> str:
        """The line without a full stop."""
        return self.fact.text.rstrip(".")
