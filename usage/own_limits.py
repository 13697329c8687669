"""A person's own limits on how much they may ask, as their page shows them; whoever counts them says how they stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A limit: what it counts, in words; how much of it is used, and in how many seconds it is whole again, where that is by time."""

    words: str
    most: int
    used: int
    resets_in_seconds: float | None = None

    @property
    def left(self) -> int:
        """What is left."""
        return max(0, self.most - self.used)


_read: Callable[[int], Sequence[OwnLimit]] = lambda _: ()  # noqa: E731 - replaced by the floor that knows


def read_limits_by(read: Callable[[int], Sequence[OwnLimit]]) -> None:
    """Take a function that returns a person's limits: they are counted on a floor above."""
    global _read  # noqa: PLW0603 - set once, at start
    _read = read


def own_limits(user_id: int) -> Sequence[OwnLimit]:
    """Return how a person's own limits stand."""
    return _read(user_id)
