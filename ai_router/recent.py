"""What is remembered of names that others may invent: only those that were used last."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

# More than any site has models, keys and tasks at work; a program may ask for models that nobody has, under new names each time.
MOST_NAMES = 2_000


class Recent(OrderedDict[K, V]):
    """A value for each name, made at first use; what was not used for longest makes room."""

    def __init__(self, make: Callable[[], V], *, most: int = MOST_NAMES) -> None:
        """Start with none."""
        super().__init__()
        self._make = make
        self._most = most

    def of(self, name: K) -> V:
        """Return the name's value, and count it as used."""
        found = self.get(name)
        if found is None:
            found = self[name] = self._make()
            if len(self) > self._most:
                self.popitem(last=False)
        else:
            self.move_to_end(name)
        return found
