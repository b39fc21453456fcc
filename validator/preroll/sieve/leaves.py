"""
Leaves: texts and numbers that hold a new value each time, told many at once.

What must hold of a leaf is a *kind*, of which there are few: identifiers, prompts, links. The engine is asked about all
leaves of a kind together: one call for each value apart, with a schema for all of its leaves, would keep a copy of
every pattern in the engine of every combination, and each drives the others out of the processor's memory.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from preroll import dialect
from preroll.sieve.exactness import is_told
from preroll.sieve.layout import Leaves

MAX_GROUPS: Final = 300
"""Combinations of kinds whose leaves wait to be told together; all are looked at for every few lines."""

_TEXT: Final[dict[str, Any]] = {"type": "string"}


@functools.lru_cache(maxsize=500)
def _engine(schema: str) -> dialect.Engine:
    """The engine for a schema of leaves, as JSON: they are small, and the same in all targets of a vendor."""
    return dialect.engine(json.loads(schema))


class Kind:
    """
    What must hold of a leaf.

    Args:
        schema: the schema of the leaf.
        defs: what its references lead to.
    """

    __slots__ = ("_every", "_numbers")

    def __init__(self, schema: dict[str, Any], defs: Mapping[str, Any]) -> None:
        self._every: Callable[[Sequence[Any]], bool] | None = None
        self._numbers = schema.get("type") != "string"
        if schema != _TEXT:
            self._every = _engine(json.dumps({"items": schema, **defs})).is_valid

    def every(self, leaves: Sequence[Any]) -> bool:
        """Whether it holds of all of several leaves, and none of them is a number that may have been rounded."""
        if self._every is None:
            return {*map(type, leaves)} == {str}
        return self._every(leaves) and not (self._numbers and float in map(type, leaves))

    def holds(self, leaf: Any) -> bool:
        """Whether it holds of a leaf, rounded or not."""
        return isinstance(leaf, str) if self._every is None else self._every((leaf,))


Waiting = tuple[Leaves, int, int, int]
"""A value that waits: its free leaves, its number, and what `Measure` knows of it: `written` and `marks`."""


class Group:
    """
    Values whose free leaves are of the same kinds.

    Attributes:
        kinds: those of the leaves.
        waiting: the values that are to be told together.
    """

    __slots__ = ("kinds", "waiting")

    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        self.kinds = kinds
        self.waiting: list[Waiting] = []

    def alike(self, leaves: Leaves) -> bool:
        """Whether the free leaves of one value are of the kinds."""
        return all(kind.holds(leaf) for kind, leaf in zip(self.kinds, leaves, strict=True))


class Groups:
    """All kinds and groups; the same ones for the same schemas."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}
        self._groups: dict[tuple[Kind, ...], Group] = {}
        self._tests: dict[str, Callable[[Any], bool]] = {}

    def test(self, schema: dict[str, Any]) -> Callable[[Any], bool]:
        """Whether a schema is true of a leaf, as the engine sees it that will be asked about others."""
        key = repr(schema)
        found = self._tests.get(key)
        if found is None:
            found = self._tests[key] = _engine(json.dumps(schema)).is_valid
        return found

    def kind(self, schema: dict[str, Any], defs: Mapping[str, Any]) -> Kind:
        """The kind of the leaves that satisfy a schema."""
        key = repr((schema, defs))
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = Kind(schema, defs)
        return found

    def of(self, kinds: tuple[Kind, ...]) -> Group:
        """The group of values whose leaves are of some kinds; one of its own where there are too many."""
        found = self._groups.get(kinds)
        if found is None:
            found = Group(kinds)
            if len(self._groups) < MAX_GROUPS:
                self._groups[kinds] = found
        return found

    def gathers(self, group: Group) -> bool:
        """Whether values of a group may wait to be told together."""
        return self._groups.get(group.kinds) is group

    def unlike(self, lines: list[bytes]) -> Iterator[int]:
        """
        Which of the lines whose values wait are not told by their leaves; no value waits any longer.

        Args:
            lines: the lines, by the numbers of their values.
        """
        groups = [each for each in self._groups.values() if each.waiting]
        yield from _other(groups)
        if not _is_told(groups, lines):
            for group in groups:
                for free, number, written, marks in group.waiting:
                    if not is_told(lines[number], free, written, marks):
                        yield number
        for group in groups:
            group.waiting.clear()

    def forget(self) -> None:
        """No value waits."""
        for each in self._groups.values():
            each.waiting.clear()


def _other(groups: list[Group]) -> Iterator[int]:
    """The numbers of values with leaves that are not of the kinds; these wait no longer."""
    leaves: dict[Kind, list[Any]] = {}
    for group in groups:
        columns = zip(*[each[0] for each in group.waiting], strict=True)
        for kind, column in zip(group.kinds, columns, strict=True):
            if kind in leaves:
                leaves[kind] += column
            else:
                leaves[kind] = [*column]
    wrong = {kind for kind, each in leaves.items() if not kind.every(each)}
    for group in groups if wrong else ():
        suspects = [(kind, at) for at, kind in enumerate(group.kinds) if kind in wrong]
        if suspects:
            others = [each for each in group.waiting if not all(kind.every((each[0][at],)) for kind, at in suspects)]
            yield from [number for _, number, _, _ in others]
            group.waiting[:] = [each for each in group.waiting if each not in others]


def _is_told(groups: list[Group], lines: list[bytes]) -> bool:
    """
    Whether the lines of all values that wait are together as short as can be, and say nothing twice therefore.

    Their free leaves are texts and whole numbers.
    """
    left, leaves = 0, []
    for group in groups:
        free, numbers, written, _ = zip(*group.waiting, strict=True) if group.waiting else ((), (), (), ())
        left += sum(map(len, map(lines.__getitem__, numbers))) - sum(written)
        leaves.append(free)
    # Each array has brackets, and all but the last a comma.
    array = 2 * len(leaves) + sum(max(0, len(each) - 1) for each in leaves) + max(0, len(leaves) - 1) + 2
    return len(orjson.dumps(leaves)) - array == left
