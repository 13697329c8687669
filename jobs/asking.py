"""How often a provider is asked to repair: once; after that, what the gate refuses is left out and listed."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel

In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out")


class AskOnce(Generic[In, Out]):
    """A verifier for one call: reports problems the first time only. `always` gives problems that no omission cures."""

    def __init__(
        self,
        refusals: Callable[[In, Out], Sequence[str]],
        always: Callable[[In, Out], Sequence[str]] = lambda _inputs, _output: (),
    ) -> None:
        """Take what to report once, and what to report always."""
        self._refusals = refusals
        self._always = always
        self._has_asked = False

    def __call__(self, inputs: In, output: Out) -> Sequence[str]:
        problems = [*self._always(inputs, output)]
        if not self._has_asked:
            problems += self._refusals(inputs, output)
        self._has_asked = self._has_asked or bool(problems)
        return problems
