"""
Crowds: values of one shape, told together.

A call of the engine for each value finds little of what it needs at hand: other shapes were asked about in between. The
same schema asked about many values one after another takes half as long for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

Every = Callable[[Sequence[Any]], bool]
"""Whether a schema accepts each of several values."""

Objects = Callable[[Any], bool]
"""Whether a rule has something to say of a value that the schema accepts."""


FEW: Final = 16
"""Values in one call of the engine: where one is refused, each of them is asked about by itself."""


class Crowd:
    """
    Values of one shape that wait to be told together.

    Args:
        every: the test by the schema that is left for them.
        asked: the rules that it does not clear.

    Attributes:
        values: those that wait.
    """

    __slots__ = ("_asked", "_every", "values")

    def __init__(self, every: Every, asked: Sequence[Objects]) -> None:
        self._every, self._asked = every, asked
        self.values: list[Any] = []

    def clears(self, value: Any) -> bool:
        """Whether a value is clean."""
        return self._every((value,)) and not any(objects(value) for objects in self._asked)

    def refused(self) -> Iterator[Any]:
        """The values that are not clean, some perhaps more than once; none waits any longer."""
        every, values = self._every, self.values[:]
        self.values.clear()
        for start in range(0, len(values), FEW):
            few = values[start : start + FEW]
            if not every(few):
                yield from [each for each in few if not self.clears(each)]
            else:
                for objects in self._asked:
                    yield from filter(objects, few)


class Crowds:
    """The crowds of all shapes."""

    def __init__(self) -> None:
        self._crowds: list[Crowd] = []

    def made(self, every: Every, asked: Sequence[Objects]) -> Crowd:
        """A new crowd."""
        self._crowds.append(Crowd(every, asked))
        return self._crowds[-1]

    def refused(self) -> list[Any]:
        """The same of all crowds."""
        return [value for each in self._crowds if each.values for value in each.refused()]
