"""
Layouts: what a value is made of, apart from the texts, numbers and literals in it.

A layout names every object of a value with its names, and every array with its length. What stands at the ends are the
*leaves*. That a value has a known layout is found by looking for what the layout has, and for nothing more.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from preroll.pointer import Path

MAX_PLACES: Final = 400
"""Leaves and containers of a layout; a larger value is looked at anew each time."""

Read = Callable[[Any], Any]
Step = tuple[int, Any, type, int]
_CONTAINERS: Final = (dict, list)


@dataclass(frozen=True, slots=True)
class Layout:
    """
    What a value is made of.

    Attributes:
        containers: the paths of its objects and arrays, itself first, each before those in it.
        steps: how to reach all but the first: the index of the container that holds it, its key there, its type and
            its length.
        leaves: for each container, the keys of the leaves in it.
        names: how many names its objects have together.
    """

    containers: tuple[Path, ...]
    steps: tuple[Step, ...]
    leaves: tuple[tuple[Any, ...], ...]
    names: int

    @staticmethod
    def of(value: Any) -> Layout | None:
        """The layout of an object or array; None where it is too large."""
        containers: list[Path] = [()]
        found, steps, leaves = [value], [], []
        names = places = 0
        for index, owner in enumerate(found):  # it grows on the way
            own = []
            names += len(owner) if isinstance(owner, dict) else 0
            for key, each in owner.items() if isinstance(owner, dict) else enumerate(owner):
                places += 1
                if places > MAX_PLACES:
                    return None
                if isinstance(each, _CONTAINERS):
                    steps.append((index, key, type(each), len(each)))
                    containers.append((*containers[index], key))
                    found.append(each)
                else:
                    own.append(key)
            leaves.append(tuple(own))
        return Layout(tuple(containers), tuple(steps), tuple(leaves), names)

    def paths(self) -> Iterator[Path]:
        """Where its leaves are."""
        for at, keys in zip(self.containers, self.leaves, strict=True):
            for key in keys:
                yield (*at, key)

    def reader(self, bound: Collection[Path], free: Collection[Path]) -> Read:
        """
        What reads these leaves of a value of this layout, as two tuples in the given orders; None for other values.

        It raises LookupError or TypeError for some others; and where a leaf is expected, it may read an object.
        """
        variables = {at: f"v{index}" for index, at in enumerate(self.containers)}
        keys: list[Any] = []

        def read(at: Path) -> str:
            keys.append(at[-1])
            return f"{variables[at[:-1]]}[k{len(keys) - 1}]"

        lines = []
        for at, (_, _, kind, length) in zip(self.containers[1:], self.steps, strict=True):
            each = variables[at]
            lines += [
                f"        {each} = {read(at)}",
                f"        if {each}.__class__ is not {kind.__name__} or len({each}) != {length}:",
                "            return None",
            ]
        tuples = ("".join(f"{read(at)}, " for at in paths) for paths in (bound, free))
        lines.append("        return {}".format(", ".join(f"({each})" for each in tuples)))
        made: Read = _maker("\n".join(lines), len(keys))(*keys)
        return made


@functools.lru_cache(maxsize=1_000)
def _maker(body: str, keys: int) -> Callable[..., Read]:
    """
    A function that makes a reader out of keys.

    A loop over the containers would take three times as long. The text that is compiled holds numbers and names of
    ours alone; what documents or payloads say is handed over as values.
    """
    text = f"def make({', '.join(f'k{each}' for each in range(keys))}):\n    def read(v0):\n{body}\n    return read\n"
    space: dict[str, Any] = {"dict": dict, "list": list, "len": len, "__builtins__": {}}
    exec(compile(text, "<reader>", "exec"), space)  # noqa: S102  # see above
    return space["make"]  # type: ignore[no-any-return]  # as the text says


def places(value: Any) -> Iterator[tuple[Path, Any]]:
    """The leaves of a value by their places, with `*` for every item of an array."""
    stack: list[tuple[Path, Any]] = [((), value)]
    while stack:
        path, owner = stack.pop()
        if isinstance(owner, dict):
            stack += [((*path, key), each) for key, each in owner.items()]
        elif isinstance(owner, list):
            stack += [((*path, "*"), each) for each in owner]
        else:
            yield path, owner


def place(path: Path) -> Path:
    """The place of a path: `*` for the number of an item."""
    return tuple("*" if isinstance(key, int) else key for key in path)
