"""
Crowds: values of one shape, told together.

A call of the engine for each value finds little of what it needs at hand: other shapes were asked about in between. The
same schema asked about a hundred values at once takes half as long for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any


class Crowd:
    """
    Values of one shape that wait to be told together.

    Args:
        every: whether the schema accepts each of several values.

    Attributes:
        values: those that wait.
    """

    __slots__ = ("_every", "values")

    def __init__(self, every: Callable[[Sequence[Any]], bool]) -> None:
        self._every = every
        self.values: list[Any] = []

    def refused(self) -> Iterator[Any]:
        """The values that are not accepted; none waits any longer."""
        if not self._every(self.values):
            yield from [each for each in self.values if not self._every((each,))]
        self.values.clear()


class Crowds:
    """The crowds of all shapes."""

    def __init__(self) -> None:
        self._crowds: list[Crowd] = []

    def made(self, every: Callable[[Sequence[Any]], bool]) -> Crowd:
        """A new crowd."""
        self._crowds.append(Crowd(every))
        return self._crowds[-1]

    def refused(self) -> list[Any]:
        """The values that wait and are not accepted; none waits any longer."""
        return [value for each in self._crowds if each.values for value in each.refused()]

    def forget(self) -> None:
        """No value waits."""
        for each in self._crowds:
            each.values.clear()
